"""The directory: names and e-mail of people, and each person's key. Erasable, outside the log.

Nothing readable is stored: an entry is encrypted like the texts people write (`encryption.py`).
Destroying the key makes all of it unreadable for ever, while events and their hashes stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database, run
from okr_es.people.corrections import (
    READY,
    CommandOf,
    Correction,
    is_of,
    nothing_recorded,
    settled,
    with_ready,
)
from okr_es.people.encryption import Keys, decrypt_piece, encrypted, new_key, padded, text_key
from okr_es.people.shredding import NotShredded, rewrite
from okr_es.people.tables import AREA

ADDED_AT = "added_at"  # in an entry: where the log ended as the person was added
IS_PROGRAM = "is_program"  # in the entry of an api key
FORMER_COLLEAGUE = "former colleague"

OF_PEOPLE = ("client_info", "identities")  # tables with more of what is theirs
KEYS = "SELECT {id}, key FROM people WHERE id {in_ids}"
IDS = "SELECT {id} FROM people"
EVERYBODY = "SELECT {id}, key, entry FROM people"
ENTRIES = EVERYBODY + " WHERE id {in_ids}"
INSERT_PERSON = (
    "INSERT INTO people (id, entry, key) VALUES (:id, :entry, :key) ON CONFLICT (id) DO NOTHING"
)
# Unless somebody else changed it meanwhile.
REPLACE_ENTRY = "UPDATE people SET entry = :entry WHERE id = :id AND entry = :before"
REMOVE = "DELETE FROM people WHERE id {in_ids}"
REMOVE_OF = "DELETE FROM {{table}} WHERE person_id {in_ids}"
ERASED = "SELECT stream FROM streams WHERE parent IS NULL AND type = 'person' AND NOT living"
DUE = "UPDATE shredding SET due = :due"
IS_DUE = "SELECT id FROM shredding WHERE due"


class Entry(NamedTuple):
    """The entry of a person: name and e-mail; or of an api key, the name."""

    id: UUID
    name: str
    email: str | None


class EncryptedText(NamedTuple):
    """An encrypted piece of an event: whose key it was encrypted with is one of two people's.

    That is who acted, or, where an approved request was executed, who had made it.
    """

    by: UUID
    event_id: str
    encrypted: bytes
    on_behalf_of: UUID | None = None


class Directory:
    """Names, e-mail and keys, by the opaque ids that events carry."""

    def __init__(self, database: Database, command_of: CommandOf = nothing_recorded) -> None:
        self.database = database
        self.command_of = command_of

    def create(self) -> None:
        """Create the directory's tables where they are missing."""
        AREA.open(self.database)

    def add_person(
        self,
        person_id: UUID,
        name: str,
        email: str | None = None,
        position: int | None = None,
        *,
        is_program: bool = False,
    ) -> bool:
        """Add a person, or a program, with a new key; return False if they are there already.

        `position` is where the log ended when that was decided.
        """
        key, place = new_key(), entry_id(person_id)
        texts = {"name": name, "email": email, ADDED_AT: position}
        texts |= {IS_PROGRAM: True} if is_program else {}
        entry = encrypted(text_key(key, place), place, padded(texts))
        row = {"id": str(person_id), "entry": entry, "key": key}
        with self.database.transaction() as connection:
            return bool(run(connection, INSERT_PERSON, row).rowcount)

    def ids(self) -> set[UUID]:
        """Return the ids of all people who are here."""
        return {UUID(id_) for id_, *_ in self.database.rows(self.statement(IDS), {})}

    def added_at(self, people: Iterable[UUID]) -> dict[UUID, int]:
        """Return where the log ended when people were added, of those of whom that is noted."""
        texts = self.texts_of(people)
        return {
            id_: each[ADDED_AT] for id_, each in texts.items() if each.get(ADDED_AT) is not None
        }

    def with_ready(self) -> list[UUID]:
        """Return the people in whose entries corrections lie ready."""
        return [id_ for id_, texts in self.texts_of(None).items() if READY in texts]

    def texts_of(self, people: Iterable[UUID] | None) -> dict[UUID, dict[str, Any]]:
        """Return the entries of these people, or of all, as they are encrypted."""
        template, parameters = (EVERYBODY, {}) if people is None else (ENTRIES, self.listed(people))
        rows = self.database.rows(self.statement(template), parameters)
        return {
            UUID(id_): decrypt_piece(text_key(key, entry_id(id_)), entry_id(id_), piece)
            for id_, key, piece in rows
        }

    def is_ready(self, person_id: UUID, correction: Correction) -> bool:
        """Return whether a correction lies ready."""
        texts = self.texts_of([person_id]).get(person_id, {})
        return any(is_of(ready, correction) for ready in texts.get(READY, []))

    def drop_ready(self, person_id: UUID) -> bool:
        """Put corrections that were recorded in force, drop the others; return if there were any.

        It is for a moment in which nobody can record one.
        """
        dropped = []

        def without_ready(texts: dict[str, Any]) -> dict[str, Any]:
            now = settled(texts, self.recorded_of(person_id))
            dropped.append(READY in now)
            return {name: value for name, value in now.items() if name != READY}

        self.rewrite_entry(person_id, without_ready)
        return any(dropped)

    def make_ready(self, person_id: UUID, correction: Correction) -> None:
        """Lay a correction of a person ready, before its event is appended."""
        self.rewrite_entry(person_id, lambda texts: with_ready(texts, correction))

    def settle(self, person_id: UUID, undone: Correction | None = None) -> None:
        """Put corrections of a person that were recorded into their entry, which is idempotent.

        `undone` is one that its command gave up.
        """
        recorded = self.recorded_of(person_id)
        self.rewrite_entry(person_id, lambda texts: settled(texts, recorded, undone))

    def rewrite_entry(
        self, person_id: UUID, changed: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Replace a person's entry; nothing is done where nothing changes, or they were erased."""
        place = entry_id(person_id)
        while rows := self.database.rows(self.statement(ENTRIES), self.listed([person_id])):
            _, key, piece = rows[0]
            before = decrypt_piece(own_key := text_key(key, place), place, piece)
            after = changed(before)
            if after == before:
                return
            entry = encrypted(own_key, place, padded(after))
            row = {"id": str(person_id), "entry": entry, "before": piece}
            with self.database.transaction() as connection:
                if run(connection, REPLACE_ENTRY, row).rowcount:
                    return

    def remove(self, *people: UUID) -> None:
        """Destroy entries and keys of people, and the bytes they leave in the database's files.

        Raises NotShredded if the bytes are still there; `shred` or the same again removes them.
        """
        self.delete(*people)
        self.shred()

    def delete(self, *people: UUID) -> None:
        """Delete entries and keys of people; their bytes are due to be overwritten."""
        with self.database.transaction() as connection:
            run(connection, self.statement(REMOVE), self.listed(people))
            for table in OF_PEOPLE:
                statement = self.statement(REMOVE_OF).format(table=table)
                run(connection, statement, self.listed(people))
            run(connection, DUE, {"due": True})

    def shred(self, tries: int | None = None) -> None:
        """Overwrite the bytes of people who were removed, if that is still to be done."""
        if self.database.rows(IS_DUE, {}):
            rewrite(self.database, "people", tries)
            with self.database.transaction() as connection:
                run(connection, DUE, {"due": False})

    def has_left(self, person_id: UUID) -> bool:
        """Return whether bytes of a person, or of anybody who was removed, are still there."""
        return bool(self.keys([person_id]) or self.database.rows(IS_DUE, {}))

    def complete_erasures(self, log: Database) -> None:
        """Destroy what is left of erased people where a process ended before it was done.

        Bytes that cannot be overwritten now stay due.
        """
        erased = {UUID(str(id_)) for (id_,) in log.rows(ERASED, {})}
        with suppress(NotShredded):
            if left := self.keys(erased).keys():
                self.remove(*left)
            self.shred(tries=1)

    def entries(self, ids: Iterable[UUID] | None = None) -> dict[UUID, Entry]:
        """Return the entries of these people and programs, or of all people.

        Erased people are not among them.
        """
        template, parameters = (EVERYBODY, {}) if ids is None else (ENTRIES, self.listed(ids))
        rows = self.database.rows(self.statement(template), parameters)
        alone = ids is None  # people alone
        found = (self.entry_of(UUID(id_), *row, of_people_alone=alone) for id_, *row in rows)
        return {entry.id: entry for entry in found if entry is not None}

    def entry_of(
        self, id_: UUID, key: bytes, piece: bytes, *, of_people_alone: bool
    ) -> Entry | None:
        """Return the entry of a row, as the log says.

        None if its key does not open it, or where it is that of a program and those are not wanted.
        """
        place = entry_id(id_)
        texts = decrypt_piece(text_key(key, place), place, piece)
        if READY in texts:
            texts = settled(texts, self.recorded_of(id_))
        if not texts or (of_people_alone and texts.get(IS_PROGRAM)):
            return None
        return Entry(id_, texts["name"], texts["email"])

    def recorded_of(self, person_id: UUID) -> Callable[[int], UUID | None]:
        """Return what answers which command recorded a version of a person's stream."""
        return lambda version: self.command_of(person_id, version)

    def encrypt(
        self, person_id: UUID, event_ids: Iterable[str], texts: Mapping[str, str]
    ) -> list[bytes]:
        """Return texts encrypted for a person, once for each event, each under a key of its own.

        Raises KeyError for someone without a key.
        """
        keys, plain = Keys(self.keys([person_id])[person_id]), padded(texts)
        return [encrypted(keys.of(event_id), event_id, plain) for event_id in event_ids]

    def decrypt(
        self, pieces: Iterable[EncryptedText | tuple[UUID, str, bytes]]
    ) -> list[dict[str, str]]:
        """Return the texts of encrypted pieces, empty where who wrote them was erased."""
        found = [
            each if isinstance(each, EncryptedText) else EncryptedText(*each) for each in pieces
        ]
        of = {person: Keys(key) for person, key in self.keys(authors_of(found)).items()}
        return [decrypted_piece(piece, of)[0] for piece in found]

    def text_keys(self, pieces: Iterable[EncryptedText]) -> list[bytes | None]:
        """Return the keys of encrypted pieces, None where the person who wrote them was erased.

        Each opens the text of its event and no other; the person's own key is not given away.
        """
        found = list(pieces)
        of = {person: Keys(key) for person, key in self.keys(authors_of(found)).items()}
        return [decrypted_piece(piece, of)[1] for piece in found]

    def keys(self, ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """Return the keys of these people."""
        wanted = set(ids)
        if not wanted:
            return {}
        rows = self.database.rows(self.statement(KEYS), self.listed(wanted))
        return {UUID(id_): bytes(key) for id_, key in rows}

    def statement(self, template: str) -> str:
        """Return a statement as the engine writes it."""
        dialect = self.database.dialect
        return template.format(
            id=dialect.id_as_text("id"),
            in_ids=dialect.in_array("ids", "uuid"),
        )

    def listed(self, ids: Iterable[UUID]) -> dict[str, str]:
        """Return ids as the one parameter of a statement, `ids`."""
        return {"ids": self.database.dialect.array(ids)}


def authors_of(pieces: Iterable[EncryptedText]) -> set[UUID]:
    """Return whose keys pieces may have been encrypted with."""
    found = list(pieces)
    for_others = {each.on_behalf_of for each in found if each.on_behalf_of is not None}
    return {each.by for each in found} | for_others


def decrypted_piece(
    piece: EncryptedText, of: Mapping[UUID, Keys]
) -> tuple[dict[str, str], bytes | None]:
    """Return the texts of a piece, and their key: of who acted, or of whom they acted for."""
    for person in (piece.by, piece.on_behalf_of):
        if person is not None and (keys := of.get(person)):
            key = keys.of(piece.event_id)
            if texts := decrypt_piece(key, piece.event_id, piece.encrypted):
                return texts, key
    return {}, None


def entry_id(person_id: UUID | str) -> str:
    """Return the id of a person's entry, where an event's is `stream/version`."""
    return f"directory/{person_id}"
