"""The periods of a cadence: which one a day belongs to, and which lie in a span of days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

FRIDAY: Final = 4
MONTHS: Final = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
ONE_DAY: Final = timedelta(days=1)

Period = tuple[date, date]


def period_of(cadence: str, day: date) -> Period | None:
    """Return first and last day of the period that holds a day; None where there are none.

    The project's arithmetic: daily is the day, weekly the ISO week, all longer ones are periods of
    the calendar year; `per_project` has no calendar. Raises `ValueError` for an unknown cadence.
    """
    if cadence == "per_project":
        return None
    if cadence == "daily":
        return day, day
    if cadence == "weekly":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if cadence not in MONTHS:
        raise ValueError(f"{cadence!r} is not a cadence")
    length = MONTHS[cadence]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    year, month = divmod(first.year * 12 + first.month - 1 + length, 12)
    return first, date(year, month + 1, 1) - ONE_DAY


def due_periods(cadence: str, first: date, last: date, day: date) -> Iterator[Period]:
    """Yield the periods of a span, cut to it, that are over on a day and have a working day."""
    begins = first
    while begins <= last and (period := period_of(cadence, begins)) is not None:
        ends = min(period[1], last)
        if ends >= day:
            return
        if has_working_day(begins, ends):
            yield begins, ends
        begins = ends + ONE_DAY


def has_working_day(first: date, last: date) -> bool:
    """Return whether a day from Monday to Friday lies between two days."""
    return (last - first).days > 1 or first.weekday() <= FRIDAY or last.weekday() <= FRIDAY
