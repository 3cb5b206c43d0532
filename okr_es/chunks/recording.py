"""One transaction in which commands are recorded, one after the other.

Each is decided on what those before it decided; one that is refused records nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from eventsourcing.application import Repository
from eventsourcing.persistence import EventStore, StoredEvent
from sqlalchemy import Connection

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.chunks.lines import Answered, Line, LinesRefused, Verdict
from okr_es.context import Context, Receipt
from okr_es.database.commits import Commit
from okr_es.database.dialect import driver_of
from okr_es.domain.base import Change
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import (
    AlreadyExists,
    CommandIdIsTaken,
    Conflict,
    Refusal,
    RefusedBefore,
)
from okr_es.handlers.aggregate_cache import looks_only
from okr_es.handlers.appending import append_of
from okr_es.handlers.chunk_work import ChunkStates, ChunkWork, named_ids
from okr_es.handlers.deciding import decide
from okr_es.handlers.directory import MadeReady, make_ready
from okr_es.handlers.names import resolved
from okr_es.handlers.preconditions import CHANGED_FIRST
from okr_es.handlers.receipts import receipt_of, stored_receipt
from okr_es.handlers.same_command import earlier_outcome
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.append import Append, Appended
from okr_es.log.canonical import Envelope
from okr_es.log.chunk import Chunk
from okr_es.log.in_doubt import OutcomeUnknown

MOST_REFUSED = 100  # of commands that are all or none: then no more are looked at


class Undone(Exception):
    """Ends a transaction of which nothing shall stay."""


class Outcome(NamedTuple):
    """A line that was decided and appended, within its transaction."""

    command: c.Command
    work: UnitOfWork
    append: Append
    stored: list[StoredEvent]
    receipt: bytes
    done: Appended


class Recorded(NamedTuple):
    """A command of a chunk that was appended, but not committed yet."""

    line: Line
    command: c.Command
    work: UnitOfWork
    append: Append
    receipt: Receipt


class Recording:
    """One transaction in which commands are recorded, one after the other."""

    def __init__(self, okr: Okr, *, all_or_none: bool = False) -> None:
        self.okr = okr
        self.all_or_none = all_or_none
        self.recorded: list[Recorded] = []
        self.made_ready: list[MadeReady] = []
        self.left_over: list[MadeReady] = []  # by lines that were refused afterwards
        self.refused: list[tuple[Line, Refusal]] = []

    def all(self, lines: Sequence[Line], until: float | None = None) -> list[Answered]:
        """Decide and append lines up to a time; return what became of those it came to."""
        okr, commit = self.okr, Commit()
        self.begin()
        answered: list[Answered] = []
        try:
            with okr.database.transaction() as connection:
                self.look(connection, lines)
                for line in lines:
                    answered.append(Answered(line, self.verdict(line)))
                    if until is not None and time.monotonic() > until:
                        break
                    if self.all_or_none and len(self.refused) >= MOST_REFUSED:
                        break
                self.end(connection, commit)
        except Undone:
            self.take_back()
        except OutcomeUnknown:
            raise
        except Exception as error:
            if not self.is_done_all_the_same(commit, error):
                self.take_back()
                raise
        return self.finished(answered)

    def begin(self) -> None:
        """Refuse a clock that is far ahead, as before any append."""
        if self.okr.log.watch is not None:
            self.okr.log.watch.require(self.okr.clock())

    def look(self, connection: Connection, lines: Sequence[Line]) -> None:
        """Lock the log, and read at once what is known of all that the lines name."""
        okr = self.okr
        self.chunk = chunk = Chunk(okr.database, connection, okr.clock)
        seen = okr.course.seen
        if seen.position:
            okr.course.has(seen, chunk.hash_at(seen.position))
        okr.calendars.up_to(chunk.calendar_version())
        self.repository: Repository[UUID] = Repository(EventStore(okr.mapper, chunk.recorder))
        self.states = ChunkStates(chunk.database)
        parts = [part for each in lines for part in (each.command, each.context)]
        ids = named_ids(parts)
        self.states.read(sorted(ids))
        self.begun = chunk.begun(ids | ids_in_rows(lines))
        refusals = {each.refusal_id for each in lines if each.refusal_id is not None}
        self.arrived = chunk.arrived(refusals | {each.context.command_id for each in lines})

    def verdict(self, line: Line) -> Verdict:
        """Return what becomes of a line."""
        try:
            return self.decided(line)
        except Refusal as refusal:
            self.refused.append((line, refusal))
            self.note_refused(line)
            return refusal

    def note_refused(self, line: Line) -> None:
        """Keep that a line was refused, in the transaction of those that were decided with it."""
        id_ = line.refusal_id
        if id_ is not None and id_ not in self.arrived and not self.all_or_none:
            self.chunk.append([], noted_refusal(id_))
            self.arrived.add(id_)

    def decided(self, line: Line) -> Verdict:
        """Decide on a line and append it; return what became of it. Raises a Refusal."""
        okr, context = self.okr, line.context
        command = resolved(line.command, self.chunk.database)
        if context.command_id in self.arrived:
            return self.earlier(command, context)
        work = self.work(context, command)
        touched = decide(command, work)
        self.require_free(work)
        if line.refusal_id in self.arrived:
            raise refused_before()
        ready, receipt = self.prepare(command, work), stored_receipt(work, touched)
        try:
            made = self.made(context, work, command, receipt)
        except Refusal:
            self.left_over.append(ready)
            raise
        self.made_ready.append(ready)
        stored = [okr.mapper.to_stored_event(event) for event in work.events]
        done = self.chunk.append(stored, made)
        self.states.note(work.events, made.states)
        self.arrived.add(context.command_id)
        self.begun |= {each.originator_id for each in work.events}
        return self.answer(Outcome(command, work, made, stored, receipt, done), line)

    def work(self, context: Context, command: c.Command) -> UnitOfWork:
        """Return the unit of work of a line."""
        okr, database = self.okr, self.chunk.database
        work = ChunkWork(
            database, self.repository, context, okr.calendars, okr.clock(), None, okr.directory
        )
        work.states_known, work.after = self.states, self.chunk.at.position
        work.looks_only = looks_only(command)
        work.new_secret = okr.new_secret
        return work

    def earlier(self, command: c.Command, context: Context) -> Verdict:
        """Return the receipt of the first arrival of a command; refuse another under its key."""
        found = earlier_outcome(self.chunk.recorder, self.okr.directory, command, context)
        if found is None:
            raise CommandIdIsTaken(
                "That command id was used for another command.", field="command_id"
            )
        return self.repeated(receipt_of(context.command_id, b"", found, context.language))

    def repeated(self, receipt: Receipt) -> Verdict:
        """Return the verdict on a line that had arrived before."""
        return receipt

    def require_free(self, work: UnitOfWork) -> None:
        """Refuse what begins under an id that something has; otherwise only the append finds it."""
        own = set[UUID]()
        for event in work.events:
            if event.originator_version == 1:
                if event.originator_id in self.begun or event.originator_id in own:
                    raise taken_by(event)
                own.add(event.originator_id)

    def prepare(self, command: c.Command, work: UnitOfWork) -> MadeReady:
        """Do outside the log what must be there before the append; return what takes it back.

        What removes things that no event knows waits for the lock of the log, so it stays.
        """
        okr = self.okr
        return make_ready(okr.directory, okr.log, okr.signing_keys, command, work)

    def made(
        self, context: Context, work: UnitOfWork, command: c.Command, receipt: bytes
    ) -> Append:
        """Return what goes with the events of a line."""
        return append_of(self.okr.directory, command, context, work, receipt)

    def answer(self, outcome: Outcome, line: Line) -> Verdict:
        """Return the receipt of a line, and keep what is to be done once it is committed."""
        context, work = line.context, outcome.work
        receipt = receipt_of(
            context.command_id, outcome.receipt, outcome.done, context.language, work.secret
        )
        self.recorded.append(Recorded(line, outcome.command, work, outcome.append, receipt))
        return receipt

    def end(self, connection: Connection, commit: Commit) -> None:
        """Write what waits, to be committed next; raise Undone where nothing shall stay."""
        if self.all_or_none and self.refused:
            raise Undone
        self.chunk.write()
        if self.recorded:
            commit.begin(driver_of(connection))

    def is_done_all_the_same(self, commit: Commit, error: Exception) -> bool:
        """Return whether a chunk was committed although an error came. Raises OutcomeUnknown."""
        if not self.recorded or not commit.is_in_doubt(error):
            return False
        return self.okr.log.outcome_in_doubt(self.recorded[0].append, commit) is not None

    def take_back(self) -> None:
        """Remove what was made ready outside the log, since nothing was recorded."""
        for each in (*self.made_ready, *self.left_over):
            each.take_back()

    def finished(self, answered: list[Answered]) -> list[Answered]:
        """Do what follows from what was recorded. Raises LinesRefused where nothing was."""
        if self.all_or_none and self.refused:
            raise LinesRefused(self.refused)
        okr = self.okr
        if self.chunk.last_hash:
            okr.course.advance(okr.course.seen, self.chunk.at.position, self.chunk.last_hash)
        for left in self.left_over:
            left.take_back()
        for each in self.recorded:
            okr.after_commit(each.command, each.work.events)
        return answered


def noted_refusal(id_: UUID) -> Append:
    """Return what keeps that a line was refused: a command of that id, which changed nothing."""
    return Append(Envelope(command_id=id_), receipt=b"{}")


def refused_before() -> RefusedBefore:
    """Return the refusal of a line that would be carried out now, but was refused at first."""
    return RefusedBefore(
        "It was refused when this body came first. Send it under another key to have it decided "
        "again.",
        field="command",
    )


def ids_in_rows(lines: Sequence[Line]) -> set[UUID]:
    """Return the ids that many readings in one command give."""
    rows = (getattr(each.command, "readings", ()) for each in lines)
    return {reading.id for each in rows for reading in each if reading.id is not None}


def taken_by(event: Change) -> Refusal:
    """Return the refusal of what would begin under an id that something has."""
    if isinstance(event, Reading.Recorded | Reading.CheckedIn):
        return AlreadyExists(f"The id {event.originator_id} is taken.", field="id")
    return Conflict(CHANGED_FIRST)
