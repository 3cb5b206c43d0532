"""The sentence of an event: who did what to which goal, from what to what, why and from where."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from okr_es.scoring.calendar import Calendars
from projections.audit_log.answers import ChangeAnswer, LabelledChange
from projections.audit_log.languages import Language, filled
from projections.audit_log.request_effects import BEGINS
from projections.audit_log.sentence_facts import (
    NAME_FIELDS,
    EventFacts,
    NamedThings,
    RequestFacts,
    redaction,
)
from projections.audit_log.sentence_parts import (
    DAYS,
    LISTS,
    NUMBERS,
    OF_WORDS,
    TEXTS,
    as_sentence,
    bare,
    case_of,
    flat,
    is_later,
    without_none,
)
from projections.read_model.tables import Row

KPI_TARGETS = {
    "kpi.target_set": "target", "kpi.retargeted": "target", "kpi.span_split": "target",
    "kpi.target_corrected": "meant",
}  # fmt: skip
BOUNDS = ("target", "minimum", "maximum")
ALIGNED_TO = {
    "aligned_to_objective_id": "objective",
    "aligned_to_key_result_id": "aligned key result",
}
# What stands for nothing in a field of an event: by its type the field, and the phrase.
STANDS_FOR_NOTHING = {
    "objective.rescheduled": ("due", "end of its cycle"),
    "key_result.reassigned": ("owner", "owner of its objective"),
    "grant.rescheduled": ("ends", "no last day"),
}
FIELDS_OF_REQUESTS = frozenset({"title", "legal_ground", "matter"})
# What a command makes of its subject, where the words of the request say so.
SAID_BY_REQUESTS = frozenset({
    "closed", "state", "graded", "dropped", "retired", "active", "erased", "legal_ground", "holds",
})  # fmt: skip
FEW = 3  # holidays that a sentence names one by one


class SentenceRenderer:
    """Writes events in sentences of one language, in the time zone of each day."""

    def __init__(self, things: NamedThings, language: Language, calendars: Calendars) -> None:
        self.things = things
        self.language = language
        self.calendars = calendars

    # ---- values -------------------------------------------------------------------------

    def text(self, event: EventFacts, field: str, value: Any) -> str | None:
        """Return a value as the language writes it; None for None."""
        if value is None:
            return None
        if field == "measured_id" and (subject := self.things.subject(event)) is not None:
            kind, row = subject
            return str(row[NAME_FIELDS[kind]])
        if (table := event.refers_to(field)) is not None:
            name = self.things.name(table, value, event.position)
            return name or (self.a_former_colleague() if table == "person" else str(value))
        return self.list_text(field, value) if field in LISTS else self.plain_text(field, value)

    def plain_text(self, field: str, value: Any) -> str:
        """Return a value that neither names a thing nor is a list."""
        if isinstance(value, bool):
            return self.language.phrase("yes" if value else "no", {})
        if field in DAYS:
            return self.language.day(value)
        if field == "first_month":
            return self.language.vocabulary.months[int(value) - 1]
        if field in NUMBERS:
            return self.language.number(str(value))
        if field == "evidence":
            return str(msgspec.json.decode(value)["link"])
        return self.language.word(field, str(value))

    def list_text(self, field: str, value: Any) -> str | None:
        """Return steps, zones, a trajectory or parts of a calendar, as a row or event has them."""
        parts = msgspec.json.decode(value) if isinstance(value, str) else value
        if field == "zones":
            return self.language.phrase("zones", parts)
        if field == "holidays":
            return self.holidays(parts)
        if field == "kpi_ids":
            return self.language.phrase("kpis", {"count": str(len(parts))}) if parts else None
        if field in OF_WORDS:
            parts = [self.language.word(field, each) for each in parts]
        if field == "grace":
            parts = [
                self.language.phrase(
                    "grace", {"days": str(days), "cadence": self.language.word("cadence", cadence)}
                )
                for cadence, days in parts.items()
            ]
        if field == "trajectory":
            parts = [
                self.language.phrase(
                    "point",
                    {
                        "share": self.language.number(each["share"]),
                        "on": self.language.day(each["on"]),
                    },
                )
                for each in parts
            ]
        return self.language.listed(parts) or None

    def holidays(self, parts: list[Row]) -> str | None:
        """Return a few holidays one by one, with their names, or how many there are."""
        if len(parts) <= FEW:
            named = [f"{each['name']} ({self.language.day(each['starts'])})" for each in parts]
            return self.language.listed(named) or None
        days = [self.language.day(each["starts"]) for each in (parts[0], parts[-1])]
        return self.language.phrase(
            "holidays", {"count": str(len(parts)), "first": days[0], "last": days[1]}
        )

    def quoted(self, event: EventFacts, field: str, value: Any) -> str:
        """Return a value as it appears in a sentence: texts and names of goals in quotes."""
        text = self.text(event, field, value) or self.language.phrase("nothing", {})
        is_text = field in TEXTS or event.refers_to(field) in {*NAME_FIELDS} - {"cycle"}
        return self.language.quoted(text) if is_text and value is not None else text

    # ---- people -------------------------------------------------------------------------

    def a_former_colleague(self) -> str:
        """Return what someone who was erased is called in a sentence."""
        return self.language.phrase("a former colleague", {})

    def person(self, id_: UUID | None) -> str:
        """Return what a person is called in a sentence."""
        if id_ is None:
            return self.language.phrase("someone", {})
        return self.things.people.get(id_) or self.a_former_colleague()

    def name(self, id_: UUID | None) -> str | None:
        """Return the name of a person, or a stand-in once they were erased."""
        if id_ is None:
            return None
        return self.things.people.get(id_) or self.language.phrase("former colleague", {})

    # ---- changes ------------------------------------------------------------------------

    def changes(self, event: EventFacts) -> list[LabelledChange]:
        """Return what changed, field by field, also as it is read."""
        return [
            {
                **change,
                "label": self.language.label(change["field"]),
                "before_text": self.text(event, change["field"], change["before"]),
                "after_text": self.text(event, change["field"], change["after"]),
            }
            for change in event.entry["changes"]
        ]

    def change(self, event: EventFacts, change: ChangeAnswer) -> str:
        """Return one change as a part of a sentence."""
        field, before, after = change["field"], change["before"], change["after"]
        facts = {
            "field": self.language.label(field),
            "before": self.quoted(event, field, before),
            "after": self.quoted(event, field, after),
        }
        name = "beginning" if before is None else "end" if after is None else "change"
        return self.language.phrase(name, facts)

    # ---- sentences ----------------------------------------------------------------------

    def sentence(self, event: EventFacts, address: str | None) -> str:
        """Return the sentence of an event, and from which network address it came."""
        entry = event.entry
        at = self.calendars.local(datetime.fromisoformat(entry["recorded_at"]))
        facts = {
            "who": self.person(event.by),
            "behalf": event.on_behalf_of and self.person(event.on_behalf_of),
            "deed": self.deed(event),
            "day": self.language.day(at.date().isoformat()),
            "time": self.language.time(at),
            "origin": self.language.vocabulary.origins.get(entry["origin"], entry["origin"]),
            "address": address,
            "reason": entry["reason"],
            "comment": entry["comment"],
            **redaction(entry["redacted"], self.calendars, self.language),
        }
        kind = "sentence" if entry["approver"] is None else "approved sentence"
        return as_sentence(self.language.phrase(kind, without_none(facts)))

    def deed(self, event: EventFacts) -> str:
        """Return what an event did; where facts are missing, its type."""
        kind = event.entry["type"]
        if event.withheld:
            return self.language.deed("*", None, {"type": kind})
        try:
            return self.language.deed(kind, case_of(event), self.facts(event))
        except KeyError:
            return self.language.deed("*", None, {"type": kind})

    def facts(self, event: EventFacts) -> dict[str, str]:
        """Return the facts of an event: its data, its changes, and its subject."""
        facts: dict[str, Any] = {}
        for field, value in flat(event.data):
            facts[bare(field)] = self.text(event, field, value)
        for change in event.entry["changes"]:
            field = change["field"]
            facts[f"{bare(field)}_before"] = self.text(event, field, change["before"])
            facts[bare(field)] = self.text(event, field, change["after"])
        if (stands := STANDS_FOR_NOTHING.get(event.entry["type"])) is not None:
            field, phrase = stands
            for name in (field, f"{field}_before"):
                facts[name] = facts.get(name) or self.language.phrase(phrase, {})
        facts |= self.subject(event)
        facts["changes"] = self.listed(event, event.entry["changes"], {"valid_from"})
        if event.request is not None:
            facts |= self.request(event, event.request)
        return without_none(facts)

    def listed(self, event: EventFacts, changes: list[ChangeAnswer], said: Container[str]) -> str:
        """Return changes as a part of a sentence, but for fields that it says itself."""
        shown = [each for each in changes if each["field"] not in said]
        return self.language.listed([self.change(event, each) for each in shown])

    def request(self, event: EventFacts, request: RequestFacts) -> dict[str, Any]:
        """Return what a request for approval asks for in words, who asked for it, and why."""
        template = self.language.vocabulary.requests.get(request.command, "")
        facts: dict[str, Any] = self.subject(event)
        if (about := request.subject) is not None and about["kind"] == "person":
            facts["person"] = self.person(UUID(about["id"]))
        elif about is not None and about["kind"] == "cycle":
            facts["cycle"] = self.things.name("cycle", about["id"], event.position)
        for name in FIELDS_OF_REQUESTS & request.fields.keys():
            facts[name] = self.text(event, name, request.fields[name])
        facts["at_position"] = request.fields.get("position")
        starts = (request.fields.get("target") or {}).get("starts")
        facts["starts"] = starts and self.language.day(starts)
        said = SAID_BY_REQUESTS | ({"title"} if request.command == BEGINS else set())
        facts["changes"] = self.listed(event, request.changes, said) or None
        return {
            "what": filled(template, without_none(facts)) or None,
            "requester": self.person(UUID(request.asked_by)),
            "requested_reason": request.reason,
        }

    def subject(self, event: EventFacts) -> dict[str, Any]:
        """Return the facts of what an event is about, and what only a sentence puts together."""
        if event.noun == "person":
            is_self = str(event.by) == event.stream
            themself = self.language.phrase("themself", {})
            return {"person": themself if is_self else self.person_of(event)}
        if event.noun == "api_key":
            return {"api_key": self.person_of(event)}
        if event.noun == "team":
            return {"team": self.things.name("team", event.stream, event.position)} | self.places(
                event
            )
        if event.noun == "cycle":
            return {"cycle": self.things.name("cycle", event.stream, event.position)}
        subject = self.things.subject(event)
        return {} if subject is None else self.of_goal(event, *subject)

    def person_of(self, event: EventFacts) -> str:
        """Return what the person, or api key, an event is about is called."""
        found = self.things.name(event.noun, event.stream, event.position)
        return found or self.a_former_colleague()

    def of_goal(self, event: EventFacts, kind: str, row: Row) -> dict[str, Any]:
        """Return the facts of the goal an event is about."""
        facts: dict[str, Any] = {kind: row[NAME_FIELDS[kind]], "unit": row.get("unit")}
        if kind == "key_result":
            above = self.things.row("objective", row["objective_id"], event.position)
            facts["objective"] = above and above["title"]
            facts["promise"] = self.promise(event, row)
        if event.entry["type"] == "objective.realigned":
            facts |= self.alignment(event, row)
        if event.entry["type"] in KPI_TARGETS:
            facts |= self.span_target(event)
        if event.entry["type"] == "kpi.defined" and event.data["aggregation"] != "last":
            facts["rule"] = self.language.phrase(event.data["aggregation"], {})
        if event.reading is not None:
            facts |= self.of_reading(event, event.reading, kind, row, without_none(facts))
        return facts

    def promise(self, event: EventFacts, row: Row) -> str:
        """Return what a key result promises."""
        parts = without_none({name: self.text(event, name, row[name])
                       for name in ("baseline", *BOUNDS, "unit", "steps", "zones")})  # fmt: skip
        is_bare = row["kind"] == "milestone" and "steps" not in parts
        kind = row["direction"] or row["kind"]
        return self.language.phrase("milestone without steps" if is_bare else kind, parts)

    def span_target(self, event: EventFacts) -> dict[str, Any]:
        """Return the facts of a target that an event set for a span, or took from it."""
        target = event.data[KPI_TARGETS[event.entry["type"]]]
        facts: dict[str, Any] = {
            name: self.text(event, name, target[name]) for name in ("starts", "ends", *BOUNDS)
        }
        none = self.language.phrase("no target", {})
        if all(target[name] is None for name in BOUNDS):
            facts |= {"target": none, "unit": None}
        for change in event.entry["changes"]:
            if change["field"] == "target" and change["before"] is None and target["target"]:
                facts["target_before"] = none
        return facts

    def of_reading(
        self, event: EventFacts, reading: Row, kind: str, row: Row, facts: dict[str, str]
    ) -> dict[str, Any]:
        """Return the facts of a reading: its result now and before, of what, about which day."""
        facts_of_it = {
            "measured": self.language.phrase(kind.replace("_", " "), facts),
            "as_of": self.language.day(reading["as_of"]),
            "result": (result := self.result(event, reading, row)),
            "confidence": None,
            "also_confidence": None,
        }
        which = "confidence" if result is None else "also_confidence"
        facts_of_it[which] = self.text(event, "confidence", reading["confidence"])
        before = (
            {c["field"]: c["before"] for c in event.entry["changes"]} if is_later(event) else {}
        )
        if before:
            facts_of_it["result_before"] = self.result(event, {**reading, **before}, row)
        return facts_of_it

    def result(self, event: EventFacts, reading: Row, row: Row) -> str | None:
        """Return the result of a reading in the terms of what it measures; None for none."""
        if reading["zone"] is not None:
            zone = {"zone": self.language.word("zone", reading["zone"])}
            return self.language.phrase("zone", zone)
        if reading["value"] is None:
            return None
        facts = {"value": self.text(event, "value", reading["value"])}
        if row.get("kind") == "milestone":
            steps = msgspec.json.decode(row["steps"]) if row["steps"] else []
            return self.language.phrase(
                "steps", without_none({**facts, "most": str(max(len(steps), 1))})
            )
        return self.language.phrase("value", without_none({**facts, "unit": row.get("unit")}))

    def alignment(self, event: EventFacts, row: Row) -> dict[str, str]:
        """Return what an objective is aligned to from an event on, and before it."""
        before = {**row, **{c["field"]: c["before"] for c in event.entry["changes"]}}
        return {
            "aligned_to": self.aligned_to(event, row),
            "aligned_to_before": self.aligned_to(event, before),
        }

    def aligned_to(self, event: EventFacts, row: Row) -> str:
        """Return what the row of an objective is aligned to."""
        for field, phrase in ALIGNED_TO.items():
            if row[field] is not None:
                name = {
                    phrase.removeprefix("aligned ").replace(" ", "_"): self.text(
                        event, field, row[field]
                    )
                }
                return self.language.phrase(phrase, without_none(name))
        return self.language.phrase("nothing", {})

    def places(self, event: EventFacts) -> dict[str, str]:
        """Return where in the tree a team is from an event on, and where it was before."""
        moves = [c for c in event.entry["changes"] if c["field"] == "parent_id"]
        return {
            name: self.place(self.text(event, "parent_id", above))
            for change in moves
            for name, above in (("place", change["after"]), ("place_before", change["before"]))
        }

    def place(self, above: str | None) -> str:
        """Return a place in the tree of teams."""
        if above is None:
            return self.language.phrase("top", {})
        return self.language.phrase("below", {"above": above})
