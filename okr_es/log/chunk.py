"""Several commands in one transaction of the log, each decided on what those before it decided.

The log is locked meanwhile, so that nothing is stale. What is appended waits until something is
read, or until the end: so a run of commands that read nothing is written by a few statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection

from okr_es.database.bulk import insert_few, together
from okr_es.database.clock import instant
from okr_es.database.database import Database, run_many
from okr_es.database.within import Within
from okr_es.log.append import Append, Appended
from okr_es.log.calendars import CALENDAR_VERSION
from okr_es.log.recorder import LogRecorder
from okr_es.log.schema import LOG
from okr_es.log.writers import (
    INSERT_COMMAND,
    INSERT_NAME,
    INSERT_SQLITE,
    UPSERT_STATE,
    Counter,
    all_rows,
    command_row,
    hash_at,
    in_columns,
    insert_rows,
)

ARRIVED = "SELECT {id} FROM commands WHERE command_id {among}"
BEGUN = "SELECT {id} FROM events WHERE stream {among} AND version = 1"
OTHERS = ("events", "commands", "counter")  # tables beside those of states and names
FEW = 50  # events that one statement each brings sooner than a copy of all
CALENDARS = f"SELECT {CALENDAR_VERSION}"


class Chunk:
    """The log within one transaction, to which commands are appended one after the other."""

    def __init__(
        self, database: Database, connection: Connection, clock: Callable[[], datetime]
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.at = Counter(*LOG.lock(connection))
        self.last_hash = b""
        self.database = Within(database, connection, self.write, self.write_states, OTHERS)
        self.recorder = LogRecorder(self.database, clock)
        self.rows: list[tuple[Any, ...]] = []
        self.waiting: dict[str, list[dict[str, Any]]] = {
            INSERT_COMMAND: [],
            UPSERT_STATE: [],
            INSERT_NAME: [],
        }

    def append(self, stored: Sequence[StoredEvent], append: Append) -> Appended:
        """Append the events of a command; its command id and its streams are known to be free."""
        moment = max(instant(self.clock()), self.at.recorded_at)
        first, last = self.at.position + 1, self.at.position + len(stored)
        row = command_row(append, first if stored else None, last, moment)
        self.waiting[INSERT_COMMAND].append(row)
        if append.states or append.names:
            self.waiting[UPSERT_STATE] += map(in_columns, append.states)
            self.waiting[INSERT_NAME] += map(in_columns, append.names)
            self.database.forget()
        if not stored:
            return Appended(None, None, moment)
        self.rows += all_rows(stored, append, first, moment)
        self.last_hash = self.rows[-1][-1]
        self.at = Counter(last, moment, seeding=False)
        return Appended(first, last, moment, last_hash=self.last_hash)

    def write_states(self) -> None:
        """Write what waits, if states or names of streams do; events can wait on."""
        if self.waiting[UPSERT_STATE] or self.waiting[INSERT_NAME]:
            self.write()

    def write(self) -> None:
        """Write what waits."""
        rows, self.rows = self.rows, []
        if len(rows) > FEW:
            insert_rows(self.connection, iter(rows))
        with together(self.connection):
            if rows and len(rows) <= FEW:
                insert_few(self.connection, INSERT_SQLITE, rows)
            if rows:
                LOG.advance(self.connection, self.at._asdict())
            for statement, waiting in self.waiting.items():
                if waiting:
                    self.waiting[statement] = []
                    run_many(self.connection, statement, waiting)

    def hash_at(self, position: int) -> bytes | None:
        """Return the hash of the event at a position; None where there is none."""
        return hash_at(self.connection, position)

    def calendar_version(self) -> int | None:
        """Return how many calendars the log has; None: it has none."""
        found: int | None = self.database.rows(CALENDARS, {})[0][0]
        return found

    def arrived(self, command_ids: Iterable[UUID]) -> set[UUID]:
        """Return those of these commands that have arrived before."""
        return self.found(ARRIVED, "command_id", command_ids)

    def begun(self, streams: Iterable[UUID]) -> set[UUID]:
        """Return those of these streams that have begun."""
        return self.found(BEGUN, "stream", streams)

    def found(self, statement: str, column: str, ids: Iterable[UUID]) -> set[UUID]:
        """Return the ids that a statement finds among some, which are one parameter together."""
        if not (wanted := list(ids)):
            return set()
        dialect = self.database.dialect
        among = dialect.in_array("ids", "uuid")
        rows = self.database.read(
            statement.format(id=dialect.id_as_text(column), among=among),
            {"ids": dialect.array(wanted)},
        )
        return {UUID(row[0]) for row in rows}
