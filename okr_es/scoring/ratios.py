"""The arithmetic of whole boards: exact shares as pairs of whole numbers.

A ratio is (numerator, denominator) with a denominator above 0. `Fraction` is left out, because its
bookkeeping costs more than the numbers on a board of thousands. A function with a namesake in
`formulas` returns the same number; it is explained there. The formulas are our own conventions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import Final, Literal, NamedTuple, TypeAlias

from okr_es.scoring import formulas, grades
from okr_es.scoring.formulas import Policy
from okr_es.scoring.grades import Outcome

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


class Bands(NamedTuple):
    """From which grade an outcome is met, and from which partly met."""

    expected: Ratio
    yellow_from: Ratio


def bands(commitment: str, policy: Policy) -> Bands:
    """Return a policy's bands of grades, for an objective of a commitment, as ratios."""
    expected = grades.expected_grade(commitment, policy)
    return Bands(expected.as_integer_ratio(), policy.yellow_from.as_integer_ratio())


def outcome(final: Ratio | None, bands: Bands) -> Outcome:
    """Return what came out of a promise by its final grade, a share; None: it has none.

    The project's arithmetic: met from the grade expected of its commitment, partly_met from
    `policy.yellow_from`, else missed; not_measured where nothing was measured and no grade was set
    by hand, for which the caller passes None.
    """
    if final is None:
        return "not_measured"
    (share, below), ((expected, expected_below), (yellow, yellow_below)) = final, bands
    if share * expected_below >= expected * below:
        return "met"
    return "partly_met" if share * yellow_below >= yellow * below else "missed"


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
def milestone_progress(done: int, steps: int) -> Ratio:
    """Return the share of a milestone's steps that are done."""
    return formulas.milestone_progress(done, steps).as_integer_ratio()


@lru_cache(maxsize=16)
def ordinal_progress(zone: str) -> Ratio:
    """Return the score of the zone an ordinal key result has reached."""
    return formulas.ordinal_progress(zone).as_integer_ratio()


def clamped(share: Ratio) -> Ratio:
    """Return the share itself between 0 and 1, else the nearer of the two."""
    if share[0] <= 0:
        return NOTHING
    return WHOLE if share[0] >= share[1] else share


def pace(progress: Ratio, expected: Ratio, grade: Ratio = WHOLE) -> Ratio | None:
    """Return progress as a share of what was expected by now; None while nothing is expected.

    Progress and expected are shares of the way from baseline to target, progress not clamped;
    `grade` is the one expected in the end. The project's arithmetic: progress / (expected x grade).
    """
    if expected[0] == 0:
        return None
    return progress[0] * expected[1] * grade[1], progress[1] * expected[0] * grade[0]


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


def rolled_up(score: Ratio | None, aligned: Iterable[tuple[Ratio | None, Ratio]]) -> Ratio | None:
    """Return an objective's score with the scores of the objectives aligned to it, within 0..1.

    Takes its own score and a (score, weight) pair for each aligned objective; None stands for not
    measured. The project's arithmetic: the weighted mean of all that is measured, its own score
    with weight 1; None when nothing is measured.
    Raises `ValueError` for the negative weight of a measured objective.
    """
    return weighted_mean(
        (value, weight) for value, weight in [(score, WHOLE), *aligned] if value is not None
    )


class Mean(NamedTuple):
    """The score of some parts, each a share and a weight.

    `measured` is the mean of what is measured; None: nothing is. `complete` counts what is not
    measured as 0. `coverage` is the weight measured of all; 0 where nothing weighs.
    """

    measured: Ratio | None
    complete: Ratio
    coverage: Ratio


def mean_of(parts: Sequence[tuple[Ratio | None, Ratio]]) -> Mean:
    """Return the score of (share, weight) pairs; a share of None is not measured.

    The project's arithmetic: `weighted_mean` of what is measured; coverage is the weight measured
    / the weight of all, and the complete score is the one times the other.
    """
    measured = [(share, weight) for share, weight in parts if share is not None]
    mean = weighted_mean(measured)
    if mean is None:
        return Mean(None, NOTHING, NOTHING)
    mean = reduced(*mean)
    if len(measured) == len(parts):
        return Mean(mean, mean, WHOLE)
    coverage = weighted_mean((NOTHING if share is None else WHOLE, each) for share, each in parts)
    coverage = NOTHING if coverage is None else reduced(*coverage)
    return Mean(mean, reduced(mean[0] * coverage[0], mean[1] * coverage[1]), coverage)
