"""What every query answers, as JSON Schema: a component for each answer and each shared part.

An answer has all of its fields, always, and no others; what is not there is null. Numbers that
people give are decimals as text, digit by digit; what is reckoned is rounded to four places.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from okr_es.access_log import RECORDED
from okr_es.context import ORIGINS
from okr_es.domain.reading import HIGHEST_CONFIDENCE
from okr_es.domain.values import (
    Cadence,
    Commitment,
    Controlled,
    Direction,
    Kind,
    State,
    TeamKind,
    Zone,
)

Schema = dict[str, Any]


def described(schema: Schema, description: str | None) -> Schema:
    """Return a schema with a description of its own, if there is one."""
    return schema if description is None else {**schema, "description": description}


def nullable(schema: Schema, description: str | None = None) -> Schema:
    """Return a schema that allows null as well."""
    if "type" in schema and "enum" not in schema:
        return described({**schema, "type": [schema["type"], "null"]}, description)
    return described({"anyOf": [schema, {"type": "null"}]}, description)


def words(*allowed: str) -> Schema:
    """Return a schema of text that is one of these words."""
    return {"type": "string", "enum": list(allowed)}


def word_of(enum: type[StrEnum]) -> Schema:
    """Return a schema of text that is one of the domain's words."""
    return words(*(str(word) for word in enum))


def listed(items: Schema, description: str | None = None) -> Schema:
    """Return a schema of a list."""
    return described({"type": "array", "items": items}, description)


def shape(description: str, /, **fields: Schema) -> Schema:
    """Return a schema of an object that has all of these fields and no others."""
    return {
        "type": "object",
        "description": description,
        "required": list(fields),
        "properties": fields,
        "additionalProperties": False,
    }


def answer(description: str, /, **fields: Schema) -> Schema:
    """Return a schema of an answer: an object that says which position it stands on."""
    return shape(description, **fields, position=POSITION)


def answer_then(description: str, /, **fields: Schema) -> Schema:
    """Return a schema of an answer as of a moment, which says what it stands on."""
    return answer(description, **fields, **MOMENT)


