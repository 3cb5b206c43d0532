"""The stored states of the streams, each checked against the fold of its events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from okr_es.application import Okr
from okr_es.domain.base import Aggregate
from okr_es.evidence.verify import Failure
from okr_es.log.mapper import topic_of
from okr_es.log.recorder import stored_event
from okr_es.log.schema import events, streams
from okr_es.log.stream_states import WITH_STATE, decode_aggregate, encode_state

AT_ONCE = 200
MOST_FAILURES = 100
Progress = Callable[[int, int], None]


def verify_states(okr: Okr, progress: Progress | None = None) -> list[Failure]:
    """Fold the events of every stream that has a state beside it, and compare; in one snapshot.

    Its memory does not grow with the log but with the longest of some streams.
    """
    failures: list[Failure] = []
    with okr.database.snapshot() as connection:
        done, every = 0, connection.execute(select(streams.c.stream)).scalars().all()
        for start in range(0, len(every), AT_ONCE):
            some = every[start : start + AT_ONCE]
            folded = dict(folds(okr, connection, some))
            for row in connection.execute(select(streams).where(streams.c.stream.in_(some))):
                if (wrong := difference(row, folded.get(row.stream))) is not None:
                    message = f"the state kept of {row.stream} has another {wrong} than its events"
                    failures.append(Failure("state", None, message))
            done += len(some)
            if progress is not None:
                progress(done, len(every))
            if len(failures) >= MOST_FAILURES:
                break
    return failures


def folds(okr: Okr, connection: Any, some: Sequence[UUID]) -> Iterator[tuple[UUID, Aggregate]]:
    """Yield streams with what their events come to; nothing of those that cannot be read."""
    e = events.c
    query = select(e.stream, e.version, e.type, e.data, e.schema_version).where(e.stream.in_(some))
    found: dict[UUID, Any] = {}
    for row in connection.execute(query.order_by(e.stream, e.version)):
        event: Any = okr.mapper.to_domain_event(stored_event(*row))
        found[row.stream] = event.mutate(found.get(row.stream))
    yield from found.items()


def difference(row: Any, folded: Aggregate | None) -> str | None:
    """Return what of a stored state is not what the events come to; None if all of it is."""
    if folded is None or row.type not in WITH_STATE or topic_of(type(folded)) != row.type:
        return "type"
    try:
        stored = decode_aggregate(row.type, row.stream, row.version, bytes(row.state))
        state = encode_state(stored)
    except (TypeError, ValueError, KeyError):
        return "form"
    both = {
        "version": (row.version, folded.version),
        "parent": (row.parent, folded.parent_stream),
        "living": (bool(row.living), folded.is_living),
        "state": (state, encode_state(folded)),
    }
    return next((name for name, (mine, theirs) in both.items() if mine != theirs), None)
