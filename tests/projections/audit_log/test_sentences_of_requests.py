"""Requests for approval in sentences: what for, who asked and why, who approved or refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Controlled
from okr_es.handlers.approval_gate import REQUESTABLE
from projections.audit_log.languages import LANGUAGES, Language
from tests.projections.audit_log.test_languages import facts_of
from tests.support.story import ANN, BEN, NOW, Story, metric

EVE = UUID(int=0xA5)
WHEN = "on 19 February 2025 at 12:00 UTC through the API"
WHEN_SV = "den 19 februari 2025 kl. 12:00 UTC via API:et"
OF_IT = "the key result “a number” of the objective “win”"
AV_DET = "nyckelresultatet ”a number” i målet ”win”"


@pytest.fixture
def controlled(story: Story) -> Story:
    """Ann's objective with a number, its plan committed; everything needs approval."""
    story.key_result(story.objective())
    story.does(c.CommitPlan(NOW))
    story.does(c.RequireApproval(NOW, tuple(Controlled)))
    return story


def asks(story: Story, command: c.Command, **context: Any) -> UUID:
    receipt = story.execute(command, **({"reason": "The market shrank."} | context))
    assert receipt.approval_id is not None
    return receipt.approval_id


def less(story: Story) -> c.RetargetKeyResult:
    number = UUID(story.board()["win"]["key_results"][0]["id"])
    return c.RetargetKeyResult(number, metric("0", "80"))


def told(story: Story, language: str = "en", *, skip: int = 0) -> str:
    """The sentence of what happened last, or before that."""
    entries = story.queries.audit_log(limit=skip + 1, language=language)["entries"]
    return str(entries[skip]["sentence"])


def test_a_request_says_what_it_is_for_before_and_after(controlled: Story) -> None:
    story = controlled
    asks(story, less(story))
    assert told(story) == (
        f"Ann Example asked for approval to change what {OF_IT} promises (target from 100 to 80)"
        f" {WHEN}, with the reason “The market shrank.”"
    )
    assert told(story, "sv") == (
        f"Ann Example bad om godkännande för att ändra vad {AV_DET} lovar (målvärde från 100 till"
        f" 80) {WHEN_SV}, med motiveringen ”The market shrank.”"
    )
    entry = story.queries.audit_log(limit=1)["entries"][0]
    assert entry["goal"]["title"] == "a number"
    assert entry["goal"]["objective"]["title"] == "win"


def test_an_approval_says_of_what_and_the_change_who_asked_and_who_approved(
    controlled: Story,
) -> None:
    story = controlled
    asked = asks(story, less(story), comment="See the table.")
    story.does(c.ApproveRequest(asked), by=BEN, reason=None, comment="Agreed.")
    assert told(story, skip=1) == (
        f"Ben Example approved a request of Ann Example to change what {OF_IT} promises (target"
        f" from 100 to 80), asked for with the reason “The market shrank.”, {WHEN}, commenting"
        " “Agreed.”"
    )
    assert told(story, "sv", skip=1) == (
        f"Ben Example godkände en begäran från Ann Example om att ändra vad {AV_DET} lovar"
        " (målvärde från 100 till 80), ställd med motiveringen ”The market shrank.”,"
        f" {WHEN_SV}, med kommentaren ”Agreed.”"
    )
    assert told(story) == (
        f"Ann Example, with the approval of Ben Example, changed the target of {OF_IT} from 100 to"
        f" 80 leads {WHEN}, having asked with the reason “The market shrank.”, commenting “See the"
        " table.”"
    )
    assert told(story, "sv") == (
        f"Ann Example, med godkännande av Ben Example, ändrade målvärdet för {AV_DET} från 100 till"
        f" 80 leads {WHEN_SV}, efter en begäran med motiveringen ”The market shrank.”, med"
        " kommentaren ”See the table.”"
    )
    history = story.queries.history(less(story).key_result_id)["entries"]
    assert [(each["requester"], each["approver"]) for each in history] == [
        ({"id": ANN}, {"id": BEN}), (None, None),
    ]  # fmt: skip


def test_wherever_the_change_is_shown_who_asked_and_who_approved_is_named(
    controlled: Story,
) -> None:
    """In the explanation, among the markers of plan and actual, and in a replay."""
    story = controlled
    number, goal = less(story).key_result_id, UUID(story.board()["win"]["id"])
    story.checks_in(number, "40")
    story.does(c.ApproveRequest(asks(story, less(story))), by=BEN, reason=None)
    (part,) = story.queries.explanation(goal)["key_results"]
    markers = story.queries.key_result_plan_and_actual(number)["markers"]
    _, _, *steps = story.queries.replay(NOW, step="event")
    shown = [*part["events"], *markers, *(step["event"] for step in steps)]
    changed = [each for each in shown if each["type"] == "key_result.retargeted"]
    assert [(each["requester"], each["approver"]) for each in changed] == [
        ({"id": ANN}, {"id": BEN}),
    ] * 3  # fmt: skip
    read = [each for each in shown if each["type"] == "reading.checked_in"]
    assert {(each["by"]["id"], each["requester"], each["approver"]) for each in read} == {
        (ANN, None, None)
    }


def test_a_refusal_and_a_withdrawal_say_of_what(controlled: Story) -> None:
    story = controlled
    goal = UUID(story.board()["win"]["id"])
    story.does(
        c.RefuseRequest(asks(story, c.ReassignObjective(goal, owner_id=BEN))), by=BEN, reason="No."
    )
    assert told(story) == (
        "Ben Example refused a request of Ann Example to hand over the objective “win” (owner from"
        f" Ann Example to Ben Example), asked for with the reason “The market shrank.”, {WHEN},"
        " with the reason “No.”"
    )
    story.does(c.WithdrawRequest(asks(story, c.CloseCycle(NOW))), reason=None)
    assert told(story) == (
        f"Ann Example withdrew a request for approval to close the cycle now {WHEN}."
    )
    assert told(story, "sv") == (
        f"Ann Example drog tillbaka en begäran om godkännande för att stänga cykeln now {WHEN_SV}."
    )


def test_a_request_compares_with_what_was_in_force_right_before_it(controlled: Story) -> None:
    """What was decided since changes none of its words."""
    story = controlled
    first = asks(story, less(story))
    before = told(story)
    story.does(c.ApproveRequest(first), by=BEN)
    assert told(story, skip=2) == before


def test_who_asked_and_was_erased_is_a_former_colleague(controlled: Story) -> None:
    story = controlled
    story.does(c.RegisterPerson("Eve", id=EVE))
    story.does(c.ApproveRequest(asks(story, less(story), by=BEN)), by=EVE)
    story.does(c.ErasePerson(BEN, "on request"))
    assert told(story, skip=1).startswith("A former colleague, with the approval of Eve, changed")
    assert "a request of a former colleague to change what" in told(story, skip=2)
    assert "begäran från en tidigare kollega om att ändra" in told(story, "sv", skip=2)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda each: each.code)
def test_all_that_can_be_asked_for_has_words(language: Language) -> None:
    requests = language.vocabulary.requests
    assert requests.keys() == REQUESTABLE.keys()
    for command, template in LANGUAGES["en"].vocabulary.requests.items():
        assert facts_of(requests[command]) == facts_of(template), command
