"""What a KPI is to come to in a span of days, and what was counted from a day on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from okr_es.domain import values
from okr_es.domain.measure import require_bounds
from okr_es.domain.refusals import (
    SpanHasNoTarget,
    SpansOverlap,
    TargetEqualsBaseline,
    TargetIsBehindBaseline,
)
from okr_es.domain.values import Aggregation, Direction


@dataclass(frozen=True)
class Target:
    """What is wanted from first to last day of a span: a number, or bounds for `within`.

    Without any number the readings of the span are recorded and judged by nothing.
    """

    starts: date
    ends: date
    target: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def numbers(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """Its target and bounds, without the days."""
        return self.target, self.minimum, self.maximum

    def require_fit(
        self, direction: Direction, baseline: Decimal | None, field: str = "target"
    ) -> None:
        """Refuse it where it does not fit a direction, equals a baseline or lies behind it."""
        values.span(self.starts, self.ends)
        if self.numbers != (None, None, None):
            require_bounds(direction, *self.numbers)
        if self.target is None or baseline is None:
            return
        if self.target == baseline:
            raise TargetEqualsBaseline("The target equals the baseline.", field=field)
        rises = self.target > baseline
        if direction == (Direction.DECREASE if rises else Direction.INCREASE):
            side = "above" if rises else "below"
            raise TargetIsBehindBaseline(
                f"To {direction} is no way to a target {side} the baseline.", field=field
            )


@dataclass(frozen=True)
class Break:
    """The definition from a day on: readings about earlier days cannot be compared with later."""

    effective: date
    counts: str | None
    aggregation: Aggregation


def require_free_days(targets: Iterable[Target], wanted: Target) -> None:
    """Refuse a target for days of which some have one."""
    for other in targets:
        if wanted.starts <= other.ends and other.starts <= wanted.ends:
            raise SpansOverlap(
                f"There is a target from {other.starts} to {other.ends}; retarget that one, "
                "also from a day inside it on.",
                field="starts",
            )


def span_around(targets: Iterable[Target], wanted: Target) -> Target:
    """Return the span that has the days of another at its end; refuse days that no span has."""
    for span in targets:
        if span.starts < wanted.starts <= span.ends == wanted.ends:
            return span
    raise SpanHasNoTarget("No target is set for that span.", field="starts")
