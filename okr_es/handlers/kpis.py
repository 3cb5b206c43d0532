"""KPIs, their targets and their readings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from msgspec import UNSET

from okr_es import commands as c
from okr_es.changes import AnyTarget, named
from okr_es.domain.api_key import ApiKey
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import Invalid, SpanHasNoTarget, TwoValuesOfOneDay
from okr_es.handlers.duplicates import warn_of_same_kpi
from okr_es.handlers.holdings import naming
from okr_es.handlers.late_changes import (
    warn_of_old_cadence,
    warn_of_readings,
    warn_of_redefinition,
    warn_of_target,
)
from okr_es.handlers.registry import handle, living_team, new_id, saved
from okr_es.handlers.requests import warn_of_requests
from okr_es.handlers.retiring import fed_and_running
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.ids import ordered_id

MOST_READINGS = 200_000


@handle.register
def _(command: c.DefineKpi, work: UnitOfWork) -> UUID:
    kpi = Kpi.define(
        id=new_id(work, command.id),
        name=command.name,
        direction=command.direction,
        unit=command.unit,
        source=command.source,
        cadence=command.cadence,
        owner_id=work.person(command.owner_id, "owner_id").id,
        first_target=command.target,
        team_id=None if command.team_id is None else living_team(work, command.team_id),
        purpose=command.purpose,
        baseline=command.baseline,
        counts=command.counts,
        aggregation=command.aggregation,
    )
    warn_of_same_kpi(work, kpi)
    return saved(work, kpi)


@handle.register
def _(command: c.RedefineKpi, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    effective = command.effective or work.today
    counts, aggregation = kpi.definition_on(effective)
    kpi.redefine(
        counts if command.counts is UNSET else command.counts,
        aggregation if command.aggregation is UNSET else command.aggregation,
        effective,
        work.today,
        work.reason,
    )
    if kpi.pending_events:
        warn_of_redefinition(work, kpi, effective)
    return saved(work, kpi)


@handle.register
def _(command: c.SetKpiTarget, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.set_target(command.target)
    if kpi.pending_events:
        warn_of_target(work, kpi, command.target, is_moved=False)
    return saved(work, kpi)


@handle.register
def _(command: c.RetargetKpi, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    target = replace(span_named(kpi, command.target), **named(command.target))
    kpi.retarget(target, work.reason)
    if kpi.pending_events:
        warn_of_target(work, kpi, target, is_moved=True)
    return saved(work, kpi)


def span_named(kpi: Kpi, changes: AnyTarget) -> Target:
    """Return the span that holds a day, and ends when it is said to, if that is said."""
    ends = named(changes).get("ends")
    found = [
        each
        for each in kpi.targets
        if each.starts <= changes.starts <= each.ends and ends in (None, each.ends)
    ]
    if not found:
        kpi.require_living()
        raise SpanHasNoTarget("No target is set for that span.", field="starts")
    return max(found, key=lambda each: each.starts)


@handle.register
def _(command: c.ReplaceKpiSource, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.replace_source(command.source)
    return saved(work, kpi)


@handle.register
def _(command: c.ReplaceKpiCadence, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    before = kpi.cadence
    kpi.replace_cadence(command.cadence)
    if kpi.pending_events:
        warn_of_old_cadence(work, kpi, before)
    return saved(work, kpi)


@handle.register
def _(command: c.RetireKpi, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    fed = fed_and_running(work, kpi.id)
    kpi.retire(work.reason, feeds_promise=any(each.is_promised for each in fed))
    work.warn("values_end", [each.key_result for each in fed])
    warn_of_requests(work, kpi.id)
    keys = (each for each in naming(work, kpi.id, [ApiKey]) if isinstance(each, ApiKey))
    work.warn("api_keys_name_it", [each for each in keys if each.works_on(work.today)])
    return saved(work, kpi)


@handle.register
def _(command: c.RecordReading, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    reading = record(work, command, kpi, work.today)
    warn_of_readings(work, {kpi.id: [reading.as_of]})
    return reading.originator_id


@handle.register
def _(command: c.RecordReadings, work: UnitOfWork) -> None:
    if len(command.readings) > MOST_READINGS:
        raise Invalid(f"At most {MOST_READINGS} readings go in one command.", field="readings")
    ids = {reading.kpi_id for reading in command.readings}
    work.fetch(ids)
    kpis = {id_: work.load(Kpi, id_, "readings") for id_ in ids}
    today, days = work.today, defaultdict[UUID, list[date]](list)
    recorded = [record(work, each, kpis[each.kpi_id], today) for each in command.readings]
    for reading in recorded:
        days[reading.kpi_id].append(reading.as_of)
    if any(len(set(of_kpi)) < len(of_kpi) for of_kpi in days.values()):
        require_one_value_each(recorded)
    warn_of_readings(work, days)


def require_one_value_each(readings: Sequence[Reading.Recorded]) -> None:
    """Refuse two readings of one KPI, day and subject: one of the values would be lost."""
    first: dict[tuple[UUID, date, str | None], int] = {}
    for number, each in enumerate(readings):
        before = first.setdefault((each.kpi_id, each.as_of, each.subject), number)
        if before != number:
            raise TwoValuesOfOneDay(
                f"readings.{before} and readings.{number} are about one KPI, day and subject, and "
                "one of the values would be lost: send one, or name the subjects.",
                field=f"readings.{number}",
            )


def record(work: UnitOfWork, command: c.RecordReading, kpi: Kpi, today: date) -> Reading.Recorded:
    """Decide on one reading and collect its event."""
    reading = Reading.record(
        id=command.id or ordered_id(),
        kpi=kpi,
        as_of=command.as_of or today,
        value=command.value,
        today=today,
        subject=command.subject,
        evidence=command.evidence,
    )
    work.events.append(reading)
    return reading
