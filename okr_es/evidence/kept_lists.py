"""The lists kept outside: erasures, redactions, revoked keys, ended roles, years; not personal.

A backup holds the keys of people who were erased after it was made, and of texts that were
redacted; api keys that were revoked work in it, and roles that ended hold. What was destroyed by
retention is back, and perhaps not the years by which it was. The lists are kept outside, beside the
checkpoints, so that it can be repeated where a backup is put back.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from okr_es.database.database import Database
from okr_es.database.on_disk import put_in_place
from okr_es.domain.api_key import API_KEYS
from okr_es.domain.grant import DAY, GRANTS
from okr_es.domain.retention import Years
from okr_es.domain.text import TEXTS, RedactionGround
from okr_es.log.mapper import decode_plain

# Which streams of a kind, and which events of theirs.
EVENTS = """
  SELECT e.position, e.recorded_at, {stream}, e.type, e.schema_version, e.data
  FROM streams s JOIN events e ON e.stream = s.stream
  WHERE {where} AND e.type IN ({types}) ORDER BY e.position
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


class EndedRole(msgspec.Struct, frozen=True):
    """Another last day of a role: position and time in the log, the grant's opaque id, the day.

    None: it has no last day any more.
    """

    position: int
    recorded_at: str
    grant_id: UUID
    ends: date | None


class Setting(msgspec.Struct, frozen=True):
    """For how many years each is kept (None: for ever): position and time in the log."""

    position: int
    recorded_at: str
    person_texts_years: int | None
    client_info_years: int | None
    access_log_years: int | None

    @property
    def years(self) -> Years:
        """The years alone."""
        return Years(self.person_texts_years, self.client_info_years, self.access_log_years)


T = TypeVar("T", bound=msgspec.Struct)
Fields = dict[str, Any]


class KeptList(NamedTuple, Generic[T]):
    """A list that is kept outside: its file, what it lists, and what says that two are the same."""

    file: str
    kind: type[T]
    key: Callable[[T], Hashable]
    where: str
    types: tuple[str, ...]
    fields: Callable[[str, str, Fields], Fields]

    def in_log(self, log: Database) -> list[T]:
        """Return all of a log, in its order."""
        types = ", ".join(f"'{each}'" for each in self.types)
        stream = log.dialect.id_as_text("e.stream")
        rows = log.rows(EVENTS.format(stream=stream, where=self.where, types=types), {})
        found = (
            {
                "position": position,
                "recorded_at": at,
                **self.fields(id_, kind, decode_plain(kind, *event)),
            }
            for position, at, id_, kind, *event in rows
        )
        return [msgspec.convert(each, self.kind, strict=False) for each in found]

    def read(self, path: Path) -> list[T]:
        """Return what a file lists, nothing where there is none; raise ValueError for others."""
        if not path.exists():
            return []
        try:
            return msgspec.json.Decoder(self.kind).decode_lines(path.read_bytes())
        except msgspec.DecodeError as error:
            raise ValueError(f"{path} is no list of {Path(self.file).stem}: {error}.") from None

    def add(self, path: Path, found: Sequence[T]) -> None:
        """Write to a file what it does not list yet; nothing is ever taken out."""
        known = {self.key(each) for each in self.read(path)}
        if new := [each for each in found if self.key(each) not in known]:
            before = path.read_bytes() if path.exists() else b""
            put_in_place(path, before + b"".join(encode(each) + b"\n" for each in new))


def last_day(grant: str, kind: str, said: Fields) -> Fields:
    """Return of which grant an event says the last day, and which; that before it ends."""
    if kind != "grant.ended":
        return {"grant_id": grant, "ends": said["ends"]}
    return {"grant_id": grant, "ends": date.fromisoformat(said["effective"]) - DAY}


ERASURES = KeptList(
    "erasures.jsonl", Erasure, lambda each: each.person_id,
    "s.parent IS NULL AND s.type = 'person' AND NOT s.living", ("person.erased",),
    lambda person, _, said: {"person_id": person, "legal_ground": said["legal_ground"]},
)  # fmt: skip
REDACTIONS = KeptList(
    "redactions.jsonl", Redaction, lambda each: each.text_of,
    f"s.parent = '{TEXTS}' AND s.type = 'text'", ("text.redacted",),
    lambda _, __, said: said,
)  # fmt: skip
REVOCATIONS = KeptList(
    "revocations.jsonl", Revocation, lambda each: each.key_id,
    f"s.parent = '{API_KEYS}' AND s.type = 'api_key' AND NOT s.living", ("api_key.revoked",),
    lambda key, _, __: {"key_id": key},
)  # fmt: skip
# A role can end more than once: the last line about a grant counts.
ENDINGS = KeptList(
    "endings.jsonl", EndedRole, lambda each: (each.grant_id, each.recorded_at),
    f"s.parent = '{GRANTS}' AND s.type = 'grant'", ("grant.ended", "grant.rescheduled"), last_day,
)  # fmt: skip
# The last line counts.
SETTINGS = KeptList(
    "retention.jsonl", Setting, lambda each: each.recorded_at,
    "s.parent IS NULL AND s.type = 'retention'", ("retention.chosen", "retention.replaced"),
    lambda _, __, said: said,
)  # fmt: skip
KEPT: tuple[KeptList[Any], ...] = (ERASURES, REDACTIONS, REVOCATIONS, ENDINGS, SETTINGS)


class Gone(NamedTuple):
    """What the lists say is gone."""

    erasures: Sequence[Erasure] = ()
    redactions: Sequence[Redaction] = ()
    revocations: Sequence[Revocation] = ()
    endings: Sequence[EndedRole] = ()
    settings: Sequence[Setting] = ()


def gone_by(folder: Path, *files: Path | None) -> Gone:
    """Return what the lists in a folder say, each from another file where one is named."""
    named = [*files, *[None] * (len(KEPT) - len(files))]
    return Gone(
        *(each.read(file or folder / each.file) for each, file in zip(KEPT, named, strict=True))
    )


def add_lists(folder: Path, log: Database) -> None:
    """Add to the lists in a folder what a log has more."""
    for each in KEPT:
        each.add(folder / each.file, each.in_log(log))
