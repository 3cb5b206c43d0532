"""Loading the past of goals that have ended after they were due.

It comes with the statement of more readings, so it takes none of its own; a timeline asks for the
plans alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import msgspec

from okr_es.database.dialect import Dialect
from okr_es.domain.values import Zone
from okr_es.scoring.span_values import SpanReading
from projections.as_of.view import View
from projections.goals.goal import Goal
from projections.goals.key_result_scores import KeyResultRow
from projections.goals.kpi_facts import Definition, Frame
from projections.goals.loading_sql import KEY_RESULT, WITH_VALUE, known_readings
from projections.goals.past import Past, Plans, Version
from projections.goals.span_readings import (
    OF_A_DEFINITION,
    by_kpi,
    combines,
    definitions_in,
    span_by,
)
from projections.read_model.tables import FOREVER, Row

OBJECTIVES, KEY_RESULTS, READINGS, DEFINITIONS = -1, -2, -3, -4  # the numbers of rows of the past
OBJECTIVE = (
    "known_from", "id", "cycle_id", "parent_objective_id", "aligned_to_key_result_id", "weight",
    "state", "graded", "committed_at", "first_key_result", "lineage", "corrected", "first_position",
)  # fmt: skip
FROM_READINGS = frozenset({
    "confidence", "value", "zone", "as_of", "reading_id", "done", "evidence", "started_at", "span",
})  # fmt: skip


class Reading(NamedTuple):
    """A reading with a value or a zone that is known."""

    measured_id: str
    as_of: str
    first_position: int
    id: str
    value: str | None
    zone: Zone | None
    done: str | None
    definition: str | None
    subject: str | None


READING = Reading._fields
readings_in = msgspec.json.Decoder(list[Reading]).decode
rows_in = msgspec.json.Decoder(list[list[Any]]).decode


class ReadingsThen:
    """Key results as they were read by the end of a day, by readings up to the day `until`.

    Readings of a frame are in the order of their days.
    """

    def __init__(
        self,
        until: str,
        readings: Callable[[Frame], Sequence[Reading]],
        definitions: Callable[[str], Sequence[Definition]],
    ) -> None:
        self.until = until
        self.readings = cache(readings)
        self.definitions = cache(definitions)
        self.spans = cache(self.values)

    def frame(self, row: KeyResultRow, cycle: Row) -> Frame:
        """Return the days about which readings of a key result count."""
        last = min(cycle["ends"], self.until)
        return Frame(row.fed_by, cycle["starts"], last, row.own_definition)

    def values(self, frame: Frame) -> list[SpanReading]:
        """Return the readings of a frame that have a value."""
        return [
            SpanReading(each.subject, each.as_of, each.first_position, Decimal(each.value))
            for each in self.readings(frame)
            if each.value is not None
        ]

    def by(self, row: KeyResultRow, cycle: Row, day: str) -> KeyResultRow:
        """Return a key result of a cycle as it was read by the end of a day."""
        frame = self.frame(row, cycle)
        if row.combines:
            known = self.definitions(row.fed_by)
            span = span_by(row, self.spans(frame), known, min(day, frame.last))
            return row._replace(span=span)
        known_by = (each for each in reversed(self.readings(frame)) if each.as_of <= day)
        read = next(known_by, None)
        if read is None:
            return row
        return row._replace(value=read.value, zone=read.zone, as_of=read.as_of, done=read.done)

    def days(self, row: KeyResultRow, cycle: Row) -> Iterable[str]:
        """Return the days on which the value of a key result of a cycle may have turned.

        A KPI that is redefined on a day makes another value of the same readings from then on.
        """
        breaks = [each.effective for each in self.definitions(row.fed_by)] if row.combines else []
        return [*breaks, *(each.as_of for each in self.readings(self.frame(row, cycle)))]


# ---- with the statement of more readings ----------------------------------------------------


def past_parameters(view: View, late: Sequence[Goal]) -> dict[str, Any]:
    """Return the parameters of `and_past`: of readings, those since the first of the cycles."""
    return {
        "asked": view.array(goal.row["id"] for goal in late),
        "plan": view.moment.plan,
        "first": min(goal.cycle["starts"] for goal in late),
        "until": view.moment.read_until.isoformat(),
    }


def give_past(view: View, late: Sequence[Goal], texts: Mapping[int, str | None]) -> None:
    """Give goals their past, of the rows of `and_past` by their numbers."""
    readings: dict[str, list[Reading]] = defaultdict(list)
    for each in sorted(readings_in(texts[READINGS] or "[]"), key=lambda each: each[1:3]):
        readings[each.measured_id].append(each)

    def of_frame(frame: Frame) -> list[Reading]:
        return [
            each
            for each in readings[frame.measured_id]
            if frame.first <= each.as_of <= frame.last
            and frame.definition in (None, each.definition)
        ]

    definitions = by_kpi(definitions_in(texts[DEFINITIONS] or "[]"))
    until = view.moment.read_until.isoformat()
    then = ReadingsThen(until, of_frame, lambda kpi_id: definitions.get(kpi_id, ()))
    past = Past(plans_in(view, texts), view.moment.plan, view.moment.known, then)
    for goal in late:
        goal.past = past


def plans_of(view: View, ids: Sequence[str]) -> Plans:
    """Return all plans of some objectives by the view's position: one statement."""
    statement = plans_statement(view.dialect)
    rows = view.rows(statement, asked=view.array(ids), plan=view.moment.plan)
    return plans_in(view, {row[0]: row[1] for row in rows})


