"""What a grade or a result has no value for, and which readings are overdue: a warning, no refusal.

Readings are looked for when an objective is graded or a cycle closed, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.domain.values import Kind
from okr_es.handlers.carrying import is_reached
from okr_es.handlers.last_values import (
    Said,
    counting_of,
    last_check_in,
    measures_of,
    readings_of,
    under_last_definition,
)
from okr_es.handlers.references import key_results_below
from okr_es.handlers.stream_events import day_of, events_of
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.handlers.unmeasured import warn_of_unmeasured
from okr_es.scoring.cadences import Schedule

STARTS = (
    "objective.committed", "key_result.added", "key_result.linked", "key_result.unlinked",
    "key_result.cadence_replaced",
)  # fmt: skip


class Newest(NamedTuple):
    """The day the newest counting reading of a key result is about, and whether it is done."""

    about: date
    is_done: bool


def warn_of_gaps(
    work: UnitOfWork, cycle: Cycle, graded: Iterable[Objective], to_grade: Iterable[Objective]
) -> None:
    """Warn of key results without a value, of objectives nothing measures, and of what is overdue.

    Nothing is due of what was `graded` before. The decision rests on none of it.
    """
    before, now = list(graded), {each.id for each in to_grade}
    objectives = [*before, *to_grade]
    living = [
        each for each in key_results_below(work, [o.id for o in objectives]) if not each.dropped
    ]
    newest = newest_of(work, living, cycle)
    weighted = [each for each in living if each.weight > 0]
    missing = [each for each in weighted if each.id not in newest]
    work.warn("not_measured", missing, of=len(weighted))
    warn_of_unmeasured(work, cycle.id, objectives)
    running = [each for each in living if each.objective_id in now]
    work.warn("readings_overdue", overdue(work, cycle, running, newest))


def newest_of(work: UnitOfWork, key_results: list[KeyResult], cycle: Cycle) -> dict[UUID, Newest]:
    """Return the newest reading of each key result that counts in a cycle, where it has one."""
    measured = {each.kpi_id or each.id for each in key_results}
    readings = readings_of(work, measured, cycle.starts, cycle.ends)
    measures = measures_of(work, [each.id for each in key_results])
    found = {}
    for each in key_results:
        counting = counting_of(readings[str(each.kpi_id or each.id)], cycle)
        is_done = False
        if each.kpi_id is None:
            promised = measures[str(each.id)]
            counting = under_last_definition(promised, counting)
            is_done = each.measure.kind == Kind.MILESTONE and is_reached(
                each.measure, last_check_in(promised, counting)
            )
        if counting:
            found[each.id] = Newest(last_day(counting), is_done)
    return found


def last_day(readings: Iterable[Said]) -> date:
    """Return the last day that readings are about."""
    return date.fromisoformat(max(each.data["as_of"] for each in readings))


def overdue(
    work: UnitOfWork, cycle: Cycle, key_results: list[KeyResult], newest: dict[UUID, Newest]
) -> list[KeyResult]:
    """Return the key results whose last reading that is due by grading or closing is missing."""
    found, starts = [], starts_of(work, key_results)
    for each in key_results:
        days = [cycle.starts, *(starts[i] for i in (each.id, each.objective_id) if i in starts)]
        schedule = Schedule(work.calendars, each.cadence, max(days), cycle.ends, settled=work.today)
        due = schedule.last_due(work.today)
        last = newest.get(each.id)
        is_missing = due is not None and (last is None or last.about < due.first)
        if is_missing and not (last and last.is_done):
            found.append(each)
    return found


def starts_of(work: UnitOfWork, key_results: list[KeyResult]) -> dict[UUID, date]:
    """Return the day objectives were committed, key results added, or got cadence or KPI last."""
    ids = {each.id for each in key_results} | {each.objective_id for each in key_results}
    return {UUID(each.stream): day_of(work, each) for each in events_of(work, STARTS, ids)}
