"""What is due, on time, late, missing and overdue: by hand, and as counted day by day."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_es.domain.calendar import Calendar, Grace, Holiday
from okr_es.domain.values import Weekday
from okr_es.scoring.cadences import (
    Due,
    Pause,
    Read,
    Schedule,
    first_recorded,
    kpi_schedules,
    timeliness,
    with_pauses,
)
from okr_es.scoring.calendar import Calendars, Version
from tests.support import day_by_day
from tests.support.day_by_day import Terms

JULY_1, SEPTEMBER_30 = date(2025, 7, 1), date(2025, 9, 30)
GRACE = {
    "daily": 1, "weekly": 3, "every_two_weeks": 3, "monthly": 5, "quarterly": 10,
    "half_yearly": 10, "yearly": 10,
}  # fmt: skip
CADENCES = (*GRACE, "per_project")


def calendars(*holidays: Holiday, **parts: Any) -> Calendars:
    return Calendars((Version(Calendar("UTC", holidays=holidays, **parts)),))


PLAIN = calendars()


def schedule(cadence: str, starts: date = JULY_1, ends: date = SEPTEMBER_30, **more: Any) -> Any:
    return Schedule(more.pop("by", PLAIN), cadence, starts, ends, **more)


def d(text: str) -> date:
    return date.fromisoformat(f"2025-{text}")


# ---- periods and grace ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cadence", "period", "on_time"),
    [
        ("daily", ("07-04", "07-04"), "07-07"),  # a Friday, read on Monday
        ("weekly", ("07-07", "07-13"), "07-16"),  # Monday, Tuesday, Wednesday
        ("every_two_weeks", ("07-14", "07-27"), "07-30"),
        ("monthly", ("07-01", "07-31"), "08-07"),
        ("quarterly", ("07-01", "09-30"), "10-14"),
        ("half_yearly", ("07-01", "12-31"), "2026-01-14"),
        ("yearly", ("01-01", "12-31"), "2026-01-14"),
    ],
)
def test_a_reading_is_due_by_the_end_of_its_period_and_grace_in_working_days(
    cadence: str, period: tuple[str, str], on_time: str
) -> None:
    first, last = map(d, period)
    by = date.fromisoformat(on_time) if on_time.startswith("20") else d(on_time)
    due = Due(first, last, by)
    found = schedule(cadence, max(first, date(2025, 1, 1)), date(2026, 12, 31))
    assert due not in list(found.due_by(by))
    assert due in list(found.due_by(by + timedelta(1)))


def test_holidays_and_days_off_lengthen_the_grace() -> None:
    by = calendars(Holiday(d("07-14"), "Fête nationale"), Holiday(d("07-15"), "x", d("07-16")))
    assert list(schedule("weekly", d("07-07"), by=by).due_by(d("07-22"))) == [
        Due(d("07-07"), d("07-13"), d("07-21"))
    ]


def test_the_grace_is_that_of_the_calendar() -> None:
    by = calendars(grace=Grace(weekly=0, daily=2))
    for cadence, due_by in (("weekly", d("07-06")), ("daily", d("07-03"))):
        first = [due.by for due in schedule(cadence, by=by).due_by(d("07-08"))][:1]
        assert first == [due_by]


def test_daily_is_each_working_day_and_a_week_of_holidays_is_not_due() -> None:
    daily = [due.first for due in schedule("daily", d("07-03")).due_by(d("07-12"))]
    assert daily == [d("07-03"), d("07-04"), d("07-07"), d("07-08"), d("07-09"), d("07-10")]
    by = calendars(Holiday(d("07-07"), "Works closed", d("07-18")))
    weeks = [due.first for due in schedule("weekly", by=by).due_by(d("08-01"))]
    assert weeks == [d("06-30"), d("07-21")]


def test_per_project_has_no_periods() -> None:
    found = schedule("per_project", settled=SEPTEMBER_30)
    assert list(found.due_by(date.max)) == []
    assert found.last_due(date.max) is None
    assert not found.is_overdue(date.max, None)


@pytest.mark.parametrize(("monday", "first"), [("2024-01-01", "06-30"), ("2024-01-08", "07-07")])
def test_two_weeks_count_from_a_monday_of_the_calendar(monday: str, first: str) -> None:
    by = calendars(two_weeks_from=date.fromisoformat(monday))
    assert next(schedule("every_two_weeks", d("07-01"), by=by).due_by(d("12-31"))).first == d(first)


def test_quarters_and_years_are_those_of_the_organisation() -> None:
    by = calendars(first_month=5)
    assert by.period("quarterly", d("09-30")) == (d("08-01"), d("10-31"))
    assert by.period("half_yearly", d("04-30")) == (date(2024, 11, 1), d("04-30"))
    assert by.period("yearly", d("04-30")) == (date(2024, 5, 1), d("04-30"))


# ---- the first period -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "first"),
    [("07-07", "07-07"), ("07-09", "07-07"), ("07-10", "07-14"), ("07-12", "07-14")],
)
def test_the_first_period_is_due_if_half_its_working_days_are_left(start: str, first: str) -> None:
    assert next(schedule("weekly", d(start)).due_by(d("09-01"))).first == d(first)


def test_what_is_defined_today_is_not_overdue_today() -> None:
    for cadence in CADENCES:
        for number in range(40):
            today = JULY_1 + timedelta(number)
            assert not schedule(cadence, today).is_overdue(today, None), (cadence, today)


def test_working_days_decide_what_half_a_week_is() -> None:
    shops = calendars(working_days=tuple(Weekday))
    assert next(schedule("weekly", d("07-10"), by=shops).due_by(d("09-01"))).first == d("07-07")
    assert next(schedule("weekly", d("07-11"), by=shops).due_by(d("09-01"))).first == d("07-14")


# ---- the last period ------------------------------------------------------------------------


def test_the_last_period_of_a_cycle_is_cut_and_due_by_grading_or_closing() -> None:
    running = schedule("weekly")
    assert [due.last for due in running.due_by(date(2026, 1, 1))][-1] == d("09-28")
    closed = schedule("weekly", settled=d("10-20"))
    *_, last = closed.due_by(d("10-20"))
    assert last == Due(d("09-29"), d("09-30"), d("10-20"))
    assert last not in list(closed.due_by(d("10-19")))


@pytest.mark.parametrize("cadence", ["monthly", "quarterly", "half_yearly", "yearly"])
@pytest.mark.parametrize("start", ["07-01", "09-01", "09-29"])
def test_it_is_due_in_any_case_however_late_a_goal_begins(cadence: str, start: str) -> None:
    found = list(schedule(cadence, d(start), settled=d("10-20")).due_by(d("10-20")))
    assert [due[1:] for due in found][-1:] == [(SEPTEMBER_30, d("10-20"))]


def test_its_missing_reading_is_missing_and_not_overdue() -> None:
    closed = schedule("quarterly", settled=d("10-20"))
    assert not closed.is_overdue(d("10-20"), None)
    assert not closed.is_overdue(d("12-31"), None)
    assert [timeliness(due, {}) for due in closed.due_by(d("12-31"))] == ["missing"]


def test_a_cycle_that_ends_on_a_sunday_has_its_last_daily_reading_on_friday() -> None:
    *_, last = schedule("daily", d("07-01"), d("09-28"), settled=d("10-01")).due_by(d("10-01"))
    assert last == Due(d("09-26"), d("09-26"), d("10-01"))


def test_nothing_is_due_of_what_begins_after_the_end() -> None:
    assert list(schedule("weekly", d("10-01"), settled=d("10-20")).due_by(d("12-31"))) == []


# ---- overdue, late, missing -----------------------------------------------------------------


def test_overdue_is_a_last_due_period_without_a_reading_nor_a_later_one() -> None:
    found = schedule("weekly")
    assert not found.is_overdue(d("07-16"), d("06-30"))
    assert found.is_overdue(d("07-17"), d("07-06"))
    assert not found.is_overdue(d("07-17"), d("07-07"))
    assert not found.is_overdue(d("07-17"), d("07-17"))
    assert found.is_overdue(d("07-17"), None)


def test_a_missed_period_does_not_stay_overdue_but_is_counted() -> None:
    found, recorded = schedule("weekly"), first_recorded([Read(d("07-14"), d("07-14"))])
    assert not found.is_overdue(d("07-18"), d("07-14"))
    kinds = [timeliness(due, recorded) for due in found.due_by(d("07-24"))]
    assert kinds == ["missing", "missing", "on_time"]


def test_a_reading_about_a_period_is_late_after_its_deadline_whatever_came_before_or_later() -> (
    None
):
    week = Due(d("07-07"), d("07-13"), d("07-16"))
    assert timeliness(week, first_recorded([Read(d("07-16"), d("07-07"))])) == "on_time"
    assert timeliness(week, first_recorded([Read(d("07-17"), d("07-13"))])) == "late"
    both = [Read(d("07-20"), d("07-11")), Read(d("07-10"), d("07-10"))]
    assert timeliness(week, first_recorded(both)) == "on_time"
    assert timeliness(week, first_recorded([Read(d("07-10"), d("07-06"))])) == "missing"


@pytest.mark.parametrize("weeks", [range(13), range(1, 5)], ids=["of a quarter", "of a month"])
def test_what_is_read_on_monday_about_friday_is_on_time(weeks: range) -> None:
    readings = [Read(d("07-07") + timedelta(7 * n), d("07-04") + timedelta(7 * n)) for n in weeks]
    found = schedule("weekly")
    for due in found.due_by(d("07-04") + timedelta(7 * weeks[-1])):
        if due.first >= d("06-30") + timedelta(7 * weeks[0]):
            assert timeliness(due, first_recorded(readings)) == "on_time"


def test_nothing_is_due_from_the_day_on_that_something_stopped() -> None:
    found = schedule("weekly", stopped=d("07-16"), settled=d("10-20"))
    assert [due.first for due in found.due_by(date.max)] == [d("06-30")]
    assert not found.is_overdue(d("07-16"), None)


def test_nothing_is_due_after_grading() -> None:
    found = schedule("weekly", settled=d("07-16"))
    assert [due.first for due in found.due_by(date.max)] == [d("06-30")]


def test_a_reading_has_no_deadline_before_the_first_period_nor_about_the_last_of_a_cycle() -> None:
    found = schedule("weekly", d("07-10"))
    about = {each: found.deadline_about(d(each)) for each in ("07-13", "07-14", "09-28", "09-30")}
    assert about == {"07-13": None, "07-14": d("07-23"), "09-28": d("10-01"), "09-30": None}


# ---- KPIs -----------------------------------------------------------------------------------


def test_the_periods_of_a_kpi_run_on_over_adjoining_spans() -> None:
    spans = [(d("07-01"), d("08-13")), (d("08-14"), d("09-30"))]
    found = kpi_schedules(PLAIN, "weekly", d("07-01"), spans)
    assert [due[:2] for due in found.due_by(d("09-01"))] == [
        (d("06-30") + timedelta(7 * n), d("07-06") + timedelta(7 * n)) for n in range(8)
    ]


def test_its_last_period_is_cut_at_the_end_of_the_last_span_with_its_usual_grace() -> None:
    found = kpi_schedules(PLAIN, "weekly", d("07-01"), [(d("07-01"), d("07-30"))])
    *_, last = found.due_by(date.max)
    assert last == Due(d("07-28"), d("07-30"), d("08-04"))
    assert not found.is_overdue(d("08-04"), d("07-27"))
    assert found.is_overdue(d("08-05"), d("07-27"))


def test_in_a_gap_between_spans_nothing_is_due() -> None:
    spans = [(d("09-01"), d("09-30")), (d("07-01"), d("07-20"))]
    found = kpi_schedules(PLAIN, "weekly", d("07-01"), spans)
    firsts = [due.first for due in found.due_by(d("09-20"))]
    assert firsts == [d("06-30"), d("07-07"), d("07-14"), d("09-01"), d("09-08")]
    assert not found.is_overdue(d("08-20"), d("07-14"))


def test_a_kpi_with_spans_of_the_past_is_due_from_its_definition_on() -> None:
    found = kpi_schedules(PLAIN, "weekly", d("07-03"), [(d("01-01"), d("12-31"))])
    assert [due.first for due in found.due_by(d("07-18"))] == [d("07-07")]
    past = kpi_schedules(PLAIN, "monthly", d("07-03"), [(date(2011, 1, 1), date(2020, 12, 31))])
    assert list(past.due_by(date.max)) == []
    assert not past.is_overdue(d("12-31"), None)


# ---- as counted day by day ------------------------------------------------------------------


days = st.dates(date(2024, 6, 1), date(2026, 6, 1))
numbers = st.integers(0, 400).map(timedelta)


@st.composite
def calendars_and_terms(draw: st.DrawFn) -> tuple[Calendars, Terms]:
    working = draw(st.sets(st.sampled_from(list(Weekday)), min_size=1))
    holidays = draw(
        st.lists(st.tuples(days, st.integers(0, 20)), max_size=8, unique_by=lambda x: x[0])
    )
    month, monday = (
        draw(st.integers(1, 12)),
        date(2024, 1, 1) + timedelta(7 * draw(st.integers(0, 9))),
    )
    grace = {name: draw(st.integers(0, 6)) for name in GRACE}
    calendar = Calendar(
        "UTC",
        tuple(working),
        tuple(Holiday(first, "x", first + timedelta(n)) for first, n in holidays),
        month,
        monday,
        Grace(**grace),
    )
    off = {first + timedelta(k) for first, n in holidays for k in range(n + 1)}
    terms = Terms(
        frozenset(map(str, working)), frozenset(off), month, monday, frozenset(grace.items())
    )
    return Calendars((Version(calendar),)), terms


maybe = st.one_of(st.none(), days)
readings = st.lists(st.tuples(days, days), max_size=12)


@given(
    calendars_and_terms(),
    st.sampled_from(CADENCES),
    days,
    numbers,
    days,
    maybe,
    maybe,
    st.booleans(),
)
def test_what_is_due_is_what_counting_day_by_day_finds(
    both: tuple[Calendars, Terms],
    cadence: str,
    start: date,
    length: timedelta,
    day: date,
    settled: date | None,
    stopped: date | None,
    is_kpi: bool,
) -> None:
    by, terms = both
    end = start + length
    settled = None if is_kpi else settled
    found = Schedule(by, cadence, start, end, settled, stopped, has_usual_grace=is_kpi)
    wanted = day_by_day.due_of(terms, cadence, start, end, day, settled, stopped, is_kpi=is_kpi)
    assert [tuple(each) for each in found.due_by(day)] == wanted
    assert found.last_due(day) == (Due(*wanted[-1]) if wanted else None)


@given(
    calendars_and_terms(), st.sampled_from(CADENCES), days, numbers, days, maybe,
    st.lists(days, max_size=6, unique=True),
)  # fmt: skip
def test_with_pauses_it_is_due_on_the_other_days_as_counted_day_by_day(
    both: tuple[Calendars, Terms],
    cadence: str,
    start: date,
    length: timedelta,
    day: date,
    stopped: date | None,
    turns: list[date],
) -> None:
    by, terms = both
    start = min(start, day)  # it was settled after it had begun
    ends = start + length
    turns = sorted(turns)
    pauses = [Pause(*each) for each in zip(turns[::2], [*turns[1::2], None], strict=False)]
    schedule = Schedule(by, cadence, start, ends, day, stopped)
    wanted = day_by_day.due_while_not_done(
        terms, cadence, start, ends, day, partial(is_in, pauses), day, stopped
    )
    found = with_pauses(schedule, pauses)
    assert [tuple(each) for each in found.due_by(day)] == wanted


def is_in(pauses: list[Pause], day: date) -> bool:
    return any(first <= day and (until is None or day < until) for first, until in pauses)


@given(calendars_and_terms(), st.sampled_from(CADENCES), days, numbers, days, readings)
def test_readings_are_on_time_late_missing_and_overdue_as_counted_day_by_day(
    both: tuple[Calendars, Terms],
    cadence: str,
    start: date,
    length: timedelta,
    day: date,
    read: list[tuple[date, date]],
) -> None:
    by, terms = both
    end = start + length
    found = Schedule(by, cadence, start, end)
    wanted = day_by_day.due_of(terms, cadence, start, end, day)
    recorded = first_recorded(Read(*each) for each in read)
    assert [timeliness(due, recorded) for due in found.due_by(day)] == [
        day_by_day.timeliness_of(due, read) for due in wanted
    ]
    about = [each for _, each in read if each <= day]
    assert found.is_overdue(day, max(about, default=None)) == day_by_day.is_overdue(wanted, about)
