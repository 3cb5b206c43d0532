"""Objectives: from draft to grade, and what they are aligned to."""

from __future__ import annotations

from uuid import UUID

from msgspec import UNSET

from okr_es import commands as c
from okr_es.domain.cycle import Cycle
from okr_es.domain.effective_days import HELD
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.handlers.alignment import alignment_upwards, maybe_objective, wanted_alignment
from okr_es.handlers.baselines import fixed_baselines
from okr_es.handlers.carrying import align_successor, carried_key_results, follow_to
from okr_es.handlers.duplicates import warn_of_same_objective
from okr_es.handlers.effective_days import held_since
from okr_es.handlers.endings import (
    warn_of_abandonment,
    warn_of_alignment,
    warn_of_reopening,
    warn_of_requests_about,
)
from okr_es.handlers.gaps import warn_of_gaps
from okr_es.handlers.orphans import warn_of_orphans
from okr_es.handlers.registry import handle, living_team, new_id, objective_and_cycle, saved
from okr_es.handlers.unit_of_work import UnitOfWork


def warn_of_days(work: UnitOfWork, objective: Objective, cycle: Cycle) -> None:
    """Warn of an objective that runs for more than a year, past its cycle, or was due already."""
    if objective.is_long(cycle):
        work.warn("objective_is_long", [objective])
    if objective.due is not None and objective.due > cycle.ends:
        work.warn("due_after_the_end", [objective])
    if objective.due is not None and objective.due < work.today:
        work.warn("due_day_has_passed", [objective], due=objective.due)


@handle.register
def _(command: c.DraftObjective, work: UnitOfWork) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    objective = Objective.draft(
        id=new_id(work, command.id),
        cycle=cycle,
        team_id=living_team(work, command.team_id),
        owner_id=work.person(command.owner_id, "owner_id").id,
        title=command.title,
        commitment=command.commitment,
        due=command.due,
        description=command.description,
        confidential=command.confidential,
    )
    warn_of_days(work, objective, cycle)
    warn_of_same_objective(work, objective)
    return saved(work, objective)


@handle.register
def _(command: c.CommitObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.commit(cycle)
    if not work.living_children(objective.id, KeyResult, guarded=False):
        work.warn("no_key_results", [objective])
    warn_of_orphans(work, [objective])
    fixed = fixed_baselines(work, [objective]) if cycle.has_committed(objective.team_id) else []
    work.save(*fixed, objective, seen=objective)
    return objective.id


@handle.register
def _(command: c.ReassignObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    owner_id, team_id = objective.owner_id, objective.team_id
    team_before = team_id
    named = [field for field in HELD if getattr(command, field) is not UNSET]
    if command.owner_id is not UNSET:
        owner_id = work.person(command.owner_id, "owner_id").id
    if command.team_id is not UNSET:
        team_id = living_team(work, command.team_id)
    fixed = fixed_baselines(work, [objective]) if objective.comes_to_plan(cycle, team_id) else []
    objective.reassign(
        owner_id,
        team_id,
        effective=command.effective,
        today=work.today,
        cycle=cycle,
        reason=work.reason,
        since={} if command.effective is None else held_since(work, objective, named),
    )
    if objective.pending_events and (command.effective or work.today) > cycle.ends:
        work.warn("no_days_left", [cycle], ends=cycle.ends)
    if team_id != team_before:
        warn_of_same_objective(work, objective)
    work.save(*fixed, objective, seen=objective)
    return objective.id


@handle.register
def _(command: c.RealignObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    to_objective, to_key_result = wanted_alignment(command, objective)
    parent_objective_id = command.aligned_to_objective_id or None
    if command.aligned_to_key_result_id:
        through = work.load(KeyResult, command.aligned_to_key_result_id, "aligned_to_key_result_id")
        through.require_not_dropped("aligned_to_key_result_id")
        parent_objective_id = through.objective_id
    aligned_to = maybe_objective(work, parent_objective_id)
    if aligned_to is not None:
        aligned_to.require_not_abandoned("aligned_to_objective_id")
    objective.realign(
        aligned_to_objective_id=to_objective,
        aligned_to_key_result_id=to_key_result,
        weight=objective.weight if command.weight is UNSET else command.weight,
        above={o.id for o in alignment_upwards(work, aligned_to)},
        cycle=cycle,
        reason=work.reason,
    )
    if objective.pending_events:
        warn_of_alignment(work, objective)
    return saved(work, objective)


@handle.register
def _(command: c.CarryOverObjective, work: UnitOfWork) -> UUID:
    old, cycle = objective_and_cycle(work, command.objective_id)
    into = work.load(Cycle, command.into_cycle_id, "into_cycle_id")
    new = Objective.draft(
        id=new_id(work, command.id),
        cycle=into,
        team_id=living_team(work, command.team_id or old.team_id),
        owner_id=work.person(command.owner_id or old.owner_id, "owner_id").id,
        title=old.title,
        commitment=old.commitment,
        carried_from=old.id,
        description=old.description,
        confidential=old.confidential,
    )
    warn_of_same_objective(work, new)
    align_successor(work, old, new, into)
    old.carry_over(into, new.id)
    key_results = carried_key_results(
        work, old, new, cycle, into, with_reached=command.with_reached
    )
    work.save(old, new, *key_results)
    work.save(*follow_to(work, old, new, into))
    return new.id


@handle.register
def _(command: c.GradeObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.grade(command.adjusted_grade, cycle, work.reason, command.evidence)
    warn_of_gaps(work, cycle, [], [objective])
    warn_of_requests_about(work, objective)
    return saved(work, objective)


@handle.register
def _(command: c.ReopenObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.reopen(cycle, work.reason)
    warn_of_reopening(work, objective)
    warn_of_same_objective(work, objective)
    warn_of_orphans(work, [objective])
    return saved(work, objective)


@handle.register
def _(command: c.AbandonObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.abandon(cycle, work.reason)
    warn_of_abandonment(work, objective)
    return saved(work, objective)
