"""What key results had come to by the end of their cycle: read from the log, for carrying over.

Readings have no state beside the log, so their events are read, which takes one search through the
log however many key results are asked about. It is done when something is carried over or a plan
with carried goals is committed, and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from okr_es.database.dialect import Dialect
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Measure
from okr_es.domain.values import Zone
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import decode_plain

BEGINNINGS = ("reading.recorded", "reading.checked_in")
CHANGES = ("reading.corrected", "reading.retracted")
DEFINITIONS = ("key_result.added", "key_result.retargeted")
EVENT = "position, {stream}, type, schema_version, data"


class Asked(NamedTuple):
    """A key result, and the cycle about whose days its last reading is asked."""

    key_result: KeyResult
    cycle: Cycle


class LastValue(NamedTuple):
    """The last reading of a key result about some days: a value, or the zone of an ordinal."""

    value: Decimal | None
    zone: Zone | None


class Event(NamedTuple):
    """An event of the log: where it was recorded, of which stream and type, and what it says."""

    position: int
    stream: str
    type: str
    data: dict[str, Any]


def last_values(work: UnitOfWork, asked: Iterable[Asked]) -> dict[UUID, LastValue]:
    """Return the last reading of each key result about the days of its cycle, by id.

    Those of a KPI count where one feeds it. What was not measured under its last definition is
    left out. The append guards that no reading is recorded or changed meanwhile.
    """
    wanted = list(asked)
    if not wanted:
        return {}
    work.guard_types.update((*BEGINNINGS, *CHANGES))
    work.fetch({each.key_result.id for each in wanted})
    measured = {each.key_result.kpi_id or each.key_result.id for each in wanted}
    readings = readings_of(work, measured)
    defined = definitions(work, [each.key_result.id for each in wanted])
    found = {
        each.key_result.id: last_of(
            readings[str(each.key_result.kpi_id or each.key_result.id)],
            (each.cycle.starts, each.cycle.ends),
            defined.get(str(each.key_result.id), 0),
        )
        for each in wanted
    }
    return {id_: value for id_, value in found.items() if value is not None}


def last_of(
    readings: list[tuple[int, dict[str, Any]]], days: tuple[date, date], since: int
) -> LastValue | None:
    """Return the reading about the last of some days, of one day the last recorded."""
    counting = [
        (data["as_of"], position, data)
        for position, data in readings
        if position >= since
        and days[0].isoformat() <= data["as_of"] <= days[1].isoformat()
        and (data["value"] is not None or data.get("zone") is not None)
    ]
    if not counting:
        return None
    _, _, last = max(counting, key=lambda each: each[:2])
    value, zone = last["value"], last.get("zone")
    return LastValue(
        None if value is None else Decimal(value), None if zone is None else Zone(zone)
    )


def readings_of(
    work: UnitOfWork, measured: Iterable[UUID]
) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """Return the readings of key results and KPIs as corrected, by what they measure.

    Each has the position it was recorded at; what was retracted is left out.
    """
    dialect = work.database.dialect
    found = {
        event.stream: (event.position, event.data)
        for event in events(
            work,
            readings_statement(dialect),
            types=dialect.array(BEGINNINGS),
            ids=dialect.array(measured),
        )
    }
    for event in events(
        work,
        of_streams(dialect),
        types=dialect.array(CHANGES),
        streams=dialect.array(found),
    ):
        position, data = found[event.stream]
        retracted = {"value": None, "zone": None}
        found[event.stream] = position, data | (event.data or retracted)
    readings: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for position, data in found.values():
        readings[data.get("kpi_id") or data["key_result_id"]].append((position, data))
    return readings


def definitions(work: UnitOfWork, key_results: list[UUID]) -> dict[str, int]:
    """Return the position since which each key result has its unit or zones."""
    dialect = work.database.dialect
    since: dict[str, int] = {}
    before: dict[str, tuple[Any, ...]] = {}
    for event in events(
        work,
        of_streams(dialect),
        types=dialect.array(DEFINITIONS),
        streams=dialect.array(key_results),
    ):
        measure = msgspec.convert(event.data["measure"], Measure, strict=False)
        definition = (measure.unit, measure.zones)
        if event.stream not in before:
            since[event.stream] = 0
        elif definition != before[event.stream]:
            since[event.stream] = event.position
        before[event.stream] = definition
    return since


def events(work: UnitOfWork, statement: str, **parameters: str) -> list[Event]:
    """Return the events a statement finds, in the order of the log."""
    return [
        Event(position, str(stream), kind, decode_plain(kind, version, bytes(data)))
        for position, stream, kind, version, data in work.database.rows(statement, parameters)
    ]


@cache
def readings_statement(dialect: Dialect) -> str:
    """Return the query of the beginnings of readings of some things."""
    measured = ", ".join(dialect.json_text("data", name) for name in ("key_result_id", "kpi_id"))
    return (
        f"SELECT {EVENT.format(stream=dialect.id_as_text('stream'))} FROM events "
        f"WHERE type {dialect.in_array('types')} "
        f"AND coalesce({measured}) {dialect.in_array('ids')} ORDER BY position"
    )


@cache
def of_streams(dialect: Dialect) -> str:
    """Return the query of the events of some types in some streams."""
    return (
        f"SELECT {EVENT.format(stream=dialect.id_as_text('stream'))} FROM events "
        f"WHERE stream {dialect.in_array('streams', 'uuid')} "
        f"AND type {dialect.in_array('types')} ORDER BY position"
    )
