"""Sign-ins under way at a provider of identity: between the way there and the way back.

The browser keeps one secret of the attempt, in a cookie, and the address it comes back by holds
another, the state. Both are needed, once, within a few minutes. What has to be shown to the
provider and to nobody else is made of the browser's secret, so it lies nowhere on the server.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import delete, insert

from okr_es.access.secrets import hash_of, new_secret
from okr_es.access.sessions import Sessions
from okr_es.access.tables import attempts
from okr_es.database.clock import instant

LASTS = timedelta(minutes=10)


class BegunAttempt(NamedTuple):
    """An attempt that began: the state for the address, the secret for the browser."""

    state: str
    secret: str


class Attempt(NamedTuple):
    """An attempt that came back: where it leads, and the hash of the link it began with."""

    next: str
    link_hash: bytes | None


class Attempts:
    """Begins attempts and ends each once; all processes share them."""

    def __init__(self, sessions: Sessions) -> None:
        self.database = sessions.database
        self.clock = sessions.clock

    def begin(self, provider: str, next_: str = "", link: str = "") -> BegunAttempt:
        """Begin to sign in at a provider; `link` is that of an invitation, to connect by."""
        state, secret, now = new_secret(), new_secret(), self.clock()
        row = {
            "state_hash": state.hash,
            "secret_hash": secret.hash,
            "provider": provider,
            "link_hash": hash_of(link) if link else None,
            "next": next_,
            "ends_at": instant(now + LASTS),
        }
        with self.database.transaction() as connection:
            connection.execute(delete(attempts).where(attempts.c.ends_at <= instant(now)))
            connection.execute(insert(attempts), row)
        return BegunAttempt(state.text, secret.text)

    def end(self, provider: str, state: str, secret: str) -> Attempt | None:
        """End an attempt; None where it is over, was used, or is of another browser or provider."""
        is_it = attempts.c.state_hash == hash_of(state)
        with self.database.transaction() as connection:
            row = connection.execute(delete(attempts).where(is_it).returning(attempts)).first()
        if row is None or row.ends_at <= instant(self.clock()) or row.provider != provider:
            return None
        if not hmac.compare_digest(bytes(row.secret_hash), hash_of(secret)):
            return None
        return Attempt(row.next, row.link_hash and bytes(row.link_hash))


def nonce_of(secret: str) -> str:
    """Return what a provider has to repeat in what it signs, made of the browser's secret."""
    return made_of(secret, b"okr-es nonce")


def verifier_of(secret: str) -> str:
    """Return what proves to a provider that who began comes back (PKCE), 64 characters."""
    return made_of(secret, b"okr-es code verifier")


def made_of(secret: str, purpose: bytes) -> str:
    """Return a text made of a secret that does not give it away."""
    return hmac.new(secret.encode(), purpose, sha256).hexdigest()
