"""The lists of erasures, redactions and revoked api keys: what is gone, and nothing personal.

A backup holds the keys of people who were erased after it was made, and of texts that were
redacted, and api keys that were revoked work in it. The lists are kept outside, beside the
checkpoints, so that it can be repeated where a backup is put back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec

from okr_es.database.database import Database
from okr_es.database.on_disk import put_in_place
from okr_es.domain.api_key import API_KEYS
from okr_es.domain.text import TEXTS, RedactionGround
from okr_es.log.mapper import decode_json, decode_plain

FILE = "erasures.jsonl"
REDACTED_FILE = "redactions.jsonl"
REVOKED_FILE = "revocations.jsonl"
ERASURES = """
  SELECT e.position, e.recorded_at, {stream}, e.type, e.schema_version, e.data
  FROM streams s JOIN events e ON e.stream = s.stream
  WHERE s.parent IS NULL AND s.type = 'person' AND NOT s.living AND e.type = 'person.erased'
  ORDER BY e.position
"""
REDACTIONS = f"""
  SELECT e.position, e.recorded_at, e.data FROM streams s
  JOIN events e ON e.stream = s.stream AND e.version = 1
  WHERE s.parent = '{TEXTS}' AND s.type = 'text' ORDER BY e.position
"""
REVOCATIONS = f"""
  SELECT e.position, e.recorded_at, {{stream}} FROM streams s
  JOIN events e ON e.stream = s.stream AND e.type = 'api_key.revoked'
  WHERE s.parent = '{API_KEYS}' AND s.type = 'api_key' AND NOT s.living ORDER BY e.position
"""
encode = msgspec.json.Encoder().encode


class Erasure(msgspec.Struct, frozen=True):
    """An erasure: position and time in the log, the person's opaque id, and the legal ground."""

    position: int
    recorded_at: str
    person_id: UUID
    legal_ground: str


class Redaction(msgspec.Struct, frozen=True):
    """A redaction: position and time in the log, of which command, where its event is, and why."""

    position: int
    recorded_at: str
    text_of: UUID
    at_position: int
    legal_ground: RedactionGround


class Revocation(msgspec.Struct, frozen=True):
    """The revocation of an api key: position and time in the log, and the key's opaque id."""

    position: int
    recorded_at: str
    key_id: UUID


Listed = TypeVar("Listed", Erasure, Redaction, Revocation)


def redactions_in(log: Database) -> list[Redaction]:
    """Return all redactions of a log, in its order."""
    rows = log.rows(REDACTIONS, {})
    return [
        msgspec.convert(
            {"position": position, "recorded_at": at, **decode_json(bytes(data))}, Redaction
        )
        for position, at, data in rows
    ]


def erasures_in(log: Database) -> list[Erasure]:
    """Return all erasures of a log, in its order."""
    rows = log.rows(ERASURES.format(stream=log.dialect.id_as_text("e.stream")), {})
    return [
        Erasure(position, at, UUID(person), decode_plain(*event)["legal_ground"])
        for position, at, person, *event in rows
    ]


def revocations_in(log: Database) -> list[Revocation]:
    """Return all revocations of api keys in a log, in its order."""
    rows = log.rows(REVOCATIONS.format(stream=log.dialect.id_as_text("e.stream")), {})
    return [Revocation(position, at, UUID(key)) for position, at, key in rows]


def read_erasures(path: Path) -> list[Erasure]:
    """Return the erasures in a file, nothing where there is none; raise ValueError for others."""
    return read_list(path, Erasure)


def read_redactions(path: Path) -> list[Redaction]:
    """Return the redactions in a file, nothing where there is none; raise ValueError for others."""
    return read_list(path, Redaction)


def read_revocations(path: Path) -> list[Revocation]:
    """Return the revocations in a file, none where it is not there; raise ValueError for others."""
    return read_list(path, Revocation)


def read_list(path: Path, kind: type[Listed]) -> list[Listed]:
    """Return what a file lists; raise ValueError where it is another list."""
    if not path.exists():
        return []
    try:
        return msgspec.json.Decoder(kind).decode_lines(path.read_bytes())
    except msgspec.DecodeError as error:
        raise ValueError(f"{path} is no list of {kind.__name__.lower()}s: {error}.") from None


def add_erasures(path: Path, erasures: list[Erasure]) -> None:
    """Write to a file which people it does not name yet; none is ever taken out."""
    known = {each.person_id for each in read_erasures(path)}
    add_lines(path, [each for each in erasures if each.person_id not in known])


def add_redactions(path: Path, redactions: list[Redaction]) -> None:
    """Write to a file which texts it does not name yet; none is ever taken out."""
    known = {each.text_of for each in read_redactions(path)}
    add_lines(path, [each for each in redactions if each.text_of not in known])


def add_revocations(path: Path, revocations: list[Revocation]) -> None:
    """Write to a file which api keys it does not name yet; none is ever taken out."""
    known = {each.key_id for each in read_revocations(path)}
    add_lines(path, [each for each in revocations if each.key_id not in known])


def add_lines(path: Path, new: Sequence[Erasure | Redaction | Revocation]) -> None:
    """Add lines to a file."""
    if new:
        before = path.read_bytes() if path.exists() else b""
        put_in_place(path, before + b"".join(encode(each) + b"\n" for each in new))
