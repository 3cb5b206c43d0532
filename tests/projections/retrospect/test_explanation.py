"""A change in score is split over the events between two moments; the parts sum exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import Invalid, NotFound
from tests.support.story import NOW, Story, day, metric


def parts(explained: dict[str, Any]) -> dict[str, Fraction]:
    return {each["cause"]: Fraction(each["change"]["exact"]) for each in explained["causes"]}


def explained(story: Story, id_: UUID, first: int) -> dict[str, Any]:
    answer = story.queries.explanation(id_, str(first), str(story.okr.log.head()))
    whole = Fraction(answer["change"]["exact"])
    assert whole == sum(parts(answer).values(), Fraction(0))
    assert whole == sum((exact(each) for each in answer["key_results"]), Fraction(0))
    for part in answer["key_results"]:
        assert exact(part) == sum((exact(event) for event in part["events"]), Fraction(0))
    return answer


def exact(part: dict[str, Any]) -> Fraction:
    return Fraction(part["change"]["exact"])


def by_key_result(answer: dict[str, Any]) -> dict[str | None, Fraction]:
    """The part of each key result; None without one."""
    return {
        each["key_result"] and each["key_result"]["id"]: exact(each)
        for each in answer["key_results"]
    }


def test_every_cause_has_its_part_and_names_its_events(story: Story) -> None:
    win = story.objective()
    first, second = story.key_result(win), story.key_result(win)
    reading = story.checks_in(first, "30")
    then = story.okr.log.head()
    story.checks_in(second, "90")  # 30 -> (30 + 90) / 2 = 60
    story.does(c.CorrectReading(reading, Decimal(50)))  # -> (50 + 90) / 2 = 70
    story.does(c.RetargetKeyResult(first, metric("0", "200")))  # -> (25 + 90) / 2 = 57.5
    story.does(c.ReweightKeyResult(second, Decimal(3)))  # -> (25 + 270) / 4 = 73.75
    story.does(c.DropKeyResult(first))  # -> 90
    answer = explained(story, win, then)
    assert parts(answer) == {
        "readings": Fraction("0.30"),
        "corrections": Fraction("0.10"),
        "targets": Fraction("-0.125"),
        "weights": Fraction("0.1625"),
        "dropped": Fraction("0.1625"),
    }
    assert (answer["before"], answer["after"]) == (Decimal("0.3000"), Decimal("0.9000"))
    assert by_key_result(answer) == {
        str(second): Fraction("0.30") + Fraction("0.1625"),
        str(first): Fraction("0.10") - Fraction("0.125") + Fraction("0.1625"),
    }
    corrected, *_ = answer["key_results"][1]["events"]
    assert (corrected["type"], corrected["id"]) == ("reading.corrected", f"{reading}/2")
    assert corrected["cause"] == "corrections"
    assert answer["key_results"][0]["key_result"]["title"] == "a number"


def test_days_that_pass_alone_stand_apart(story: Story) -> None:
    """Once its cycle is over, what is not measured counts as nothing."""
    win = story.objective()
    first = story.key_result(win)
    story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.checks_in(first, "50")
    then = story.okr.log.head()
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    answer = story.queries.explanation(win, str(then), "published")
    change = {"exact": "-1/4", "rounded": Decimal("-0.2500")}
    assert answer["key_results"] == [{"key_result": None, "change": change, "events": []}]
    assert answer["causes"] == [{"cause": "time", "change": change}]


def test_a_reading_of_a_kpi_is_split_over_the_key_results_it_moves(story: Story) -> None:
    win, kpi = story.objective(), story.kpi()
    whole = story.key_result(win, kpi_id=kpi)
    half = story.key_result(win, metric("0", "200"), kpi_id=kpi)
    left_alone = story.key_result(win)
    story.checks_in(left_alone, "0")
    story.reads(kpi, "10")
    then = story.okr.log.head()
    story.reads(kpi, "40")
    answer = explained(story, win, then)  # 0.05 + 0.1 of one, 0.2 of the other, of three
    assert by_key_result(answer) == {str(whole): Fraction(3, 30), str(half): Fraction(3, 60)}
    assert len({event["position"] for p in answer["key_results"] for event in p["events"]}) == 1


def test_a_kpi_whose_reading_moves_one_key_result_of_two_counts_for_that_one(story: Story) -> None:
    win, kpi = story.objective(), story.kpi()
    done = story.key_result(win, metric("0", "10"), kpi_id=kpi)
    open_ = story.key_result(win, metric("0", "100"), kpi_id=kpi)
    story.reads(kpi, "20")
    then = story.okr.log.head()
    story.reads(kpi, "30")
    assert by_key_result(explained(story, win, then)) == {str(open_): Fraction(1, 20)}
    assert done != open_


def test_a_goal_scored_by_others_names_their_key_results(story: Story) -> None:
    win, sell = story.objective(), story.objective("sell")
    story.aligns(sell, aligned_to_objective_id=win)
    customers = story.key_result(sell)
    then = story.okr.log.head()
    story.checks_in(customers, "30")
    assert by_key_result(explained(story, win, then)) == {str(customers): Fraction("0.3")}


def test_realignments_and_goals_below_have_their_parts(story: Story) -> None:
    """Of an objective that never had a key result, which is scored by those."""
    win, base, sell = story.objective(), story.objective("base"), story.objective("sell")
    story.checks_in(story.key_result(base), "40")
    story.checks_in(story.key_result(sell), "80")
    story.aligns(base, aligned_to_objective_id=win)
    then = story.okr.log.head()
    story.aligns(sell, aligned_to_objective_id=win)  # 40 -> (40 + 80) / 2 = 60
    story.does(c.AbandonObjective(sell))  # -> 40
    answer = explained(story, win, then)
    assert parts(answer) == {"realignments": Fraction("0.2"), "dropped": Fraction("-0.2")}
    (no_key_result,) = answer["key_results"]
    assert no_key_result["key_result"] is None
    assert [each["cause"] for each in no_key_result["events"]] == ["realignments", "dropped"]


def test_a_moved_key_result_is_a_realignment(story: Story) -> None:
    win, sell = story.objective(), story.objective("sell")
    moved = story.key_result(win)
    story.checks_in(moved, "20")
    story.checks_in(story.key_result(win), "60")
    then = story.okr.log.head()
    story.does(c.MoveKeyResult(moved, sell))
    assert parts(explained(story, win, then)) == {"realignments": Fraction("0.2")}
    assert parts(explained(story, sell, then)) == {"realignments": Fraction("0.2")}


def test_readings_of_a_kpi_are_parts_of_what_it_feeds(story: Story) -> None:
    win, kpi = story.objective(), story.kpi()
    story.key_result(win, kpi_id=kpi)
    then = story.okr.log.head()
    story.reads(kpi, "25")
    answer = explained(story, win, then)
    assert parts(answer) == {"readings": Fraction("0.25")}
    assert (answer["before"], answer["after"]) == (None, Decimal("0.2500"))


def test_what_feeds_a_key_result_is_a_link_and_no_target(story: Story) -> None:
    win, kpi = story.objective(), story.kpi()
    customers = story.key_result(win)
    story.checks_in(customers, "40")
    story.reads(kpi, "25")
    then = story.okr.log.head()
    story.does(c.LinkKeyResult(customers, kpi))
    assert parts(explained(story, win, then)) == {"links": Fraction("-0.15")}


def test_a_third_stays_a_third(story: Story) -> None:
    win = story.objective()
    customers = story.key_result(win, metric("0", "3"))
    then = story.okr.log.head()
    story.checks_in(customers, "1")
    answer = explained(story, win, then)
    assert answer["change"] == {"exact": "1/3", "rounded": Decimal("0.3333")}


def test_between_the_same_moment_nothing_happened(story: Story) -> None:
    win = story.objective()
    story.checks_in(story.key_result(win), "40")
    answer = explained(story, win, story.okr.log.head())
    assert (answer["causes"], answer["change"]["exact"]) == ([], "0/1")


def test_words_of_its_cycle_name_the_moments(story: Story) -> None:
    win = story.objective()
    customers = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.checks_in(customers, "40")
    story.on(day(101))
    story.does(c.CloseCycle(NOW))
    answer = story.queries.explanation(win, "plan-committed", "published")
    assert parts(answer) == {"readings": Fraction("0.4")}


def test_moments_that_cannot_be_are_refused(story: Story) -> None:
    win = story.objective()
    with pytest.raises(Invalid) as refused:
        story.queries.explanation(win, "5", "4")
    assert refused.value.field == "to"
    with pytest.raises(Invalid) as refused:
        story.queries.explanation(win, "5", "2999-01-01")
    assert refused.value.field == "to"
    with pytest.raises(NotFound):
        story.queries.explanation(NOW, "5", "6")
