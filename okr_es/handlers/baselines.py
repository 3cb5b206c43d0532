"""Where key results that were carried over begin: fixed when the plan of theirs is committed.

Until then the baseline, or what a sum still misses, is provisional: by the last value known when
they were carried over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.values import Kind
from okr_es.handlers.carrying import is_reached, warn_of_what_stays, what_is_left
from okr_es.handlers.last_values import Asked, LastValue, last_values
from okr_es.handlers.stream_events import Event, events_of
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.log.schema import streams

CORRECTED = "key_result.corrected"
RETARGETED = ("key_result.retargeted", CORRECTED)


def fixed_baselines(work: UnitOfWork, objectives: Iterable[Objective]) -> list[KeyResult]:
    """Return the carried key results of objectives that become promises, each as it begins.

    One whose promise somebody changed since it was carried over stays as it is; so does one that
    was promised before it was moved here.
    """
    carried = {each.id: each for each in objectives if each.carried_from is not None}
    carried = {id_: each for id_, each in carried.items() if not each.promised}
    if not carried:
        return []
    found = [
        each
        for each in key_results_of(work, list(carried))
        if each.carried_from is not None and not each.promised
    ]
    touched = retargeted(work, found)
    pairs = with_predecessors(work, [each for each in found if each.id not in touched])
    values = last_values(work, [Asked(before, cycle_of(work, before)) for _, before in pairs])
    fixed = []
    for key_result, before in pairs:
        last = values.get(before.id)
        key_result.rebase(rebased(key_result.measure, before.measure, last))
        warn_of_what_stays(work, key_result, before.measure, last)
        if key_result.pending_events:
            fixed.append(key_result)
    return fixed


def rebased(measure: Measure, before: Measure, last: LastValue | None) -> Measure:
    """Return what a carried key result promises from what its predecessor came to on."""
    if measure.kind != before.kind or measure.unit != before.unit:
        return measure
    if measure.kind == Kind.METRIC:
        left = what_is_left(before, last)
        return replace(measure, baseline=left.baseline, target=left.target)
    if measure.kind == Kind.MILESTONE and not is_reached(before, last):
        return what_is_left(before, last)
    return measure


def key_results_of(work: UnitOfWork, objectives: list[UUID]) -> list[KeyResult]:
    """Return the living key results of some objectives, in the order of their ids."""
    dialect = work.database.dialect
    rows = work.database.rows(
        f"SELECT {dialect.id_as_text('stream')}, version, state FROM {streams.name} "
        f"WHERE parent {dialect.in_array('objectives', 'uuid')} AND type = :type "
        "AND living ORDER BY stream",
        {"objectives": dialect.array(objectives), "type": topic_of(KeyResult)},
    )
    work.fetch({UUID(str(stream)) for stream, _, _ in rows})
    found = (work.find(KeyResult, UUID(str(stream))) for stream, _, _ in rows)
    return [each for each in found if each is not None]


def retargeted(work: UnitOfWork, key_results: list[KeyResult]) -> set[UUID]:
    """Return the ids of those key results whose measure or trajectory somebody changed."""
    found = events_of(work, RETARGETED, [each.id for each in key_results])
    return {UUID(event.stream) for event in found if is_of_measure(event)}


def is_of_measure(event: Event) -> bool:
    """Return whether a retargeting or correction changed more than a weight."""
    return event.type != CORRECTED or list(event.data["what"]) != ["weight"]


def with_predecessors(
    work: UnitOfWork, key_results: list[KeyResult]
) -> list[tuple[KeyResult, KeyResult]]:
    """Return key results, each with the one it was carried over from, all of them loaded at once.

    So are the objectives of those, which `cycle_of` asks for.
    """
    ids = [each.carried_from for each in key_results if each.carried_from is not None]
    work.fetch(set(ids))
    before = [work.load(KeyResult, id_, "key_result_id") for id_ in ids]
    work.fetch({each.objective_id for each in before})
    return list(zip(key_results, before, strict=True))


def cycle_of(work: UnitOfWork, key_result: KeyResult) -> Cycle:
    """Return the cycle of a key result."""
    objective = work.load(Objective, key_result.objective_id, "objective_id")
    return work.load(Cycle, objective.cycle_id, "cycle_id")
