"""The plan of an import: each row is compared with the log and becomes commands, or is refused.

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
from okr_es.imports.recorded import RecordedReading, kpi_id, reading_id
from okr_es.imports.rows import BadCell, Row

HOW_TO_GO_ON = "To replace it, give a reason for the import."


class EarlierRow(NamedTuple):
    """What an earlier row of the same file says."""

    value: object
    line: int


class ImportPlan:
    """Collects, row by row, the commands that record what the file says."""

    def __init__(
        self,
        *,
        by: UUID,
        today: date,
        reason: str | None,
        kpis: dict[UUID, Kpi],
        targets: dict[UUID, set[Target]],
        readings: dict[UUID, RecordedReading],
    ) -> None:
        self.by = by
        self.today = today
        self.reason = reason
        self.kpis = kpis
        self.targets = targets
        self.recorded_readings = readings
        self.commands: list[tuple[c.Command, int]] = []
        self.readings: list[c.RecordReading] = []
        self.notes: list[str] = []
        self.file_targets: dict[tuple[UUID, date], EarlierRow] = {}
        self.file_readings: dict[UUID, EarlierRow] = {}

    def add(self, row: Row) -> None:
        """Add a row whole, or raise BadCell or a Refusal and add nothing of it."""
        id_ = kpi_id(row.name)
        kpi = self.kpis.get(id_)
        if kpi is not None:
            require_same(kpi, row)
        elif row.target is None:
            raise BadCell("target", "The KPI has no target yet, and no good row gives it one.")
        reading = self.reading(row, id_, kpi)
        if row.target is not None:
            self.add_target(row, row.target, id_, kpi)
        if reading is not None:
            self.add_reading(reading, row)

    # ---- targets ----------------------------------------------------------------------

    def add_target(self, row: Row, target: Target, id_: UUID, kpi: Kpi | None) -> None:
        """Define the KPI with it, set it, or move what is recorded for its days to it."""
        if kpi is None:
            self.define(row, target, id_)
        else:
            self.aim(row, target, id_, kpi)
        self.file_targets.setdefault((id_, target.starts), EarlierRow(target, row.line))

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
        """Set a target for days that have none; for others move it, or refuse the row."""
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
        """Return whether a target that differs from what is recorded replaces it."""
        field = "minimum" if target.target is None else "target"
        earlier = self.file_targets.get((id_, target.starts))
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
            message = f"The value is about {row.ends}, which is in the future: it is {self.today}."
            raise BadCell("actual", message)
        reading = reading_id(id_, row.ends)
        earlier = self.file_readings.get(reading)
        if earlier is not None:
            if earlier.value != row.actual:
                message = f"Line {earlier.line} gives {earlier.value} for the same day."
                raise BadCell("actual", message)
            return None
        recorded = self.recorded_readings.get(reading)
        if recorded is not None:
            return self.correction(row, reading, row.actual, recorded)
        if kpi is not None:
            kpi.require_living()
        return c.RecordReading(id_, row.ends, row.actual, reading)

    def correction(
        self, row: Row, id_: UUID, actual: Decimal, recorded: RecordedReading
    ) -> c.CorrectReading | None:
        """Return the correction a row asks for of what is recorded, if any."""
        now = recorded.values[-1]
        if recorded.retracted:
            if actual not in recorded.values:
                raise BadCell("actual", f"The recorded value, {now}, was retracted.")
            self.notes.append(f"Line {row.line}: this value was retracted; it stays so.")
            return None
        if actual == now:
            return None
        if self.reason is not None:
            return c.CorrectReading(id_, actual)
        if actual in recorded.values:
            self.notes.append(
                f"Line {row.line}: this value was recorded before and corrected since to {now}; "
                "it stays so."
            )
            return None
        raise BadCell("actual", f"The recorded value is {now}. {HOW_TO_GO_ON}")

    def add_reading(self, reading: c.RecordReading | c.CorrectReading, row: Row) -> None:
        """Collect a reading or a correction."""
        id_ = reading_id(kpi_id(row.name), row.ends)
        self.file_readings[id_] = EarlierRow(reading.value, row.line)
        if isinstance(reading, c.CorrectReading):
            self.commands.append((reading, self.recorded_readings[id_].version))
        else:
            self.readings.append(reading)


def require_same(kpi: Kpi, row: Row) -> None:
    """Refuse a row that makes another KPI of one that is there, in the file or the log."""
    for field in ("direction", "unit", "baseline"):
        recorded, given = getattr(kpi, field), getattr(row, field)
        if given is not None and recorded != given:
            raise BadCell(
                field, f"The KPI is there already, with {recorded or 'none'}, not {given}."
            )


def shown(target: Target) -> str:
    """Return a target in words."""
    if target.target is not None:
        return str(target.target)
    return f"{target.minimum} to {target.maximum}"
