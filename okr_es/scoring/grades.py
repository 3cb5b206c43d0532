"""The project's arithmetic of what came out: bands, expected grades, outcomes, days late.

Numbers come in as `Decimal`, `int` or `Fraction` and are exact; a share is a number where 0 is
nothing and 1 is the whole. The formulas are our own conventions; each is stated with its function.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from okr_es.scoring.formulas import Number, Policy, exact

Band: TypeAlias = Literal["red", "yellow", "green"]
Outcome: TypeAlias = Literal["met", "partly_met", "missed", "not_measured"]
EndedBy: TypeAlias = Literal["graded", "abandoned", "carried_over", "ungraded"]


def expected_grade(commitment: str, policy: Policy) -> Decimal:
    """Return the grade, a share, expected of an objective that is committed or aspirational.

    The project's arithmetic, unless the policy says otherwise: committed 1, aspirational 0.7.
    Raises `ValueError` for any other commitment.
    """
    if commitment == "committed":
        return policy.committed_expected
    if commitment == "aspirational":
        return policy.aspirational_expected
    raise ValueError(f"{commitment!r} is not a commitment: committed or aspirational")


def grade_band(score: Number, commitment: str, policy: Policy) -> Band:
    """Return the colour of a grade (a share) of an objective: red, yellow or green.

    The project's arithmetic, half open: red below `policy.yellow_from`, yellow from there, green
    from the grade expected of its commitment. A score below 0 is red and one above 1 green.
    """
    share = exact(score)
    if share >= exact(expected_grade(commitment, policy)):
        return "green"
    return "yellow" if share >= exact(policy.yellow_from) else "red"


def ended_by(state: str, *, graded: bool, closed: bool) -> EndedBy | None:
    """Return by what an objective has ended; None while it runs, and for a draft.

    Takes its state, whether it was graded, and whether its cycle is closed. The project's
    arithmetic: carried over also when graded; ungraded is what closed without a grade.
    """
    if state == "abandoned":
        return "abandoned"
    if state == "carried_over":
        return "carried_over"
    if state != "committed":
        return None
    if graded:
        return "graded"
    return "ungraded" if closed else None


def days_late(due: date, wanted: Number, scores: Sequence[tuple[date, Number | None]]) -> int:
    """Return by how many calendar days after it was due a score came to stay at a grade.

    Takes the grade, a share, and scores by the day from which each held, in order of days, the
    first of them no later than `due`; None stands for not measured. The last one is at the grade.
    The project's arithmetic: the days from `due` to the day from which the score stayed there; 0
    where that was by `due`.
    """
    since = due
    grade = exact(wanted)
    is_there = True
    for day, score in scores:
        was_there, is_there = is_there, score is not None and exact(score) >= grade
        if is_there and not was_there:
            since = day
    return max((since - due).days, 0)
