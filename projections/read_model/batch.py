"""A batch: rows as they stand while events are folded, read and written in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

import msgspec

from projections.read_model.folding import title_key, words
from projections.read_model.interval_tree import node
from projections.read_model.tables import FIELDS, FOREVER, plain
from projections.read_model.writers import Corrected, Ended, Promised, Stored, Writer

NO_LIST: tuple[Any, ...] = (None, (), [])
CORRECTABLE = frozenset({"objective", "key_result", "kpi_target"})
PICK = {table: itemgetter(*fields) for table, fields in FIELDS.items()}


class Batch:
    """Collects versions: each is written once, finished where the batch itself ended it.

    New readings that nothing in the batch changes again are finished rows at once; that is
    what an import of a hundred thousand consists of.
    """

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.current: dict[tuple[str, str], dict[str, Any]] = {}
        self.fresh: dict[str, list[dict[str, Any]]] = {}
        self.ends: dict[str, list[Ended]] = {}
        self.readings: list[Stored] = []
        self.links: list[list[Any]] = []
        self.open_links: dict[tuple[str, str], list[Any]] = {}
        self.unlinked: list[tuple[int, str, str]] = []
        self.promised: list[Promised] = []
        self.corrected: list[Corrected] = []
        self.aligned_to_key_result: dict[str, set[str]] = defaultdict(set)

    def load(self, table: str, ids: Iterable[str], by: str = "id") -> None:
        """Load the current versions of these rows, by one statement, before the fold."""
        statement = f"SELECT * FROM {table} WHERE known_until = {FOREVER} AND {by} {{ids}}"
        if wanted := list(ids):
            self.take(table, self.writer.select(statement, wanted))

    def load_readings(self, ids: Sequence[str]) -> None:
        """Load the current versions of these readings."""
        self.take("reading", self.writer.current_readings(ids))

    def take(self, table: str, rows: Iterable[Stored]) -> None:
        """Take rows in as they are stored."""
        for row in rows:
            fields = plain(table, row)
            self.current[table, fields["id"]] = fields | {"stored": True}
            if table == "objective":
                self.note_alignment(fields)

    def put(self, table: str, id_: str, position: int, fields: dict[str, Any]) -> dict[str, Any]:
        """Begin a new version of a row, ending the one before."""
        before = self.current.get((table, id_))
        row: dict[str, Any] = {"first_position": position} if before is None else before.copy()
        row.update(fields)
        row["id"], row["known_from"], row["known_until"] = id_, position, FOREVER
        row["node"] = None
        if table in CORRECTABLE:  # of this version alone
            row["corrected"], row["corrects"] = None, fields.get("corrects")
        if before is not None:
            first = before["known_from"]
            if before.get("stored"):
                ended = Ended(position, node(first, position - 1), id_, first)
                self.ends.setdefault(table, []).append(ended)
                row["stored"] = False
            else:
                before["known_until"] = position
                before["node"] = node(first, position - 1)
        self.current[table, id_] = row
        if table == "objective":
            self.note_alignment(row, before)
        self.fresh.setdefault(table, []).append(row)
        return row

    def promise(self, id_: str, position: int, covered_by: int | None) -> None:
        """Note on the current version of an objective where its promise was made."""
        row = self.current["objective", id_]
        row["promised_at"], row["covered_by"] = position, covered_by
        if row.get("stored"):
            self.promised.append(Promised(position, covered_by, id_, row["known_from"]))

    def note_alignment(self, row: dict[str, Any], before: dict[str, Any] | None = None) -> None:
        """Note which key result an objective is aligned to, so that its own are found by it."""
        if before is not None and (old := before["aligned_to_key_result_id"]) is not None:
            self.aligned_to_key_result[old].discard(row["id"])
        if (new := row["aligned_to_key_result_id"]) is not None:
            self.aligned_to_key_result[new].add(row["id"])

    def link(
        self, id_: str, before: str | None, after: str | None, kind: str, at: int,
        *, other_cycle: bool = False,
    ) -> None:  # fmt: skip
        """Add a link from a position on; `other_cycle`: the parent is of another cycle."""
        if before == after:
            return
        if before is not None:
            found = self.open_links.pop((before, id_), None)
            if found is None:
                self.unlinked.append((at, before, id_))
            else:
                found[3] = at
        if after is not None:
            row = [after, id_, at, FOREVER, kind, other_cycle]
            self.links.append(row)
            self.open_links[after, id_] = row

    def flush(self) -> None:
        """Write all rows of the batch."""
        for table, ends in self.ends.items():
            self.writer.close(table, ends)
        for table, rows in self.fresh.items():
            self.writer.insert(table, finished(table, rows))
        if self.promised:
            self.writer.promise(self.promised)
        if self.corrected:
            self.writer.correct(self.corrected)
        if self.readings:
            self.writer.insert("reading", self.readings)
        if self.unlinked:
            self.writer.unlink(self.unlinked)
        if self.links:
            self.writer.insert("links", [tuple(row) for row in self.links if row[2] < row[3]])


def finished(table: str, rows: list[dict[str, Any]]) -> list[Stored]:
    """Return rows as tuples in the order of the columns."""
    pick = PICK[table]
    if table == "key_result":
        return [pick({**row, **listed(row), **worded(row)}) for row in rows]
    if table == "objective":
        return [pick({**row, **worded(row)}) for row in rows]
    return [pick(row) for row in rows]


def worded(row: dict[str, Any]) -> dict[str, str]:
    """Return what a goal is sorted by and found by."""
    title, description = row["title"], row["description"]
    return {"title_key": title_key(title), "words": words(title, description)}


def listed(row: dict[str, Any]) -> dict[str, str | None]:
    """Return steps, zones and trajectory as JSON text, or None."""
    return {
        name: value if isinstance(value := row[name], str) else listed_value(value)
        for name in ("steps", "zones", "trajectory")
    }


def listed_value(value: Any) -> Any:
    """Return a list or zones as JSON text, an empty list as None, and any other value as it is."""
    if value in NO_LIST:
        return None
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
