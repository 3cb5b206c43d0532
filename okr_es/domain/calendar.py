"""The calendar of the organisation: what days, working days and periods are, from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from uuid import UUID
from zoneinfo import available_timezones

from okr_es.domain import values
from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import Weekday, needs_reason

CALENDAR_ID = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c07")

LONGEST_HOLIDAY = 366
MOST_HOLIDAYS = 5_000
MOST_GRACE = 60
MONTHS = 12
OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})  # no zones of their own
MONDAY = date(2024, 1, 1)  # the Monday two-week periods count from, unless someone says otherwise
WORKWEEK = tuple(Weekday)[:5]


@dataclass(frozen=True)
class Holiday:
    """Days on which nobody works: from the first to the last, both included; or one day."""

    starts: date
    name: str
    ends: date | None = None

    @property
    def last(self) -> date:
        """Its last day."""
        return self.starts if self.ends is None else self.ends


@dataclass(frozen=True)
class Grace:
    """The working days after a period until its reading is due, by cadence."""

    daily: int = 1
    weekly: int = 3
    every_two_weeks: int = 3
    monthly: int = 5
    quarterly: int = 10
    half_yearly: int = 10
    yearly: int = 10


@dataclass(frozen=True)
class Calendar:
    """Time zone, working days, holidays, first month of the year, two-week periods, grace.

    `first_month` is that of the year, 1 to 12; `two_weeks_from` a Monday that begins a two-week
    period.
    """

    zone: str
    working_days: tuple[Weekday, ...] = WORKWEEK
    holidays: tuple[Holiday, ...] = ()
    first_month: int = 1
    two_weeks_from: date = MONDAY
    grace: Grace = Grace()


@dataclass(frozen=True)
class CalendarFrom:
    """A calendar and the first day it is valid on; None: it is the first, valid on all days."""

    calendar: Calendar
    valid_from: date | None = None


class OrganisationCalendar(Aggregate):
    """One calendar for the organisation, valid from a day on; its versions are its events."""

    TOPIC = "calendar"
    STATE = {"versions": tuple[CalendarFrom, ...]}

    class Adopted(Beginning):
        """The log got its first calendar, with its first command and in no one's name."""

        TOPIC = "calendar.adopted"
        calendar: Calendar

    class Revised(Change):
        """Someone set the calendar from a day on, with a reason. Not raised for the same one."""

        TOPIC = "calendar.revised"
        calendar: Calendar
        valid_from: date

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.versions: tuple[CalendarFrom, ...] = (CalendarFrom(calendar),)

    @classmethod
    def adopt(cls, calendar: Calendar) -> OrganisationCalendar:
        """Adopt the first calendar of a log; it holds for all days before, too."""
        return cls._create(cls.Adopted, id=CALENDAR_ID, calendar=checked(calendar))

    def valid_on(self, day: date) -> Calendar:
        """Return the calendar that is valid on a day."""
        return next(
            each.calendar
            for each in reversed(self.versions)
            if each.valid_from is None or each.valid_from <= day
        )

    def pending_after(self, day: date) -> list[date]:
        """Return the days after a day from which other calendars are to be valid."""
        begins = (each.valid_from for each in self.versions)
        return [each for each in begins if each is not None and each > day]

    def revise(self, calendar: Calendar, valid_from: date, today: date, reason: str | None) -> None:
        """Set the calendar from a day on, today or later; it replaces what was to come."""
        needs_reason(reason, "set the calendar")
        if values.day(valid_from, "valid_from") < today:
            raise Invalid(
                f"A calendar is valid from today ({today}) on, or from a later day.",
                field="valid_from",
            )
        if checked(calendar) != self.valid_on(valid_from) or self.pending_after(valid_from):
            self._revised(calendar, valid_from)

    @event(Revised)
    def _revised(self, calendar: Calendar, valid_from: date) -> None:
        self.calendar = calendar
        before = (each for each in self.versions if (each.valid_from or date.min) < valid_from)
        self.versions = (*before, CalendarFrom(calendar, valid_from))


def checked(calendar: Calendar) -> Calendar:
    """Return a calendar in which everything can be used; raise Invalid with the field at fault."""
    require_zone(calendar.zone)
    if not calendar.working_days or set(calendar.working_days) - set(Weekday):
        raise Invalid("A week has a working day, at least.", field="working_days")
    if len(set(calendar.working_days)) < len(calendar.working_days):
        raise Invalid("A working day is named twice.", field="working_days")
    if not 1 <= calendar.first_month <= MONTHS:
        raise Invalid("The first month of the year is one of 1 to 12.", field="first_month")
    if values.day(calendar.two_weeks_from, "two_weeks_from").weekday():
        raise Invalid(f"{calendar.two_weeks_from} is no Monday.", field="two_weeks_from")
    require_grace(calendar.grace)
    require_holidays(calendar.holidays)
    return calendar


def require_zone(zone: str) -> None:
    """Refuse a name that is not in the time zone database."""
    if zone not in zone_names():
        raise Invalid(f"{zone} is no time zone: write Europe/Stockholm, say.", field="zone")


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all time zones; to look for them takes long, so they are cached."""
    return frozenset(available_timezones()) - OF_THE_MACHINE


def require_grace(grace: Grace) -> None:
    """Refuse a grace of less than no working day, or of many months."""
    if any(not 0 <= days <= MOST_GRACE for days in vars(grace).values()):
        raise Invalid(f"A grace is 0 to {MOST_GRACE} working days.", field="grace")


def require_holidays(holidays: tuple[Holiday, ...]) -> None:
    """Refuse too many holidays, one without an end or a name, and one that is there twice."""
    if len(holidays) > MOST_HOLIDAYS:
        raise Invalid(f"There are more than {MOST_HOLIDAYS} holidays.", field="holidays")
    for each in holidays:
        values.name(each.name, "holidays")
        starts, last = values.day(each.starts, "holidays"), values.day(each.last, "holidays")
        if not 0 <= (last - starts).days < LONGEST_HOLIDAY:
            raise Invalid(
                f"{each.name} ends before it starts, or lasts longer than a year.", field="holidays"
            )
    if any(one == other for one, other in pairwise(sorted(map(span_of, holidays)))):
        raise Invalid("Two holidays have the same days.", field="holidays")


def span_of(holiday: Holiday) -> tuple[date, date]:
    """Return the first and the last day of a holiday."""
    return holiday.starts, holiday.last
