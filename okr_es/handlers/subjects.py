"""Whom the text of an event is about, as it is recorded."""

from __future__ import annotations

from uuid import UUID

from okr_es.domain.approval import Approval
from okr_es.domain.base import Change
from okr_es.domain.grant import Grant
from okr_es.domain.objective import Objective
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.people.text_classes import GRADE, SUBJECTS, Subject


def subject_of(event: Change, work: UnitOfWork) -> UUID | None:
    """Return the person whom the text of an event is about; None: it is a record."""
    match SUBJECTS[topic_of(type(event))]:
        case Subject.ITSELF:
            return event.originator_id
        case Subject.GRANTED:
            return person_of(event)
        case Subject.OWNER:
            return owner_of(event.originator_id, work)
        case Subject.REQUESTED:
            request = work.loaded[event.originator_id]
            if isinstance(request, Approval) and request.command == GRADE:
                return owner_of(UUID(str(request.fields["objective_id"])), work)
    return None


def person_of(event: Change) -> UUID | None:
    """Return the person who has, had or gets the role that an event is about."""
    match event:
        case Grant.Given() | Grant.Rescheduled() | Grant.Ended():
            return event.person_id
    return None


def owner_of(objective_id: UUID, work: UnitOfWork) -> UUID | None:
    """Return the owner of an objective, without a guard: a text is no part of the decision."""
    found = work.loaded.get(objective_id) or next(iter(work.states([objective_id])), None)
    return found.owner_id if isinstance(found, Objective) else None
