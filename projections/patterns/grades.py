"""Grades that differ from the computed one, and grades that owners gave themselves."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from okr_es.scoring.shown import cut_down, difference
from projections.patterns.cycle_data import CycleData, Facts, Finding
from projections.patterns.judgements import Judgements
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


def adjusted(data: CycleData) -> list[Row]:
    """Return those gradings that set a grade by hand."""
    return [row for row in gradings(data) if row["adjusted_grade"] is not None]


def adjusted_grades(data: CycleData, judged: Judgements) -> Iterable[Finding]:
    """Yield grades that were set otherwise than computed at that moment, and by how much."""
    for row in adjusted(data):
        computed = judged.computed[row["known_from"]]
        amount = None if computed is None else Fraction(row["adjusted_grade"]) - computed
        if amount != 0:
            shown = None if amount is None else str(difference(amount))
            facts: Facts = {"amount": shown, "computed": cut_down(computed)}
            yield Finding("adjusted_grade", row["id"], (row["known_from"],), facts)


def graded_their_own(data: CycleData) -> Iterable[Finding]:
    """Yield gradings by the owner of that time, or on their behalf."""
    for row in gradings(data):
        event = data.events[row["known_from"]]
        if row["owner_id"] in {event.by, event.on_behalf_of}:
            yield Finding("graded_own", row["id"], (event.position,), {})
