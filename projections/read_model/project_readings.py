"""The fold of readings: each is a row, each correction and retraction a version of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from projections.read_model.batch import Batch
from projections.read_model.tables import FOREVER
from projections.read_model.writers import Row


def recorded(position: int, stream: str, data: dict[str, Any]) -> Row:
    """Return the finished row of a reading of a KPI that nothing in the batch changes again."""
    about = data["kpi_id"], data["as_of"], data["value"]
    return (position, stream, FOREVER, 1, position, *about, None, None, False)


def checked_in(position: int, stream: str, data: dict[str, Any]) -> Row:
    """Return the finished row of a check-in that nothing in the batch changes again."""
    about = (
        data["key_result_id"],
        data["as_of"],
        data["value"],
        data.get("zone"),
        data.get("confidence"),
    )
    return (position, stream, FOREVER, 1, position, *about, False)


# The beginnings of readings, and how to make a row of them at once: an import is made of these.
NEW_READINGS: dict[str, Callable[[int, str, dict[str, Any]], Row]] = {
    "reading.recorded": recorded,
    "reading.checked_in": checked_in,
}


def fold_new_reading(batch: Batch, position: int, stream: str, data: dict[str, Any]) -> None:
    """Fold the beginning of a reading that something in the batch changes again."""
    fields = {
        "version": 1,
        "measured_id": data.get("kpi_id") or data["key_result_id"],
        "as_of": data["as_of"],
        "value": data["value"],
        "zone": data.get("zone"),
        "confidence": data.get("confidence"),
        "retracted": False,
    }
    batch.put("reading", stream, position, fields)


def fold_changed_reading(
    batch: Batch, position: int, stream: str, version: int, kind: str, data: dict[str, Any]
) -> None:
    """Fold a correction or a retraction."""
    retracted = {"retracted": True} if kind == "reading.retracted" else {}
    batch.put("reading", stream, position, {"version": version, **data, **retracted})
