"""What is due, counted day by day: an oracle of cadences, from DESIGN's words and nothing else.

Days are put into periods one by one; nothing is calculated that can be counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MARGIN = 370


class Terms(NamedTuple):
    """A calendar in plain words."""

    working: frozenset[str]
    holidays: frozenset[date]
    first_month: int
    monday: date
    grace: frozenset[tuple[str, int]]

    def grace_of(self, cadence: str, _: date) -> int:
        return dict(self.grace)[cadence]

    def works(self, day: date) -> bool:
        return WEEK[day.weekday()] in self.working and day not in self.holidays

    def period_of(self, cadence: str, day: date) -> Any:
        """What all days of one period have in common."""
        month = (day.month - self.first_month) % 12
        year = day.year if day.month >= self.first_month else day.year - 1
        return {
            "daily": day,
            "weekly": day.isocalendar()[:2],
            "every_two_weeks": (day - self.monday).days // 14,
            "monthly": (year, month),
            "quarterly": (year, month // 3),
            "half_yearly": (year, month // 6),
            "yearly": year,
        }[cadence]


class TermsInTime(NamedTuple):
    """Calendars in plain words, each with the first day it is valid on, in order."""

    versions: tuple[tuple[date, Terms], ...]

    def on(self, day: date) -> Terms:
        return [terms for first, terms in self.versions if first <= day][-1]

    def grace_of(self, cadence: str, day: date) -> int:
        return self.on(day).grace_of(cadence, day)

    def works(self, day: date) -> bool:
        return self.on(day).works(day)

    def period_of(self, cadence: str, day: date) -> Any:
        return self.on(day).period_of(cadence, day)


AnyTerms = Terms | TermsInTime


def all_days(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def periods(terms: AnyTerms, cadence: str, first: date, last: date) -> list[list[date]]:
    """The days around a span, put into periods."""
    days = all_days(first - timedelta(MARGIN), last + timedelta(MARGIN))
    return [list(group) for _, group in groupby(days, lambda day: terms.period_of(cadence, day))]


@lru_cache(maxsize=10_000)
def due_of(
    terms: AnyTerms,
    cadence: str,
    start: date,
    end: date,
    day: date,
    settled: date | None = None,
    stopped: date | None = None,
    *,
    is_kpi: bool = False,
) -> list[tuple[date, date, date]]:
    """First day, last day and deadline of every period that was due by a day."""
    if cadence == "per_project" or start > end:
        return []
    last = last_day(terms, cadence, start, end)
    found = []
    for whole in periods(terms, cadence, start, last):
        cut = [each for each in whole if each <= last]
        by_closing = last in whole and not is_kpi
        if (
            not cut
            or whole[-1] < start
            or (begins_too_late(terms, whole, start) and not by_closing)
        ):
            continue
        deadline = settled if by_closing else usual_deadline(terms, cadence, cut)
        if deadline is None or (stopped is not None and deadline >= stopped):
            continue
        if by_closing and cut[0] <= deadline <= day:
            found.append((cut[0], cut[-1], deadline))
        if not by_closing and deadline < day and (settled is None or deadline < settled):
            found.append((cut[0], cut[-1], deadline))
    return found


def due_while_not_done(
    terms: AnyTerms,
    cadence: str,
    start: date,
    end: date,
    day: date,
    is_done: Callable[[date], bool],
    settled: date | None = None,
    stopped: date | None = None,
) -> list[tuple[date, date, date]]:
    """The same of a milestone that is done at the end of some days: what was due on the others.

    Nothing is due once it is done; when it is no more, it starts again.
    """
    found, until = [], max(start, day)
    for done, group in groupby(all_days(start, until), is_done):
        if not done:
            days = list(group)
            after = None if days[-1] == until else days[-1] + timedelta(1)
            halts = min((each for each in (after, stopped) if each is not None), default=None)
            found += due_of(terms, cadence, days[0], end, day, settled, halts)
    return found


def last_day(terms: AnyTerms, cadence: str, start: date, end: date) -> date:
    """The last day; daily is each working day, so it is the last of these."""
    working = [each for each in all_days(start, end) if terms.works(each)]
    return working[-1] if cadence == "daily" and working else end


def begins_too_late(terms: AnyTerms, whole: list[date], start: date) -> bool:
    """Whether less than half the working days of the period that holds the start are left."""
    working = [each for each in whole if terms.works(each)]
    return 2 * len([each for each in working if each >= start]) < len(working)


def usual_deadline(terms: AnyTerms, cadence: str, days: list[date]) -> date | None:
    """So many working days after the last; none for a period without a working day."""
    if not any(terms.works(each) for each in days):
        return None
    deadline, left = days[-1], terms.grace_of(cadence, days[-1])
    while left:
        deadline += timedelta(1)
        left -= terms.works(deadline)
    return deadline


def timeliness_of(due: tuple[date, date, date], readings: Iterable[tuple[date, date]]) -> str:
    """On time, late or missing: a period by its readings (recorded on, about)."""
    first, last, deadline = due
    those = [recorded for recorded, about in readings if first <= about <= last]
    if any(recorded <= deadline for recorded in those):
        return "on_time"
    return "late" if those else "missing"


def runs(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Spans that adjoin each other, as one."""
    days = sorted({day for first, last in spans for day in all_days(first, last)})
    starts = [day for day in days if day - timedelta(1) not in set(days)]
    ends = [day for day in days if day + timedelta(1) not in set(days)]
    return list(zip(starts, ends, strict=True))


def is_overdue(dues: list[tuple[date, date, date]], about: list[date]) -> bool:
    """The last due period has no reading, and no later day has one."""
    return bool(dues) and not any(day >= dues[-1][0] for day in about)
