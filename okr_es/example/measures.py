"""What is promised: key results as they are planned, their measures, and targets of KPIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import Direction, Kind, Point

Number = int | str


@dataclass(frozen=True)
class Result:
    """A key result as it is planned."""

    name: str
    says: str
    measure: Measure
    weight: Number = 1
    cadence: str = "every_two_weeks"
    along: Mapping[str, str] | None = None
    fed_by: str | None = None


def number(start: Number, to: Number, unit: str) -> Measure:
    """Return the measure of a metric: from where, to where, in which unit."""
    return Measure(Kind.METRIC, Decimal(start), Decimal(to), unit)


def at_most(bound: Number, start: Number, unit: str) -> Measure:
    """Return the measure of a metric to keep: at most how much, from where, in which unit."""
    target, baseline = Decimal(bound), Decimal(start)
    return Measure(Kind.METRIC, baseline, target, unit, direction=Direction.AT_MOST)


def steps(*named_steps: str) -> Measure:
    """Return the measure of a milestone."""
    return Measure(Kind.MILESTONE, steps=named_steps)


def zones(commit: str, target: str, stretch: str) -> Measure:
    """Return the measure of an ordinal."""
    return Measure(Kind.ORDINAL, zones=Zones(commit, target, stretch))


def along(points: Mapping[str, str] | None) -> tuple[Point, ...]:
    """Return the dated points of a trajectory."""
    planned = (points or {}).items()
    return tuple(Point(date.fromisoformat(day), Decimal(share)) for day, share in planned)


def wanted(starts: str, ends: str, target: Number) -> Target:
    """Return a target for a span of days."""
    return Target(date.fromisoformat(starts), date.fromisoformat(ends), Decimal(target))


def between(starts: str, ends: str, minimum: Number, maximum: Number) -> Target:
    """Return bounds for a span of days."""
    first, last = date.fromisoformat(starts), date.fromisoformat(ends)
    return Target(first, last, minimum=Decimal(minimum), maximum=Decimal(maximum))
