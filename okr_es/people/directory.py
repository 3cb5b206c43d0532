"""The directory: names and e-mail of people, and each person's key. Erasable, outside the log.

Nothing readable is stored: an entry is encrypted like the texts people write (`encryption.py`).
Destroying the key makes it unreadable for ever, as destroying those of texts does (`texts.py`),
while events and their hashes stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database, Row, run
from okr_es.people.corrections import (
    READY,
    CommandOf,
    Correction,
    is_of,
    nothing_recorded,
    settled,
    with_ready,
)
from okr_es.people.encryption import decrypt_piece, encrypted, new_key, padded, text_key
from okr_es.people.rewrapping import require_openable
from okr_es.people.shredding import NotShredded, rewrite
from okr_es.people.tables import AREA
from okr_es.people.texts import Texts
from okr_es.people.wrapping import wrapping

ADDED_AT = "added_at"  # in an entry: where the log ended as the person was added
IS_PROGRAM = "is_program"  # in the entry of an api key
FORMER_COLLEAGUE = "former colleague"

OF_PEOPLE = ("client_info", "identities", "personal_keys")  # removed with a person
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
LEFT = """
  SELECT {id} FROM people WHERE id {in_ids}
  UNION SELECT {person} FROM personal_keys WHERE person_id {in_ids}
