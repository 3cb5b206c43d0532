"""The KPI: a health number beside the goals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import (
    Invalid,
    KindDoesNotFit,
    KpiIsRetired,
    SpanHasNoTarget,
    SpansOverlap,
    TargetEqualsBaseline,
)
from okr_es.domain.values import Cadence, Direction, needs_reason


@dataclass(frozen=True)
class Target:
    """What is wanted from first to last day of a span: a number, or bounds for `within`."""

    starts: date
    ends: date
    target: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None


class Kpi(Aggregate):
    """A number with a measurable target, a time frame for it, a data source and a cadence."""

    TOPIC = "kpi"
    STATE = {"targets": tuple[Target, ...], "retired": bool}

    class Defined(Beginning):
        """Someone defined a KPI; its first target follows in the same command."""

        TOPIC = "kpi.defined"
        name: str
        direction: Direction
        unit: str
        source: str
        cadence: Cadence
        owner_id: UUID
        team_id: UUID | None = None
        purpose: str | None = None
        baseline: Decimal | None = None

    class TargetSet(Change):
        """Someone set the target for a span of days that had none."""

        TOPIC = "kpi.target_set"
        target: Target

    class Retargeted(Change):
        """Someone moved the target of a span, with a reason. Not raised for the same target."""

        TOPIC = "kpi.retargeted"
        target: Target

    class SourceReplaced(Change):
        """Someone named another source of the readings. Not raised for the same source."""

        TOPIC = "kpi.source_replaced"
        source: str

    class CadenceReplaced(Change):
        """Someone chose another cadence of readings. Not raised for the same cadence."""

        TOPIC = "kpi.cadence_replaced"
        cadence: Cadence

    class Retired(Change):
        """Someone retired the KPI: readings are neither due nor accepted from now on."""

        TOPIC = "kpi.retired"

    def __init__(
        self,
        name: str,
        direction: Direction,
        unit: str,
        source: str,
        cadence: Cadence,
        owner_id: UUID,
        team_id: UUID | None = None,
        purpose: str | None = None,
        baseline: Decimal | None = None,
    ) -> None:
        self.name = name
        self.direction = direction
        self.unit = unit
        self.source = source
        self.cadence = cadence
        self.owner_id = owner_id
        self.team_id = team_id
        self.purpose = purpose
        self.baseline = baseline
        self.targets: tuple[Target, ...] = ()
        self.retired = False

    @classmethod
    def define(
        cls,
        *,
        id: UUID,
        name: str,
        direction: Direction,
        unit: str,
        source: str,
        cadence: Cadence,
        owner_id: UUID,
        first_target: Target,
        team_id: UUID | None = None,
        purpose: str | None = None,
        baseline: Decimal | None = None,
    ) -> Kpi:
        """Define a KPI with all four mandatory parts: target, time frame, source, cadence."""
        kpi = cls._create(
            cls.Defined,
            id=id,
            name=values.name(name),
            direction=direction,
            unit=values.name(unit, "unit"),
            source=values.name(source, "source"),
            cadence=cadence,
            owner_id=owner_id,
            team_id=team_id,
            purpose=None if purpose is None else values.text(purpose, "purpose"),
            baseline=values.maybe_exact(baseline, "baseline"),
        )
        kpi.set_target(first_target)
        return kpi

    def set_target(self, target: Target) -> None:
        """Set a target for days that have none; the same target again changes nothing."""
        self.require_fit(target)
        if target in self.targets:
            return
        for other in self.targets:
            if target.starts <= other.ends and other.starts <= target.ends:
                raise SpansOverlap(
                    f"There is a target from {other.starts} to {other.ends}.", field="starts"
                )
        self._target_set(target)

    def retarget(self, target: Target, reason: str | None) -> None:
        """Move the target of a span that has one."""
        self.require_fit(target)
        if (target.starts, target.ends) not in {(t.starts, t.ends) for t in self.targets}:
            raise SpanHasNoTarget("No target is set for that span.", field="starts")
        if target not in self.targets:
            needs_reason(reason, "retarget a KPI")
            self._retargeted(target)

    def replace_source(self, source: str) -> None:
        """Replace the source of its readings."""
        self.require_living()
        source = values.name(source, "source")
        if source != self.source:
            self._source_replaced(source)

    def replace_cadence(self, cadence: Cadence) -> None:
        """Replace the cadence of its readings."""
        self.require_living()
        if cadence != self.cadence:
            self._cadence_replaced(cadence)

    def retire(self) -> None:
        """End it: it takes no more readings."""
        self.require_living()
        self._retired()

    def require_living(self) -> None:
        """Refuse changes and new readings of a retired KPI."""
        if self.retired:
            raise KpiIsRetired(f"{self.name} was retired.")

    def require_fit(self, target: Target) -> None:
        """Refuse a target that does not fit the direction or equals the baseline."""
        self.require_living()
        values.span(target.starts, target.ends)
        require_shape(self.direction, target)
        if target.target is not None and target.target == self.baseline:
            raise TargetEqualsBaseline("The target equals the baseline.", field="target")

    @property
    def parent_stream(self) -> UUID | None:
        """The team it belongs to, if any."""
        return self.team_id

    @property
    def is_living(self) -> bool:
        """False once retired."""
        return not self.retired

    @event(TargetSet)
    def _target_set(self, target: Target) -> None:
        self.targets = (*self.targets, target)

    @event(Retargeted)
    def _retargeted(self, target: Target) -> None:
        self.targets = (*(t for t in self.targets if t.starts != target.starts), target)

    @event(SourceReplaced)
    def _source_replaced(self, source: str) -> None:
        self.source = source

    @event(CadenceReplaced)
    def _cadence_replaced(self, cadence: Cadence) -> None:
        self.cadence = cadence

    @event(Retired)
    def _retired(self) -> None:
        self.retired = True


def require_shape(direction: Direction, target: Target) -> None:
    """Refuse a target of the wrong shape: bounds go with `within`, a number with all others."""
    for field in ("target", "minimum", "maximum"):
        values.maybe_exact(getattr(target, field), field)
    if direction != Direction.WITHIN:
        if target.target is None:
            raise Invalid("The target is missing.", field="target")
        if target.minimum is not None or target.maximum is not None:
            field = "minimum" if target.minimum is not None else "maximum"
            raise KindDoesNotFit(f"Bounds go with `within`, not {direction}.", field=field)
        return
    if target.minimum is None or target.maximum is None:
        field = "minimum" if target.minimum is None else "maximum"
        raise Invalid(f"A range needs its {field}.", field=field)
    if target.minimum > target.maximum:
        raise Invalid("The minimum lies above the maximum.", field="minimum")
    if target.target is not None:
        raise KindDoesNotFit("A range has bounds, no target.", field="target")
