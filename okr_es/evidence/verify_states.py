"""What decisions are made from, stored states and names, each checked against the events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select

from okr_es.database.database import Database
from okr_es.domain.base import Aggregate
from okr_es.evidence.verify import Failure
from okr_es.log.mapper import TypedMapper, decode_json, topic_of
from okr_es.log.names import NAMING, names_of
from okr_es.log.recorder import stored_event
from okr_es.log.schema import events, names, streams
from okr_es.log.stream_states import WITH_STATE, decode_aggregate, encode_state

AT_ONCE = 200
SOME_AT_A_TIME = {"stream_results": True, "yield_per": 2_000}
MOST_FAILURES = 100
Progress = Callable[[int, int], None]


def verify_states(
    database: Database, progress: Progress | None = None, after: int = 0
) -> list[Failure]:
    """Compare all names, and the state of every stream that has one; in one snapshot.

    With `after`, only of streams with events behind that position. Its memory does not grow with
    the log but with the longest of some streams.
    """
    with database.snapshot_read_once() as connection:
        failures = list(wrong_names(connection))
        pages = pages_of_streams(connection, after)
        done, count = 0, connection.execute(select(func.count()).select_from(streams)).scalar_one()
        while (some := next(pages, None)) and len(failures) < MOST_FAILURES:
            folded = folds(connection, [row.stream for row in some])
            for row in some:
                if (wrong := difference(row, folded.get(row.stream))) is not None:
                    message = f"the state kept of {row.stream} has another {wrong} than its events"
                    failures.append(Failure("state", None, message))
            done += len(some)
            if progress is not None:
                progress(done, count)
    return failures


def pages_of_streams(connection: Connection, after: int) -> Iterator[Sequence[Any]]:
    """Yield the rows of streams with a state, some at a time."""
    query = select(streams).order_by(streams.c.stream).limit(AT_ONCE)
    if after:
        changed = select(events.c.stream).where(events.c.position > after)
        query = query.where(streams.c.stream.in_(changed))
    page = connection.execute(query).all()
    while page:
        yield page
        page = connection.execute(query.where(streams.c.stream > page[-1].stream)).all()


def wrong_names(connection: Connection) -> Iterator[Failure]:
    """Yield every name that is not stored for the stream that took it by an event."""
    taken = names_of(event for _, event in recorded(connection, events.c.type.in_(NAMING)))
    wanted = {(name.kind, name.name): name.stream for name in taken}
    stored = {(row.kind, row.name): row.stream for row in connection.execute(select(names))}
    for kind, name in sorted({*wanted, *stored}):
        theirs, mine = wanted.get((kind, name)), stored.get((kind, name))
        if mine != theirs:
            message = f"the name {name} of a {kind} is kept for {mine}, its events say {theirs}"
            yield Failure("name", None, message)


def folds(connection: Connection, some: Sequence[UUID]) -> dict[UUID, Aggregate]:
    """Return streams with the state their events give; streams that cannot be read are left out."""
    found: dict[UUID, Any] = {}
    for stream, event in recorded(connection, events.c.stream.in_(some)):
        found[stream] = event.mutate(found.get(stream))
    return found


def recorded(connection: Connection, which: ColumnElement[bool]) -> Iterator[tuple[UUID, Any]]:
    """Yield events and their streams, each stream in the order of its versions."""
    e, mapper = events.c, TypedMapper()
    query = select(e.stream, e.version, e.type, e.data, e.schema_version).where(which)
    ordered = query.order_by(e.stream, e.version)
    for row in connection.execute(ordered, execution_options=SOME_AT_A_TIME):
        yield row.stream, mapper.to_domain_event(stored_event(*row))


def difference(row: Any, folded: Aggregate | None) -> str | None:
    """Return in what a stored state differs from that of the events; None if in nothing."""
    if folded is None or row.type not in WITH_STATE or topic_of(type(folded)) != row.type:
        return "type"
    try:
        stored = decode_aggregate(row.type, row.stream, row.version, bytes(row.state))
        state = state_in_full(stored)
    except (TypeError, ValueError, KeyError):
        return "form"
    both = {
        "version": (row.version, folded.version),
        "parent": (row.parent, folded.parent_stream),
        "living": (bool(row.living), folded.is_living),
        "state": (state, state_in_full(folded)),
    }
    return next((name for name, (mine, theirs) in both.items() if mine != theirs), None)


def state_in_full(aggregate: Aggregate) -> Any:
    """Return a state as plain values, without the fields of its parts that are null.

    A part that was stored before a field was added lacks it, where the events give null.
    """
    return without_nulls(decode_json(encode_state(aggregate)))


def without_nulls(value: Any) -> Any:
    """Return a plain value without the entries that are null, at any depth."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value
