"""What each command does: load, let the aggregate decide, save. One function a command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import singledispatch
from uuid import UUID, uuid4, uuid5

from . import commands as c
from .domain.base import Aggregate
from .domain.cycle import Cycle, cycle_id
from .domain.key_result import KeyResult
from .domain.kpi import Kpi
from .domain.objective import Objective
from .domain.person import Person
from .domain.policy import POLICY_ID, ScoringPolicy
from .domain.reading import Reading
from .domain.refusals import AlreadyExists, Invalid
from .domain.team import Team
from .domain.values import calendar_span
from .work import Work

LONG_CYCLE_DAYS = 366
MOST_READINGS = 200_000



@singledispatch
def handle(command: c.Command, work: Work) -> UUID | None:
    """Carry a command out on the work; return the id of what it began or changed."""
    raise TypeError(f"No handler for {type(command).__name__}")


def new_id(work: Work, cls: type[Aggregate], given: UUID | None) -> UUID:
    """Return the id for something new: the caller's, if it is free, or a random one."""
    if given is None:
        return uuid4()
    work.fetch({given})
    if given in work.loaded:
        raise AlreadyExists(f"There is a {type(work.loaded[given]).__name__} {given}.", field="id")
    return given


# ---- people ---------------------------------------------------------------------------


@handle.register
def _(command: c.RegisterPerson, work: Work) -> UUID:
    person = Person.register(id=new_id(work, Person, command.id))
    work.save(person)
    return person.id


@handle.register
def _(command: c.ErasePerson, work: Work) -> UUID:
    person = work.load(Person, command.person_id, "person_id")
    person.erase(command.legal_ground, work.reason)
    work.save(person)
    return person.id


# ---- teams ----------------------------------------------------------------------------


def team_above(work: Work, above_id: UUID | None) -> Team | None:
    return None if above_id is None else work.load(Team, above_id, "above_id")


def teams_upwards(work: Work, team: Team | None) -> Iterator[UUID]:
    """Yield the ids of a team and of all teams above it."""
    while team is not None:
        yield team.id
        team = None if team.above_id is None else work.load(Team, team.above_id, "above_id")


@handle.register
def _(command: c.FormTeam, work: Work) -> UUID:
    team = Team.form(
        id=new_id(work, Team, command.id),
        name=command.name,
        kind=command.kind,
        above=team_above(work, command.above_id),
    )
    work.save(team)
    return team.id


@handle.register
def _(command: c.RenameTeam, work: Work) -> UUID:
    team = work.load(Team, command.team_id, "team_id")
    team.rename(command.name)
    work.save(team)
    return team.id


@handle.register
def _(command: c.MoveTeam, work: Work) -> UUID:
    work.guard(Team)
    team = work.load(Team, command.team_id, "team_id")
    above = team_above(work, command.above_id)
    team.move(above, set(teams_upwards(work, above)))
    work.save(team)
    return team.id


@handle.register
def _(command: c.DisbandTeam, work: Work) -> UUID:
    team = work.load(Team, command.team_id, "team_id")
    team.disband(
        living_teams=len(work.living_children(team.id, Team)),
        living_objectives=len(work.living_children(team.id, Objective)),
    )
    work.save(team)
    return team.id


# ---- cycles ---------------------------------------------------------------------------


@handle.register
def _(command: c.OpenCycle, work: Work) -> UUID:
    calendar = calendar_span(command.name) or (None, None)
    starts, ends = command.starts or calendar[0], command.ends or calendar[1]
    if starts is None or ends is None:
        field = "starts" if starts is None else "ends"
        raise Invalid(f"{command.name} has no calendar dates; {field} is needed.", field=field)
    if work.find(Cycle, cycle_id(command.name)):
        raise AlreadyExists(f"There is a cycle {command.name}.", field="name")
    cycle = Cycle.open(name=command.name, starts=starts, ends=ends)
    if (cycle.ends - cycle.starts).days + 1 > LONG_CYCLE_DAYS:
        work.warnings.append("The cycle is longer than a year.")
    work.save(cycle)
    return cycle.id


@handle.register
def _(command: c.CommitPlan, work: Work) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    cycle.commit_plan()
    work.save(cycle)
    return cycle.id


@handle.register
def _(command: c.CloseCycle, work: Work) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    cycle.close(work.today)
    if not cycle.plan_committed:
        work.warnings.append("The plan of the cycle was never committed.")
    if work.today < cycle.ends:
        work.warnings.append(f"The cycle runs until {cycle.ends}.")
    work.save(cycle)
    return cycle.id


@handle.register
def _(command: c.ReopenCycle, work: Work) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    cycle.reopen(work.reason)
    work.save(cycle)
    return cycle.id


# ---- objectives -----------------------------------------------------------------------


def objective_and_cycle(work: Work, objective_id: UUID) -> tuple[Objective, Cycle]:
    objective = work.load(Objective, objective_id, "objective_id")
    return objective, work.load(Cycle, objective.cycle_id, "cycle_id")


