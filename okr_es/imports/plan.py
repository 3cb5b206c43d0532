"""The plan of an import: each row is held against the log and becomes commands, or is refused.

Nothing is appended here. KPIs are tried out on aggregates of their own, so that a row is refused
by the very rules that would refuse its command.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from okr_es import commands as c
from okr_es.domain.kpi import Kpi, Target
from okr_es.imports.recorded import Known, kpi_id, reading_id
from okr_es.imports.rows import BadCell, Row

HOW_TO_GO_ON = "To replace it, give a reason for the import."


class Told(NamedTuple):
    """What an earlier row of the same file said."""

    value: object
    line: int


class Plan:
    """Takes rows one by one and collects the commands that make the log say the same."""

    def __init__(
        self,
        *,
        by: UUID,
        today: date,
        reason: str | None,
        kpis: dict[UUID, Kpi],
        targets: dict[UUID, set[Target]],
        readings: dict[UUID, Known],
    ) -> None:
        self.by = by
        self.today = today
        self.reason = reason
        self.kpis = kpis
        self.targets = targets
        self.known = readings
        self.commands: list[tuple[c.Command, int]] = []
        self.readings: list[c.RecordReading] = []
        self.notes: list[str] = []
        self.told_targets: dict[tuple[UUID, date], Told] = {}
        self.told_readings: dict[UUID, Told] = {}

    def take(self, row: Row) -> None:
        """Take a row whole, or raise BadCell or a Refusal and take nothing of it."""
        id_ = kpi_id(row.name)
        kpi = self.kpis.get(id_)
        if kpi is not None:
            require_same(kpi, row)
        elif row.target is None:
            raise BadCell("target", "The KPI has no target yet, and no good row gives it one.")
        reading = self.reading(row, id_, kpi)
        if row.target is not None:
            self.take_target(row, row.target, id_, kpi)
        if reading is not None:
            self.take_reading(reading, row)

    # ---- targets ----------------------------------------------------------------------

    def take_target(self, row: Row, target: Target, id_: UUID, kpi: Kpi | None) -> None:
        """Define the KPI with it, set it, or move what is recorded for its days to it."""
        if kpi is None:
            self.define(row, target, id_)
        else:
            self.aim(row, target, id_, kpi)
        self.told_targets.setdefault((id_, target.starts), Told(target, row.line))

    def define(self, row: Row, target: Target, id_: UUID) -> None:
        """Define a KPI that is not there yet."""
        self.kpis[id_] = Kpi.define(
            id=id_,
            name=row.name,
            direction=row.direction,
            unit=row.unit,
            source=row.source,
            cadence=row.cadence,
            owner_id=self.by,
            first_target=target,
            purpose=row.purpose,
            baseline=row.baseline,
        )
        command = c.DefineKpi(
            row.name, row.direction, row.unit, row.source, row.cadence, self.by, target,
            None, row.purpose, row.baseline, id_,
        )  # fmt: skip
        self.commands.append((command, 0))

    def aim(self, row: Row, target: Target, id_: UUID, kpi: Kpi) -> None:
        """Set a target for days that have none, or deal with the one they have."""
        version = kpi.version
        days = (target.starts, target.ends)
        recorded = next((t for t in kpi.targets if (t.starts, t.ends) == days), None)
        if recorded is None:
            kpi.set_target(target)
            self.commands.append((c.SetKpiTarget(id_, target), version))
        elif recorded != target and self.is_retarget(row, target, id_, recorded):
            kpi.retarget(target, self.reason)
            self.commands.append((c.RetargetKpi(id_, target), version))

    def is_retarget(self, row: Row, target: Target, id_: UUID, recorded: Target) -> bool:
        """Say whether a target that differs from what is recorded replaces it."""
        field = "minimum" if target.target is None else "target"
        earlier = self.told_targets.get((id_, target.starts))
        if earlier is not None:
            raise BadCell(field, f"Line {earlier.line} gives another target for the same days.")
        if self.reason is not None:
            return True
        if target in self.targets.get(id_, set()):
            self.notes.append(
                f"Line {row.line}: this target was recorded before and moved since to "
                f"{shown(recorded)}; it stays there."
            )
            return False
        raise BadCell(field, f"The recorded target is {shown(recorded)}. {HOW_TO_GO_ON}")

    # ---- readings ---------------------------------------------------------------------

    def reading(
        self, row: Row, id_: UUID, kpi: Kpi | None
    ) -> c.RecordReading | c.CorrectReading | None:
        """Return what the actual value of a row asks for, or None where nothing is to be done."""
        if row.actual is None:
            return None
        if row.ends > self.today:
            said = f"The value is about {row.ends}, which is still to come: it is {self.today}."
            raise BadCell("actual", said)
        reading = reading_id(id_, row.ends)
        earlier = self.told_readings.get(reading)
        if earlier is not None:
            if earlier.value != row.actual:
                said = f"Line {earlier.line} gives {earlier.value} for the same day."
                raise BadCell("actual", said)
            return None
        known = self.known.get(reading)
        if known is not None:
            return self.correction(row, reading, row.actual, known)
        if kpi is not None:
            kpi.require_living()
        return c.RecordReading(id_, row.ends, row.actual, reading)

    def correction(
        self, row: Row, id_: UUID, actual: Decimal, known: Known
    ) -> c.CorrectReading | None:
        """Return the correction a row asks for of what is recorded, if any."""
        now = known.values[-1]
        if known.retracted:
            if actual not in known.values:
                raise BadCell("actual", f"The recorded value, {now}, was retracted.")
            self.notes.append(f"Line {row.line}: this value was retracted; it stays so.")
            return None
        if actual == now:
            return None
        if self.reason is not None:
            return c.CorrectReading(id_, actual)
        if actual in known.values:
            self.notes.append(
                f"Line {row.line}: this value was recorded before and corrected since to {now}; "
                "it stays so."
            )
            return None
        raise BadCell("actual", f"The recorded value is {now}. {HOW_TO_GO_ON}")

    def take_reading(self, reading: c.RecordReading | c.CorrectReading, row: Row) -> None:
        """Collect a reading or a correction."""
        id_ = reading_id(kpi_id(row.name), row.ends)
        self.told_readings[id_] = Told(reading.value, row.line)
        if isinstance(reading, c.CorrectReading):
            self.commands.append((reading, self.known[id_].version))
        else:
            self.readings.append(reading)


def require_same(kpi: Kpi, row: Row) -> None:
    """Refuse a row that makes another KPI of one that is there, in the file or the log."""
    for field in ("direction", "unit", "baseline"):
        there, told = getattr(kpi, field), getattr(row, field)
        if told is not None and there != told:
            raise BadCell(field, f"The KPI is there already, with {there or 'none'}, not {told}.")


def shown(target: Target) -> str:
    """Return a target in words."""
    if target.target is not None:
        return str(target.target)
    return f"{target.minimum} to {target.maximum}"
