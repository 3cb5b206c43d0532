"""Links to sign in by, each once: an installation needs no other provider of identity.

An operator makes one, prints it or sends it by mail. It is for one person, ends soon, and the one
who opens it first has it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select

from okr_es.access.secrets import hash_of, new_secret
from okr_es.access.sessions import Begun, Sessions
from okr_es.access.tables import links
from okr_es.database.clock import instant

# Where anybody may ask for a link of a person: so many at once, then one after each pause. A link
# lasts longer than a pause: however often somebody asks, the person has one that goes on.
MOST_ASKED_FOR = 3
PAUSE = timedelta(minutes=5)


class Purpose(StrEnum):
    """What a link is for; an invitation lasts longer."""

    INVITATION = "invitation"
    SIGN_IN = "sign_in"


class Links:
    """Makes and uses links; they lie beside the sessions."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.database = sessions.database
        self.clock = sessions.clock
        self.lasts = {
            Purpose.INVITATION: sessions.limits.invitation,
            Purpose.SIGN_IN: sessions.limits.sign_in,
        }

    def make(self, person_id: UUID, purpose: Purpose) -> str:
        """Return the secret of a new link for a person; those made before for them end."""
        secret = new_secret()
        with self.database.transaction() as connection:
            connection.execute(delete(links).where(links.c.person_id == str(person_id)))
            connection.execute(insert(links), self.row(secret.hash, person_id, purpose))
        return secret.text

    def make_another(self, person_id: UUID) -> str | None:
        """Return the secret of a further link to sign in by; those made before go on.

        None where the person has several, of which one was made within the pause.
        """
        secret, now = new_secret(), self.clock()
        ends = links.c.ends_at
        theirs = links.c.person_id == str(person_id), ends > instant(now)
        short = *theirs, ends <= instant(now + self.lasts[Purpose.SIGN_IN])  # no invitation
        of_pause = ends > instant(now + self.lasts[Purpose.SIGN_IN] - PAUSE)
        with self.database.transaction() as connection:
            counted = select(func.count(), func.count().filter(of_pause)).select_from(links)
            several, just_made = connection.execute(counted.where(*short)).one()
            if several >= MOST_ASKED_FOR and just_made:
                return None
            connection.execute(insert(links), self.row(secret.hash, person_id, Purpose.SIGN_IN))
        return secret.text

    def row(self, secret_hash: bytes, person_id: UUID, purpose: Purpose) -> dict[str, Any]:
        """Return the row of a new link."""
        return {
            "secret_hash": secret_hash,
            "person_id": str(person_id),
            "ends_at": instant(self.ends(purpose)),
        }

    def ends(self, purpose: Purpose) -> datetime:
        """Return when a link ends that is made now, UTC."""
        return self.clock() + self.lasts[purpose]

    def person_of(self, secret: str) -> UUID | None:
        """Return whom a link that goes on is for; it stays."""
        return self.person_of_hash(hash_of(secret))

    def person_of_hash(self, secret_hash: bytes) -> UUID | None:
        """Return whom the link is for of which somebody has the hash; it stays."""
        self.database.follow_files()
        query = select(links.c.person_id).where(*self.is_of(secret_hash))
        with self.database.reader.connect() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else UUID(str(found))

    def use(self, secret: str) -> Begun | None:
        """Begin the session of whom a link is for, and end the link, both or neither.

        None where it is over, used, or never was.
        """
        used = delete(links).where(*self.is_of(hash_of(secret))).returning(links.c.person_id)
        with self.database.transaction() as connection:
            found = connection.execute(used).scalar()
            if found is None:
                return None
            return self.sessions.begin_in(connection, UUID(str(found)), "link")

    def use_up(self, secret_hash: bytes) -> UUID | None:
        """End a link without a session; return whom it was for, None where it did not go on."""
        used = delete(links).where(*self.is_of(secret_hash)).returning(links.c.person_id)
        with self.database.transaction() as connection:
            found = connection.execute(used).scalar()
        return None if found is None else UUID(str(found))

    def is_of(self, secret_hash: bytes) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions of the link of a hash that goes on."""
        return links.c.secret_hash == secret_hash, links.c.ends_at > instant(self.clock())
