"""What there is to say of a key result: progress, expectation, pace and status.

A verdict follows from the values alone, so it is remembered: boards are looked at far more
often than their numbers change.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from okr_es import arithmetic
from okr_es.arithmetic import Policy


class Measured(NamedTuple):
    """The values a verdict follows from, as they stand in the rows."""

    kind: str
    baseline: str | None
    target: str | None
    cadence: str
    steps: str | None
    trajectory: str | None
    value: str | None
    zone: str | None
    as_of: str | None


class Verdict(NamedTuple):
    """Progress (also clamped to 0..1) and expectation, exact, and all of it as it is shown."""

    progress: Fraction | None
    clamped: Fraction | None
    expected: Fraction
    status: str
    shown: dict[str, Any]


@lru_cache(maxsize=32_768)
def verdict(
    values: tuple[Any, ...], starts: str, horizon: str, day: date, policy: Policy
) -> Verdict:
    """Judge a key result, by the values of `Measured`, planned from `starts` to `horizon`."""
    measured = Measured._make(values)
    progress = progress_of(measured)
    expected = expected_by(starts, horizon, day, measured.trajectory)
    overdue = arithmetic.is_overdue(
        date.fromisoformat(measured.as_of) if measured.as_of else None,
        measured.cadence,
        min(day, date.fromisoformat(horizon)),
    )
    pace = None if progress is None else arithmetic.pace(progress, expected)
    status = arithmetic.status(progress, expected, overdue=overdue, policy=policy)
    shown = {
        "progress": arithmetic.shown(progress),
        "expected": arithmetic.shown(expected),
        "pace": arithmetic.shown(pace),
        "status": status,
    }
    clamped = None if progress is None else arithmetic.clamped(progress)
    return Verdict(progress, clamped, expected, status, shown)


def progress_of(measured: Measured) -> Fraction | None:
    """Return the progress of a key result, by its kind, or None where it is not measured."""
    if measured.kind == "ordinal":
        return None if measured.zone is None else arithmetic.ordinal_progress(measured.zone)
    if measured.value is None:
        return None
    value = Decimal(measured.value)
    if measured.kind == "milestone":
        steps = len(unpacked(measured.steps, []))
        return arithmetic.milestone_progress(min(int(value), steps or 1), steps)
    baseline, target = Decimal(str(measured.baseline)), Decimal(str(measured.target))
    return arithmetic.metric_progress(baseline, target, value)


def expected_by(starts: str, horizon: str, day: date, trajectory: str | None) -> Fraction:
    """Return the share of the way planned for the day."""
    points = tuple(
        (date.fromisoformat(point["on"]), Decimal(point["share"]))
        for point in unpacked(trajectory, [])
    )
    return arithmetic.expected(date.fromisoformat(starts), date.fromisoformat(horizon), day, points)


def unpacked(text: str | None, empty: Any) -> Any:
    """Return what JSON text stands for."""
    return empty if text is None else msgspec.json.decode(text)
