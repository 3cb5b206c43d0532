"""Whether who calls may carry a command out, by the table of rights, before it is decided.

What a member may is looked for first, since most do what is their own: only others cost a look at
grants and at the teams above. The grants of a person are part of what the decision rests on, as is
all the command is about: if one ends meanwhile, it is decided again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from okr_es.access.in_words import NEEDS_ANOTHER, NOT_ALLOWED, refusal
from okr_es.access.rights import MEMBER, About, Answer, Held, Line, Part, by_role, may
from okr_es.commands import Command
from okr_es.domain.person import Person
from okr_es.domain.refusals import NeedsAnother, NotAllowed, PersonIsHeld
from okr_es.handlers.about import Thing, asked_of, teams_above
from okr_es.handlers.administrators import all_grants, grants_of
from okr_es.handlers.unit_of_work import UnitOfWork


def require_right(command: Command, work: UnitOfWork) -> None:
    """Refuse a command that the table does not allow to who calls, with all it is about.

    What nobody does alone is noted in the unit of work, and becomes a request for approval.
    """
    line, things = asked_of(command, work)
    answers = [(answer_of(line, thing, work), thing) for thing in things]
    answer, thing = min(answers, key=lambda each: each[0])
    if answer == Answer.NO:
        raise refusal(NotAllowed, NOT_ALLOWED, line, thing.about, work.context.language)
    work.needs_another = answer == Answer.WITH_ANOTHER


def require_somebody_else(command: Command, work: UnitOfWork) -> None:
    """Refuse to ask for what nobody who is there today could approve, where it is about a person.

    Any change of a grant makes the decision stale.
    """
    line, things = asked_of(command, work)
    if line != Line.PERSONAL:
        return
    by, grants = work.context.by, [each for each in all_grants(work) if each.holds_on(work.today)]
    work.fetch({each.person_id for each in grants})
    parties = frozenset(id_ for id_ in (by, work.context.on_behalf_of) if id_ is not None)
    asked_as = frozenset(each.role for each in roles_of(work))
    abouts = [replace(each.about, asked_by=parties, asked_as=asked_as) for each in things]
    for each in grants:
        held = Held(each.role, each.team_id)
        if is_there(work, each.person_id) and all(
            by_role(line, each.person_id, held, about) == Answer.YES for about in abouts
        ):
            return
    raise refusal(NeedsAnother, NEEDS_ANOTHER, line, abouts[0], work.context.language)


def without_matters(held: PersonIsHeld, work: UnitOfWork) -> PersonIsHeld:
    """Return a refusal that names no matter of a legal hold to who may not read them."""
    context = work.context
    if not (context.enforced or context.by_key):
        return held
    roles = roles_of(work) if context.key_roles is None else context.key_roles
    if may(Line.PERSONAL, context.by, roles, About(part=Part.READ)) == Answer.YES:
        return held
    return PersonIsHeld("There is a legal hold.", field=held.field)


def is_there(work: UnitOfWork, person_id: UUID) -> bool:
    """Return whether a person can act today."""
    person = work.find(Person, person_id)
    return person is not None and person.is_there


def answer_of(line: Line, thing: Thing, work: UnitOfWork) -> Answer:
    """Return whether who calls may do what a line says about a thing."""
    context = work.context
    about = thing.about
    if context.key_roles is None:
        if line == Line.READINGS and context.by not in about.owners:
            about = replace(about, deputies=deputies_of(about.owners, work))
        answer = may(line, context.by, [Held(MEMBER)], about)
        if answer == Answer.YES:
            return answer
    roles = roles_of(work) if context.key_roles is None else context.key_roles
    if not roles:
        return Answer.NO
    about = replace(about, teams=teams_above(thing.team_id, work))
    return may(line, context.by, roles, about)


def roles_of(work: UnitOfWork) -> list[Held]:
    """Return the roles that who calls has today, also that of a member; looked for once."""
    if not work.roles:
        found = [each for each in grants_of(work, work.context.by) if each.holds_on(work.today)]
        work.roles = [Held(MEMBER), *(Held(each.role, each.team_id) for each in found)]
    return work.roles


def deputies_of(owners: Iterable[UUID], work: UnitOfWork) -> frozenset[UUID]:
    """Return who stands in for some people today."""
    ids = set(owners)
    work.fetch(ids)
    people = [work.find(Person, each) for each in ids]
    named = [each.deputy for each in people if each is not None and each.deputy is not None]
    return frozenset(each.deputy_id for each in named if each.starts <= work.today <= each.ends)
