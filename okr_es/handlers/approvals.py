"""Requests for approval: approve (which executes the command), refuse, withdraw."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from okr_es import commands as c
from okr_es.context import Context
from okr_es.domain.approval import Approval
from okr_es.domain.person import Person
from okr_es.domain.refusals import PersonIsUnknown
from okr_es.handlers.approval_gate import command_of
from okr_es.handlers.owners import owners_of
from okr_es.handlers.registry import handle, saved
from okr_es.handlers.subjects import concerned_by
from okr_es.handlers.unit_of_work import ApprovedPart, UnitOfWork, ids_in
from okr_es.ids import event_id
from okr_es.people.texts import EncryptedText

REQUEST = "SELECT encrypted, command_id FROM events WHERE stream = :id AND version = 1"


@handle.register
def _(command: c.ApproveRequest, work: UnitOfWork) -> UUID:
    request = work.load(Approval, command.approval_id, "approval_id")
    request.approve(work.context.by, work.context.on_behalf_of)
    request.require_not_concerned(work.context.by, concerned_by(request, work))
    work.save(request)
    decided = len(work.events)
    carry_out(request, work)
    owners = owners_of(request.action, work.events[decided:], work, since=request.known_at)
    request.require_no_owner(work.context.by, owners)
    return request.id


@handle.register
def _(command: c.RefuseRequest, work: UnitOfWork) -> UUID:
    request = work.load(Approval, command.approval_id, "approval_id")
    request.refuse(work.context.by, work.context.on_behalf_of, work.reason)
    request.require_not_concerned(work.context.by, concerned_by(request, work))
    return saved(work, request)


@handle.register
def _(command: c.WithdrawRequest, work: UnitOfWork) -> UUID:
    request = work.load(Approval, command.approval_id, "approval_id")
    request.withdraw(work.context.by)
    return saved(work, request)


def carry_out(request: Approval, work: UnitOfWork) -> None:
    """Decide the requested command by today's rules, on behalf of the person who requested it."""
    approver, decided = work.context, len(work.events)
    command = command_of(request.command, request.fields)
    work.approved = ApprovedPart(decided, asked_by(request, work), command)
    work.context = work.approved.context
    work.fetch(ids_in(command))
    handle(command, work)
    work.context = approver
    if len(work.events) == decided:
        work.warn("nothing_left_to_change", [request])


def asked_by(request: Approval, work: UnitOfWork) -> Context:
    """Return the context of the approved command: by the approver, on behalf of the requester."""
    ((encrypted, command_id),) = work.database.rows(REQUEST, {"id": str(request.id)})
    asked = None if command_id is None else UUID(str(command_id))
    texts = texts_of(request, encrypted, asked, work)
    return replace(
        work.context,
        on_behalf_of=request.asked_by,
        reason=texts.get("reason"),
        comment=texts.get("comment"),
        causation_id=asked,
    )


def texts_of(
    request: Approval, encrypted: bytes | None, command_id: UUID | None, work: UnitOfWork
) -> dict[str, str]:
    """Return the reason and comment of a request, which a command made.

    Raises PersonIsUnknown when the person who made it was erased, or the one it is about.
    """
    person, texts = work.find(Person, request.asked_by), {}
    if encrypted is not None and work.directory is not None:
        piece = EncryptedText(event_id(request.id, 1), bytes(encrypted), command_id)
        (texts,) = work.directory.texts.decrypt([piece])
    if person is None or person.erased or (encrypted is not None and not texts):
        raise PersonIsUnknown(
            "The person who asked, or whom it is about, was erased meanwhile; it can only be "
            "refused.",
            field="approval_id",
        )
    return texts
