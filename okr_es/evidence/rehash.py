"""Stored events, hashed again: used by the verification and the signer.

The canonical line is put together from the columns, each quoted again, and an event's data must be
one JSON object: so no column can pass for another, whatever was written into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from okr_es.log.canonical import LEAF_PREFIX
from okr_es.log.schema import COLUMNS

Stored = Sequence[Any]
POSITION, DATA, HASH = map(COLUMNS.index, ("position", "data", "hash"))
NULL = b"null"


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


read_one_value = msgspec.json.Decoder(msgspec.Raw).decode
encode = msgspec.json.Encoder().encode


@lru_cache(maxsize=4_096)
def quoted(value: str | None) -> bytes:
    """Return a JSON string or null; remembered, for what comes again and again."""
    return NULL if value is None else encode(value)


def canonical_line(row: Stored) -> bytes:
    """Return the canonical line of a stored row (COLUMNS, ids as text); see `log/canonical.py`."""
    (
        position, recorded_at, stream, version, type_, schema_version, data, encrypted, by,
        on_behalf_of, origin, command_id, correlation_id, causation_id, written_at, _,
    ) = row  # fmt: skip
    return (
        b'{"by":%s,"causation_id":%s,"command_id":%s,"correlation_id":%s,"data":%s,'
        b'"encrypted":%s,"on_behalf_of":%s,"origin":%s,"position":%d,"recorded_at":%s,"schema_version":%d,'
        b'"stream":%s,"type":%s,"version":%d,"written_at":%s}'
        % (
            quoted(by),
            NULL if causation_id is None else encode(causation_id),
            NULL if command_id is None else encode(command_id),
            NULL if correlation_id is None else encode(correlation_id),
            data if data[:1] == b"{" else encode(bytes(data).hex()),
            NULL if encrypted is None else b'"%s"' % sha256(encrypted).hexdigest().encode(),
            NULL if on_behalf_of is None else encode(on_behalf_of),
            quoted(origin),
            position,
            encode(recorded_at),
            schema_version,
            encode(stream),
            quoted(type_),
            version,
            NULL if written_at is None else encode(written_at),
        )
    )


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
