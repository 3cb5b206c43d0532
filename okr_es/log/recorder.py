"""The recorder: one append, one transaction, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    StoredEvent,
    Subscription,
)
from sqlalchemy import Engine, exc, select

from okr_es.database.append_only import require_no_gap
from okr_es.database.clock import instant, utc_now
from okr_es.database.commits import Commit
from okr_es.database.database import Database
from okr_es.domain.refusals import CommandIdIsTaken, LogIsNotEmpty, TimeGoesBackwards
from okr_es.log.append import Append, Appended, StaleDecision
from okr_es.log.clocks import ClockWatch
from okr_es.log.course import HASH_AT
from okr_es.log.in_doubt import outcome_in_doubt
from okr_es.log.mapper import TypedNotification, TypedStoredEvent
from okr_es.log.schema import AREA, COLUMNS, ID_COLUMNS, LOG, events
from okr_es.log.writers import (
    SELECT_COMMAND,
    SELECT_SENDER,
    append_by_function,
    append_by_steps,
    suits_function,
)

POLL_SECONDS = 0.05
LAST = f"SELECT c.position, {HASH_AT.format(position='c.position')} FROM counter c"
STREAMS_AT_ONCE = 5_000


class RecordedCommand(NamedTuple):
    """A command that arrived: its fingerprint, and its outcome with the receipt as stored."""

    fingerprint: bytes
    outcome: Appended

    @property
    def receipt(self) -> bytes:
        """The receipt as it is stored."""
        return self.outcome.earlier_receipt or b""


class Sender(NamedTuple):
    """Who sent a command; None of a job, and where it changed nothing."""

    by: UUID | None


class LogRecorder(ApplicationRecorder):
    """Records events gapless, ordered, immutable, durable, idempotent and provable."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self.clock = clock
        self.watch: ClockWatch | None = None

    def is_there(self) -> bool:
        """Return whether all of the log is there; only read."""
        return AREA.is_there(self.database)

    def create(self) -> None:
        """Create the log where it is missing, its guards too; run migrations that are safe."""
        AREA.open(self.database)

    def append(self, stored: Sequence[StoredEvent], append: Append) -> Appended:
        """Append the events of a command, all or none, and return their positions.

        Raises IntegrityError when a stream has that version already, StaleDecision when a guard
        was hit, CommandIdIsTaken, LogIsNotEmpty, TimeGoesBackwards, ClockIsAhead, and
        OperationalError when the database failed: then nothing was recorded. Raises OutcomeUnknown
        where that is not known.
        """
        now = append.seed_time or self.clock()
        if self.watch is not None and not (append.seed_time or append.accepts_clock):
            self.watch.require(now)
        by_function = not self.database.is_sqlite and suits_function(stored, append)
        append_ready = append_by_function if by_function else append_by_steps
        commit = Commit()
        try:
            outcome = append_ready(self.database, stored, append, instant(now), commit)
        except Exception as error:
            if commit.is_in_doubt(error) and (done := self.outcome_in_doubt(append, commit)):
                return done
            if isinstance(error, exc.IntegrityError):
                if done := self.earlier_outcome(append.envelope.command_id, append.fingerprint):
                    return done
                raise IntegrityError(str(error.orig)) from error
            if isinstance(error, exc.DBAPIError):
                raise OperationalError(str(error.orig)) from error
            raise
        return appended_or_raise(*outcome)

    def outcome_in_doubt(self, append: Append, commit: Commit) -> Appended | None:
        """Return the outcome of an append in doubt; None where it certainly was not recorded.

        What has the receipt of this append counts as its own. Raises OutcomeUnknown.
        """
        command_id = append.envelope.command_id

        def earlier(engine: Engine) -> Appended | None:
            return self.earlier_outcome(command_id, append.fingerprint, engine=engine)

        found = outcome_in_doubt(self.database, commit, command_id, earlier)
        if found is not None and found.earlier_receipt == append.receipt:
            return found._replace(earlier_receipt=None)
        return found

    def earlier_outcome(
        self, command_id: UUID | None, *fingerprints: bytes, engine: Engine | None = None
    ) -> Appended | None:
        """Return the outcome of an earlier arrival of a command, by any of its fingerprints."""
        with (engine or self.database.reader).connect() as connection:
            found = connection.execute(SELECT_COMMAND, {"command_id": command_id}).first()
        if found is None:
            return None
        outcome = "repeated" if found.fingerprint in fingerprints else "taken"
        return appended_or_raise(outcome, *found[1:])

    def recorded_command(self, command_id: UUID | None) -> RecordedCommand | None:
        """Return fingerprint and outcome of a command that arrived, None if it did not."""
        with self.database.reader.connect() as connection:
            found = connection.execute(SELECT_COMMAND, {"command_id": command_id}).first()
        if found is None:
            return None
        fingerprint, first, last, recorded_at, receipt = found
        return RecordedCommand(fingerprint, Appended(first, last, recorded_at, bytes(receipt)))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody append while it lasts."""
        with self.database.transaction() as connection:
            LOG.lock(connection)
            yield

    def sender_of(self, command_id: UUID) -> Sender | None:
        """Return who sent a command that arrived, None if it did not."""
        with self.database.reader.connect() as connection:
            found = connection.execute(SELECT_SENDER, {"command_id": command_id}).first()
        return None if found is None else Sender(found.by)

    def command_of(self, stream: UUID, version: int) -> UUID | None:
        """Return the command that recorded a version of a stream, if it was recorded."""
        e = events.c
        query = select(e.command_id).where(e.stream == stream, e.version == version)
        with self.database.reader.connect() as connection:
            found: UUID | None = connection.execute(query).scalar_one_or_none()
        return found

    def first_existing(self, streams: Sequence[UUID]) -> UUID | None:
        """Return the first of these streams that has begun already, if one has."""
        e = events.c
        for start in range(0, len(streams), STREAMS_AT_ONCE):
            some = streams[start : start + STREAMS_AT_ONCE]
            query = select(e.stream).where(e.stream.in_(some), e.version == 1).limit(1)
            with self.database.reader.connect() as connection:
                found: UUID | None = connection.execute(query).scalar_one_or_none()
            if found is not None:
                return found
        return None

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append events without a command, as the library does; return their positions."""
        if not stored_events:
            return []
        done = self.append(stored_events, kwargs.get("append") or Append())
        first = done.first_position or 0
        return list(range(first, first + len(stored_events)))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return the events of a stream, by version."""
        e = events.c
        query = select(e.stream, e.version, e.type, e.data, e.schema_version).where(
            e.stream == originator_id
        )
        if gt is not None:
            query = query.where(e.version > gt)
        if lte is not None:
            query = query.where(e.version <= lte)
        query = query.order_by(e.version.desc() if desc else e.version).limit(limit)
        with self.database.reader.connect() as connection:
            return [stored_event(*row) for row in connection.execute(query)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return events by position."""
        e = events.c
        query = select(e.stream, e.version, e.type, e.data, e.position, e.schema_version)
        if start is not None:
            query = query.where(e.position >= start if inclusive_of_start else e.position > start)
        if stop is not None:
            query = query.where(e.position <= stop)
        if topics:
            query = query.where(e.type.in_(topics))
        with self.database.reader.connect() as connection:
            rows = connection.execute(query.order_by(e.position).limit(limit))
            found: list[Notification] = [TypedNotification(*row) for row in rows]
        if found and not topics:
            positions = [notification.id for notification in found]
            require_no_gap(positions, range(positions[0], positions[0] + len(positions)))
        return found

    def max_notification_id(self) -> int | None:
        """Return the last position, or None for an empty log."""
        return self.head() or None

    def head(self) -> int:
        """Return the last position, 0 for an empty log."""
        self.database.follow_files()
        return LOG.head(self.database)

    def last(self) -> tuple[int, bytes | None]:
        """Return the last position and the hash of its event; 0 and None for an empty log."""
        position, found = self.database.rows(LAST, {})[0]
        return int(position), None if found is None else bytes(found)

    def hashes(self, positions: Iterable[int]) -> dict[int, bytes]:
        """Return the hashes of the events at some positions."""
        dialect = self.database.dialect
        rows = self.database.rows(
            f"SELECT position, hash FROM events WHERE position {dialect.in_array('at', 'bigint')}",
            {"at": dialect.array(positions)},
        )
        return {int(position): bytes(found) for position, found in rows}

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Return an iterator that waits for new events."""
        return PollingSubscription(self, gt, topics)

    def rows(
        self, after: int, limit: int, columns: Sequence[str] = COLUMNS
    ) -> Sequence[Sequence[Any]]:
        """Return whole rows by position, the position first, ids as text.

        Raises GapFound if a position is missing.
        """
        statement = (
            f"SELECT {self.column_list(columns)} FROM events WHERE position > {int(after)} "
            f"ORDER BY position LIMIT {int(limit)}"
        )
        found = self.database.rows(statement, {})
        if found and found[-1][0] - after != len(found):
            require_no_gap([row[0] for row in found], range(after + 1, after + 1 + len(found)))
        return found

    def at(self, positions: Sequence[int]) -> Sequence[Sequence[Any]]:
        """Return whole rows at some positions, in order, ids as text."""
        dialect = self.database.dialect
        return self.database.rows(
            f"SELECT {self.column_list(COLUMNS)} FROM events "
            f"WHERE position {dialect.in_array('at', 'bigint')} ORDER BY position",
            {"at": dialect.array(positions)},
        )

    def column_list(self, columns: Sequence[str]) -> str:
        """Return the columns as SQL, the position first, ids as text."""
        names = (f'"{name}"' for name in columns if name != "position")
        as_text = self.database.dialect.id_as_text
        listed = (as_text(name) if name.strip('"') in ID_COLUMNS else name for name in names)
        return ", ".join(["position", *listed])


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Waits for new events by polling, on both engines: no notification can be missed."""

    BATCH = 500

    def __init__(
        self, recorder: LogRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._found: Iterator[Notification] = iter(())

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            for notification in self._found:
                self._last_notification_id = notification.id
                return notification
            found = self._recorder.select_notifications(
                self._last_notification_id,
                self.BATCH,
                topics=self._topics,
                inclusive_of_start=False,
            )
            self._found = iter(found)
            if not found:
                time.sleep(POLL_SECONDS)
        raise StopIteration


def stored_event(
    stream: UUID, version: int, event_type: str, data: bytes, schema_version: int
) -> StoredEvent:
    """Return a stored event, typed by its schema version where that is not the first."""
    if schema_version == 1:
        return StoredEvent(stream, version, event_type, data)
    return TypedStoredEvent(stream, version, event_type, data, schema_version)


def notification_of(
    stream: UUID, version: int, event_type: str, data: bytes, position: int, schema_version: int
) -> Notification:
    """Return an event by its position, typed by its schema version where that is not the first."""
    if schema_version == 1:
        return Notification(stream, version, event_type, data, position)
    return TypedNotification(stream, version, event_type, data, position, schema_version)


def appended_or_raise(
    outcome: str, first: int | None, last: int | None, recorded_at: str, receipt: bytes
) -> Appended:
    """Return the outcome of an append; raise the error that refused it."""
    match outcome:
        case "appended":
            nothing = first is None or last is None or last < first
            if nothing:
                return Appended(None, None, recorded_at)
            return Appended(first, last, recorded_at, last_hash=bytes(receipt))
        case "repeated":
            return Appended(first, last, recorded_at, bytes(receipt))
        case "taken":
            raise CommandIdIsTaken(
                "That command id was used for another command.", field="command_id"
            )
        case "not_empty":
            raise LogIsNotEmpty("Only the seeding of an empty log may bring times along.")
        case "backwards":
            raise TimeGoesBackwards(f"The log has come to {recorded_at} already.")
        case _:
            raise StaleDecision
