"""Objectives: from draft to grade, and what they serve."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid5

from okr_es import commands as c
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.team import Team
from okr_es.handlers.registry import handle, living_team, new_id, objective_and_cycle, saved
from okr_es.handlers.unit_of_work import Work


def maybe_objective(work: Work, objective_id: UUID | None) -> Objective | None:
    """Return an objective that is served, if one is."""
    if objective_id is None:
        return None
    return work.load(Objective, objective_id, "serves_objective_id")


def served_upwards(work: Work, objective: Objective | None) -> Iterator[Objective]:
    """Yield an objective and all it serves, directly or through others."""
    while objective is not None:
        yield objective
        served = objective.serves_objective_id
        if objective.serves_key_result_id is not None:
            through = work.load(KeyResult, objective.serves_key_result_id, "serves_key_result_id")
            served = through.objective_id
        objective = maybe_objective(work, served)


def warn_of_length(work: Work, objective: Objective, cycle: Cycle) -> None:
    if objective.is_long(cycle):
        work.warnings.append("The objective runs for longer than a year.")


@handle.register
def _(command: c.DraftObjective, work: Work) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    objective = Objective.draft(
        id=new_id(work, command.id),
        cycle=cycle,
        team_id=living_team(work, command.team_id),
        owner_id=work.person(command.owner_id, "owner_id").id,
        statement=command.statement,
        commitment=command.commitment,
        due=command.due,
    )
    warn_of_length(work, objective, cycle)
    return saved(work, objective)


@handle.register
def _(command: c.CommitObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.commit(cycle)
    if not work.living_children(objective.id, KeyResult, guarded=False):
        work.warnings.append("The objective has no key results yet.")
    return saved(work, objective)


@handle.register
def _(command: c.RewordObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.reword(command.statement, cycle, work.reason)
    return saved(work, objective)


@handle.register
def _(command: c.ReassignObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    owner_id, team_id = objective.owner_id, objective.team_id
    if command.owner_id is not None:
        owner_id = work.person(command.owner_id, "owner_id").id
    if command.team_id is not None:
        team_id = living_team(work, command.team_id)
    objective.reassign(owner_id, team_id, cycle, work.reason)
    return saved(work, objective)


@handle.register
def _(command: c.RealignObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    served_id = command.serves_objective_id
    if command.serves_key_result_id is not None:
        through = work.load(KeyResult, command.serves_key_result_id, "serves_key_result_id")
        through.require_not_dropped("serves_key_result_id")
        served_id = through.objective_id
    served = maybe_objective(work, served_id)
    if served is not None:
        served.require_not_abandoned("serves_objective_id")
    objective.realign(
        serves_objective_id=command.serves_objective_id,
        serves_key_result_id=command.serves_key_result_id,
        weight=command.weight,
        served={o.id for o in served_upwards(work, served)},
        cycle=cycle,
        reason=work.reason,
    )
    return saved(work, objective)


@handle.register
def _(command: c.CarryOverObjective, work: Work) -> UUID:
    old, cycle = objective_and_cycle(work, command.objective_id)
    into = work.load(Cycle, command.into_cycle_id, "into_cycle_id")
    new = Objective.draft(
        id=new_id(work, command.id),
        cycle=into,
        team_id=living_team(work, old.team_id),
        owner_id=work.person(old.owner_id, "owner_id").id,
        statement=old.statement,
        commitment=old.commitment,
        carried_from=old.id,
    )
    align_successor(work, old, new, into)
    old.carry_over(into, new.id, cycle)
    key_results = [
        work.load(KeyResult, id_, "key_result_id")
        for id_ in sorted(work.living_children(old.id, KeyResult))
    ]
    work.save(old, new, *(carried(work, key_result, new, into) for key_result in key_results))
    return new.id


def align_successor(work: Work, old: Objective, new: Objective, into: Cycle) -> None:
    """Let the new objective serve what the old one served, or what that was carried over to."""
    served = next((o for o in served_upwards(work, old) if o.id != old.id), None)
    if served is None:
        return
    objective_id, key_result_id = old.serves_objective_id, old.serves_key_result_id
    if served.cycle_id == old.cycle_id:
        objective_id, key_result_id = served.carried_to, None
    if objective_id is None and key_result_id is None:
        work.warnings.append("What it served was not carried over; align it anew.")
        return
    new.realign(
        serves_objective_id=objective_id,
        serves_key_result_id=key_result_id,
        weight=old.weight,
        served=set(),
        cycle=into,
        reason=None,
    )


def carried(work: Work, old: KeyResult, objective: Objective, cycle: Cycle) -> KeyResult:
    """Return the key result that goes on from an old one. Its trajectory was the old cycle's."""
    new = KeyResult.add(
        id=uuid5(objective.id, str(old.id)),
        objective=objective,
        cycle=cycle,
        statement=old.statement,
        measure=old.measure,
        weight=old.weight,
        cadence=old.cadence,
        carried_from=old.id,
    )
    if old.kpi_id is not None and work.load(Kpi, old.kpi_id, "kpi_id").retired:
        work.warnings.append(f"The KPI that fed “{old.statement}” was retired.")
    elif old.kpi_id is not None:
        new.feed(old.kpi_id, objective, cycle)
    return new


@handle.register
def _(command: c.GradeObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.grade(command.adjusted_grade, cycle, work.reason)
    return saved(work, objective)


@handle.register
def _(command: c.ReopenObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.reopen(cycle, work.reason)
    if work.load(Team, objective.team_id, "team_id").disbanded:
        work.warnings.append("Its team was disbanded; reassign it.")
    return saved(work, objective)


@handle.register
def _(command: c.AbandonObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.abandon(cycle, work.reason)
    return saved(work, objective)
