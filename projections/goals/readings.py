"""Readings of a KPI, check-ins of a key result: a page of them, the last recorded first."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.handlers.comments import comments
from okr_es.people.directory import Directory
from projections.as_of.pages import require_limit
from projections.as_of.references import actor
from projections.as_of.rows import columns
from projections.as_of.view import View, as_of_fields
from projections.goals.documents import evidence_of
from projections.goals.kpi_answers import ReadingsAnswer, RecordedReading
from projections.goals.kpi_facts import kpis_of
from projections.read_model.tables import FOREVER, Row, plain

READINGS = f"""
  SELECT {columns("reading", "r")}, e.recorded_at, {{by}}, {{on_behalf_of}} FROM (
    SELECT {columns("reading")} FROM reading
    WHERE measured_id = :id AND known_from <= :known AND known_until > :known AND as_of <= :day
      AND first_position < :before ORDER BY first_position DESC LIMIT :limit
  ) AS r JOIN events e ON e.position = r.first_position ORDER BY r.first_position DESC
"""
ACTORS = ("by", "on_behalf_of")
MEASURED = """
  SELECT id FROM kpi WHERE id = :id AND known_from <= :plan
  UNION SELECT id FROM key_result WHERE id = :id AND known_from <= :plan
"""


class RecordedBy(NamedTuple):
    """When something was recorded, by whom and on whose behalf, ids as text; None: nobody."""

    recorded_at: str
    by: str | None
    on_behalf_of: str | None


def readings(
    view: View, directory: Directory, measured_id: UUID, limit: int, before: int | None
) -> ReadingsAnswer:
    """Return readings, retracted ones marked; the next page begins before `next_before`.

    Of a KPI that was first recorded after the day, too, where it is about that day.
    """
    parameters = {"id": str(measured_id), **view.moment.parameters}
    if not view.rows(MEASURED, **parameters) and not kpis_of(view, measured_id):
        raise NotFound(f"There is no KPI or key result {measured_id} by then.", field="id")
    actors = {name: view.dialect.id_as_text(f'e."{name}"') for name in ACTORS}
    statement = READINGS.format(**actors)
    require_limit(limit)
    rows = view.rows(statement, **parameters, before=before or FOREVER, limit=limit + 1)
    found = [(plain("reading", row[:-3]), RecordedBy(*row[-3:])) for row in rows]
    shown = found[:limit]
    ids = [UUID(row["id"]) for row, _ in shown]
    said = comments(view.database, directory, ids, view.moment.known)
    return {
        **as_of_fields(view),
        "readings": [recorded(row, said.get(UUID(row["id"])), deed) for row, deed in shown],
        "next_before": shown[-1][0]["first_position"] if len(found) > limit else None,
    }


def recorded(row: Row, comment: str | None, deed: RecordedBy) -> RecordedReading:
    """Return a reading after its corrections, with how it was recorded at first."""
    return {
        "id": row["id"],
        "as_of": row["as_of"],
        "value": row["value"],
        "zone": row["zone"],
        "confidence": row["confidence"],
        "comment": comment,
        "subject": row["subject"],
        "evidence": evidence_of(row["evidence"]),
        "recorded_at": deed.recorded_at,
        "by": None if deed.by is None else actor(UUID(deed.by)),
        "on_behalf_of": None if deed.on_behalf_of is None else actor(UUID(deed.on_behalf_of)),
        "corrected": row["version"] > (2 if row["retracted"] else 1),
        "retracted": row["retracted"],
        "version": row["version"],
        "position": row["first_position"],
    }
