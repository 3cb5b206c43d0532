"""The moment of a page: today, or a day of the past, as known then or as known now.

The address holds it: `known_at` is a day by whose end it was known, `at` a day it is about.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request

MOMENT = ("known_at", "at")
OURS = frozenset({*MOMENT, "day", "known"})  # parameters of the address that say the moment


class PageMoment(NamedTuple):
    """The moment that a page is about, as texts of its address; None: now."""

    known_at: str | None = None
    at: str | None = None

    @property
    def is_past(self) -> bool:
        """Whether the page is not of today."""
        return self.known_at is not None or self.at is not None

    @property
    def asked(self) -> dict[str, str]:
        """It as filters of a question."""
        return {name: value for name, value in self._asdict().items() if value is not None}


def moment_of_page() -> PageMoment:
    """Return the moment that the address names; an empty field of a form is none.

    A day that was picked is one to be known at; `now` beside it makes it one that is asked about.
    """
    picked = request.args.get("day") or None
    if picked is not None:
        return PageMoment(at=picked) if request.args.get("known") == "now" else PageMoment(picked)
    return PageMoment(request.args.get("known_at") or None, request.args.get("at") or None)


def here(moment: PageMoment = PageMoment(), **changed: Any) -> str:  # noqa: B008  - a value
    """Return the address of this page at a moment, with its other parameters but for `changed`."""
    kept = {
        name: values
        for name, values in request.args.lists()
        if name not in {*OURS, "after", *changed}
    }
    given = {name: value for name, value in changed.items() if value not in (None, "")}
    query = urlencode(
        [
            (name, each)
            for name, values in ({**kept, **moment.asked, **given}).items()
            for each in ([values] if isinstance(values, str) else values)
            if each != ""
        ]
    )
    return f"{request.path}?{query}" if query else request.path


def at_moment(moment: PageMoment) -> str:
    """Return what an address of another page needs, to be of the same moment."""
    return f"?{urlencode(moment.asked)}" if moment.asked else ""


def plain_here(moment: PageMoment) -> str:
    """Return the address of this page at a moment, with no other parameter."""
    return f"{request.path}{at_moment(moment)}"


def other_way(moment: PageMoment, day: date) -> PageMoment:
    """Return the same day as known now instead of as known then, or the reverse."""
    text = day.isoformat()
    return PageMoment(at=text) if moment.known_at else PageMoment(text)


class TimeBar(NamedTuple):
    """The days of a cycle as a line of `WIDTH` units, with what changed on each."""

    first: date
    last: date
    shown: date
    is_past: bool
    dots: list[dict[str, Any]]
    ticks: list[dict[str, Any]]
    steps: dict[str, str | None]
    handle: float
    today: float | None


WIDTH = 1000
LARGEST, SMALLEST = 9.0, 2.5  # units: the radius of a dot
REVISING = ("plan_commits", "closings", "retargets", "realignments", "hand_overs", "endings")


def time_bar(found: Mapping[str, Any], moment: PageMoment, shown: date, today: date) -> TimeBar:
    """Return the time bar of a cycle: `found` is the answer of `changes_by_day`.

    `shown` is the day the page is about, `today` that of the organisation's calendar.
    """
    days = {each["day"]: each for each in found["days"]}
    cycle = found["cycle"]
    named = [as_date(cycle["starts"]), as_date(cycle["ends"])]
    closed = [as_date(each["at"]) for each in cycle["closings"]]
    plans = [as_date(each["at"]) for each in cycle["plan_commits"]]
    first, last = min(*named, *plans), max(*named, *closed)
    scale = Scale(first, last)
    most = max((each["events"] for each in days.values()), default=1)
    dots = [
        {
            "day": each_day,
            "x": scale.x(each_day),
            "r": radius(each["events"], most),
            "revises": any(each["kinds"][kind] for kind in REVISING),
            "events": each["events"],
            "address": here(PageMoment(each_day.isoformat())),
        }
        for each_day, each in sorted(days.items())
        if first <= each_day <= last
    ]
    ticks = [{"x": scale.x(each), "kind": "plan", "day": each} for each in sorted(set(plans))]
    ticks += [{"x": scale.x(each), "kind": "closing", "day": each} for each in sorted(set(closed))]
    return TimeBar(
        first, last, shown, moment.is_past, dots, ticks, steps(shown, today, sorted(days), first),
        scale.x(min(max(shown, first), last)), scale.x(today) if first <= today <= last else None,
    )  # fmt: skip


def as_date(value: date | str) -> date:
    """Return a day of an answer: some hold it as a text, some an instant."""
    return value if isinstance(value, date) else date.fromisoformat(value[:10])


class Scale(NamedTuple):
    """Days as units of a line."""

    first: date
    last: date

    def x(self, day: date) -> float:
        """Return where a day stands on the line."""
        days = max((self.last - self.first).days, 1)
        return round((day - self.first).days / days * WIDTH, 1)


def radius(events: int, most: int) -> float:
    """Return the radius of a dot whose area says how many events there were."""
    return round(max(SMALLEST, LARGEST * math.sqrt(events / most)), 1)


def steps(on: date, today: date, changed: Iterable[date], first: date) -> dict[str, str | None]:
    """Return the addresses a day and a change back and forth; None: there is none."""
    before = max((each for each in changed if each < on), default=None)
    after = min((each for each in changed if each > on), default=None)
    a_day = timedelta(days=1)
    return {
        "change_back": known(before, today),
        "day_back": known(on - a_day if on > first else None, today),
        "day_on": known(on + a_day if on < today else None, today),
        "change_on": known(after, today),
    }


def known(day: date | None, today: date) -> str | None:
    """Return the address of this page as known on a day; today it is that of now."""
    if day is None:
        return None
    return here() if day >= today else here(PageMoment(day.isoformat()))
