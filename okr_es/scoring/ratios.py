"""The arithmetic of whole boards: exact shares as pairs of whole numbers.

A ratio is (numerator, denominator) with a denominator above 0. `Fraction` is left out, because its
bookkeeping costs more than the numbers on a board of thousands. A function with a namesake in
`formulas` returns the same number; it is explained there. The formulas are our own conventions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import Final, Literal, NamedTuple, TypeAlias

from okr_es.scoring import formulas
from okr_es.scoring.formulas import Policy

Ratio: TypeAlias = tuple[int, int]
PaceStatus: TypeAlias = Literal["on_track", "at_risk", "off_track"]

NOTHING: Final[Ratio] = (0, 1)
WHOLE: Final[Ratio] = (1, 1)


class Thresholds(NamedTuple):
    """From which pace a goal is on track, and from which at risk."""

    on_track: Ratio
    at_risk: Ratio


def thresholds(policy: Policy) -> Thresholds:
    """Return a policy's thresholds of pace as ratios."""
    return Thresholds(policy.on_track.as_integer_ratio(), policy.at_risk.as_integer_ratio())


@lru_cache(maxsize=65_536)
def ratio(text: str) -> Ratio:
    """Return the decimal a text stands for; remembered, because targets and weights come again."""
    return Decimal(text).as_integer_ratio()


@lru_cache(maxsize=16_384)
def ordinal(day: str) -> int:
    """Return the number of a day, written as a date."""
    return date.fromisoformat(day).toordinal()


def fraction(share: Ratio | None) -> Fraction | None:
    """Return a ratio as a fraction; None stays None."""
    return None if share is None else Fraction(*share)


def metric_progress(baseline: Ratio, target: Ratio, actual: Ratio) -> Ratio:
    """Return the share of the way from baseline to target that the actual value has gone.

    All three are in the metric's own unit. The project's arithmetic is
    `(actual - baseline) / (target - baseline)`, the same for decreases and not clamped: below 0 is
    further away than at the start, above 1 is beyond the target.
    Raises `ValueError` when baseline and target are equal.
    """
    (start, start_below), (end, end_below), (now, now_below) = baseline, target, actual
    gone = (now * start_below - start * now_below) * end_below
    way = (end * start_below - start * end_below) * now_below
    if way > 0:
        return gone, way
    if way == 0:
        raise ValueError("baseline and target are equal: there is no way to go")
    return -gone, -way


@lru_cache(maxsize=4_096)
def progress_to_keep(
    direction: str,
    value: Ratio,
    target: str | None,
    minimum: str | None,
    maximum: str | None,
    baseline: str | None,
) -> Ratio:
    """Return how near a value is to what is to be kept: 1 inside, see `formulas.kpi_progress`."""
    numbers = {"target": target, "minimum": minimum, "maximum": maximum, "baseline": baseline}
    bounds = {name: Decimal(text) for name, text in numbers.items() if text is not None}
    return formulas.kpi_progress(direction, Fraction(*value), **bounds).as_integer_ratio()


@lru_cache(maxsize=4_096)
def milestone_progress(done: str, steps: int) -> Ratio:
    """Return the share of a milestone's steps that are done; more than there are count as all."""
    counted = min(int(Decimal(done)), steps or 1)
    return formulas.milestone_progress(counted, steps).as_integer_ratio()


@lru_cache(maxsize=16)
def ordinal_progress(zone: str) -> Ratio:
    """Return the score of the zone an ordinal key result has reached."""
    return formulas.ordinal_progress(zone).as_integer_ratio()


def clamped(share: Ratio) -> Ratio:
    """Return the share itself between 0 and 1, else the nearer of the two."""
    if share[0] <= 0:
        return NOTHING
    return WHOLE if share[0] >= share[1] else share


def pace(progress: Ratio, expected: Ratio) -> Ratio | None:
    """Return progress as a share of what was expected by now; None while nothing is expected.

    Both are shares of the way from baseline to target, progress not clamped.
    The project's arithmetic: progress / expected.
    """
    if expected[0] == 0:
        return None
    return progress[0] * expected[1], progress[1] * expected[0]


def status(pace: Ratio | None, thresholds: Thresholds) -> PaceStatus:
    """Return how a goal stands that is measured and not overdue: on_track, at_risk or off_track.

    The project's arithmetic: on_track from a pace of `policy.on_track` and while nothing is
    expected yet (None), at_risk from `policy.at_risk`, else off_track.
    """
    if pace is None:
        return "on_track"
    (share, below), ((on_track, on_track_below), (at_risk, at_risk_below)) = pace, thresholds
    if share * on_track_below >= on_track * below:
        return "on_track"
    return "at_risk" if share * at_risk_below >= at_risk * below else "off_track"


def status_to_keep(progress: Ratio, thresholds: Thresholds) -> PaceStatus:
    """Return how a goal stands that is to be kept, by its progress, which is 1 inside.

    The project's arithmetic: on_track inside; outside at_risk from `policy.at_risk`, else
    off_track.
    """
    if progress == WHOLE:
        return "on_track"
    share, below = thresholds.at_risk
    return "at_risk" if progress[0] * below >= share * progress[1] else "off_track"


def weighted_mean(parts: Iterable[tuple[Ratio, Ratio]]) -> Ratio | None:
    """Return the weighted mean of (value, weight) pairs; None when nothing is left to weigh."""
    top, below, weights, shares = 0, 1, 0, 1  # top / below and weights, both in 1 / shares
    for (value, value_below), (weight, weight_below) in parts:
        if weight < 0:
            raise ValueError("a weight is never negative")
        scale = 1
        if weight_below != shares:
            weights, top = weights * weight_below, top * weight_below
            scale, shares = shares, shares * weight_below
        weights += weight * scale
        top = top * value_below + value * weight * scale * below
        below *= value_below
    return (top, below * weights) if weights else None


def reduced(numerator: int, denominator: int) -> Ratio:
    """Return a ratio in lowest terms."""
    common = gcd(numerator, denominator)
    return numerator // common, denominator // common


def rolled_up(own: Ratio | None, aligned: Iterable[tuple[Ratio | None, Ratio]]) -> Ratio | None:
    """Return an objective's progress with that of the objectives aligned to it, within 0..1.

    Takes the mean of its own key results and a (rolled-up value, weight) pair for each aligned
    objective; None stands for not measured. The project's arithmetic: the weighted mean of all
    that is measured, each clamped to 0..1, its own with weight 1; None when nothing is measured.
    The ratio comes in lowest terms, or the numbers would grow with every goal below.
    Raises `ValueError` for the negative weight of a measured objective.
    """
    mean = weighted_mean(
        (clamped(value), weight) for value, weight in [(own, WHOLE), *aligned] if value is not None
    )
    return None if mean is None else reduced(*mean)
