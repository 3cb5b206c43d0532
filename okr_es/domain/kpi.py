"""The KPI: a health number beside the goals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.kpi_target import Break, Target
from okr_es.domain.kpi_targets import Targets
from okr_es.domain.refusals import (
    Invalid,
    KpiHasReadings,
    KpiIsNotRetired,
    KpiIsRetired,
    UnitsDiffer,
)
from okr_es.domain.values import Aggregation, Cadence, Direction, needs_reason

__all__ = ["Break", "Kpi", "Target"]


class Kpi(Targets, Aggregate):
    """A number with a measurable target, a time frame for it, a data source and a cadence."""

    TOPIC = "kpi"
    STATE = {"targets": tuple[Target, ...], "retired": bool, "breaks": tuple[Break, ...]}
    LATER = {"counts": None, "aggregation": Aggregation.LAST, "breaks": ()}

    class Defined(Beginning):
        """Someone defined a KPI; its first target follows in the same command."""

        TOPIC = "kpi.defined"
        class_version = 2
        name: str
        direction: Direction
        unit: str
        source: str
        cadence: Cadence
        owner_id: UUID
        team_id: UUID | None = None
        purpose: str | None = None
        baseline: Decimal | None = None
        counts: str | None = None
        aggregation: Aggregation = Aggregation.LAST

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Add what was not asked for: no definition in words, and the last reading counts."""
            state["counts"] = None
            state["aggregation"] = Aggregation.LAST.value

    class Renamed(Change):
        """Someone gave the KPI another name. Not raised for the name it has."""

        TOPIC = "kpi.renamed"
        name: str

    class Reassigned(Change):
        """Someone gave the KPI another owner or team. Not raised when both stay."""

        TOPIC = "kpi.reassigned"
        owner_id: UUID
        team_id: UUID | None

    class PurposeReplaced(Change):
        """Someone wrote down what the KPI is for, or took that away. Not raised for the same."""

        TOPIC = "kpi.purpose_replaced"
        purpose: str | None

    class Corrected(Change):
        """Someone corrected what was wrong from the definition on, before the first reading.

        Not raised when all three stay.
        """

        TOPIC = "kpi.corrected"
        unit: str
        direction: Direction
        baseline: Decimal | None

    class Redefined(Change):
        """Someone changed what is counted and how, from a day on. Not raised for the same."""

        TOPIC = "kpi.redefined"
        effective: date
        counts: str | None
        aggregation: Aggregation

    class TargetSet(Change):
        """Someone set the target for a span of days that had none."""

        TOPIC = "kpi.target_set"
        target: Target

    class Retargeted(Change):
        """Someone moved the target of a span, with a reason. Not raised for the same target."""

        TOPIC = "kpi.retargeted"
        target: Target

    class SpanSplit(Change):
        """Someone moved the target from a day inside a span on: `before` keeps the days before."""

        TOPIC = "kpi.span_split"
        before: Target
        target: Target

    class TargetCorrected(Change):
        """Someone corrected the target of a span to what was meant all along.

        That is from version `since` of its stream until before `until`, which moved it; null: it is
        in force. `now` is that from now on. Not raised for the same target.
        """

        TOPIC = "kpi.target_corrected"
        since: int
        until: int | None
        said: Target
        meant: Target
        now: Target

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

    class Reinstated(Change):
        """Someone took up a retired KPI again, with a reason: it takes readings again."""

        TOPIC = "kpi.reinstated"

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
        counts: str | None = None,
        aggregation: Aggregation = Aggregation.LAST,
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
        self.counts = counts
        self.aggregation = aggregation
        self.breaks: tuple[Break, ...] = ()
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
        counts: str | None = None,
        aggregation: Aggregation = Aggregation.LAST,
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
            counts=None if counts is None else values.text(counts, "counts"),
            aggregation=aggregation,
        )
        kpi.set_target(first_target)
        return kpi

    def rename(self, name: str) -> None:
        """Give it another name."""
        self.require_living()
        name = values.name(name)
        if name != self.name:
            self._renamed(name)

    def reassign(self, owner_id: UUID, team_id: UUID | None) -> None:
        """Hand it to another owner, another team or both."""
        self.require_living()
        if (owner_id, team_id) != (self.owner_id, self.team_id):
            self._reassigned(owner_id, team_id)

    def replace_purpose(self, purpose: str | None) -> None:
        """Write down what it is for; None takes that away."""
        self.require_living()
        purpose = None if purpose is None else values.text(purpose, "purpose")
        if purpose != self.purpose:
            self._purpose_replaced(purpose)

    def correct(
        self,
        unit: str,
        direction: Direction,
        baseline: Decimal | None,
        reason: str | None,
        *,
        has_readings: bool,
    ) -> None:
        """Put right what was wrong from its definition on; only before its first reading."""
        self.require_living()
        unit, baseline = values.name(unit, "unit"), values.maybe_exact(baseline, "baseline")
        if (unit, direction, baseline) == (self.unit, self.direction, self.baseline):
            return
        needs_reason(reason, "correct a KPI")
        if has_readings:
            raise KpiHasReadings(
                f"{self.name} has readings, which are judged by what it is. Retract them if they "
                "are wrong too; else define another KPI and retire this one."
            )
        for target in self.targets:
            target.require_fit(direction, baseline, field="direction")
        self._corrected(unit, direction, baseline)

    def redefine(
        self,
        counts: str | None,
        aggregation: Aggregation,
        effective: date,
        today: date,
        reason: str | None,
    ) -> None:
        """Change what is counted and how, from a day up to today on."""
        self.require_living()
        if values.day(effective, "effective") > today:
            raise Invalid(f"{effective} is in the future.", field="effective")
        after = (None if counts is None else values.text(counts, "counts"), aggregation)
        if after != self.definition_on(effective):
            needs_reason(reason, "redefine a KPI")
            self._redefined(effective, *after)

    def definition_on(self, day: date) -> tuple[str | None, Aggregation]:
        """Return what was counted on a day, and how readings become a value."""
        breaks = [each for each in self.breaks if each.effective <= day]
        if not breaks:
            return self.counts, self.aggregation
        last = max(breaks, key=lambda each: each.effective)
        return last.counts, last.aggregation

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

    def retire(self, reason: str | None, *, feeds_promise: bool) -> None:
        """End it: it takes no more readings. If it feeds a committed promise, with a reason."""
        self.require_living()
        if feeds_promise:
            needs_reason(reason, "retire a KPI that feeds a committed plan")
        self._retired()

    def reinstate(self, reason: str | None) -> None:
        """Take it up again, with a reason."""
        if not self.retired:
            raise KpiIsNotRetired(f"{self.name} was not retired.")
        needs_reason(reason, "reinstate a KPI")
        self._reinstated()

    def require_living(self) -> None:
        """Refuse changes and new readings of a retired KPI."""
        if self.retired:
            raise KpiIsRetired(f"{self.name} was retired.")

    def require_fit(self, target: Target) -> None:
        """Refuse a target that does not fit the direction, or equals the baseline or turns back."""
        self.require_living()
        target.require_fit(self.direction, self.baseline)

    def require_unit(self, unit: str | None, field: str) -> None:
        """Refuse to feed a key result that is measured in another unit; None is in any."""
        if not self.is_in(unit):
            raise UnitsDiffer(f"The KPI is in {self.unit}, the key result in {unit}.", field=field)

    def is_in(self, unit: str | None) -> bool:
        """Return whether it may feed what is measured in a unit; None is any."""
        return unit is None or values.folded(unit) == values.folded(self.unit)

    @property
    def parent_stream(self) -> UUID | None:
        """The team it belongs to, if any."""
        return self.team_id

    @property
    def is_living(self) -> bool:
        """False once retired."""
        return not self.retired

    @event(Renamed)
    def _renamed(self, name: str) -> None:
        self.name = name

    @event(Reassigned)
    def _reassigned(self, owner_id: UUID, team_id: UUID | None) -> None:
        self.owner_id = owner_id
        self.team_id = team_id

    @event(PurposeReplaced)
    def _purpose_replaced(self, purpose: str | None) -> None:
        self.purpose = purpose

    @event(Corrected)
    def _corrected(self, unit: str, direction: Direction, baseline: Decimal | None) -> None:
        self.unit = unit
        self.direction = direction
        self.baseline = baseline

    @event(TargetSet)
    def _target_set(self, target: Target) -> None:
        self.targets = (*self.targets, target)

    @event(Retargeted)
    def _retargeted(self, target: Target) -> None:
        self.targets = (*(t for t in self.targets if t.starts != target.starts), target)

    @event(SpanSplit)
    def _span_split(self, before: Target, target: Target) -> None:
        self.targets = (*(t for t in self.targets if t.starts != before.starts), before, target)

    @event(Redefined)
    def _redefined(self, effective: date, counts: str | None, aggregation: Aggregation) -> None:
        others = (each for each in self.breaks if each.effective != effective)
        self.breaks = (*others, Break(effective, counts, aggregation))

    @event(TargetCorrected)
    def _target_corrected(
        self, since: int, until: int | None, said: Target, meant: Target, now: Target
    ) -> None:
        self.targets = (*(t for t in self.targets if t.starts != now.starts), now)

    @event(SourceReplaced)
    def _source_replaced(self, source: str) -> None:
        self.source = source

    @event(CadenceReplaced)
    def _cadence_replaced(self, cadence: Cadence) -> None:
        self.cadence = cadence

    @event(Retired)
    def _retired(self) -> None:
        self.retired = True

    @event(Reinstated)
    def _reinstated(self) -> None:
        self.retired = False
