"""Keys as they are stored: wrapped by a key that lies elsewhere; as they are where none is named.

A wrapped key is

    the byte 1, the id of the wrapping key (8 bytes), nonce (12 bytes), AES-256-GCM of the key

So each says by which key it was wrapped, and keys of two can lie beside each other while one takes
the place of the other. The wrapping keys come from the environment, a file or a command: the one
that counts first, then those that are still needed to open what was stored before.
"""

from __future__ import annotations

import binascii
import os
import shlex
import subprocess
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY, KEY_FILE, KEY_COMMAND = (
    "OKR_ES_WRAPPING_KEY",
    "OKR_ES_WRAPPING_KEY_FILE",
    "OKR_ES_WRAPPING_KEY_COMMAND",
)
FORMAT = b"\x01"
KEY_BYTES, ID_BYTES, NONCE_BYTES = 32, 8, 12
MARK_BYTES = len(FORMAT) + ID_BYTES
BOUND_TO = b"okr-es key"
COMMAND_SECONDS = 10.0
MOST_BYTES = 4_096


class WrappingKeyIsWrong(Exception):
    """A wrapping key is missing, cannot be read, or is not the one that keys were wrapped by."""


class Wrapping:
    """Wraps keys by the first of some keys, and opens those that any of them wrapped."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self.ciphers = {mark_of(key): AESGCM(key) for key in keys}
        self.mark = mark_of(keys[0]) if keys else b""

    @property
    def name(self) -> str:
        """The id of the key that wraps, in hexadecimal digits; empty where none does."""
        return named(self.mark)

    def wrap(self, key: bytes) -> bytes:
        """Return a key as it is stored."""
        if not self.mark:
            return key
        nonce = os.urandom(NONCE_BYTES)
        return self.mark + nonce + self.ciphers[self.mark].encrypt(nonce, key, BOUND_TO)

    def open(self, stored: bytes) -> bytes:
        """Return a key that is stored; raise WrappingKeyIsWrong where none of the keys opens it."""
        stored = bytes(stored)
        if len(stored) == KEY_BYTES:
            return stored
        mark, rest = stored[:MARK_BYTES], stored[MARK_BYTES:]
        if (cipher := self.ciphers.get(mark)) is None:
            raise WrappingKeyIsWrong(self.describe_lack(mark))
        try:
            return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], BOUND_TO)
        except (InvalidTag, ValueError):
            raise WrappingKeyIsWrong(
                f"A key that was wrapped by {named(mark)} is damaged: it does not open."
            ) from None

    def describe_lack(self, mark: bytes) -> str:
        """Return which key is missing, and which are here, by their ids."""
        here = ", ".join(map(named, self.ciphers)) or "there is none"
        return (
            f"Keys are wrapped by the key {named(mark)}, and it is not here ({here}): name it by "
            f"{KEY}, {KEY_FILE} or {KEY_COMMAND}."
        )


def mark_of(key: bytes) -> bytes:
    """Return what begins all that a key has wrapped; it gives nothing of the key away."""
    return FORMAT + sha256(b"okr-es wrapping key" + key).digest()[:ID_BYTES]


def named(mark: bytes) -> str:
    """Return the id of a wrapping key as people see it."""
    return mark[len(FORMAT) :].hex()


def wrapping() -> Wrapping:
    """Return what wraps keys, as the environment says; read once in a process.

    Raises WrappingKeyIsWrong for a setting that cannot be used.
    """
    return wrapping_of(os.environ)


def wrapping_of(environment: Mapping[str, str]) -> Wrapping:
    """Return what wraps keys, as an environment says; raise as `wrapping` does."""
    return wrapping_by(*(environment.get(name) or None for name in (KEY, KEY_FILE, KEY_COMMAND)))


@lru_cache(maxsize=8)
def wrapping_by(written: str | None, file: str | None, command: str | None) -> Wrapping:
    """Return what wraps keys: by those written, in a file, or printed by a command."""
    by = {KEY: written, KEY_FILE: file, KEY_COMMAND: command}
    named_by = {name: value for name, value in by.items() if value}
    if len(named_by) > 1:
        raise WrappingKeyIsWrong(f"One of {' and '.join(named_by)} says what the key is, not both.")
    if not named_by:
        return Wrapping()
    ((name, value),) = named_by.items()
    ways: dict[str, Callable[[str], str]] = {
        KEY: str,
        KEY_FILE: read_file,
        KEY_COMMAND: output_of,
    }
    read = ways[name]
    return Wrapping(keys_in(name, read(value)))


def keys_in(name: str, text: str) -> list[bytes]:
    """Return the keys a setting has: base64 of 32 bytes each, with blanks between them."""
    keys = [decoded(each) for each in text.split()]
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise WrappingKeyIsWrong(
            f"{name} has no key that can be used: each is the base64 of {KEY_BYTES} bytes."
        )
    return keys


def decoded(text: str) -> bytes:
    """Return the bytes of base64; nothing for what is none."""
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def read_file(path: str) -> str:
    """Return what is in the file of the setting."""
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_BYTES).decode("ascii", "replace")
    except OSError as error:
        raise WrappingKeyIsWrong(f"{KEY_FILE} cannot be read: {path}: {error.strerror}.") from None


def output_of(command: str) -> str:
    """Return what the command of the setting prints; nothing of it is shown in an error."""
    try:
        done = subprocess.run(  # noqa: S603  - the operator's own command
            shlex.split(command), stdout=subprocess.PIPE, check=True, timeout=COMMAND_SECONDS
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise WrappingKeyIsWrong(
            f"{KEY_COMMAND} does not give a key: {type(error).__name__}."
        ) from None
    return done.stdout[:MOST_BYTES].decode("ascii", "replace")
