"""What each command is about: whose own it is, and in which teams, for the table of rights.

It is read from the states that the command is decided on, and becomes part of what the decision
rests on: if an owner, a team or a deputy is another one by the time of the append, it is decided
again. A read model could be behind, and an append could not check it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from okr_es import commands as c
from okr_es.access.lines import COMMANDS, line_of_plan
from okr_es.access.rights import About, Line, Part
from okr_es.domain.approval import Approval
from okr_es.domain.grant import Grant
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.person import Person
from okr_es.domain.refusals import Invalid
from okr_es.domain.team import Team
from okr_es.domain.values import Action, Role
from okr_es.handlers.administrators import grants_of
from okr_es.handlers.approval_gate import command_of
from okr_es.handlers.redactions import subjects_of_text
from okr_es.handlers.unit_of_work import UnitOfWork

# Which part of the line of approvals a request is of; all else is a change of a plan.
PARTS_OF = {
    Action.ADJUSTED_GRADES: Part.GRADE,
    Action.OWN_GRADE: Part.GRADE,
    Action.CLOSING: Part.POLICY,
    Action.REQUIREMENT: Part.POLICY,
}


class Thing(NamedTuple):
    """One thing a command is about, without the teams above: these are looked for when needed."""

    about: About = About()
    team_id: UUID | None = None


def line_of(command: c.Command) -> tuple[Line, Part | None]:
    """Return the line of the table a command belongs to, and of which part of it it is."""
    if isinstance(command, c.CommitPlan) and command.team_id is None:
        return line_of_plan(is_of_a_team=False), None
    return COMMANDS[type(command).__name__]


def asked_of(command: c.Command, work: UnitOfWork) -> tuple[Line, list[Thing]]:
    """Return the line of the table a command belongs to, and all that it is about."""
    if isinstance(command, c.ApproveRequest | c.RefuseRequest):
        request = work.load(Approval, command.approval_id, "approval_id")
        line, part = line_of_request(request.action, request.command)
        found = things_of_request(request, work)
        if line == Line.PERSONAL:
            found = [asked_for(each, request, command, work) for each in found]
        return line, [each._replace(about=replace(each.about, part=part)) for each in found]
    return line_of(command)[0], things_of(command, work)


def things_of(command: c.Command, work: UnitOfWork) -> list[Thing]:
    """Return all that a command is about; who carries it out may do so with each of them.

    Raises NotFound for what is not there.
    """
    _, part = line_of(command)
    if isinstance(command, c.ReplaceEmail):
        return [address_of(command.person_id, work, part)]
    found = list(dict.fromkeys(named_by(command, work))) or [Thing()]
    return [each._replace(about=replace(each.about, part=each.about.part or part))
            for each in found]  # fmt: skip


def named_by(command: c.Command, work: UnitOfWork) -> Iterator[Thing]:
    """Yield what a command names, in its fields or through them."""
    match command:
        case c.DraftObjective() | c.DefineKpi():
            yield owned_by(command.owner_id, team_id=command.team_id)
        case c.ReassignKpi():
            kpi = of_kpi(command.kpi_id, work)
            yield from (each for each in [kpi] if each.team_id is not None or not has_team(command))
            yield from team_named(command)
        case c.ReassignObjective() | c.CarryOverObjective():
            yield of_objective(command.objective_id, work)
            yield from team_named(command)
        case c.MoveKeyResult():
            yield of_key_result(command.key_result_id, work)
            yield of_objective(command.to_objective_id, work, "to_objective_id")
        case c.RecordReadings():
            kpis = dict.fromkeys(each.kpi_id for each in command.readings)
            work.fetch(set(kpis))
            found = [of_kpi(each, work) for each in kpis]
            work.fetch({owner for each in found for owner in each.about.owners})
            yield from found
        case c.FormTeam():
            yield Thing(team_id=command.parent_id)
        case c.MoveTeam():
            yield Thing(team_id=command.team_id)
            yield Thing(team_id=command.parent_id)
        case c.EndGrant():
            work.load(Grant, command.grant_id, "grant_id")
        case c.RedactText():
            yield owned_by(*subjects_of_text(command.position, work))
        case _:
            names = [name for name in OF if isinstance(getattr(command, name, None), UUID)]
            yield from (OF[name](getattr(command, name), work) for name in names[:1])


def address_of(person_id: UUID, work: UnitOfWork, part: Part | None) -> Thing:
    """Return whose e-mail address it is.

    Links to sign in go there. So the address of somebody else who has a role is as good as a grant
    of it, and belongs to that part.
    """
    is_own = person_id == work.context.by
    if not is_own and any(not each.is_over(work.today) for each in grants_of(work, person_id)):
        part = Part.GRANT
    return Thing(About(owners=frozenset({person_id}), part=part))


def has_team(command: c.ReassignKpi) -> bool:
    """Return whether a KPI is given to a team."""
    return isinstance(command.team_id, UUID)


def team_named(
    command: c.ReassignKpi | c.ReassignObjective | c.CarryOverObjective,
) -> Iterator[Thing]:
    """Yield the team a goal is given to, if the command names one."""
    if isinstance(command.team_id, UUID):
        yield Thing(team_id=command.team_id)


def owned_by(*owners: UUID | None, team_id: UUID | None = None) -> Thing:
    """Return a thing that some people own, in a team."""
    return Thing(About(owners=frozenset(each for each in owners if each is not None)), team_id)


def of_objective(id_: UUID, work: UnitOfWork, field: str = "objective_id") -> Thing:
    """Return whose own an objective is, and in which team."""
    found = work.load(Objective, id_, field)
    return owned_by(found.owner_id, team_id=found.team_id)


def of_key_result(id_: UUID, work: UnitOfWork) -> Thing:
    """Return whose own a key result is: its owner's, and that of its objective."""
    found = work.load(KeyResult, id_, "key_result_id")
    objective = work.load(Objective, found.objective_id, "objective_id")
    return owned_by(found.owner_id, objective.owner_id, team_id=objective.team_id)


