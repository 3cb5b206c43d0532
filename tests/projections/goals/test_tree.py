"""The alignment tree: who serves whom, through objectives, key results and cycles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from tests.support.story import NEXT, NOW, Story, shown

Shape = dict[str, Any]


def shape(branches: list[dict[str, Any]]) -> Shape:
    """The words of a tree, each with what serves it."""
    return {branch["title"]: shape(branch["aligned"]) for branch in branches}


def tree(story: Story, cycle: UUID = NOW) -> Shape:
    return shape(story.queries.tree(cycle)["objectives"])


def test_goals_hang_under_what_they_serve(story: Story) -> None:
    top, middle, low = (story.objective(words) for words in ("top", "middle", "low"))
    story.objective("alone")
    story.aligns(middle, aligned_to_objective_id=top)
    story.aligns(low, aligned_to_objective_id=middle)
    assert tree(story) == {"top": {"middle": {"low": {}}}, "alone": {}}


def test_goals_hang_under_the_objective_whose_key_result_they_serve(story: Story) -> None:
    top, other, low = (story.objective(words) for words in ("top", "other", "low"))
    leads = story.key_result(top)
    story.aligns(low, aligned_to_key_result_id=leads)
    branch = story.queries.tree(NOW)["objectives"][0]["aligned"][0]
    assert branch["aligned_to"] == {"kind": "key_result", "id": str(leads)}
    story.does(c.MoveKeyResult(leads, other))
    assert tree(story) == {"top": {}, "other": {"low": {}}}
    story.aligns(low)
    assert tree(story) == {"top": {}, "other": {}, "low": {}}


def test_goals_of_other_cycles_come_along_when_they_serve_one_of_this(story: Story) -> None:
    year = story.objective("year")
    quarter = story.objective("quarter", cycle_id=NEXT)
    below = story.objective("below", cycle_id=NEXT)
    story.objective("unrelated", cycle_id=NEXT)
    story.aligns(quarter, aligned_to_key_result_id=story.key_result(year))
    story.aligns(below, aligned_to_objective_id=quarter)
    assert tree(story) == {"year": {"quarter": {"below": {}}}}
    assert tree(story, NEXT) == {"quarter": {"below": {}}, "unrelated": {}}
    assert list(story.board()) == ["year"]
    assert list(story.board(NEXT)) == ["quarter", "below", "unrelated"]


@pytest.mark.parametrize(
    ("weights", "rolled_up"),
    [
        (("1", "1"), "0.6000"),
        (("2", "1"), "0.4750"),
        (("0", "1"), "0.8500"),
        (("0", "0"), "0.8000"),
    ],
)
def test_what_is_aligned_to_a_goal_rolls_up_into_it_by_weight(
    story_on_sqlite: Story, weights: tuple[str, str], rolled_up: str
) -> None:
    story = story_on_sqlite
    top = story.objective("top")
    story.checks_in(story.key_result(top), "80")
    for value, weight in zip(("10", "90"), weights, strict=True):
        low = story.objective(value)
        story.checks_in(story.key_result(low), value)
        story.aligns(low, weight, aligned_to_objective_id=top)
    found = story.board()["top"]
    assert (str(found["score"]), str(found["rolled_up"])) == ("0.8000", rolled_up)
    assert [(a["weight"], str(a["score"])) for a in found["aligned"]] == [
        (weights[0], "0.1000"),
        (weights[1], "0.9000"),
    ]


def test_a_goal_without_key_results_is_measured_by_its_aligned_goals(
    story_on_sqlite: Story,
) -> None:
    story = story_on_sqlite
    top = story.objective("top")
    for words, value in (("one", "50"), ("two", "25"), ("three", None)):
        low = story.objective(words)
        leads = story.key_result(low)
        if value:
            story.checks_in(leads, value)
        story.aligns(low, aligned_to_objective_id=top)
    found = story.board()["top"]
    assert shown(found, "score", "coverage", "rolled_up") == ("0.3750", "0.6666", "0.3750")
    assert (str(found["pace"]), found["status"]) == ("0.7500", "at_risk")


def test_a_roll_up_takes_the_scores_and_not_the_roll_ups_below(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    top, middle, low = (story.objective(words) for words in ("top", "middle", "low"))
    story.aligns(middle, aligned_to_objective_id=top)
    story.aligns(low, "3", aligned_to_objective_id=middle)
    for goal, value in ((top, "100"), (middle, "20"), (low, "60")):
        story.checks_in(story.key_result(goal), value)
    found = {words: str(goal["rolled_up"]) for words, goal in story.board().items()}
    # middle: (0.2 + 3 * 0.6) / 4 = 0.5, top: (1 + 0.2) / 2
    assert found == {"top": "0.6000", "middle": "0.5000", "low": "0.6000"}


def test_goals_stand_in_the_order_they_were_drafted(story: Story) -> None:
    words = [f"goal {number}" for number in (3, 1, 2)]
    for each in words:
        story.objective(each)
    assert list(story.board()) == words
    assert list(tree(story)) == words


def test_a_long_chain_of_goals_can_be_asked_for(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    above = story.objective("0")
    for number in range(1, 40):
        below = story.objective(str(number))
        story.aligns(below, aligned_to_objective_id=above)
        above = below
    story.checks_in(story.key_result(above), "50")
    assert str(story.board()["0"]["rolled_up"]) == "0.5000"
