"""The list of erasures: which people were erased, and nothing personal.

A backup holds the keys of people who were erased after it was made. The list is kept outside,
beside the checkpoints, so that their erasure can be repeated where a backup is put back.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import msgspec

from okr_es.database.database import Database
from okr_es.database.on_disk import put_in_place
from okr_es.log.mapper import decode_plain

FILE = "erasures.jsonl"
ERASURES = """
  SELECT e.position, e.recorded_at, {stream}, e.type, e.schema_version, e.data
  FROM streams s JOIN events e ON e.stream = s.stream
  WHERE s.parent IS NULL AND s.type = 'person' AND NOT s.living AND e.type = 'person.erased'
  ORDER BY e.position
"""
encode = msgspec.json.Encoder().encode


class Erasure(msgspec.Struct, frozen=True):
    """An erasure: position and time in the log, the person's opaque id, and the legal ground."""

    position: int
    recorded_at: str
    person_id: UUID
    legal_ground: str


def erasures_in(log: Database) -> list[Erasure]:
    """Return all erasures of a log, in its order."""
    rows = log.rows(ERASURES.format(stream=log.dialect.id_as_text("e.stream")), {})
    return [
        Erasure(position, at, UUID(person), decode_plain(*event)["legal_ground"])
        for position, at, person, *event in rows
    ]


def read_erasures(path: Path) -> list[Erasure]:
    """Return the erasures in a file, nothing where there is none; raise ValueError for others."""
    if not path.exists():
        return []
    try:
        return msgspec.json.Decoder(Erasure).decode_lines(path.read_bytes())
    except msgspec.DecodeError as error:
        raise ValueError(f"{path} is no list of erasures: {error}.") from None


def add_erasures(path: Path, erasures: list[Erasure]) -> None:
    """Write to a file which people it does not name yet; none is ever taken out."""
    known = {each.person_id for each in read_erasures(path)}
    lines = [encode(each) + b"\n" for each in erasures if each.person_id not in known]
    if lines:
        before = path.read_bytes() if path.exists() else b""
        put_in_place(path, before + b"".join(lines))