def living_team(work: Work, team_id: UUID) -> UUID:
    work.load(Team, team_id, "team_id").require_living("team_id")
    return team_id


def served_upwards(work: Work, objective: Objective | None) -> Iterator[Objective]:
    """Yield an objective and all it serves, directly or through others."""
    while objective is not None:
        yield objective
        served = objective.serves_objective_id
        if objective.serves_key_result_id is not None:
            through = work.load(KeyResult, objective.serves_key_result_id, "serves_key_result_id")
            served = through.objective_id
        objective = served and work.load(Objective, served, "serves_objective_id")


def warn_of_length(work: Work, objective: Objective, cycle: Cycle) -> None:
    if objective.is_long(cycle):
        work.warnings.append("The objective runs for longer than a year.")


@handle.register
def _(command: c.DraftObjective, work: Work) -> UUID:
    cycle = work.load(Cycle, command.cycle_id, "cycle_id")
    objective = Objective.draft(
        id=new_id(work, Objective, command.id),
        cycle=cycle,
        team_id=living_team(work, command.team_id),
        owner_id=work.person(command.owner_id, "owner_id").id,
        statement=command.statement,
        commitment=command.commitment,
        due=command.due,
    )
    warn_of_length(work, objective, cycle)
    work.save(objective)
    return objective.id


