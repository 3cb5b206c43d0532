"""What goals came to right before and right after some events: by one timeline through all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from okr_es.scoring import ratios
from okr_es.scoring.grades import Outcome
from projections.as_of.hierarchy import below_cycle
from projections.as_of.references import ref
from projections.goals.goal_history import GoalHistory
from projections.goals.scoring import BUILT_IN, POLICY_FIELDS, policy_of
from projections.goals.timeline import Timeline, at_position
from projections.patterns.answers import MovedOutcome
from projections.patterns.cycle_data import CycleData
from projections.read_model.tables import Row

NO_PROMISE = ("draft", "abandoned")


class Judgements(NamedTuple):
    """By position: the grade as computed at a grading, and the outcomes that an event moved."""

    computed: dict[int, Fraction | None]
    moved: dict[int, list[MovedOutcome]]


def judgements(
    data: CycleData, gradings: Iterable[Row], turns: Mapping[int, str | None]
) -> Judgements:
    """Return what goals came to at gradings, and how `turns` moved what comes out of them.

    `turns` are positions with the key result or KPI that the event measures; None: all goals.
    """
    found = Judgements({}, {})
    graded = {int(row["known_from"]): row["id"] for row in gradings}
    positions = sorted({*graded, *turns})
    if not positions:
        return found
    timeline = timeline_from(data, positions[0])
    for position in positions:
        day = data.day(position)
        timeline.move(at_position(position - 1, day))
        touched = touched_by(data, timeline, turns[position]) if position in turns else []
        before = outcomes(timeline, touched)
        timeline.move(at_position(position, day))
        if position in turns:
            found.moved[position] = moved(data, before, outcomes(timeline, touched))
        if position in graded:
            score = timeline.score(graded[position])
            is_measured = score is not None and score.share is not None
            found.computed[position] = score.final if score and is_measured else None
    return found


def timeline_from(data: CycleData, position: int) -> Timeline:
    """Return the goals of the cycle right before an event, on its day."""
    closure = below_cycle(data.view, data.members.cycle["id"])
    eve = at_position(position - 1, data.day(position))
    history = GoalHistory(data.view, closure, eve.plan, eve.known, eve.day)
    history.policies = [
        (0, BUILT_IN),
        *((row["known_from"], policy_of(*map(row.get, POLICY_FIELDS))) for row in data.policies),
    ]
    return Timeline(history, eve)


def touched_by(data: CycleData, timeline: Timeline, measured_id: str | None) -> list[str]:
    """Return the objectives of the cycle that a reading counts in, directly or through others."""
    objectives = data.members.objectives
    if measured_id is None:
        return list(objectives)
    touched = timeline.with_parents(timeline.measured_by(measured_id))
    return [id_ for id_ in objectives if id_ in touched]


def outcomes(timeline: Timeline, ids: Iterable[str]) -> dict[str, Outcome]:
    """Return what comes out of promises if nothing more happens, by id."""
    goals = (timeline.goal(id_) for id_ in ids)
    found = {}
    for goal in goals:
        if goal is not None and goal.row["state"] not in NO_PROMISE:
            score, adjusted = timeline.scoring.score(goal), goal.row["adjusted_grade"]
            computed = None if score.share is None else score.final_share
            final = computed if adjusted is None else ratios.ratio(adjusted)
            found[goal.row["id"]] = ratios.outcome(final, timeline.scoring.scorer(goal).bands)
    return found


def moved(
    data: CycleData, before: Mapping[str, Outcome], after: Mapping[str, Outcome]
) -> list[MovedOutcome]:
    """Return the outcomes that differ, in the order of the objectives."""
    return [
        {
            "objective": ref(id_),
            "title": data.members.objectives[id_]["title"],
            "before": before[id_],
            "after": outcome,
        }
        for id_, outcome in after.items()
        if id_ in before and before[id_] != outcome
    ]
