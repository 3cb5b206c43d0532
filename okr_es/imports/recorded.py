"""What is recorded already of what is imported, loaded in chunks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import sha1
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import bindparam, select

from okr_es.application import Okr
from okr_es.domain.base import Aggregate
from okr_es.domain.kpi import Target
from okr_es.domain.reading import Reading
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import decode, topic_of
from okr_es.log.schema import events

A = TypeVar("A", bound=Aggregate)

KPIS = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c03")
CHUNK = 500

STREAMS_OF = "SELECT stream FROM streams WHERE type = :kind ORDER BY stream"
READINGS = """
  SELECT position, stream, data FROM events WHERE type = :kind AND position > :after
  ORDER BY position LIMIT 50000
"""

EVENTS = (
    select(events.c.stream, events.c.version, events.c.type, events.c.schema_version, events.c.data)
    .where(events.c.stream.in_(bindparam("streams", expanding=True)))
    .order_by(events.c.stream, events.c.version)
)


@lru_cache(maxsize=10_000)
def kpi_id(name: str) -> UUID:
    """Return the id of an imported KPI: its name, without surrounding blanks, is its identity."""
    return uuid5(KPIS, name.strip())


def reading_id(kpi: UUID, as_of: date) -> UUID:
    """Return the id of an imported reading: a KPI has one about a day.

    It is uuid5(kpi, day), without what makes that twice as slow.
    """
    digest = sha1(kpi.bytes + as_of.isoformat().encode(), usedforsecurity=False).digest()
    return UUID(bytes=digest[:16], version=5)


class RecordedReading(NamedTuple):
    """A reading as recorded: every value it had, the last one last, and whether it stands."""

    id: UUID
    values: tuple[Decimal, ...]
    version: int
    retracted: bool = False


class About(msgspec.Struct):
    """What a recorded reading is about."""

    kpi_id: UUID
    as_of: date
    subject: str | None = None


what_about = msgspec.json.Decoder(About).decode


def all_of(work: UnitOfWork, cls: type[A]) -> list[A]:
    """Return all aggregates of a kind, as they stand."""
    found = (row[0] for row in work.database.rows(STREAMS_OF, {"kind": topic_of(cls)}))
    return loaded(work, cls, [UUID(str(id_)) for id_ in found])


def loaded(work: UnitOfWork, cls: type[A], ids: Collection[UUID]) -> list[A]:
    """Return those of these aggregates that exist, as they stand."""
    for chunk in chunks(ids):
        work.fetch(set(chunk))
    found = (work.loaded.get(id_) for id_ in ids)
    return [each for each in found if isinstance(each, cls)]


def targets(okr: Okr, ids: Collection[UUID]) -> dict[UUID, set[Target]]:
    """Return every target these KPIs ever had."""
    found: dict[UUID, set[Target]] = {}
    for stream, _, _, data in facts(okr, ids):
        for name in ("target", "meant", "now"):
            if name in data:
                found.setdefault(stream, set()).add(data[name])
    return found


def readings(okr: Okr, ids: Collection[UUID]) -> dict[UUID, RecordedReading]:
    """Return the readings that exist."""
    found: dict[UUID, RecordedReading] = {}
    retracted = topic_of(Reading.Retracted)
    for stream, version, kind, data in facts(okr, ids):
        before = found[stream].values if stream in found else ()
        if kind == retracted:
            found[stream] = RecordedReading(stream, before, version, retracted=True)
        else:  # what is said beside a value is corrected by events without one
            values = (*before, data["value"]) if "value" in data else before
            found[stream] = RecordedReading(stream, values, version)
    return found


def readings_about(
    okr: Okr, days: Set[tuple[UUID, date]]
) -> dict[tuple[UUID, date], RecordedReading]:
    """Return what is recorded of KPIs about days, of no subject, by import or not.

    Of several about one day the last that stands counts; its values are those of all of them.
    """
    of: dict[UUID, tuple[UUID, date]] = {}
    if not days:
        return {}
    kpis = {kpi for kpi, _ in days}
    for stream, data in recordings(okr):
        about = what_about(data)
        if about.kpi_id in kpis and about.subject is None and (about.kpi_id, about.as_of) in days:
            of[stream] = about.kpi_id, about.as_of
    found: dict[tuple[UUID, date], RecordedReading] = {}
    each = readings(okr, of)
    for stream, day in of.items():
        reading, before = each[stream], found.get(day)
        if before is not None:
            first, last = sorted((before, reading), key=lambda one: not one.retracted)
            reading = last._replace(values=(*first.values, *last.values))
        found[day] = reading
    return found


def recordings(okr: Okr) -> Iterator[tuple[UUID, bytes]]:
    """Yield the readings of KPIs, with what was recorded first, in the order of the log."""
    after = 0
    while rows := okr.database.rows(READINGS, {"kind": topic_of(Reading.Recorded), "after": after}):
        after = int(rows[-1][0])
        for _, stream, data in rows:
            yield UUID(str(stream)), bytes(data)


def facts(okr: Okr, ids: Collection[UUID]) -> Iterator[tuple[UUID, int, str, dict[str, Any]]]:
    """Yield the events of these streams: stream, version, type and fields."""
    with okr.database.reader.connect() as connection:
        for chunk in chunks(ids):
            for stream, version, kind, schema, data in connection.execute(
                EVENTS, {"streams": chunk}
            ):
                yield stream, version, kind, decode(kind, schema, bytes(data))


def chunks(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    """Yield the ids, some hundred at a time."""
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
