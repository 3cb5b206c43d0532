"""Accounts of people at providers of identity: by issuer and subject, which name one account.

They lie in the directory, as they are personal: found by a hash, readable with the person's key
alone, and destroyed with it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import run
from okr_es.people.directory import Directory
from okr_es.people.encryption import decrypt_piece, encrypted, padded, text_key

PERSON = "SELECT {id} FROM identities WHERE identity_hash = :hash"
OF_PERSON = "SELECT identity_hash, encrypted FROM identities WHERE person_id = {person_id}"
# Of somebody who is in the directory, and never one account for two people.
INSERT = """
  INSERT INTO identities (identity_hash, person_id, encrypted)
  SELECT :hash, id, :encrypted FROM people WHERE id = {person_id}
  ON CONFLICT (identity_hash) DO NOTHING
"""
REMOVE = "DELETE FROM identities WHERE person_id = {person_id}"


class Identity(NamedTuple):
    """An account: the issuer is the URL of the provider, the subject its name of the account."""

    issuer: str
    subject: str

    @property
    def hash(self) -> bytes:
        """The 32 bytes by which it is found."""
        return sha256(f"{len(self.issuer)}:{self.issuer}{self.subject}".encode()).digest()


class Identities:
    """Connects people with their accounts, each with one person at most."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.database = directory.database

    def person_of(self, identity: Identity) -> UUID | None:
        """Return whose account it is."""
        statement = PERSON.format(id=self.database.dialect.id_as_text("person_id"))
        rows = self.database.rows(statement, {"hash": identity.hash})
        return UUID(rows[0][0]) if rows else None

    def of(self, person_id: UUID) -> list[Identity]:
        """Return the accounts of a person."""
        key = self.directory.keys([person_id]).get(person_id)
        if key is None:
            return []
        rows = self.database.rows(self.statement(OF_PERSON), about(person_id))
        pieces = ((place_of(bytes(hash_)), bytes(piece)) for hash_, piece in rows)
        texts = (decrypt_piece(text_key(key, place), place, piece) for place, piece in pieces)
        return sorted(Identity(each["issuer"], each["subject"]) for each in texts if each)

    def connect(self, person_id: UUID, identity: Identity) -> bool:
        """Connect a person with an account; return False where it is connected already.

        Nothing is done for somebody who is not in the directory.
        """
        key = self.directory.keys([person_id]).get(person_id)
        if key is None:
            return False
        place = place_of(identity.hash)
        piece = encrypted(text_key(key, place), place, padded(identity._asdict()))
        row = about(person_id) | {"hash": identity.hash, "encrypted": piece}
        with self.database.transaction() as connection:
            return bool(run(connection, self.statement(INSERT), row).rowcount)

    def disconnect(self, person_id: UUID) -> int:
        """Remove the accounts of a person; return how many there were."""
        with self.database.transaction() as connection:
            return int(run(connection, self.statement(REMOVE), about(person_id)).rowcount)

    def statement(self, template: str) -> str:
        """Return a statement as the engine writes it."""
        return template.format(person_id=self.database.dialect.as_id("person_id"))


def about(person_id: UUID) -> dict[str, Any]:
    """Return the parameter that names a person."""
    return {"person_id": str(person_id)}


def place_of(hash_: bytes) -> str:
    """Return what an encrypted account is bound to."""
    return f"identity/{hash_.hex()}"
