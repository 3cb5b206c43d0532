"""The fold: a batch of events into finished rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from okr_es.log.mapper import decode_plain

from .batch import Batch
from .changes import CHANGES
from .readings import fold_changed_reading, fold_new_reading
from .writer import Writer

COLUMNS = ("position", "stream", "version", "type", "schema_version", "data")
KPI_TARGETS = frozenset({"kpi.target_set", "kpi.retargeted"})

Event = tuple[int, str, int, str, dict[str, Any]]


def fold(writer: Writer, rows: Sequence[Sequence[Any]]) -> None:
    """Fold log rows (COLUMNS) into the read model."""
    batch = Batch(writer)
    events: list[Event] = [
        (position, stream, version, kind, decode_plain(kind, written_under, data))
        for position, stream, version, kind, written_under, data in rows
    ]
    changed = prefetch(batch, events)
    for position, stream, version, kind, data in events:
        if not kind.startswith("reading."):
            fold_goal(batch, position, stream, version, kind, data)
        elif version == 1:
            fold_new_reading(batch, position, stream, data, changes_again=stream in changed)
        else:
            fold_changed_reading(batch, position, stream, version, kind, data)
    batch.flush()


def fold_goal(
    batch: Batch, position: int, stream: str, version: int, kind: str, data: dict[str, Any]
) -> None:
    """Fold an event of anything but a reading."""
    table, change = CHANGES[kind]
    fields = {**change(data, position), "version": version}
    if kind == "objective.realigned":
        fields["served_id"] = served(batch, data)
    batch.put(table, stream, position, fields)
    if kind in KPI_TARGETS:
        row = {**data["target"], "kpi_id": stream, "version": version}
        batch.put("kpi_target", target_key(stream, data), position, row)
    elif kind == "key_result.moved":
        for row in serving(batch, stream):
            batch.put("objective", row["id"], position, {"served_id": data["objective_id"]})


def target_key(kpi_id: str, data: dict[str, Any]) -> str:
    """Return the id of a KPI's target: there is one for each span."""
    return f"{kpi_id}:{data['target']['starts']}"


def served(batch: Batch, data: dict[str, Any]) -> Any:
    """Return the objective that is served in the end."""
    if key_result_id := data["serves_key_result_id"]:
        return batch.current["key_result", key_result_id]["objective_id"]
    return data["serves_objective_id"]


def serving(batch: Batch, key_result_id: str) -> list[dict[str, Any]]:
    """Return the objectives that serve a key result."""
    return [
        row
        for (table, _), row in batch.current.items()
        if table == "objective" and row["serves_key_result_id"] == key_result_id
    ]


def prefetch(batch: Batch, events: list[Event]) -> set[str]:
    """Load by a few statements what the events are about; return the readings they change."""
    wanted: dict[str, set[str]] = {}
    measured: set[str] = set()
    moved: list[str] = []
    for _, stream, version, kind, data in events:
        if kind.startswith("reading."):
            if version == 1:
                measured.add(data.get("kpi_id") or data["key_result_id"])
            else:
                wanted.setdefault("reading", set()).add(stream)
        elif version > 1:
            wanted.setdefault(CHANGES[kind][0], set()).add(stream)
            if kind in KPI_TARGETS:
                wanted.setdefault("kpi_target", set()).add(target_key(stream, data))
            elif kind == "objective.realigned" and data["serves_key_result_id"]:
                wanted.setdefault("key_result", set()).add(data["serves_key_result_id"])
            elif kind == "key_result.moved":
                moved.append(stream)
    for table, ids in wanted.items():
        batch.load(table, ids)
    if moved:
        batch.load("objective", moved, by="serves_key_result_id")
    changed = wanted.get("reading", set())
    loaded = (batch.current.get(("reading", id_)) for id_ in changed)
    measured.update(row["measured_id"] for row in loaded if row)
    batch.load_latest(list(measured))
    return changed
