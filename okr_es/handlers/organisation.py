"""People, teams, and the scoring policy of the organisation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid4

from okr_es import commands as c
from okr_es.changes import named
from okr_es.domain.objective import Objective
from okr_es.domain.people_figures import PEOPLE_FIGURES_ID, PeopleFiguresChoice
from okr_es.domain.person import Person
from okr_es.domain.policy import POLICY_ID, ScoringPolicy
from okr_es.domain.team import Team
from okr_es.handlers.administrators import require_others
from okr_es.handlers.duplicates import (
    warn_of_same_person,
    warn_of_same_team,
)
from okr_es.handlers.effective_days import below_since, looping_day
from okr_es.handlers.endings import warn_of_disbanding
from okr_es.handlers.holdings import warn_of_holdings
from okr_es.handlers.late_changes import warn_of_move
from okr_es.handlers.registry import handle, new_id, saved
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.scoring.formulas import Policy


@handle.register
def _(command: c.RegisterPerson, work: UnitOfWork) -> UUID:
    person = Person.register(id=new_id(work, command.id or uuid4()))
    warn_of_same_person(work, person.id, name=command.name, email=command.email)
    return saved(work, person)


@handle.register
def _(command: c.ErasePerson, work: UnitOfWork) -> UUID:
    person = work.load(Person, command.person_id, "person_id")
    if person.erased and work.directory and work.directory.has_left(person.id):
        return person.id  # recorded already: what is left is destroyed, under whatever key
    was_there = person.is_there
    person.erase(command.legal_ground, work.reason)
    require_others(work, person, was_there=was_there)
    warn_of_holdings(work, person.id)
    return saved(work, person)


@handle.register
def _(command: c.PlaceLegalHold, work: UnitOfWork) -> UUID:
    person = work.load(Person, command.person_id, "person_id")
    person.place_hold(command.matter, work.reason)
    return saved(work, person)


@handle.register
def _(command: c.LiftLegalHold, work: UnitOfWork) -> UUID:
    person = work.load(Person, command.person_id, "person_id")
    person.lift_hold(command.matter, work.reason)
    return saved(work, person)


@handle.register
def _(command: c.ChoosePeopleFigures, work: UnitOfWork) -> UUID:
    choice = work.find(PeopleFiguresChoice, PEOPLE_FIGURES_ID)
    if choice is None:
        choice = PeopleFiguresChoice.choose(command.people_figures, work.reason)
    else:
        choice.replace(command.people_figures, work.reason)
    return saved(work, choice)


def team_above(work: UnitOfWork, parent_id: UUID | None) -> Team | None:
    return None if parent_id is None else work.load(Team, parent_id, "parent_id")


def teams_upwards(work: UnitOfWork, team: Team | None) -> Iterator[UUID]:
    """Yield the ids of a team and of all teams above it."""
    while team is not None:
        yield team.id
        team = None if team.parent_id is None else work.load(Team, team.parent_id, "parent_id")


@handle.register
def _(command: c.FormTeam, work: UnitOfWork) -> UUID:
    team = Team.form(
        id=new_id(work, command.id),
        name=command.name,
        kind=command.kind,
        above=team_above(work, command.parent_id),
    )
    warn_of_same_team(work, team)
    return saved(work, team)


@handle.register
def _(command: c.RenameTeam, work: UnitOfWork) -> UUID:
    team = work.load(Team, command.team_id, "team_id")
    team.rename(command.name)
    warn_of_same_team(work, team)
    return saved(work, team)


@handle.register
def _(command: c.ReplaceTeamKind, work: UnitOfWork) -> UUID:
    team = work.load(Team, command.team_id, "team_id")
    team.replace_kind(command.kind)
    return saved(work, team)


@handle.register
def _(command: c.MoveTeam, work: UnitOfWork) -> UUID:
    team = work.load(Team, command.team_id, "team_id")
    above = team_above(work, command.parent_id)
    team.move(
        above,
        set(teams_upwards(work, above)),
        command.effective,
        work.today,
        since=date.min if command.effective is None else below_since(work, team),
        looping_day=looping_day(work, team, above, command.effective),
    )
    if team.pending_events:
        warn_of_move(work, team)
        warn_of_same_team(work, team)
    return saved(work, team)


@handle.register
def _(command: c.DisbandTeam, work: UnitOfWork) -> UUID:
    team = work.load(Team, command.team_id, "team_id")
    team.disband(
        living_teams=len(work.living_children(team.id, Team)),
        living_objectives=len(work.living_children(team.id, Objective)),
    )
    warn_of_disbanding(work, team)
    return saved(work, team)


@handle.register
def _(command: c.ReinstateTeam, work: UnitOfWork) -> UUID:
    team = work.load(Team, command.team_id, "team_id")
    team.reinstate(team_above(work, team.parent_id))
    warn_of_same_team(work, team)
    return saved(work, team)


@handle.register
def _(command: c.AdoptScoringPolicy, work: UnitOfWork) -> UUID:
    policy = work.find(ScoringPolicy, POLICY_ID)
    if policy is None:
        built_in = Policy()
        policy = ScoringPolicy.adopt(reason=work.reason, **{**vars(built_in), **named(command)})
    else:
        before = {name: getattr(policy, name) for name in vars(command)}
        policy.revise(reason=work.reason, **{**before, **named(command)})
    return saved(work, policy)