"""
ERASED = "SELECT stream FROM streams WHERE parent IS NULL AND type = 'person' AND NOT living"
DUE = "UPDATE shredding SET due = true, removals = removals + 1"
IS_DUE = "SELECT removals, records_due FROM shredding WHERE due OR records_due"
# Not where more was removed meanwhile, by another process: that is still to be overwritten.
DONE = "UPDATE shredding SET due = false, records_due = false WHERE removals = :removals"


class Entry(NamedTuple):
    """The entry of a person: name and e-mail; or of an api key, the name."""

    id: UUID
    name: str
    email: str | None


class Directory:
    """Names, e-mail and keys, by the opaque ids that events carry."""

    def __init__(self, database: Database, command_of: CommandOf = nothing_recorded) -> None:
        self.database = database
        self.command_of = command_of
        self.texts = Texts(database)

    def create(self) -> None:
        """Create the directory's tables where they are missing."""
        AREA.open(self.database)
        require_openable(self.database, wrapping())

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
        row = {"id": str(person_id), "entry": entry, "key": wrapping().wrap(key)}
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
        rows = self.with_keys(template, parameters)
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
        while rows := self.with_keys(ENTRIES, self.listed([person_id])):
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

    def remove_erased(self, log: Database, person_id: UUID) -> None:
        """Do what `remove` does, if the log says that the person is erased."""
        is_them = f"{ERASED} AND stream = {log.dialect.as_id('person')}"
        if log.rows(is_them, {"person": str(person_id)}):
            self.remove(person_id)

    def delete(self, *people: UUID) -> None:
        """Delete entries and keys of people; their bytes are due to be overwritten."""
        with self.database.transaction() as connection:
            run(connection, self.statement(REMOVE), self.listed(people))
            for table in OF_PEOPLE:
                statement = self.statement(REMOVE_OF).format(table=table)
                run(connection, statement, self.listed(people))
            run(connection, DUE, {})

    def shred(self, tries: int | None = None) -> None:
        """Overwrite the bytes of what was removed, if that is still to be done.

        Keys of records are many where a log is old, and rewritten only where one was removed.
        """
        for removals, with_records in self.database.rows(IS_DUE, {}):
            tables = [
                "people",
                "personal_keys",
                "signing_keys",
                *["record_keys"] * bool(with_records),
            ]
            rewrite(self.database, tables, tries)
            with self.database.transaction() as connection:
                run(connection, DONE, {"removals": removals})

    def has_left(self, person_id: UUID) -> bool:
        """Return whether bytes of a person, or of anything that was removed, are still there."""
        return bool(self.left_of([person_id]) or self.database.rows(IS_DUE, {}))

    def left_of(self, people: Iterable[UUID]) -> set[UUID]:
        """Return those of these people of whom a key is still there, or one of a text about them.

        One of a text can come to be while a person is erased.
        """
        rows = self.database.rows(self.statement(LEFT), self.listed(people))
        return {UUID(id_) for (id_,) in rows}

    def complete_erasures(self, log: Database) -> None:
        """Destroy what is left of erased people where a process ended before it was done.

        Bytes that cannot be overwritten now stay due.
        """
        erased = {UUID(str(id_)) for (id_,) in log.rows(ERASED, {})}
        with suppress(NotShredded):
            if left := self.left_of(erased):
                self.remove(*left)
            self.shred(tries=1)

    def entries(self, ids: Iterable[UUID] | None = None) -> dict[UUID, Entry]:
        """Return the entries of these people and programs, or of all people.

        Erased people are not among them.
        """
        template, parameters = (EVERYBODY, {}) if ids is None else (ENTRIES, self.listed(ids))
        rows = self.with_keys(template, parameters)
        alone = ids is None  # people alone
        found = (self.entry_of(UUID(id_), *row, of_people_alone=alone) for id_, *row in rows)
        return {entry.id: entry for entry in found if entry is not None}

    def entry_of(
        self, id_: UUID, key: bytes, piece: bytes, *, of_people_alone: bool
    ) -> Entry | None:
        """Return the entry of a row, as the log says.

        None if its key does not open it, or where it is that of a program and those are not wanted.
        """
        texts = self.texts_as_recorded(str(id_), key, piece)
        if not texts or (of_people_alone and texts.get(IS_PROGRAM)):
            return None
        return Entry(id_, texts["name"], texts["email"])

    def texts_as_recorded(self, id_: str, key: bytes, piece: bytes) -> dict[str, Any]:
        """Return the texts of an entry, with what was recorded in force; none if nothing opens."""
        place = entry_id(id_)
        texts = decrypt_piece(text_key(key, place), place, piece)
        return settled(texts, self.recorded_of(UUID(id_))) if READY in texts else texts

    def names(self, ids: Iterable[str], log: Database) -> dict[str, str]:
        """Return what these people and programs are called, by id.

        Who is erased, as the log says, is left out, also while their entry is still here: so names
        follow from the log alone.
        """
        found = {}
        for id_, key, piece in self.with_keys(ENTRIES, self.listed(ids)):
            if texts := self.texts_as_recorded(id_, key, piece):
                found[id_] = texts["name"]
        if not found:
            return found
        erased = f"{ERASED} AND stream {log.dialect.in_array('ids', 'uuid')}"
        for (id_,) in log.rows(erased, {"ids": log.dialect.array(found)}):
            del found[str(id_)]
        return found

    def recorded_of(self, person_id: UUID) -> Callable[[int], UUID | None]:
        """Return what answers which command recorded a version of a person's stream."""
        return lambda version: self.command_of(person_id, version)

    def open_own(self, pieces: Iterable[tuple[UUID, str, bytes]]) -> list[dict[str, Any]]:
        """Return the texts of what lies here encrypted with people's own keys, by its place.

        Each piece is the person, the place, and the encrypted bytes; empty for someone erased.
        """
        found = list(pieces)
        keys = self.keys(person for person, _, _ in found)
        return [
            decrypt_piece(text_key(keys[person], place), place, piece) if person in keys else {}
            for person, place, piece in found
        ]

    def keys(self, ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """Return the keys of these people."""
        wanted = set(ids)
        if not wanted:
            return {}
        return {UUID(id_): key for id_, key in self.with_keys(KEYS, self.listed(wanted))}

    def with_keys(self, template: str, parameters: Mapping[str, Any]) -> list[Row]:
        """Return rows of people, the second column their key as it opens what is theirs."""
        rows, wraps = self.database.rows(self.statement(template), parameters), wrapping()
        return [(id_, wraps.open(key), *rest) for id_, key, *rest in rows]

    def statement(self, template: str) -> str:
        """Return a statement as the engine writes it."""
        dialect = self.database.dialect
        return template.format(
            id=dialect.id_as_text("id"),
            person=dialect.id_as_text("person_id"),
            in_ids=dialect.in_array("ids", "uuid"),
        )

    def listed(self, ids: Iterable[UUID | str]) -> dict[str, str]:
        """Return ids as the one parameter of a statement, `ids`."""
        return {"ids": self.database.dialect.array(ids)}


def entry_id(person_id: UUID | str) -> str:
    """Return the id of a person's entry, where an event's is `stream/version`."""
    return f"directory/{person_id}"
