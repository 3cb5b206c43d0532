"""Dated points of trajectories that count nowhere: they lie outside the days of their goal."""

from __future__ import annotations

from datetime import date

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.handlers.carrying import is_to_keep
from okr_es.handlers.cycle_days import Days, points_left_out
from okr_es.handlers.references import key_results_below
from okr_es.handlers.unit_of_work import UnitOfWork


def warn_of_points(
    work: UnitOfWork, key_result: KeyResult, objective: Objective, cycle: Cycle
) -> None:
    """Warn of a trajectory with points outside the days of its goal, and of one that is not used.

    Of a key result to keep all is expected from its first day.
    """
    if is_to_keep(key_result.measure):
        work.warn("trajectory_not_used", [key_result] if key_result.trajectory else [])
    elif any(each.on not in days_planned(objective.due, cycle) for each in key_result.trajectory):
        work.warn("points_left_out", [key_result])


def warn_of_points_lost(
    work: UnitOfWork, objective: Objective, cycle: Cycle, due: date | None
) -> None:
    """Warn of points that another due day leaves out; `due` is that of before."""
    before, now = days_planned(due, cycle), days_planned(objective.due, cycle)
    work.warn(
        "points_left_out",
        [
            each
            for each in key_results_below(work, [objective.id])
            if each.is_living
            and not is_to_keep(each.measure)
            and points_left_out(each, before, now)
        ],
    )


def days_planned(due: date | None, cycle: Cycle) -> Days:
    """Return the days in which something of a goal is expected more and more."""
    return Days(cycle.starts, due or cycle.ends)
