"""A cache of aggregates, so that recording a reading need not load them again.

A cached state is as of a position. The append is refused as stale when an event of a stream in
the read set was recorded after that position, and the decision is made again from the log. So a
cached state may be old, but an event decided from a wrong one is never recorded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from okr_es.commands import CheckIn, Command, RecordReading, RecordReadings
from okr_es.domain.base import Aggregate
from okr_es.domain.cycle import Cycle

MAX_CACHED = 10_000

# Commands that only read the aggregates they load and never change them: these can be shared.
LOOK_ONLY = (RecordReading, RecordReadings, CheckIn)


class Cached(NamedTuple):
    """An aggregate as it was at a position."""

    aggregate: Aggregate
    position: int


class CachedCycles(NamedTuple):
    """All cycles as they were at a position."""

    cycles: list[Cycle]
    position: int


class AggregateCache:
    """The states used last, by stream; the least recently used are dropped first.

    `cycles` are all cycles, as a reading was decided from them last.
    """

    def __init__(self) -> None:
        self._states: OrderedDict[UUID, Cached] = OrderedDict()
        self._lock = Lock()
        self.turn = 0
        self.cycles: CachedCycles | None = None

    def get(self, stream: UUID) -> Cached | None:
        """Return the cached state of a stream."""
        with self._lock:
            if stream in self._states:
                self._states.move_to_end(stream)
            return self._states.get(stream)

    def clear(self) -> None:
        """Forget everything: the log was replaced."""
        with self._lock:
            self.turn += 1
            self._states.clear()
            self.cycles = None

    def put(
        self,
        aggregates: Iterable[Aggregate],
        position: int,
        cycles: list[Cycle] | None = None,
        turn: int = 0,
    ) -> None:
        """Cache aggregates, and all cycles, that nothing changed up to a position.

        `turn` is how often the log had been replaced when they were loaded.
        """
        with self._lock:
            if turn != self.turn:
                return
            if cycles is not None:
                self.cycles = CachedCycles(cycles, position)
            for aggregate in aggregates:
                self._states[aggregate.id] = Cached(aggregate, position)
                self._states.move_to_end(aggregate.id)
            while len(self._states) > MAX_CACHED:
                self._states.popitem(last=False)


def looks_only(command: Command) -> bool:
    """Return whether a command changes none of the aggregates it loads."""
    return isinstance(command, LOOK_ONLY)
