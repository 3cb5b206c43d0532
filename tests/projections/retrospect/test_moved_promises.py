"""A promised key result that is moved stays a promise: in the plan, its counts and patterns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.changes import MeasureChanges
from okr_es.domain.refusals import Invalid
from tests.projections.patterns.test_report import found, goals
from tests.support.story import BEN, COMPANY, NOW, SALES, Story, day, metric

LOWER = metric("0", "50")


class Moved:
    """A promised key result of Ann's, and Ben's draft, which it is moved to; it is day 50."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.kpi = story.kpi()
        self.win = story.objective()
        self.id = story.key_result(self.win, kpi_id=self.kpi)
        self.draft = story.does(c.DraftObjective(NOW, SALES, BEN, "perhaps"))
        self.others = story.key_result(self.draft, title="others")
        story.does(c.CommitPlan(NOW))
        self.promised_at = story.okr.log.head()
        story.does(c.MoveKeyResult(self.id, self.draft))

    def in_plan(self, id_: UUID | None = None) -> dict[str, Any]:
        """What the plan says of it."""
        plan = self.story.queries.plan(NOW)
        return next(each for each in plan["goals"] if each["id"] == str(id_ or self.id))


@pytest.fixture
def moved(story: Story) -> Moved:
    return Moved(story)


def marks(told: dict[str, Any]) -> tuple[bool, bool, bool]:
    return told["planned"], told["added_mid_cycle"], told["dropped_mid_cycle"]


def test_it_is_planned_and_its_changes_are_revisions(moved: Moved) -> None:
    moved.story.does(c.RetargetKeyResult(moved.id, LOWER))
    told = moved.in_plan()
    assert (told["promised_at"], told["revisions"]) == (moved.promised_at, 2)
    assert marks(told) == (True, False, False)
    assert told["objective"] == {"id": str(moved.draft)}
    told = [each["type"] for each in moved.story.queries.plan(NOW)["changes"]]
    assert told == ["key_result.retargeted", "key_result.moved"]


def test_it_is_dropped_and_returns_to_the_plan(moved: Moved) -> None:
    moved.story.does(c.DropKeyResult(moved.id))
    assert marks(moved.in_plan()) == (True, False, True)
    moved.story.does(c.ReinstateKeyResult(moved.id))
    assert marks(moved.in_plan()) == (True, False, False)
    assert moved.in_plan()["returns"] == 1


def test_its_corrections_are_counted_and_both_plans_know_them(moved: Moved) -> None:
    moved.story.does(c.CorrectKeyResult(moved.id, MeasureChanges(target=LOWER.target)))
    assert (moved.in_plan()["corrections"], moved.in_plan()["revisions"]) == (1, 1)


def test_it_has_the_first_promise_where_it_is_promised_again(moved: Moved) -> None:
    moved.story.does(c.CommitObjective(moved.draft))
    assert moved.in_plan()["promised_at"] == moved.promised_at
    assert marks(moved.in_plan()) == (True, False, False)
    assert marks(moved.in_plan(moved.others)) == (False, True, False)
    moved.story.does(c.MoveKeyResult(moved.id, moved.win))
    assert moved.in_plan()["promised_at"] == moved.promised_at


def test_the_word_plan_committed_is_its_own(moved: Moved) -> None:
    told = moved.story.queries.key_result(moved.id, known_at="plan-committed")
    assert told["objective"] == {"id": str(moved.win)}
    with pytest.raises(Invalid):
        moved.story.queries.key_result(moved.others, known_at="plan-committed")


def test_patterns_find_that_it_is_lowered_and_its_kpi_retired(moved: Moved) -> None:
    moved.story.does(c.RetargetKeyResult(moved.id, LOWER))
    moved.story.does(c.RetireKpi(moved.kpi))
    assert goals(found(moved.story, "lowered_target")) == [moved.id]
    assert goals(found(moved.story, "retired_kpi")) == [moved.kpi]


