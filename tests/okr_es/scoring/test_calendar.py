"""Days of instants through calendars of several zones: what has begun never moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okr_es.domain.calendar import Calendar, Holiday
from okr_es.scoring.calendar import Calendars, Period, Version

DAY = date(2025, 7, 10)
ZONES = ("UTC", "Pacific/Auckland", "America/Los_Angeles", "Pacific/Kiritimati", "Etc/GMT+12")
HOUR = timedelta(hours=1)


def at(day: date, hour: float = 0) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + hour * HOUR


def zones(first: str, *later: tuple[str, date, datetime]) -> Calendars:
    versions = [Version(Calendar(zone), *more) for zone, *more in later_versions(later)]
    return Calendars([Version(Calendar(first)), *versions])


def later_versions(later: tuple[tuple[str, date, datetime], ...]):
    return [(zone, valid_from, n, at_) for n, (zone, valid_from, at_) in enumerate(later, 2)]


# ---- zones ----------------------------------------------------------------------------------


def test_a_day_begins_at_midnight_in_the_zone_of_the_calendar() -> None:
    found = zones("Europe/Stockholm")
    assert found.start_of(DAY) == at(DAY, -2)
    assert found.day_of(at(DAY, -2)) == DAY
    assert found.day_of(at(DAY, -2) - timedelta(microseconds=1)) == DAY - timedelta(1)


def test_another_zone_holds_from_its_day_on() -> None:
    found = zones("UTC", ("America/Los_Angeles", DAY, at(DAY, -48)))
    assert (found.zone_on(DAY - timedelta(1)), found.zone_on(DAY)) == ("UTC", "America/Los_Angeles")
    assert found.start_of(DAY - timedelta(1)) == at(DAY, -24)
    assert found.start_of(DAY) == at(DAY, 7)  # the eve has 31 hours
    assert found.day_of(at(DAY, 6)) == DAY - timedelta(1)
    assert found.local(at(DAY, 8)).strftime("%H:%M %Z") == "01:00 PDT"


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_that_had_begun_when_the_calendar_was_recorded_stays_begun(zone: str) -> None:
    recorded = at(DAY, 15)
    found = zones("UTC", (zone, DAY, recorded))
    for hour in range(-40, 16):
        moment = at(DAY, hour)
        assert found.day_of(moment) == moment.date(), (zone, hour)
    for hour in range(16, 100):
        local = at(DAY, hour).astimezone(ZoneInfo(zone)).date()
        assert found.day_of(at(DAY, hour)) == max(local, DAY), (zone, hour)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, date, datetime]]:
    """Calendars recorded one after the other, each valid from its day of recording or later."""
    hours = sorted(draw(st.lists(st.integers(0, 400), max_size=4)))
    found: list[tuple[str, date, datetime]] = []
    for hour in hours:
        moment = at(DAY, hour)
        today = zones("UTC", *found).day_of(moment)
        wait = timedelta(draw(st.integers(0, 3)))
        found.append((draw(st.sampled_from(ZONES)), today + wait, moment))
    return found


@given(histories(), st.integers(-60, 500))
@example([("Pacific/Auckland", DAY, at(DAY, 15))], 13)
def test_a_later_calendar_never_moves_an_instant_before_it(
    history: list[tuple[str, date, datetime]], hour: int
) -> None:
    moment = at(DAY, hour)
    found = zones("UTC", *history).day_of(moment)
    known = [each for each in history if each[2] <= moment]
    assert zones("UTC", *known).day_of(moment) == found
    assert zones("UTC", *history).start_of(found) <= moment
    assert zones("UTC", *history).start_of(found + timedelta(1)) > moment


@given(histories(), st.integers(-60, 500))
def test_days_never_go_backwards(history: list[tuple[str, date, datetime]], hour: int) -> None:
    found = zones("UTC", *history)
    assert found.day_of(at(DAY, hour)) <= found.day_of(at(DAY, hour + 1))


def test_only_what_is_known_at_a_position_is_known() -> None:
    found = zones("UTC", ("Pacific/Auckland", DAY, at(DAY, -48)), ("UTC", DAY, at(DAY, -24)))
    assert [found.known_at(n).zone_on(DAY) for n in (0, 1, 2, 3, 9)] == [
        "UTC", "UTC", "Pacific/Auckland", "UTC", "UTC",
    ]  # fmt: skip
    assert found.known_at(2) is found.known_at(2)


# ---- working days and periods, through versions ---------------------------------------------


def versions(*calendars: tuple[date | None, Calendar]) -> Calendars:
    return Calendars([Version(calendar, day) for day, calendar in calendars])


def test_each_day_is_judged_by_the_calendar_valid_then() -> None:
    holiday = Holiday(DAY, "Off", DAY + timedelta(1))
    found = versions((None, Calendar("UTC", holidays=(holiday,))), (DAY, Calendar("UTC")))
    assert found.is_working(DAY)
    found = versions((None, Calendar("UTC")), (DAY + timedelta(1), Calendar("UTC", (), (holiday,))))
    assert found.is_working(DAY)
    assert not found.is_working(DAY + timedelta(1))


def test_a_period_is_cut_where_the_calendar_begins_to_count_otherwise() -> None:
    edge = date(2025, 5, 1)
    found = versions((None, Calendar("UTC")), (edge, Calendar("UTC", first_month=3)))
    assert found.period("quarterly", date(2025, 4, 20)) == Period(
        date(2025, 4, 1), date(2025, 4, 30)
    )
    assert found.period("quarterly", edge) == Period(edge, date(2025, 5, 31))
    assert found.period("quarterly", date(2025, 6, 1)) == Period(
        date(2025, 6, 1), date(2025, 8, 31)
    )
    assert found.period("monthly", edge) == Period(edge, date(2025, 5, 31))
    assert found.period("weekly", edge) == Period(date(2025, 4, 28), date(2025, 5, 4))


def test_a_search_for_a_working_day_that_never_comes_ends() -> None:
    never = tuple(
        Holiday(date(year, 1, 1), "Off", date(year, 12, 31)) for year in range(2025, 2040)
    )
    found = versions((None, Calendar("UTC", holidays=never)))
    assert found.after(DAY, 1) > date(2034, 1, 1)


@pytest.mark.parametrize("cadence", ["per_project", "hourly"])
def test_what_has_no_periods_is_refused(cadence: str) -> None:
    with pytest.raises(ValueError, match="has no periods"):
        versions((None, Calendar("UTC"))).period(cadence, DAY)
