"""Calendars that no command of today would record are still read, and set anew."""

from __future__ import annotations

from datetime import date

from okr_es.changes import GraceChanges
from okr_es.commands import SetCalendar
from okr_es.domain.calendar import (
    CALENDAR_ID,
    Calendar,
    Grace,
    OrganisationCalendar,
)
from okr_es.domain.values import Weekday
from tests.support.given import World, fact, given
from tests.support.world import TODAY

LONG_AGO = date(2001, 1, 1)
TUESDAY = date(2025, 7, 8)


class TestCalendars:
    def test_one_in_which_little_is_right_is_set(self, world: World) -> None:
        odd = Calendar("UTC", (), (), 13, TUESDAY, Grace(weekly=-1))
        right = Calendar("UTC", (Weekday.MONDAY,), (), 1, date(2025, 7, 7), Grace(weekly=1))
        given(
            world,
            fact(OrganisationCalendar.Revised, CALENDAR_ID, 2, calendar=odd, valid_from=LONG_AGO),
        ).when(
            SetCalendar(
                working_days=right.working_days,
                first_month=1,
                two_weeks_from=right.two_weeks_from,
                grace=GraceChanges(weekly=1),
            ),
            reason="mended",
        ).then(fact(OrganisationCalendar.Revised, CALENDAR_ID, 3, calendar=right, valid_from=TODAY))
