"""What totals add up: each happening once, and how their objectives came out and ended."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from okr_es import commands as c
from okr_es.domain.values import Cadence, PeopleFigures
from tests.support.story import BEN, COMPANY, NEXT, NOW, SALES, Story, day, metric

Row = dict[str, Any]


@pytest.fixture
def story(story: Story) -> Story:
    """Figures per person are shown to all who ask."""
    story.does(c.ChoosePeopleFigures(PeopleFigures.HR_TOO))
    return story


def told(story: Story) -> tuple[Row, list[Row], list[Row]]:
    """The review of the cycle: its goals by their words, the totals of persons and teams, and all.

    Totals that hold all goals are of the company, of the cycle, and of Ann.
    """
    review = story.queries.for_viewer(BEN).review(NOW)
    goals = {each["title"]: each for each in review["goals"]}
    company = [each for each in review["teams"] if each["team"]["id"] == str(COMPANY)]
    return goals, [*company, review["total"]], review["people"]


def test_what_happened_to_a_key_result_that_moved_counts_once_in_a_total(story: Story) -> None:
    story.does(c.OpenCycle("later", day(201), day(300)))
    old, new = story.objective("old"), story.objective("new", team_id=SALES)
    leads = story.key_result(old, cadence=Cadence.WEEKLY)
    story.does(c.CommitPlan(NOW))
    story.on(day(60))
    story.does(c.RetargetKeyResult(leads, metric("0", "120")))
    reading = story.checks_in(leads, "10", on=day(58))
    story.does(c.CorrectReading(reading, value=Decimal(11)))
    story.does(c.MoveKeyResult(leads, new))
    story.on(day(102))
    goals, totals, people = told(story)
    for title in ("old", "new"):
        whole = goals[title]["counts"]
        assert [whole[name] for name in ("moves", "retargets", "corrections")] == [1, 1, 1]
        assert whole["discipline"]["due"]
    whole = goals["old"]["counts"]
    assert [each["counts"] for each in people] == [whole]
    for each in totals:
        assert each["counts"] == whole | {"discipline": each["counts"]["discipline"]}


def test_so_does_a_correction_of_a_kpi_that_feeds_two(story: Story) -> None:
    kpi = story.kpi()
    for title in ("one", "two"):
        story.key_result(story.objective(title), kpi_id=kpi)
    story.does(c.CommitPlan(NOW))
    story.on(day(60))
    reading = story.reads(kpi, "10")
    story.does(c.CorrectReading(reading, value=Decimal(11)))
    story.does(c.RetractReading(story.reads(kpi, "12")))
    goals, totals, people = told(story)
    names = ("corrections", "retractions")
    for each in (*goals.values(), *totals, *people):
        assert [each["counts"][name] for name in names] == [1, 1]


def test_two_of_a_kind_on_one_day_are_two(story: Story) -> None:
    one, two = (story.key_result(story.objective(title)) for title in ("one", "two"))
    story.does(c.CommitPlan(NOW))
    story.on(day(60))
    for each in (one, one, two):
        story.does(c.RetargetKeyResult(each, metric("0", str(uuid4().int % 900 + 101))))
    _, totals, people = told(story)
    assert [each["counts"]["retargets"] for each in (*totals, *people)] == [3, 3, 3]


def test_what_was_carried_over_is_missed_all_the_same(story: Story) -> None:
    goals = [story.objective(str(number)) for number in range(8)]
    for each in goals:
        story.checks_in(story.key_result(each), "30")
    story.does(c.CommitPlan(NOW))
    for each in goals:
        story.does(c.CarryOverObjective(each, NEXT))
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    _, totals, people = told(story)
    for each in (*totals, *people):
        assert each["outcomes"] == {"met": 0, "partly_met": 0, "missed": 8, "not_measured": 0}
        assert each["ended_by"] == {"graded": 0, "abandoned": 0, "carried_over": 8, "ungraded": 0}


def test_each_outcome_and_each_end_is_counted_once(story: Story) -> None:
    """Of each a different number, while the goal that runs has none."""
    values = {"met": "100", "partly_met": "50", "missed": "10", "not_measured": None}
    ends = [c.GradeObjective, c.AbandonObjective, None]
    goals: dict[UUID, Any] = {}
    for number, value in enumerate(values.values(), 1):
        for each in range(number):
            goal = story.objective(f"{number} {each}")
            leads = story.key_result(goal)
            if value is not None:
                story.checks_in(leads, value)
            goals[goal] = ends[(number + each) % 3]
    for goal, end in goals.items():
        if end is not None:
            story.does(end(goal))
    are_as_their_goals(story)
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    outcomes = are_as_their_goals(story)
    assert outcomes == {"met": 1, "partly_met": 2, "missed": 3, "not_measured": 4}


def are_as_their_goals(story: Story) -> Row:
    """Totals count the outcomes and the ends of their goals; the outcomes they count."""
    goals, totals, people = told(story)
    for name in ("outcomes", "ended_by"):
        counted = Counter(each[name.replace("outcomes", "outcome")] for each in goals.values())
        for each in (*totals, *people):
            assert each[name] == {word: counted[word] for word in each[name]}
        del counted[None]
        assert sum(counted.values()) == sum(totals[0][name].values())
    outcomes: Row = totals[0]["outcomes"]
    return outcomes
