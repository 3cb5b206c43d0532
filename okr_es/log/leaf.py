"""The canonical form of a stored event, and its hash as a leaf of the Merkle tree (RFC 6962).

The form is one line of canonical JSON (sorted keys, no blanks), so an auditor can read what
was hashed. Personal text stands in it only as the SHA-256 of its sealed bytes. Position and
time of record are known last, inside the append transaction; in the order of keys they
stand side by side, so the line is kept as a head, those two, and a tail.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple
from uuid import UUID

import msgspec

LEAF_PREFIX = b"\x00"


class Envelope(NamedTuple):
    """What all events of one command have in common: who, on whose behalf, where from."""

    by: UUID | None = None
    on_behalf_of: UUID | None = None
    origin: str = "job"
    command_id: UUID | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    written_at: str | None = None


class Halves(NamedTuple):
    """The canonical line without its middle, which only the log knows."""

    head: bytes
    tail: bytes


def envelope_halves(envelope: Envelope) -> tuple[bytes, bytes, bytes]:
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


def halves(
    common: tuple[bytes, bytes, bytes],
    stream: UUID | str,
    version: int,
    event_type: str,
    schema_version: int,
    data: bytes,
    sealed: bytes | None,
) -> Halves:
    """Return head and tail of one event's canonical line."""
    before, behind, end = common
    body = data if data[:1] == b"{" else quoted(data.hex())
    commitment = b"null" if sealed is None else quoted(hashlib.sha256(sealed).hexdigest())
    return Halves(
        before + body + behind,
        b',"schema_version":%d,"sealed":%s,"stream":"%s","type":%s,"version":%d%s'
        % (
            schema_version,
            commitment,
            str(stream).encode(),
            quoted(event_type),
            version,
            end,
        ),
    )


def canonical(parts: Halves, position: int, recorded_at: str) -> bytes:
    """Return the whole canonical line."""
    middle = b'"position":%d,"recorded_at":"%s"' % (position, recorded_at.encode())
    return parts.head + middle + parts.tail


def leaf_hash(parts: Halves, position: int, recorded_at: str) -> bytes:
    """Return the 32 bytes of the leaf: SHA-256 of a zero byte and the canonical line."""
    return hashlib.sha256(LEAF_PREFIX + canonical(parts, position, recorded_at)).digest()


def quoted(value: UUID | str | None) -> bytes:
    """Return a JSON string or null."""
    return b"null" if value is None else msgspec.json.encode(str(value))
