"""The unit of work of a command in a chunk: what others of the chunk loaded is not read again.

Nobody else can append meanwhile, so what was loaded stays true until a command of the chunk changes
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.base import Aggregate, Change
from okr_es.domain.cycle import Cycle
from okr_es.handlers.unit_of_work import CYCLES_MOVE, UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.log.stream_states import StreamState, decode_aggregate

STATES = """
  SELECT {stream}, s.type, s.version, s.state FROM streams s WHERE s.stream {among}
"""


class Stored(NamedTuple):
    """The state of a stream as it is stored."""

    kind: str
    version: int
    state: bytes


class ChunkStates:
    """The states of streams during a chunk: each read once, and replaced by what changes it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.known: dict[UUID, Stored | None] = {}
        self.cycles: list[Cycle] | None = None
        self.shared: dict[UUID, Aggregate] = {}

    def aggregate(self, id_: UUID, found: Stored, *, is_shared: bool) -> Aggregate:
        """Return a stream in its state; one that is shared is changed by nobody."""
        if is_shared and id_ in self.shared:
            return self.shared[id_]
        kind, version, state = found
        made = decode_aggregate(kind, id_, version, bytes(state))
        if is_shared:
            self.shared[id_] = made
        return made

    def of(self, ids: Iterable[UUID]) -> Iterator[tuple[UUID, Stored]]:
        """Yield the states of those of these streams that have one."""
        wanted = list(ids)
        self.read([id_ for id_ in wanted if id_ not in self.known])
        for id_ in wanted:
            found = self.known[id_]
            if found is not None:
                yield id_, found

    def read(self, ids: Sequence[UUID]) -> None:
        """Read the states of streams, by one statement."""
        if not ids:
            return
        dialect = self.database.dialect
        statement = STATES.format(
            stream=dialect.id_as_text("s.stream"), among=dialect.in_array("ids", "uuid")
        )
        rows = self.database.rows(statement, {"ids": dialect.array(ids)})
        self.known |= dict.fromkeys(ids)
        self.known |= {UUID(id_): Stored(*rest) for id_, *rest in rows}

    def note(self, events: Iterable[Change], states: Iterable[StreamState]) -> None:
        """Note what a command of the chunk changed."""
        for each in states:
            self.known[each.stream] = Stored(each.type, each.version, each.state)
            self.shared.pop(each.stream, None)
        if any(topic_of(type(event)) in CYCLES_MOVE for event in events):
            self.cycles = None


class ChunkWork(UnitOfWork):
    """A unit of work on a log that is locked: nothing it rests on can change meanwhile."""

    states_known: ChunkStates
    looks_only = False  # its command changes nothing that it loads

    def fetch(self, ids: set[UUID]) -> None:
        """Load what exists of these streams."""
        missing = [id_ for id_ in ids if id_ not in self.loaded]
        if not missing:
            return
        for id_, found in self.states_known.of(missing):
            self.stored[id_] = found
            self.loaded[id_] = self.states_known.aggregate(id_, found, is_shared=self.looks_only)

    def cycles(self) -> list[Cycle]:
        """Return all cycles; nobody changes them."""
        if self.states_known.cycles is None:
            self.states_known.cycles = super().cycles()
        self.all_cycles = self.states_known.cycles
        return self.all_cycles

    def note_log(self, position: int, last_hash: bytes | None, seen_hash: bytes | None) -> None:
        """Note nothing: it was looked at when the chunk began."""

    def note_position(self, position: int) -> None:
        """Note nothing."""


def named_ids(parts: Iterable[Any]) -> set[UUID]:
    """Return all ids that stand in commands or contexts, to read their streams at once."""
    return {value for part in parts for value in vars(part).values() if isinstance(value, UUID)}