@handle.register
def _(command: c.CommitObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.commit(cycle)
    if not work.living_children(objective.id, KeyResult, guarded=False):
        work.warnings.append("The objective has no key results yet.")
    work.save(objective)
    return objective.id


@handle.register
def _(command: c.RewordObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.reword(command.statement, cycle, work.reason)
    work.save(objective)
    return objective.id


@handle.register
def _(command: c.ReassignObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    owner_id, team_id = objective.owner_id, objective.team_id
    if command.owner_id is not None:
        owner_id = work.person(command.owner_id, "owner_id").id
    if command.team_id is not None:
        team_id = living_team(work, command.team_id)
    objective.reassign(owner_id, team_id, cycle, work.reason)
    work.save(objective)
    return objective.id


@handle.register
def _(command: c.RealignObjective, work: Work) -> UUID:
    work.guard_types.update({"objective.realigned", "key_result.moved"})
    objective, cycle = objective_and_cycle(work, command.objective_id)
    served_id = command.serves_objective_id
    if command.serves_key_result_id is not None:
        through = work.load(KeyResult, command.serves_key_result_id, "serves_key_result_id")
        served_id = through.objective_id
    served = served_id and work.load(Objective, served_id, "serves_objective_id")
    objective.realign(
        serves_objective_id=command.serves_objective_id,
        serves_key_result_id=command.serves_key_result_id,
        weight=command.weight,
        served={o.id for o in served_upwards(work, served)},
        cycle=cycle,
        reason=work.reason,
    )
    work.save(objective)
    return objective.id


@handle.register
def _(command: c.CarryOverObjective, work: Work) -> UUID:
    old, cycle = objective_and_cycle(work, command.objective_id)
    into = work.load(Cycle, command.into_cycle_id, "into_cycle_id")
    new = Objective.draft(
        id=new_id(work, Objective, command.id),
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
    work.save(old, new, *(carried(key_result, new, into) for key_result in key_results))
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


def carried(old: KeyResult, objective: Objective, cycle: Cycle) -> KeyResult:
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
    if old.kpi_id is not None:
        new.link(old.kpi_id, objective, cycle)
    return new


@handle.register
def _(command: c.GradeObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.grade(command.adjusted_grade, cycle, work.reason)
    work.save(objective)
    return objective.id


@handle.register
def _(command: c.ReopenObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.reopen(cycle, work.reason)
    work.save(objective)
    return objective.id


@handle.register
def _(command: c.AbandonObjective, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    objective.abandon(cycle, work.reason)
    work.save(objective)
    return objective.id


# ---- key results ----------------------------------------------------------------------


def with_objective(work: Work, key_result_id: UUID) -> tuple[KeyResult, Objective, Cycle]:
    key_result = work.load(KeyResult, key_result_id, "key_result_id")
    return key_result, *objective_and_cycle(work, key_result.objective_id)


def living_kpi(work: Work, kpi_id: UUID) -> UUID:
    work.load(Kpi, kpi_id, "kpi_id").require_living()
    return kpi_id


@handle.register
def _(command: c.AddKeyResult, work: Work) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    key_result = KeyResult.add(
        id=new_id(work, KeyResult, command.id),
        objective=objective,
        cycle=cycle,
        statement=command.statement,
        measure=command.measure,
        weight=command.weight,
        cadence=command.cadence,
        trajectory=command.trajectory,
    )
    if command.kpi_id is not None:
        key_result.link(living_kpi(work, command.kpi_id), objective, cycle)
    work.save(key_result)
    return key_result.id


@handle.register
def _(command: c.RetargetKeyResult, work: Work) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    planned = key_result.trajectory if command.trajectory is None else command.trajectory
    key_result.retarget(command.measure, planned, objective, cycle, work.reason)
    work.save(key_result)
    return key_result.id


@handle.register
def _(command: c.ReweightKeyResult, work: Work) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    key_result.reweight(command.weight, objective, cycle, work.reason)
    work.save(key_result)
    return key_result.id


@handle.register
def _(command: c.LinkKeyResult, work: Work) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    if command.kpi_id is None:
        key_result.unlink(objective, cycle)
    else:
        key_result.link(living_kpi(work, command.kpi_id), objective, cycle)
    work.save(key_result)
    return key_result.id


@handle.register
def _(command: c.MoveKeyResult, work: Work) -> UUID:
    work.guard_types.update({"objective.realigned", "key_result.moved"})
    key_result, source, cycle = with_objective(work, command.key_result_id)
    target = work.load(Objective, command.to_objective_id, "to_objective_id")
    served_through = {
        o.serves_key_result_id for o in served_upwards(work, target) if o.serves_key_result_id
    }
    key_result.move(source, target, cycle, served_through, work.reason)
    work.save(key_result)
    return key_result.id


@handle.register
def _(command: c.DropKeyResult, work: Work) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    key_result.drop(objective, cycle, work.reason)
    work.save(key_result)
    return key_result.id


@handle.register
def _(command: c.CheckIn, work: Work) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    reading = Reading.check_in(
        id=command.id or uuid4(),
        key_result=key_result,
        objective=objective,
        cycle=cycle,
        as_of=command.as_of,
        value=command.value,
        zone=command.zone,
        confidence=command.confidence,
        today=work.today,
    )
    if cycle.closed:
        work.warnings.append("The cycle is closed: this changes what is known now, not its result.")
    work.events.append(reading)
    return reading.originator_id


# ---- KPIs and readings ----------------------------------------------------------------


@handle.register
def _(command: c.DefineKpi, work: Work) -> UUID:
    kpi = Kpi.define(
        id=new_id(work, Kpi, command.id),
        name=command.name,
        direction=command.direction,
        unit=command.unit,
        source=command.source,
        cadence=command.cadence,
        owner_id=work.person(command.owner_id, "owner_id").id,
        first_target=command.target,
        team_id=None if command.team_id is None else living_team(work, command.team_id),
        purpose=command.purpose,
        baseline=command.baseline,
    )
    work.save(kpi)
    return kpi.id


@handle.register
def _(command: c.SetKpiTarget, work: Work) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.set_target(command.target)
    work.save(kpi)
    return kpi.id


@handle.register
def _(command: c.RetargetKpi, work: Work) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.retarget(command.target, work.reason)
    work.save(kpi)
    return kpi.id


@handle.register
def _(command: c.ReplaceKpiSource, work: Work) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.replace_source(command.source)
    work.save(kpi)
    return kpi.id


@handle.register
def _(command: c.ReplaceKpiCadence, work: Work) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.replace_cadence(command.cadence)
    work.save(kpi)
    return kpi.id


@handle.register
def _(command: c.RetireKpi, work: Work) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    kpi.retire()
    work.save(kpi)
    return kpi.id


@handle.register
def _(command: c.RecordReading, work: Work) -> UUID:
    reading = record(work, command, work.load(Kpi, command.kpi_id, "kpi_id"))
    return reading.originator_id


@handle.register
def _(command: c.RecordReadings, work: Work) -> None:
    if len(command.readings) > MOST_READINGS:
        raise Invalid(f"At most {MOST_READINGS} readings go in one command.", field="readings")
    ids = {reading.kpi_id for reading in command.readings}
    work.fetch(ids)
    kpis = {id_: work.load(Kpi, id_, "readings") for id_ in ids}
    for reading in command.readings:
        record(work, reading, kpis[reading.kpi_id])


def record(work: Work, command: c.RecordReading, kpi: Kpi) -> Reading.Recorded:
    """Decide on one reading and collect its event."""
    reading = Reading.record(
        id=command.id or uuid4(),
        kpi=kpi,
        as_of=command.as_of,
        value=command.value,
        today=work.today,
    )
    work.events.append(reading)
    return reading


@handle.register
def _(command: c.CorrectReading, work: Work) -> UUID:
    reading = work.reading(command.reading_id)
    key_result = None
    if reading.key_result_id is not None:
        key_result = work.load(KeyResult, reading.key_result_id, "key_result_id")
    reading.correct(command.value, command.zone, key_result, work.reason)
    work.save(reading)
    return reading.id


@handle.register
def _(command: c.RetractReading, work: Work) -> UUID:
    reading = work.reading(command.reading_id)
    reading.retract(work.reason)
    work.save(reading)
    return reading.id


# ---- scoring --------------------------------------------------------------------------


@handle.register
def _(command: c.AdoptScoringPolicy, work: Work) -> UUID:
    policy = work.find(ScoringPolicy, POLICY_ID)
    thresholds = asdict(command)
    if policy is None:
        policy = ScoringPolicy.adopt(**thresholds)
    else:
        policy.revise(**thresholds)
    work.save(policy)
    return policy.id


