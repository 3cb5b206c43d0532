"""The calendar of the organisation: recorded with the first command, set from a day on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from okr_es.application import Okr
from okr_es.changes import GraceChanges
from okr_es.commands import FormTeam, RegisterPerson, SetCalendar
from okr_es.context import Context
from okr_es.domain.calendar import (
    CALENDAR_ID,
    Calendar,
    Grace,
    Holiday,
    OrganisationCalendar,
)
from okr_es.domain.person import Person
from okr_es.domain.refusals import (
    Invalid,
    PersonIsUnknown,
    ReasonIsMissing,
    ZoneContradicts,
)
from okr_es.domain.values import Weekday
from okr_es.log.schema import events
from tests.support.given import Clock, World, fact, given, refused
from tests.support.world import ANN, COMPANY, TODAY

WHY = {"reason": "we moved"}
UTC_CALENDAR = Calendar("UTC")
TOMORROW, LATER = TODAY + timedelta(1), TODAY + timedelta(9)
MONDAYS = (Weekday.MONDAY,)
EVE = Holiday(date(2025, 12, 24), "Christmas Eve")
SUMMER = Holiday(date(2025, 7, 21), "Summer", date(2025, 8, 3))


def revised(valid_from: date, version: int = 2, **changes: Any) -> OrganisationCalendar.Revised:
    calendar = replace(UTC_CALENDAR, **changes)
    return fact(
        OrganisationCalendar.Revised, CALENDAR_ID, version, calendar=calendar, valid_from=valid_from
    )


# ---- the first one --------------------------------------------------------------------------


@pytest.fixture
def empty(database_url: str) -> Iterator[World]:
    """An empty log on each engine in turn, to which a time zone is proposed."""
    clock = Clock(TODAY)
    world = World(Okr(database_url, clock=clock, timezone="Europe/Stockholm"), clock, ANN)
    yield world
    world.okr.close()


def url_of(world: World) -> str:
    return world.okr.database.url.render_as_string(hide_password=False)


def test_it_is_recorded_with_the_first_command_in_no_ones_name(empty: World) -> None:
    assert empty.facts() == []
    receipt = empty.execute(RegisterPerson("Ann", id=ANN))
    first, second = empty.facts()
    assert first == fact(
        OrganisationCalendar.Adopted, CALENDAR_ID, calendar=Calendar("Europe/Stockholm")
    )
    assert second.originator_id == ANN
    assert (receipt.first_position, receipt.last_position) == (2, 2)
    with empty.okr.database.reader.connect() as connection:
        row = connection.execute(select(events).where(events.c.position == 1)).one()
    assert (row.by, row.on_behalf_of, row.origin) == (None, None, "job")
    empty.execute(FormTeam("Company", id=COMPANY))
    assert len(empty.facts()) == 3


def test_a_refused_command_records_none(empty: World) -> None:
    with refused(PersonIsUnknown, field="by"):
        empty.execute(FormTeam("Company"))
    with refused(PersonIsUnknown, field="by"):
        empty.execute(SetCalendar(zone="UTC"), **WHY)
    assert empty.facts() == []


def test_a_log_with_nothing_but_a_calendar_has_not_begun(empty: World) -> None:
    assert not empty.okr.has_begun()
    empty.okr.adopt_calendar(Context(ANN))  # and the process ends before the command is recorded
    with closing(Okr(url_of(empty), clock=empty.clock)) as again:
        assert (again.log.head(), again.has_begun()) == (1, False)
        again.execute(RegisterPerson("Ann", id=ANN), Context(ANN))
        assert (again.log.head(), again.has_begun()) == (2, True)


def test_of_a_seeded_log_it_has_the_time_of_the_seed(empty: World) -> None:
    then = datetime(2024, 1, 1, 23, 30, tzinfo=UTC)
    empty.execute(RegisterPerson("Ann", id=ANN), origin="seed", seed_time=then)
    with empty.okr.database.reader.connect() as connection:
        rows = connection.execute(select(events).order_by(events.c.position)).all()
    assert {row.recorded_at for row in rows} == {"2024-01-01T23:30:00.000000Z"}
    assert {row.origin for row in rows} == {"seed"}
    assert all(str(row.written_at) > "2024-01-02" for row in rows)


def test_of_two_processes_that_begin_a_log_one_records_it(empty: World) -> None:
    with closing(Okr(url_of(empty), clock=empty.clock, timezone="Europe/Stockholm")) as other:
        empty.execute(RegisterPerson("Ann", id=ANN))
        other.execute(FormTeam("Company"), Context(ANN))
    kinds = [type(each).__qualname__ for each in empty.facts()]
    assert kinds.count("OrganisationCalendar.Adopted") == 1


def test_a_process_that_proposed_another_zone_takes_that_of_the_log(empty: World) -> None:
    with closing(Okr(url_of(empty), clock=empty.clock, timezone="Pacific/Auckland")) as other:
        assert other.today() == TOMORROW
        empty.execute(RegisterPerson("Ann", id=ANN))
        other.execute(FormTeam("Company"), Context(ANN))
        assert other.today() == TODAY


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_setting_that_contradicts_is_refused_at_the_start(zone: str, empty: World) -> None:
    empty.execute(RegisterPerson("Ann", id=ANN))
    with refused(ZoneContradicts) as found:
        Okr(url_of(empty), timezone=zone)
    assert zone in found[0].message
    assert "Europe/Stockholm" in found[0].message
    for same in ("Europe/Stockholm", None):
        with closing(Okr(url_of(empty), timezone=same)) as again:
            assert again.calendars.current.zone_on(TODAY) == "Europe/Stockholm"


@pytest.mark.parametrize("zone", ["Mars/Base", "", "europe", "/etc/passwd", "localtime"])
def test_a_proposed_zone_that_is_none_is_refused(zone: str, sqlite_url: str) -> None:
    with refused(Invalid, field="zone"):
        Okr(sqlite_url, timezone=zone)


def test_a_log_of_an_earlier_version_gets_one_with_its_next_command(empty: World) -> None:
    empty.okr.directory.add_person(ANN, "Ann", None)
    empty.record(fact(Person.Registered, ANN))
    empty.execute(FormTeam("Company", id=COMPANY))
    kinds = [type(each).__qualname__ for each in empty.facts()]
    assert kinds == ["Person.Registered", "OrganisationCalendar.Adopted", "Team.Formed"]
    assert empty.okr.calendars.current.zone_on(date(2001, 1, 1)) == "Europe/Stockholm"


def test_also_where_that_sets_the_calendar(empty: World) -> None:
    empty.okr.directory.add_person(ANN, "Ann", None)
    empty.record(fact(Person.Registered, ANN))
    empty.execute(SetCalendar(zone="UTC"), **WHY)
    kinds = [type(each).__qualname__ for each in empty.facts()]
    assert kinds[1:] == ["OrganisationCalendar.Adopted", "OrganisationCalendar.Revised"]


# ---- setting it -----------------------------------------------------------------------------


class TestSetCalendar:
    def test_from_today_on_unless_another_day_is_said(self, world: World) -> None:
        given(world).when(SetCalendar(first_month=9), **WHY).then(revised(TODAY, first_month=9))
        given(world).when(SetCalendar(LATER, first_month=5), **WHY).then(
            revised(LATER, 3, first_month=5)
        )

    @pytest.mark.parametrize(
        "changes",
        [
            {"zone": "Europe/Stockholm"},
            {"working_days": MONDAYS},
            {"first_month": 5},
            {"two_weeks_from": date(2025, 7, 7)},
            {"holidays": (EVE,)},
        ],
    )
    def test_what_is_left_out_stays(self, changes: dict[str, Any], world: World) -> None:
        given(world, SetCalendar(working_days=(Weekday.SUNDAY,), first_month=2)).when(
            SetCalendar(**changes), **WHY
        ).then(
            revised(TODAY, 3, **{"working_days": (Weekday.SUNDAY,), "first_month": 2, **changes})
        )

    def test_a_grace_of_one_cadence_leaves_the_others(self, world: World) -> None:
        given(world, SetCalendar(grace=GraceChanges(weekly=2))).when(
            SetCalendar(grace=GraceChanges(daily=0)), **WHY
        ).then(revised(TODAY, 3, grace=Grace(daily=0, weekly=2)))

    def test_holidays_are_added_replaced_and_taken_away(self, world: World) -> None:
        given(world).when(SetCalendar(add_holidays=(EVE, SUMMER)), **WHY).then(
            revised(TODAY, holidays=(SUMMER, EVE))
        )
        given(world).when(SetCalendar(remove_holidays=(SUMMER.starts,)), **WHY).then(
            revised(TODAY, 3, holidays=(EVE,))
        )
        given(world).when(SetCalendar(holidays=()), **WHY).then(revised(TODAY, 4))

    def test_working_days_are_kept_in_the_order_of_the_week(self, world: World) -> None:
        given(world).when(SetCalendar(working_days=(Weekday.SUNDAY, Weekday.MONDAY)), **WHY).then(
            revised(TODAY, working_days=(Weekday.MONDAY, Weekday.SUNDAY))
        )

    def test_the_same_again_is_no_news(self, world: World) -> None:
        given(world).when(SetCalendar(), **WHY).then_nothing()
        given(world, SetCalendar(first_month=3)).when(
            SetCalendar(first_month=3), **WHY
        ).then_nothing()

    def test_it_replaces_what_was_to_come_and_says_so(self, world: World) -> None:
        given(world, SetCalendar(LATER, first_month=5)).when(
            SetCalendar(TOMORROW, first_month=3), **WHY
        ).then(revised(TOMORROW, 3, first_month=3), warnings=("calendar_replaced",))
        assert world.okr.calendars.current.on(LATER).first_month == 3
        given(world, SetCalendar(LATER, first_month=5)).when(SetCalendar(TOMORROW), **WHY).then(
            revised(TOMORROW, 5, first_month=3), warnings=("calendar_replaced",)
        )

    def test_it_builds_on_what_is_valid_on_its_day(self, world: World) -> None:
        given(world, SetCalendar(TOMORROW, first_month=5)).when(
            SetCalendar(LATER, zone="Asia/Tokyo"), **WHY
        ).then(revised(LATER, 3, first_month=5, zone="Asia/Tokyo"))

    def test_never_from_a_day_in_the_past(self, world: World) -> None:
        given(world).when(SetCalendar(TODAY - timedelta(1), first_month=2), **WHY).then_refused(
            Invalid, field="valid_from"
        )

    @pytest.mark.parametrize("reason", [None, "", "  "])
    def test_it_needs_a_reason(self, reason: str | None, world: World) -> None:
        given(world).when(SetCalendar(zone="Asia/Tokyo"), reason=reason).then_refused(
            ReasonIsMissing, field="reason"
        )

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"zone": "Mars/Base"}, "zone"),
            ({"working_days": ()}, "working_days"),
            ({"working_days": MONDAYS * 2}, "working_days"),
            ({"first_month": 0}, "first_month"),
            ({"first_month": 13}, "first_month"),
            ({"two_weeks_from": date(2025, 7, 8)}, "two_weeks_from"),
            ({"two_weeks_from": date(1, 1, 1)}, "two_weeks_from"),
            ({"grace": GraceChanges(weekly=-1)}, "grace"),
            ({"grace": GraceChanges(yearly=61)}, "grace"),
            ({"holidays": (replace(SUMMER, ends=date(2025, 7, 20)),)}, "holidays"),
            ({"holidays": (replace(SUMMER, ends=date(2026, 8, 20)),)}, "holidays"),
            ({"holidays": (replace(EVE, name=" "),)}, "holidays"),
            ({"holidays": (EVE, replace(EVE, name="Eve"))}, "holidays"),
            ({"remove_holidays": (EVE.starts,)}, "remove_holidays"),
            ({"holidays_of": "Sweden"}, "holidays_of"),
            ({"holidays_of": "XX"}, "holidays_of"),
            ({"holidays_of": "DE-XX"}, "holidays_of"),
            ({"holidays_of": "SE", "preset_from": 1800}, "preset_from"),
            ({"holidays_of": "SE", "preset_from": 0}, "preset_from"),
            ({"preset_from": 2026}, "preset_from"),
            ({"preset_to": 2026}, "preset_to"),
            ({"holidays_of": "SE", "preset_from": 2026, "preset_to": 2025}, "preset_to"),
            ({"holidays_of": "SE", "preset_from": 2026, "preset_to": 2076}, "preset_to"),
        ],
    )
    def test_what_cannot_be_used_is_refused(
        self, parts: dict[str, Any], field: str, world: World
    ) -> None:
        given(world).when(SetCalendar(**parts), **WHY).then_refused(Invalid, field=field)


def test_the_holidays_of_sweden_have_its_eves(world: World) -> None:
    world.execute(SetCalendar(holidays_of="SE", preset_to=2026), **WHY)
    found = world.okr.calendars.current.on(TODAY).holidays
    names = {each.starts: each.name for each in found}
    assert [names[date(2026, *day)] for day in ((6, 19), (12, 24), (12, 31))] == [
        "Midsommarafton", "Julafton", "Nyårsafton",
    ]  # fmt: skip
    assert names[date(2025, 6, 20)] == "Midsommarafton"
    assert date(2026, 7, 6) not in names
    assert not any(each.weekday() == 6 and "Söndag" in name for each, name in names.items())


def test_those_of_a_part_of_a_country_and_of_ten_years_unless_said_otherwise(world: World) -> None:
    world.execute(SetCalendar(holidays_of="DE-BY"), **WHY)
    found = world.okr.calendars.current.on(TODAY).holidays
    assert {each.starts.year for each in found} == set(range(2025, 2035))
    assert Holiday(date(2025, 11, 1), "Allerheiligen") in found


def test_days_that_are_there_already_are_not_added_twice(world: World) -> None:
    world.execute(SetCalendar(holidays_of="SE", add_holidays=(EVE, EVE)), **WHY)
    world.execute(SetCalendar(holidays_of="SE", add_holidays=(EVE,)), **WHY)
    found = world.okr.calendars.current.on(TODAY).holidays
    assert len({each.starts for each in found}) == len(found)


def test_another_process_knows_of_it_with_its_next_command(world: World) -> None:
    with closing(Okr(url_of(world), clock=world.clock)) as other:
        other.execute(FormTeam("Web"), Context(ANN))
        world.execute(SetCalendar(TODAY, zone="Pacific/Auckland"), **WHY)
        assert other.today() == TODAY
        world.clock.now += timedelta(minutes=1)
        other.execute(FormTeam("App"), Context(ANN))
        assert other.today() == TOMORROW
