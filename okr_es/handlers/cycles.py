"""Cycles: open, commit the plan, close, reopen."""

from __future__ import annotations

from uuid import UUID

from okr_es import commands as c
from okr_es.domain.cycle import Cycle
from okr_es.domain.objective import Objective
from okr_es.handlers.baselines import fixed_baselines
from okr_es.handlers.cycle_days import days_of, warn_of_length
from okr_es.handlers.duplicates import warn_of_alike_cycle, warn_of_other_days
from okr_es.handlers.gaps import warn_of_gaps
from okr_es.handlers.names import require_free
from okr_es.handlers.orphans import warn_of_orphans
from okr_es.handlers.plans import all_teams, committed_along, named_teams, plan_of
from okr_es.handlers.registry import handle, new_id, saved
from okr_es.handlers.requests import waiting
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.handlers.unmeasured import warn_of_unmeasured

COMES_TO_GRADING = ("objective.committed", "objective.reopened")


@handle.register
def _(command: c.OpenCycle, work: UnitOfWork) -> UUID:
    starts, ends = days_of(command)
    id_ = new_id(work, command.id)
    cycle = Cycle.open(id=id_, name=command.name, starts=starts, ends=ends)
    require_free(work, cycle.name)
    warn_of_alike_cycle(work, cycle)
    warn_of_other_days(work, cycle)
    warn_of_length(work, cycle)
    return saved(work, cycle)


@handle.register
def _(command: c.CommitPlan, work: UnitOfWork) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    teams = named_teams(work, command)
    covered = [each for each in teams if not cycle.has_committed(each)]
    plan = plan_of(work, cycle.id, covered)
    along = committed_along(work, cycle, covered, plan, command.with_drafts)
    promising = [*plan.promising, *along]
    cycle.commit_plan(
        command.team_id,
        teams,
        {each.team_id for each in promising},
        with_teams_below=command.with_teams_below,
    )
    taken = {each.id for each in along}
    work.warn("drafts_left_out", [each for each in plan.drafts if each.id not in taken])
    warn_of_unmeasured(work, cycle.id, promising)
    warn_of_orphans(work, promising)
    work.save(*along, *fixed_baselines(work, promising), cycle, seen=cycle)
    return cycle.id


@handle.register
def _(command: c.CloseCycle, work: UnitOfWork) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    plan = plan_of(work, cycle.id, all_teams(work))
    to_grade = [each for each in plan.promising if not each.graded]
    graded = graded_as_computed(work, cycle, to_grade) if command.grade_rest else []
    cycle.close(work.today)
    if not cycle.has_plan:
        work.warn("plan_never_committed", [cycle])
    if work.today < cycle.ends:
        work.warn("closed_before_its_end", [cycle], ends=cycle.ends)
    if not command.grade_rest:
        work.warn("not_graded", to_grade)
    work.warn("drafts_left_over", plan.drafts)
    warn_of_gaps(work, cycle, [each for each in plan.promising if each.graded], to_grade)
    work.warn("requests_still_wait", [each for each in waiting(work) if each.cycle_id == cycle.id])
    work.save(*graded, cycle, seen=cycle)
    return cycle.id


def graded_as_computed(
    work: UnitOfWork, cycle: Cycle, to_grade: list[Objective]
) -> list[Objective]:
    """Grade objectives as computed, and return them; no other is committed meanwhile."""
    work.guard_types.update(COMES_TO_GRADING)
    work.fetch({each.id for each in to_grade})
    found = [work.load(Objective, each.id, "cycle_id") for each in to_grade]
    for each in found:
        each.grade(None, cycle, None)
    return found


@handle.register
def _(command: c.RequireApproval, work: UnitOfWork) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    cycle.require_approval(command.of, work.reason)
    return saved(work, cycle)


@handle.register
def _(command: c.ReopenCycle, work: UnitOfWork) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    cycle.reopen(work.reason)
    warn_of_orphans(work, plan_of(work, cycle.id, all_teams(work)).promising)
    return saved(work, cycle)
