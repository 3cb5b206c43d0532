"""What somebody leaves behind: what they still own, asked for, or stand in for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from okr_es.domain.approval import Approval
from okr_es.domain.base import Aggregate
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.person import Person
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.log.stream_states import decode_aggregate

# What names a person.
KINDS: tuple[type[Aggregate], ...] = (Objective, KeyResult, Kpi, Approval, Person)
NAMING = """
  SELECT {id}, type, version, state FROM streams
  WHERE type {of_types} AND living AND {contains} ORDER BY stream
"""


def warn_of_left_behind(work: UnitOfWork, person: Person) -> None:
    """Warn of what a person still owns, of requests of theirs that wait, and whose deputy they are.

    Nothing rests on it, so the append guards none of it.
    """
    found: dict[type[Aggregate], list[Aggregate]] = defaultdict(list)
    for each in naming(work, person.id):
        if is_left_by(each, person.id, work):
            found[type(each)].append(each)
    if objectives := found[Objective]:
        work.warn("still_owns_objectives", objectives)
    if key_results := found[KeyResult]:
        work.warn("still_owns_key_results", key_results)
    if kpis := found[Kpi]:
        work.warn("still_owns_kpis", kpis)
    if requests := found[Approval]:
        work.warn("still_asks", requests)
    if people := found[Person]:
        work.warn("still_deputy", people)


def naming(work: UnitOfWork, person_id: UUID) -> Iterator[Aggregate]:
    """Yield what is alive and names a person, in whatever field."""
    dialect = work.database.dialect
    statement = NAMING.format(
        id=dialect.id_as_text("stream"),
        of_types=dialect.in_array("types"),
        contains=dialect.contains("state", "person"),
    )
    asked = {"types": dialect.array(map(topic_of, KINDS)), "person": str(person_id)}
    for stream, kind, version, state in work.database.rows(statement, asked):
        yield decode_aggregate(kind, UUID(stream), version, bytes(state))


def is_left_by(each: Aggregate, person_id: UUID, work: UnitOfWork) -> bool:
    """Return whether something is theirs to hand over; what lies below an ended goal is not."""
    match each:
        case Approval():
            return person_id in each.parties
        case Person():
            deputy = None if each.id == person_id else each.deputy
            return (
                deputy is not None and deputy.deputy_id == person_id and deputy.ends >= work.today
            )
        case KeyResult():
            is_theirs = getattr(each, "owner_id", None) == person_id
            return is_theirs and any(o.is_living for o in work.states([each.objective_id]))
        case _:
            return getattr(each, "owner_id", None) == person_id
