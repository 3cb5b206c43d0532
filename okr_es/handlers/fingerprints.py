"""A hash of a command, without anything personal: by it one that is sent again is known."""

from __future__ import annotations

import hashlib
from dataclasses import Field, fields, is_dataclass
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET

from okr_es.commands import Command


def fingerprint(command: Command) -> bytes:
    """Return a hash of a command: without what it leaves out, with each null it gives.

    A field that a command got later is left out while it has its default: a key that was used
    before still stands for the same command.
    """
    given = {f.name: value for f, value in public(command) if value is not UNSET}
    return hashed(command, b"\x01" if can_leave_out(command) else b"\x00", given)


def fingerprint_before(command: Command) -> bytes:
    """Return the hash from before a field could be left out: it had a default then."""
    return hashed(command, b"\x00", {f.name: in_full(f, value) for f, value in public(command)})


def can_leave_out(part: Any) -> bool:
    """Return whether a command, or a part of one, has fields that can be left out."""
    kind: Any = type(part)
    own = has_left_out(kind)
    return own is not None and (own or any(map(can_leave_out, vars(part).values())))


def public(command: Command) -> list[tuple[Field[Any], Any]]:
    """Return the fields of a command but personal ones, and later ones that have their default."""
    found = [(f, getattr(command, f.name)) for f in fields_of(command)]
    return [
        (f, value)
        for f, value in found
        if not is_hidden(f, value) and not (f.metadata.get("later") and value == f.default)
    ]


def is_hidden(field: Field[Any], value: Any) -> bool:
    """Return whether a field is personal, or a text; that it takes a text away is not."""
    is_text = field.metadata.get("written") and value is not None
    return bool(is_text or field.metadata.get("personal"))


def written_fields(command: Command) -> dict[str, Any]:
    """Return the texts of a command that are encrypted, and so no part of its fingerprint."""
    written = (f for f in fields_of(command) if f.metadata.get("written"))
    found = ((f, getattr(command, f.name)) for f in written)
    return {f"command {f.name}": value for f, value in found if value is not UNSET}


def in_full(field: Field[Any], value: Any) -> Any:
    """Return a value with what its field and those inside it stood for when they were left out."""
    if value is UNSET:
        return field.metadata.get("before")
    if is_dataclass(value):
        return {f.name: in_full(f, getattr(value, f.name)) for f in fields(value)}
    return value


def fields_of(part: Any) -> tuple[Field[Any], ...]:
    """Return the fields of a command, or of one of its parts; those of a class are found once."""
    kind: Any = type(part)
    return fields_of_class(kind)


@cache
def has_left_out(kind: Any) -> bool | None:
    """Return whether a dataclass itself has fields that can be left out; None of another class."""
    return any(f.default is UNSET for f in fields(kind)) if is_dataclass(kind) else None


@cache
def fields_of_class(kind: Any) -> tuple[Field[Any], ...]:
    """Return the fields of a dataclass."""
    return fields(kind)


def hashed(command: Command, separator: bytes, content: dict[str, Any]) -> bytes:
    """Return the hash of the name of a command and of fields."""
    try:
        written = msgspec.json.encode(content)
    except UnicodeEncodeError:  # it will be refused, but not for lack of a fingerprint
        written = repr(content).encode()
    return hashlib.sha256(type(command).__name__.encode() + separator + written).digest()
