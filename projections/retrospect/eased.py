"""Whether a changed promise or target is easier than the one before, and by how much: exact."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from okr_es.domain.values import DIGITS_AFTER, Direction, Kind
from okr_es.scoring import formulas
from projections.goals.key_result_scores import decoded
from projections.read_model.tables import Row

BOUNDS = ("target", "minimum", "maximum")
FARTHER = Fraction(1, 10**DIGITS_AFTER)


class Eased(NamedTuple):
    """By how much a target was made easier.

    `amount` is in its unit (steps of a milestone), None where it is in words or only the
    baseline moved; `share` is the part of the way that was let off, None where there is no way.
    """

    amount: Fraction | None
    share: Fraction | None


def eased_measure(before: Row, after: Row) -> Eased | None:
    """Return by how much what a key result promises was made easier; None if it was not.

    A promise of another kind, which no rule of today allows, is another promise: it counts.
    """
    if before["kind"] != after["kind"]:
        return Eased(None, None)
    return {Kind.METRIC: metric, Kind.MILESTONE: milestone, Kind.ORDINAL: ordinal}[
        Kind(after["kind"])
    ](before, after)


def metric(before: Row, after: Row) -> Eased | None:
    """Return by how much a metric was eased: its target came nearer, or it begins further on.

    A target on the other side of the baseline is another promise, and counts as an easier one; so
    does one to keep in the place of one to reach, or of another direction.
    """
    if before.get("direction") != after.get("direction"):
        return Eased(None, None)
    if after.get("direction") is not None:
        return metric_to_keep(before, after)
    way, other = way_of(before), way_of(after)
    if not is_easier(way, other):
        return None
    (b0, t0), (b1, t1) = (tuple(map(Fraction, each)) for each in (way, other))
    if is_nearer(way, other):  # also past the baseline
        return Eased(abs(t0 - t1), (t0 - t1) / (t0 - b0))
    turned = (t0 > b0) != (t1 > b1)
    return Eased(None, None if turned else (b0 - b1) / (t1 - b1))


class Way(NamedTuple):
    """What a metric to reach promises: from a baseline to a target."""

    baseline: Decimal
    target: Decimal


def way_of(row: Row) -> Way:
    """Return the way of a metric to reach, by its row."""
    return Way(Decimal(row["baseline"]), Decimal(row["target"]))


def is_nearer(before: Way, after: Way) -> bool:
    """Return whether a target came nearer to the baseline, or went past it."""
    (b0, t0), t1 = before, after.target
    return t0 != t1 and (t0 > t1) == (t0 > b0)


def is_easier(before: Way, after: Way) -> bool:
    """Return whether a way is easier than another; without any way, as old streams may have it, no.

    Two numbers are only compared, which is quick; by how much it is says `metric`.
    """
    (b0, t0), (b1, t1) = before, after
    if t0 == b0 or t1 == b1:
        return False
    turned = (t0 > b0) != (t1 > b1)
    begins_further_on = b0 != b1 and (b0 > b1) == (t1 > b1)
    return turned or is_nearer(before, after) or begins_further_on


def is_eased(before: Row, after: Row) -> bool:
    """Return whether what a key result promises was made easier, as `eased_measure` finds."""
    kinds = before["kind"], after["kind"]
    is_kept = before["direction"] is not None or after["direction"] is not None
    if kinds == (Kind.METRIC, Kind.METRIC) and not is_kept:
        return is_easier(way_of(before), way_of(after))
    return eased_measure(before, after) is not None


def metric_to_keep(before: Row, after: Row) -> Eased | None:
    """Return by how much a metric to keep was eased: its bounds went apart, or it falls slower."""
    eased = eased_target(after["direction"], before["baseline"], before, after)
    if eased is not None:
        return eased
    is_same = all(before[name] == after[name] for name in BOUNDS)
    return Eased(None, None) if is_same and falls_slower(before, after) else None


def falls_slower(before: Row, after: Row) -> bool:
    """Return whether a value outside the same bounds has more progress by another baseline."""
    return any(
        progress_at(after, bound, step) > progress_at(before, bound, step)
        for name in BOUNDS
        if (bound := after[name]) is not None
        for step in (FARTHER, -FARTHER)
    )


def progress_at(row: Row, bound: str, step: Fraction) -> Fraction:
    """Return the progress of a key result to keep, at a small step from one of its bounds."""
    numbers = {name: Decimal(row[name]) for name in (*BOUNDS, "baseline") if row[name] is not None}
    return formulas.kpi_progress(row["direction"], Fraction(bound) + step, **numbers)


def milestone(before: Row, after: Row) -> Eased | None:
    """Return by how many steps a milestone was shortened; without steps it is done or not."""
    was, now = (max(len(decoded(row["steps"] or "[]")), 1) for row in (before, after))
    return Eased(Fraction(was - now), Fraction(was - now, was)) if now < was else None


def ordinal(before: Row, after: Row) -> Eased | None:
    """Return that a zone was worded otherwise: only a person can judge whether it is easier."""
    is_moved = decoded(before["zones"]) != decoded(after["zones"])
    return Eased(None, None) if is_moved else None


def eased_target(direction: str, baseline: str | None, before: Row, after: Row) -> Eased | None:
    """Return by how much the target of a KPI was made easier; None if it was not."""
    if all(after[bound] is None for bound in BOUNDS):
        is_lost = any(before[bound] is not None for bound in BOUNDS)
        return Eased(None, None) if is_lost else None
    is_range = direction == Direction.WITHIN
    bounds = ("minimum", "maximum") if is_range else ("target",)
    if any(row[bound] is None for row in (before, after) for bound in bounds):
        return None  # of another shape than the direction, as old streams may have it
    amount = LET_OFF[Direction(direction)](before, after)
    if amount <= 0:
        return None
    way = None if is_range or baseline is None else Fraction(before["target"]) - Fraction(baseline)
    return Eased(amount, amount / abs(way) if way else None)


def went_down(before: Row, after: Row) -> Fraction:
    """Return by how much a target that wants more went down."""
    return Fraction(before["target"]) - Fraction(after["target"])


def went_up(before: Row, after: Row) -> Fraction:
    """Return by how much a target that wants less went up."""
    return -went_down(before, after)


def went_apart(before: Row, after: Row) -> Fraction:
    """Return by how much the bounds of a range went apart, at either end."""
    down = Fraction(before["minimum"]) - Fraction(after["minimum"])
    up = Fraction(after["maximum"]) - Fraction(before["maximum"])
    return max(down, Fraction(0)) + max(up, Fraction(0))


LET_OFF: dict[Direction, Callable[[Row, Row], Fraction]] = {
    Direction.INCREASE: went_down,
    Direction.AT_LEAST: went_down,
    Direction.DECREASE: went_up,
    Direction.AT_MOST: went_up,
    Direction.WITHIN: went_apart,
}
