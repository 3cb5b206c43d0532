"""The grants of all people, and that somebody administers on every day once somebody does."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from okr_es.domain.grant import GRANTS, Grant, first_day_without
from okr_es.domain.person import Person
from okr_es.domain.refusals import LastAdministrator
from okr_es.domain.values import Role
from okr_es.handlers.references import below
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.log.schema import streams
from okr_es.log.stream_states import decode_aggregate

EVENTS = tuple(map(topic_of, (Grant.Given, Grant.Rescheduled, Grant.Ended)))


def all_grants(work: UnitOfWork) -> list[Grant]:
    """Return all grants by their ids; any event of a grant makes the decision stale."""
    work.guard_types.update(EVENTS)
    return below(work, Grant, [GRANTS])


def grants_of(work: UnitOfWork, person_id: UUID) -> list[Grant]:
    """Return the grants of a person; any event of a grant makes the decision stale."""
    work.guard_types.update(EVENTS)
    dialect, kind = work.database.dialect, topic_of(Grant)
    rows = work.database.rows(
        f"SELECT {dialect.id_as_text('stream')}, version, state FROM {streams.name} "
        f"WHERE parent = {dialect.as_id('parent')} AND type = :type "
        f"AND {dialect.contains('state', 'person')}",
        {"parent": str(GRANTS), "type": kind, "person": f'"person_id":"{person_id}"'},
    )
    found = (
        decode_aggregate(kind, UUID(id_), version, bytes(state)) for id_, version, state in rows
    )
    return [each for each in found if isinstance(each, Grant)]


def administrators(work: UnitOfWork, grants: Iterable[Grant]) -> list[Grant]:
    """Return those of some grants that make somebody administrator who is there."""
    found = [each for each in grants if each.role == Role.ADMINISTRATOR]
    work.fetch({each.person_id for each in found})
    people = {each.person_id: work.find(Person, each.person_id) for each in found}
    there = {id_ for id_, person in people.items() if person is not None and person.is_there}
    return [each for each in found if each.person_id in there]


def require_administrators(
    work: UnitOfWork, before: Iterable[Grant], after: Iterable[Grant], field: str
) -> None:
    """Refuse a change after which nobody administers on some day, today or later.

    Where nobody administered before, nothing is lost.
    """
    gap = first_day_without(after, work.today)
    if gap is not None and first_day_without(before, work.today) is None:
        raise LastAdministrator(f"Nobody would be administrator on {gap}.", field=field)


def require_others(work: UnitOfWork, person: Person, *, was_there: bool) -> None:
    """Refuse that the last administrator leaves or is erased.

    Not where a restore erases again who was erased: the law comes first.
    """
    if work.context.origin == "job":
        return
    grants = all_grants(work)
    others = administrators(work, [each for each in grants if each.person_id != person.id])
    own = [
        each for each in grants if each.person_id == person.id and each.role == Role.ADMINISTRATOR
    ]
    before = [*others, *own] if was_there else others
    require_administrators(work, before, others, "person_id")
