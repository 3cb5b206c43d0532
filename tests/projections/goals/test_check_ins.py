"""A week's check-ins: what is to be read in it, with last values, and what is recorded already."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import Invalid, NotFound
from okr_es.domain.values import Cadence
from tests.support.story import ANN, BEN, COMPANY, NOW, SALES, Story, day, steps

# Day 50 is a Wednesday: the week of the days 48 to 54.
MONDAY, SUNDAY = day(48), day(54)


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def to_read(story: Story, week: str | None = None, **whose: Any) -> dict[str, dict[str, Any]]:
    """What is to be read, by its title or name."""
    found = story.queries.check_ins(week, **whose)
    return {each["title"]: each for each in found["key_results"]} | {
        each["name"]: each for each in found["kpis"]
    }


def test_the_week_of_today_is_meant_where_none_is_named(story: Story) -> None:
    found = story.queries.check_ins()
    assert (found["week"], found["first"], found["last"]) == (week_of(MONDAY), MONDAY, SUNDAY)
    assert found == story.queries.check_ins(week_of(MONDAY))


def test_a_weekly_key_result_is_due_each_week_with_its_last_value(story: Story) -> None:
    number = story.key_result(story.objective())
    story.on(day(43))
    story.checks_in(number, "30")
    story.on(day(50))
    (each,) = story.queries.check_ins()["key_results"]
    assert (each["reading"]["value"], each["target"], each["recorded"]) == ("30", "100", False)
    assert (each["due"]["first"], each["due"]["last"]) == (MONDAY, SUNDAY)
    assert each["due"]["by"] == day(57)  # three working days later: Wednesday
    assert (each["person"]["id"], each["team"]["id"]) == (str(ANN), str(COMPANY))
    story.checks_in(number, "40")
    (each,) = story.queries.check_ins()["key_results"]
    assert (each["reading"]["value"], each["recorded"]) == ("40", True)


def test_a_monthly_one_is_due_in_the_week_in_which_its_month_ends(story: Story) -> None:
    story.key_result(story.objective(), title="monthly", cadence=Cadence.MONTHLY)
    story.on(day(12))
    found = {n: to_read(story, week_of(day(n))) for n in (20, 34, 55, 62)}
    assert [n for n, each in found.items() if "monthly" in each and each["monthly"]["due"]] == [
        55,
    ]  # 28 February is day 59, in the week of day 55; January's is not due yet on day 12


def test_what_is_overdue_is_there_in_any_week(story: Story) -> None:
    number = story.key_result(story.objective(), title="monthly", cadence=Cadence.MONTHLY)
    story.on(day(50))
    found = to_read(story)["monthly"]
    assert (found["due"], found["overdue"], found["recorded"]) == (None, True, False)
    assert found["late_since"] == day(39)  # 31 January and five working days, and one day more
    story.checks_in(number, "1", on=day(31))
    assert to_read(story) == {}


def test_daily_ones_are_due_from_monday_to_friday(story: Story) -> None:
    kpi = story.kpi()
    due = to_read(story)["increase"]["due"]
    assert (due["first"], due["last"]) == (MONDAY, day(52))
    story.reads(kpi, "5")
    assert to_read(story)["increase"]["recorded"] is True


def test_the_last_period_of_a_cycle_is_due_by_grading_or_closing(story: Story) -> None:
    story.key_result(story.objective())
    story.on(day(98))
    due = to_read(story)["a number"]["due"]
    assert (due["last"], due["by"]) == (day(100), None)


def test_what_a_kpi_feeds_is_read_by_the_kpi(story: Story) -> None:
    kpi = story.kpi()
    story.key_result(story.objective(), kpi_id=kpi)
    assert list(to_read(story)) == ["increase"]


def test_a_week_is_that_of_a_person_or_of_a_team_with_those_below(story: Story) -> None:
    story.key_result(story.objective(team_id=SALES), title="of ann")
    story.key_result(story.objective(), title="of ben", owner_id=BEN)
    story.kpi(owner_id=BEN, name="kpi of ben", team_id=SALES)
    assert set(to_read(story)) == {"of ann", "of ben", "kpi of ben"}
    assert set(to_read(story, person_id=BEN)) == {"of ben", "kpi of ben"}
    assert set(to_read(story, team_id=SALES)) == {"of ann", "kpi of ben"}
    assert set(to_read(story, team_id=COMPANY)) == {"of ann", "of ben", "kpi of ben"}
    assert set(to_read(story, person_id=ANN, team_id=COMPANY)) == {"of ann"}


def test_nothing_is_due_of_what_is_not_running(story: Story) -> None:
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "draft"))
    story.key_result(draft, title="of a draft")
    dropped = story.key_result(story.objective("dropping"), title="dropped")
    done = story.key_result(story.objective("doing"), steps("a"), title="done")
    abandoned = story.objective("abandoned")
    story.key_result(abandoned, title="of an abandoned one")
    retired = story.kpi()
    story.does(c.DropKeyResult(dropped))
    story.checks_in(done, done_steps=("a",))
    story.does(c.AbandonObjective(abandoned))
    story.does(c.RetireKpi(retired))
    assert to_read(story) == {}


def test_a_week_that_is_over_is_as_it_ended(story: Story) -> None:
    number = story.key_result(story.objective())
    story.on(day(47))
    story.checks_in(number, "30")
    story.on(day(55))
    story.checks_in(number, "70")
    found = to_read(story, week_of(day(47)))["a number"]
    assert (found["reading"]["value"], found["recorded"]) == ("30", True)
    assert story.queries.check_ins(week_of(day(47)))["day"] == day(47)


def test_a_week_to_come_has_todays_values(story: Story) -> None:
    story.key_result(story.objective())
    found = story.queries.check_ins(week_of(day(60)))
    assert (found["day"], found["first"]) == (day(50), day(55))
    assert found["key_results"][0]["due"]["first"] == day(55)


@pytest.mark.parametrize("week", ["", "2025-33", "2025-W54", "2025-W00", "0000-W01", "9999-W53"])
def test_what_is_no_week_is_refused(story_on_sqlite: Story, week: str) -> None:
    with pytest.raises(Invalid) as refusal:
        story_on_sqlite.queries.check_ins(week)
    assert refusal.value.field == "week"


@pytest.mark.parametrize("name", ["person_id", "team_id"])
def test_whose_it_is_has_to_be_there(story_on_sqlite: Story, name: str) -> None:
    with pytest.raises(NotFound) as refusal:
        story_on_sqlite.queries.check_ins(**{name: ANN if name == "team_id" else SALES})
    assert refusal.value.field == name


def test_all_weeks_of_a_cycle_have_each_period_once(story: Story) -> None:
    """Whatever the cadence, each period that ends in the cycle is due in exactly one week."""
    goal = story.objective()
    for cadence in Cadence:
        story.key_result(goal, title=str(cadence), cadence=cadence)
    ends: dict[str, list[date]] = {str(each): [] for each in Cadence}
    for monday in (day(1 - 2) + timedelta(weeks=n) for n in range(16)):
        for title, each in to_read(story, week_of(monday)).items():
            if each["due"] is not None:
                assert monday <= each["due"]["last"] <= monday + timedelta(days=6)
                ends[title].append(each["due"]["last"])
    assert len(ends["weekly"]) == 15
    assert len(ends["every_two_weeks"]) in {7, 8}
    assert ends["monthly"] == [day(31), day(59), day(90), day(100)]
    assert ends["quarterly"] == [day(90), day(100)]
    assert ends["per_project"] == []
