"""Parts of commands that change a part of something: what they leave out, UNSET, stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, UnsetType

from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import Direction, Kind


@dataclass(frozen=True)
class GraceChanges:
    """Another grace for some cadences; those left out stay."""

    daily: int | UnsetType = UNSET
    weekly: int | UnsetType = UNSET
    every_two_weeks: int | UnsetType = UNSET
    monthly: int | UnsetType = UNSET
    quarterly: int | UnsetType = UNSET
    half_yearly: int | UnsetType = UNSET
    yearly: int | UnsetType = UNSET


@dataclass(frozen=True)
class MeasureChanges:
    """Another promise of a key result; what is left out stays, null takes away.

    The kind cannot change. With another direction go the numbers it has none of: the target for
    `within`, the bounds for all others; what the new one needs is named, unless it is there.
    """

    kind: Kind | UnsetType = UNSET
    baseline: Decimal | UnsetType | None = UNSET
    target: Decimal | UnsetType | None = UNSET
    unit: str | UnsetType | None = UNSET
    steps: tuple[str, ...] | UnsetType = field(default=UNSET, metadata={"before": ()})
    zones: Zones | UnsetType | None = UNSET
    direction: Direction | UnsetType | None = UNSET
    minimum: Decimal | UnsetType | None = UNSET
    maximum: Decimal | UnsetType | None = UNSET


@dataclass(frozen=True)
class TargetChanges:
    """Another target of a KPI for the span that holds `starts`, or its days from there on.

    What is left out stays, null takes away: `ends` is the last day of the span.
    """

    starts: date
    ends: date | UnsetType = UNSET
    target: Decimal | UnsetType | None = UNSET
    minimum: Decimal | UnsetType | None = UNSET
    maximum: Decimal | UnsetType | None = UNSET


# A whole measure or target may stand for changes: it names everything. JSON is read as changes.
if TYPE_CHECKING:
    AnyMeasure = MeasureChanges | Measure
    AnyTarget = TargetChanges | Target
else:
    AnyMeasure, AnyTarget = MeasureChanges, TargetChanges


def named(changes: object) -> dict[str, Any]:
    """Return the fields of a command, or of a part of it, that it does not leave out."""
    return {name: value for name, value in vars(changes).items() if value is not UNSET}


def numbers_without(direction: Direction | None) -> tuple[str, ...]:
    """Return which numbers a metric of a direction has none of."""
    return ("target",) if direction == Direction.WITHIN else ("minimum", "maximum")
