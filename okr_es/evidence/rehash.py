"""Stored events, hashed again: used by the verification and the signer.

The canonical line is put together from the columns, each quoted again, and an event's data must be
one JSON object: so no column can pass for another, whatever was written into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from okr_es.log.canonical import LEAF_PREFIX
from okr_es.log.schema import COLUMNS

Stored = Sequence[Any]
POSITION, DATA, HASH = map(COLUMNS.index, ("position", "data", "hash"))


class Tampered(Exception):
    """An event is not what was recorded; `position` is the first that is not."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(f"Event {position}: {message}")
        self.position = position
        self.message = message


class Hashed(NamedTuple):
    """An event's position, canonical line and leaf hash, and the hash that is stored."""

    position: int
    line: bytes
    leaf: bytes
    stored: bytes


class Line(msgspec.Struct, gc=False):
    """What the canonical line of an event holds, in the order of its keys."""

    by: str | None
    causation_id: str | None
    command_id: str | None
    correlation_id: str | None
    data: Any
    encrypted: str | None
    on_behalf_of: str | None
    origin: str
    position: int
    recorded_at: str
    schema_version: int
    stream: str
    type: str
    version: int
    written_at: str | None


read_one_value = msgspec.json.Decoder(msgspec.Raw).decode
encode = msgspec.json.Encoder().encode


def canonical_line(row: Stored) -> bytes:
    """Return the canonical line of a stored row (COLUMNS, ids as text); see `log/canonical.py`."""
    (
        position, recorded_at, stream, version, type_, schema_version, data, encrypted, by,
        on_behalf_of, origin, command_id, correlation_id, causation_id, written_at, _,
    ) = row  # fmt: skip
    return encode(
        Line(
            by, causation_id, command_id, correlation_id,
            msgspec.Raw(data) if data[:1] == b"{" else bytes(data).hex(),
            None if encrypted is None else sha256(encrypted).hexdigest(),
            on_behalf_of, origin, position, recorded_at, schema_version, stream, type_, version,
            written_at,
        )
    )  # fmt: skip


def hashed(rows: Sequence[Stored]) -> Iterator[Hashed]:
    """Yield stored rows with the hash they should have; raise Tampered where one has another.

    A row that cannot even be put on a line is Tampered as well.
    """
    for row in rows:
        try:
            line = canonical_line(row)
            require_object(row)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise Tampered(row[POSITION], f"it cannot be read: {error}") from None
        leaf = sha256(LEAF_PREFIX + line).digest()
        if leaf != row[HASH]:
            raise Tampered(row[POSITION], "it is not what its hash was taken of")
        yield Hashed(row[POSITION], line, leaf, row[HASH])


def require_object(row: Stored) -> None:
    """Raise ValueError where data that begins like a JSON object is not one, and nothing else."""
    data: bytes = row[DATA]
    if data[:1] == b"{":
        read_one_value(data)
