"""Check-ins, and readings that are corrected or retracted, that count otherwise than one may think.

Each is taken. One that counts nowhere, in the score as committed alone, or in a grade that was
given before, says so.
"""

from __future__ import annotations

from datetime import date

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.reading import Reading
from okr_es.domain.values import State
from okr_es.handlers.endings import warn_of_no_weight
from okr_es.handlers.last_values import (
    definition_of,
    measure_at,
    measures_of,
)
from okr_es.handlers.late_changes import warn_of_readings, warn_of_results
from okr_es.handlers.stream_events import events_of
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.readings import BEGINNINGS


def warn_of_check_in(
    work: UnitOfWork,
    key_result: KeyResult,
    objective: Objective,
    cycle: Cycle,
    as_of: date,
    *,
    says_value: bool,
) -> None:
    """Warn of a check-in outside its cycle, or in a closed one, and of one that moves no score.

    A value that moves the score of a graded objective changes its grade.
    """
    if not cycle.starts <= as_of <= cycle.ends:
        work.warn("outside_the_cycle", [key_result], starts=cycle.starts, ends=cycle.ends)
    elif says_value and not key_result.weight:
        warn_of_no_weight(work, key_result)
    elif says_value and objective.graded and not (cycle.closed or key_result.dropped):
        work.warn("graded_before", [objective])
    elif says_value and objective.state == State.DRAFT:
        work.warn("counts_as_committed", [key_result])
    if cycle.closed:
        work.warn("cycle_is_closed", [cycle, key_result], count=1)


def warn_of_changed_reading(work: UnitOfWork, reading: Reading) -> None:
    """Warn of a correction or retraction that counts nowhere or elsewhere, or comes too late."""
    if reading.key_result_id is not None:
        warn_of_changed_check_in(
            work, reading, work.load(KeyResult, reading.key_result_id, "reading_id")
        )
    elif reading.kpi_id is not None:
        kpi = work.load(Kpi, reading.kpi_id, "reading_id")
        if reading.retracted:
            warn_of_results(work, {kpi.id: [reading.as_of]})
        else:
            warn_of_readings(work, {kpi.id: [reading.as_of]})


def warn_of_changed_check_in(work: UnitOfWork, reading: Reading, key_result: KeyResult) -> None:
    """Warn of a check-in that is corrected or retracted."""
    objective = work.load(Objective, key_result.objective_id, "reading_id")
    cycle = work.load(Cycle, objective.cycle_id, "reading_id")
    has_value = reading.value is not None or reading.zone is not None
    if has_value and counts_no_longer(work, reading, key_result):
        work.warn("counts_no_longer", [key_result])
        has_value = False
    elif has_value and (key_result.dropped or objective.state == State.ABANDONED):
        work.warn("counts_as_committed", [key_result])
    warn_of_check_in(work, key_result, objective, cycle, reading.as_of, says_value=has_value)


def counts_no_longer(work: UnitOfWork, reading: Reading, key_result: KeyResult) -> bool:
    """Return whether a check-in was made in another unit or zones, or before a KPI fed it."""
    if key_result.kpi_id is not None:
        return True
    measures = measures_of(work, [key_result.id])[str(key_result.id)]
    if len(measures) == 1:
        return False
    (begun,) = events_of(work, BEGINNINGS, [reading.id])
    then, now = measure_at(measures, begun.position), measures[-1].measure
    return definition_of(then) != definition_of(now)
