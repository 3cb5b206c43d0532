"""Overdue: a flag beside the status of key results, and which periods it is about.

Day 50 is Wednesday, 19 February 2025; the cycle ends on day 100, a Thursday.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.calendar import Holiday
from okr_es.domain.values import Cadence
from tests.support.story import ANN, COMPANY, NOW, Story, day, steps


@pytest.mark.parametrize(("number", "overdue"), [(64, False), (65, True)])
def test_a_key_result_is_overdue_once_its_last_due_period_has_no_reading(
    story_on_sqlite: Story,
    number: int,
    overdue: bool,
) -> None:
    story = story_on_sqlite  # day 50 is a Wednesday
    leads = story.key_result(story.objective(), cadence=Cadence.WEEKLY)
    story.checks_in(leads, "90", on=day(50))
    story.on(day(number))  # the week from day 55 to 61 is due by Wednesday, day 64
    goal = story.board()["win"]
    assert goal["key_results"][0]["overdue"] is overdue
    assert goal["key_results"][0]["status"] == "on_track"  # a flag beside it
    assert goal["overdue"] == int(overdue)
    assert goal["rolled_up"] == Decimal("0.9")
    assert story.queries.objective(UUID(goal["id"]))["overdue"] == int(overdue)


def test_what_is_not_measured_is_overdue_as_well(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    story.on(day(50))
    leads = story.key_result(story.objective(), cadence=Cadence.WEEKLY)
    for number in (50, 57):
        story.on(day(number))
        assert story.queries.key_result(leads)["overdue"] is False
    story.on(day(58))
    found = story.queries.key_result(leads)
    assert (found["status"], found["overdue"]) == ("not_measured", True)
    story.checks_in(leads, "10")
    assert story.queries.key_result(leads)["overdue"] is False


@pytest.mark.parametrize("said", [{"confidence": 3}, {"comment": "the supplier is late"}])
def test_what_is_due_stays_overdue_by_a_word_alone(
    story_on_sqlite: Story, said: dict[str, Any]
) -> None:
    story = story_on_sqlite
    leads = story.key_result(story.objective(), cadence=Cadence.WEEKLY)
    story.checks_in(leads, "90", on=day(50))
    story.on(day(65))
    story.does(c.CheckIn(leads, confidence=said.get("confidence")), comment=said.get("comment"))
    found = story.queries.key_result(leads)
    assert (found["overdue"], found["reading"]["value"]) == (True, "90")


def test_nothing_is_due_before_an_objective_is_committed(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    leads = story.key_result(draft, cadence=Cadence.DAILY)
    story.on(day(80))
    assert story.queries.key_result(leads)["overdue"] is False
    story.does(c.CommitObjective(draft))  # a Friday, so due by the end of Monday
    for number, overdue in ((80, False), (83, False), (84, True)):
        story.on(day(number))
        assert story.queries.key_result(leads)["overdue"] is overdue


@pytest.mark.parametrize("changes_back", [False, True])
def test_what_feeds_it_now_is_due_from_the_link_on(story: Story, changes_back: bool) -> None:
    """Day 50 is a Wednesday: half of its week is left, which is due by three working days later."""
    leads = story.key_result(story.objective(), cadence=Cadence.WEEKLY)
    kpi = story.kpi(cadence=Cadence.YEARLY)
    story.on(day(42))
    if changes_back:
        story.does(c.LinkKeyResult(leads, kpi))
        story.reads(kpi, "10")
    else:
        story.checks_in(leads, "10")
    story.on(day(50))
    story.does(c.LinkKeyResult(leads, None if changes_back else kpi))
    for number, overdue in ((50, False), (57, False), (58, True)):
        story.on(day(number))
        found = story.queries.key_result(leads)
        assert (found["reading"], found["overdue"]) == (None, overdue)


@pytest.mark.parametrize(
    ("named", "cadence"), [(None, "monthly"), (Cadence.DAILY, "daily"), (Cadence.WEEKLY, "weekly")]
)
def test_fed_by_a_kpi_it_is_due_as_the_kpi_unless_it_is_said(
    story: Story, named: Cadence | None, cadence: str
) -> None:
    kpi = story.kpi(cadence=Cadence.MONTHLY)
    fed = story.key_result(story.objective(), kpi_id=kpi, cadence=named)
    assert story.queries.key_result(fed)["cadence"] == cadence


def test_checked_in_on_it_is_weekly_unless_it_is_said(story: Story) -> None:
    assert story.queries.key_result(story.key_result(story.objective()))["cadence"] == "weekly"


def test_its_periods_run_on_after_the_day_it_is_due(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    leads = story.key_result(story.objective(due=day(60)), cadence=Cadence.WEEKLY)
    story.on(day(61))
    story.checks_in(leads, "10", on=day(60))
    for number, overdue in ((71, False), (72, True)):  # the week from day 62 is due by day 71
        story.on(day(number))
        assert story.queries.key_result(leads)["overdue"] is overdue


ENDS: dict[str, tuple[c.Command, ...]] = {
    "graded": (c.GradeObjective(UUID(int=1)),),
    "abandoned": (c.AbandonObjective(UUID(int=1)),),
    "closed": (c.CloseCycle(NOW),),
}


@pytest.mark.parametrize("how", ENDS)
def test_nothing_that_has_ended_is_overdue(story: Story, how: str) -> None:
    win = story.does(c.DraftObjective(NOW, COMPANY, ANN, "win", id=UUID(int=1)))
    story.does(c.CommitObjective(win))
    story.key_result(win, cadence=Cadence.WEEKLY)
    story.on(day(101))
    assert story.board()["win"]["overdue"] == 1
    for command in ENDS[how]:
        story.does(command)
    story.on(day(400))
    assert story.board()["win"]["overdue"] == 0
    assert [each["overdue"] for each in story.board()["win"]["key_results"]] == [False]


@pytest.mark.parametrize(("names", "done"), [(("design", "build"), "2"), ((), "1")])
def test_a_milestone_that_is_done_is_not_overdue(
    story_on_sqlite: Story, names: tuple[str, ...], done: str
) -> None:
    story = story_on_sqlite
    launch = story.key_result(story.objective(), steps(*names))
    story.checks_in(launch, "0" if not names else "1")
    story.on(day(90))
    assert story.queries.key_result(launch)["overdue"] is True
    story.checks_in(launch, done, on=day(51))
    assert story.queries.key_result(launch)["overdue"] is False
    story.on(day(150))
    assert story.queries.key_result(launch)["overdue"] is False


@pytest.mark.parametrize(("added", "first_overdue"), [(76, 86), (79, 93)])
def test_a_step_more_makes_a_milestone_due_from_then_on(
    story_on_sqlite: Story, added: int, first_overdue: int
) -> None:
    story = story_on_sqlite  # the week from day 76 on is due by day 85, the next by day 92
    launch = story.key_result(story.objective(), steps("design"), cadence=Cadence.WEEKLY)
    story.checks_in(launch, "1")
    story.on(day(added))
    story.does(c.RetargetKeyResult(launch, steps("design", "build")))
    for number in (added, first_overdue - 1, first_overdue):
        story.on(day(number))
        assert story.queries.key_result(launch)["overdue"] is (number == first_overdue)
        assert story.board()["win"]["overdue"] == int(number == first_overdue)
    story.does(c.RetargetKeyResult(launch, steps("design", "build", "launch")))  # was not done
    assert story.queries.key_result(launch)["overdue"] is True
    assert story.queries.key_result(launch, at=str(day(added)))["overdue"] is False


def test_the_last_period_of_a_running_cycle_is_due_by_closing(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    yearly = story.key_result(story.objective(), cadence=Cadence.YEARLY)
    story.on(day(130))
    assert story.queries.key_result(yearly)["overdue"] is False


def test_holidays_of_the_calendar_put_off_what_is_due(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    story.on(day(50))
    leads = story.key_result(story.objective(), cadence=Cadence.WEEKLY)
    story.does(c.SetCalendar(add_holidays=(Holiday(day(55), "Carnival", day(56)),)))
    for number, overdue in ((57, False), (59, False), (60, True)):
        story.on(day(number))
        assert story.queries.key_result(leads)["overdue"] is overdue


def test_at_a_day_and_as_known_then_it_is_the_flag_of_that_day(story: Story) -> None:
    story.on(day(50))
    leads = story.key_result(story.objective(), cadence=Cadence.WEEKLY)
    story.on(day(60))
    story.checks_in(leads, "10", on=day(54))
    key_result = story.queries.key_result
    assert key_result(leads, known_at=str(day(57)))["overdue"] is False
    assert key_result(leads, known_at=str(day(59)))["overdue"] is True
    assert key_result(leads, at=str(day(59)))["overdue"] is False
