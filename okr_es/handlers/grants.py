"""Roles that are given to people: the first administrator on the machine, others by others."""

from __future__ import annotations

from uuid import UUID

from okr_es import commands as c
from okr_es.domain.grant import Grant, first_day_without
from okr_es.domain.refusals import GrantIsYourOwn, LastAdministrator, NobodyAdministers
from okr_es.domain.values import Role
from okr_es.handlers.administrators import (
    administrators,
    all_grants,
    require_administrators,
)
from okr_es.handlers.registry import handle, living_team, new_id, saved
from okr_es.handlers.unit_of_work import UnitOfWork

ON_THE_MACHINE = frozenset({"cli", "seed"})  # where the first administrator is made


@handle.register
def _(command: c.GrantRole, work: UnitOfWork) -> UUID:
    person = work.person(command.person_id, "person_id")
    grants = all_grants(work)
    grant = Grant.give(
        id=new_id(work, command.id),
        person_id=person.id,
        role=command.role,
        team_id=None if command.team_id is None else living_team(work, command.team_id),
        days=(command.starts, command.ends),
        purpose=command.purpose,
        today=work.today,
        others=of_person(grants, person.id),
        reason=work.reason,
    )
    if command.role == Role.ADMINISTRATOR:
        require_administrated(work, grants, grant)
    else:
        require_of_another(work, grant, "person_id")
    return saved(work, grant)


@handle.register
def _(command: c.RescheduleGrant, work: UnitOfWork) -> UUID:
    grant = work.load(Grant, command.grant_id, "grant_id")
    require_of_another(work, grant, "grant_id")
    work.person(grant.person_id, "grant_id")
    if grant.team_id is not None:
        living_team(work, grant.team_id)
    grants = all_grants(work)
    grant.reschedule(command.ends, work.today, of_person(grants, grant.person_id), work.reason)
    require_none_lost(work, grants, grant, "ends")
    return saved(work, grant)


@handle.register
def _(command: c.EndGrant, work: UnitOfWork) -> UUID:
    grant = work.load(Grant, command.grant_id, "grant_id")
    grant.end(command.effective, work.today, work.reason)
    require_none_lost(work, all_grants(work), grant, "grant_id")
    return saved(work, grant)


def of_person(grants: list[Grant], person_id: UUID) -> list[Grant]:
    """Return the grants of a person."""
    return [each for each in grants if each.person_id == person_id]


def require_of_another(work: UnitOfWork, grant: Grant, field: str) -> None:
    """Refuse what gives a role to those who give it, or for whom they act.

    Where their provider of identity gives it, it is not they who decide.
    """
    if work.context.by_provider:
        return
    if grant.person_id in {work.context.by, work.context.on_behalf_of}:
        raise GrantIsYourOwn("Nobody gives a role to themselves.", field=field)


def require_administrated(work: UnitOfWork, grants: list[Grant], grant: Grant) -> None:
    """Refuse the first administrator who is not made on the machine, or does not stay.

    The first one may make themselves one, nobody else.
    """
    before = administrators(work, grants)
    if first_day_without(before, work.today) is None:
        require_of_another(work, grant, "person_id")
    elif work.context.origin not in ON_THE_MACHINE:
        raise NobodyAdministers(
            "There is no administrator yet: `okr-es admin grant` makes the first one.",
            field="role",
        )
    gap = first_day_without([*before, grant], work.today)
    if gap is not None:
        raise LastAdministrator(
            f"Nobody would be administrator on {gap}: the first one begins today and stays.",
            field="starts" if grant.starts > work.today else "ends",
        )


def require_none_lost(work: UnitOfWork, grants: list[Grant], grant: Grant, field: str) -> None:
    """Refuse a change of a grant after which there is no administrator on some day."""
    if grant.role == Role.ADMINISTRATOR and grant.pending_events:
        before = administrators(work, grants)
        others = [each for each in before if each.id != grant.id]
        counts = len(others) < len(before)
        require_administrators(work, before, [*others, grant] if counts else others, field)
