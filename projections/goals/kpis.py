"""KPIs: the last reading compared with the target of its day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from okr_es.database.dialect import Dialect
from okr_es.scoring import formulas
from projections.as_of.references import ref
from projections.as_of.view import View, standing_on
from projections.goals.loading_sql import counting
from projections.read_model.tables import Row

TARGET_FIELDS = ("starts", "ends", "target", "minimum", "maximum")


def kpis(view: View, team_id: UUID | None, overdue: bool | None) -> Row:  # noqa: FBT001
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
    return standing_on(view.moment) | {"kpis": found}


def kpi(view: View, id_: UUID) -> Row:
    """Return a KPI with all its targets; raise NotFound."""
    row = view.one("kpi", id_, "KPI")
    return judged_kpis(view, [row])[0] | standing_on(view.moment)


def judged_kpis(view: View, rows: list[Row]) -> list[Row]:
    """Return KPIs with their targets, last reading, met or not, and overdue or not."""
    ids = view.array(row["id"] for row in rows)
    targets: dict[str, list[Row]] = {row["id"]: [] for row in rows}
    belonging = f"AND now.kpi_id {view.dialect.in_array('ids')}"
    for row in view.all_rows("kpi_target", belonging, ids=ids):
        targets[row["kpi_id"]].append({name: row[name] for name in TARGET_FIELDS})
    found = view.rows(last_readings(view.dialect), **view.moment.parameters, ids=ids)
    readings = {id_: dict(zip(("id", "as_of", "value"), each, strict=True)) for id_, *each in found}
    return [
        judged(
            row,
            sorted(targets[row["id"]], key=lambda target: str(target["starts"])),
            readings.get(row["id"]),
            view.moment.day,
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


def judged(row: Row, targets: list[Row], latest: Row | None, day: date) -> Row:
    """Return one KPI, judged on a day. Met is None without a reading, or a target for its day."""
    about = latest["as_of"] if latest else day.isoformat()
    target = next((t for t in targets if t["starts"] <= about <= t["ends"]), None)
    since = date.fromisoformat(targets[0]["starts"]) if targets else None
    answer = kpi_answer(row) | {
        "targets": targets,
        "target": target,
        "reading": latest,
        "met": None,
        "progress": None,
        "overdue": not row["retired"]
        and formulas.is_overdue(
            date.fromisoformat(about) if latest else None, row["cadence"], day, since=since
        ),
    }
    if latest is not None and target is not None:
        answer |= against(row, target, Decimal(latest["value"]))
    return answer


def kpi_answer(row: Row) -> Row:
    """Return a KPI with what it refers to as references."""
    answer = {name: row[name] for name in row if name not in {"owner_id", "team_id"}}
    return answer | {"owner": ref(row["owner_id"]), "team": ref(row["team_id"])}


def against(row: Row, target: Row, value: Decimal) -> Row:
    """Return whether a value meets its target, and how near it is."""
    bounds: dict[str, Any] = {
        name: decimal(target[name]) for name in ("target", "minimum", "maximum")
    }
    baseline = decimal(row["baseline"])
    progress = formulas.kpi_progress(row["direction"], value, baseline=baseline, **bounds)
    return {
        "met": formulas.kpi_met(row["direction"], value, **bounds),
        "progress": formulas.shown(progress),
    }


def decimal(value: str | None) -> Decimal | None:
    """Return the number a text stands for."""
    return None if value is None else Decimal(value)
