"""People who are here: their names, deputies, leaving and returning."""

from __future__ import annotations

from uuid import UUID

from okr_es import commands as c
from okr_es.domain import values
from okr_es.domain.person import Person
from okr_es.domain.refusals import Invalid, PersonIsUnknown
from okr_es.handlers.administrators import require_others
from okr_es.handlers.duplicates import warn_of_same_person
from okr_es.handlers.holdings import warn_of_holdings
from okr_es.handlers.registry import handle, saved
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.people.directory import Entry


def with_entry(work: UnitOfWork, person_id: UUID) -> tuple[Person, Entry]:
    """Return a person and what the directory has of them; refuse someone who was erased."""
    person = work.load(Person, person_id, "person_id")
    person.require_known("person_id")
    entry = None if work.directory is None else work.directory.entries([person_id]).get(person_id)
    if entry is None:
        raise PersonIsUnknown("The directory has nothing of that person.", field="person_id")
    return person, entry


@handle.register
def _(command: c.RenamePerson, work: UnitOfWork) -> UUID:
    person, entry = with_entry(work, command.person_id)
    name = values.name(command.name)
    if name != entry.name:
        person.rename()
        warn_of_same_person(work, person.id, name=name)
    return saved(work, person)


@handle.register
def _(command: c.ReplaceEmail, work: UnitOfWork) -> UUID:
    person, entry = with_entry(work, command.person_id)
    email = None if command.email is None else values.name(command.email, "email")
    if email != entry.email:
        person.replace_email()
        warn_of_same_person(work, person.id, email=email)
    return saved(work, person)


@handle.register
def _(command: c.NameDeputy, work: UnitOfWork) -> UUID:
    person = work.load(Person, command.person_id, "person_id")
    for field in ("reason", "comment"):
        if getattr(work.context, field) is not None:
            raise Invalid("A deputy is named without a word of why.", field=field)
    if command.deputy_id is not None:
        deputy = work.person(command.deputy_id, "deputy_id")
        person.name_deputy(deputy.id, command.starts, command.ends, work.today)
    elif command.starts is None and command.ends is None:
        person.withdraw_deputy()
    else:
        raise Invalid("Days without a deputy say nothing.", field="deputy_id")
    return saved(work, person)


@handle.register
def _(command: c.DeactivatePerson, work: UnitOfWork) -> UUID:
    person = work.load(Person, command.person_id, "person_id")
    was_there = person.is_there
    person.deactivate(command.effective, work.today)
    if person.pending_events:
        require_others(work, person, was_there=was_there)
        warn_of_holdings(work, person.id)
    return saved(work, person)


@handle.register
def _(command: c.ReactivatePerson, work: UnitOfWork) -> UUID:
    person = work.load(Person, command.person_id, "person_id")
    person.reactivate(command.effective, work.today)
    return saved(work, person)
