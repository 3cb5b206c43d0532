"""The course of the log: what a process has seen of it, and whether that is still part of it.

A log can be replaced: an older copy is put back, or another log is put in its place. Then all that
was cached of the one before is wrong, whatever its position. So a process remembers the last event
it has seen, by position and hash, and each first statement of a question or a command brings the
hash the log has there now.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

log = logging.getLogger("okr_es.log")


class Seen(NamedTuple):
    """An event of the log: position and hash; position 0 is the beginning, part of any log.

    `turn` counts how often this process has noticed that the log was replaced.
    """

    position: int = 0
    hash: bytes = b""
    turn: int = 0

    def is_in(self, found: bytes | None) -> bool:
        """Return whether it is part of a log that has this hash, or no event, at its position."""
        return self.position == 0 or (found is not None and bytes(found) == self.hash)


BEGINNING = Seen()
# The hash the log has at a position, as a column of a statement that asks for something else.
HASH_AT = "(SELECT h.hash FROM events h WHERE h.position = {position})"


class Course:
    """The last event this process has seen, and what is to be forgotten if the log was replaced."""

    def __init__(self) -> None:
        self.seen = BEGINNING
        self.on_change: list[Callable[[], None]] = []
        self.on_move: list[Callable[[], None]] = []  # whenever another event is the last one seen
        self._lock = Lock()

    @property
    def changes(self) -> int:
        """How often this process has noticed that the log was replaced."""
        return self.seen.turn

    def has(self, seen: Seen, found: bytes | None) -> bool:
        """Return whether what was seen is part of the log, which has `found` at its position.

        If it is not, all that was cached is forgotten, and one line says so.
        """
        if seen.is_in(found):
            return True
        with self._lock:
            if seen.turn == self.seen.turn:
                self.seen = Seen(turn=seen.turn + 1)
                for forget in [*self.on_change, *self.on_move]:
                    forget()
                log.error(
                    "The log was replaced: it has no more the event at position %s that was seen "
                    "here. All that was cached is forgotten.",
                    seen.position,
                )
        return False

    def advance(self, before: Seen, position: int, hash_: bytes | None) -> Seen:
        """Return the later of two events of one log, and remember it.

        It is not remembered where another thread has remembered another event meanwhile.
        """
        if position <= before.position or hash_ is None:
            return before
        later = Seen(position, bytes(hash_), before.turn)
        with self._lock:
            if self.seen == before:
                self.seen = later
                for forget in self.on_move:
                    forget()
        return later
