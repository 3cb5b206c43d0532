"""The fold: a batch of events into finished rows, each version written once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from .changes import CHANGES
from .schema import FIELDS, FOREVER, plain
from .writer import Row, Writer

COLUMNS = ("position", "stream", "version", "type", "schema_version", "data")
NO_LIST = (None, (), [])

PICK = {table: itemgetter(*fields) for table, fields in FIELDS.items()}
READING_FIELDS = FIELDS["reading"]

decode = msgspec.json.Decoder().decode


class Batch:
    """Rows as they stand while a batch of events is folded, read and written in bulk."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.current: dict[tuple[str, str], dict[str, Any]] = {}
        self.fresh: dict[str, list[dict[str, Any]]] = {}
        self.ends: dict[str, list[tuple[int, str]]] = {}
        self.latest: dict[str, dict[str, Any] | None] = {}

    def load(self, table: str, ids: Iterable[str], by: str = "id") -> None:
        """Bring in the current versions of these rows, by one statement, before the fold."""
        statement = f"SELECT * FROM {table} WHERE known_until = {FOREVER} AND {by} {{ids}}"  # noqa: S608
        for row in self.writer.select(statement, list(ids)):
            self.current[table, row[0]] = plain(table, row) | {"stored": True}

    def load_latest(self, measured_ids: Iterable[str]) -> None:
        """Bring in the readings that count now for these."""
        missing = [id_ for id_ in measured_ids if id_ not in self.latest]
        if missing:
            self.latest.update(dict.fromkeys(missing))
            for row in self.writer.select("SELECT * FROM latest WHERE measured_id {ids}", missing):
                self.latest[row[0]] = plain("latest", row) | {"stored": True}

    def put(self, table: str, id_: str, position: int, fields: dict[str, Any]) -> dict[str, Any]:
        """Begin a new version of a row, ending the one before."""
        before = self.current.get((table, id_))
        row = {"first_position": position} if before is None else before.copy()
        row.update(fields)
        row["id"], row["known_from"], row["known_until"] = id_, position, FOREVER
        if before is not None:
            if before.get("stored"):
                self.ends.setdefault(table, []).append((position, id_))
                row["stored"] = False
            else:
                before["known_until"] = position
        self.current[table, id_] = row
        self.fresh.setdefault(table, []).append(row)
        return row

    def flush(self) -> None:
        """Write what has come together."""
        for table, ends in self.ends.items():
            self.writer.close(table, ends)
        for table, rows in self.fresh.items():
            self.writer.insert(table, finished(table, rows))
        news = [row for row in self.latest.values() if row and not row.get("stored")]
        gone = [id_ for id_, row in self.latest.items() if row is None]
        if gone:
            self.writer.forget_latest(gone)
        if news:
            self.writer.replace_latest([PICK["latest"](row) for row in news])


def finished(table: str, rows: list[dict[str, Any]]) -> list[Row]:
    """Return rows as tuples in the order of the columns."""
    pick = PICK[table]
    if table == "key_result":
        return [pick({**row, **listed(row)}) for row in rows]
    return [pick(row) for row in rows]


def listed(row: dict[str, Any]) -> dict[str, str | None]:
    """Return steps, zones and trajectory as JSON text, or None."""
    return {
        name: value
        if isinstance(value := row[name], str)
        else None
        if value in NO_LIST
        else msgspec.json.encode(value).decode()
        for name in ("steps", "zones", "trajectory")
    }


Event = tuple[int, str, int, str, dict[str, Any]]


def fold(writer: Writer, rows: Sequence[Sequence[Any]]) -> None:
    """Fold log rows (COLUMNS) into the read model."""
    batch = Batch(writer)
    events = [(row[0], str(row[1]), row[2], row[3], decode(row[5])) for row in rows]
    prefetch(batch, events)
    for event in events:
        if event[3].startswith("reading."):
            fold_reading(batch, *event)
        else:
            fold_goal(batch, *event)
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
        target = data["target"]
        row = {**target, "kpi_id": stream, "version": version}
        batch.put("kpi_target", target_key(stream, data), position, row)
    elif kind == "key_result.moved":
        for row in serving(batch, stream):
            batch.put("objective", row["id"], position, {"served_id": data["objective_id"]})


