"""The canonical form of a stored event, and its hash as a leaf of the Merkle tree (RFC 6962).

The form is one line of canonical JSON (sorted keys, no blanks), so an auditor can read what
was hashed. Personal text stands in it only as the SHA-256 of its encrypted bytes. Position and
time of record are known last, inside the append transaction; in the order of keys they
stand side by side, so the line is kept as a head, those two, and a tail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import NamedTuple
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent

LEAF_PREFIX = b"\x00"

encode = msgspec.json.Encoder().encode


class Envelope(NamedTuple):
    """What all events of one command have in common: who, on whose behalf, where from."""

    by: UUID | None = None
    on_behalf_of: UUID | None = None
    origin: str = "job"
    command_id: UUID | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    written_at: str | None = None


class Prepared(NamedTuple):
    """An event ready to be appended: what is stored of it, and its canonical line in two halves."""

    stream: str
    version: int
    type: str
    schema_version: int
    data: bytes
    encrypted: bytes | None
    head: bytes
    tail: bytes


def prepared(
    stored: Sequence[StoredEvent], envelope: Envelope, encrypted: Sequence[bytes | None] | None
) -> Iterator[Prepared]:
    """Yield the events of a command with their canonical lines, but for position and time."""
    head, middle, tail = envelope_parts(envelope)
    for event, secret in zip(stored, encrypted or repeat(None), strict=bool(encrypted)):
        yield prepare(event, secret, head, middle, tail)


def prepare(
    event: StoredEvent, encrypted: bytes | None, head: bytes, middle: bytes, tail: bytes
) -> Prepared:
    """Return one event with the halves of its canonical line."""
    stream, version, data = quoted(event.originator_id), event.originator_version, event.state
    schema_version = getattr(event, "schema_version", 1)
    return Prepared(
        stream[1:-1].decode(),
        version,
        event.topic,
        schema_version,
        data,
        encrypted,
        b'%s%s,"encrypted":%s%s'
        % (
            head,
            data if data[:1] == b"{" else quoted(data.hex()),
            b"null" if encrypted is None else quoted(hashlib.sha256(encrypted).hexdigest()),
            middle,
        ),
        b',"schema_version":%d,"stream":%s,"type":"%s","version":%d%s'
        % (
            schema_version,
            stream,
            event.topic.encode(),
            version,
            tail,
        ),
    )


def envelope_parts(envelope: Envelope) -> tuple[bytes, bytes, bytes]:
    """Return the parts of the line that are equal for all events of a command."""
    before = b'{"by":%s,"causation_id":%s,"command_id":%s,"correlation_id":%s,"data":' % (
        quoted(envelope.by),
        quoted(envelope.causation_id),
        quoted(envelope.command_id),
        quoted(envelope.correlation_id),
    )
    behind = b',"on_behalf_of":%s,"origin":%s,' % (
        quoted(envelope.on_behalf_of),
        quoted(envelope.origin),
    )
    return before, behind, b',"written_at":%s}' % quoted(envelope.written_at)


def canonical(event: Prepared, position: int, recorded_at: str) -> bytes:
    """Return the whole canonical line."""
    return b'%s"position":%d,"recorded_at":"%s"%s' % (
        event.head,
        position,
        recorded_at.encode(),
        event.tail,
    )


def leaf_hash(event: Prepared, position: int, recorded_at: str) -> bytes:
    """Return the 32 bytes of the leaf: SHA-256 of a zero byte and the canonical line."""
    return hashlib.sha256(LEAF_PREFIX + canonical(event, position, recorded_at)).digest()


def quoted(value: UUID | str | None) -> bytes:
    """Return a JSON string or null; an id is written out by the encoder, which is quickest."""
    return b"null" if value is None else encode(value)
