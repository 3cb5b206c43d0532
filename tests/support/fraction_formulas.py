"""The formulas of whole boards (`okr_es.scoring.ratios`) over Fraction, for tests to judge them by.

Numbers come in as `Decimal`, `int` or `Fraction` and come out as `Fraction`. A share is a number
where 0 is nothing and 1 is the whole.
"""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

from okr_es.scoring.formulas import Number, Policy, exact


def metric_progress(baseline: Number, target: Number, actual: Number) -> Fraction:
    """Return the share of the way from baseline to target that the actual value has gone.

    All three are in the metric's own unit. The project's arithmetic is
    `(actual - baseline) / (target - baseline)`, the same for decreases and not clamped: below 0 is
    further away than at the start, above 1 is beyond the target.
    Raises `ValueError` when baseline and target are equal.
    """
    start, way = exact(baseline), exact(target) - exact(baseline)
    if way == 0:
        raise ValueError(f"baseline and target are both {baseline}: there is no way to go")
    return (exact(actual) - start) / way


def pace(progress: Number, expected: Number, grade: Number) -> Fraction | None:
    """Return progress as a share of what was expected by now; None while nothing is expected.

    Progress and expected are shares of the way from baseline to target, progress not clamped; the
    grade is the one expected in the end. The project's arithmetic: progress / (expected x grade).
    """
    planned = exact(expected) * exact(grade)
    return exact(progress) / planned if planned else None


def status(pace: Fraction | None, policy: Policy) -> str:
    """Return how a goal stands that is measured: on_track, at_risk or off_track.

    The project's arithmetic: on_track from a pace of `policy.on_track` and while nothing is
    expected yet (None), at_risk from `policy.at_risk`, else off_track.
    """
    if pace is None or pace >= exact(policy.on_track):
        return "on_track"
    return "at_risk" if pace >= exact(policy.at_risk) else "off_track"


class Mean(NamedTuple):
    """The score of some parts: of what is measured, with the rest as 0, and the weight measured."""

    measured: Fraction | None
    complete: Fraction
    coverage: Fraction


def mean_of(parts: Iterable[tuple[Number | None, Number]]) -> Mean:
    """Return the score of (share, weight) pairs; a share of None is not measured."""
    every = [(None if share is None else exact(share), exact(weight)) for share, weight in parts]
    whole = sum(weight for _, weight in every)
    found = [(share, weight) for share, weight in every if share is not None]
    weights = sum(weight for _, weight in found)
    top = sum((share * weight for share, weight in found), Fraction(0))
    if not weights:
        return Mean(None, Fraction(0), Fraction(0))
    return Mean(top / weights, top / whole, weights / whole)


def rolled_up(
    score: Number | None, aligned: Iterable[tuple[Number | None, Number]]
) -> Fraction | None:
    """Return an objective's score with the scores of the objectives aligned to it, a share in 0..1.

    Takes its own score and a (score, weight) pair for each; None stands for not measured. The
    project's arithmetic: the weighted mean of all that is measured, its own with weight 1.
    """
    return mean_of([(score, 1), *aligned]).measured


def milestone_progress(steps: list[str], then: list[str], done: list[str], value: int) -> Fraction:
    """Return the share of the steps done, of those there are now, by the steps there were then."""
    if steps:
        return Fraction(sum(step in done for step in steps), len(steps))
    return Fraction(int(set(then) <= set(done) if then else value >= 1))


# Numbers as they are shown


def cut_down(x: Number | None) -> Decimal | None:
    """Return a share cut down to four places, to more where that would be 0; None stays None."""
    return None if x is None else cut(exact(x), ROUND_FLOOR)


def cut_up(x: Number | None) -> Decimal | None:
    """Return a share cut up to four places, to more where that would be 0; None stays None."""
    return None if x is None else cut(exact(x), ROUND_CEILING)


def cut(x: Fraction, how: str) -> Decimal:
    """Return a number rounded one way by the decimal module."""
    with localcontext(prec=500):
        long = Decimal(x.numerator) / Decimal(x.denominator)
        for places in range(4, 400):
            found = long.quantize(Decimal(1).scaleb(-places), how)
            if found or not x:
                return abs(found) if not x else found
    raise ValueError(f"{x} is too small to be shown")
