"""Owners and teams on the days they are about, and drafts before their commit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from tests.support.story import ANN, BEN, COMPANY, NOW, SALES, Story, day

Row = dict[str, Any]


def shown(story: Story, how: str, win: UUID, **when: str) -> Row:
    """An objective on the board, in the tree, or alone."""
    match how:
        case "board":
            rows = story.queries.board(NOW, **when)["objectives"]
        case "tree":
            rows = story.queries.tree(NOW, **when)["objectives"]
        case _:
            rows = [story.queries.objective(win, **when)]
    (found,) = [row for row in rows if row["id"] == str(win)]
    return found


def held(row: Row) -> tuple[UUID, UUID, Any]:
    return UUID(row["owner"]["id"]), UUID(row["team"]["id"]), row["recorded_later"]


@pytest.fixture
def win(story: Story) -> UUID:
    """Ann left on day 59; it was recorded on day 70 that Ben and sales have her goal."""
    win = story.objective()
    story.on(day(70))
    story.does(c.ReassignObjective(win, BEN, SALES, effective=day(60)))
    story.on(day(80))
    return win


@pytest.mark.parametrize("how", ["board", "tree", "alone"])
def test_a_day_shows_who_had_a_goal_on_it(story: Story, win: UUID, how: str) -> None:
    assert held(shown(story, how, win, at=str(day(59)))) == (ANN, COMPANY, None)
    for number in (60, 65, 69):
        assert held(shown(story, how, win, at=str(day(number)))) == (BEN, SALES, day(70))
    for number in (70, 75):
        assert held(shown(story, how, win, at=str(day(number)))) == (BEN, SALES, None)
    assert held(shown(story, how, win)) == (BEN, SALES, None)


@pytest.mark.parametrize("how", ["board", "tree", "alone"])
def test_what_was_known_then_knows_nothing_of_it(story: Story, win: UUID, how: str) -> None:
    then = str(day(69))
    assert held(shown(story, how, win, known_at=then)) == (ANN, COMPANY, None)
    assert held(shown(story, how, win, known_at=then, at=str(day(65)))) == (ANN, COMPANY, None)
    later = shown(story, how, win, known_at=str(day(75)), at=str(day(65)))
    assert held(later) == (BEN, SALES, day(70))


def test_only_what_was_handed_over_is_recorded_later(story: Story, win: UUID) -> None:
    other = story.objective("other")
    story.does(c.ReassignObjective(win, team_id=COMPANY, effective=day(65)))
    assert held(shown(story, "board", win, at=str(day(62)))) == (BEN, SALES, day(70))
    assert held(shown(story, "board", win, at=str(day(67)))) == (BEN, COMPANY, day(70))
    assert held(shown(story, "board", other)) == (ANN, COMPANY, None)


def test_the_promise_stays_that_of_its_day(story: Story) -> None:
    """What a review shows as promised is no answer about a day."""
    win = story.objective()
    story.does(c.CommitPlan(NOW))
    story.on(day(70))
    story.does(c.ReassignObjective(win, BEN, SALES, effective=day(50)))
    (review,) = story.queries.review(NOW)["goals"]
    assert review["promised"]["owner"] == {"id": str(ANN)}
    assert review["ended_as"]["owner"] == {"id": str(BEN)}


def test_before_its_commit_a_goal_added_mid_cycle_is_the_draft_it_was(story: Story) -> None:
    story.objective("promised")
    story.does(c.CommitPlan(NOW))
    story.on(day(60))
    late = story.does(c.DraftObjective(NOW, COMPANY, ANN, "late"))
    story.on(day(70))
    story.does(c.CommitObjective(late))
    story.on(day(80))
    at = {
        number: story.queries.board(NOW, at=str(day(number)))["objectives"][1:]
        for number in (59, 65, 75)
    }
    assert at[59] == []
    assert [(row["state"], row["added_mid_cycle"]) for row in at[65]] == [("draft", False)]
    assert [(row["state"], row["added_mid_cycle"]) for row in at[75]] == [("committed", True)]


def test_at_a_position_a_hand_over_later_on_its_day_has_not_happened(story: Story) -> None:
    """It holds from the day of recording on, and not before it was recorded on that day."""
    win = story.objective()
    story.on(day(70))
    before = str(story.does(c.RetitleObjective(win, "won")) and story.okr.log.head())
    story.does(c.ReassignObjective(win, BEN, SALES))
    assert held(shown(story, "board", win, at=before)) == (ANN, COMPANY, None)
    story.does(c.ReassignObjective(win, BEN, SALES, effective=day(60)))
    story.does(c.ReassignObjective(win, ANN, COMPANY))
    assert held(shown(story, "board", win, at=before)) == (BEN, SALES, day(70))
