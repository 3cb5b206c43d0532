"""KPIs judged: the last reading against the target of its day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from okr_es.database.database import Database
from okr_es.scoring import formulas
from projections.as_of.moments import Moment
from projections.as_of.rows import all_rows, among, many
from projections.goals.loading import measured
from projections.goals.scoring import Row

TARGET_FIELDS = ("starts", "ends", "target", "minimum", "maximum")
LISTED = {True: "json_each(:ids) i", False: "unnest(CAST(:ids AS text[])) i(value)"}
READINGS = {
    is_sqlite: f"""
      SELECT m.measured_id, m.id, m.as_of, m.value FROM {ids}
      {measured("i.value", ":day", is_sqlite=is_sqlite)} WHERE m.id IS NOT NULL
    """
    for is_sqlite, ids in LISTED.items()
}


def judged_kpis(database: Database, rows: list[Row], moment: Moment) -> list[Row]:
    """Return KPIs with their targets, last reading, met or not, and overdue or not."""
    ids = many(database, [row["id"] for row in rows])
    targets: dict[str, list[Row]] = {row["id"]: [] for row in rows}
    belonging = f"AND now.kpi_id {among(database, 'ids')}"
    for row in all_rows(database, "kpi_target", moment.plan, belonging, ids=ids):
        targets[row["kpi_id"]].append({name: row[name] for name in TARGET_FIELDS})
    found = database.rows(READINGS[database.is_sqlite], {**moment.parameters, "ids": ids})
    readings = {id_: dict(zip(("id", "as_of", "value"), each, strict=True)) for id_, *each in found}
    return [
        judged(
            row,
            sorted(targets[row["id"]], key=lambda target: str(target["starts"])),
            readings.get(row["id"]),
            moment.day,
        )
        for row in rows
    ]


def judged(row: Row, targets: list[Row], latest: Row | None, day: date) -> Row:
    """Return one KPI, judged on a day. Met is None without a reading, or a target for its day."""
    about = latest["as_of"] if latest else day.isoformat()
    target = next((t for t in targets if t["starts"] <= about <= t["ends"]), None)
    answer = row | {"targets": targets, "target": target, "reading": latest, "met": None}
    answer["progress"] = None
    since = date.fromisoformat(targets[0]["starts"]) if targets else None
    answer["overdue"] = not row["retired"] and formulas.is_overdue(
        date.fromisoformat(about) if latest else None, row["cadence"], day, since=since
    )
    if latest is not None and target is not None:
        answer |= score_of(row, target, Decimal(latest["value"]))
    return answer


def score_of(row: Row, target: Row, value: Decimal) -> Row:
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
