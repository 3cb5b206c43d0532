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
    """What an event did to a score by way of a key result.

    Without a position days did it alone; without a key result the objective itself, what is
    aligned to it, its cycle or the scoring policy.
    """

    position: int | None
    key_result_id: str | None
    change: Fraction


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
    before = score_of(timeline, id_) or Fraction(0)
    changed = changed_things(timeline.history, first, last.known)
    for position in (None, *sorted(changed)):
        known = first if position is None else position
        things = changed.get(known, set())
        several = key_results_of(timeline, id_, things)
        measured = weighed(timeline, several) if len(several) > 1 else {}
        timeline.move(Moment(known, known, last.day, last.read_until))
        after = score_of(timeline, id_) or Fraction(0)
        if after != before:
            parts = {next(iter(key_results_of(timeline, id_, things)), None): after - before}
            if measured:
                now = weighed(timeline, measured)
                parts = split(after - before, {each: now[each] - measured[each] for each in now})
            found += [Step(position, *part) for part in parts.items()]
        before = after
    timeline.move(last)
    return found


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


def key_results_of(timeline: Timeline, id_: UUID, things: Iterable[str]) -> set[str]:
    """Return the key results among some things, and those that the KPIs among them feed."""
    found: set[str] = set()
    for thing in things:
        if thing in timeline.key_results:
            found.add(thing)
        fed = timeline.feeding.get(thing, set())
        found |= (fed & timeline.own[str(id_)]) or fed
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
