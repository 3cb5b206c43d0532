"""Texts that are destroyed alone: nobody they are of or about is held by a matter."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from okr_es import commands as c
from okr_es.domain.approval import approval_id
from okr_es.domain.person import Person
from okr_es.domain.refusals import NotFound, PersonIsHeld
from okr_es.domain.text import RedactedText, redaction_id
from okr_es.handlers.registry import handle
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.redactions import events_of

AT = """
  SELECT {stream}, type, {command_id}, {causation_id}, {on_behalf_of} FROM events
  WHERE position = :position AND encrypted IS NOT NULL AND command_id IS NOT NULL
"""
COMMANDS = "SELECT {command_id} FROM events WHERE stream = :stream AND version <= 2"


class Found(NamedTuple):
    """An event with a text, ids as text."""

    stream: str
    type: str
    command_id: str
    causation_id: str | None
    on_behalf_of: str | None


@handle.register
def _(command: c.RedactText, work: UnitOfWork) -> UUID:
    found = event_at(work, command.position)
    if found is None:
        raise NotFound(f"Nothing was written with event {command.position}.", field="position")
    named = redaction_id(UUID(found.command_id))
    redacted = [work.find(RedactedText, named)]
    if redacted[0] is not None:
        return named
    commands = commands_of(work, found)
    require_not_held(work, commands)
    for each in commands:
        if work.find(RedactedText, redaction_id(each)) is None:
            text = RedactedText.redact(each, command.position, command.legal_ground, work.reason)
            work.save(text)
    return named


def subjects_of_text(position: int, work: UnitOfWork) -> frozenset[UUID]:
    """Return whom the text of an event is about, as far as they are not erased."""
    found = event_at(work, position)
    if found is None or work.directory is None:
        return frozenset()
    events = [each for id_ in commands_of(work, found) for each in events_of(work.database, id_)]
    return frozenset(work.directory.texts.subjects_of([each.event_id for each in events]))


def event_at(work: UnitOfWork, position: int) -> Found | None:
    """Return the event at a position, None where nothing was written with it."""
    names = ("stream", "command_id", "causation_id", "on_behalf_of")
    statement = AT.format(**{name: work.database.dialect.id_as_text(name) for name in names})
    rows = work.database.rows(statement, {"position": position})
    return Found(*rows[0]) if rows else None


def commands_of(work: UnitOfWork, found: Found) -> list[UUID]:
    """Return the command of an event, and those that say the same."""
    return [UUID(found.command_id), *copies(work, found)]


def copies(work: UnitOfWork, found: Found) -> list[UUID]:
    """Return the commands that say the same: a request, and what came of it once approved."""
    asked = found.causation_id if found.on_behalf_of else found.command_id
    if asked is None:
        return []
    statement = COMMANDS.format(command_id=work.database.dialect.id_as_text("command_id"))
    rows = work.database.rows(statement, {"stream": str(approval_id(UUID(asked)))})
    return [UUID(id_) for (id_,) in rows if id_ is not None and id_ != found.command_id]


def require_not_held(work: UnitOfWork, commands: list[UUID]) -> None:
    """Refuse to destroy what somebody wrote, or is about somebody, whom a legal hold keeps."""
    for command_id in commands:
        events = events_of(work.database, command_id)
        people = {UUID(each.stream) for each in events if each.type.startswith("person.")}
        people |= {UUID(id_) for each in events for id_ in (each.by, each.on_behalf_of) if id_}
        if work.directory is not None:
            people |= work.directory.texts.subjects_of([each.event_id for each in events])
        for person in sorted(people):
            found = work.find(Person, person)
            if found is not None and found.holds:
                raise PersonIsHeld(
                    f"There is a legal hold: {', '.join(found.holds)}.",
                    field="position",
                    matters=list(found.holds),
                )
