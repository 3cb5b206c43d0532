"""Key results whose value is made of several readings: the rule of their KPI, or one to keep.

Such a value is made of the readings about the days of the goal's own cycle up to the day: by the
rule of the KPI that feeds it, as it was defined on the last of these days. Of a key result to keep,
the readings also say in how many periods it was inside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import msgspec

from okr_es.database.dialect import Dialect
from okr_es.scoring import span_values
from okr_es.scoring.cadences import Schedule
from okr_es.scoring.calendar import Calendars
from okr_es.scoring.span_values import Bounds, SpanReading, bounds_to_reach
from projections.as_of.view import View
from projections.goals.goal import Goal
from projections.goals.key_result_scores import KeyResultRow, SpanValue
from projections.goals.kpi_facts import (
    WANTED,
    Definition,
    Frame,
    decimal,
    definition_on,
    frames_query,
    is_comparable,
    readings_in,
)
from projections.read_model.tables import FIRST_DAY

LAST = "last"
OF_A_DEFINITION = "d.kpi_id", "d.effective", "d.counts", "d.aggregation"
definitions_in = msgspec.json.Decoder(list[tuple[str, str, str | None, str]]).decode


class Combined(NamedTuple):
    """A key result of a goal whose value is made of several readings, and its frame."""

    goal: Goal
    number: int
    row: KeyResultRow
    frame: Frame


def frame_of(goal: Goal, row: KeyResultRow, read_until: str) -> Frame:
    """Return the days about which readings count: those of the goal's own cycle, up to a day."""
    last = min(goal.cycle["ends"], read_until)
    return Frame(row.fed_by, goal.cycle["starts"], last, row.own_definition)


def combine_readings(view: View, goals: dict[str, Goal]) -> bool:
    """Find by one statement the values that one reading does not make; return whether any was."""
    until = view.moment.read_until.isoformat()
    combined = [
        Combined(goal, number, row, frame_of(goal, row, until))
        for goal in goals.values()
        for number, row in enumerate(goal.key_results)
        if row.combines
    ]
    if not combined:
        return False
    readings, definitions = frames(view, list(dict.fromkeys(each.frame for each in combined)))
    for each in combined:
        found = readings.get(each.frame, [])
        span = span_value(each, found, definitions, view.calendars, view.moment.day)
        each.goal.key_results[each.number] = each.row._replace(span=span)
    return True


def span_by(
    row: KeyResultRow, readings: Sequence[SpanReading], known: Sequence[Definition], day: str
) -> SpanValue:
    """Return the value alone that readings had made by a day."""
    aggregation = aggregation_on(known, day)
    until = [each for each in readings if each.as_of <= day]
    value = span_values.value_of(aggregation, until, bounds_of(row).goodness())
    exact = None if value is None else value.as_integer_ratio()
    return SpanValue(exact, None, aggregation, hit_rate=None, comparable=True, breaks=())


def span_value(
    combined: Combined,
    readings: Sequence[SpanReading],
    definitions: dict[str, list[Definition]],
    calendars: Calendars,
    day: date,
) -> SpanValue:
    """Return what the readings of a frame come to for a key result, as of a day."""
    row, frame, cycle = combined.row, combined.frame, combined.goal.cycle
    bounds, known = bounds_of(row), definitions.get(row.kpi_id or "", ())
    aggregation = aggregation_on(known, frame.last)
    value = span_values.value_of(aggregation, readings, bounds.goodness())
    hit_rate = None
    if row.direction is not None and aggregation != "sum":
        first, last = (date.fromisoformat(cycle[name]) for name in ("starts", "ends"))
        schedule = Schedule(calendars, row.cadence, first, last)
        hit_rate = span_values.hit_rate(readings, schedule, aggregation, bounds, day)
    return SpanValue(
        None if value is None else value.as_integer_ratio(),
        None if value is None else bounds.value_text(value),
        aggregation,
        hit_rate,
        is_comparable(known, frame.first, frame.last),
        tuple(each.effective for each in known if each.effective != FIRST_DAY),
    )


def aggregation_on(definitions: Sequence[Definition], day: str) -> str:
    """Return how readings become a value on a day; without any definition by the last reading."""
    return definition_on(definitions, day).aggregation if definitions else LAST


def is_plain(definitions: Sequence[Definition]) -> bool:
    """Return whether a KPI was always defined alike, and by its last reading."""
    return all(each.effective == FIRST_DAY and each.aggregation == LAST for each in definitions)


def bounds_of(row: KeyResultRow) -> Bounds:
    """Return where a metric is wanted: on its way to the target, or inside what it is to keep."""
    if row.direction is None:
        return bounds_to_reach(Decimal(row.baseline or 0), Decimal(row.target or 0))
    return Bounds(
        row.direction,
        decimal(row.target),
        decimal(row.minimum),
        decimal(row.maximum),
        decimal(row.baseline),
    )


# ---- statements -------------------------------------------------------------------------


def combines(row: str) -> str:
    """Return the SQL of whether one reading does not make the value of a key result.

    It is one to keep, or the KPI that feeds it has subjects, or was ever defined otherwise than by
    its last reading. `row` is the alias of the key result.
    """
    definitions = (
        f"SELECT 1 FROM kpi_definition d WHERE d.id > {row}.kpi_id AND d.id < {row}.kpi_id || ';' "
        f"AND (d.aggregation <> '{LAST}' OR d.effective <> '{FIRST_DAY}')"
    )
    subjects = (
        f"SELECT 1 FROM reading s WHERE s.measured_id = {row}.kpi_id AND s.subject IS NOT NULL"
    )
    return (
        f"({row}.direction IS NOT NULL OR ({row}.kpi_id IS NOT NULL "
        f"AND (EXISTS ({definitions}) OR EXISTS ({subjects}))))"
    )


def frames(
    view: View, wanted: Sequence[Frame]
) -> tuple[dict[Frame, list[SpanReading]], dict[str, list[Definition]]]:
    """Return the readings in frames, and the definitions of KPIs by their days: one statement."""
    parameter = json.dumps([[number, *frame] for number, frame in enumerate(wanted)])
    rows = view.rows(
        frames_and_definitions(view.dialect), wanted=parameter, known=view.moment.known
    )
    readings: dict[Frame, list[SpanReading]] = {}
    definitions: dict[str, list[Definition]] = {}
    for number, text in rows:
        if number >= 0:
            readings[wanted[number]] = readings_in(text)
        else:
            definitions = by_kpi(definitions_in(text or "[]"))
    return readings, definitions


def by_kpi(rows: Iterable[tuple[str, str, str | None, str]]) -> dict[str, list[Definition]]:
    """Return definitions by their KPIs, each list by the days they hold from."""
    found: dict[str, list[Definition]] = {}
    for kpi_id, effective, counts, aggregation in sorted(set(rows), key=lambda row: row[:2]):
        found.setdefault(kpi_id, []).append(Definition(effective, counts, aggregation))
    return found


@cache
def frames_and_definitions(dialect: Dialect) -> str:
    """Return the statement of the readings of frames, and of all definitions of their KPIs.

    The definitions have the number -1.
    """
    wanted = dialect.relation("wanted", **WANTED)
    return f"""
      {frames_query(dialect)}
      UNION ALL
      SELECT -1, {dialect.json_rows(OF_A_DEFINITION)} FROM {wanted} AS w
      JOIN kpi_definition d ON d.id > w.id AND d.id < w.id || ';'
      WHERE d.known_from <= :known AND d.known_until > :known
    """
