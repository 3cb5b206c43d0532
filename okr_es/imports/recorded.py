"""What is recorded already of what is imported, loaded in chunks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import sha1
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import bindparam, select

from okr_es.application import Okr
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.reading import Reading
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import decode, topic_of
from okr_es.log.schema import events

KPIS = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c03")
CHUNK = 500

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

    values: tuple[Decimal, ...]
    version: int
    retracted: bool = False


def kpis(work: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Kpi]:
    """Return the KPIs that exist, as they stand."""
    for chunk in chunks(ids):
        work.fetch(set(chunk))
    found = ((id_, work.loaded.get(id_)) for id_ in ids)
    return {id_: kpi for id_, kpi in found if isinstance(kpi, Kpi)}


def targets(okr: Okr, ids: Collection[UUID]) -> dict[UUID, set[Target]]:
    """Return every target these KPIs ever had."""
    found: dict[UUID, set[Target]] = {}
    for stream, _, _, data in facts(okr, ids):
        if "target" in data:
            found.setdefault(stream, set()).add(data["target"])
    return found


def readings(okr: Okr, ids: Collection[UUID]) -> dict[UUID, RecordedReading]:
    """Return the readings that exist."""
    found: dict[UUID, RecordedReading] = {}
    retracted = topic_of(Reading.Retracted)
    for stream, version, kind, data in facts(okr, ids):
        before = found[stream].values if stream in found else ()
        if kind == retracted:
            found[stream] = RecordedReading(before, version, retracted=True)
        else:
            found[stream] = RecordedReading((*before, data["value"]), version)
    return found


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
