"""What a KPI is judged by, as of a moment: its definitions, its spans, and readings of both clocks.

A span's days say what it is about, so it counts whenever it was recorded: of what was recorded by
the day, the numbers in force then; of what was first recorded later, those known by now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from okr_es.database.dialect import Dialect
from okr_es.scoring.formulas import Policy
from okr_es.scoring.span_values import TO_REACH, Bounds, SpanReading
from projections.as_of.view import View
from projections.goals.scoring import BUILT_IN, POLICY_FIELDS, policy_of
from projections.read_model.tables import Row

readings_in = msgspec.json.Decoder(list[SpanReading]).decode
# What is corrected for all days of a KPI.
CORRECTED = ("unit", "direction", "baseline")
SPAN_READING = ("r.subject", "r.as_of", "r.first_position", "r.value")
POLICY = (
    f"SELECT {', '.join(POLICY_FIELDS)} FROM scoring_policy WHERE known_from <= :plan "
    "ORDER BY known_from DESC LIMIT 1"
)


class Definition(NamedTuple):
    """What a KPI counts from a day on; the first one begins with FIRST_DAY."""

    effective: str
    counts: str | None
    aggregation: str
    position: int = 0


class KpiSpan(NamedTuple):
    """The target of a span of days, and whether it was first recorded after the day asked about."""

    starts: str
    ends: str
    bounds: Bounds
    is_recorded_later: bool


class KpiFacts(NamedTuple):
    """A KPI as of a moment: its row, definitions and spans by their days, and its readings."""

    row: Row
    is_recorded_later: bool
    definitions: list[Definition]
    spans: list[KpiSpan]

    def definition(self, day: str) -> Definition:
        """Return the definition that is in force on a day."""
        return definition_on(self.definitions, day)

    def span(self, day: str) -> KpiSpan | None:
        """Return the span that holds a day, else the last one that is over; None without any."""
        begun = [span for span in self.spans if span.starts <= day]
        holding = [span for span in begun if day <= span.ends]
        return max(holding or begun, default=None, key=lambda span: (span.ends, span.starts))


def definition_on(definitions: Sequence[Definition], day: str) -> Definition:
    """Return the one of some definitions, by their days, that is in force on a day."""
    return next(each for each in reversed(definitions) if each.effective <= day)


def is_comparable(definitions: Iterable[Definition], first: str, last: str) -> bool:
    """Return whether a KPI was defined alike on two days and all days between."""
    return not any(first < each.effective <= last for each in definitions)


def bounds_of(row: Row, direction: str, origin: Decimal | None) -> Bounds:
    """Return the target and bounds of a row, in the KPI's own unit.

    One from before a correction of the KPI may not fit what it is: then nothing is judged by it.
    """
    target, minimum, maximum = (decimal(row[name]) for name in ("target", "minimum", "maximum"))
    is_nowhere = target == origin and direction in TO_REACH
    if (target if direction == "within" else minimum) is not None or is_nowhere:
        target = minimum = maximum = None
    return Bounds(direction, target, minimum, maximum, origin)


def decimal(value: str | None) -> Decimal | None:
    """Return the number a text stands for; None stays None."""
    return None if value is None else Decimal(value)


# ---- loading ----------------------------------------------------------------------------


def kpi_facts(view: View, where: str = "", **parameters: Any) -> list[KpiFacts]:
    """Return the KPIs of a view, in no order; `where` is about today's rows, `now`.

    One that was first recorded after the day is there where a span or a reading is about the day
    or one before.
    """
    rows = then_or_later(view, "kpi", where, **parameters)
    ids = view.array(row["id"] for row, _ in rows)
    definitions = definitions_of(view, ids)
    spans = spans_of(view, ids, {row["id"]: row for row, _ in rows})
    late = [row["id"] for row, is_later in rows if is_later]
    day = view.moment.day.isoformat()
    with_readings = measured_by(view, late) if late else set()
    return [
        KpiFacts(row, is_later, definitions[row["id"]], spans.get(row["id"], []))
        for row, is_later in rows
        if not is_later
        or row["id"] in with_readings
        or any(span.starts <= day for span in spans.get(row["id"], ()))
    ]


def kpis_of(view: View, id_: UUID) -> list[KpiFacts]:
    """Return the KPI of an id, in a list; an empty one where there is none by then."""
    return kpi_facts(view, "AND now.id = :id", id=str(id_))


def then_or_later(view: View, table: str, where: str, **parameters: Any) -> list[tuple[Row, bool]]:
    """Return rows as in force at the moment, and those first recorded later, as known, marked."""
    moment = view.moment
    known = view.at(moment._replace(plan=moment.known))
    known_rows = known.bounded_rows(table, where, **parameters)
    if moment.plan == moment.known:
        return [(row, False) for row in known_rows]
    then = {row["id"]: row for row in view.bounded_rows(table, where, **parameters)}
    return [
        (then.get(row["id"], row) | as_corrected(table, row), row["id"] not in then)
        for row in known_rows
    ]


def as_corrected(table: str, known: Row) -> Row:
    """Return what of a KPI is always as it is known: a correction holds for all its days."""
    return {name: known[name] for name in CORRECTED} if table == "kpi" else {}


def definitions_of(view: View, ids: str) -> dict[str, list[Definition]]:
    """Return the definitions of some KPIs known at the moment, by their days."""
    rows = view.rows(
        "SELECT kpi_id, effective, counts, aggregation, known_from FROM kpi_definition "
        f"WHERE kpi_id {view.dialect.in_array('ids')} AND known_from <= :known "
        "AND known_until > :known ORDER BY effective",
        ids=ids,
        known=view.moment.known,
    )
    found: dict[str, list[Definition]] = {}
    for kpi_id, *definition in rows:
        found.setdefault(kpi_id, []).append(Definition(*definition))
    return found


def spans_of(view: View, ids: str, kpis: dict[str, Row]) -> dict[str, list[KpiSpan]]:
    """Return the spans of some KPIs by their days.

    A span that was split later keeps the number it had on the day, up to where the next one begins.
    """
    belonging = f"AND now.kpi_id {view.dialect.in_array('ids')}"
    day, found = view.moment.day.isoformat(), dict[str, list[KpiSpan]]()
    for row, is_later in then_or_later(view, "kpi_target", belonging, ids=ids):
        kpi = kpis[row["kpi_id"]]
        if not is_later or row["starts"] <= day:
            bounds = bounds_of(row, kpi["direction"], decimal(kpi["baseline"]))
            span = KpiSpan(row["starts"], row["ends"], bounds, is_later)
            found.setdefault(kpi["id"], []).append(span)
    return {id_: unoverlapped(spans) for id_, spans in found.items()}


def unoverlapped(spans: list[KpiSpan]) -> list[KpiSpan]:
    """Return spans by their days, each up to the eve of one recorded later that begins inside."""
    spans.sort(key=lambda span: span.starts)
    later = [span.starts for span in spans if span.is_recorded_later]
    return [
        span._replace(
            ends=min([span.ends, *(eve(first) for first in later if first > span.starts)])
        )
        for span in spans
    ]


def eve(day: str) -> str:
    """Return the day before a day."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def measured_by(view: View, ids: Sequence[str]) -> set[str]:
    """Return which of some KPIs have a reading about the day of the moment or one before."""
    rows = view.rows(
        "SELECT DISTINCT measured_id FROM reading "
        f"WHERE measured_id {view.dialect.in_array('ids')} AND as_of <= :day "
        "AND known_from <= :known",
        ids=view.array(ids),
        known=view.moment.known,
        day=view.moment.read_until.isoformat(),
    )
    return {row[0] for row in rows}


