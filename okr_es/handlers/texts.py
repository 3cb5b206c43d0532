"""Reasons and comments, encrypted for each event: as a record, or for whom they are about."""

from __future__ import annotations

from collections.abc import Sequence

from okr_es.context import Context
from okr_es.domain import values
from okr_es.domain.base import Change
from okr_es.handlers.subjects import subject_of
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.ids import event_id
from okr_es.people.texts import Texts

EncryptedTexts = Sequence[bytes | None]


def encrypted_texts(texts: Texts, context: Context, work: UnitOfWork) -> EncryptedTexts | None:
    """Return the encrypted texts of what was decided; None where there are none.

    The person who acts wrote those of their own events, the person who asked those of what was
    approved. A handler may have put another comment in the place of the one in the context of its
    command. Raises Invalid for a text that cannot be.
    """
    events, approved = work.events, work.approved
    if approved is None:
        return encrypted_with(texts, work.context, events, work)
    own, theirs = events[: approved.first], events[approved.first :]
    mine = encrypted_with(texts, context, own, work)
    others = encrypted_with(texts, approved.context, theirs, work)
    return [*(mine or (None,) * len(own)), *(others or (None,) * len(theirs))]


def encrypted_with(
    texts: Texts, context: Context, events: list[Change], work: UnitOfWork
) -> EncryptedTexts | None:
    """Return the texts of a context, encrypted for each event."""
    written = {
        field: values.text(text, field)
        for field in ("reason", "comment")
        if (text := getattr(context, field)) is not None
    }
    if not written or not events:
        return None
    about = [
        (event_id(event.originator_id, event.originator_version), subject_of(event, work))
        for event in events
    ]
    return texts.encrypt(context.command_id, about, written)