def part(name: str) -> Schema:
    """Return a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: Schema = {"type": "string"}
TRUTH: Schema = {"type": "boolean"}
ID: Schema = {"type": "string", "format": "uuid"}
DAY: Schema = {"type": "string", "format": "date"}
COUNT: Schema = {"type": "integer", "minimum": 0}
PLACE: Schema = {"type": "integer", "minimum": 1, "description": "A position of the log."}
EXACT: Schema = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"}
ROUNDED: Schema = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)\.[0-9]{4}$"}

POSITION = described(COUNT, "Where the log stood: all up to it is in the answer.")
MOMENT: Schema = {
    "plan_position": described(COUNT, "The position whose plan holds: targets, weights, owners."),
    "day": described(DAY, "The day it is about."),
    "fixed": described(TRUTH, "Nothing recorded later can change this answer."),
}
VERSION = {"type": "integer", "minimum": 1, "description": "How many events it has had."}
CONFIDENCE = nullable(COUNT | {"maximum": HIGHEST_CONFIDENCE}, "Of success; null: none was told.")
PROGRESS = nullable(
    ROUNDED, "The share of the way gone, not clamped to 0..1; null where nothing is measured."
)
EXPECTED = described(ROUNDED, "The share of the way planned for the day, 0 to 1.")
PACE = nullable(ROUNDED, "Progress over expected; null: unmeasured, or 0 is expected.")
STATUSES = ("not_measured", "on_track", "at_risk", "off_track")
NEXT_BEFORE = nullable(PLACE, "Ask for the next page with before=; null on the last page.")

NAMED: Schema = {"id": ID, "version": VERSION, "name": TEXT}
CYCLE: Schema = {
    **NAMED,
    "starts": DAY,
    "ends": described(DAY, "The last day."),
    "plan_committed": TRUTH,
    "closed": TRUTH,
    "approval_required": listed(
        word_of(Controlled), "What of it needs approval by someone else; empty: nothing."
    ),
    "plan_commit_position": nullable(PLACE, "The position at which its plan was committed."),
    "closing_position": nullable(PLACE, "The position at which it was last closed."),
}
OF_CYCLE: Schema = {"cycle": shape("The cycle.", **CYCLE)}
REVISED: Schema = {
    "revisions": described(COUNT, "How often it was changed since its plan was committed."),
    "added_mid_cycle": described(TRUTH, "It came after the plan was committed."),
}
ALIGNED_TO: Schema = {
    "weight": described(EXACT, "In the roll-up of what it is aligned to."),
    "aligned_to_objective_id": nullable(ID, "The objective it serves, if it serves one directly."),
    "aligned_to_key_result_id": nullable(ID, "The key result it serves, if it serves one."),
}
SCORE: Schema = {
    "progress": described(PROGRESS, "The weighted mean of its own key results; null: none."),
    "rolled_up": nullable(
        ROUNDED, "Progress with that of all that is aligned to it; null: unmeasured."
    ),
    "expected": EXPECTED,
    "pace": described(PACE, "Rolled up over expected; null: unmeasured, or 0 is expected."),
    "status": words(*STATUSES),
    "not_measured": described(COUNT, "How many of its key results are not measured."),
}
OBJECTIVE: Schema = {
    **dict.fromkeys(("id", "cycle_id", "team_id", "owner_id"), ID),
    "version": VERSION,
    "title": TEXT,
    "commitment": word_of(Commitment),
    "due": nullable(DAY, "Null: the last day of its cycle."),
    "state": word_of(State),
    "graded": TRUTH,
    "adjusted_grade": nullable(EXACT, "0 to 1; null where the computed grade stands."),
    **ALIGNED_TO,
    "carried_from": nullable(ID, "The objective of an earlier cycle that it continues."),
    "carried_to": nullable(ID, "The objective of a later cycle that continues it."),
    **REVISED,
    "key_results": listed(part("KeyResultBody"), "Without those that were dropped."),
    "aligned": listed(part("Aligned"), "What serves it or a key result of it, unless abandoned."),
    **SCORE,
    "overdue": described(COUNT, "How many of its key results are overdue."),
    "grade": nullable(part("Grade"), "Null until it is graded."),
}
PROMISE: Schema = {
    **dict.fromkeys(("id", "objective_id"), ID),
    "version": VERSION,
    "title": TEXT,
    "kind": word_of(Kind),
    **dict.fromkeys(("baseline", "target"), nullable(EXACT, "In its unit; a metric has one.")),
    "unit": nullable(TEXT, "The unit of baseline, target and readings; a metric has one."),
    "steps": listed(TEXT, "Of a milestone; empty: it is done or not."),
    "zones": nullable(
        shape("In words.", commit=TEXT, target=TEXT, stretch=TEXT),
        "What it means to reach each zone; an ordinal has them.",
    ),
    "weight": described(EXACT, "Relative to its neighbours; 0 leaves it out of the roll-up."),
    "cadence": word_of(Cadence),
    "trajectory": listed(
        shape("A planned point.", on=DAY, share=described(EXACT, "Of the way, 0 to 1.")),
        "The planned way, where it is no straight line.",
    ),
    "carried_from": nullable(ID, "The key result of an earlier cycle that it continues."),
    "kpi_id": nullable(ID, "The KPI whose readings feed it; null: check-ins do."),
    "revisions": REVISED["revisions"],
}
KEY_RESULT: Schema = {
    **PROMISE,
    "dropped": TRUTH | {"const": False},
    "added_mid_cycle": REVISED["added_mid_cycle"],
    "confidence": CONFIDENCE,
    "reading": nullable(part("Reading"), "The one that counts; null without any."),
    "progress": PROGRESS,
    "expected": EXPECTED,
    "pace": PACE,
    "status": words(*STATUSES, "overdue"),
}
KPI: Schema = {
    **NAMED,
    "direction": word_of(Direction),
    "unit": described(TEXT, "The unit of baseline, targets and readings."),
    "source": TEXT,
    "cadence": word_of(Cadence),
    "owner_id": ID,
    "team_id": nullable(ID),
    "purpose": nullable(TEXT),
    "baseline": nullable(EXACT, "In its unit; null where none was given."),
    "retired": TRUTH,
    "targets": listed(part("KpiTarget"), "All of them, by their first day."),
    "target": nullable(part("KpiTarget"), "That of the day of the last reading, or of today."),
    "reading": nullable(
        shape("The last reading.", id=ID, as_of=DAY, value=EXACT), "Null without any."
    ),
    "met": nullable(TRUTH, "Null without a reading, or a target for its day."),
    "progress": nullable(ROUNDED, "How near the target is, 0 to 1; 1 is met; null as `met`."),
    "overdue": described(TRUTH, "The last reading is older than the cadence allows."),
}
ZONE = nullable(word_of(Zone), "Of an ordinal.")
VALUE = nullable(EXACT, "In its unit, or steps done; null for an ordinal, or confidence alone.")
ENCRYPTED = nullable(TEXT, "Null where none was given, or its author was erased.")
ANYTHING: Schema = {"type": ["string", "integer", "boolean", "null"]}

SCHEMAS: dict[str, Schema] = {
    "Cycles": answer("All cycles.", cycles=listed(shape("A cycle.", **CYCLE))),
    "Board": answer_then(
        "The objectives of a cycle, in the order they were drafted.",
        **OF_CYCLE,
        objectives=listed(part("ObjectiveBody")),
    ),
    "Tree": answer_then(
        "The objectives of a cycle, each under what it is aligned to.",
        **OF_CYCLE,
        objectives=listed(part("Branch"), "Those that serve none of the others."),
    ),
    "Branch": shape(
        "An objective in the tree.",
        **dict.fromkeys(("id", "cycle_id", "team_id", "owner_id"), ID),
        **{name: OBJECTIVE[name] for name in ("title", "state", "key_results")},
        **ALIGNED_TO,
        **SCORE,
        aligned=listed(part("Branch"), "What serves it, from any cycle, abandoned or not."),
    ),
    "Objective": answer_then("An objective as it stands or stood.", **OBJECTIVE),
    "ObjectiveBody": shape("An objective.", **OBJECTIVE),
    "Aligned": shape(
        "It serves an objective.", id=ID, weight=ALIGNED_TO["weight"], rolled_up=SCORE["rolled_up"]
    ),
    "Grade": shape(
        "Computed and adjusted side by side.",
        computed=nullable(ROUNDED, "Progress rolled up, 0 to 1; null: unmeasured."),
        adjusted=OBJECTIVE["adjusted_grade"],
        band=nullable(words("red", "yellow", "green"), "Of the adjusted, else the computed grade."),
        expected=described(EXACT, "What its commitment lets expect."),
    ),
    "KeyResult": {"anyOf": [part("LivingKeyResult"), part("DroppedKeyResult")]},
    "LivingKeyResult": answer_then("A key result as it stands or stood.", **KEY_RESULT),
    "DroppedKeyResult": answer_then(
        "A key result that was dropped: what it promised, without a verdict.",
        **PROMISE,
        dropped=TRUTH | {"const": True},
        status=words("dropped"),
    ),
    "KeyResultBody": shape("A key result.", **KEY_RESULT),
    "Reading": shape("The reading that counts.", id=ID, as_of=DAY, value=VALUE, zone=ZONE),
    "Kpis": answer_then("KPIs by name.", kpis=listed(part("KpiBody"))),
    "Kpi": answer_then("A KPI as it stands or stood.", **KPI),
    "KpiBody": shape("A KPI.", **KPI),
    "KpiTarget": shape(
        "What is wanted from the first to the last day of a span, in the KPI's unit.",
        starts=DAY,
        ends=DAY,
        target=nullable(EXACT),
        minimum=nullable(EXACT, "The lowest good value."),
        maximum=nullable(EXACT, "The highest good value."),
    ),
    "Readings": answer_then(
        "A page of readings, the last recorded first.",
        readings=listed(part("RecordedReading")),
        next_before=NEXT_BEFORE,
    ),
    "RecordedReading": shape(
        "A reading as it stands after its corrections.",
        position=described(PLACE, "The position at which it was recorded."),
        id=ID,
        as_of=described(DAY, "The day it is about."),
        value=VALUE,
        zone=ZONE,
        confidence=CONFIDENCE,
        retracted=described(TRUTH, "It was taken back and counts no more."),
        version=VERSION,
    ),
    "History": answer(
        "A page of the history, the newest first.",
        id=ID,
        entries=listed(part("Entry")),
        next_before=NEXT_BEFORE,
    ),
    "Entry": shape(
        "An event: what someone decided.",
        position=PLACE,
        recorded_at={"type": "string", "format": "date-time"},
        id={"type": "string", "pattern": "^[0-9a-f-]{36}/[1-9][0-9]*$"},
        type={"type": "string", "pattern": r"^[a-z_]+\.[a-z_]+$"},
        by=nullable(ID, "The person who acted."),
        on_behalf_of=nullable(ID, "The person for whom."),
        origin=words(*sorted(ORIGINS)),
        command_id=nullable(ID),
        approval_id=nullable(
            ID, "The request it came of: `by` approved it, who asked is `on_behalf_of`."
        ),
        **dict.fromkeys(("reason", "comment"), ENCRYPTED),
        changes=listed(part("Change")),
    ),
    "Change": shape(
        "A field before and after.",
        field=TEXT,
        before=described(ANYTHING, "Null at the beginning."),
        after=described(ANYTHING, "Steps, zones and trajectory are JSON in text here."),
    ),
    "Teams": answer("All teams by name.", teams=listed(part("Team"))),
    "Team": shape(
        "A team.",
        **NAMED,
        kind=word_of(TeamKind),
        parent_id=nullable(ID, "The team it belongs to; null at the top."),
        disbanded=TRUTH,
    ),
    "People": answer("All people.", people=listed(part("Person"))),
    "Person": shape(
        "A person, with what the directory still tells; a stand-in for the name once erased.",
        **NAMED,
        email=nullable(TEXT, "Null where none was given, or once erased."),
        erased=TRUTH,
        legal_ground=nullable(TEXT, "On which they were erased."),
        holds=listed(TEXT, "Matters whose legal holds keep them from being erased."),
    ),
    "AccessLog": answer(
        "A page of the access log, the newest first.",
        newest=described(COUNT, "The last position of the access log."),
        entries=listed(part("Access")),
        next_before=NEXT_BEFORE,
    ),
    "Access": shape(
        "A read: who looked at what.",
        position=described(PLACE, "In the access log, which has positions of its own."),
        recorded_at={"type": "string", "format": "date-time"},
        by=nullable(ID, "The person who read; null: nobody was named."),
        what=words(*RECORDED),
        about={
            "type": "object",
            "description": "Ids, filters, and the position of the log the answer stood on.",
            "propertyNames": {"pattern": "^[a-z]+(_[a-z]+)*$"},
            "additionalProperties": TEXT,
        },
    ),
}
