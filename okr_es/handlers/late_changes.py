"""What comes too late or counts nowhere: readings, targets and moves, each with its warning.

A published result never changes. A change of what is known about a closed cycle warns, and names
the cycle and the key results it touches. So does a reading that counts nowhere, and a change by
which earlier readings no longer count.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.team import Team
from okr_es.domain.values import Cadence, State, overlap
from okr_es.handlers.last_values import readings_of, says_something
from okr_es.handlers.retiring import Fed, fed
from okr_es.handlers.stream_events import MOVED, events_of
from okr_es.handlers.unit_of_work import UnitOfWork

ONE_DAY = timedelta(days=1)


class Days(NamedTuple):
    """Days of a KPI, from the first to the last, that a command is about."""

    kpi: Kpi
    starts: date
    ends: date


# ---- readings ---------------------------------------------------------------------------


def warn_of_readings(work: UnitOfWork, days: Mapping[UUID, list[date]]) -> None:
    """Warn of readings about days without a target, and of results that they change.

    `days` are those of the readings by KPI, in any order.
    """
    in_order = {id_: sorted(of) for id_, of in days.items()}
    for id_, of in in_order.items():
        kpi = work.load(Kpi, id_, "kpi_id")
        if kpi.targets and (unjudged := len(of) - held(of, kpi.targets)):
            work.warn("no_span_holds_the_day", [kpi], count=unjudged)
    warn_of_results(work, in_order)


def held(days: list[date], spans: Iterable[Target]) -> int:
    """Return how many of some sorted days spans hold; old streams have some that overlap."""
    count = at = 0
    for span in sorted(spans, key=lambda each: each.starts):
        first = max(bisect_left(days, span.starts), at)
        at = max(bisect_right(days, span.ends), first)
        count += at - first
    return count


def within(days: list[date], span: Target | Cycle) -> int:
    """Return how many of some sorted days a span holds."""
    return bisect_right(days, span.ends) - bisect_left(days, span.starts)


def warn_of_new_measure(
    work: UnitOfWork, key_result: KeyResult, objective: Objective, before: Measure
) -> None:
    """Warn of a key result whose earlier check-ins no longer count: its unit or zones are new.

    `before` is what it was measured by. One that a KPI feeds has no check-ins with values.
    """
    after = key_result.measure
    if key_result.kpi_id is not None or (after.unit, after.zones) == (before.unit, before.zones):
        return
    if objective.state != State.DRAFT or was_measured(work, key_result):
        work.warn("needs_new_reading", [key_result])


def warn_of_new_source(
    work: UnitOfWork, key_result: KeyResult, objective: Objective, before: UUID | None
) -> None:
    """Warn of a key result whose values come from elsewhere now: another KPI, or check-ins.

    `before` is the KPI that fed it, if any.
    """
    counts = objective.state != State.DRAFT or key_result.promised
    if key_result.kpi_id != before and counts:
        work.warn("source_is_new", [key_result])


def was_measured(work: UnitOfWork, key_result: KeyResult) -> bool:
    """Return whether a key result of a draft has readings.

    It has none unless it was moved there: of a draft's own key results no check-in is taken.
    """
    if not events_of(work, MOVED, [key_result.id]):
        return False
    readings = readings_of(work, [key_result.id])[str(key_result.id)]
    return any(says_something(each.data) for each in readings)


# ---- targets and definitions of KPIs, and teams -------------------------------------------


def warn_of_target(work: UnitOfWork, kpi: Kpi, target: Target, *, is_moved: bool) -> None:
    """Warn of a target for days of closed cycles, and of one that is moved once its span is over.

    `kpi` is as it is after the change.
    """
    if is_moved and target.ends < work.today:
        work.warn("span_is_over", [kpi], starts=target.starts, ends=target.ends)
    days = Days(kpi, target.starts, target.ends)
    if any(cycle.closed and overlap(days, cycle) for cycle in work.cycles()):
        warn_of_closed(work, [each for each in fed(work, [kpi.id]) if overlap(days, each.cycle)])


def warn_of_redefinition(work: UnitOfWork, kpi: Kpi, effective: date) -> None:
    """Warn of a KPI with a new definition from a day on, up to the next day it was so from.

    Of its spans that are over, of closed cycles and graded goals, and of what is promised in open
    cycles, dropped or abandoned or not: the score as committed has it. `kpi` is as it is after.
    """
    later = [each.effective for each in kpi.breaks if each.effective > effective]
    days = Days(kpi, effective, min(later) - ONE_DAY if later else date.max)
    for span in sorted(kpi.targets, key=lambda each: each.starts):
        if span.ends < work.today and overlap(days, span):
            work.warn("span_is_over", [kpi], starts=span.starts, ends=span.ends)
    found = [each for each in fed(work, [kpi.id]) if overlap(days, each.cycle)]
    warn_of_closed(work, found)
    warn_of_graded(work, found)
    promised = [each for each in found if each.is_promised and not each.cycle.closed]
    work.warn("feeds_promises", [each.key_result for each in promised])


def warn_of_old_cadence(work: UnitOfWork, kpi: Kpi, before: Cadence) -> None:
    """Warn of key results of open cycles that a KPI feeds and that keep its cadence of before.

    Of those that were dropped, and of objectives that were graded or abandoned, nothing is due.
    """
    running = [each.key_result for each in fed(work, [kpi.id]) if each.still_runs]
    work.warn("cadence_stays", [each for each in running if each.cadence == before])


def warn_of_move(work: UnitOfWork, team: Team) -> None:
    """Warn of a team that is moved from an earlier day on, on which a cycle ran that is closed."""
    if team.effective is None:
        return
    for cycle in work.cycles():
        if cycle.closed and team.effective <= cycle.ends:
            work.warn("cycle_is_closed", [cycle, team], count=1)


def warn_of_results(work: UnitOfWork, days: dict[UUID, list[date]]) -> None:
    """Warn of closed cycles and graded goals that sorted days of KPIs count in."""
    touched = [id_ for id_, of in days.items() if any(within(of, each) for each in work.cycles())]
    found = [
        each
        for each in fed(work, touched)
        if each.key_result.kpi_id is not None and within(days[each.key_result.kpi_id], each.cycle)
    ]
    warn_of_closed(work, found)
    warn_of_graded(work, found)


def warn_of_closed(work: UnitOfWork, found: Iterable[Fed]) -> None:
    """Warn of closed cycles, each with the key results of it that are touched.

    What is in a draft is none of them, unless it was promised before it was moved there.
    """
    things: dict[UUID, list[KeyResult]] = defaultdict(list)
    for each in found:
        is_part = each.objective.state != State.DRAFT or each.key_result.promised
        if each.cycle.closed and is_part:
            things[each.cycle.id].append(each.key_result)
    for cycle in work.cycles():
        if cycle.id in things:
            work.warn("cycle_is_closed", [cycle, *things[cycle.id]], count=1)


def warn_of_graded(work: UnitOfWork, found: Iterable[Fed]) -> None:
    """Warn of objectives of open cycles that were graded, by key results that count in them."""
    graded = {
        each.objective.id: each.objective
        for each in found
        if each.objective.graded
        and not each.cycle.closed
        and each.key_result.is_living
        and each.key_result.weight > 0
    }
    work.warn("graded_before", [graded[id_] for id_ in sorted(graded)])
