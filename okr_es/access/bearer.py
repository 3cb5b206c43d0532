"""What a program sends to be known: the id of its api key, and the secret of it, in one text."""

from __future__ import annotations

import binascii
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple
from uuid import UUID

from okr_es.access.secrets import Secret, hash_of

BEGINS = "okres_"  # by which searches for secrets in source code know one
ID_CHARACTERS = 22
FORM = re.compile(rf"{BEGINS}([A-Za-z0-9_-]{{{ID_CHARACTERS}}})([A-Za-z0-9_-]{{43}})")


class Bearer(NamedTuple):
    """The id of a key, and the secret that was sent with it."""

    key_id: UUID
    secret: str

    def opens(self, secret_hash: str) -> bool:
        """Return whether a hash, in hexadecimal digits, is of this secret; in constant time."""
        return hmac.compare_digest(hash_of(self.secret).hex(), secret_hash)


def bearer_of(key_id: UUID, secret: Secret) -> str:
    """Return what is shown of a new key, once: 71 characters."""
    return BEGINS + urlsafe_b64encode(key_id.bytes).decode().rstrip("=") + secret.text


def read_bearer(text: str) -> Bearer | None:
    """Return the parts of what was sent; None where it cannot be one."""
    found = FORM.fullmatch(text)
    if found is None:
        return None
    try:
        return Bearer(UUID(bytes=urlsafe_b64decode(found[1] + "==")), found[2])
    except (binascii.Error, ValueError):
        return None