def test_one_that_was_added_mid_cycle_stays_added(moved: Moved) -> None:
    story = moved.story
    added = story.key_result(moved.win, title="added")
    position = story.okr.log.head()
    story.does(c.MoveKeyResult(added, moved.draft))
    assert moved.in_plan(added)["promised_at"] == position
    assert marks(moved.in_plan(added)) == (False, True, False)


def test_what_is_moved_into_a_plan_comes_to_it(moved: Moved) -> None:
    story = moved.story
    story.does(c.MoveKeyResult(moved.others, moved.win))
    position = story.okr.log.head()
    told = moved.in_plan(moved.others)
    assert (told["promised_at"], told["revisions"]) == (position, 0)
    assert marks(told) == (False, True, False)
    assert story.queries.plan(NOW)["changes"][0]["position"] == position
    assert story.queries.key_result(moved.others)["added_mid_cycle"] is True


def test_the_score_as_committed_is_that_of_the_objective_it_was_promised_in(story: Story) -> None:
    win, other = story.objective(), story.objective("other", team_id=SALES)
    id_ = story.key_result(win)
    story.does(c.CommitPlan(NOW, COMPANY, with_teams_below=False))
    story.does(c.MoveKeyResult(id_, other))
    story.checks_in(id_, "50")
    story.on(day(60))
    review = {each["title"]: each for each in story.queries.review(NOW)["goals"]}
    assert str(review["win"]["scores"]["committed"]["score"]) == "0.5000"
    assert review["other"]["scores"]["committed"] is None


@pytest.mark.parametrize("by_its_own_commit", [True, False], ids=["committed", "covered"])
def test_it_is_promised_once_also_where_the_next_objective_becomes_a_promise(
    story: Story, by_its_own_commit: bool
) -> None:
    win = story.objective()
    id_ = story.key_result(win)
    draft = story.does(c.DraftObjective(NOW, SALES, BEN, "perhaps"))
    story.key_result(draft, title="others")
    story.does(c.CommitPlan(NOW, COMPANY, with_teams_below=by_its_own_commit))
    story.does(c.MoveKeyResult(id_, draft))
    story.does(c.RetargetKeyResult(id_, LOWER))
    story.does(c.CommitObjective(draft))
    if not by_its_own_commit:
        story.does(c.CommitPlan(NOW, SALES))
    story.checks_in(id_, "50")
    review = {each["title"]: each for each in story.queries.review(NOW)["goals"]}
    assert str(review["win"]["scores"]["committed"]["score"]) == "0.5000"
    assert review["perhaps"]["scores"]["committed"]["score"] is None
    told = next(each for each in review["perhaps"]["key_results"] if each["id"] == str(id_))
    assert str(told["promised"]["target"]) == "100"
    assert_goal_and_plan_agree(story, id_)


def test_it_is_planned_in_every_answer_where_it_was_moved_to(moved: Moved) -> None:
    moved.story.does(c.CommitObjective(moved.draft))
    assert_goal_and_plan_agree(moved.story, moved.id)
    assert_goal_and_plan_agree(moved.story, moved.others)


def test_one_that_was_added_mid_cycle_stays_added_where_a_later_commit_covers(
    story: Story,
) -> None:
    win, other = story.objective(), story.objective("other", team_id=SALES)
    story.does(c.CommitPlan(NOW, COMPANY, with_teams_below=False))
    added = story.key_result(win)
    story.does(c.MoveKeyResult(added, other))
    story.does(c.CommitPlan(NOW, SALES))
    assert story.queries.key_result(added)["added_mid_cycle"] is True
    assert_goal_and_plan_agree(story, added)


def assert_goal_and_plan_agree(story: Story, id_: UUID) -> None:
    """The goal and the plan say alike whether a key result was added mid-cycle."""
    plan = {each["id"]: each for each in story.queries.plan(NOW)["goals"]}
    told = story.queries.key_result(id_)
    assert told["added_mid_cycle"] is plan[str(id_)]["added_mid_cycle"]
    goal = story.queries.objective(UUID(told["objective"]["id"]))
    own = {each["id"]: each for each in goal["key_results"]}
    assert own[str(id_)]["added_mid_cycle"] is told["added_mid_cycle"]
