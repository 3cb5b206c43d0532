"""Key results, and check-ins on them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from msgspec import UNSET, UnsetType

from okr_es import commands as c
from okr_es.changes import AnyMeasure, named, numbers_without
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.measure import Measure, Said
from okr_es.domain.objective import Objective
from okr_es.domain.reading import Reading
from okr_es.domain.values import Cadence
from okr_es.handlers.alignment import alignment_upwards
from okr_es.handlers.duplicates import warn_of_same_key_result
from okr_es.handlers.endings import (
    warn_of_drop,
    warn_of_first_key_result,
    warn_of_key_result_moved,
    warn_of_lost_weight,
    warn_of_no_weight,
)
from okr_es.handlers.entries import warn_of_check_in
from okr_es.handlers.late_changes import warn_of_new_measure, warn_of_new_source
from okr_es.handlers.lost_steps import warn_of_lost_steps
from okr_es.handlers.readings import day_of_check_in
from okr_es.handlers.registry import handle, new_id, objective_and_cycle, saved
from okr_es.handlers.trajectories import warn_of_points
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.ids import ordered_id


def with_objective(work: UnitOfWork, key_result_id: UUID) -> tuple[KeyResult, Objective, Cycle]:
    key_result = work.load(KeyResult, key_result_id, "key_result_id")
    return key_result, *objective_and_cycle(work, key_result.objective_id)


@handle.register
def _(command: c.AddKeyResult, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    kpi = None if command.kpi_id is None else work.load(Kpi, command.kpi_id, "kpi_id")
    key_result = KeyResult.add(
        id=new_id(work, command.id),
        objective=objective,
        cycle=cycle,
        title=command.title,
        measure=command.measure,
        weight=command.weight,
        cadence=command.cadence or (Cadence.WEEKLY if kpi is None else kpi.cadence),
        trajectory=command.trajectory,
        description=command.description,
        owner_id=command.owner_id and work.person(command.owner_id, "owner_id").id,
    )
    if kpi is not None:
        key_result.feed(kpi, objective, cycle)
    warn_of_same_key_result(work, key_result)
    warn_of_no_weight(work, key_result)
    warn_of_points(work, key_result, objective, cycle)
    warn_of_first_key_result(work, key_result, objective)
    return saved(work, key_result)


@handle.register
def _(command: c.RetargetKeyResult, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    planned = key_result.trajectory if command.trajectory is UNSET else command.trajectory
    before = key_result.measure
    after = changed(before, command.measure)
    fed_by = None
    if key_result.kpi_id is not None and after.unit != before.unit:
        fed_by = work.load(Kpi, key_result.kpi_id, "kpi_id")
    key_result.retarget(after, planned, objective, cycle, work.reason, fed_by)
    warn_of_new_measure(work, key_result, objective, before)
    if key_result.pending_events:
        warn_of_lost_steps(work, key_result, cycle, before)
        warn_of_points(work, key_result, objective, cycle)
    return saved(work, key_result)


def changed(before: Measure, changes: AnyMeasure | UnsetType) -> Measure:
    """Return a measure with what changes name, all else as it was."""
    if changes is UNSET:
        return before
    said = named(changes)
    gone = numbers_without(said["direction"]) if "direction" in said else ()
    return replace(before, **{**dict.fromkeys(gone), **said})


@handle.register
def _(command: c.ReweightKeyResult, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    key_result.reweight(command.weight, objective, cycle, work.reason)
    if key_result.pending_events and not key_result.weight:
        warn_of_no_weight(work, key_result)
        warn_of_lost_weight(work, key_result, objective)
    return saved(work, key_result)


@handle.register
def _(command: c.LinkKeyResult, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    before = key_result.kpi_id
    if command.kpi_id is None:
        key_result.unlink(objective, cycle, work.reason)
    else:
        kpi = work.load(Kpi, command.kpi_id, "kpi_id")
        key_result.link(kpi, objective, cycle, work.reason)
    warn_of_new_source(work, key_result, objective, before)
    return saved(work, key_result)


@handle.register
def _(command: c.MoveKeyResult, work: UnitOfWork) -> UUID:
    key_result, source, cycle = with_objective(work, command.key_result_id)
    target = work.load(Objective, command.to_objective_id, "to_objective_id")
    aligned_through = {
        o.aligned_to_key_result_id
        for o in alignment_upwards(work, target)
        if o.aligned_to_key_result_id
    }
    key_result.move(source, target, cycle, aligned_through, work.reason)
    warn_of_same_key_result(work, key_result)
    if key_result.pending_events:
        warn_of_key_result_moved(work, key_result, source, target)
    return saved(work, key_result)


@handle.register
def _(command: c.DropKeyResult, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    key_result.drop(objective, cycle, work.reason)
    warn_of_drop(work, key_result, objective)
    return saved(work, key_result)


@handle.register
def _(command: c.CheckIn, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    as_of = day_of_check_in(command.as_of, cycle, work.today)
    reading = Reading.check_in(
        id=command.id or ordered_id(),
        key_result=key_result,
        objective=objective,
        as_of=as_of,
        said=Said(command.value, command.zone, command.done_steps),
        confidence=command.confidence,
        comment=work.context.comment,
        today=work.today,
        evidence=command.evidence,
    )
    says_value = reading.value is not None or reading.zone is not None
    warn_of_check_in(work, key_result, objective, cycle, as_of, says_value=says_value)
    work.events.append(reading)
    return reading.originator_id
