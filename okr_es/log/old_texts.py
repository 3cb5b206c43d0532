"""Texts from before there were classes: encrypted under a key made from that of who wrote them.

Their bytes stand in the log and stay. Each gets a key of its own beside the records, or beside the
person it is about, as text_classes.py says. Who wrote about somebody else gets another key, so that
nothing is left that opens what goes with that person. It begins again where it was interrupted: the
key that new records are encrypted with is made last, and says that all of this was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.ids import event_id
from okr_es.log.mapper import decode_json
from okr_es.people.directory import Directory
from okr_es.people.encryption import Keys, decrypt_piece
from okr_es.people.replaced_keys import replace_key
from okr_es.people.text_classes import GRADE, SUBJECTS, Subject

AT_ONCE = 2_000
TEXTS = """
  SELECT position, {stream}, version, type, data, encrypted, {by}, {on_behalf_of} FROM events
  WHERE position > :after AND encrypted IS NOT NULL ORDER BY position LIMIT :limit
"""
OWNERS = """
  SELECT data FROM events WHERE stream = :stream AND position <= :position
  AND type IN ('objective.drafted', 'objective.reassigned') ORDER BY position DESC LIMIT 1
"""
REQUEST = "SELECT data FROM events WHERE stream = :stream AND version = 1"


class OldText(NamedTuple):
    """An event with a text, by the columns of the log."""

    position: int
    stream: str
    version: int
    type: str
    data: bytes
    encrypted: bytes
    by: str | None
    on_behalf_of: str | None

    @staticmethod
    def ids() -> tuple[str, ...]:
        """The columns that are ids."""
        return ("stream", "by", "on_behalf_of")

    @property
    def event_id(self) -> str:
        """The id of the event."""
        return event_id(self.stream, self.version)


def begin_texts(log: Database, directory: Directory) -> None:
    """Make the key that new records are encrypted with, once every old text has a key of its own.

    Nothing is done where it is there.
    """
    if directory.texts.has_begun_records():
        return
    about_others: set[UUID] = set()
    for some in old_texts(log):
        about_others |= keep_keys(log, directory, some)
    for author in sorted(about_others):
        replace_key(directory, author)
    directory.texts.begin_records()
    directory.shred(tries=1)


def old_texts(log: Database) -> Iterator[list[OldText]]:
    """Yield the events with a text in their order, some at a time."""
    query = TEXTS.format(**{name: log.dialect.id_as_text(f'"{name}"') for name in OldText.ids()})
    after = 0
    while some := [OldText(*row) for row in log.rows(query, {"after": after, "limit": AT_ONCE})]:
        yield some
        after = some[-1].position


def keep_keys(log: Database, directory: Directory, some: list[OldText]) -> set[UUID]:
    """Keep the keys of old texts; return who wrote about somebody else."""
    authors = {UUID(id_) for text in some for id_ in (text.by, text.on_behalf_of) if id_}
    keys = {person: Keys(key) for person, key in directory.keys(authors).items()}
    records: dict[str, bytes] = {}
    personal: dict[tuple[str, UUID], bytes] = {}
    about_others: set[UUID] = set()
    for text in some:
        for author, key in keys_that_open(text, keys):
            person = subject_of(log, text)
            if person is None:
                records[text.event_id] = key
            else:
                personal[text.event_id, person] = key
                about_others |= {author} - {person}
    directory.texts.keep(records, personal)
    return about_others


def keys_that_open(text: OldText, keys: Mapping[UUID, Keys]) -> Iterator[tuple[UUID, bytes]]:
    """Yield who wrote a text, with its key: who acted, or on whose behalf they did."""
    for id_ in (text.by, text.on_behalf_of):
        if id_ is not None and (of_author := keys.get(UUID(id_))):
            key = of_author.of(text.event_id)
            if decrypt_piece(key, text.event_id, bytes(text.encrypted)):
                yield UUID(id_), key
                return


def subject_of(log: Database, text: OldText) -> UUID | None:
    """Return whom a text is about; None: nobody, it is a record."""
    data: dict[str, Any] = decode_json(bytes(text.data))
    match SUBJECTS[text.type]:
        case Subject.ITSELF:
            return UUID(text.stream)
        case Subject.GRANTED:
            return UUID(data["person_id"])
        case Subject.OWNER:
            return owner_at(log, text.stream, text.position)
        case Subject.REQUESTED:
            ((request,),) = log.rows(REQUEST, {"stream": text.stream})
            asked: dict[str, Any] = decode_json(bytes(request))
            if asked["command"] == GRADE:
                return owner_at(log, asked["fields"]["objective_id"], text.position)
    return None


def owner_at(log: Database, objective: str, position: int) -> UUID | None:
    """Return who owned an objective by what was recorded up to a position."""
    rows = log.rows(OWNERS, {"stream": objective, "position": position})
    return UUID(decode_json(bytes(rows[0][0]))["owner_id"]) if rows else None
