"""Reasons and comments, encrypted for each event under the key of the person who wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from okr_es.context import Context
from okr_es.domain import values
from okr_es.domain.base import Change
from okr_es.domain.refusals import PersonIsUnknown
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.ids import event_id
from okr_es.people.directory import Directory

EncryptedTexts = Sequence[bytes | None]


def encrypted_texts(
    directory: Directory, context: Context, work: UnitOfWork
) -> EncryptedTexts | None:
    """Return the encrypted texts of what was decided; None where there are none.

    The person who acts wrote those of their own events, the person who asked those of what was
    approved. A handler may have put another comment in the place of the one in the context of its
    command. Raises Invalid for a text that cannot be, PersonIsUnknown for someone without a key.
    """
    events, approved = work.events, work.approved
    if approved is None:
        return encrypted_by(directory, context.by, work.context, events)
    asked_by = approved.context.on_behalf_of or context.by
    own, theirs = events[: approved.first], events[approved.first :]
    encrypted = encrypted_by(directory, context.by, context, own)
    others = encrypted_by(directory, asked_by, approved.context, theirs, "approval_id")
    return [*(encrypted or (None,) * len(own)), *(others or (None,) * len(theirs))]


def encrypted_by(
    directory: Directory,
    person_id: UUID,
    context: Context,
    events: list[Change],
    at_fault: str = "by",
) -> EncryptedTexts | None:
    """Return the texts of a context, encrypted for each event under a person's key.

    `at_fault` names the field that stands for the person.
    """
    texts = {
        field: values.text(written, field)
        for field in ("reason", "comment")
        if (written := getattr(context, field)) is not None
    }
    if not texts or not events:
        return None
    ids = [event_id(event.originator_id, event.originator_version) for event in events]
    try:
        return directory.encrypt(person_id, ids, texts)
    except KeyError:
        raise PersonIsUnknown("That person was erased.", field=at_fault) from None
