"""Events of streams, read from the log: for what a decision needs and no state keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.dialect import Dialect
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import decode_plain

EVENT = "position, {stream}, type, schema_version, data, recorded_at, version"
# What says below which objective a key result is.
MOVED = ("key_result.moved",)
PLACED = ("key_result.added", *MOVED)


class Event(NamedTuple):
    """An event of the log: where and when it was recorded, its stream and type, what it says."""

    position: int
    stream: str
    type: str
    data: dict[str, Any]
    recorded_at: str
    version: int


def events(work: UnitOfWork, statement: str, **parameters: str) -> list[Event]:
    """Return the events a statement finds, in the order of the log."""
    return [
        Event(
            position,
            str(stream),
            kind,
            decode_plain(kind, schema, bytes(data)),
            recorded_at,
            version,
        )
        for position, stream, kind, schema, data, recorded_at, version in work.database.rows(
            statement, parameters
        )
    ]


@cache
def of_streams(dialect: Dialect) -> str:
    """Return the query of the events of some types in some streams, each named once."""
    found = dialect.for_each(
        "e", "events", f"e.stream = i.value AND e.type {dialect.in_array('types')}"
    )
    return (
        f"SELECT {EVENT.format(stream=dialect.id_as_text('stream'))} "
        f"FROM ({dialect.unnest('streams', 'uuid')}) AS i {found} ORDER BY position"
    )


def events_of(work: UnitOfWork, types: Iterable[str], streams: Iterable[UUID | str]) -> list[Event]:
    """Return the events of some types in some streams, in the order of the log."""
    dialect, wanted = work.database.dialect, set(streams)
    if not wanted:
        return []
    return events(
        work, of_streams(dialect), types=dialect.array(types), streams=dialect.array(wanted)
    )


def of_each(
    work: UnitOfWork, types: Iterable[str], streams: Iterable[UUID | str]
) -> dict[UUID, list[Event]]:
    """Return the events of some types in each of some streams that has any, the oldest first."""
    found: dict[UUID, list[Event]] = defaultdict(list)
    for event in events_of(work, types, streams):
        found[UUID(event.stream)].append(event)
    return dict(found)


def day_of(work: UnitOfWork, event: Event) -> date:
    """Return the day on which an event was recorded."""
    return work.calendars.day_of(datetime.fromisoformat(event.recorded_at))
