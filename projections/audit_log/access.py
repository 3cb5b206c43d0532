"""The access log, page by page: who read what about people, and who exported evidence."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from okr_es.access_log import AN_ID, Access
from okr_es.application import Okr
from okr_es.evidence.access_cut import Cut, cut_at, last_cut
from projections.as_of.moments import require_year
from projections.as_of.pages import require_limit
from projections.as_of.references import actor
from projections.audit_log.answers import (
    AccessAnswer,
    AccessCutAnswer,
    AccessLogAnswer,
    LookedAt,
)
from projections.read_model.tables import FOREVER

ONE_DAY = timedelta(days=1)
Days = tuple[date | None, date | None]


def page(
    okr: Okr,
    by: UUID | None,
    about: list[UUID],
    what: str | None,
    days: Days,
    limit: int,
    before: int | None,
) -> AccessLogAnswer:
    """Return a page of reads, the newest first; the next one begins before `next_before`.

    `about` are ids that all have to be named, `days` the first and the last, both included.
    """
    require_limit(limit)
    log, newest = okr.log.head(), okr.access_log.head()
    first, last = days
    reads = okr.access_log.search(
        by=by,
        about=about,
        what=what,
        since=None if first is None else start_of(okr, first, "from"),
        until=None if last is None else start_of(okr, last, "to") + ONE_DAY,
        limit=limit + 1,
        before=min(before or FOREVER, newest + 1),
        cut_at=lambda: cut_at(okr.database),
    )
    cut = last_cut(okr.database)
    return {
        "position": log,
        "newest": newest,
        "entries": [access_answer(each) for each in reads[:limit]],
        "next_before": reads[limit - 1].position if len(reads) > limit else None,
        "cut": None if cut is None else cut_answer(cut),
    }


def cut_answer(cut: Cut) -> AccessCutAnswer:
    """Return where the access log was cut, as the page shows it."""
    return {
        "at": cut.size,
        "recorded_at": cut.recorded_at,
        "event": cut.position,
        "years": cut.years,
        "set_by_event": cut.set_by,
    }


def access_answer(read: Access) -> AccessAnswer:
    """Return a read as the page shows it."""
    return {
        "position": read.position,
        "recorded_at": read.recorded_at,
        "by": actor(read.by),
        "what": read.what,
        "about": [
            looked_at(parameter, each)
            for parameter, value in read.about.items()
            for each in values_in(value)
        ],
    }


def values_in(value: str) -> list[str]:
    """Return the ids of a parameter that was given several times; of any other its value."""
    several = value.split()
    return several if several and all(map(AN_ID.fullmatch, several)) else [value]


def looked_at(parameter: str, value: str) -> LookedAt:
    """Return a parameter of a read as the page shows it."""
    is_id = AN_ID.fullmatch(value) is not None
    return {  # type: ignore[typeddict-item]  # named later
        "parameter": parameter,
        "asked": None if is_id else value,
        "id": value if is_id else None,
    }


def start_of(okr: Okr, day: date, field: str) -> datetime:
    """Return the first instant of a day of the organisation."""
    require_year(day, field)
    return okr.calendars.current.start_of(day)
