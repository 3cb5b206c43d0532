"""What is said of goals beside their numbers: words, owner, due day, commitment and cadence."""

from __future__ import annotations

from uuid import UUID

from okr_es import commands as c
from okr_es.handlers.duplicates import warn_of_same_key_result, warn_of_same_objective
from okr_es.handlers.key_results import with_objective
from okr_es.handlers.objectives import warn_of_days
from okr_es.handlers.orphans import warn_of_gone_owners, warn_of_retired_kpis
from okr_es.handlers.registry import handle, objective_and_cycle, saved
from okr_es.handlers.trajectories import warn_of_points_lost
from okr_es.handlers.unit_of_work import UnitOfWork


@handle.register
def _(command: c.RetitleObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.retitle(command.title, cycle, work.reason)
    warn_of_same_objective(work, objective)
    return saved(work, objective)


@handle.register
def _(command: c.DescribeObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.describe(command.description, cycle)
    return saved(work, objective)


@handle.register
def _(command: c.KeepConfidential, work: UnitOfWork) -> UUID:
    objective, _ = objective_and_cycle(work, command.objective_id)
    objective.keep_confidential()
    return saved(work, objective)


@handle.register
def _(command: c.OpenToAll, work: UnitOfWork) -> UUID:
    objective, _ = objective_and_cycle(work, command.objective_id)
    objective.open_to_all()
    return saved(work, objective)


@handle.register
def _(command: c.RescheduleObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    before = objective.due
    objective.reschedule(command.due, cycle, work.reason)
    if objective.pending_events:
        warn_of_days(work, objective, cycle)
        warn_of_points_lost(work, objective, cycle, before)
    return saved(work, objective)


@handle.register
def _(command: c.ReplaceObjectiveCommitment, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.replace_commitment(command.commitment, cycle, work.reason)
    return saved(work, objective)


@handle.register
def _(command: c.RetitleKeyResult, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    key_result.retitle(command.title, objective, cycle, work.reason)
    warn_of_same_key_result(work, key_result)
    return saved(work, key_result)


@handle.register
def _(command: c.DescribeKeyResult, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    key_result.describe(command.description, objective, cycle)
    return saved(work, key_result)


@handle.register
def _(command: c.ReassignKeyResult, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    owner_id = command.owner_id and work.person(command.owner_id, "owner_id").id
    key_result.reassign(owner_id, objective, cycle, work.reason)
    return saved(work, key_result)


@handle.register
def _(command: c.ReplaceKeyResultCadence, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    key_result.replace_cadence(command.cadence, objective, cycle)
    return saved(work, key_result)


@handle.register
def _(command: c.ReinstateKeyResult, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    key_result.reinstate(objective, cycle, work.reason)
    warn_of_same_key_result(work, key_result)
    warn_of_gone_owners(work, [key_result if key_result.owner_id else objective])
    warn_of_retired_kpis(work, [key_result])
    return saved(work, key_result)
