"""Committing a plan freezes a position; what is changed after it is a revision, with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from tests.support.story import BEN, COMPANY, NEXT, NOW, SALES, Story, metric


def by_statement(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {goal["title"]: goal for goal in plan["goals"]}


def test_before_it_is_committed_nothing_is_a_revision(story: Story) -> None:
    win = story.objective()
    story.does(c.RetitleObjective(win, "win more"))
    plan = story.queries.plan(NOW)
    assert plan["committed"] is None
    assert (plan["revisions"], plan["added"], plan["dropped"]) == (0, 0, 0)
    assert plan["changes"] == []


def test_a_committed_plan_is_a_position_and_its_day(story: Story) -> None:
    story.objective()
    story.does(c.CommitPlan(NOW))
    committed = story.queries.plan(NOW)["committed"]
    assert committed == {"position": story.okr.log.head(), "day": story.okr.today()}


def test_revisions_are_counted_for_goal_team_and_cycle_each_with_its_reason(story: Story) -> None:
    win, sell = story.objective(), story.objective("sell", team_id=SALES)
    customers = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.does(c.RetargetKeyResult(customers, metric("0", "80")), reason="The market shrank.")
    story.does(c.RetargetKeyResult(customers, metric("0", "70")), reason="It shrank again.")
    story.does(c.ReassignObjective(sell, owner_id=BEN), reason="Ann has no time.")
    plan = story.queries.plan(NOW)
    goals = by_statement(plan)
    assert {name: goal["revisions"] for name, goal in goals.items()} == {
        "win": 0, "sell": 1, "a number": 2,
    }  # fmt: skip
    assert {each["team"]["id"]: each["revisions"] for each in plan["teams"]} == {
        str(COMPANY): 2, str(SALES): 1,
    }  # fmt: skip
    assert plan["revisions"] == 3
    assert [(each["type"], each["reason"]) for each in plan["changes"]] == [
        ("objective.reassigned", "Ann has no time."),
        ("key_result.retargeted", "It shrank again."),
        ("key_result.retargeted", "The market shrank."),
    ]
    assert plan["changes"][1]["changes"] == [{"field": "target", "before": "80", "after": "70"}]
    assert {each["objective"]["id"] for each in plan["changes"]} == {str(win), str(sell)}


def test_goals_added_or_dropped_mid_cycle_are_marked(story: Story) -> None:
    win, lose = story.objective(), story.objective("lose")
    story.key_result(win)
    gone = story.key_result(win, title="gone")
    story.does(c.CommitPlan(NOW))
    story.objective("late")
    story.key_result(win, title="new")
    story.does(c.AbandonObjective(lose))
    story.does(c.DropKeyResult(gone))
    plan = story.queries.plan(NOW)
    marks = {
        name: (goal["planned"], goal["added_mid_cycle"], goal["dropped_mid_cycle"])
        for name, goal in by_statement(plan).items()
    }
    assert marks == {
        "win": (True, False, False),
        "lose": (True, False, True),
        "a number": (True, False, False),
        "gone": (True, False, True),
        "late": (False, True, False),
        "new": (False, True, False),
    }
    assert (plan["added"], plan["dropped"]) == (2, 2)
    board = story.board()
    assert board["late"]["added_mid_cycle"]
    assert not board["win"]["added_mid_cycle"]
    assert [each["added_mid_cycle"] for each in board["win"]["key_results"]] == [False, True]


def test_a_draft_is_no_promise_and_its_changes_are_no_revisions(story: Story) -> None:
    draft = story.does(c.DraftObjective(NOW, COMPANY, BEN, "perhaps"))
    story.objective()
    story.does(c.CommitPlan(NOW))
    story.does(c.RetitleObjective(draft, "maybe"))
    goal = by_statement(story.queries.plan(NOW))["maybe"]
    assert (goal["planned"], goal["added_mid_cycle"], goal["revisions"]) == (False, False, 0)


def test_a_key_result_of_a_draft_is_added_when_the_draft_is_committed(story: Story) -> None:
    story.objective()
    story.does(c.CommitPlan(NOW))
    draft = story.does(c.DraftObjective(NOW, COMPANY, BEN, "perhaps"))
    story.key_result(draft)
    plan = story.queries.plan(NOW)
    assert (plan["added"], plan["changes"]) == (0, [])
    assert not story.queries.objective(draft)["key_results"][0]["added_mid_cycle"]
    story.does(c.CommitObjective(draft))
    plan = story.queries.plan(NOW)
    assert plan["added"] == 2
    assert story.queries.objective(draft)["key_results"][0]["added_mid_cycle"]


def test_the_plan_is_shown_as_known_at_a_position(story: Story) -> None:
    win = story.objective()
    story.does(c.CommitPlan(NOW))
    story.does(c.RetitleObjective(win, "win more"))
    then = story.okr.log.head()
    story.does(c.RetitleObjective(win, "win most"))
    assert story.queries.plan(NOW, known_at=str(then))["revisions"] == 1
    assert story.queries.plan(NOW, known_at=str(then))["fixed"]
    assert story.queries.plan(NOW)["revisions"] == 2


def test_pages_of_revisions_follow_on_each_other(story: Story) -> None:
    win = story.objective()
    story.does(c.CommitPlan(NOW))
    for number in range(5):
        story.does(c.RetitleObjective(win, f"win {number}"))
    found, before = [], None
    while True:
        page = story.queries.plan(NOW, limit=2, before=before)
        found += [each["changes"][0]["after"] for each in page["changes"]]
        before = page["next_before"]
        if before is None:
            break
    assert found == [f"win {number}" for number in (4, 3, 2, 1, 0)]


def test_the_plan_of_an_unknown_cycle_is_not_found(story: Story) -> None:
    with pytest.raises(NotFound):
        story.queries.plan(COMPANY)
    assert story.queries.plan(NEXT)["goals"] == []
