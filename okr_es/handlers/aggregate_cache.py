"""A cache of aggregates that commands looked at, so that recording a reading need not load again.

A cached state is as of a position. The append is refused as stale when anything in a stream it
rests on was recorded behind that position, and the decision is made again on what the log says.
So a cached state may be old, but is never acted on when it is wrong.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from okr_es.commands import CheckIn, Command, RecordReading, RecordReadings
from okr_es.domain.base import Aggregate

MAX_CACHED = 10_000

# Commands that only look at what they load and never change it; for them it can be shared.
LOOK_ONLY = (RecordReading, RecordReadings, CheckIn)


class Cached(NamedTuple):
    """An aggregate as it was at a position."""

    aggregate: Aggregate
    position: int


class AggregateCache:
    """The states last looked at, by stream; the longest unused go first."""

    def __init__(self) -> None:
        self._states: OrderedDict[UUID, Cached] = OrderedDict()
        self._lock = Lock()

    def get(self, stream: UUID) -> Cached | None:
        """Return the cached state of a stream."""
        with self._lock:
            if stream in self._states:
                self._states.move_to_end(stream)
            return self._states.get(stream)

    def put(self, aggregates: Iterable[Aggregate], position: int) -> None:
        """Cache aggregates that nothing changed up to a position."""
        with self._lock:
            for aggregate in aggregates:
                self._states[aggregate.id] = Cached(aggregate, position)
                self._states.move_to_end(aggregate.id)
            while len(self._states) > MAX_CACHED:
                self._states.popitem(last=False)


def looks_only(command: Command) -> bool:
    """Return whether a command leaves what it loads as it is."""
    return isinstance(command, LOOK_ONLY)
