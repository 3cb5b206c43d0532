"""What the organisation was on a day, worked out from the log in the plainest way.

Moments and rows are those of `oracle.py`; moves and turns are looked through one by one. Nothing of
projections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.domain.policy import ScoringPolicy
from okr_es.domain.refusals import NotFound
from tests.support.as_of_answers import NOBODY, Question
from tests.support.oracle import Fact, Oracle, View, without
from tests.support.plain import Row

STAND_IN = "former colleague"
BUILT_IN = {
    "version": None, "on_track": "0.9", "at_risk": "0.7", "yellow_from": "0.4",
    "committed_expected": "1", "aspirational_expected": "0.7", "not_measured": "counts_zero",
}  # fmt: skip


class Where(NamedTuple):
    """The team above one on a day, and the day that was recorded."""

    parent: str | None
    recorded: date


@dataclass
class Organisation:
    """Answers about the organisation; `names` are those that people have now."""

    oracle: Oracle
    names: Mapping[str, str]

    # ---- the questions --------------------------------------------------------------------

    def teams(self, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.oracle.view(known_at, at)
        found = [self.team_of(view, id_) for id_ in self.ids(view)]
        found.sort(key=lambda each: (each["name"].lower(), each["id"]))
        return {"teams": found, "next": None} | view.standing

    def team(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.oracle.view(known_at, at)
        if str(id_) not in self.ids(view):
            raise NotFound("There was no such team.", field="id")
        below = [self.called(view, each) for each in self.ids(view)
                 if self.above(view, each).parent == str(id_)]  # fmt: skip
        below.sort(key=lambda each: (each["name"], each["id"]))
        return self.team_of(view, str(id_)) | {"teams_below": below} | view.standing

    def cycles(self, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.oracle.view(known_at, at)
        found = [self.cycle_of(view, id_) for id_ in view.rows["cycle"]]
        return {
            "cycles": sorted(found, key=lambda each: (each["starts"], each["id"])),
            "next": None,
        } | view.standing

    def cycle(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.oracle.view(known_at, at, id_)
        return self.cycle_of(view, str(id_)) | view.standing

    def person(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.oracle.view(known_at, at)
        return self.person_of(view, id_) | view.standing

    def person_of(self, view: View, id_: UUID) -> Row:
        """A person as of a view."""
        row, day = view.require("person", id_), view.day.isoformat()
        turns = view.known["person"][str(id_)]["turns"] or []
        turned = [each for each in turns if each["day"] <= day][-1:]
        deputy = row["deputy_id"] and {
            "person": self.person_called(row["deputy_id"]),
            "starts": row["deputy_starts"],
            "ends": row["deputy_ends"],
        }
        return {
            **self.person_called(str(id_)),
            "version": row["version"],
            "legal_ground": row["legal_ground"],
            "holds": row["holds"] or [],
            "erased": row["erased"],
            "active": all(each["active"] for each in turned),
            "since": turned[0]["day"] if turned else None,
            "deputy": deputy,
            "email": None,
        }

    def scoring_policy(self, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.oracle.view(known_at, at)
        said = ScoringPolicy.Adopted | ScoringPolicy.Revised
        adopted = [fact for fact in self.known(view) if isinstance(fact.event, said)]
        rows = [without(row, "first_position") for row in view.rows["scoring_policy"].values()]
        versions = [
            {
                "version": number,
                "position": fact.position,
                "day": self.oracle.day_of(fact.recorded_at),
            }
            for number, fact in enumerate(adopted, 1)
        ]
        id_ = "5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c02"
        return {"id": id_, **[BUILT_IN, *rows][-1], "versions": versions} | view.standing

    def reading(self, id_: UUID, known_at: str | None = None, at: str | None = None) -> Row:
        view = self.oracle.view(known_at, at)
        of = view.known["reading"].get(str(id_), {}).get("measured_id")
        said = [each for each in view.readings(of) if each["id"] == str(id_)] if of else []
        if not said:
            raise NotFound("There was no such reading.", field="id")
        kind = "kpi" if of in view.known["kpi"] else "key_result"
        rows = next(each[kind] for each in self.since(view) if of in each[kind])
        title = rows[of]["name" if kind == "kpi" else "title"]
        deeds = [fact.position for fact in self.known(view)
                 if fact.event.originator_id == UUID(str(id_))]  # fmt: skip
        return {
            "measured": {"kind": kind, "id": of, "title": title},
            "reading": said[0],
            "positions": deeds,
        } | view.standing

    # ---- teams ----------------------------------------------------------------------------

    def known(self, view: View) -> list[Fact]:
        """The events known at the moment."""
        return list(self.oracle.log[: view.standing["position"]])

    def since(self, view: View) -> Iterator[dict[str, dict[str, Row]]]:
        """The rows at the moment, and after each event known since."""
        for position in range(view.standing["plan_position"], view.standing["position"] + 1):
            yield self.oracle.rows(position, view.standing["position"])

    def ids(self, view: View) -> set[str]:
        """The teams of the day, and those formed later that one of them was below."""
        found: set[str] = set()
        waiting: list[str | None] = [*view.rows["team"]]
        while waiting:
            id_ = waiting.pop()
            if id_ is not None and id_ not in found:
                found.add(id_)
                waiting.append(self.above(view, id_).parent)
        return found

    def above(self, view: View, id_: str) -> Where:
        """The last move recorded of those that hold on the day."""
        return Where(*view.moves(id_)[-1])

    def row(self, view: View, id_: str) -> Row:
        """A team as it was, or as it was formed later."""
        return next(each["team"][id_] for each in self.since(view) if id_ in each["team"])

    def team_of(self, view: View, id_: str) -> Row:
        row, where = self.row(view, id_), self.above(view, id_)
        later = None
        if id_ not in view.rows["team"]:
            formed = next(f for f in self.known(view) if str(f.event.originator_id) == id_)
            later = self.oracle.day_of(formed.recorded_at)
        elif where.parent != row["parent_id"]:
            later = where.recorded
        return {
            **self.called(view, id_),
            "version": row["version"],
            "kind": row["kind"],
            "disbanded": row["disbanded"],
            "parent": where.parent and self.called(view, where.parent),
            "recorded_later": later,
        }

    def called(self, view: View, id_: str) -> Row:
        return {"id": id_, "name": self.row(view, id_)["name"]}

    # ---- the others -----------------------------------------------------------------------

    def cycle_of(self, view: View, id_: str) -> Row:
        row = view.cycle(id_)
        commits = [
            each | {"team": each["team"] and self.called(view, each["team"]["id"])}
            for each in row["plan_commits"]
        ]
        return row | {"plan_commits": commits}

    def person_called(self, id_: str) -> Row:
        return {"id": id_, "name": self.names.get(id_, STAND_IN)}


def organisation_questions(oracle: Oracle) -> Iterator[Question]:
    """Every question about the organisation and all that ever was of it."""
    rows = oracle.rows(len(oracle.log))
    for question in ("teams", "cycles", "scoring_policy"):
        yield question, {}
    for question in ("team", "cycle", "person"):
        for id_ in (*rows[question], NOBODY):
            yield question, {"id_": id_}


def reading_questions(oracle: Oracle) -> Iterator[Question]:
    """The question about each reading there ever was."""
    for id_ in (*oracle.rows(len(oracle.log))["reading"], NOBODY):
        yield "reading", {"id_": id_}


def positions_of(answer: Any) -> Any:
    """An answer about a reading with the positions of its events in the place of who did what."""
    if "refused" in answer:
        return answer
    deeds = [answer["recorded"], *answer["corrections"]]
    positions = {"positions": [each["position"] for each in deeds]}
    return without(answer, "recorded", "corrections") | positions
