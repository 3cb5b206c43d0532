"""Corrections of a cycle: its name and its days."""

from __future__ import annotations

from uuid import UUID

from msgspec import UNSET

from okr_es import commands as c
from okr_es.domain.cycle import Cycle
from okr_es.domain.values import folded
from okr_es.handlers.cycle_days import Days, warn_of_length, warn_of_what_lies_outside
from okr_es.handlers.duplicates import warn_of_alike_cycle, warn_of_other_days
from okr_es.handlers.names import require_free
from okr_es.handlers.registry import handle, saved
from okr_es.handlers.unit_of_work import UnitOfWork


@handle.register
def _(command: c.RenameCycle, work: UnitOfWork) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    if folded(command.name) != folded(cycle.name):
        require_free(work, command.name, but=cycle.id)
    cycle.rename(command.name)
    if cycle.pending_events:
        warn_of_alike_cycle(work, cycle)
        warn_of_other_days(work, cycle)
    return saved(work, cycle)


@handle.register
def _(command: c.RescheduleCycle, work: UnitOfWork) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    before = Days(cycle.starts, cycle.ends)
    starts = before.starts if command.starts is UNSET else command.starts
    ends = before.ends if command.ends is UNSET else command.ends
    cycle.reschedule(starts, ends, work.today, work.reason)
    if cycle.pending_events:
        warn_of_other_days(work, cycle)
        warn_of_length(work, cycle)
        warn_of_what_lies_outside(work, cycle, before)
        if cycle.closed:
            work.warn("cycle_is_closed", [cycle], count=1)
    return saved(work, cycle)
