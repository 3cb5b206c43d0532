"""The organisation's calendar: its first one is recorded by the application, the others are set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from msgspec import UNSET

from okr_es import commands as c
from okr_es.changes import named
from okr_es.domain.calendar import CALENDAR_ID, Calendar, Holiday, OrganisationCalendar
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import Weekday
from okr_es.handlers.holiday_presets import preset
from okr_es.handlers.registry import handle, saved
from okr_es.handlers.unit_of_work import UnitOfWork

PRESET_YEARS = 10
WEEK = tuple(Weekday)
TAKEN_OVER = ("zone", "first_month", "two_weeks_from")


@handle.register
def _(command: c.SetCalendar, work: UnitOfWork) -> UUID:
    calendar = work.load(OrganisationCalendar, CALENDAR_ID, "calendar")
    valid_from = command.valid_from or work.today
    if later := calendar.pending_after(valid_from):
        work.warn("calendar_replaced", [calendar], count=len(later))
    calendar.revise(
        changed(calendar.valid_on(valid_from), command, valid_from),
        valid_from,
        work.today,
        work.reason,
    )
    return saved(work, calendar)


def changed(before: Calendar, command: c.SetCalendar, valid_from: date) -> Calendar:
    """Return a calendar with what a command says, all else as it was."""
    new = {name: value for name, value in named(command).items() if name in TAKEN_OVER}
    if command.working_days is not UNSET:
        new["working_days"] = tuple(sorted(command.working_days, key=WEEK.index))
    if command.grace is not UNSET:
        new["grace"] = replace(before.grace, **named(command.grace))
    return replace(before, holidays=holidays(before, command, valid_from), **new)


def holidays(before: Calendar, command: c.SetCalendar, valid_from: date) -> tuple[Holiday, ...]:
    """Return the holidays as a command wants them, by their days."""
    found = list(before.holidays if command.holidays is UNSET else command.holidays)
    unknown = set(command.remove_holidays) - {each.starts for each in found}
    if unknown:
        raise Invalid(f"No holiday begins on {min(unknown)}.", field="remove_holidays")
    found = [each for each in found if each.starts not in command.remove_holidays]
    found += without(found, presets(command, valid_from))
    found += without(found, command.add_holidays)
    return tuple(sorted(found, key=lambda each: (each.starts, each.last, each.name)))


def presets(command: c.SetCalendar, valid_from: date) -> tuple[Holiday, ...]:
    """Return the holidays of the place a command names; refuse years where it names none."""
    if command.holidays_of is None:
        for field in ("preset_from", "preset_to"):
            if getattr(command, field) is not None:
                raise Invalid(f"{field} is about holidays_of, which is missing.", field=field)
        return ()
    first = valid_from.year if command.preset_from is None else command.preset_from
    last = first + PRESET_YEARS - 1 if command.preset_to is None else command.preset_to
    return preset(command.holidays_of, first, last)


def without(those: Iterable[Holiday], some: Iterable[Holiday]) -> list[Holiday]:
    """Return holidays but for those whose days are there already."""
    there = {(each.starts, each.last) for each in those}
    return [each for each in some if (each.starts, each.last) not in there]
