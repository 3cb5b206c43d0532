"""Readings due, on time, late and missing in the review, in cases worked out by hand.

Day 50 is a Wednesday. Weeks begin on day 48, 55, 62, 69, 76, 83, 90 and 97 (cut on day 100); the
first seven are due by the Wednesday after, day 57 and so on, the last by grading or closing.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from okr_es import commands as c
from okr_es.domain.values import Cadence, PeopleFigures
from tests.support.as_of_answers import oracle_of
from tests.support.day_by_day import due_while_not_done, timeliness_of
from tests.support.story import ANN, BEN, COMPANY, NOW, SALES, Story, day, steps

WEEKLY = Cadence.WEEKLY
UTC_ZONE = ZoneInfo("UTC")


def discipline(story: Story, **limits: UUID) -> tuple[int, ...]:
    """Due, on time, late and missing, of the one goal reviewed; and of its key results alike."""
    (goal,) = story.queries.review(NOW, **limits)["goals"]
    found = figures(goal)
    key_results = [figures(each) for each in goal["key_results"]]
    assert tuple(map(sum, zip(*key_results, strict=True))) == found
    assert found[0] == sum(found[1:])
    return found


def figures(answer: dict[str, Any]) -> tuple[int, ...]:
    return tuple(
        answer["counts"]["discipline"][name] for name in ("due", "on_time", "late", "missing")
    )


@pytest.fixture(autouse=True)
def begun_in_the_middle(story: Story) -> None:
    """Goals are committed in the middle of the cycle."""
    story.on(day(50))


def weekly(story: Story) -> UUID:
    return story.key_result(story.objective(), cadence=WEEKLY)


def test_each_period_is_on_time_late_or_missing(story: Story) -> None:
    customers = weekly(story)
    assert discipline(story) == (0, 0, 0, 0)
    for number, about in ((54, 54), (65, 60), (72, 72)):
        story.on(day(number))
        story.checks_in(customers, "40", on=day(about))
    story.on(day(101))  # of the weeks from 62, 76, 83 and 90 on there is nothing
    assert discipline(story) == (7, 2, 1, 4)
    story.does(c.CloseCycle(NOW))
    assert discipline(story) == (8, 2, 1, 5)
    story.on(day(103))
    story.checks_in(customers, "41", on=day(100))  # too late for what was published
    assert discipline(story) == (8, 2, 1, 5)


def test_grading_makes_the_last_period_due_and_ends_all(story: Story) -> None:
    customers = weekly(story)
    story.on(day(101))
    story.checks_in(customers, "41", on=day(100))
    (goal,) = story.queries.review(NOW)["goals"]
    story.does(c.GradeObjective(UUID(goal["id"])))
    story.on(day(120))
    assert discipline(story) == (8, 1, 0, 7)
    story.does(c.CloseCycle(NOW))
    assert discipline(story) == (8, 1, 0, 7)


@pytest.mark.parametrize("number", [64, 65])
def test_after_it_was_dropped_or_abandoned_nothing_is_due(story: Story, number: int) -> None:
    win = story.objective()
    kept, gone = (story.key_result(win, cadence=WEEKLY) for _ in range(2))
    story.on(day(number))
    story.does(c.DropKeyResult(gone))
    story.on(day(101))
    (goal,) = story.queries.review(NOW)["goals"]
    due = {each["id"]: each["counts"]["discipline"]["due"] for each in goal["key_results"]}
    assert due == {str(kept): 7, str(gone): 1 if number == 64 else 2}
    story.on(day(70))
    story.does(c.AbandonObjective(win))
    assert discipline(story)[0] == (2 + 1 if number == 64 else 2 + 2) + 0


def test_a_milestone_that_is_done_is_due_no_more(story: Story) -> None:
    launch = story.key_result(story.objective(), steps("design", "build"), cadence=WEEKLY)
    story.checks_in(launch, "1")
    story.on(day(60))
    story.checks_in(launch, "2")
    story.on(day(90))
    story.checks_in(launch, "2")
    story.on(day(101))
    assert discipline(story) == (1, 1, 0, 0)
    story.does(c.CloseCycle(NOW))
    assert discipline(story) == (1, 1, 0, 0)


A, B, C = "design", "build", "launch"


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        # A step more on a Monday, on a Wednesday and on a Thursday: the week counts or not.
        ([(50, 1), (60, 2), (76, (A, B, C))], (4, 1, 0, 3)),
        ([(50, 1), (60, 2), (78, (A, B, C))], (4, 1, 0, 3)),
        ([(50, 1), (60, 2), (79, (A, B, C))], (3, 1, 0, 2)),
        # Done again about a day before the week was due by, and one more step.
        ([(50, 1), (60, 2), (76, (A, B, C)), (84, 3), (90, (A, B, C, "sell"))], (2, 1, 0, 1)),
        # A step more on the very day: at its end it was not done.
        ([(50, 1), (60, 2), (60, (A, B, C))], (7, 2, 0, 5)),
        # Fewer steps that are all done, then more.
        ([(50, 1), (62, (A,))], (1, 1, 0, 0)),
        ([(50, 1), (62, (A,)), (90, (A, B))], (2, 1, 0, 1)),
        # A step in place of another; steps in another order.
        ([(50, 1), (60, 2), (76, (A, C))], (4, 1, 0, 3)),
        ([(50, 1), (60, 2), (76, (B, A))], (1, 1, 0, 0)),
        # The check-in about the last days says it is not done after all.
        ([(50, 1), (60, 2), (76, 1)], (4, 2, 0, 2)),
    ],
)
def test_while_a_milestone_was_done_nothing_was_due(
    story: Story, happens: list[tuple[int, Any]], expected: tuple[int, ...]
) -> None:
    launch = story.key_result(story.objective(), steps(A, B), cadence=WEEKLY)
    for number, what in happens:
        story.on(day(number))
        if isinstance(what, int):
            story.checks_in(launch, str(what))
        else:
            story.does(c.RetargetKeyResult(launch, steps(*what)))
    story.on(day(101))
    assert discipline(story) == expected
    assert story.board()["win"]["overdue"] == int(expected[-1] > 0)


def test_without_steps_it_is_done_or_not(story: Story) -> None:
    launch = story.key_result(story.objective(), steps(), cadence=WEEKLY)
    for number, done in ((50, "0"), (60, "1"), (80, "0")):  # on a Friday no more
        story.on(day(number))
        story.checks_in(launch, done)
    story.on(day(101))
    assert discipline(story) == (3, 1, 0, 2)


def test_what_was_never_done_was_due_all_along(story: Story) -> None:
    launch = story.key_result(story.objective(), steps(A, B), cadence=WEEKLY)
    story.checks_in(launch, "1")
    story.on(day(60))
    wrong = story.checks_in(launch, "2")
    story.on(day(76))
    story.does(c.RetargetKeyResult(launch, steps(A, B, C)))
    story.does(c.CorrectReading(wrong, value=Decimal(1)))
    story.on(day(101))
    assert discipline(story) == (7, 2, 0, 5)
    story.does(c.RetractReading(wrong))
    assert discipline(story) == (7, 1, 0, 6)


def test_done_before_it_was_committed_it_begins_with_the_step_that_came(story: Story) -> None:
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    launch = story.key_result(draft, steps(A, B), cadence=WEEKLY)
    story.on(day(60))
    story.does(c.CommitObjective(draft))
    story.checks_in(launch, "2", on=day(52))
    story.on(day(75))
    assert discipline(story) == (0, 0, 0, 0)
    story.on(day(76))
    story.does(c.RetargetKeyResult(launch, steps(A, B, C)))
    story.on(day(101))
    assert discipline(story) == (3, 0, 0, 3)


def test_who_held_it_while_it_was_done_has_nothing_missing(story: Story) -> None:
    win = story.objective()
    launch = story.key_result(win, steps(A), cadence=WEEKLY)
    story.checks_in(launch, "1")
    story.on(day(69))
    story.does(c.ReassignObjective(win, owner_id=BEN, team_id=SALES))
    story.on(day(90))
    story.does(c.RetargetKeyResult(launch, steps(A, B)))
    story.does(c.ChoosePeopleFigures(PeopleFigures.HR_TOO))
    story.on(day(101))
    review = story.queries.for_viewer(ANN).review(NOW)
    assert [figures(each) for each in review["people"]] == [(0, 0, 0, 0), (1, 0, 0, 1)]
    assert [figures(each) for each in review["goals"][0]["owners"]] == [(0, 0, 0, 0), (1, 0, 0, 1)]
    assert figures(review["total"]) == (1, 0, 0, 1)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_counting_day_by_day_finds(story: Story, seed: int) -> None:
    by_chance = random.Random(seed)
    launch = story.key_result(story.objective(), steps(A, B), cadence=WEEKLY)
    checked: list[UUID] = []
    for number in sorted(by_chance.sample(range(50, 104), 10)):
        story.on(day(number))
        names = by_chance.sample((A, B, C), by_chance.randint(1, 3))
        chance = by_chance.random()
        if chance < 0.4:
            story.does(c.RetargetKeyResult(launch, steps(*names)))
        elif chance < 0.5 and checked:
            story.does(c.RetractReading(checked.pop()))
        else:
            now = story.queries.key_result(launch)["steps"]
            done = tuple(each for each in now if by_chance.random() < 0.8)
            about = day(min(number - by_chance.choice((0, 0, 1, 9)), 100))
            checked.append(story.checks_in(launch, on=about, done_steps=done))
    story.on(day(105))
    told = SimpleNamespace(okr=story.okr, facts=story.facts, zone=UTC_ZONE, clock=story.clock)
    oracle = oracle_of(told)  # type: ignore[arg-type]
    view = oracle.view(None, None)
    dues = due_while_not_done(
        view.terms(), "weekly", day(50), day(100), day(105), view.is_done_by_day(str(launch))
    )
    readings = [
        (oracle.day_of(oracle.log[each["position"] - 1].recorded_at), each["as_of"])
        for each in view.readings(str(launch))
        if not each["retracted"]
    ]
    read = [(recorded, date.fromisoformat(about)) for recorded, about in readings]
    kept = Counter(timeliness_of(due, read) for due in dues)
    assert discipline(story) == (len(dues), kept["on_time"], kept["late"], kept["missing"])
    assert story.queries.key_result(launch)["overdue"] == view.key_result(str(launch))["overdue"]


def test_a_draft_has_nothing_due(story: Story) -> None:
    draft = story.does(c.DraftObjective(NOW, COMPANY, ANN, "perhaps"))
    story.key_result(draft, cadence=WEEKLY)
    story.on(day(80))
    story.does(c.CommitObjective(draft))
    assert discipline(story) == (0, 0, 0, 0)
    story.on(day(101))
    assert discipline(story) == (2, 0, 0, 2)  # committed on a Friday, so not that week


def test_a_reading_that_was_taken_back_is_none(story: Story) -> None:
    customers = weekly(story)
    wrong = story.checks_in(customers, "40")
    story.on(day(56))
    right = story.checks_in(customers, "40")
    story.on(day(65))
    assert discipline(story) == (2, 2, 0, 0)
    story.does(c.RetractReading(wrong))
    story.does(c.CorrectReading(right, value=Decimal(41)))
    assert discipline(story) == (2, 1, 0, 1)


def test_confidence_or_a_comment_alone_is_no_reading(story: Story) -> None:
    customers = weekly(story)
    story.on(day(54))
    story.checks_in(customers, confidence=3)
    story.on(day(60))
    story.does(c.CheckIn(customers), comment="the supplier is late")
    story.on(day(65))
    assert discipline(story) == (2, 0, 0, 2)


def test_a_corrected_confidence_or_comment_leaves_a_reading_on_time(story: Story) -> None:
    customers = weekly(story)
    reading = story.checks_in(customers, "40")
    story.on(day(65))
    story.does(c.CorrectReading(reading, confidence=None, comment="it was guessed"))
    assert discipline(story) == (2, 1, 0, 1)


def test_a_kpi_counts_for_what_it_fed_while_it_fed_it(story: Story) -> None:
    customers, kpi = weekly(story), story.kpi("increase")
    story.checks_in(customers, "10")
    story.on(day(56))
    story.reads(kpi, "20", on=day(55))
    story.on(day(65))
    story.does(c.LinkKeyResult(customers, kpi))  # a day too late for the week from 55 on
    story.reads(kpi, "20", on=day(63))
    story.on(day(75))
    story.does(c.LinkKeyResult(customers, None))
    story.on(day(76))
    story.reads(kpi, "20", on=day(70))  # it feeds nothing any more
    story.on(day(79))
    assert discipline(story) == (4, 2, 1, 1)
    story.does(c.LinkKeyResult(customers, story.kpi("decrease")))  # never read
    assert discipline(story) == (4, 2, 1, 1)


def test_what_is_read_about_days_before_the_cycle_is_no_reading_of_it(story: Story) -> None:
    story.on(day(1))  # a Wednesday
    kpi = story.kpi("increase")
    customers = weekly(story)
    story.does(c.LinkKeyResult(customers, kpi))
    story.reads(kpi, "20", on=day(-1))  # the Monday of the same week
    story.on(day(9))
    assert discipline(story) == (1, 0, 0, 1)


def test_who_owned_the_goal_on_the_day_it_was_due_by_has_it(story: Story) -> None:
    win = story.objective()
    story.key_result(win, cadence=WEEKLY)
    story.on(day(64))
    story.does(c.ReassignObjective(win, owner_id=BEN, team_id=SALES))
    story.does(c.ChoosePeopleFigures(PeopleFigures.HR_TOO))
    story.on(day(72))
    review = story.queries.for_viewer(ANN).review(NOW)
    assert [figures(each) for each in review["people"]] == [(1, 0, 0, 1), (2, 0, 0, 2)]
    assert figures(review["total"]) == (3, 0, 0, 3)
    assert [figures(each) for each in review["goals"][0]["owners"]] == [(1, 0, 0, 1), (2, 0, 0, 2)]


def test_no_reading_made_on_the_monday_after_a_friday_is_late(story: Story) -> None:
    story.on(day(1))
    customers = weekly(story)
    for friday in range(3, 101, 7):
        story.on(day(friday + 3))
        story.checks_in(customers, "40", on=day(friday))
    story.on(day(101))
    due, on_time, late, missing = discipline(story)
    assert (due, on_time, late, missing) == (14, 14, 0, 0)
    assert story.queries.patterns(NOW)["counts"]["late_reading"] == 0
    assert story.board()["win"]["overdue"] == 0
