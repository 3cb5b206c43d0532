"""Encryption of text that may be about a person: one key opens it, and nothing else does.

Each person has a key of 32 random bytes. It encrypts nothing itself: every text has a key of
its own, HMAC-SHA256(person's key, what it belongs to), so that the key of one text can be
disclosed, to an auditor say, without giving away any other. An encrypted text is

    nonce (12 bytes), AES-256-GCM of 32 blanks and the JSON of the text

with what it belongs to as associated data. The blanks are looked for when it is opened: without
them one could make bytes that two keys open to two texts, and the hash of such bytes in the log
would prove neither.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32
BLANKS = b" " * 32

decode: Callable[[bytes], dict[str, Any]] = msgspec.json.Decoder(dict[str, Any]).decode


class Keys:
    """The keys of the texts of one person, made from the person's own.

    It is HMAC by the book (RFC 2104), the two halves that are equal for all texts done once: the
    library's own object costs more to copy than to hash with, and a record has a hundred texts.
    """

    def __init__(self, key: bytes) -> None:
        block = key.ljust(sha256().block_size, b"\0")
        self._inner = sha256(block.translate(hmac.trans_36))
        self._outer = sha256(block.translate(hmac.trans_5C))

    def of(self, belongs_to: str) -> bytes:
        """Return the key of the text that belongs to an event, or another place, by its id."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(belongs_to.encode())
        outer.update(inner.digest())
        return outer.digest()


def text_key(key: bytes, belongs_to: str) -> bytes:
    """Return the key of one text of a person; for many of them, `Keys` is quicker."""
    return hmac.digest(key, belongs_to.encode(), "sha256")


def new_key() -> bytes:
    """Return a new person's key."""
    return os.urandom(KEY_BYTES)


def padded(texts: Mapping[str, Any]) -> bytes:
    """Return texts as they are encrypted."""
    return BLANKS + msgspec.json.encode(dict(texts))


def encrypted(key: bytes, belongs_to: str, plain: bytes) -> bytes:
    """Return padded texts as encrypted bytes, which open for this key and place alone."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, belongs_to.encode())


def decrypt_piece(key: bytes, belongs_to: str, piece: bytes) -> dict[str, Any]:
    """Return the texts of encrypted bytes; nothing for the wrong key, place or bytes."""
    try:
        plain = AESGCM(key).decrypt(piece[:NONCE_BYTES], piece[NONCE_BYTES:], belongs_to.encode())
    except (InvalidTag, ValueError):
        return {}
    return decode(plain) if plain.startswith(BLANKS) else {}
