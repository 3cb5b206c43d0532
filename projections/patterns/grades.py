"""Grades that differ from the computed one, and grades that owners gave themselves."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from okr_es.scoring import formulas
from okr_es.scoring.shown import cut_down, difference
from projections.as_of.hierarchy import below_objectives
from projections.goals.goal_history import GoalHistory
from projections.goals.timeline import Timeline, at_position
from projections.patterns.cycle_data import CycleData, Facts, Finding
from projections.read_model.tables import Row


def gradings(data: CycleData) -> list[Row]:
    """Return the objectives as they were right after each grading, in the order of the log."""
    graded = [
        after
        for id_ in data.objectives
        for before, after in data.steps("objective", id_)
        if after["graded"] and not before["graded"]
    ]
    return sorted(graded, key=lambda row: int(row["known_from"]))


def adjusted_grades(data: CycleData) -> Iterable[Finding]:
    """Yield grades that were set otherwise than computed at that moment, and by how much."""
    adjusted = [row for row in gradings(data) if row["adjusted_grade"] is not None]
    for row, computed in zip(adjusted, grades_computed(data, adjusted), strict=True):
        amount = None if computed is None else Fraction(row["adjusted_grade"]) - computed
        if amount != 0:
            shown = None if amount is None else str(difference(amount))
            facts: Facts = {"amount": shown, "computed": cut_down(computed)}
            yield Finding("adjusted_grade", row["id"], (row["known_from"],), facts)


def grades_computed(data: CycleData, rows: list[Row]) -> Iterable[Fraction | None]:
    """Yield the computed grade of each of some objectives at the beginning of its row.

    The rows are in the order of the log, so one timeline goes through all of them.
    """
    if not rows:
        return
    first = at_position(rows[0]["known_from"], data.day(rows[0]["known_from"]))
    closure = below_objectives(data.view, sorted({row["id"] for row in rows}))
    timeline = Timeline(GoalHistory(data.view, closure, first.plan, first.known, first.day), first)
    for row in rows:
        position = row["known_from"]
        timeline.move(at_position(position, data.day(position)))
        score = timeline.score(row["id"])
        whole = None if score is None else score.whole
        yield None if whole is None else formulas.clamped(whole)


def graded_their_own(data: CycleData) -> Iterable[Finding]:
    """Yield gradings by the owner of that time, or on their behalf."""
    for row in gradings(data):
        event = data.events[row["known_from"]]
        if row["owner_id"] in {event.by, event.on_behalf_of}:
            yield Finding("graded_own", row["id"], (event.position,), {})
