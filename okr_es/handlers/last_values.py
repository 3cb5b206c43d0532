"""What key results had come to by the end of their cycle: read from the log, for carrying over.

Of one that a KPI feeds, the readings become a value as the KPI was defined on the cycle's last day.
Readings have no state beside the log, so their events are read, which an index leads to. It is done
when something is carried over or a plan with carried goals is committed, and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from okr_es.domain.corrections import MEASURED, renamed_steps
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.measure import Measure
from okr_es.domain.values import Aggregation, Kind, Zone
from okr_es.handlers.stream_events import EVENT, events, events_of
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.readings import BEGINNINGS, readings_statement
from okr_es.scoring.span_values import Bounds, SpanReading, bounds_to_reach, value_of

CHANGES = ("reading.corrected", "reading.subject_corrected", "reading.retracted")
CORRECTED = "key_result.corrected"
MEASURES = ("key_result.added", "key_result.retargeted", "key_result.rebased", CORRECTED)


class Asked(NamedTuple):
    """A key result, and the cycle about whose days its last reading is asked."""

    key_result: KeyResult
    cycle: Cycle


class LastValue(NamedTuple):
    """What a key result came to about some days: a value, the zone of an ordinal, steps done.

    `is_sum` says that the value is a sum of readings, which begins at 0 in every cycle. A milestone
    without steps has the value 1 once it is done.
    """

    value: Decimal | None = None
    zone: Zone | None = None
    done: tuple[str, ...] = ()
    is_sum: bool = False


class Said(NamedTuple):
    """What a reading says, as corrected, and the position it was recorded at."""

    position: int
    data: dict[str, Any]


class MeasureSince(NamedTuple):
    """What a key result promised from a position on, as corrected, and as it was said then."""

    position: int
    version: int
    measure: Measure
    said: Measure


def last_values(work: UnitOfWork, asked: Iterable[Asked]) -> dict[UUID, LastValue]:
    """Return what each key result came to about the days of its cycle, by id: as the score says.

    That is its last check-in that was made under its last unit or zones; where a KPI feeds it, the
    value of the KPI's readings, which are the KPI's and in its unit. What was not measured is left
    out. The append guards that no reading is recorded or changed meanwhile, and no KPI redefined.
    """
    wanted = list(asked)
    if not wanted:
        return {}
    work.guard_types.update((*BEGINNINGS, *CHANGES))
    measured = {each.key_result.kpi_id or each.key_result.id for each in wanted}
    work.fetch(measured | {each.key_result.id for each in wanted})
    first, last = min(each.cycle.starts for each in wanted), max(each.cycle.ends for each in wanted)
    readings = readings_of(work, measured, first, last)
    measures = measures_of(work, [each.key_result.id for each in wanted])
    found = {}
    for each in wanted:
        id_, kpi_id = each.key_result.id, each.key_result.kpi_id
        counting = counting_of(readings[str(kpi_id or id_)], each.cycle)
        if kpi_id is None:
            found[id_] = last_check_in(measures[str(id_)], counting)
        elif each.key_result.measure.kind == Kind.METRIC:
            found[id_] = fed_value(each, work.load(Kpi, kpi_id, "kpi_id"), counting)
    return {id_: value for id_, value in found.items() if value is not None}


def counting_of(readings: Iterable[Said], cycle: Cycle) -> list[Said]:
    """Return the readings about the days of a cycle that say a value or a zone."""
    return [
        each
        for each in readings
        if cycle.starts.isoformat() <= each.data["as_of"] <= cycle.ends.isoformat()
        and says_something(each.data)
    ]


def says_something(data: dict[str, Any]) -> bool:
    """Return whether a reading says a value or a zone, and not confidence alone."""
    return data["value"] is not None or data.get("zone") is not None


def last_check_in(measures: list[MeasureSince], readings: Iterable[Said]) -> LastValue | None:
    """Return what the check-in about the last day says, of one day the last recorded.

    Only check-ins count that were made under the unit or the zones of the last measure.
    """
    now = measures[-1].measure
    counting = under_last_definition(measures, readings)
    if not counting:
        return None
    last = max(counting, key=lambda each: (each.data["as_of"], each.position))
    if now.kind == Kind.MILESTONE:
        return steps_done(since_at(measures, last.position), last.data)
    value, zone = last.data["value"], last.data["zone"]
    return LastValue(
        None if value is None else Decimal(value), None if zone is None else Zone(zone)
    )


def under_last_definition(measures: list[MeasureSince], readings: Iterable[Said]) -> list[Said]:
    """Return the check-ins that were made under the unit or the zones of the last measure."""
    now = definition_of(measures[-1].measure)
    return [each for each in readings if definition_of(measure_at(measures, each.position)) == now]


def steps_done(then: MeasureSince, data: dict[str, Any]) -> LastValue:
    """Return what a check-in says of the steps a milestone had then: those named, or the first.

    A step whose name was corrected goes by the one that was meant.
    """
    said, meant = then.said.steps, then.measure.steps
    count, named = int(Decimal(data["value"])), data["done_steps"]
    done = said[:count] if named is None else tuple(named)
    names = renamed_steps(said, meant)
    return LastValue(
        Decimal(count >= max(len(said), 1)), done=tuple(names.get(step, step) for step in done)
    )


def definition_of(measure: Measure) -> tuple[Any, ...]:
    """Return what a check-in was made under: unit or zones. Steps are known by their names."""
    return measure.unit, measure.zones


def measure_at(measures: list[MeasureSince], position: int) -> Measure:
    """Return what a key result promised at a position."""
    return since_at(measures, position).measure


def since_at(measures: list[MeasureSince], position: int) -> MeasureSince:
    """Return what a key result promised at a position, with what was said."""
    return next(each for each in reversed(measures) if each.position < position)


def fed_value(asked: Asked, kpi: Kpi, readings: Iterable[Said]) -> LastValue | None:
    """Return what the readings of a KPI come to for a metric, in plain digits as it is shown.

    None without readings, and where nothing says which of several subjects is the worst.
    """
    _, aggregation = kpi.definition_on(asked.cycle.ends)
    bounds = bounds_of(asked.key_result.measure)
    value = value_of(
        aggregation,
        [
            SpanReading(data["subject"], data["as_of"], position, Decimal(data["value"]))
            for position, data in readings
        ],
        bounds.goodness(),
    )
    if value is None:
        return None
    return LastValue(Decimal(bounds.value_text(value)), is_sum=aggregation == Aggregation.SUM)


def bounds_of(measure: Measure) -> Bounds:
    """Return where a metric is wanted: on its way to the target, or inside what it is to keep."""
    if measure.direction is None:
        return bounds_to_reach(measure.baseline or Decimal(0), measure.target or Decimal(0))
    return Bounds(
        measure.direction, measure.target, measure.minimum, measure.maximum, measure.baseline
    )


def readings_of(
    work: UnitOfWork, measured: Iterable[UUID], first: date = date.min, last: date = date.max
) -> dict[str, list[Said]]:
    """Return the readings of key results and KPIs about some days, by what they measure.

    They are as corrected; one that was retracted says no value and no zone.
    """
    dialect = work.database.dialect
    found = {
        event.stream: Said(event.position, event.data)
        for event in events(
            work,
            readings_statement(dialect, EVENT.format(stream=dialect.id_as_text("stream"))),
            ids=dialect.array(measured),
            first=first.isoformat(),
            last=last.isoformat(),
        )
    }
    for event in events_of(work, CHANGES, found):
        position, data = found[event.stream]
        retracted = {"value": None, "zone": None}
        found[event.stream] = Said(position, data | (event.data or retracted))
    readings: dict[str, list[Said]] = defaultdict(list)
    for said in found.values():
        readings[said.data.get("kpi_id") or said.data["key_result_id"]].append(said)
    return readings


def measures_of(work: UnitOfWork, key_results: list[UUID]) -> dict[str, list[MeasureSince]]:
    """Return what key results promised, each since a position, the oldest first."""
    found: dict[str, list[MeasureSince]] = defaultdict(list)
    for event in events_of(work, MEASURES, key_results):
        if event.type == CORRECTED:
            found[event.stream] = corrected(found[event.stream], event.data)
        else:
            measure = msgspec.convert(event.data["measure"], Measure, strict=False)
            since = MeasureSince(event.position, event.version, measure, measure)
            found[event.stream].append(since)
    return found


def corrected(measures: list[MeasureSince], data: dict[str, Any]) -> list[MeasureSince]:
    """Return measures, the wrong ones as they were meant."""
    wanted = msgspec.convert(data["meant"]["measure"], Measure, strict=False)
    meant = {name: getattr(wanted, name) for name in data["what"] if name in MEASURED}
    since, until = data["since"], data["until"]
    return [
        each._replace(measure=replace(each.measure, **meant))
        if since <= each.version and (until is None or each.version < until)
        else each
        for each in measures
    ]
