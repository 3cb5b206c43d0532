"""The fold of readings: each is a row, each correction and retraction a version of it."""

from __future__ import annotations

from typing import Any

from .batch import Batch
from .schema import FOREVER


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
        row = (position, stream, FOREVER, 1, position, measured_id, as_of, value, zone)
        batch.readings.append((*row, confidence, False))


def fold_changed_reading(
    batch: Batch, position: int, stream: str, version: int, kind: str, data: dict[str, Any]
) -> None:
    """Fold a correction or a retraction."""
    retracted = {"retracted": True} if kind == "reading.retracted" else {}
    batch.put("reading", stream, position, {"version": version, **data, **retracted})
