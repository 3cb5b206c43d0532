"""The filters of a search, and the criteria that events must meet; bad filters are refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from okr_es.context import ORIGINS
from okr_es.database.clock import instant
from okr_es.domain.refusals import Invalid
from okr_es.scoring.calendar import Calendars
from projections.as_of.dates import last_before
from projections.as_of.moments import DAY, instant_in, require_year
from projections.as_of.view import View
from projections.audit_log import scopes
from projections.audit_log.event_finder import EVERY_DAY, Criteria
from projections.audit_log.languages import TYPES
from projections.read_model.folding import folded

NOUNS = tuple(sorted({kind.partition(".")[0] for kind in TYPES}))
ONE_DAY, AN_INSTANT = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True)
class Search:
    """The filters of a search: events must meet all that are given.

    `goal_id`, `team_id` and `cycle` include all below them, as it was at the time of the event.
    `person_id` acted, was acted for, or is named, also as the owner before a reassignment,
    `acted_by` acted, or it was done in their name. `type`
    is a type of event or the noun it begins with. `recorded_from` and `recorded_to` are instants
    or dates, `about_from` and `about_to` the days readings are about, all included. `text` is
    searched for in reasons and comments, without regard to case and accents.
    """

    goal_id: UUID | None = None
    person_id: UUID | None = None
    team_id: UUID | None = None
    cycle: UUID | None = None
    type: str | None = None
    recorded_from: str | None = None
    recorded_to: str | None = None
    about_from: date | None = None
    about_to: date | None = None
    origin: str | None = None
    text: str | None = None
    acted_by: UUID | None = None


class Bounds(NamedTuple):
    """The positions a search lies between, both included."""

    first: int
    last: int


def criteria(view: View, search: Search) -> Criteria:
    """Return what events must meet; raise Invalid or NotFound with the field at fault."""
    types, days, origin = types_of(search), days_of(search), origin_of(search)
    if search.text is not None and not folded(search.text):
        raise Invalid("text is empty.", field="text")
    wanted = {field: id_ for field in scopes.NOUNS if (id_ := getattr(search, field)) is not None}
    return Criteria(
        scopes.scopes_of(view.database, wanted),
        search.person_id,
        types,
        origin,
        days,
        has_text=search.text is not None,
        acted_by=search.acted_by,
    )


def types_of(search: Search) -> tuple[str, ...]:
    """Return the types of events that are wanted; none for all."""
    if search.type is None:
        return ()
    types = tuple(kind for kind in TYPES if search.type in {kind, kind.partition(".")[0]})
    if not types:
        raise Invalid(
            f"{search.type} is neither a type of event nor {' or '.join(NOUNS)}.", field="type"
        )
    return types


def days_of(search: Search) -> tuple[date, date]:
    """Return the first and last day readings are to be about."""
    for field in ("about_from", "about_to"):
        if (day := getattr(search, field)) is not None:
            require_year(day, field)
    first, last = search.about_from or EVERY_DAY[0], search.about_to or EVERY_DAY[1]
    if last < first:
        raise Invalid("about_to lies before about_from.", field="about_to")
    return first, last


def origin_of(search: Search) -> str | None:
    """Return where commands are to have come from."""
    if search.origin is not None and search.origin not in ORIGINS:
        raise Invalid(f"origin is not one of {', '.join(sorted(ORIGINS))}.", field="origin")
    return search.origin


def bounds(view: View, search: Search, before: int | None, after: int | None) -> Bounds:
    """Return the positions that times of record and cursors leave, up to the view's head."""
    calendars = view.dates.okr.calendars.current
    begins = ends = None
    if search.recorded_from is not None:
        begins = start_of(search.recorded_from, "recorded_from", calendars)
    if search.recorded_to is not None:
        ends = end_of(search.recorded_to, "recorded_to", calendars)
        if begins is not None and ends <= begins:
            raise Invalid("recorded_to lies before recorded_from.", field="recorded_to")
    positions = positions_before(view, [each for each in (begins, ends) if each is not None])
    first = max(0 if after is None else after, 0 if begins is None else positions[begins])
    last = view.head if before is None else min(before - 1, view.head)
    return Bounds(first + 1, last if ends is None else min(last, positions[ends]))


def positions_before(view: View, moments: list[datetime]) -> dict[datetime, int]:
    """Return the last position recorded before each instant, by one statement."""
    if not moments:
        return {}
    ends = json.dumps([(number, instant(moment)) for number, moment in enumerate(moments)])
    database = view.dates.okr.database
    rows = database.rows(last_before(database.dialect), {"ends": ends})
    return {moments[number]: position for number, position in rows}


def start_of(text: str, field: str, calendars: Calendars) -> datetime:
    """Return an instant, or the one a day begins at; raise Invalid for any other text."""
    try:
        if DAY.fullmatch(text):
            day = date.fromisoformat(text)
            require_year(day, field)
            return calendars.start_of(day)
        moment = instant_in(text, field)
    except ValueError:
        raise Invalid(
            f"{field} is neither a date nor an instant with its offset (2025-10-01T12:00:00Z).",
            field=field,
        ) from None
    require_year(moment.date(), field)
    return moment


def end_of(text: str, field: str, calendars: Calendars) -> datetime:
    """Return the first instant behind a text: the one after an instant, or the day's end."""
    start = start_of(text, field, calendars)
    if not DAY.fullmatch(text):
        return start + AN_INSTANT
    return calendars.start_of(date.fromisoformat(text) + ONE_DAY)