def policy_at(view: View) -> Policy:
    """Return the scoring policy in force at the moment."""
    rows = view.rows(POLICY, plan=view.moment.plan)
    return policy_of(*rows[0]) if rows else BUILT_IN


class Frame(NamedTuple):
    """Whose readings are wanted, and about which days: the first and the last.

    Of check-ins those made under a definition are (`read_model/definitions.py`); None: any, of a
    KPI.
    """

    measured_id: str
    first: str
    last: str
    definition: str | None = None


WANTED = {"number": "bigint", "id": "text", "first": "text", "last": "text", "definition": "text"}


def readings_of(view: View, frames: Sequence[Frame]) -> dict[Frame, list[SpanReading]]:
    """Return the readings that count in some frames, by one statement; retracted ones do not."""
    if not frames:
        return {}
    wanted = json.dumps([[number, *frame] for number, frame in enumerate(frames)])
    rows = view.rows(frames_query(view.dialect), wanted=wanted, known=view.moment.known)
    return {frames[int(number)]: readings_in(rows_text) for number, rows_text in rows}


@cache
def frames_query(dialect: Dialect) -> str:
    """Return the query of the readings of frames: the number of each, and a list in JSON.

    Check-ins of confidence alone, or of a zone, have no value and are left out.
    """
    wanted = dialect.relation("wanted", **WANTED)
    return f"""
      SELECT w.number, {dialect.json_rows(SPAN_READING)} FROM {wanted} AS w
      CROSS JOIN reading r WHERE r.measured_id = w.id AND r.as_of >= w.first AND r.as_of <= w.last
        AND r.known_from + 0 <= :known AND r.known_until > :known AND NOT r.retracted
        AND r.value IS NOT NULL AND (w.definition IS NULL OR r.definition = w.definition)
      GROUP BY w.number
    """
