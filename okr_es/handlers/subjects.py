"""Whom the text of an event is about, as it is recorded."""

from __future__ import annotations

from uuid import UUID

from okr_es.commands import RedactText
from okr_es.domain.approval import Approval
from okr_es.domain.base import Change
from okr_es.domain.grant import Grant
from okr_es.domain.objective import Objective
from okr_es.domain.values import Action
from okr_es.handlers.redactions import subjects_of_text
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
            return subject_of_request(request, work) if isinstance(request, Approval) else None
    return None


def subject_of_request(request: Approval, work: UnitOfWork) -> UUID | None:
    """Return whom the words of a request are about; of several people the first by their ids."""
    if request.command == GRADE:
        return owner_of(UUID(str(request.fields["objective_id"])), work)
    return min(concerned_by(request, work), default=None)


def concerned_by(request: Approval, work: UnitOfWork) -> frozenset[UUID]:
    """Return about whom something is to be done: of a text that goes, whom that is about."""
    if request.action != Action.ABOUT_PERSON:
        return frozenset()
    if request.command == RedactText.__name__:
        return subjects_of_text(int(request.fields["position"]), work)
    return frozenset({UUID(str(request.fields["person_id"]))})


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
