"""The totals of a cycle, worked out from the log in the plainest way: of all, a team, a person.

Rows, scores and moments are those of `oracle.py`; who held a goal is looked up day by day, what
happened is looked for event by event. Nothing of projections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any
from uuid import UUID

from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.domain.reading import Reading
from okr_es.domain.team import Team
from okr_es.scoring import formulas
from tests.support.fraction_formulas import cut_down
from tests.support.oracle import Oracle, View
from tests.support.plain import Row

HAPPENED = {
    "retitlings": (Objective.Retitled, KeyResult.Retitled),
    "reschedulings": (Objective.Rescheduled,),
    "commitment_changes": (Objective.CommitmentReplaced,),
    "retargets": (KeyResult.Retargeted,),
    "reweightings": (KeyResult.Reweighted,),
    "realignments": (Objective.Realigned,),
    "reassignments": (Objective.Reassigned, KeyResult.Reassigned),
    "moves": (KeyResult.Moved,),
    "links": (KeyResult.Linked, KeyResult.Unlinked),
    "promise_corrections": (Objective.Corrected, KeyResult.Corrected),
}
CORRECTED = (
    Reading.Corrected, Reading.ConfidenceCorrected, Reading.CommentCorrected,
    Reading.EvidenceCorrected, Reading.SubjectCorrected,
)  # fmt: skip
FIFTH = 5


@dataclass
class CycleOracle:
    """A cycle as it is reviewed: as of its last closing known by then, else at the moment."""

    oracle: Oracle
    cycle_id: UUID
    known_at: str | None

    def __post_init__(self) -> None:
        self.holders: dict[tuple[str, date], dict[str, str]] = {}
        self.above: dict[tuple[str, date], list[str]] = {}

    @cached_property
    def view(self) -> View:
        view = self.oracle.view(self.known_at, None, self.cycle_id)
        row = view.require("cycle", self.cycle_id, "cycle")
        if row["closed"]:
            return self.oracle.view(str(row["closing_position"]), None)
        return view

    @property
    def cycle(self) -> Row:
        return self.view.rows["cycle"][str(self.cycle_id)]

    @property
    def goals(self) -> list[str]:
        """The objectives that ever were more than a draft."""
        rows = self.view.rows["objective"]
        return [id_ for id_ in self.view.goals(str(self.cycle_id)) if rows[id_]["committed_at"]]

    # ---- the plan as committed --------------------------------------------------------------

    @cached_property
    def promised(self) -> View:
        """The goals as they were promised, each at its own promise, judged as of the moment."""
        view, known = copy(self.view), self.view.standing["position"]
        objectives: dict[str, Row] = {}
        key_results = {
            id_: row | {"dropped": True} for id_, row in self.view.rows["key_result"].items()
        }
        for id_, row in self.view.rows["objective"].items():
            if row["promised_at"] is None:
                continue
            then = self.oracle.rows(row["promised_at"], known)
            objectives[id_] = then["objective"][id_]
            key_results |= {
                each: of
                for each, of in then["key_result"].items()
                if of["objective_id"] == id_ and not of["dropped"] and of["promised_at"] is None
            }
        view.rows = self.view.rows | {"objective": objectives, "key_result": key_results}
        view.judged = self.view.rows
        return view

    def final(self, view: View, id_: str) -> Fraction | None:
        """The score under a plan; final where the goal has come to its end."""
        score = view.score(id_)
        return score.final if self.view.is_final(id_) else score.share

    # ---- who held it ------------------------------------------------------------------------

    def days(self, id_: str) -> list[date]:
        """The days of a goal's own: from its commit to the end of its cycle, or as far."""
        first, last = self.first(id_), min(date.fromisoformat(self.cycle["ends"]), self.view.day)
        if (given_up := self.given_up_on(id_)) is not None:
            last = min(last, given_up)
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def first(self, id_: str) -> date:
        """The first day of a goal's own: that of its cycle, or of its commit."""
        row = self.view.rows["objective"][id_]
        starts, ends = (date.fromisoformat(self.cycle[name]) for name in ("starts", "ends"))
        committed = self.view.day_recorded(row["committed_at"])
        return committed if starts < committed <= ends else starts

    def given_up_on(self, id_: str) -> date | None:
        """The day from which a goal is abandoned to the end."""
        day = None
        for fact in self.known:
            if str(fact.event.originator_id) != id_:
                continue
            if isinstance(fact.event, Objective.Abandoned):
                day = self.oracle.day_of(fact.recorded_at)
            elif isinstance(fact.event, Objective.Reopened):
                day = None
        return day

    @cached_property
    def known(self) -> list[Any]:
        """The events known by the moment."""
        return list(self.oracle.log[: self.view.standing["position"]])

    def held(self, id_: str, day: date) -> dict[str, str]:
        """Owner and team of a goal on a day."""
        if (id_, day) not in self.holders:
            self.holders[id_, day] = self.look_up_held(id_, day)
        return self.holders[id_, day]

    def look_up_held(self, id_: str, day: date) -> dict[str, str]:
        found: dict[str, str] = {}
        now: dict[str, str] = {}
        passed: list[str] = []
        for fact in self.known:
            event = fact.event
            if str(event.originator_id) != id_ or not isinstance(
                event, Objective.Drafted | Objective.Reassigned
            ):
                continue
            after = {"owner": str(event.owner_id), "team": str(event.team_id)}
            changed = [field for field in after if now.get(field) != after[field]]
            effective = getattr(event, "effective", None)
            redated = getattr(event, "redated", None)
            if changed or effective is not None:
                again = [each.removesuffix("_id") for each in redated or ()]
                passed = changed or passed if redated is None else [*changed, *again]
                if not now or (effective or self.oracle.day_of(fact.recorded_at)) <= day:
                    found |= {field: after[field] for field in passed}
            now = after
        return found

    def teams(self, id_: str, day: date) -> list[str]:
        """The team of a goal on a day and all above it."""
        team = self.held(id_, day)["team"]
        if (team, day) not in self.above:
            self.above[team, day] = self.look_up_above(team, day)
        return self.above[team, day]

    def look_up_above(self, team: str, day: date) -> list[str]:
        found: list[str] = []
        above: str | None = team
        while above is not None and above not in found:
            found.append(above)
            above = self.parent(above, day)
        return found

    def parent(self, team: str, day: date) -> str | None:
        """The team above another on a day."""
        found: UUID | None = None
        for fact in self.known:
            event = fact.event
            if str(event.originator_id) != team:
                continue
            if isinstance(event, Team.Formed) or (
                isinstance(event, Team.Moved)
                and (event.effective or self.oracle.day_of(fact.recorded_at)) <= day
            ):
                found = event.parent_id
        return None if found is None else str(found)

    def at_end(self, id_: str) -> date:
        """The day whose holders count at the end: the last of its own, or its first."""
        days = self.days(id_)
        return days[-1] if days else self.first(id_)

    # ---- totals -----------------------------------------------------------------------------

    def of_all(self) -> Row:
        return self.total(dict.fromkeys(self.goals, 1))

    def of_team(self, team: str) -> Row | None:
        """Of those that a team had at their end; None where it never had any."""
        ever = [id_ for id_ in self.goals if any(team in each for each in self.teams_of(id_))]
        ended = [id_ for id_ in ever if team in self.teams(id_, self.at_end(id_))]
        return self.total(dict.fromkeys(ended, 1)) if ever else None

    def of_person(self, person: str) -> Row | None:
        """Of those that a person had at their end, by the days held; None: never any."""
        weights, ever = {}, False
        for id_ in self.goals:
            days = self.days(id_) or [self.first(id_)]
            owners = [self.held(id_, day)["owner"] for day in days]
            ever = ever or person in owners
            held = owners.count(person) if self.days(id_) else 0
            own = len(self.days(id_))
            if owners[-1] == person and held * FIFTH >= own:
                weights[id_] = held
        return self.total(weights) if ever else None

    def teams_of(self, id_: str) -> Iterator[list[str]]:
        """The teams of a goal and those above, on each of its days."""
        for day in self.days(id_) or [self.first(id_)]:
            yield self.teams(id_, day)

    def total(self, weights: dict[str, int]) -> Row:
        """The total of some goals, each with its weight."""
        rows, view, promised = self.view.rows["objective"], self.view, self.promised
        given_up = {id_ for id_ in weights if rows[id_]["state"] == "abandoned"}
        kept = [id_ for id_ in weights if id_ not in given_up]
        meant = [id_ for id_ in weights if id_ in promised.rows["objective"]]
        ends = {id_: view.ending(id_, view.score(id_), view.policy(rows[id_])) for id_ in weights}
        graded = [id_ for id_ in weights if rows[id_]["graded"]]
        return {
            "objectives": len(weights),
            "key_results": sum(len(view.living(id_)) for id_ in weights),
            "scores": {
                "committed": mean((self.final(promised, id_), weights[id_]) for id_ in meant),
                "ended": mean((self.final(view, id_), weights[id_]) for id_ in kept),
            },
            "coverage": {
                "committed": mean((promised.score(i).mean.coverage, weights[i]) for i in meant),
                "ended": mean((view.score(id_).mean.coverage, weights[id_]) for id_ in kept),
            },
            "not_measured": {
                "committed": sum(promised.score(id_).share is None for id_ in meant),
                "ended": sum(view.score(id_).share is None for id_ in kept),
            },
            "added": sum(view.is_added(rows[id_]) for id_ in weights),
            "not_planned": len(weights) - len(meant),
            "given_up": len(given_up),
            "outcomes": tally(
                (each["outcome"] for each in ends.values()),
                "met", "partly_met", "missed", "not_measured",
            ),
            "ended_by": tally(
                (each["ended_by"] for each in ends.values()),
                "graded", "abandoned", "carried_over", "ungraded",
            ),
            "bands": tally((self.band(id_) for id_ in graded), "green", "yellow", "red"),
            "statuses": tally(
                (self.status(id_) for id_ in kept),
                "on_track", "at_risk", "off_track", "not_measured",
            ),
            "carried_in": sum(rows[id_]["carried_from"] is not None for id_ in weights),
            "carried_out": sum(rows[id_]["state"] == "carried_over" for id_ in weights),
            "adjusted_grades": sum(rows[id_]["adjusted_grade"] is not None for id_ in graded),
        }  # fmt: skip

    def band(self, id_: str) -> str | None:
        row = self.view.rows["objective"][id_]
        found: str | None = self.view.grade(id_, self.view.score(id_), self.view.policy(row))[
            "band"
        ]
        return found

    def status(self, id_: str) -> str:
        row, view = self.view.rows["objective"][id_], self.view
        found: str = view.pace_and_status(row, view.score(id_), view.off_track(id_))["status"]
        return found

    # ---- what happened ----------------------------------------------------------------------

    @cached_property
    def counted_key_results(self) -> set[str]:
        """The key results of the goals: theirs in the end, dropped too, or as promised."""
        goals, rows = set(self.goals), self.view.rows["key_result"]
        own = {id_ for id_, row in rows.items() if row["objective_id"] in goals}
        promised = self.promised.rows["key_result"].items()
        return own | {
            id_ for id_, row in promised if row["objective_id"] in goals and not row["dropped"]
        }

    def promised_at(self, id_: str) -> int | None:
        """The position from which changes of a goal are changes of a promise."""
        rows = self.view.rows
        row = rows["objective"].get(id_) or rows["key_result"][id_]
        if row["promised_at"] is not None or id_ in rows["objective"]:
            return row["promised_at"]  # type: ignore[no-any-return]
        promised_at = rows["objective"][row["objective_id"]]["promised_at"]
        if promised_at is None:
            return None
        if row["ended_at"] is not None and row["ended_at"] < promised_at:
            return None
        return max(promised_at, row["came_at"] or row["first_position"])

    def is_of_the_cycle(self, reading: str) -> bool:
        """Whether a reading is about a day of the cycle, of a key result or of what ever fed it."""
        row = self.view.known["reading"][reading]
        last = min(self.cycle["ends"], self.view.read_until)
        fed = {
            str(fact.event.kpi_id)
            for fact in self.known
            if isinstance(fact.event, KeyResult.Linked)
            and str(fact.event.originator_id) in self.counted_key_results
        }
        measured = self.counted_key_results | fed
        return row["measured_id"] in measured and self.cycle["starts"] <= row["as_of"] <= last


def mean(shares: Iterable[tuple[Fraction | None, int]]) -> Fraction | None:
    """The weighted mean of those that are there."""
    return formulas.weighted_mean([(each, n) for each, n in shares if each is not None])


def tally(found: Iterable[str | None], *words: str) -> dict[str, int]:
    """How often each word was found."""
    counted = Counter(found)
    return {word: counted[word] for word in words}


def as_shown(total: Any) -> Any:
    """A total with its shares cut down."""
    if isinstance(total, dict):
        return {name: as_shown(value) for name, value in total.items()}
    return cut_down(total) if isinstance(total, Fraction) else total


def moved(before: Any, after: Any) -> Any:
    """By how much each figure of a total changed; shares rounded half to even, never to 0."""
    if before is None or after is None:
        return None
    if isinstance(after, dict):
        return {name: moved(before[name], value) for name, value in after.items()}
    by = after - before
    if not isinstance(by, Fraction):
        return by
    places = 4
    while by and not round(by * 10**places):
        places += 1
    return Fraction(round(by * 10**places), 10**places)
