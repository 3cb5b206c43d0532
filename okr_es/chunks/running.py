"""Many commands, one after the other: recorded in chunks, each chunk in one transaction.

The outcome is that of one by one, at a fraction of the cost: a disk is waited for once in a chunk.
Meanwhile nobody else appends, so a chunk also ends after half a second.

What a few commands change lies outside the log, or decides how all others are read. These are
carried out by themselves, between two chunks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from eventsourcing.persistence import IntegrityError
from sqlalchemy.exc import IntegrityError as KeyIsTaken

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.chunks.lines import Answered, Line, LinesRefused
from okr_es.chunks.recording import MOST_REFUSED, Recording, noted_refusal, refused_before
from okr_es.chunks.trying import Trying
from okr_es.domain.refusals import ClockIsAhead, Conflict, Invalid, Refusal
from okr_es.dry_run import dry_run
from okr_es.gc_pause import gc_paused
from okr_es.handlers.preconditions import CHANGED_FIRST
from okr_es.log.append import StaleDecision
from okr_es.people.shredding import NotShredded

MOST_IN_CHUNK = 500
MOST_AT_ONCE = 2_000
CHUNK_SECONDS = 0.5
# What a chunk looks for before: where it comes all the same, each line by itself is refused or not.
NOT_FORESEEN = (IntegrityError, KeyIsTaken, StaleDecision)
BY_THEMSELVES = (
    c.RenamePerson, c.ReplaceEmail, c.ErasePerson, c.RedactText, c.RotateSigningKey, c.SetCalendar,
    c.AcceptClock, c.ApproveRequest,
)  # fmt: skip


def in_chunks(okr: Okr, lines: Sequence[Line]) -> Iterator[list[Answered]]:
    """Carry commands out in their order, and yield what became of some as soon as it is durable.

    Raises what a command may raise where nothing can be recorded, or where nobody knows whether it
    was: then the lines that were not yielded have to be sent again.
    """
    done = 0
    while done < len(lines):
        rest = islice(lines, done, done + MOST_IN_CHUNK)
        some = chunk_of(list(rest), begun=has_calendar(okr))
        answered = [alone(okr, some[0])] if len(some) == 1 else chunk(okr, some)
        done += len(answered)
        yield answered


def chunk_of(lines: list[Line], *, begun: bool) -> list[Line]:
    """Return the lines up to one that is carried out by itself; that one alone if it is first.

    So is each as long as a log has no calendar, which comes with its first command.
    """
    if not begun:
        return lines[:1]
    for number, each in enumerate(lines):
        if isinstance(each.command, BY_THEMSELVES):
            return lines[: number or 1]
    return lines


def has_calendar(okr: Okr) -> bool:
    """Return whether the log has a calendar."""
    if not okr.calendars.version:
        okr.calendars.read()
    return okr.calendars.version > 0


def alone(okr: Okr, line: Line) -> Answered:
    """Carry one command out as if it had come alone."""
    try:
        if line.refusal_id is not None and okr.log.recorded_command(line.refusal_id):
            dry_run(okr, line.command, line.context)
            raise refused_before()
        return Answered(line, okr.execute(line.command, line.context))
    except (ClockIsAhead, NotShredded) as why:
        return Answered(line, why)
    except Refusal as refusal:
        if line.refusal_id is not None:
            okr.log.append([], noted_refusal(line.refusal_id))
        return Answered(line, refusal)


def chunk(okr: Okr, lines: list[Line]) -> list[Answered]:
    """Carry some commands out in one transaction, as many as half a second leaves time for."""
    until = time.monotonic() + CHUNK_SECONDS
    try:
        with gc_paused(bulk=True):
            return Recording(okr).all(lines, until)
    except ClockIsAhead as refusal:
        return [Answered(each, refusal) for each in lines]
    except NOT_FORESEEN:
        return [alone(okr, each) for each in lines]


def at_once(okr: Okr, lines: Sequence[Line]) -> list[Answered]:
    """Carry commands out in one transaction, all or none.

    Raises LinesRefused, and then none was recorded.
    """
    refused = [
        (each, Invalid("This command is never one of several that are all or nothing: what it "
                       "changes lies outside the log, or decides about the others. Send it "
                       "before, or after.", field="command"))
        for each in lines
        if isinstance(each.command, BY_THEMSELVES)
    ]  # fmt: skip
    if refused:
        raise LinesRefused(refused[:MOST_REFUSED])
    if lines and not has_calendar(okr):
        okr.adopt_calendar(lines[0].context)
    try:
        with gc_paused(bulk=True):
            return Recording(okr, all_or_none=True).all(lines)
    except NOT_FORESEEN:
        raise LinesRefused([(lines[0], Conflict(CHANGED_FIRST))]) from None


def tried(okr: Okr, lines: Sequence[Line]) -> list[Answered]:
    """Say what commands would do, one after the other; nothing of it stays."""
    return Trying(okr).all(lines)
