"""Catching up: a read model is brought up to the log, each event counted exactly once.

Rows and position are written in one transaction, under the write lock of the generation, so
one process at a time does the work, and a process that waited finds it done. Each batch begins with
the event the read model stands on, so that one on another course of the log is never gone on with.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, NoReturn

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.database.append_only import GapFound
from okr_es.database.outages import reason_of
from okr_es.gc_pause import gc_paused
from projections.read_model.generations import Model, NotReady, OtherCourse
from projections.read_model.projector import COLUMNS, ToProject, decoded, project
from projections.read_model.tables import progress
from projections.read_model.writers import writer

BULK = 1_000
Progress = Callable[[int, int], None]


class FoldFailed(NotReady):
    """An event cannot be projected by this program: the read model cannot go past it."""

    def __init__(self, events: list[ToProject], error: Exception) -> None:
        super().__init__(
            f"one of the events {events[0][0]} to {events[-1][0]} cannot be projected: "
            f"{type(error).__name__}: {reason_of(error)}"
        )
        self.error = error


class Events(NamedTuple):
    """Events of the log, and the hash of the last one."""

    events: list[ToProject]
    last_hash: bytes


class Start(NamedTuple):
    """The event a read model stands on, by position and hash."""

    position: int
    hash: bytes | None

    def require(self, position: int, found: bytes) -> None:
        """Raise OtherCourse unless the log has this event."""
        if (position, bytes(found)) != (self.position, bytes(self.hash or b"")):
            raise OtherCourse(f"the log has another event at position {self.position}")


class ReadAhead:
    """Reads the log a batch ahead, in a thread, while the one before is written."""

    def __init__(self, okr: Okr, batch: int, up_to: int | None = None) -> None:
        self.okr = okr
        self.batch = batch
        self.up_to = up_to
        self.threads: ThreadPoolExecutor | None = None
        self.coming: tuple[Start, Future[Events | None]] | None = None

    def __enter__(self) -> ReadAhead:
        return self

    def __exit__(self, *_: object) -> None:
        if self.threads is not None:
            self.threads.shutdown(cancel_futures=True)

    def events_behind(self, start: Start) -> Events | None:
        """Return the next events; where there may be more, begin to read those behind them.

        Raises OtherCourse where the log does not have the event to start from.
        """
        if self.coming is not None and self.coming[0] == start:
            found = self.coming[1].result()
        else:
            found = self.read(start)
        self.coming = None
        if found is not None and len(found.events) == self.batch >= BULK:
            self.threads = self.threads or ThreadPoolExecutor(1, "okr-es-read-ahead")
            last = Start(found.events[-1][0], found.last_hash)
            self.coming = last, self.threads.submit(self.read, last)
        return found

    def read(self, start: Start) -> Events | None:
        """Read the event to start from and a batch behind it; None where there are no more."""
        position = start.position
        left = self.batch if self.up_to is None else min(self.batch, self.up_to - position)
        if left <= 0:
            return None
        if not position:
            rows = self.okr.log.rows(0, left, COLUMNS)
        else:
            known, *rows = self.okr.log.rows(position - 1, left + 1, COLUMNS) or self.end(position)
            start.require(known[0], known[-1])
        return Events(decoded(rows), bytes(rows[-1][-1])) if rows else None

    def end(self, position: int) -> NoReturn:
        """Raise that the log has nothing from a position on: it ends before, or lost its end."""
        if (head := self.okr.log.head()) >= position:
            raise GapFound(f"The log says it has come to {head}, but ends at {position - 1}.")
        raise OtherCourse(f"it stands on event {position}, and the log is at {head}")


def catch_up(
    okr: Okr,
    model: Model,
    batch: int,
    step: Progress | None = None,
    up_to: int | None = None,
) -> int:
    """Project batch after batch until the log has no more; return how many events that took.

    Raises GapFound if the end of the log is lost, OtherCourse if it was replaced, and FoldFailed.
    """
    done, goal = 0, okr.log.head() if up_to is None else up_to
    behind = goal - model.position()
    with ReadAhead(okr, batch, up_to) as ahead:
        while projected := project_batch(okr, model, ahead):
            done += projected
            if step is not None:
                step(done, max(done, behind))
    if (position := model.position()) < goal:
        raise GapFound(f"The log says it has come to {goal}, but ends at {position}.")
    return done


def project_batch(okr: Okr, model: Model, ahead: ReadAhead) -> int:
    """Project the next batch, rows and position in one transaction."""
    p = progress.c
    with model.database.transaction() as connection:
        query = select(p.position, p.hash).with_for_update()
        start = Start(*connection.execute(query).one())
        found = ahead.events_behind(start)
        if found is None:
            return 0
        project_events(okr, connection, found.events)
        last = found.events[-1][0]
        connection.execute(update(progress).values(position=last, hash=found.last_hash))
    seen = okr.course.seen
    if (seen.position, seen.hash) == (start.position, bytes(start.hash or b"")):
        okr.course.advance(seen, last, found.last_hash)
    return len(found.events)


def project_events(okr: Okr, connection: Connection, events: list[ToProject]) -> None:
    """Project events; raise FoldFailed where this program cannot."""
    try:
        with gc_paused(len(events) >= BULK):
            project(writer(connection, okr.database), events)
    except DBAPIError:
        raise
    except Exception as error:
        raise FoldFailed(events, error) from error
