"""Readings of a KPI, check-ins of a key result: a page of them, the last recorded first."""

from __future__ import annotations

from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.handlers.comments import comments
from okr_es.people.directory import Directory
from projections.as_of.rows import columns
from projections.as_of.view import View, as_of_fields
from projections.goals.documents import evidence_of
from projections.goals.kpi_answers import ReadingsAnswer, RecordedReading
from projections.goals.kpi_facts import kpis_of
from projections.read_model.tables import FOREVER, Row, plain

READINGS = f"""
  SELECT {columns("reading")} FROM reading
  WHERE measured_id = :id AND known_from <= :known AND known_until > :known AND as_of <= :day
    AND first_position < :before ORDER BY first_position DESC LIMIT :limit
"""
MEASURED = """
  SELECT id FROM kpi WHERE id = :id AND known_from <= :plan
  UNION SELECT id FROM key_result WHERE id = :id AND known_from <= :plan
"""


def readings(
    view: View, directory: Directory, measured_id: UUID, limit: int, before: int | None
) -> ReadingsAnswer:
    """Return readings, retracted ones marked; the next page begins before `next_before`.

    Of a KPI that was first recorded after the day, too, where it is about that day.
    """
    parameters = {"id": str(measured_id), **view.moment.parameters}
    if not view.rows(MEASURED, **parameters) and not kpis_of(view, measured_id):
        raise NotFound(f"There is no KPI or key result {measured_id} by then.", field="id")
    rows = view.rows(READINGS, **parameters, before=before or FOREVER, limit=limit + 1)
    found = [plain("reading", row) for row in rows]
    shown = found[:limit]
    said = comments(view.database, directory, ids_of(shown), view.moment.known)
    return {
        **as_of_fields(view),
        "readings": [recorded(row, said.get(UUID(row["id"]))) for row in shown],
        "next_before": found[limit - 1]["first_position"] if len(found) > limit else None,
    }


def ids_of(rows: list[Row]) -> list[UUID]:
    """Return the ids of readings."""
    return [UUID(row["id"]) for row in rows]


def recorded(row: Row, comment: str | None) -> RecordedReading:
    """Return a reading after its corrections."""
    return {
        "id": row["id"],
        "as_of": row["as_of"],
        "value": row["value"],
        "zone": row["zone"],
        "confidence": row["confidence"],
        "comment": comment,
        "subject": row["subject"],
        "evidence": evidence_of(row["evidence"]),
        "retracted": row["retracted"],
        "version": row["version"],
        "position": row["first_position"],
    }
