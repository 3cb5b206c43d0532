"""okr-es, the write side: carries commands out, each exactly once.

command, context -> handler -> aggregate decides -> events -> append
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Mapper,
    OperationalError,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from okr_es.access.secrets import Secret, new_secret
from okr_es.access_log import AccessLog
from okr_es.commands import Command, RecordReadings, SetCalendar
from okr_es.context import Context, Receipt
from okr_es.database.clock import instant, utc_now
from okr_es.database.database import Database
from okr_es.database.outages import log_failure
from okr_es.domain.base import Aggregate, Change
from okr_es.domain.calendar import CALENDAR_ID, OrganisationCalendar
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import AlreadyExists, CommandIdIsTaken, Conflict, Refusal
from okr_es.gc_pause import gc_paused
from okr_es.handlers.aggregate_cache import AggregateCache, looks_only
from okr_es.handlers.appending import append_of
from okr_es.handlers.deciding import decide
from okr_es.handlers.directory import DESTROYING, carried_out, finish, make_ready, taken_back
from okr_es.handlers.missing_log import open_log
from okr_es.handlers.names import resolved
from okr_es.handlers.preconditions import changed_first
from okr_es.handlers.receipts import receipt_of, stored_receipt
from okr_es.handlers.same_command import command_id_of, earlier_outcome
from okr_es.handlers.sweeping import Swept, sweep, sweep_people
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.append import Append, Appended, StaleDecision
from okr_es.log.calendars import LoggedCalendars
from okr_es.log.canonical import Envelope
from okr_es.log.clocks import ClockLimits, ClockWatch
from okr_es.log.course import BEGINNING, Course
from okr_es.log.in_doubt import OutcomeUnknown
from okr_es.log.mapper import TypedMapper
from okr_es.log.recorder import LogRecorder
from okr_es.log.redactions import open_directory
from okr_es.log.signing_keys import SigningKeys
from okr_es.log.stream_states import states_of
from okr_es.people.client_info import ClientInfo
from okr_es.people.directory import Directory
from okr_es.people.shredding import NotShredded

logger = logging.getLogger("okr_es")

TRIES = 5
KEEPS_CHANGING = "What this rests on keeps changing; try again."
FIRST_CALENDAR = uuid5(CALENDAR_ID, "first calendar")
# After one of these nothing of a command was recorded; after any other error it may have been.
NOT_RECORDED = (Refusal, StaleDecision, IntegrityError, OperationalError, DBAPIError, PoolTimeout)


class Okr(Application[UUID]):
    """The application: one database URL, and a clock.

    `timezone` is proposed to a log that has no calendar yet; where the log has one, it decides,
    and another time zone is refused. With `clock_limits` the clock is compared with others, and one
    that is too far ahead is refused.
    """

    name = "okr_es"

    def __init__(
        self,
        database_url: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        timezone: str | None = None,
        clock_limits: ClockLimits | None = None,
    ) -> None:
        self.database = Database(database_url)
        self.clock = clock
        self.clock_watch = ClockWatch(self.database, clock, clock_limits or ClockLimits())
        self.has_clock_limits = clock_limits is not None
        self.calendars = LoggedCalendars(self.database, timezone)
        self.aggregate_cache = AggregateCache()
        self.course = Course()
        self.course.on_change += [self.calendars.forget, self.aggregate_cache.clear]
        self.on_commit: list[Callable[[Sequence[Change]], None]] = []
        self.directory = Directory(Database(database_url, "directory"))
        self.signing_keys = SigningKeys(self.directory.database)
        self.access_log = AccessLog(Database(database_url, "access"), clock)
        self.client_info = ClientInfo(self.directory)
        self.new_secret: Callable[[], Secret] = new_secret
        try:
            super().__init__()
            self.database.follow_files()
            self.course.advance(BEGINNING, *self.log.last())
            self.calendars.read()
            if timezone is not None:
                self.calendars.require_zone_of(self.today(), timezone)
        except BaseException:
            self.dispose()
            raise

    def construct_mapper(self) -> Mapper[UUID]:
        """Return the typed mapper."""
        return TypedMapper()

    def construct_recorder(self) -> ApplicationRecorder:
        """Return the recorder, its tables created where missing."""
        recorder = LogRecorder(self.database, self.clock)
        open_log(recorder, self.directory)
        if self.has_clock_limits:
            recorder.watch = self.clock_watch
        self.directory.command_of = recorder.command_of
        open_directory(self.database, self.directory)
        self.access_log.create(beside=self.database)
        sweep_people(recorder, self.directory, self.signing_keys)
        return recorder

    def sweep(self, *, also_newer: bool = False) -> Swept:
        """Remove from the directory, the keys and the client info what no event knows.

        Erasures that were recorded but not finished, as where the disk was full, are finished.
        It is safe beside commands under way. `also_newer`: also people who were added while the log
        was longer than it is now; without that they stay, and all but people with them.
        """
        directory, keys = self.directory, self.signing_keys
        directory.complete_erasures(self.database)
        return sweep(self.log, directory, keys, self.client_info, also_newer=also_newer)

    @property
    def log(self) -> LogRecorder:  # type: ignore[override]
        """The log itself."""
        return cast("LogRecorder", self.recorder)

    def today(self, context: Context | None = None) -> date:
        """Return the current date in the organisation's calendar; while seeding, the seed's."""
        return self.calendars.current.day_of((context and context.seed_time) or self.clock())

    def has_begun(self) -> bool:
        """Return whether anybody has done anything; a calendar alone is in no one's name."""
        self.calendars.read()
        return self.log.head() > self.calendars.version

    def require_person(self, person_id: UUID) -> None:
        """Refuse someone who is not registered, or was erased, as `by`."""
        context = Context(person_id)
        self.work(context).person(person_id, "by")

    def execute(self, command: Command, context: Context) -> Receipt:
        """Carry a command out, once.

        Raises a Refusal, and then nothing was recorded; so it is where the database failed.
        Raises OutcomeUnknown where that is not known. A second arrival of the same command id
        answers as the first did and records nothing, also where one of them names a cycle by its
        name and the other by its id.
        """
        command = resolved(command, self.database)
        if isinstance(command, SetCalendar) and self.log.head():
            self.adopt_calendar(context)  # an old log may have none yet
        try:
            with gc_paused(isinstance(command, RecordReadings)):
                return self.attempt(command, context)
        except (Refusal, IntegrityError) as error:
            if earlier := self.earlier_receipt(command, context):
                return earlier
            if isinstance(error, Refusal):
                raise
            raise changed_first(context) from error

    def attempt(self, command: Command, context: Context) -> Receipt:
        """Decide and append; decide again where the decision was stale (optimistic concurrency)."""
        cache = self.aggregate_cache if looks_only(command) else None
        for _ in range(TRIES):
            if cache is None:  # what is cached is checked as it is appended
                self.database.follow_files()
            work = self.work(context, cache)
            try:
                touched = decide(command, work)
            except StaleDecision:
                cache = None
                continue
            except Refusal:
                if not work.from_cache:
                    taken_back(self.log, self.directory, self.signing_keys, keys=work.signing_keys)
                    raise
                cache = None
                continue
            ready = make_ready(self.directory, self.log, self.signing_keys, command, work)
            stored = stored_receipt(work, touched)
            try:
                done = self.append(command, context, work, stored, ready.is_there)
            except NOT_RECORDED as error:
                try:
                    is_stale = isinstance(error, StaleDecision) or ready.was_swept(error)
                finally:
                    ready.take_back()
                if is_stale:
                    cache = None
                    continue
                if isinstance(error, IntegrityError) and (existing := self.existing_id(work)):
                    raise AlreadyExists(f"The id {existing} is taken.", field="id") from error
                raise
            work.remember(command, done, self.aggregate_cache)
            self.after_commit(work.approved.command if work.approved else command, work.events)
            return receipt_of(context.command_id, stored, done, context.language, work.secret)
        raise Conflict(KEEPS_CHANGING)

    def work(self, context: Context, cache: AggregateCache | None = None) -> UnitOfWork:
        """Return the unit of work in which a command is decided."""
        work = UnitOfWork(
            self.database,
            self.repository,
            context,
            self.calendars,
            context.seed_time or self.clock(),
            cache,
            self.directory,
            self.signing_keys.new,
            self.course,
        )
        work.ahead_of_database, work.new_secret = self.clock_watch.seconds_ahead, self.new_secret
        return work

    def existing_id(self, work: UnitOfWork) -> UUID | None:
        """Return an id of a new reading that exists already, if there is one.

        A reading is recorded without a look at whether its id is free, which makes it cheap; so
        this is looked up only when the append has failed.
        """
        begun = (Reading.Recorded, Reading.CheckedIn)
        ids = [event.originator_id for event in work.events if isinstance(event, begun)]
        twice = (id_ for id_, times in Counter(ids).items() if times > 1)
        return next(twice, None) or self.log.first_existing(ids)

    def after_commit(self, command: Command, recorded: Sequence[Change] = ()) -> None:
        """Do what follows from what a command carried out; idempotent, but for what listeners do.

        It is recorded whatever goes wrong here, so that is logged and done later. Only an erasure
        that is not finished is said: raises NotShredded.
        """
        try:
            finish(self.directory, self.database, command)
            if isinstance(command, SetCalendar):
                self.calendars.read()
            for listener in self.on_commit if recorded else ():
                listener(recorded)
        except NotShredded:
            raise
        except Exception as error:
            if isinstance(command, DESTROYING):
                raise NotShredded("What is to be destroyed is still there.") from error
            log_failure(logger, error, "It is recorded, but not all that follows was done")

    def append(
        self,
        command: Command,
        context: Context,
        work: UnitOfWork,
        receipt: bytes,
        is_ready: Callable[[], bool] | None = None,
    ) -> Appended:
        """Append the events of a unit of work, after the first calendar where there is none.

        Raises StaleDecision, also where the calendar was recorded only now.
        """
        if self.adopt_calendar(context):
            raise StaleDecision
        stored = [self.mapper.to_stored_event(event) for event in work.events]
        made = append_of(self.directory, command, context, work, receipt, is_ready)
        return self.log.append(stored, made)

    def adopt_calendar(self, context: Context) -> bool:
        """Give a log without a calendar its first one; return whether it had none.

        It is recorded with the first command, in no one's name. Of several processes one
        succeeds; a process that proposed another time zone is refused.
        """
        if self.calendars.version:
            return False
        proposed = self.calendars.proposed
        seed_time = context.seed_time
        envelope = Envelope(
            origin="seed" if seed_time else "job",
            command_id=FIRST_CALENDAR,
            written_at=instant(utc_now()) if seed_time else None,
        )
        try:
            adopted = OrganisationCalendar.adopt(proposed)
            self.record([adopted], envelope, proposed.zone.encode(), seed_time)
        except CommandIdIsTaken:
            pass
        except OutcomeUnknown as error:  # of the calendar; nothing of the command was recorded
            raise OperationalError(str(error)) from error
        self.calendars.read()
        self.calendars.require_zone_of(self.today(context), proposed.zone)
        return True

    def record(
        self,
        changed: Sequence[Aggregate],
        envelope: Envelope,
        fingerprint: bytes,
        seed_time: datetime | None = None,
        is_ready: Callable[[], bool] | None = None,
    ) -> None:
        """Append the events of a job, which acts for no person; each command id once."""
        stored = [self.mapper.to_stored_event(e) for each in changed for e in each.collect_events()]
        self.log.append(
            stored,
            Append(
                envelope,
                seed_time=seed_time,
                fingerprint=fingerprint,
                receipt=b"{}",
                states=states_of(changed),
                is_ready=is_ready,
            ),
        )

    def earlier_receipt(self, command: Command, context: Context) -> Receipt | None:
        """Return the receipt of an earlier arrival of the same command, if there was one."""
        outcome = self.earlier_outcome(command, context)
        if outcome is None:
            return None
        self.after_commit(carried_out(command, self.work(context)))
        return receipt_of(context.command_id, b"", outcome, context.language)

    def command_id(self, by: UUID, key: str) -> UUID:
        """Return the id of a person's command under an idempotency key."""
        return command_id_of(self.log, by, key)

    def receipt(self, command_id: UUID, language: str = "en") -> Receipt | None:
        """Return the receipt of a command that was recorded, None where there is none."""
        recorded = self.log.recorded_command(command_id)
        return recorded and receipt_of(command_id, b"", recorded.outcome, language)

    def earlier_outcome(self, command: Command, context: Context) -> Appended | None:
        """Return the outcome of an earlier arrival of the same command, if there was one."""
        return earlier_outcome(self.log, self.directory, command, context)

    def close(self) -> None:
        """Close the application and all connections, once what waits is written."""
        self.client_info.write()
        super().close()
        self.dispose()

    def dispose(self) -> None:
        """Close all connections."""
        for each in (self.database, self.directory.database, self.access_log.database):
            each.dispose()
