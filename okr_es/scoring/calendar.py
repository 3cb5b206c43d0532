"""The calendars of the organisation through time: days of instants, working days and periods.

Everything about a day is computed in the calendar valid on it. What has begun stays: a later
calendar never moves an instant to another day that the log has come past.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from okr_es.domain.calendar import Calendar
from okr_es.domain.values import Weekday

ONE_DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
AN_INSTANT: Final = timedelta(microseconds=1)
MONTHS: Final = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
"""How many months a period of a cadence has; they are counted from the year's first month."""

CADENCES: Final = frozenset({"daily", "weekly", "every_two_weeks", "per_project", *MONTHS})
LONGEST_WAIT: Final = 3_660  # days after which a search for working days gives up
ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


class Version(NamedTuple):
    """A calendar, the first day it is valid on (None: on all), where and when it was recorded."""

    calendar: Calendar
    valid_from: date | None = None
    position: int = 0
    recorded_at: datetime = ALWAYS


class Period(NamedTuple):
    """A period of a cadence: its first and its last day."""

    first: date
    last: date


class Calendars:
    """All calendars of the organisation, in the order they were recorded; there is always one."""

    def __init__(self, versions: Sequence[Version]) -> None:
        self.versions = tuple(versions)
        self.days_off = [days_off(each.calendar) for each in self.versions]
        self.is_one_zone = len({each.calendar.zone for each in self.versions}) == 1
        self.earlier: dict[int, Calendars] = {}
        self.first_periods: dict[tuple[str, date], Period] = {}

    def known_at(self, position: int) -> Calendars:
        """Return the calendars recorded up to a position; the first one in any case."""
        number = sum(each.position <= position for each in self.versions[1:]) + 1
        if number == len(self.versions):
            return self
        if number not in self.earlier:
            self.earlier[number] = Calendars(self.versions[:number])
        return self.earlier[number]

    # ---- days of instants -------------------------------------------------------------------

    def on(self, day: date) -> Calendar:
        """Return the calendar valid on a day."""
        return self.versions[self.number_on(day)].calendar

    def number_on(self, day: date, last: int | None = None) -> int:
        """Return which version is valid on a day: the last recorded one that begins by then."""
        number = len(self.versions) - 1 if last is None else last
        while number and self.versions[number].valid_from > day:  # type: ignore[operator]
            number -= 1
        return number

    def zone_on(self, day: date) -> str:
        """Return the name of the time zone valid on a day."""
        return self.on(day).zone

    def start_of(self, day: date) -> datetime:
        """Return the instant, in UTC, at which a day begins.

        It is midnight in the zone valid on the day. A calendar recorded after the day had begun
        changes nothing about that; one that would let it begin earlier lets it begin right after.
        """
        start = midnight(day, self.versions[0].calendar.zone)
        if self.is_one_zone:
            return start
        for number, version in enumerate(self.versions[1:], 1):
            if start > version.recorded_at:
                zone = self.versions[self.number_on(day, number)].calendar.zone
                start = max(midnight(day, zone), version.recorded_at + AN_INSTANT)
        return start

    def day_of(self, moment: datetime) -> date:
        """Return the day an instant is on."""
        if self.is_one_zone:
            return moment.astimezone(ZoneInfo(self.versions[0].calendar.zone)).date()
        day = moment.astimezone(UTC).date() + ONE_DAY
        while self.start_of(day) > moment:
            day -= ONE_DAY
        return day

    def local(self, moment: datetime) -> datetime:
        """Return an instant in the time zone of its day."""
        return moment.astimezone(ZoneInfo(self.zone_on(self.day_of(moment))))

    # ---- working days -----------------------------------------------------------------------

    def is_working(self, day: date) -> bool:
        """Return whether a day is a working day: of the week, and no holiday."""
        number = self.number_on(day)
        calendar = self.versions[number].calendar
        return WEEKDAYS[day.weekday()] in calendar.working_days and day not in self.days_off[number]

    def working_days(self, first: date, last: date) -> int:
        """Return how many working days lie in a span, both ends included."""
        return sum(self.is_working(each) for each in days_in(first, last))

    def has_working_day(self, period: Period) -> bool:
        """Return whether a period has a working day."""
        return any(self.is_working(each) for each in days_in(*period))

    def after(self, day: date, working_days: int) -> date:
        """Return the working day that is so many working days after a day; for 0 the day itself."""
        for _ in range(LONGEST_WAIT):
            if not working_days:
                break
            day += ONE_DAY
            working_days -= self.is_working(day)
        return day

    # ---- periods ----------------------------------------------------------------------------

    def period(self, cadence: str, day: date) -> Period:
        """Return the period of a cadence that holds a day.

        Daily it is the day, weekly its ISO week, `every_two_weeks` counts from a Monday of the
        calendar, and months are those of the organisation's year. Where a calendar that counts
        otherwise begins, the period is cut.
        Raises `ValueError` for `per_project`, which has no periods, and an unknown cadence.
        """
        first, last = period_in(self.on(day), cadence, day)
        for version in self.versions[1:]:
            edge = version.valid_from
            if edge is None or not first < edge <= last:
                continue
            eve = edge - ONE_DAY
            if period_in(self.on(eve), cadence, eve) == period_in(self.on(edge), cadence, edge):
                continue
            first, last = (max(first, edge), last) if edge <= day else (first, min(last, eve))
        return Period(first, last)

    def grace(self, cadence: str, day: date) -> int:
        """Return the working days after a period that ends on a day until its reading is due."""
        return int(getattr(self.on(day).grace, cadence))

    def due(self, cadence: str, period: Period) -> date:
        """Return the last day on which a reading about a period is on time."""
        return self.after(period.last, self.grace(cadence, period.last))

    def first_period(self, cadence: str, start: date) -> Period:
        """Return the first period of something that begins on a day.

        It is the one that holds the day if at least half its working days are left, the day
        itself included, else the next.
        """
        found = self.first_periods.get((cadence, start))
        if found is None:
            found = self.period(cadence, start)
            if 2 * self.working_days(start, found.last) < self.working_days(*found):
                found = self.period(cadence, found.last + ONE_DAY)
            self.first_periods[cadence, start] = found
        return found


WEEKDAYS: Final = tuple(Weekday)


def days_in(first: date, last: date) -> Iterable[date]:
    """Return the days of a span, both ends included."""
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def days_off(calendar: Calendar) -> frozenset[date]:
    """Return the days of all holidays of a calendar."""
    return frozenset(day for each in calendar.holidays for day in days_in(each.starts, each.last))


@cache
def midnight(day: date, zone: str) -> datetime:
    """Return the instant, in UTC, at which a day begins in a time zone."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def period_in(calendar: Calendar, cadence: str, day: date) -> Period:
    """Return the period that holds a day as one calendar counts."""
    if cadence == "daily":
        return Period(day, day)
    if cadence == "weekly":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + WEEK - ONE_DAY)
    if cadence == "every_two_weeks":
        first = day - (day - calendar.two_weeks_from) % (2 * WEEK)
        return Period(first, first + 2 * WEEK - ONE_DAY)
    if cadence not in MONTHS:
        raise ValueError(f"{cadence!r} has no periods: {', '.join(sorted(CADENCES))}")
    months = MONTHS[cadence]
    number = day.year * 12 + day.month - calendar.first_month
    first = month_begins(number - number % months + calendar.first_month - 1)
    return Period(
        first, month_begins(number - number % months + months + calendar.first_month - 1) - ONE_DAY
    )


def month_begins(number: int) -> date:
    """Return the first day of a month by its number: years times twelve, and 0 for January."""
    return date(number // 12, number % 12 + 1, 1)
