"""The Merkle tree over the access log: a leaf for each read, and what was signed over them.

It is a tree of its own, as the log's is (RFC 6962), of an origin of its own: that of the log and
`/access`. Its checkpoints are signed with the same keys, at the same times, and lie in the log's
database, not beside the reads: so an access log that is lost does not take them along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, insert, select

from okr_es.database.database import Database
from okr_es.database.dialect import Dialect
from okr_es.evidence.okr_es_verify import Key
from okr_es.log.canonical import LEAF_PREFIX
from okr_es.log.merkle import Frontier
from okr_es.log.schema import access_checkpoints, published_checkpoints

SUFFIX = "/access"
HASH_BYTES = 32
Fetch = Callable[[str, Mapping[str, Any]], Sequence[Any]]
BATCH = 4_096
READS = """
  SELECT position, recorded_at, {by}, what, about FROM accesses
  WHERE position > :after ORDER BY position LIMIT :limit
"""
IDS = """
  SELECT position, id FROM access_about WHERE position > :after AND position <= :last
  ORDER BY position, id
"""


class AccessCheckpoint(NamedTuple):
    """What was signed over the first `size` reads: the root of their tree.

    `edge` are the full subtrees at its right edge, from which it grows on.
    """

    size: int
    root: bytes
    note: str
    signed_at: str
    edge: bytes

    @property
    def frontier(self) -> Frontier:
        """The tree as it was signed."""
        edge = [self.edge[n : n + HASH_BYTES] for n in range(0, len(self.edge), HASH_BYTES)]
        return Frontier(self.size, edge)


class Read(NamedTuple):
    """A read as it is stored, with the ids of all it was about and of everybody it shows."""

    position: Any
    recorded_at: Any
    by: Any
    what: Any
    about: Any
    ids: tuple[Any, ...]

    @property
    def line(self) -> bytes:
        """The canonical line: JSON with its fields in order."""
        return msgspec.json.encode(self._asdict(), order="sorted")

    @property
    def leaf(self) -> bytes:
        """The hash of the line as a leaf."""
        return sha256(LEAF_PREFIX + self.line).digest()


def reads_after(fetch: Fetch, dialect: Dialect, position: int) -> Iterator[Sequence[Read]]:
    """Yield the reads behind a position, some at a time, by what fetches rows."""
    reads = READS.format(by=dialect.id_as_text('"by"'))
    while rows := fetch(reads, {"after": position, "limit": BATCH}):
        last = rows[-1][0]
        ids: dict[int, list[str]] = {}
        for at, id_ in fetch(IDS, {"after": position, "last": last}):
            ids.setdefault(at, []).append(id_)
        yield [Read._make((*row, tuple(ids.get(row[0], ())))) for row in rows]
        position = last


def is_of_accesses(note: str) -> bool:
    """Return whether a signed note is about an access log."""
    return note.partition("\n")[0].endswith(SUFFIX)


def as_access_key(key: Key) -> Key:
    """Return a key of the log as it signs the access log: under that one's origin."""
    return key._replace(name=key.name + SUFFIX)


def published_as(sink: str) -> str:
    """Return the name under which a checkpoint of the access log is noted as published."""
    return f"access log: {sink}"


class AccessCheckpoints:
    """Reads and stores what was signed over the access log."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def last(self) -> AccessCheckpoint | None:
        """Return the newest checkpoint, if there is one."""
        query = select(access_checkpoints).order_by(access_checkpoints.c.size.desc()).limit(1)
        return next(iter(self.select(query)), None)

    def at(self, size: int) -> AccessCheckpoint | None:
        """Return the checkpoint over that many reads, None if there is none."""
        found = self.select(select(access_checkpoints).where(access_checkpoints.c.size == size))
        return next(iter(found), None)

    def signed_before(self, at: str, most: int) -> AccessCheckpoint | None:
        """Return the newest checkpoint signed before a time, over so many reads at most."""
        c = access_checkpoints.c
        query = select(access_checkpoints).where(c.signed_at < at, c.size <= most, c.size > 0)
        return next(iter(self.select(query.order_by(c.size.desc()).limit(1))), None)

    def unpublished(self, sink: str) -> AccessCheckpoint | None:
        """Return the newest checkpoint, if there is one that is not published in a sink yet."""
        p, last = published_checkpoints.c, self.last()
        if last is None:
            return None
        known = select(p.size).where(p.sink == published_as(sink), p.size == last.size)
        with self.database.reader.connect() as connection:
            return last if connection.execute(known).first() is None else None

    def all(self) -> list[AccessCheckpoint]:
        """Return all checkpoints, the oldest first."""
        return self.select(select(access_checkpoints).order_by(access_checkpoints.c.size))

    def select(self, query: Any) -> list[AccessCheckpoint]:
        """Return the checkpoints a query finds."""
        with self.database.reader.connect() as connection:
            return [
                AccessCheckpoint(
                    row.size, bytes(row.root), row.note, row.signed_at, bytes(row.edge)
                )
                for row in connection.execute(query)
            ]

    @staticmethod
    def insert(connection: Connection, made: AccessCheckpoint) -> None:
        """Store a checkpoint."""
        connection.execute(insert(access_checkpoints), made._asdict())
