"""Requests that wait for approval show on the goal they are about, as long as they wait."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Controlled, Role
from tests.support.story import ANN, BEN, COMPANY, NOW, Story, metric

EVE = UUID(int=0xA5)


@pytest.fixture
def controlled(story: Story) -> Story:
    """Ann's objective with two numbers, its plan committed; everything needs approval."""
    win = story.objective()
    story.key_result(win, title="first")
    story.key_result(win, title="second")
    story.does(c.CommitPlan(NOW))
    story.does(c.RequireApproval(NOW, tuple(Controlled)))
    return story


def goal(story: Story) -> UUID:
    return UUID(story.board()["win"]["id"])


def number(story: Story, place: int = 0) -> UUID:
    return UUID(story.board()["win"]["key_results"][place]["id"])


def asks(story: Story, command: c.Command, **context: Any) -> str:
    receipt = story.execute(command, **({"reason": "The market shrank."} | context))
    assert receipt.approval_id is not None
    return str(receipt.approval_id)


def waiting(answer: dict[str, Any]) -> list[str]:
    return [each["id"] for each in answer["pending_requests"]]


def test_an_objective_shows_what_waits_for_it_and_its_key_results(controlled: Story) -> None:
    story, win, first = controlled, goal(controlled), number(controlled)
    assert story.queries.objective(win)["pending_requests"] == []
    retarget = asks(story, c.RetargetKeyResult(first, metric("0", "80")), by=BEN)
    retitle = asks(story, c.RetitleObjective(win, "win more"))
    shown, later = story.queries.objective(win)["pending_requests"]
    assert shown == {
        "id": retarget,
        "what": "Change what a key result promises.",
        "goal": {"kind": "key_result", "id": str(first)},
        "requester": {"id": str(BEN)},
        "since": story.queries.approval(UUID(retarget))["requested"]["recorded_at"],
    }
    assert (later["id"], later["goal"]) == (retitle, {"kind": "objective", "id": str(win)})
    assert later["requester"] == {"id": str(ANN)}
    assert story.queries.key_result(first)["pending_requests"] == [shown]
    assert waiting(story.queries.key_result(number(story, 1))) == []


@pytest.mark.parametrize("decision", ["approve", "refuse", "withdraw"])
def test_once_decided_it_waits_no_more_but_did_then(controlled: Story, decision: str) -> None:
    """Also where the answer about today is cached."""
    story, win = controlled, goal(controlled)
    story.does(c.RegisterPerson("Eve", id=EVE))
    asked = asks(story, c.RetargetKeyResult(number(story), metric("0", "80")))
    assert waiting(story.queries.objective(win)) == [asked]
    then = str(story.okr.log.head())
    story.does({
        "approve": c.ApproveRequest, "refuse": c.RefuseRequest, "withdraw": c.WithdrawRequest,
    }[decision](UUID(asked)), by=ANN if decision == "withdraw" else EVE)  # fmt: skip
    assert waiting(story.queries.objective(win)) == []
    assert waiting(story.queries.objective(win, known_at=then)) == [asked]
    assert waiting(story.queries.key_result(number(story), known_at=then)) == [asked]
    assert waiting(story.queries.objective(win, known_at=str(int(then) - 1))) == []


def test_a_request_to_take_up_a_dropped_key_result_shows_on_it(story: Story) -> None:
    win = story.objective()
    dropped = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.does(c.DropKeyResult(dropped))
    story.does(c.RequireApproval(NOW, tuple(Controlled)))
    asked = asks(story, c.ReinstateKeyResult(dropped))
    (shown,) = story.queries.key_result(dropped)["pending_requests"]
    assert (shown["id"], shown["goal"]) == (asked, {"kind": "key_result", "id": str(dropped)})
    assert waiting(story.queries.objective(win)) == [asked]


def test_another_objective_shows_none_of_it(controlled: Story) -> None:
    other = controlled.does(c.DraftObjective(NOW, COMPANY, ANN, "other"))
    asks(controlled, c.RetargetKeyResult(number(controlled), metric("0", "80")))
    asks(controlled, c.CloseCycle(NOW))
    assert waiting(controlled.queries.objective(other)) == []


def test_who_may_not_read_a_request_is_shown_none_of_it_on_the_goal(controlled: Story) -> None:
    """As in the list of requests: who asked is shown it, and who leads the team."""
    story, win, first = controlled, goal(controlled), number(controlled)
    story.does(c.RegisterPerson("Eve", id=EVE))
    asked = asks(story, c.RetargetKeyResult(first, metric("0", "80")))

    def shown(viewer: UUID) -> tuple[list[str], list[str]]:
        theirs, _ = story.queries.permitted(viewer, None, "objective", win, {})
        return waiting(theirs.objective(win)), waiting(theirs.key_result(first))

    assert shown(ANN) == ([asked], [asked])
    assert shown(EVE) == ([], [])
    story.does(c.GrantRole(EVE, Role.LEAD, COMPANY))
    assert shown(EVE) == ([asked], [asked])
    assert shown(ANN) == ([asked], [asked])
