"""What key results had come to by the end of their cycle: read from the log, for carrying over.

Of one that a KPI feeds, the readings become a value as the KPI was defined on the cycle's last day.
Readings have no state beside the log, so their events are read, which an index leads to. It is done
when something is carried over or a plan with carried goals is committed, and nowhere else.
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
from okr_es.domain.kpi import Kpi
from okr_es.domain.measure import Measure
from okr_es.domain.values import Aggregation, Kind, Zone
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import decode_plain
from okr_es.log.readings import BEGINNINGS, readings_statement
from okr_es.scoring.span_values import Bounds, SpanReading, bounds_to_reach, value_of

CHANGES = ("reading.corrected", "reading.retracted")
DEFINITIONS = ("key_result.added", "key_result.retargeted")
EVENT = "position, {stream}, type, schema_version, data"


class Asked(NamedTuple):
    """A key result, and the cycle about whose days its last reading is asked."""

    key_result: KeyResult
    cycle: Cycle


class LastValue(NamedTuple):
    """What a key result came to about some days: a value, or the zone of an ordinal.

    `is_sum` says that the value is a sum of readings, which begins at 0 in every cycle.
    """

    value: Decimal | None
    zone: Zone | None
    is_sum: bool = False


class Event(NamedTuple):
    """An event of the log: where it was recorded, of which stream and type, and what it says."""

    position: int
    stream: str
    type: str
    data: dict[str, Any]


def last_values(work: UnitOfWork, asked: Iterable[Asked]) -> dict[UUID, LastValue]:
    """Return what each key result came to about the days of its cycle, by id.

    That is its last reading; where a KPI feeds it, the value of the KPI's readings. What was not
    measured under its last definition is left out. The append guards that no reading is recorded or
    changed meanwhile, and no KPI redefined.
    """
    wanted = list(asked)
    if not wanted:
        return {}
    work.guard_types.update((*BEGINNINGS, *CHANGES))
    measured = {each.key_result.kpi_id or each.key_result.id for each in wanted}
    work.fetch(measured | {each.key_result.id for each in wanted})
    first, last = min(each.cycle.starts for each in wanted), max(each.cycle.ends for each in wanted)
    readings = readings_of(work, measured, first, last)
    defined = definitions(work, [each.key_result.id for each in wanted])
    found = {}
    for each in wanted:
        id_, kpi_id = each.key_result.id, each.key_result.kpi_id
        counting = counting_of(
            readings[str(kpi_id or id_)],
            (each.cycle.starts, each.cycle.ends),
            defined.get(str(id_), 0),
        )
        if counting and kpi_id is not None and each.key_result.measure.kind == Kind.METRIC:
            found[id_] = fed_value(each, work.load(Kpi, kpi_id, "kpi_id"), counting)
        elif counting:
            found[id_] = last_of(counting)
    return {id_: value for id_, value in found.items() if value is not None}


def counting_of(
    readings: list[tuple[int, dict[str, Any]]], days: tuple[date, date], since: int
) -> list[tuple[int, dict[str, Any]]]:
    """Return the readings about some days that say a value or zone, recorded since a position."""
    return [
        (position, data)
        for position, data in readings
        if position >= since
        and days[0].isoformat() <= data["as_of"] <= days[1].isoformat()
        and (data["value"] is not None or data.get("zone") is not None)
    ]


def last_of(readings: list[tuple[int, dict[str, Any]]]) -> LastValue:
    """Return what the reading about the last day says, of one day the last recorded."""
    _, last = max(readings, key=lambda each: (each[1]["as_of"], each[0]))
    value, zone = last["value"], last.get("zone")
    return LastValue(
        None if value is None else Decimal(value), None if zone is None else Zone(zone)
    )


def fed_value(
    asked: Asked, kpi: Kpi, readings: list[tuple[int, dict[str, Any]]]
) -> LastValue | None:
    """Return what the readings of a KPI come to for a metric, in plain digits as it is shown.

    None where nothing says which of several subjects is the worst.
    """
    _, aggregation = kpi.definition_on(asked.cycle.ends)
    bounds = bounds_of(asked.key_result.measure)
    value = value_of(
        aggregation,
        [
            SpanReading(data.get("subject"), data["as_of"], position, Decimal(data["value"]))
            for position, data in readings
        ],
        bounds.goodness(),
    )
    if value is None:
        return None
    return LastValue(Decimal(bounds.value_text(value)), None, aggregation == Aggregation.SUM)


def bounds_of(measure: Measure) -> Bounds:
    """Return where a metric is wanted: on its way to the target, or inside what it is to keep."""
    if measure.direction is None:
        return bounds_to_reach(measure.baseline or Decimal(0), measure.target or Decimal(0))
    return Bounds(
        measure.direction, measure.target, measure.minimum, measure.maximum, measure.baseline
    )


def readings_of(
    work: UnitOfWork, measured: Iterable[UUID], first: date = date.min, last: date = date.max
) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """Return the readings of key results and KPIs about some days, as corrected.

    They are listed by what they measure. Each has the position it was recorded at; what was
    retracted is left out.
    """
    dialect = work.database.dialect
    found = {
        event.stream: (event.position, event.data)
        for event in events(
            work,
            readings_statement(dialect, EVENT.format(stream=dialect.id_as_text("stream"))),
            ids=dialect.array(measured),
            first=first.isoformat(),
            last=last.isoformat(),
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
def of_streams(dialect: Dialect) -> str:
    """Return the query of the events of some types in some streams, each named once."""
    found = dialect.for_each(
        "e", "events", f"e.stream = i.value AND e.type {dialect.in_array('types')}"
    )
    return (
        f"SELECT {EVENT.format(stream=dialect.id_as_text('stream'))} "
        f"FROM ({dialect.unnest('streams', 'uuid')}) AS i {found} ORDER BY position"
    )
