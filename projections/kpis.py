"""KPIs judged: the last reading against the target of its day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from okr_es import arithmetic

from .goals import Row
from .rows import rows_of

TARGET_FIELDS = ("starts", "ends", "target", "minimum", "maximum")


def judged_kpis(connection: Connection, rows: list[Row], today: date) -> list[Row]:
    """Return KPIs with their targets, last reading, met or not, and overdue or not."""
    ids = [row["id"] for row in rows]
    targets: dict[str, list[Row]] = {id_: [] for id_ in ids}
    for row in rows_of(connection, "kpi_target", "kpi_id", ids):
        targets[row["kpi_id"]].append({name: row[name] for name in TARGET_FIELDS})
    latest = rows_of(connection, "latest", "measured_id", ids, versioned=False)
    readings = {row["measured_id"]: row for row in latest}
    return [
        judged(
            row,
            sorted(targets[row["id"]], key=lambda target: str(target["starts"])),
            readings.get(row["id"]),
            today,
        )
        for row in rows
    ]


def judged(row: Row, targets: list[Row], latest: Row | None, today: date) -> Row:
    """Return one KPI, judged. Met is None without a reading, or a target for its day."""
    day = latest["as_of"] if latest else today.isoformat()
    target = next((t for t in targets if t["starts"] <= day <= t["ends"]), None)
    last = date.fromisoformat(day) if latest else None
    answer = row | {"targets": targets, "target": target, "reading": None, "met": None}
    answer["progress"] = None
    since = date.fromisoformat(targets[0]["starts"]) if targets else None
    answer["overdue"] = not row["retired"] and arithmetic.is_overdue(
        last, row["cadence"], today, since=since
    )
    if latest is not None:
        answer["reading"] = {
            "id": latest["reading_id"],
            "as_of": latest["as_of"],
            "value": latest["value"],
        }
        if target is not None:
            answer |= verdict(row, target, Decimal(latest["value"]))
    return answer


def verdict(row: Row, target: Row, value: Decimal) -> Row:
    """Return whether a value meets its target, and how near it is."""
    bounds = {name: decimal(target[name]) for name in ("target", "minimum", "maximum")}
    baseline = decimal(row["baseline"])
    progress = arithmetic.kpi_progress(row["direction"], value, baseline=baseline, **bounds)
    return {
        "met": arithmetic.kpi_met(row["direction"], value, **bounds),
        "progress": arithmetic.shown(progress),
    }


def decimal(value: str | None) -> Decimal | None:
    """Return the number a text stands for."""
    return None if value is None else Decimal(value)