KPI_TARGETS = frozenset({"kpi.target_set", "kpi.retargeted"})


def target_key(kpi_id: str, data: dict[str, Any]) -> str:
    """Return the id of a KPI's target: there is one for each span."""
    return f"{kpi_id}:{data['target']['starts']}"


def served(batch: Batch, data: dict[str, Any]) -> str | None:
    """Return the objective that is served in the end."""
    if key_result_id := data["serves_key_result_id"]:
        objective_id: str = batch.current["key_result", key_result_id]["objective_id"]
        return objective_id
    return data["serves_objective_id"]  # type: ignore[no-any-return]


def serving(batch: Batch, key_result_id: str) -> list[dict[str, Any]]:
    """Return the objectives that serve a key result."""
    return [
        row
        for (table, _), row in batch.current.items()
        if table == "objective" and row["serves_key_result_id"] == key_result_id
    ]


def prefetch(batch: Batch, events: list[Event]) -> None:
    """Load by a few statements what the events are about."""
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
    corrected = (batch.current.get(("reading", id_)) for id_ in wanted.get("reading", ()))
    measured.update(row["measured_id"] for row in corrected if row)
    batch.load_latest(measured)


def fold_reading(
    batch: Batch, position: int, stream: str, version: int, kind: str, data: dict[str, Any]
) -> None:
    """Fold one reading's event, and see which reading counts now."""
    if version == 1:
        measured_id = data.get("kpi_id") or data["key_result_id"]
        fields = {
            "version": version,
            "measured_id": measured_id,
            "as_of": data["as_of"],
            "value": data["value"],
            "zone": data.get("zone"),
            "confidence": data.get("confidence"),
            "retracted": False,
        }
    else:
        fields = {"version": version, **data}
        if kind == "reading.retracted":
            fields["retracted"] = True
    row = batch.put("reading", stream, position, fields)
    counts_now(batch, row)


def counts_now(batch: Batch, row: dict[str, Any]) -> None:
    """Let a new version of a reading count, if it is the last one known."""
    measured_id = row["measured_id"]
    last = batch.latest.get(measured_id)
    if row["retracted"]:
        if last and last["reading_id"] == row["id"]:
            batch.latest[measured_id] = next_latest(batch, measured_id)
    elif last is None or order(row) >= order(last):
        batch.latest[measured_id] = as_latest(row)


def order(row: dict[str, Any]) -> tuple[str, int]:
    """Return what readings are ordered by: their day, then when they were recorded."""
    return row["as_of"], row["first_position"]


def as_latest(row: dict[str, Any]) -> dict[str, Any]:
    """Return a reading as a row of `latest`."""
    return {**row, "reading_id": row["id"], "stored": False}


def next_latest(batch: Batch, measured_id: str) -> dict[str, Any] | None:
    """Return the last reading that stands, from the stored and the fresh ones."""
    here = [row for (table, _), row in batch.current.items() if table == "reading"]
    fresh = [row for row in here if row["measured_id"] == measured_id]
    seen = {row["id"] for row in fresh}
    statement = (
        f"SELECT * FROM reading WHERE known_until = {FOREVER} AND measured_id {{ids}} "  # noqa: S608
        f"ORDER BY as_of DESC, first_position DESC LIMIT {len(seen) + 1}"
    )
    stored = (plain("reading", row) for row in batch.writer.select(statement, [measured_id]))
    standing = [row for row in fresh if not row["retracted"]]
    standing += [row for row in stored if row["id"] not in seen and not row["retracted"]]
    return as_latest(max(standing, key=order)) if standing else None
