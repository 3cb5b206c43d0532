"""Roles by groups, kept as the provider says: given and ended by events, as somebody signs in.

Which grants are the provider's is known by their ids, which are made of its name, the person, the
role and the team. Grants that people gave are left alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from okr_es.application import Okr
from okr_es.commands import Command, EndGrant, GrantRole
from okr_es.context import Context
from okr_es.domain.grant import Grant
from okr_es.domain.refusals import Refusal
from okr_es.domain.values import Role
from okr_es.handlers.administrators import all_grants
from web.oidc.providers import Provider
from web.oidc.rules import Rule, wanted

MANAGED = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c21")
log = logging.getLogger("okr_es.oidc")


def follow_groups(okr: Okr, provider: Provider, person: UUID, claims: dict[str, Any]) -> None:
    """Give a person the roles that their groups give, and end those that none gives any more.

    What is refused, such as ending the last administrator, is logged, and the others are done.
    """
    if not provider.roles:
        return
    today, theirs = okr.today(), grants_of(okr, person)
    rules = wanted(provider.roles, claims, provider.groups_claim)
    asked_for = {(rule.role, rule.team_id) for rule in rules}
    for grant in theirs:
        key = grant.role, grant.team_id
        if holds(grant, today) and key not in asked_for and is_managed(grant, provider, theirs):
            reason = f"No group at {provider.title} gives it any more."
            carried_out(okr, provider, EndGrant(grant.id), person, reason)
    for rule in rules:
        if not any(has(grant, rule) and holds(grant, today) for grant in theirs):
            reason = f"By the group {rule.group} at {provider.title}."
            carried_out(okr, provider, giving(rule, provider, person, theirs), person, reason)


def carried_out(okr: Okr, provider: Provider, command: Command, person: UUID, why: str) -> None:
    """Carry a command out in the name of who signs in; log where it is refused."""
    try:
        okr.execute(command, Context(person, why, origin="page", by_provider=True))
    except Refusal as refusal:
        name, kind = provider.name, type(command).__name__
        log.warning("%s could not be followed: %s of %s: %s", name, kind, person, refusal)


def grants_of(okr: Okr, person: UUID) -> list[Grant]:
    """Return all grants of a person, also those that are over."""
    return [each for each in all_grants(okr.work(Context(person))) if each.person_id == person]


def holds(grant: Grant, today: date) -> bool:
    """Return whether a grant holds today, or will."""
    return not grant.is_over(today)


def has(grant: Grant, rule: Rule) -> bool:
    """Return whether a grant is of the role of a rule, for the same teams."""
    return (grant.role, grant.team_id) == (rule.role, rule.team_id)


def is_managed(grant: Grant, provider: Provider, theirs: list[Grant]) -> bool:
    """Return whether a grant is one that a provider gave."""
    ids = ids_of(provider, grant.person_id, grant.role, grant.team_id)
    return grant.id in {next(ids) for _ in theirs}


def giving(rule: Rule, provider: Provider, person: UUID, theirs: list[Grant]) -> GrantRole:
    """Return the command that gives a role, under the first id that is free."""
    taken = {each.id for each in theirs}
    ids = ids_of(provider, person, rule.role, rule.team_id)
    free = next(id_ for id_ in ids if id_ not in taken)
    return GrantRole(person, rule.role, rule.team_id, purpose=rule.purpose, id=free)


def ids_of(provider: Provider, person: UUID, role: Role, team_id: UUID | None) -> Iterator[UUID]:
    """Yield the ids of the grants of a role that a provider gives a person, one after the other."""
    number = 0
    while True:
        yield uuid5(MANAGED, f"{provider.name} {person} {role} {team_id} {number}")
        number += 1