def of_kpi(id_: UUID, work: UnitOfWork) -> Thing:
    """Return whose own a KPI is, and in which team."""
    found = work.load(Kpi, id_, "kpi_id")
    return Thing(About(owners=frozenset({found.owner_id}), kpi_id=id_), found.team_id)


def of_reading(id_: UUID, work: UnitOfWork) -> Thing:
    """Return whose own what a reading is of is."""
    found = work.reading(id_)
    if found.key_result_id is not None:
        return of_key_result(found.key_result_id, work)
    return Thing() if found.kpi_id is None else of_kpi(found.kpi_id, work)


def of_request(id_: UUID, work: UnitOfWork) -> Thing:
    """Return whose own a request for approval is: theirs who asked, or for whom."""
    return owned_by(*work.load(Approval, id_, "approval_id").parties)


def of_grant(id_: UUID, work: UnitOfWork) -> Thing:
    """Return whose role a grant gives."""
    return owned_by(work.load(Grant, id_, "grant_id").person_id)


# The first of these that a command names is what it is about.
OF: dict[str, Callable[[UUID, UnitOfWork], Thing]] = {
    "objective_id": of_objective,
    "key_result_id": of_key_result,
    "kpi_id": of_kpi,
    "reading_id": of_reading,
    "approval_id": of_request,
    "grant_id": of_grant,
    "person_id": lambda id_, _: owned_by(id_),
    "team_id": lambda id_, _: Thing(team_id=id_),
}


def things_of_request(request: Approval, work: UnitOfWork) -> list[Thing]:
    """Return what somebody who decides about a request decides about.

    What was asked for may be none of today's commands; then nobody is known to own it.
    """
    asked = frozenset(request.parties)
    try:
        command = command_of(request.command, request.fields)
    except Invalid:
        found: Iterable[Thing] = [Thing()]
    else:
        found = things_of(command, work)
    return [each._replace(about=replace(each.about, asked_by=asked)) for each in found]


def asked_for(
    thing: Thing, request: Approval, command: c.ApproveRequest | c.RefuseRequest, work: UnitOfWork
) -> Thing:
    """Return what a request about a person is about, with the roles that who asked has today.

    Without any by which it is asked for it cannot be approved, and is refused by those who refuse
    what HR asked for.
    """
    roles = roles_of_person(work, request.asked_by)
    if roles.isdisjoint({Role.HR, Role.ADMINISTRATOR}) and isinstance(command, c.RefuseRequest):
        roles = frozenset({str(Role.HR)})
    return thing._replace(about=replace(thing.about, asked_as=roles))


def roles_of_person(work: UnitOfWork, person_id: UUID) -> frozenset[str]:
    """Return the roles that a person has today; none of somebody who is gone."""
    person = work.find(Person, person_id)
    if person is None or not person.is_there:
        return frozenset()
    return frozenset(
        str(each.role) for each in grants_of(work, person_id) if each.holds_on(work.today)
    )


def line_of_request(action: str, command: str) -> tuple[Line, Part | None]:
    """Return the line and part that say who decides about a request, by what it asks for.

    What takes two by the line about people takes the second by it as well.
    """
    if action == Action.ABOUT_PERSON:
        return COMMANDS.get(command, (Line.PERSONAL, Part.CHANGE))
    if command == c.RescheduleCycle.__name__:
        return Line.APPROVE, Part.POLICY
    return Line.APPROVE, PARTS_OF.get(Action(action), Part.PLAN)


def teams_above(team_id: UUID | None, work: UnitOfWork) -> frozenset[UUID]:
    """Return a team and all above it; none where it is in no team."""
    found: set[UUID] = set()
    while team_id is not None and team_id not in found:
        found.add(team_id)
        team_id = work.load(Team, team_id, "team_id").parent_id
    return frozenset(found)
