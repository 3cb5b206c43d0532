"""Corrections of directory entries: made ready before the append, in force with their event.

The log is the truth about whether a correction happened, and holds nothing of what it says. So
what it says lies ready in the encrypted entry, with the version of the person's stream that its
event will have, and the id of its command. An entry is read as the log says: what lies ready is in
force once that command has recorded that version, also where a process stopped in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

READY = "ready"

# Returns the id of the command that recorded a version of a stream, if it was recorded.
CommandOf = Callable[[UUID, int], UUID | None]


class Correction(NamedTuple):
    """What a command says of a person, and the version of their stream that records it."""

    version: int
    command_id: UUID
    fields: Mapping[str, str | None]


def nothing_recorded(_person_id: UUID, _version: int) -> UUID | None:
    """Return None: of a directory without a log nothing is recorded."""
    return None


def with_ready(texts: dict[str, Any], correction: Correction) -> dict[str, Any]:
    """Return an entry in which a correction lies ready."""
    ready = {
        "version": correction.version,
        "command_id": str(correction.command_id),
        "fields": dict(correction.fields),
    }
    return {**texts, READY: [*texts.get(READY, []), ready]}


def settled(
    texts: dict[str, Any],
    recorded: Callable[[int], UUID | None],
    undone: Correction | None = None,
) -> dict[str, Any]:
    """Return an entry with what was recorded in force, and what never can be taken out.

    That is what would have a version that something else has, and `undone`, which its command gave
    up. What else lies ready is that of another command, which may still record it.
    """
    entry = {name: value for name, value in texts.items() if name != READY}
    left = []
    for ready in sorted(texts.get(READY, []), key=lambda each: each["version"]):
        command_id = recorded(ready["version"])
        if command_id == UUID(ready["command_id"]):
            entry |= ready["fields"]
        elif command_id is None and not is_of(ready, undone):
            left.append(ready)
    return {**entry, READY: left} if left else entry


def is_of(ready: dict[str, Any], correction: Correction | None) -> bool:
    """Return whether what lies ready is a correction."""
    return correction is not None and (ready["version"], ready["command_id"]) == (
        correction.version,
        str(correction.command_id),
    )
