"""A batch: rows as they stand while events are folded, read and written in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from .schema import FIELDS, FOREVER, plain
from .writer import Row, Writer

NO_LIST: tuple[Any, ...] = (None, (), [])
PICK = {table: itemgetter(*fields) for table, fields in FIELDS.items()}


class Latest(NamedTuple):
    """The reading that counts now, as a row of `latest`."""

    measured_id: str
    reading_id: str
    as_of: str
    value: str | None
    zone: str | None
    confidence: int | None
    first_position: int


class Batch:
    """Collects versions: each is written once, finished where the batch itself ended it.

    New readings that nothing in the batch changes again are finished rows at once; that is
    what an import of a hundred thousand consists of.
    """

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.current: dict[tuple[str, str], dict[str, Any]] = {}
        self.fresh: dict[str, list[dict[str, Any]]] = {}
        self.ends: dict[str, list[tuple[int, str]]] = {}
        self.readings: list[Row] = []
        self.latest: dict[str, Latest | None] = {}
        self.to_write: set[str] = set()

    def load(self, table: str, ids: Iterable[str], by: str = "id") -> None:
        """Bring in the current versions of these rows, by one statement, before the fold."""
        statement = f"SELECT * FROM {table} WHERE known_until = {FOREVER} AND {by} {{ids}}"  # noqa: S608
        for row in self.writer.select(statement, list(ids)):
            self.current[table, row[0]] = plain(table, row) | {"stored": True}

    def load_latest(self, measured_ids: Sequence[str]) -> None:
        """Bring in the readings that count now for these."""
        self.latest.update(dict.fromkeys(measured_ids))
        for row in self.writer.select("SELECT * FROM latest WHERE measured_id {ids}", measured_ids):
            self.latest[row[0]] = Latest(*row)

    def put(self, table: str, id_: str, position: int, fields: dict[str, Any]) -> dict[str, Any]:
        """Begin a new version of a row, ending the one before."""
        before = self.current.get((table, id_))
        row: dict[str, Any] = {"first_position": position} if before is None else before.copy()
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

    def count(self, measured_id: str, latest: Latest | None) -> None:
        """Let a reading, or none, count from now on."""
        self.latest[measured_id] = latest
        self.to_write.add(measured_id)

    def flush(self) -> None:
        """Write what has come together."""
        for table, ends in self.ends.items():
            self.writer.close(table, ends)
        for table, rows in self.fresh.items():
            self.writer.insert(table, finished(table, rows))
        if self.readings:
            self.writer.insert("reading", self.readings)
        gone = [id_ for id_ in self.to_write if self.latest[id_] is None]
        news = [row for id_ in self.to_write if (row := self.latest[id_])]
        if gone:
            self.writer.forget_latest(gone)
        if news:
            self.writer.replace_latest(news)


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
