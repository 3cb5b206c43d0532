"""Whether who calls may carry a command out, by the table of rights, before it is decided.

What a member may is looked for first, since most do what is their own: only others cost a look at
grants and at the teams above. The grants of a person are part of what the decision rests on, as is
all the command is about: if one ends meanwhile, it is decided again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from okr_es.access.in_words import NEEDS_ANOTHER, NOT_ALLOWED, could, in_words
from okr_es.access.rights import MEMBER, About, Answer, Held, Line, may
from okr_es.commands import Command, GradeObjective
from okr_es.domain.person import Person
from okr_es.domain.refusals import NeedsAnother, NotAllowed
from okr_es.handlers.about import Thing, line_of, teams_above, things_of
from okr_es.handlers.administrators import grants_of
from okr_es.handlers.unit_of_work import UnitOfWork

LANGUAGES = ("en", "sv")


def require_right(command: Command, work: UnitOfWork) -> None:
    """Refuse a command that the table does not allow to who calls, with all it is about.

    Of what nobody does alone, a grade is noted in the unit of work and becomes a request for
    approval; else it is refused as well.
    """
    line, _ = line_of(command)
    answers = [(answer_of(line, thing, work), thing) for thing in things_of(command, work)]
    answer, thing = min(answers, key=lambda each: each[0])
    if answer == Answer.NO:
        raise refused(NotAllowed, NOT_ALLOWED, line, thing.about, work)
    if answer == Answer.WITH_ANOTHER:
        if not isinstance(command, GradeObjective):
            raise refused(NeedsAnother, NEEDS_ANOTHER, line, thing.about, work)
        work.needs_another = True


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


def refused(
    cls: type[NotAllowed], sentence: dict[str, str], line: Line, about: About, work: UnitOfWork
) -> NotAllowed:
    """Return the refusal: it says which right is missing in words, and which roles have it."""
    language = work.context.language if work.context.language in LANGUAGES else LANGUAGES[0]
    return cls(
        in_words(sentence, line, about, language),
        right={"line": line, "part": about.part},
        could=[each.role for each in could(line, about)],
    )
