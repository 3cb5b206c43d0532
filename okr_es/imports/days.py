"""Days as the map says they are written; a month, quarter, year or week stands for its days.

Besides the directives of Python's strptime there is %q, a quarter from 1 to 4.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from okr_es.domain.refusals import Invalid

DIRECTIVE = re.compile(r"%(.)", re.DOTALL)
YEARS, MONTHS, WEEKDAYS, WEEKS = set("Yy"), set("mbB"), set("aAuw"), set("UW")
WHOLE = set("xc")  # a whole day, as the locale writes it
# Days and weeks counted from the first of the year: Python reads one too many as the next year.
COUNTED = re.compile(r"%[jVUW]")
NUMBERS = re.compile(r"\d+")
LAST_QUARTER = 4
TRIED = (date(2028, 10, 30), date(2029, 5, 9), date(2026, 1, 1))
LAST_MONTH_OF = {"month": 0, "quarter": 2, "year": 11}


class Span(NamedTuple):
    """First and last day of what is written."""

    first: date
    last: date


@lru_cache
def unit_of(written: str) -> str:
    """Return what a format writes: a day, week, month, quarter or year; refuse any other."""
    parts = set(DIRECTIVE.findall(written.replace("%%", "")))
    year, month = bool(parts & YEARS), bool(parts & MONTHS)
    if parts & WHOLE:
        raise unusable(written, "Write it with %Y, %m and %d.")
    if "V" in parts or "G" in parts:
        if not {"G", "V"} <= parts or year:
            raise unusable(written, "%V, the week, goes with %G, the year of the week.")
        return "day" if parts & WEEKDAYS else "week"
    if not year:
        raise unusable(written, "It has no year.")
    if "j" in parts or (month and "d" in parts):
        return "day"
    if parts & WEEKS:
        if parts & WEEKDAYS:
            return "day"
        raise unusable(written, "A week is written %G-W%V.")
    if "d" in parts:
        raise unusable(written, "It has a day and no month.")
    if month:
        return "month"
    return "quarter" if "q" in parts else "year"


def unusable(written: str, why: str) -> Invalid:
    """Return the refusal of a format."""
    return Invalid(f"dates = {written!r} does not say which days are meant. {why}", field="dates")


def require_format(written: str) -> None:
    """Refuse a format that names no days, or that no day can be written and read in."""
    unit_of(written)
    try:
        readable = all(
            (span := parsed(day.strftime(with_quarter(written, day)), written)).first
            <= day
            <= span.last
            for day in TRIED
        )
    except (ValueError, re.error) as error:
        raise Invalid(f"dates = {written!r} cannot be used: {error}.", field="dates") from error
    if not readable:
        raise unusable(written, "A day written so is read as another.")


def with_quarter(written: str, day: date) -> str:
    """Return a format with the quarter of a day in the place of %q."""
    return written.replace("%q", str((day.month + 2) // 3))


@lru_cache(maxsize=10_000)
def parsed(cell: str, written: str) -> Span:
    """Return the days a cell stands for; raise ValueError for any other text."""
    unit = unit_of(written)
    if unit == "week":
        monday = read(f"{cell} 1", f"{written} %u")
        return Span(monday, monday + timedelta(days=6))
    if unit == "quarter":
        return quarter(cell, written)
    first = read(cell, written)
    return Span(first, first if unit == "day" else last_day(first, unit))


def read(cell: str, written: str) -> date:
    """Return a day; raise ValueError for what there is not, also the 53rd week of most years."""
    found = datetime.strptime(cell, written).replace(tzinfo=UTC)
    if COUNTED.search(written) and numbers_in(found.strftime(written)) != numbers_in(cell):
        raise ValueError(cell)
    return found.date()


def numbers_in(text: str) -> list[int]:
    """Return the numbers of a text."""
    return [int(digits) for digits in NUMBERS.findall(text)]


def quarter(cell: str, written: str) -> Span:
    """Return the days of a quarter: it is read as one of the months 1 to 4."""
    at = read(cell, written.replace("%q", "%m"))
    if at.month > LAST_QUARTER:
        raise ValueError(cell)
    first = at.replace(month=3 * at.month - 2)
    return Span(first, last_day(first, "quarter"))


def last_day(first: date, unit: str) -> date:
    """Return the last day of a month, quarter or year by its first."""
    month = first.month + LAST_MONTH_OF[unit]
    return date(first.year, month, monthrange(first.year, month)[1])
