"""The formulas of whole boards (`okr_es.scoring.ratios`) over Fraction, for tests to judge them by.

Numbers come in as `Decimal`, `int` or `Fraction` and come out as `Fraction`. A share is a number
where 0 is nothing and 1 is the whole.
"""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

from okr_es.scoring.formulas import Number, Policy, clamped, exact, weighted_mean


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


def pace(progress: Number, expected: Number) -> Fraction | None:
    """Return progress as a share of what was expected by now; None while nothing is expected.

    Both are shares of the way from baseline to target, progress not clamped.
    The project's arithmetic: progress / expected.
    """
    planned = exact(expected)
    return exact(progress) / planned if planned else None


def status(progress: Number | None, expected: Number, *, policy: Policy) -> str:
    """Return how a goal stands: not_measured, on_track, at_risk or off_track.

    Progress is a share, or None without a reading; expected is the share planned by now. The first
    that holds is the answer. The project's arithmetic: on_track from a pace of `policy.on_track`
    and while nothing is expected yet, at_risk from `policy.at_risk`, else off_track.
    """
    if progress is None:
        return "not_measured"
    current = pace(progress, expected)
    if current is None or current >= exact(policy.on_track):
        return "on_track"
    return "at_risk" if current >= exact(policy.at_risk) else "off_track"


def rolled_up(
    own: Number | None, aligned: Iterable[tuple[Number | None, Number]]
) -> Fraction | None:
    """Return an objective's progress with that of the objectives aligned to it, a share in 0..1.

    Takes the mean of its own key results and a (rolled-up value, weight) pair for each aligned
    objective; None stands for not measured. The project's arithmetic: the weighted mean of all
    that is measured, each clamped to 0..1, its own with weight 1; None when nothing is measured.
    Raises `ValueError` for the negative weight of a measured objective.
    """
    return weighted_mean(
        (clamped(value), weight) for value, weight in [(own, 1), *aligned] if value is not None
    )


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
