"""What is shown never contradicts the verdict: numbers right beside thresholds, in every answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Commitment
from projections.queries import Queries
from tests.support.explained import every_part
from tests.support.random_history import CYCLES, OBJECTIVES, Told
from tests.support.story import NOW, Story, day, metric, wanted

Every = Callable[..., None]
Row = dict[str, Any]
MILLION = metric("0", "1000000")


def graded(story: Story, value: str) -> Row:
    """The grade of an aspirational objective at this value of a million."""
    win = story.objective(commitment=Commitment.ASPIRATIONAL)
    story.checks_in(story.key_result(win, MILLION), value)
    story.does(c.GradeObjective(win))
    grade = story.board()["win"]["grade"]
    assert grade is not None
    return grade


@pytest.mark.parametrize(
    ("value", "computed", "band"),
    [
        ("699980", "0.6999", "yellow"),
        ("699999.999", "0.6999", "yellow"),
        ("700000", "0.7000", "green"),
        ("700000.001", "0.7000", "green"),
        ("399999.9", "0.3999", "red"),
        ("400000", "0.4000", "yellow"),
        ("3", "0.000003", "red"),
    ],
)
def test_a_grade_shows_the_number_its_band_is_of(
    story: Story, value: str, computed: str, band: str
) -> None:
    grade = graded(story, value)
    assert (str(grade["computed"]), grade["band"]) == (computed, band)


@pytest.mark.parametrize(
    ("share", "pace", "status"),
    [
        ("449999.9", "0.8999", "on_track"),
        ("450000", "0.9000", "on_track"),
        ("349999.9", "0.6999", "at_risk"),
        ("350000", "0.7000", "at_risk"),
    ],
)
def test_a_pace_shows_the_number_its_status_is_of(
    story: Story, share: str, pace: str, status: str
) -> None:
    win = story.objective()
    story.checks_in(story.key_result(win, MILLION), share)
    goal = story.board()["win"]
    for row in (goal, *goal["key_results"]):
        assert str(row["pace"]) == pace
        assert row["status"] == status or Fraction(row["pace"]) < Fraction("0.9")


@pytest.mark.parametrize(
    ("direction", "target", "value", "progress", "met"),
    [
        ("at_least", "1000000", "999999.50", "0.9999", False),
        ("increase", "1000000", "999999.999999", "0.9999", False),
        ("at_most", "12.50", "12.504", "0.9996", False),
        ("at_most", "1000000", "1000000.0001", "0.9999", False),
        ("at_least", "1000000", "1000000", "1.0000", True),
        ("at_most", "12.50", "12.50", "1.0000", True),
    ],
)
def test_a_kpi_shows_1_where_it_is_met_alone(
    story: Story, direction: str, target: str, value: str, progress: str, met: bool
) -> None:
    kpi = story.kpi(direction, wanted(target, last=40))
    story.reads(kpi, value, on=day(40))
    found = story.queries.kpi(kpi)
    assert found["reading"] is not None
    assert found["reading"]["value"] == value
    assert (str(found["progress"]), found["met"]) == (progress, met)


def test_an_adjusted_grade_differs_by_what_it_differs(story: Story) -> None:
    win = story.objective()
    story.does(c.CommitPlan(NOW))
    story.checks_in(story.key_result(win, MILLION), "699980")
    story.does(c.GradeObjective(win, Decimal("0.7")))
    (finding,) = [
        each for each in story.queries.patterns(NOW)["findings"] if each["kind"] == "adjusted_grade"
    ]
    assert (finding["amount"], str(finding["computed"])) == ("0.00002", "0.6999")


def test_the_shown_parts_of_an_explanation_sum_to_the_shown_change(story: Story) -> None:
    win = story.objective()
    numbers = [story.key_result(win, metric("0", "3")) for _ in range(3)]
    for number in numbers:
        story.checks_in(number, "0")
    then = story.okr.log.head()
    for number in numbers:
        story.checks_in(number, "2")
    assert parts_since(story, win, then) == ["0.2223", "0.2222", "0.2222"]
    then = story.okr.log.head()
    story.checks_in(numbers[0], "2.00003")
    story.checks_in(numbers[1], "1")
    assert parts_since(story, win, then) == ["0.000003", "-0.111111"]


def parts_since(story: Story, id_: UUID, position: int) -> list[str]:
    """What is shown of each event in the explanation of an objective."""
    answer = story.queries.explanation(id_, str(position), str(story.okr.log.head()))
    require_sums(answer)
    events = [event for part in every_part(answer) for event in part["events"]]
    return [str(each["change"]["rounded"]) for each in events]


def require_sums(answer: Any) -> None:
    """Every shown part of an explanation has its share of the whole, and none is 0 but 0."""
    assert total(answer["causes"]) == Fraction(answer["change"]["rounded"])
    assert total(every_part(answer)) == Fraction(answer["change"]["rounded"])
    for each in every_part(answer):
        if each["events"]:
            assert total(each["events"]) == Fraction(each["change"]["rounded"])
    for row in changes(answer):
        assert (row["rounded"] == 0) == (Fraction(row["exact"]) == 0)


def total(parts: list[Row]) -> Fraction:
    return sum((Fraction(each["change"]["rounded"]) for each in parts), Fraction(0))


def changes(answer: Any) -> Iterator[Row]:
    yield answer["change"]
    for each in (*answer["causes"], *every_part(answer), *answer["kpis"]):
        yield each["change"]
        yield from (event["change"] for event in each.get("events", ()))


def test_no_history_shows_a_number_against_its_verdict(every_history: Every) -> None:
    def holds(told: Told) -> None:
        queries = Queries(told.okr, told.runner)
        for cycle in CYCLES:
            goals: list[Any] = queries.board(cycle)["objectives"]
            rows = [row for goal in goals for row in (goal, *goal["key_results"])]
            require_order(rows, "status", "pace", {"off_track"}, {"at_risk", "on_track"})
            for commitment in Commitment:
                grades = [final(goal) for goal in goals if goal["commitment"] == commitment]
                require_order(grades, "band", "final", {"red"}, {"yellow"}, {"green"})
        for id_ in OBJECTIVES:
            if id_ in known(queries):
                require_sums(queries.explanation(id_, "1", str(told.okr.log.head())))

    every_history(holds)


def known(queries: Queries) -> set[UUID]:
    """The objectives there are."""
    boards = [queries.board(cycle)["objectives"] for cycle in CYCLES]
    return {UUID(goal["id"]) for goals in boards for goal in goals}


def final(goal: Row) -> Row:
    """The band of a goal's grade, and the number it is of; both None where it has no grade."""
    grade = goal["grade"]
    if grade is None:
        return {"band": None, "final": None}
    adjusted = grade["adjusted"]
    shown = grade["computed"] if adjusted is None else Decimal(adjusted)
    return {"band": grade["band"], "final": shown}


def require_order(rows: list[Row], word: str, number: str, *order: set[str]) -> None:
    """Of what is shown under one policy, each number of a worse word is below those of a better."""
    for worse, better in pairwise(order):
        low = [row[number] for row in rows if row[word] in worse and row[number] is not None]
        high = [row[number] for row in rows if row[word] in better and row[number] is not None]
        assert not low or not high or max(low) < min(high), (low, high)
