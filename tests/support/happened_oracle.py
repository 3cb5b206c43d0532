"""What happened to the goals of a cycle, looked for event by event, and whose it is by its day.

Also the readings that were due, counted day by day. Nothing of projections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.domain.reading import Reading
from tests.support import day_by_day
from tests.support.plain import Row
from tests.support.scoreboard_oracle import CORRECTED, HAPPENED, CycleOracle

KEPT = ("on_time", "late", "missing")


class Happened(NamedTuple):
    """Something counted, its day, where it comes from, and the objectives that show it."""

    name: str
    day: date
    source: Any
    goals: frozenset[str]


class WhatHappened:
    """What happened to the goals of a cycle since they were promised."""

    def __init__(self, cycle: CycleOracle) -> None:
        self.cycle, self.oracle, self.view = cycle, cycle.oracle, cycle.view
        self.key_results = self.view.rows["key_result"]
        self.objectives = self.view.rows["objective"]
        self.own_days: dict[str, list[date]] = {}

    def of_all(self) -> Row:
        return counted(self.all)

    def of_team(self, team: str) -> Row:
        """What happened to goals while a team, or one below it, had them."""
        return self.where(lambda goal, day: team in self.cycle.teams(goal, day))

    def of_person(self, person: str) -> Row:
        """What happened to goals while a person had them."""
        return self.where(lambda goal, day: self.cycle.held(goal, day)["owner"] == person)

    def where(self, is_theirs: Callable[[str, date], bool]) -> Row:
        return counted(
            each for each in self.all if any(
                is_theirs(goal, self.own_day(goal, each.day)) for goal in each.goals
            )
        )  # fmt: skip

    def own_day(self, goal: str, day: date) -> date:
        """A day of a goal's own; what came before or after belongs to who had it first or last."""
        days = self.days(goal)
        return min(max(day, days[0]), days[-1])

    def days(self, goal: str) -> list[date]:
        """The days of a goal's own, or its first."""
        if goal not in self.own_days:
            self.own_days[goal] = self.cycle.days(goal) or [self.cycle.first(goal)]
        return self.own_days[goal]

    # ---- event by event -----------------------------------------------------------------------

    @cached_property
    def all(self) -> list[Happened]:
        return [*self.changes(), *self.dues()]

    def shown_by(self, id_: str) -> frozenset[str]:
        """The goals that show what happened to one: itself; of a key result its old and new."""
        if id_ in self.objectives:
            return frozenset({id_} & set(self.cycle.goals))
        if id_ not in self.cycle.counted_key_results:
            return frozenset()
        found = {self.key_results[id_]["objective_id"]}
        promised = self.cycle.promised.rows["key_result"].get(id_)
        if promised is not None and not promised["dropped"]:
            found.add(promised["objective_id"])
        return frozenset(found & set(self.cycle.goals))

    def changes(self) -> Iterator[Happened]:
        """Changes of goals since their promise, and readings that were corrected or retracted."""
        for fact in self.cycle.known:
            id_, day = str(fact.event.originator_id), self.oracle.day_of(fact.recorded_at)
            for name, kinds in HAPPENED.items():
                if isinstance(fact.event, kinds) and (goals := self.shown_by(id_)):
                    promised_at = self.cycle.promised_at(id_)
                    is_correction = name == "promise_corrections"
                    if fact.position > (promised_at or 0) and (promised_at or not is_correction):
                        yield Happened(name, day, fact.position, goals)
            if isinstance(fact.event, (*CORRECTED, Reading.Retracted)):
                is_retracted = isinstance(fact.event, Reading.Retracted)
                name = "retractions" if is_retracted else "corrections"
                if self.cycle.is_of_the_cycle(id_):
                    measured = self.view.known["reading"][id_]["measured_id"]
                    shown = [self.shown_by(each) for each in self.measured_by(measured)]
                    yield Happened(name, day, fact.position, frozenset().union(*shown))

    def measured_by(self, id_: str) -> set[str]:
        """The key result that is measured, or those that a KPI ever fed."""
        fed = {
            str(fact.event.originator_id)
            for fact in self.cycle.known
            if isinstance(fact.event, KeyResult.Linked) and str(fact.event.kpi_id) == id_
        }
        return (fed | {id_}) & self.cycle.counted_key_results

    # ---- readings due -------------------------------------------------------------------------

    def dues(self) -> Iterator[Happened]:
        """Each reading that was due: on time, late or missing, on the day it was due by."""
        for id_ in self.cycle.counted_key_results:
            goals, reads = self.shown_by(id_), self.reads(id_)
            for due in self.due_of(id_):
                name = day_by_day.timeliness_of(due, reads)
                yield Happened(name, due[-1], (id_, *due), goals)

    def due_of(self, id_: str) -> Iterator[tuple[date, date, date]]:
        """The periods of a key result that were due, under each cadence it had."""
        row, cycle, view = self.key_results[id_], self.cycle.cycle, self.view
        objective = self.objectives[row["objective_id"]]
        if objective["committed_at"] is None:
            return
        first, ends = (date.fromisoformat(cycle[name]) for name in ("starts", "ends"))
        committed_on = view.day_recorded(objective["committed_at"])
        starts = max(first, committed_on, view.day_recorded(row["first_position"]))
        settled, stopped = self.settled(row["objective_id"]), self.stopped(id_)
        is_done = view.is_done_by_day(id_)
        for cadence, until in self.cadences(id_):
            halts = min((each for each in (until, stopped) if each is not None), default=None)
            yield from day_by_day.due_while_not_done(
                view.terms(), cadence, starts, ends, view.day, is_done, settled, halts
            )
            starts = starts if until is None else max(starts, until)

    def cadences(self, id_: str) -> list[tuple[str, date | None]]:
        """The cadences of a key result, each with the day another one came."""
        found: list[tuple[str, date]] = [
            (fact.event.cadence, self.oracle.day_of(fact.recorded_at))
            for fact in self.cycle.known
            if str(fact.event.originator_id) == id_
            and isinstance(fact.event, KeyResult.Added | KeyResult.CadenceReplaced)
        ]
        ends = [*(day for _, day in found[1:]), None]
        return [(cadence, until) for (cadence, _), until in zip(found, ends, strict=True)]

    def settled(self, objective: str) -> date | None:
        """The day from which nothing more is due: of the grade, or of the closing."""
        row = self.cycle.cycle
        closed = [self.view.day_recorded(row["closings"][-1])] if row["closed"] else []
        is_graded = self.objectives[objective]["graded"]
        graded = self.days_of(objective, Objective.Graded)[-1:] if is_graded else []
        return min([*closed, *graded], default=None)

    def stopped(self, id_: str) -> date | None:
        """The day a key result was dropped, or its objective given up."""
        row = self.key_results[id_]
        found = self.days_of(id_, KeyResult.Dropped)[-1:] if row["dropped"] else []
        if self.objectives[row["objective_id"]]["state"] == "abandoned":
            found += self.days_of(row["objective_id"], Objective.Abandoned)[-1:]
        return min(found, default=None)

    def days_of(self, id_: str, kind: type) -> list[date]:
        """The days on which something of a kind happened to a goal."""
        return [
            self.oracle.day_of(fact.recorded_at)
            for fact in self.cycle.known
            if str(fact.event.originator_id) == id_ and isinstance(fact.event, kind)
        ]

    def reads(self, id_: str) -> list[tuple[date, date]]:
        """The readings of a key result: recorded on, or fed since; and about which day."""
        found = [(recorded, about) for _, recorded, about in self.values(id_)]
        for kpi, linked, unlinked in self.links(id_):
            since = self.view.day_recorded(linked)
            found += [
                (max(recorded, since), about)
                for position, recorded, about in self.values(kpi)
                if unlinked is None or position < unlinked
            ]
        return found

    def values(self, measured: str) -> Iterator[tuple[int, date, date]]:
        """The readings with a value about days of the cycle that stand."""
        first, last = (self.cycle.cycle[name] for name in ("starts", "ends"))
        for row in self.view.readings(measured):
            is_value = row["value"] is not None or row["zone"] is not None
            if is_value and not row["retracted"] and first <= row["as_of"] <= last:
                recorded = self.view.day_recorded(row["position"])
                yield row["position"], recorded, date.fromisoformat(row["as_of"])

    def links(self, id_: str) -> list[tuple[str, int, int | None]]:
        """The KPIs that fed a key result, each from which position to which."""
        found: list[tuple[str | None, int]] = [
            (str(fact.event.kpi_id) if isinstance(fact.event, KeyResult.Linked) else None,
             fact.position)
            for fact in self.cycle.known
            if str(fact.event.originator_id) == id_
            and isinstance(fact.event, KeyResult.Linked | KeyResult.Unlinked)
        ]  # fmt: skip
        ends = [*(position for _, position in found[1:]), None]
        return [
            (kpi, first, until)
            for (kpi, first), until in zip(found, ends, strict=False)
            if kpi is not None
        ]


def counted(found: Any) -> Row:
    """How often each thing happened, each once; readings due with what came of them."""
    whole = Counter(name for name, *_ in {(each.name, each.source) for each in found})
    kept = {name: whole[name] for name in KEPT}
    return {
        **{name: whole[name] for name in (*HAPPENED, "corrections", "retractions")},
        "discipline": {"due": sum(kept.values()), **kept},
    }
