"""Corrections and retractions of readings and check-ins, and the day a check-in is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from msgspec import UNSET

from okr_es import commands as c
from okr_es.changes import named
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Said
from okr_es.handlers.comments import comments
from okr_es.handlers.entries import warn_of_changed_reading
from okr_es.handlers.registry import handle, saved
from okr_es.handlers.unit_of_work import UnitOfWork

SAID = ("value", "zone", "done_steps")
OTHERS = ("confidence", "subject", "evidence")


def day_of_check_in(as_of: date | None, cycle: Cycle, today: date) -> date:
    """Return the day a check-in is about: today, or the last day of a cycle that waits for closing.

    After the last day people write down what came out by then.
    """
    if as_of is not None:
        return as_of
    return today if cycle.closed else min(today, cycle.ends)


@handle.register
def _(command: c.CorrectReading, work: UnitOfWork) -> UUID:
    reading = work.reading(command.reading_id)
    key_result = None
    if reading.key_result_id is not None:
        key_result = work.load(KeyResult, reading.key_result_id, "key_result_id")
    given = named(command)
    said = {name: given[name] for name in SAID if name in given}
    others = {name: given[name] for name in OTHERS if name in given}
    comment = comment_of(work, reading.id)
    if command.comment is not UNSET:
        work.context = replace(work.context, comment=command.comment)
        if command.comment != comment:
            others["comment"] = comment = command.comment
    reading.correct(
        Said(**said) if said else None,
        others,
        key_result,
        work.reason,
        has_comment=comment is not None,
    )
    if reading.pending_events:
        warn_of_changed_reading(work, reading)
    return saved(work, reading)


def comment_of(work: UnitOfWork, reading_id: UUID) -> str | None:
    """Return the comment a reading has now; None also where its author was erased."""
    if work.directory is None:
        return None
    return comments(work.database, work.directory, [reading_id]).get(reading_id)


@handle.register
def _(command: c.RetractReading, work: UnitOfWork) -> UUID:
    reading = work.reading(command.reading_id)
    reading.retract(work.reason)
    warn_of_changed_reading(work, reading)
    return saved(work, reading)
