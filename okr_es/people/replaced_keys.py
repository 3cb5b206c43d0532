"""A person gets another key: what lies here of them is encrypted again, the old key destroyed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import run
from okr_es.people import client_info, identities
from okr_es.people.directory import DUE, ENTRIES, Directory, entry_id
from okr_es.people.encryption import Keys, decrypt_piece, encrypted, new_key, padded
from okr_es.people.wrapping import wrapping

REPLACE_KEY = "UPDATE people SET entry = :entry, key = :key WHERE id = :id AND key = :before"


class Kept(NamedTuple):
    """A table of what is encrypted with people's keys: its column that names a piece."""

    table: str
    name: str
    place: Callable[[Any], str]


KEPT = (
    Kept("client_info", "command_id", lambda id_: client_info.bound_to(UUID(str(id_)))),
    Kept("identities", "identity_hash", lambda hash_: identities.place_of(bytes(hash_))),
)


def replace_key(directory: Directory, person_id: UUID) -> None:
    """Give a person another key, in one transaction; the bytes of the old one become due.

    Nothing is done for someone who is not in the directory. Commands of before that come again can
    no longer be compared with what they said, and are refused.
    """
    place, after = entry_id(person_id), new_key()
    with directory.database.transaction() as connection:
        run(connection, DUE, {})  # first: of two who write here, one waits
        entries = run(connection, directory.statement(ENTRIES), directory.listed([person_id]))
        for _, before, piece in entries.fetchall():
            of_before, of_after = Keys(wrapping().open(before)), Keys(after)
            entry = decrypt_piece(of_before.of(place), place, bytes(piece))
            row = {"id": str(person_id), "key": wrapping().wrap(after), "before": before}
            row["entry"] = encrypted(of_after.of(place), place, padded(entry))
            run(connection, REPLACE_KEY, row)
            for kept in KEPT:
                encrypt_again(connection, directory, person_id, kept, of_before, of_after)


def encrypt_again(
    connection: Any,
    directory: Directory,
    person_id: UUID,
    kept: Kept,
    before: Keys,
    after: Keys,
) -> None:
    """Encrypt all of a person in a table under another key."""
    dialect = directory.database.dialect
    whose = f"person_id = {dialect.as_id('person_id')}"
    person = {"person_id": str(person_id)}
    select = f"SELECT {kept.name}, encrypted FROM {kept.table} WHERE {whose}"
    rows = run(connection, select, person).fetchall()
    run(connection, f"DELETE FROM {kept.table} WHERE {whose}", person)
    insert = (
        f"INSERT INTO {kept.table} ({kept.name}, person_id, encrypted) "
        f"VALUES (:name, {dialect.as_id('person_id')}, :encrypted)"
    )
    for name, piece in rows:
        place = kept.place(name)
        texts = decrypt_piece(before.of(place), place, bytes(piece))
        again = encrypted(after.of(place), place, padded(texts))
        run(connection, insert, {**person, "name": name, "encrypted": again})
