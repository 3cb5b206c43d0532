"""Which events are about confidential goals: by their stream, or by what that is about."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from okr_es.database.database import Database
from projections.audit_log.logged_event import LoggedEvent
from projections.read_model.tables import FOREVER

NOW = f"known_until = {FOREVER} AND id {{among}}"
OF = {
    "reading": f"SELECT id, measured_id FROM reading WHERE {NOW}",
    "approval": f"SELECT id, fields FROM approval WHERE {NOW}",
}


def about_hidden(
    database: Database, events: Iterable[LoggedEvent], hidden: frozenset[str]
) -> frozenset[int]:
    """Return the positions of events about goals, their readings, and requests about them.

    `hidden` are the ids of the goals, as text.
    """
    listed = list(events)
    streams = {event.stream for event in listed if event.stream in hidden}
    for noun, statement in OF.items():
        ids = {event.stream for event in listed if event.type.startswith(f"{noun}.")}
        if ids:
            among = database.dialect.in_array("ids")
            asked = {"ids": database.dialect.array(ids)}
            rows = database.rows(statement.format(among=among), asked)
            streams |= {id_ for id_, about in rows if not hidden.isdisjoint(named(noun, about))}
    return frozenset(event.position for event in listed if event.stream in streams)


def named(noun: str, about: str | None) -> list[str]:
    """Return the ids of what a reading or a request is about, from its row."""
    if noun == "reading" or about is None:
        return [str(about)]
    return [each for each in msgspec.json.decode(about).values() if isinstance(each, str)]
