"""KPIs: the last reading compared with the target of its day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from okr_es.database.dialect import Dialect
from okr_es.scoring import formulas
from okr_es.scoring.shown import cut_down
from projections.as_of.references import ref
from projections.as_of.view import View, standing_on
from projections.goals.answers import KpiAnswer, KpiBody, KpiReading, KpisAnswer, KpiTarget
from projections.goals.loading_sql import counting
from projections.goals.overdue import overdue_kpis
from projections.read_model.tables import Row


def kpis(view: View, team_id: UUID | None, overdue: bool | None) -> KpisAnswer:  # noqa: FBT001
    """Return the KPIs of a team or of all, the overdue or the others alone if asked, by name."""
    if team_id is not None:
        view.one("team", team_id, "team", "team_id")
    found = [
        answer
        for answer in judged_kpis(view, view.all_rows("kpi"))
        if (team_id is None or answer["team"] == ref(str(team_id)))
        and (overdue is None or answer["overdue"] == overdue)
    ]
    found.sort(key=lambda answer: (answer["name"], answer["id"]))
    return {**standing_on(view), "kpis": found}


def kpi(view: View, id_: UUID) -> KpiAnswer:
    """Return a KPI with all its targets; raise NotFound."""
    row = view.one("kpi", id_, "KPI")
    return {**judged_kpis(view, [row])[0], **standing_on(view)}


def judged_kpis(view: View, rows: list[Row]) -> list[KpiBody]:
    """Return KPIs with their targets, last reading, met or not, and overdue or not."""
    ids = view.array(row["id"] for row in rows)
    targets: dict[str, list[KpiTarget]] = {row["id"]: [] for row in rows}
    belonging = f"AND now.kpi_id {view.dialect.in_array('ids')}"
    for row in view.all_rows("kpi_target", belonging, ids=ids):
        targets[row["kpi_id"]].append(target_answer(row))
    found = view.rows(last_readings(view.dialect), **view.moment.parameters, ids=ids)
    readings: dict[str, KpiReading] = {
        measured: {"id": id_, "as_of": as_of, "value": value}
        for measured, id_, as_of, value in found
    }
    spans = {id_: [(t["starts"], t["ends"]) for t in each] for id_, each in targets.items()}
    overdue = overdue_kpis(view, spans, {id_: each["as_of"] for id_, each in readings.items()})
    return [
        judged(
            row,
            sorted(targets[row["id"]], key=lambda target: target["starts"]),
            readings.get(row["id"]),
            view.moment.day,
            is_overdue=row["id"] in overdue,
        )
        for row in rows
    ]


@cache
def last_readings(dialect: Dialect) -> str:
    """Return the statement of the readings that count, of some KPIs."""
    return f"""
      SELECT m.measured_id, m.id, m.as_of, m.value FROM ({dialect.unnest("ids")}) AS i
      {dialect.first_of("m", "reading", "r.*", counting("i.value", ":day"))}
      WHERE m.id IS NOT NULL
    """


def judged(
    row: Row,
    targets: list[KpiTarget],
    latest: KpiReading | None,
    day: date,
    *,
    is_overdue: bool,
) -> KpiBody:
    """Return one KPI, judged on a day. Met is None without a reading, or a target for its day."""
    about = latest["as_of"] if latest else day.isoformat()
    target = next((t for t in targets if t["starts"] <= about <= t["ends"]), None)
    met, progress = against(row, target, latest)
    return {
        "id": row["id"],
        "version": row["version"],
        "name": row["name"],
        "direction": row["direction"],
        "unit": row["unit"],
        "source": row["source"],
        "cadence": row["cadence"],
        "purpose": row["purpose"],
        "baseline": row["baseline"],
        "retired": row["retired"],
        "owner": ref(row["owner_id"]),
        "team": ref(row["team_id"]),
        "targets": targets,
        "target": target,
        "reading": latest,
        "met": met,
        "progress": progress,
        "overdue": is_overdue,
    }


def target_answer(row: Row) -> KpiTarget:
    """Return what is wanted in a span."""
    return {
        "starts": row["starts"],
        "ends": row["ends"],
        "target": row["target"],
        "minimum": row["minimum"],
        "maximum": row["maximum"],
    }


def against(
    row: Row, target: KpiTarget | None, latest: KpiReading | None
) -> tuple[bool | None, Decimal | None]:
    """Return whether a reading meets its target, and how near it is; None without either."""
    if target is None or latest is None:
        return None, None
    direction, value = row["direction"], Decimal(latest["value"])
    bounds: dict[str, Any] = {
        "target": decimal(target["target"]),
        "minimum": decimal(target["minimum"]),
        "maximum": decimal(target["maximum"]),
    }
    progress = formulas.kpi_progress(direction, value, baseline=decimal(row["baseline"]), **bounds)
    return formulas.kpi_met(direction, value, **bounds), cut_down(progress)


def decimal(value: str | None) -> Decimal | None:
    """Return the number a text stands for."""
    return None if value is None else Decimal(value)
