"""Checkpoints and the tree below them, as they are stored beside the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from okr_es.database.database import Database, run
from okr_es.domain.signing_key import SIGNING
from okr_es.evidence.okr_es_verify import ADOPTED, Key, succeeding
from okr_es.evidence.signed_notes import key_of
from okr_es.log.mapper import decode_plain
from okr_es.log.merkle import Tree
from okr_es.log.schema import checkpoints, published_checkpoints, tree

PAGE = 1_000
SIGN_LOCK = 0x0E7


class Checkpoint(NamedTuple):
    """What was signed over the first `size` events: the root of their tree."""

    size: int
    root: bytes
    note: str
    signed_at: str
    cause: str


LEAVES = "SELECT hash FROM events WHERE position > :first AND position <= :last ORDER BY position"
BLOCKS = (
    "SELECT hash FROM tree WHERE level = :level AND number >= :first AND number < :last "
    "ORDER BY number"
)
KEY_EVENTS = """
  SELECT e.position, e.stream, e.type, e.schema_version, e.data
  FROM streams s JOIN events e ON e.stream = s.stream
  WHERE s.parent = {parent} AND s.type = 'signing_key' ORDER BY e.position
"""


class Checkpoints:
    """Reads checkpoints, and the hashes that roots and proofs are made from."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def tree(self, size: int) -> Tree:
        """Return the tree over the first events."""
        return Tree(self, size)

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return `count` hashes of a level, from number `first` on."""
        parameters = {"level": level, "first": first, "last": first + count}
        rows = self.database.rows(BLOCKS if level else LEAVES, parameters)
        if len(rows) != count:
            raise LookupError(f"The tree lacks hashes of level {level} from {first} on.")
        return [bytes(row[0]) for row in rows]

    def last(self) -> Checkpoint | None:
        """Return the newest checkpoint, if there is one."""
        return next(iter(self.page(limit=1)), None)

    def page(self, limit: int = PAGE, before: int | None = None) -> list[Checkpoint]:
        """Return checkpoints below a size, the newest first."""
        query = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(limit)
        if before is not None:
            query = query.where(checkpoints.c.size < before)
        return self.select(query)

    def since(self, size: int, limit: int = PAGE) -> list[Checkpoint]:
        """Return checkpoints from a size on, the oldest first."""
        query = select(checkpoints).where(checkpoints.c.size >= size)
        return self.select(query.order_by(checkpoints.c.size).limit(limit))

    def all(self) -> Iterator[Checkpoint]:
        """Yield all checkpoints, the oldest first."""
        size = 0
        while page := self.since(size):
            yield from page
            size = page[-1].size + 1

    def at(self, size: int) -> Checkpoint | None:
        """Return the checkpoint over that many events, None if there is none."""
        found = self.since(size, 1)
        return found[0] if found and found[0].size == size else None

    def select(self, query: Any) -> list[Checkpoint]:
        """Return the checkpoints a query finds."""
        with self.database.reader.connect() as connection:
            return [
                Checkpoint(row.size, bytes(row.root), row.note, row.signed_at, row.cause)
                for row in connection.execute(query)
            ]

    def adopted_keys(self, connection: Connection | None = None) -> list[Key]:
        """Return all keys the log adopted, with the positions from which and until they count."""
        found: dict[str, Key] = {}
        for position, stream, kind, schema_version, data in self.key_events(connection):
            if kind == ADOPTED:
                fields = decode_plain(kind, schema_version, data)
                found[str(stream)] = key_of(fields["origin"], fields["public_key"], position, None)
            elif str(stream) in found:
                found[str(stream)] = found[str(stream)]._replace(retired=position)
        return succeeding(found.values())

    def key_events(self, connection: Connection | None = None) -> Sequence[tuple[Any, ...]]:
        """Return the events about keys: position, stream, type, schema version, data."""
        statement = KEY_EVENTS.format(parent=self.database.dialect.as_id("parent"))
        parameters = {"parent": str(SIGNING)}
        if connection is None:
            return self.database.rows(statement, parameters)
        found: Sequence[tuple[Any, ...]] = run(connection, statement, parameters).fetchall()
        return found

    # ---- writing ------------------------------------------------------------------------

    def lock(self, connection: Connection) -> int:
        """Wait until no other process signs; return the size of the newest checkpoint, or 0."""
        if not self.database.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SIGN_LOCK})")
        return int(connection.execute(select(func.max(checkpoints.c.size))).scalar() or 0)

    @staticmethod
    def insert(
        connection: Connection, made: Checkpoint, blocks: Sequence[tuple[int, int, bytes]]
    ) -> None:
        """Store a checkpoint and the full blocks of its tree that are new."""
        rows = [dict(zip(("level", "number", "hash"), block, strict=True)) for block in blocks]
        if rows:
            connection.execute(insert(tree), rows)
        connection.execute(insert(checkpoints), made._asdict())

    def unpublished(self, sink: str) -> list[Checkpoint]:
        """Return the checkpoints that are not published in a sink yet, the oldest first."""
        has_it = (published_checkpoints.c.size == checkpoints.c.size) & (
            published_checkpoints.c.sink == sink
        )
        query = select(func.max(checkpoints.c.size)).join(published_checkpoints, has_it)
        with self.database.reader.connect() as connection:
            last = connection.execute(query).scalar()
        return self.since((last or 0) + 1)

    def insert_published(self, sink: str, size: int, at: str) -> None:
        """Record that a checkpoint was published in a sink."""
        row = {"sink": sink, "size": size, "published_at": at}
        with self.database.transaction() as connection:
            connection.execute(insert(published_checkpoints), row)
