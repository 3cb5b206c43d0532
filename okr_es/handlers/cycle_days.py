"""The days of a cycle: what its name says of them, and what a correction of them leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from okr_es import commands as c
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import DueBeforeTheStart, Invalid
from okr_es.domain.team import Team
from okr_es.domain.values import calendar_span, span
from okr_es.handlers.effective_days import recorded
from okr_es.handlers.last_values import readings_of, says_something
from okr_es.handlers.plans import CHILDREN, TEAMS, ids_of, objectives_of
from okr_es.handlers.unit_of_work import JOINS, UnitOfWork
from okr_es.log.mapper import topic_of

LONG_CYCLE_DAYS = 366
MOST_NAMED = 5
HANDED_OVER = ("objective.reassigned",)


class Days(NamedTuple):
    """First and last day of a cycle."""

    starts: date
    ends: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.starts <= day <= self.ends


class Goals(NamedTuple):
    """The goals of a cycle, whatever became of them."""

    objectives: list[Objective]
    key_results: list[KeyResult]


def days_of(command: c.OpenCycle) -> Days:
    """Return first and last day: as given, else as the name stands for; not one of each."""
    said = calendar_span(command.name)
    starts, ends = command.starts, command.ends
    if said is None and (starts is None or ends is None):
        field = "starts" if starts is None else "ends"
        raise Invalid(f"{command.name} has no calendar dates; {field} is needed.", field=field)
    if said is not None and span(starts or said[0], ends or said[1]) != said:
        for field, given in (("starts", starts), ("ends", ends)):
            if given is None:
                raise Invalid(
                    f"{command.name} stands for {said[0]} to {said[1]}; for other days name both, "
                    f"also {field}.",
                    field=field,
                )
    first, last = said or (starts, ends)
    return Days(starts or first, ends or last)  # type: ignore[arg-type]


def warn_of_length(work: UnitOfWork, cycle: Cycle) -> None:
    """Warn of a cycle that is longer than a year."""
    if (cycle.ends - cycle.starts).days + 1 > LONG_CYCLE_DAYS:
        work.warn("cycle_is_long", [cycle])


# ---- what a correction leaves out ---------------------------------------------------------


def warn_of_what_lies_outside(work: UnitOfWork, cycle: Cycle, before: Days) -> None:
    """Warn of what lay within the days a cycle had before and no longer does; `cycle` is as it is
    after. Refuses days that begin after an objective is due.
    """
    goals, now = goals_of(work, cycle), Days(cycle.starts, cycle.ends)
    require_start_by_due(goals.objectives, now.starts)
    late = [o for o in goals.objectives if o.due is not None and now.ends < o.due <= before.ends]
    if late:
        work.warn("due_after_the_end", late)
    if bent := [k for k in goals.key_results if points_left_out(k, before, now)]:
        work.warn("points_left_out", bent)
    read = days_read(work, goals, before, now)
    warn_of_readings_left_out(work, goals, read, before, now)
    if not cycle.closed:
        warn_of_changed_grades(work, goals, read, before, now)
    warn_of_hand_overs_before(work, goals.objectives, now.starts)


def goals_of(work: UnitOfWork, cycle: Cycle) -> Goals:
    """Return all goals of a cycle; the append guards that none is drafted meanwhile."""
    work.guard_types.update(JOINS[Objective])
    teams = ids_of(work, TEAMS, {"type": topic_of(Team)})
    objectives = list(objectives_of(work, cycle.id, teams))
    parents = [each.id for each in objectives]
    below: dict[str, object] = {"type": topic_of(KeyResult), "parents": parents}
    ids = ids_of(work, CHILDREN, below) if objectives else []
    found = [each for each in work.states(ids) if isinstance(each, KeyResult)]
    return Goals(objectives, sorted(found, key=lambda each: each.id))


def require_start_by_due(objectives: Iterable[Objective], starts: date) -> None:
    """Refuse a first day that lies after an objective is due."""
    early = [str(each.id) for each in objectives if each.due is not None and each.due < starts]
    if early:
        more = f" and {len(early) - MOST_NAMED} more" if len(early) > MOST_NAMED else ""
        raise DueBeforeTheStart(
            f"Due before {starts}: {', '.join(early[:MOST_NAMED])}{more}.", field="starts"
        )


def points_left_out(key_result: KeyResult, before: Days, now: Days) -> bool:
    """Return whether a dated point of a trajectory counted and no longer does."""
    return any(each.on in before and each.on not in now for each in key_result.trajectory)


def days_read(work: UnitOfWork, goals: Goals, before: Days, now: Days) -> dict[UUID, list[date]]:
    """Return the days of the cycle, before or after, that readings of each key result are about.

    Those of confidence alone, and retracted ones, say nothing.
    """
    measured = {each.kpi_id or each.id for each in goals.key_results}
    first, last = min(before.starts, now.starts), max(before.ends, now.ends)
    found = readings_of(work, measured, first, last) if measured else {}
    days = {
        UUID(id_): [
            date.fromisoformat(data["as_of"]) for _, data in readings if says_something(data)
        ]
        for id_, readings in found.items()
    }
    return {each.id: days.get(each.kpi_id or each.id, []) for each in goals.key_results}


def warn_of_readings_left_out(
    work: UnitOfWork, goals: Goals, read: dict[UUID, list[date]], before: Days, now: Days
) -> None:
    """Warn of readings about days that are none of the cycle's any more; one of a KPI is one."""
    outside = {
        each.kpi_id or each.id: sum(day in before and day not in now for day in read[each.id])
        for each in goals.key_results
    }
    touched = [each for each in goals.key_results if outside[each.kpi_id or each.id]]
    work.warn("readings_left_out", touched, count=sum(outside.values()))


def warn_of_changed_grades(
    work: UnitOfWork, goals: Goals, read: dict[UUID, list[date]], before: Days, now: Days
) -> None:
    """Warn of graded objectives in which other readings count now."""
    changed = {
        each.objective_id
        for each in goals.key_results
        if each.is_living
        and each.weight > 0
        and any((day in before) != (day in now) for day in read[each.id])
    }
    graded = [each for each in goals.objectives if each.graded and each.id in changed]
    work.warn("graded_before", graded)


def warn_of_hand_overs_before(work: UnitOfWork, objectives: list[Objective], starts: date) -> None:
    """Warn of hand-overs from a day before the first: who had the goal until then had no day."""
    if not objectives:
        return
    first = starts.isoformat()
    found = recorded(work, HANDED_OVER, [each.id for each in objectives])
    early = {
        id_
        for id_, each in found.items()
        if any(row["effective"] is not None and row["effective"] < first for row in each.rows)
    }
    if early:
        work.warn("handed_over_before", [each for each in objectives if each.id in early])
