"""Checkpoints as signed notes, and the keys of a log as the verifier knows them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from okr_es.evidence.okr_es_verify import Key


def signed_note(
    origin: str, size: int, root: bytes, signers: Sequence[tuple[Key, Ed25519PrivateKey]]
) -> str:
    """Return a checkpoint as a signed note (C2SP tlog-checkpoint), with a signature of each key."""
    body = f"{origin}\n{size}\n{b64encode(root).decode()}\n"
    lines = [
        f"\u2014 {key.name} {b64encode(key.id + private.sign(body.encode())).decode()}\n"
        for key, private in signers
    ]
    return f"{body}\n{''.join(lines)}"


def key_of(origin: str, public_key: str, adopted: int, retired: int | None) -> Key:
    """Return a key of the log, as the verifier knows it."""
    return Key(origin, b64decode(public_key), adopted, retired)
