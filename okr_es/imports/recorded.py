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
MOVED = topic_of(Reading.SubjectCorrected)

STREAMS_OF = "SELECT stream FROM streams WHERE type = :kind ORDER BY stream"
READINGS = """
  SELECT position, stream, type, data FROM events
  WHERE type IN (:begun, :moved) AND position > :after
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
    subject: str | None = None


class About(msgspec.Struct):
    """What a recorded reading is about."""

    kpi_id: UUID
    as_of: date
    subject: str | None = None


class OfSubject(msgspec.Struct):
    """The subject a reading was corrected to."""

    subject: str | None


what_about = msgspec.json.Decoder(About).decode
of_subject = msgspec.json.Decoder(OfSubject).decode


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
        subject = found[stream].subject if stream in found else None
        if kind == retracted:
            found[stream] = RecordedReading(
                stream, before, version, retracted=True, subject=subject
            )
        else:  # what is said beside a value is corrected by events without one
            values = (*before, data["value"]) if "value" in data else before
            subject = data.get("subject", subject)
            found[stream] = RecordedReading(stream, values, version, subject=subject)
    return found


def readings_about(
    okr: Okr, days: Set[tuple[UUID, date]]
) -> dict[tuple[UUID, date], RecordedReading]:
    """Return what is recorded of KPIs about days, of no subject, by import or not.

    What was imported is there too where it was corrected to be of a subject. Of several about one
    day the last that stands counts; its values are those of all of them.
    """
    if not days:
        return {}
    of = {
        stream: (about.kpi_id, about.as_of)
        for stream, about in all_about(okr, days).items()
        if about.subject is None or stream == reading_id(about.kpi_id, about.as_of)
    }
    found: dict[tuple[UUID, date], RecordedReading] = {}
    each = readings(okr, of)
    for stream in sorted(of, key=lambda stream: each[stream].subject is None):
        reading, before = each[stream], found.get(of[stream])
        if before is not None:
            first, last = sorted((before, reading), key=lambda one: not one.retracted)
            reading = last._replace(values=(*first.values, *last.values))
        found[of[stream]] = reading
    return found


def all_about(okr: Okr, days: Set[tuple[UUID, date]]) -> dict[UUID, About]:
    """Return what the readings of KPIs about days are about, in the order of the log."""
    kpis = {kpi for kpi, _ in days}
    found: dict[UUID, About] = {}
    for stream, kind, data in recordings(okr):
        if kind == MOVED:
            if stream in found:
                found[stream].subject = of_subject(data).subject
            continue
        about = what_about(data)
        if about.kpi_id in kpis and (about.kpi_id, about.as_of) in days:
            found[stream] = about
    return found


def recordings(okr: Okr) -> Iterator[tuple[UUID, str, bytes]]:
    """Yield the readings of KPIs, with what was recorded first, in the order of the log.

    Those of which the subject was corrected come again with that.
    """
    asked = {"begun": topic_of(Reading.Recorded), "moved": MOVED, "after": 0}
    while rows := okr.database.rows(READINGS, asked):
        asked["after"] = int(rows[-1][0])
        for _, stream, kind, data in rows:
            yield UUID(str(stream)), kind, bytes(data)


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
