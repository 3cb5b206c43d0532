"""By how much each event between two moments moved the score of an objective.

An event belongs to the key result it is about; a reading of a KPI to those that the KPI feeds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from projections.as_of.moments import Moment
from projections.goals.goal_history import STRETCH, GoalHistory
from projections.goals.timeline import Timeline


class Step(NamedTuple):
    """What an event did to a score by way of a key result, with its value before and after.

    Without a position days did it alone. Without a key result the objective itself did, what is
    aligned to it, its cycle or the scoring policy. `aligned_id` is the objective that is aligned to
    it, directly, by way of which it did; `kpi_id` the KPI that the event is about.
    """

    position: int | None
    key_result_id: str | None
    change: Fraction
    aligned_id: str | None = None
    kpi_id: str | None = None
    before: str | None = None
    after: str | None = None


def score_of(timeline: Timeline, id_: UUID) -> Fraction | None:
    """Return the exact score of an objective; None for not measured or not there."""
    score = timeline.score(str(id_))
    return None if score is None else score.exact


def steps(timeline: Timeline, id_: UUID, first: int, last: Moment) -> list[Step]:
    """Return what moved the score of an objective, in the order it was recorded.

    All steps are taken on the last day, so that a day that passes has a part of its own, without
    an event; it is none unless a reading was about a day in the future.
    """
    found: list[Step] = []
    score = score_of(timeline, id_) or Fraction(0)
    changed = changed_things(timeline.history, first, last.known)
    for position in (None, *sorted(changed)):
        known = first if position is None else position
        before = Before(timeline, str(id_), changed.get(known, set()))
        timeline.move(Moment(known, known, last.day, last.read_until))
        after = score_of(timeline, id_) or Fraction(0)
        if after != score:
            found += before.steps(position, after - score)
        score = after
    timeline.move(last)
    return found


class Before:
    """What a timeline is about to leave behind when some things change, to say what that did."""

    def __init__(self, timeline: Timeline, id_: str, things: set[str]) -> None:
        self.timeline = timeline
        self.id = id_
        self.things = things
        self.key_results = key_results_of(timeline, id_, things)
        self.measured = weighed(timeline, self.key_results) if len(self.key_results) > 1 else {}
        self.values = {each: value_of(timeline, each) for each in self.key_results}
        self.aligned = {each: aligned_by(timeline, id_, each) for each in things}

    def steps(self, position: int | None, change: Fraction) -> list[Step]:
        """Return what the change of a score came of, once the timeline has moved on."""
        key_results = key_results_of(self.timeline, self.id, self.things)
        parts = {next(iter(key_results), None): change}
        if self.measured:
            now = weighed(self.timeline, self.measured)
            parts = split(change, {each: now[each] - self.measured[each] for each in now})
        return [self.step(position, *part) for part in parts.items()]

    def step(self, position: int | None, key_result: str | None, change: Fraction) -> Step:
        """Return the part of a key result, or of none, in what an event did."""
        timeline = self.timeline
        about = self.things if key_result is None else {key_result}
        ways = (aligned_by(timeline, self.id, each) or self.aligned.get(each) for each in about)
        kpis = self.things & timeline.feeding.keys() - timeline.key_results.keys()
        return Step(
            position,
            key_result,
            change,
            next(filter(None, ways), None),
            min(kpis, default=None),
            None if key_result is None else self.values.get(key_result),
            None if key_result is None else value_of(timeline, key_result),
        )


def aligned_by(timeline: Timeline, id_: str, thing: str) -> str | None:
    """Return the objective directly aligned to one, above an objective or key result or that.

    None where that is the objective itself or one of its key results, or is not below it.
    """
    state = timeline.key_results.get(thing)
    each: str | None = thing if state is None else state.row.objective_id
    seen: set[str] = set()
    while each is not None and each != id_ and each not in seen:
        seen.add(each)
        row = timeline.objectives.get(each)
        above = None if row is None else row["parent_objective_id"]
        if above == id_:
            return each
        each = above
    return None


def value_of(timeline: Timeline, key_result: str) -> str | None:
    """Return what a key result has come to: its value, or its zone; None: it is not measured."""
    state = timeline.key_results.get(key_result)
    goal = None if state is None else timeline.goal(state.row.objective_id)
    for row in () if goal is None else goal.key_results:
        if row.id == key_result:
            return row.zone or (row.value if row.span is None else row.span.shown)
    return None


def changed_things(history: GoalHistory, first: int, last: int) -> dict[int, set[str]]:
    """Return the goals and KPIs that changed, by position, behind one, up to another.

    Positions where a cycle or the scoring policy changed have none.
    """
    found: dict[int, set[str]] = defaultdict(set)
    for start in range(first, last, STRETCH):
        for id_, position in history.changed(start, min(start + STRETCH, last)):
            found[position].add(id_)
    cycles = (row["known_from"] for rows in history.cycles.values() for row in rows)
    policies = (position for position, _ in history.policies)
    for position in chain(cycles, policies):
        if first < position <= last:
            found.setdefault(position, set())
    return found


def key_results_of(timeline: Timeline, id_: str, things: Iterable[str]) -> set[str]:
    """Return the key results among some things, and those that the KPIs among them feed."""
    found: set[str] = set()
    for thing in things:
        if thing in timeline.key_results:
            found.add(thing)
        fed = timeline.feeding.get(thing, set())
        found |= (fed & timeline.own[id_]) or fed
    return found


def weighed(timeline: Timeline, key_results: Iterable[str]) -> dict[str, Fraction]:
    """Return progress times weight of key results, 0 where they are not measured or left out."""
    found: dict[str, Fraction] = {}
    for id_ in key_results:
        found[id_] = Fraction(0)
        objective = timeline.key_results[id_].row.objective_id
        goal, score = timeline.goal(objective), timeline.score(objective)
        if goal is not None and score is not None:
            for row, each in zip(goal.key_results, score.key_result_scores, strict=True):
                if row.id == id_ and each.clamped is not None:
                    found[id_] = Fraction(*each.clamped) * Fraction(row.weight)
    return found


def split(change: Fraction, moved: Mapping[str, Fraction]) -> dict[str | None, Fraction]:
    """Return a change of the score by key result: as far as the progress of each moved.

    Where that of none did, or they cancel out, each has the same part.
    """
    whole = sum(moved.values(), Fraction(0))
    if whole == 0:
        return {id_: change / len(moved) for id_ in sorted(moved)}
    return {id_: change * part / whole for id_, part in sorted(moved.items()) if part}
