"""An event as the log has it, and the parts of an entry that need nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple
from uuid import UUID

from okr_es.database.dialect import Dialect
from okr_es.ids import event_id
from okr_es.log.schema import ID_COLUMNS
from okr_es.people.texts import EncryptedText
from projections.as_of.references import actor
from projections.audit_log.answers import ChangeAnswer, EntryAnswer, Heading, Redacted, Requested


class LoggedEvent(NamedTuple):
    """An event by the columns of the log, ids as text; `data` only where it was read."""

    position: int
    recorded_at: str
    stream: str
    version: int
    type: str
    by: str | None
    on_behalf_of: str | None
    origin: str
    command_id: str | None
    causation_id: str | None
    encrypted: bytes | None
    schema_version: int = 0
    data: bytes = b""

    @property
    def id(self) -> str:
        """The id of the event: `stream/version`."""
        return event_id(self.stream, self.version)


WITH_DATA = LoggedEvent._fields
COLUMNS = WITH_DATA[: -len(LoggedEvent._field_defaults)]


@cache
def event_columns(dialect: Dialect, names: tuple[str, ...] = COLUMNS) -> str:
    """Return columns of the log as SQL over `e`, ids as text."""
    return ", ".join(
        dialect.id_as_text(f'e."{name}"') if name in ID_COLUMNS else f'e."{name}"' for name in names
    )


def pieces_of(events: Iterable[LoggedEvent]) -> dict[int, EncryptedText]:
    """Return the encrypted pieces of events, by position."""
    return {
        event.position: EncryptedText(event.id, bytes(event.encrypted), event.command_id)
        for event in events
        if event.encrypted
    }


@lru_cache(maxsize=4_096)
def as_uuid(text: str | None) -> UUID | None:
    """Return the id a text is; cached, because few people do many things."""
    return None if text is None else UUID(text)


def heading(event: LoggedEvent, approval_id: str | None) -> Heading:
    """Return what an event was, when and by whom.

    `approval_id` names the request it came of, once approved.
    """
    by, for_whom = actor(as_uuid(event.by)), actor(as_uuid(event.on_behalf_of))
    came_of_it = approval_id is not None and for_whom is not None  # the approval itself did not
    return {
        "position": event.position,
        "recorded_at": event.recorded_at,
        "id": event.id,
        "type": event.type,
        "by": by,
        "on_behalf_of": for_whom,
        "requester": for_whom if came_of_it else None,
        "approver": by if came_of_it else None,
    }


def entry(
    event: LoggedEvent,
    texts: Mapping[str, str],
    changes: list[ChangeAnswer],
    approval_id: str | None,
    redacted: Redacted | None = None,
    request: Requested | None = None,
) -> EntryAnswer:
    """Return the entry of an event with its texts and its changes.

    `approval_id` names the request it came of, once approved; `redacted` says that its texts were
    destroyed; `request` is what the request asks for that it made or decided.
    """
    return {
        **heading(event, approval_id),
        "origin": event.origin,
        "command_id": event.command_id,
        "approval_id": approval_id,
        "request": request,
        "reason": texts.get("reason"),
        "comment": texts.get("comment"),
        "redacted": redacted,
        "changes": changes,
    }
