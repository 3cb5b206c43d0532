"""The directory: names and e-mail of people, and each person's key. Erasable, outside the log.

Free text that may be about a person is sealed with AES-256-GCM under the key of whoever
wrote it, with the event's id (stream and version) as associated data. Destroying the key
makes the text unreadable for ever, while the event and its hash stand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, delete, insert, select

from . import whereabouts
from .log.database import APP_ROLE, Database, lock_creation, prepare_postgresql
from .log.schema import Id

NONCE_BYTES = 12
KEY_BYTES = 32
FORMER_COLLEAGUE = "former colleague"

metadata = MetaData()
people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("key", LargeBinary, nullable=False),
)
KEYS = {
    True: "SELECT id, key FROM people WHERE id IN (SELECT value FROM json_each(:ids))",
    False: "SELECT id::text, key FROM people WHERE id = ANY(CAST(:ids AS uuid[]))",
}


class Entry(NamedTuple):
    """What the directory tells of a person."""

    id: UUID
    name: str
    email: str | None


class Directory:
    """Names, e-mail and keys, by the opaque ids that events carry."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create(self) -> None:
        """Create the directory's table where it is missing."""
        if self.database.is_sqlite:
            self.database.make_private()
            with self.database.transaction() as connection:
                metadata.create_all(connection)
                whereabouts.create(connection)
            return
        owner = prepare_postgresql(
            self.database.url.render_as_string(hide_password=False), (self.database.schema,)
        )
        with owner.begin() as connection:
            lock_creation(connection)
            metadata.create_all(connection)
            connection.exec_driver_sql(
                f"GRANT USAGE ON SCHEMA {self.database.schema} TO {APP_ROLE}"
            )
            connection.exec_driver_sql(f"GRANT SELECT, INSERT, DELETE ON people TO {APP_ROLE}")
            whereabouts.create(connection)
        owner.dispose()

    def enter(self, person_id: UUID, name: str, email: str | None) -> bool:
        """Enter a person with a new key; return False if they are there already."""
        with self.database.transaction() as connection:
            known = select(people.c.id).where(people.c.id == person_id)
            if connection.execute(known).first():
                return False
            row = {"id": person_id, "name": name, "email": email, "key": os.urandom(KEY_BYTES)}
            connection.execute(insert(people), row)
            return True

    def remove(self, person_id: UUID) -> None:
        """Destroy a person's entry and key, on SQLite also the bytes they leave in its files."""
        sqlite = self.database.is_sqlite
        with self.database.transaction() as connection:
            if sqlite:
                connection.exec_driver_sql("PRAGMA secure_delete = ON")
            connection.execute(delete(people).where(people.c.id == person_id))
            whereabouts.forget(connection, person_id)
        if sqlite:
            with self.database.reader.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def entries(self, ids: Iterable[UUID] | None = None) -> dict[UUID, Entry]:
        """Return the entries of these people, or of all; whoever was erased is not among them."""
        query = select(people.c.id, people.c.name, people.c.email)
        if ids is not None:
            query = query.where(people.c.id.in_(list(ids)))
        with self.database.reader.connect() as connection:
            return {row.id: Entry(*row) for row in connection.execute(query)}

    def seal(
        self, person_id: UUID, event_ids: Iterable[str], texts: Mapping[str, str]
    ) -> list[bytes]:
        """Return texts sealed under a person's key, once for each event.

        Raises KeyError for someone without a key.
        """
        cipher = AESGCM(self.keys([person_id])[person_id])
        plain = msgspec.json.encode(dict(texts))
        return [sealed(cipher, event_id, plain) for event_id in event_ids]

    def unseal(self, sealed: Iterable[tuple[UUID, str, bytes]]) -> list[dict[str, str]]:
        """Return the texts of sealed pieces (person, event id, bytes), empty where erased."""
        pieces = list(sealed)
        keys = self.keys({person_id for person_id, _, _ in pieces})
        ciphers = {person_id: AESGCM(key) for person_id, key in keys.items()}
        return [opened(ciphers.get(person), event_id, piece) for person, event_id, piece in pieces]

    def keys(self, ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """Return the keys of these people."""
        wanted = [str(id_) for id_ in ids]
        if not wanted:
            return {}
        is_sqlite = self.database.is_sqlite
        asked = {"ids": json.dumps(wanted) if is_sqlite else wanted}
        return {UUID(id_): bytes(key) for id_, key in self.database.rows(KEYS[is_sqlite], asked)}


def sealed(cipher: AESGCM, event_id: str, plain: bytes) -> bytes:
    """Return one sealed piece: a fresh nonce, then the ciphertext bound to the event."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, event_id.encode())


def opened(cipher: AESGCM | None, event_id: str, sealed: bytes) -> dict[str, str]:
    """Return the texts of one sealed piece, or nothing without its key."""
    if cipher is None:
        return {}
    try:
        plain = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], event_id.encode())
    except InvalidTag:
        return {}
    texts: dict[str, Any] = msgspec.json.decode(plain)
    return texts
