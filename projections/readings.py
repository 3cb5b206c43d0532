"""The fold of readings. The last day's counts, and of one day the last recorded."""

from __future__ import annotations

from typing import Any

from .batch import Batch, Latest
from .schema import FOREVER, plain


def fold_new_reading(
    batch: Batch, position: int, stream: str, data: dict[str, Any], *, changes_again: bool
) -> None:
    """Fold the beginning of a reading; a check-in also has a confidence, and perhaps a zone."""
    measured_id = data.get("kpi_id") or data["key_result_id"]
    as_of, value, zone = data["as_of"], data["value"], data.get("zone")
    confidence = data.get("confidence")
    if changes_again:
        fields = {
            "version": 1,
            "measured_id": measured_id,
            "as_of": as_of,
            "value": value,
            "zone": zone,
            "confidence": confidence,
            "retracted": False,
        }
        batch.put("reading", stream, position, fields)
    else:
        row = (stream, position, FOREVER, 1, position, measured_id, as_of, value, zone)
        batch.readings.append((*row, confidence, False))
    last = batch.latest[measured_id]
    if last is None or (as_of, position) >= (last.as_of, last.first_position):
        batch.count(
            measured_id, Latest(measured_id, stream, as_of, value, zone, confidence, position)
        )


def fold_changed_reading(
    batch: Batch, position: int, stream: str, version: int, kind: str, data: dict[str, Any]
) -> None:
    """Fold a correction or a retraction."""
    retracted = {"retracted": True} if kind == "reading.retracted" else {}
    row = batch.put("reading", stream, position, {"version": version, **data, **retracted})
    measured_id = row["measured_id"]
    last = batch.latest[measured_id]
    if last is not None and last.reading_id == stream:
        counts = last_standing(batch, measured_id) if retracted else as_latest(row)
        batch.count(measured_id, counts)


def as_latest(row: dict[str, Any]) -> Latest:
    """Return a reading as the one that counts."""
    return Latest(
        row["measured_id"],
        row["id"],
        row["as_of"],
        row["value"],
        row["zone"],
        row["confidence"],
        row["first_position"],
    )


def last_standing(batch: Batch, measured_id: str) -> Latest | None:
    """Return the last reading that was not retracted, stored or in the batch."""
    loaded = [
        row
        for (table, _), row in batch.current.items()
        if table == "reading" and row["measured_id"] == measured_id
    ]
    seen = {row["id"] for row in loaded}
    statement = (
        f"SELECT * FROM reading WHERE known_until = {FOREVER} AND measured_id {{ids}} "  # noqa: S608
        f"AND NOT retracted ORDER BY as_of DESC, first_position DESC LIMIT {len(seen) + 1}"
    )
    stored = (plain("reading", row) for row in batch.writer.select(statement, [measured_id]))
    fresh = (plain("reading", row) for row in batch.readings if row[5] == measured_id)
    standing = [row for row in loaded if not row["retracted"]]
    standing += [row for row in (*stored, *fresh) if row["id"] not in seen]
    candidates = [as_latest(row) for row in standing]
    return max(candidates, key=lambda row: (row.as_of, row.first_position), default=None)
