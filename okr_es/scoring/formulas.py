"""The project's arithmetic: progress, expectation, status, roll-up and grades as pure functions.

Numbers come in as `Decimal`, `int` or `Fraction`, are exact inside and come out as `Fraction`;
`okr_es.scoring.shown` rounds once, for an answer. A share is a number where 0 is nothing and 1 is
the whole. A `float` is refused with `TypeError`, a number that is not finite with `ValueError`. The
formulas are our own conventions; each is stated with its function.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, TypeAlias

Number: TypeAlias = Decimal | int | Fraction

NOTHING: Final = Fraction(0)
WHOLE: Final = Fraction(1)

ZONE_FROM: Final[dict[str, Fraction]] = {
    "stretch": WHOLE,
    "target": Fraction(7, 10),
    "commit": Fraction(3, 10),
}
"""The score from which an ordinal key result stands in a zone, highest first; below is `fail`."""


@dataclass(frozen=True)
class Policy:
    """The scoring policy: the thresholds of pace, the bands of grades and the grades we expect.

    All are shares. Nothing is checked here, so a policy once recorded can always be read back.
    """

    on_track: Decimal = Decimal("0.9")
    at_risk: Decimal = Decimal("0.7")
    yellow_from: Decimal = Decimal("0.4")
    green_from: Decimal = Decimal("0.7")
    committed_expected: Decimal = Decimal(1)
    aspirational_expected: Decimal = Decimal("0.7")


# Progress of one key result or KPI


def kpi_progress(
    direction: str,
    actual: Number,
    *,
    target: Number | None = None,
    minimum: Number | None = None,
    maximum: Number | None = None,
    baseline: Number | None = None,
) -> Fraction:
    """Return how far a KPI is from its bound: a share in 0..1, which is 1 exactly when it is met.

    All values are in the KPI's own unit. The bound of `increase` and `at_least` is the target, or
    the minimum where no target is given; of `decrease` and `at_most` the target, or the maximum;
    `within` has both minimum and maximum.

    The project's arithmetic: 1 inside; outside, it falls linearly to 0 at the baseline. For
    `increase` and `decrease` that is `ratios.metric_progress`, clamped. Without a baseline it
    reaches 0 at 100 % distance, that is one whole bound away: at 0 or 160 for a bound of 80. A
    bound of 0 has no percentage, so there the distance is 1 in the KPI's unit (one incident; 100 %
    for a share).
    A baseline says nothing about a miss on the other side of the bound, and a baseline on the good
    side says nothing at all: then it counts as not given.
    Raises `ValueError` for an unknown direction, a missing bound, or a minimum above the maximum.
    """
    value = exact(actual)
    bound = _missed_bound(value, *_bounds(direction, target, minimum, maximum))
    if bound is None:
        return WHOLE
    origin = bound if baseline is None else exact(baseline)
    return clamped(1 - abs(value - bound) / _reach(value, bound, origin))


def kpi_met(
    direction: str,
    actual: Number,
    *,
    target: Number | None = None,
    minimum: Number | None = None,
    maximum: Number | None = None,
) -> bool:
    """Say whether a KPI's value is on the good side of its bound; the bound itself is good.

    Values, bounds and errors are those of `kpi_progress`. The project's arithmetic: `increase` and
    `at_least` need `actual >= bound`, `decrease` and `at_most` need `actual <= bound`, and `within`
    needs `minimum <= actual <= maximum`.
    """
    return _missed_bound(exact(actual), *_bounds(direction, target, minimum, maximum)) is None


def hit_rate(met: Iterable[bool]) -> Fraction | None:
    """Return the share of periods of the cadence in which a KPI was met; None for no periods.

    Takes one answer of `kpi_met` for each period. The project's arithmetic: hits / periods.
    """
    hits = [bool(one) for one in met]
    return Fraction(sum(hits), len(hits)) if hits else None


def milestone_progress(done: int, steps: int) -> Fraction:
    """Return the share of a milestone's steps that are done.

    Both are counts. The project's arithmetic: done / steps; a milestone without steps is done (1)
    or not (0). Raises `ValueError` for a negative count or for more done than there is to do.
    """
    whole = steps or 1
    if not 0 <= done <= whole:
        raise ValueError(f"{done} done of {steps} steps is impossible")
    return Fraction(done, whole)


def ordinal_progress(zone: str) -> Fraction:
    """Return the score of an ordinal key result from the zone it has reached, as a share.

    The project's arithmetic: none 0, commit 0.3, target 0.7, stretch 1: the score at which each
    zone begins. `fail`, which is how `zone_of` names no zone reached, is 0 as well.
    Raises `ValueError` for an unknown zone.
    """
    if zone in ("none", "fail"):
        return NOTHING
    if zone not in ZONE_FROM:
        raise ValueError(f"{zone!r} is not a zone: none, commit, target or stretch")
    return ZONE_FROM[zone]


def zone_of(score: Number) -> str:
    """Return the zone in which a score (a share) stands: fail, commit, target or stretch.

    The project's arithmetic: fail < 0.3 <= commit < 0.7 <= target < 1 <= stretch.
    """
    share = exact(score)
    return next((zone for zone, begin in ZONE_FROM.items() if share >= begin), "fail")


def clamped(x: Number) -> Fraction:
    """Return the share itself between 0 and 1, else the nearer of the two.

    The project's arithmetic keeps progress unclamped and clamps it where it is rolled up.
    """
    share = exact(x)
    if share.numerator <= 0:
        return NOTHING
    return WHOLE if share.numerator >= share.denominator else share


# What was expected, and how we stand against it


def expected(
    starts: date, ends: date, day: date, points: Sequence[tuple[date, Decimal]] = ()
) -> Fraction:
    """Return the share of the way from baseline to target planned for the end of a day.

    Takes the first and the last day of the period and, for a trajectory that is not one straight
    line, dated points in any order, each the share planned for the end of its day.

    The project's arithmetic: linear from 0 on the eve of the first day to 1 on the last, through
    every point between; 0 before the first day, 1 after the last. A point on the last day takes the
    place of the 1 there. A point outside the period is left aside, for the period may have moved
    since. A trajectory may dip where its points do.
    Raises `ValueError` when the period ends before it starts, a share is outside 0..1, or two
    points fall on one day.
    """
    return _expected(starts, ends, day, tuple(points))


@lru_cache(maxsize=4_096)
def _expected(
    starts: date, ends: date, day: date, points: tuple[tuple[date, Decimal], ...]
) -> Fraction:
    """Return what `expected` does; remembered, because a whole board asks for the same day."""
    trajectory, today = _trajectory(starts, ends, points), day.toordinal()
    if day < starts:
        return NOTHING
    for (left, low), (right, high) in pairwise(trajectory):
        if today <= right:
            return low + (high - low) * Fraction(today - left, right - left)
    return WHOLE


# Roll-up


def weighted_mean(parts: Iterable[tuple[Number, Number]]) -> Fraction | None:
    """Return the weighted mean of (value, weight) pairs; None when nothing is left to weigh.

    Values share one unit, weights are relative and need not sum to 1. The project's arithmetic:
    sum(value * weight) / sum(weight), so a weight of 0 leaves its value out.
    Raises `ValueError` for a negative weight.
    """
    top, below, weights, shares = 0, 1, 0, 1  # top / below and weights / shares, not reduced
    for value, weight in parts:
        each, weighs = exact(value), exact(weight)
        if weighs.numerator < 0:
            raise ValueError("a weight is never negative")
        denominator = each.denominator * weighs.denominator
        top = top * denominator + each.numerator * weighs.numerator * below
        below *= denominator
        weights = weights * weighs.denominator + weighs.numerator * shares
        shares *= weighs.denominator
    return Fraction(top * shares, below * weights) if weights else None


# Grades


def grade_band(score: Number, policy: Policy) -> Literal["red", "yellow", "green"]:
    """Return the colour of a grade (a share): red, yellow or green.

    The project's arithmetic, half open: red below `policy.yellow_from`, yellow from there, green
    from `policy.green_from`. A score below 0 is red and one above 1 green.
    """
    share = exact(score)
    if share >= exact(policy.green_from):
        return "green"
    return "yellow" if share >= exact(policy.yellow_from) else "red"


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


# Inside


def exact(value: object) -> Fraction:
    if type(value) is Fraction:
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a finite number")
        return _of_decimal(value)
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    raise TypeError(f"{value!r} is not an exact number: Decimal, int or Fraction")


@lru_cache(maxsize=65_536)
def _of_decimal(value: Decimal) -> Fraction:
    """Return a decimal as a fraction; remembered, because targets and weights come again."""
    return Fraction(value)


def _bounds(
    direction: str, target: Number | None, minimum: Number | None, maximum: Number | None
) -> tuple[Fraction | None, Fraction | None]:
    """Return the lowest and the highest good value; None where there is no such bound."""
    if direction in ("increase", "at_least"):
        return _given(direction, "target", target, minimum), None
    if direction in ("decrease", "at_most"):
        return None, _given(direction, "target", target, maximum)
    if direction != "within":
        raise ValueError(
            f"{direction!r} is not a direction: increase, decrease, at_least, at_most or within"
        )
    low, high = _given(direction, "minimum", minimum), _given(direction, "maximum", maximum)
    if low > high:
        raise ValueError(f"the minimum {minimum} is above the maximum {maximum}")
    return low, high


def _given(direction: str, name: str, *candidates: Number | None) -> Fraction:
    for candidate in candidates:
        if candidate is not None:
            return exact(candidate)
    raise ValueError(f"a KPI of direction {direction} needs a {name}")


def _missed_bound(value: Fraction, low: Fraction | None, high: Fraction | None) -> Fraction | None:
    if low is not None and value < low:
        return low
    return high if high is not None and value > high else None


def _reach(value: Fraction, bound: Fraction, origin: Fraction) -> Fraction:
    """Return how far from a missed bound progress reaches 0: at the origin, when on that side."""
    if (origin - bound) * (value - bound) > 0:
        return abs(origin - bound)
    return abs(bound) or WHOLE


def _trajectory(
    starts: date, ends: date, points: Sequence[tuple[date, Decimal]]
) -> list[tuple[int, Fraction]]:
    """Return the corners of the planned line as (day number, share), in order of days."""
    if ends < starts:
        raise ValueError(f"the period ends on {ends}, before it starts on {starts}")
    planned = {on.toordinal(): exact(share) for on, share in points}
    if len(planned) < len(points):
        raise ValueError("two points of a trajectory fall on one day")
    if any(share != clamped(share) for share in planned.values()):
        raise ValueError("a point of a trajectory is a share between 0 and 1")
    first, last = starts.toordinal(), ends.toordinal()
    inside = {on: share for on, share in planned.items() if first <= on <= last}
    return sorted({first - 1: NOTHING, last: WHOLE, **inside}.items())
