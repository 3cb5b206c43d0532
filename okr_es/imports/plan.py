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
from okr_es.imports.cells import BadCell
from okr_es.imports.names import KpiNames, OwnersAndTeams
from okr_es.imports.recorded import RecordedReading, kpi_id, reading_id
from okr_es.imports.rows import Row
from okr_es.imports.words import look_alike

NOTHING = (None, None, None)
HOW_TO_GO_ON = "To replace it, give a reason for the import."


class EarlierRow(NamedTuple):
    """What an earlier row of the same file says."""

    value: object
    line: int


class Planned(NamedTuple):
    """A command with the version of what it changes, and the line that asks for it."""

    command: c.Command
    version: int
    line: int


class ImportPlan:
    """Collects, row by row, the commands that record what the file says."""

    def __init__(
        self,
        *,
        by: UUID,
        today: date,
        reason: str | None,
        kpis: KpiNames,
        places: OwnersAndTeams,
        targets: dict[UUID, set[Target]],
        readings: dict[tuple[UUID, date], RecordedReading],
    ) -> None:
        self.by = by
        self.today = today
        self.reason = reason
        self.kpis = kpis
        self.places = places
        self.targets = targets
        self.recorded_readings = readings
        self.commands: list[Planned] = []
        self.readings: list[c.RecordReading] = []
        self.reading_lines: list[int] = []
        self.notes: list[str] = []
        self.file_targets: dict[tuple[UUID, date], EarlierRow] = {}
        self.file_readings: dict[tuple[UUID, date], EarlierRow] = {}

    def require_fit(self, row: Row) -> None:
        """Refuse a row of which nothing can be recorded; raise BadCell or a Refusal."""
        kpi = self.kpis.find(row.name)
        if kpi is not None:
            require_same(kpi, row)

    # ---- targets ----------------------------------------------------------------------

    def add_target(self, row: Row) -> None:
        """Define the KPI with the target of a row, set it, or move what is recorded to it.

        A KPI that no row gives a target is defined without one: nothing judges its readings.
        """
        kpi = self.kpis.find(row.name)
        target = row.target
        if target is None and not row.has_bad_target and (kpi is None or is_unjudged(kpi, row)):
            self.require_past(row)
            target = Target(row.starts, row.ends)
        if target is None:
            return
        if kpi is None:
            kpi = self.define(row, target)
        else:
            self.aim(row, target, kpi)
        self.file_targets.setdefault((kpi.id, target.starts), EarlierRow(target, row.line))

    def define(self, row: Row, target: Target) -> Kpi:
        """Define a KPI that is not there yet."""
        command = c.DefineKpi(
            name=row.name,
            direction=row.direction,
            unit=row.unit,
            source=row.source,
            cadence=row.cadence,
            owner_id=self.by if row.owner is None else self.places.owner(row.owner),
            target=target,
            team_id=None if row.team is None else self.places.team(row.team),
            purpose=row.purpose,
            baseline=row.baseline,
            id=kpi_id(row.name),
        )
        kpi = Kpi.define(
            id=kpi_id(row.name),
            name=row.name,
            direction=row.direction,
            unit=row.unit,
            source=row.source,
            cadence=row.cadence,
            owner_id=command.owner_id,
            first_target=target,
            team_id=command.team_id,
            purpose=row.purpose,
            baseline=row.baseline,
        )
        self.kpis.add(kpi)
        self.commands.append(Planned(command, 0, row.line))
        return kpi

    def aim(self, row: Row, target: Target, kpi: Kpi) -> None:
        """Set a target for days that have none; for others move it, or refuse the row."""
        version = kpi.version
        days = (target.starts, target.ends)
        recorded = next((t for t in kpi.targets if (t.starts, t.ends) == days), None)
        if recorded is None and target in self.targets.get(kpi.id, set()):
            self.notes.append(
                f"Line {row.line}: the span of this target was split since; it stays."
            )
        elif recorded is None:
            kpi.set_target(target)
            self.commands.append(Planned(c.SetKpiTarget(kpi.id, target), version, row.line))
        elif recorded not in {None, target} and self.is_retarget(row, target, kpi.id, recorded):
            kpi.retarget(target, self.reason)
            self.commands.append(Planned(c.RetargetKpi(kpi.id, target), version, row.line))

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

    def add_reading(self, row: Row) -> None:
        """Record the value of a row, or correct what is recorded of its day to it."""
        kpi = self.kpis.find(row.name)
        if row.actual is None or kpi is None:
            return
        self.require_past(row)
        day = (kpi.id, row.ends)
        earlier, recorded = self.file_readings.get(day), self.recorded_readings.get(day)
        if earlier is not None and earlier.value == row.actual:
            return
        if earlier is not None and (recorded is None or self.reason is not None):
            message = f"Line {earlier.line} gives {earlier.value} for the same day."
            raise BadCell("actual", message)
        if recorded is not None:
            self.correct(row, row.actual, recorded)
        else:
            kpi.require_living()
            self.readings.append(
                c.RecordReading(kpi.id, row.ends, row.actual, reading_id(kpi.id, row.ends))
            )
            self.reading_lines.append(row.line)
        self.file_readings[day] = EarlierRow(row.actual, row.line)

    def require_past(self, row: Row) -> None:
        """Refuse a value about a day that is yet to come."""
        if row.ends > self.today:
            message = f"The value is about {row.ends}, which is in the future: it is {self.today}."
            raise BadCell("actual", message)

    def correct(self, row: Row, actual: Decimal, recorded: RecordedReading) -> None:
        """Correct a recorded reading where a row says something else and the import why."""
        now = recorded.values[-1]
        if recorded.retracted:
            if actual not in recorded.values:
                raise BadCell("actual", f"The recorded value, {now}, was retracted.")
            self.notes.append(f"Line {row.line}: this value was retracted; it stays so.")
        elif actual == now:
            if recorded.subject is not None:
                self.notes.append(
                    f"Line {row.line}: this value was recorded before, and corrected since to be "
                    f"that of {recorded.subject!r}; it stays so."
                )
        elif self.reason is not None:
            command = c.CorrectReading(recorded.id, actual)
            self.commands.append(Planned(command, recorded.version, row.line))
        elif actual in recorded.values:
            self.notes.append(
                f"Line {row.line}: this value was recorded before and corrected since to {now}; "
                "it stays so."
            )
        else:
            raise BadCell("actual", f"The recorded value is {now}. {HOW_TO_GO_ON}")


def is_unjudged(kpi: Kpi, row: Row) -> bool:
    """Return whether no target of a KPI has numbers, and none is about days of the row."""
    return not any(
        target.numbers != NOTHING or (target.starts <= row.ends and row.starts <= target.ends)
        for target in kpi.targets
    )


def require_same(kpi: Kpi, row: Row) -> None:
    """Refuse a row that makes another KPI of one that is there, in the file or the log."""
    for field in ("direction", "unit", "baseline"):
        recorded, given = getattr(kpi, field), getattr(row, field)
        if given is not None and recorded != given and not is_alike(recorded, given):
            now = "none" if recorded is None else recorded
            raise BadCell(field, f"The KPI is there already, with {now}, not {given}.")


def is_alike(one: object, other: object) -> bool:
    """Return whether two texts look alike."""
    return isinstance(one, str) and isinstance(other, str) and look_alike(one) == look_alike(other)


def shown(target: Target) -> str:
    """Return a target in words."""
    if target.numbers == NOTHING:
        return "none"
    if target.target is not None:
        return str(target.target)
    return f"{target.minimum} to {target.maximum}"
