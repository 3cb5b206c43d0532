"""The private keys checkpoints are signed with: beside the directory, outside the log.

Anyone who can read them can sign anything in the name of the log. So checkpoints prove only as
much as the copies of them that are stored out of the operator's reach.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select

from okr_es.database.database import Database
from okr_es.people.tables import signing_keys
from okr_es.people.wrapping import wrapping


class SigningKeys:
    """Makes, stores and destroys private keys, by the public key that stands in the log."""

    def __init__(
        self,
        database: Database,
        generate: Callable[[], Ed25519PrivateKey] = Ed25519PrivateKey.generate,
    ) -> None:
        self.database = database
        self.generate = generate

    def new(self) -> str:
        """Make and store a key; return its public half, in base64."""
        private = self.generate()
        public = b64encode(private.public_key().public_bytes_raw()).decode()
        with self.database.transaction() as connection:
            row = {
                "public_key": public,
                "private_key": wrapping().wrap(private.private_bytes_raw()),
            }
            connection.execute(insert(signing_keys), row)
        return public

    def private(self, public_key: str) -> Ed25519PrivateKey | None:
        """Return the private half of a key, None if it is not here."""
        query = select(signing_keys.c.private_key).where(signing_keys.c.public_key == public_key)
        with self.database.reader.connect() as connection:
            found = connection.execute(query).scalar_one_or_none()
        if found is None:
            return None
        return Ed25519PrivateKey.from_private_bytes(wrapping().open(found))

    def is_there(self, public_key: str) -> bool:
        """Return whether the private half of a key is here."""
        return self.private(public_key) is not None

    def all(self) -> list[str]:
        """Return the public halves of all keys that are here."""
        with self.database.reader.connect() as connection:
            return list(connection.execute(select(signing_keys.c.public_key)).scalars())

    def destroy(self, public_keys: Sequence[str]) -> None:
        """Destroy the private halves of keys that will not sign any more."""
        with self.database.transaction() as connection:
            connection.execute(
                delete(signing_keys).where(signing_keys.c.public_key.in_(public_keys))
            )
