"""Secrets that somebody shows to come in: made at random, kept as a hash."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import NamedTuple

BYTES = 32  # 256 bits: nobody guesses one, so a hash without salt or rounds is enough
LONGEST = 100  # characters of what may be one at all


class Secret(NamedTuple):
    """A secret as it is shown, once, and the 32 bytes that are kept of it."""

    text: str
    hash: bytes


def new_secret() -> Secret:
    """Return a new secret of 43 characters that fit into a URL."""
    text = secrets.token_urlsafe(BYTES)
    return Secret(text, hash_of(text))


def hash_of(text: str) -> bytes:
    """Return the 32 bytes that are kept of a secret; of a longer text its beginning is hashed."""
    return sha256(text[: LONGEST + 1].encode(errors="replace")).digest()


def csrf_token(secret: str) -> str:
    """Return what a page must send beside the cookie of a session: made of its secret.

    Another site's page lets a browser send the cookie, and cannot read it.
    """
    return hmac.new(secret.encode(), b"okr-es csrf token", sha256).hexdigest()


def is_csrf_token(sent: str, secret: str) -> bool:
    """Return whether a text is the token of a session, compared in constant time."""
    return hmac.compare_digest(sent.encode(errors="replace"), csrf_token(secret).encode())