def plans_in(view: View, texts: Mapping[int, str | None]) -> Plans:
    """Return the plans of the rows of a statement by their numbers."""
    return Plans(
        [
            Version(day, position, row[1], dict(zip(OBJECTIVE, row, strict=True)))
            for day, position, row in versions_in(view, texts[OBJECTIVES])
        ],
        [
            Version(day, position, row[2], None if row[1] else KeyResultRow._make(row[2:]))
            for day, position, row in versions_in(view, texts[KEY_RESULTS])
        ],
    )


def versions_in(view: View, text: str | None) -> list[tuple[str, int, list[Any]]]:
    """Return versions with the day and the position they were recorded at, the oldest first."""
    day_of = view.dates.day_of
    rows = sorted(rows_in(text or "[]"), key=lambda row: int(row[1]))
    return [(day_of(recorded_at).isoformat(), row[0], row) for recorded_at, *row in rows]


# ---- statements -----------------------------------------------------------------------------


@cache
def and_past(dialect: Dialect, statement: str) -> str:
    """Return the statement of more readings with the plans of goals, and all these were read by.

    Each of the past is a list in JSON, with a number below 0.
    """
    readings = known_readings("m.id", "r.as_of >= :first AND r.as_of <= :until")
    columns = [f"r.{name}" for name in READING]
    fillers = ", NULL" * 7
    return f"""
      WITH RECURSIVE {ids_of(dialect)}, measured(id) AS (
        SELECT DISTINCT coalesce(k.kpi_id, k.id) FROM own
        JOIN key_result k ON k.id = own.id AND k.known_from <= :plan
      )
      {statement}
      UNION ALL {objectives_then(dialect, fillers)}
      UNION ALL {key_results_then(dialect, fillers)}
      UNION ALL SELECT {READINGS}, {dialect.json_rows(columns)}{fillers}
        FROM measured m CROSS JOIN reading r {readings} AND {WITH_VALUE}
      UNION ALL SELECT {DEFINITIONS}, {dialect.json_rows(OF_A_DEFINITION)}{fillers}
        FROM measured m JOIN kpi_definition d ON d.id > m.id AND d.id < m.id || ';'
        WHERE d.known_from <= :known AND d.known_until > :known
    """


@cache
def plans_statement(dialect: Dialect) -> str:
    """Return the statement of the plans of some objectives alone."""
    return f"""
      WITH RECURSIVE {ids_of(dialect)}
      {objectives_then(dialect)} UNION ALL {key_results_then(dialect)}
    """


def ids_of(dialect: Dialect) -> str:
    """Return the queries of objectives, `ids`, and of the key results ever below them, `own`.

    Of one that had no key result when it was committed, objectives of its cycle that ever were
    aligned to it are among them: it may have been scored by them.
    """
    return f"""ids(id) AS (
        SELECT n.id FROM objective n
        WHERE n.known_until = {FOREVER} AND n.id {dialect.in_array("asked")}
        UNION
        SELECT b.child_id FROM ids
        JOIN objective n ON n.id = ids.id AND n.known_until = {FOREVER}
          AND (n.first_key_result IS NULL OR n.first_key_result > n.committed_at)
        JOIN links b ON b.parent_id = n.id AND b.kind = 'objective' AND NOT b.other_cycle
          AND b.known_from <= :plan
      ), own(id) AS (
        SELECT DISTINCT b.child_id FROM ids
        JOIN links b ON b.parent_id = ids.id AND b.kind = 'key_result' AND b.known_from <= :plan
      )"""


def objectives_then(dialect: Dialect, fillers: str = "") -> str:
    """Return the query of all versions of the objectives, each with its time of record."""
    columns = ["e.recorded_at", *(f"o.{name}" for name in OBJECTIVE)]
    return f"""SELECT {OBJECTIVES}, {dialect.json_rows(columns)}{fillers} FROM ids
        JOIN objective o ON o.id = ids.id AND o.known_from <= :plan
        JOIN events e ON e.position = o.known_from"""


def key_results_then(dialect: Dialect, fillers: str = "") -> str:
    """Return the query of all versions of the key results, each with its time of record."""
    columns = ["e.recorded_at", "k.known_from", "k.dropped", *map(key_result_column, KEY_RESULT)]
    return f"""SELECT {KEY_RESULTS}, {dialect.json_rows(columns)}{fillers} FROM own
        JOIN key_result k ON k.id = own.id AND k.known_from <= :plan
        JOIN events e ON e.position = k.known_from"""


def key_result_column(name: str) -> str:
    """Return the SQL of a column of a key result without its reading."""
    if name == "combines":
        return combines("k")
    return "CAST(NULL AS text)" if name in FROM_READINGS else f"k.{name}"
