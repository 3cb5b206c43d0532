"""Requests for approval: who asked for what and why, what it would change, and who decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from okr_es import commands as c
from okr_es.changes import MeasureChanges, TargetChanges
from okr_es.domain.approval import approval_id
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Commitment, Controlled, Direction
from okr_es.handlers.approval_gate import REQUESTABLE
from projections.audit_log.request_effects import EFFECTS, SUBJECTS
from tests.support.story import ANN, BEN, ENDS, NEXT, NOW, SALES, Story, day, metric, steps

EVE = UUID(int=0xA5)

ALL = tuple(Controlled)


@pytest.fixture
def controlled(story: Story) -> Story:
    """Ann's objective with a number, its plan committed; everything needs approval."""
    story.key_result(story.objective())
    story.does(c.CommitPlan(NOW))
    story.does(c.RequireApproval(NOW, ALL))
    return story


def asks(story: Story, command: c.Command, **context: Any) -> UUID:
    receipt = story.execute(command, **({"reason": "The market shrank."} | context))
    assert receipt.approval_id is not None
    return receipt.approval_id


def number_of(story: Story) -> UUID:
    return UUID(story.board()["win"]["key_results"][0]["id"])


def less(story: Story, target: str = "80") -> c.RetargetKeyResult:
    return c.RetargetKeyResult(number_of(story), metric("0", target))


def says_what_for(story: Story) -> bool:
    """The audit log says in both languages what the last request is for."""
    said = {code: story.queries.audit_log(limit=1, language=code)["entries"][0]["sentence"]
            for code in ("en", "sv")}  # fmt: skip
    return " asked for approval to " in said["en"] and "godkännande för att " in said["sv"]


def changed(request: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {each["field"]: (each["before"], each["after"]) for each in request["changes"]}


def test_a_request_shows_who_asked_for_what_when_and_why(controlled: Story) -> None:
    story, head = controlled, controlled.okr.log.head()
    id_ = asks(story, less(story), comment="See the table.", on_behalf_of=BEN)
    found = story.queries.approval(id_)
    assert found["cycle"] == {"id": str(NOW)}
    assert (found["action"], found["command"], found["decision"]) == (
        "plan_revisions", "RetargetKeyResult", "pending",
    )  # fmt: skip
    assert found["what"] == "Change what a key result promises."
    assert found["subject"] == {
        "kind": "key_result", "id": str(number_of(story)), "title": "a number",
    }  # fmt: skip
    assert found["changes"] == [{"field": "target", "before": "100", "after": "80"}]
    said = found["requested"]
    assert (said["by"], said["on_behalf_of"], said["position"]) == (
        {"id": ANN},
        {"id": BEN},
        head + 1,
    )
    assert (said["reason"], said["comment"]) == ("The market shrank.", "See the table.")
    assert (found["known_at"], found["decided"], found["events"]) == (head, None, [])


def test_an_approved_one_shows_who_approved_it_and_what_came_of_it(controlled: Story) -> None:
    story = controlled
    id_ = asks(story, less(story))
    story.does(c.ApproveRequest(id_), by=BEN, reason=None, comment="Agreed.")
    story.does(c.ApproveRequest(asks(story, less(story, "70"))), by=BEN)
    found = story.queries.approval(id_)
    assert (found["decision"], found["version"]) == ("approved", 2)
    assert (found["decided"]["by"], found["decided"]["comment"]) == ({"id": BEN}, "Agreed.")
    assert found["decided"]["on_behalf_of"] is None
    assert found["events"] == [found["decided"]["position"] + 1]
    assert changed(found) == {"target": ("100", "80")}


def test_the_history_of_the_goal_names_all_three(controlled: Story) -> None:
    """Who approved, who asked, and the reason they gave; and which request it was."""
    story = controlled
    id_ = asks(story, less(story))
    story.does(c.ApproveRequest(id_), by=BEN, reason="Ben's own", comment="Agreed.")
    entry, *earlier = story.queries.history(number_of(story))["entries"]
    told = {n: entry[n] for n in ("type", "by", "on_behalf_of", "reason", "comment")}
    assert told == {
        "type": "key_result.retargeted", "by": {"id": BEN}, "on_behalf_of": {"id": ANN},
        "reason": "The market shrank.", "comment": None,
    }  # fmt: skip
    assert entry["approval_id"] == str(id_)
    assert {each["approval_id"] for each in earlier} == {None}
    assert story.queries.plan(NOW)["changes"][0]["reason"] == "The market shrank."


def test_the_history_of_a_request_shows_both_decisions(controlled: Story) -> None:
    story = controlled
    id_ = asks(story, less(story))
    story.does(c.RefuseRequest(id_), by=BEN, reason="Not yet.")
    refused, requested = story.queries.history(id_)["entries"]
    assert (refused["type"], refused["reason"]) == ("approval.refused", "Not yet.")
    assert refused["changes"] == [{"field": "decision", "before": "pending", "after": "refused"}]
    assert requested["type"] == "approval.requested"
    for entry, reason in ((refused, "The market shrank."), (requested, None)):
        assert entry["request"] == {
            "what": "Change what a key result promises.",
            "subject": {
                "kind": "key_result", "id": str(number_of(story)), "title": "a number",
            },
            "changes": [{"field": "target", "before": "100", "after": "80"}],
            "requester": {"id": ANN},
            "reason": reason,
        }  # fmt: skip
    assert story.queries.history(number_of(story))["entries"][0]["request"] is None


def test_nobody_passes_for_approved_by_naming_a_request_as_the_cause(controlled: Story) -> None:
    story, command_id = controlled, uuid4()
    asks(story, less(story), command_id=command_id)
    other = story.does(c.DraftObjective(NEXT, SALES, ANN, "other"))
    story.does(c.RetitleObjective(other, "x"), on_behalf_of=BEN, causation_id=command_id)
    assert story.queries.history(other)["entries"][0]["approval_id"] is None
    story.does(c.ApproveRequest(approval_id(command_id)), by=BEN)
    assert story.queries.history(other)["entries"][0]["approval_id"] is None


def test_words_of_who_was_erased_about_a_goal_stay_everywhere(controlled: Story) -> None:
    story = controlled
    id_ = asks(story, less(story), by=BEN, reason="Ben's reason")
    cem = story.does(c.RegisterPerson("Cem"))
    story.does(c.ApproveRequest(id_), by=cem, comment="Cem's comment", reason=None)
    entry = story.queries.history(number_of(story))["entries"][0]
    assert entry["reason"] == "Ben's reason"
    story.does(c.ErasePerson(BEN, "on request"))
    entry = story.queries.history(number_of(story))["entries"][0]
    assert (entry["reason"], entry["on_behalf_of"]) == ("Ben's reason", {"id": BEN})
    found = story.queries.approval(id_)
    assert found["requested"]["reason"] == "Ben's reason"
    assert found["decided"]["comment"] == "Cem's comment"


def test_what_each_command_would_change(controlled: Story) -> None:
    story = controlled
    goal = UUID(story.board()["win"]["id"])
    number = number_of(story)
    draft = story.does(c.DraftObjective(NOW, SALES, BEN, "draft"))
    kpi = story.kpi()
    wanted: list[tuple[c.Command, dict[str, tuple[Any, Any]]]] = [
        (c.CloseCycle(NOW), {"closed": (False, True)}),
        (
            c.RequireApproval(NOW, ()),
            {"approval_required": ('["closing","adjusted_grades","plan_revisions"]', "[]")},
        ),
        (
            c.GradeObjective(goal, Decimal("0.70")),
            {"graded": (False, True), "adjusted_grade": (None, "0.70")},
        ),
        (c.CommitObjective(draft), {"state": ("draft", "committed")}),
        (c.RetitleObjective(goal, "lose"), {"title": ("win", "lose")}),
        (c.ReassignObjective(goal, owner_id=BEN), {"owner_id": (str(ANN), str(BEN))}),
        (
            c.RealignObjective(goal, draft, weight=Decimal("2")),
            {"aligned_to_objective_id": (None, str(draft)), "weight": ("1", "2")},
        ),
        (c.RealignObjective(goal, draft), {"aligned_to_objective_id": (None, str(draft))}),
        (
            c.RetargetKeyResult(number, MeasureChanges(target=Decimal("80"), unit=None)),
            {"target": ("100", "80"), "unit": ("leads", None)},
        ),
        (
            c.RetargetKeyResult(
                number,
                MeasureChanges(
                    direction=Direction.WITHIN, minimum=Decimal("1"), maximum=Decimal("2")
                ),
            ),
            {
                "direction": (None, "within"), "target": ("100", None),
                "minimum": (None, "1"), "maximum": (None, "2"),
            },
        ),
        (c.AbandonObjective(goal), {"state": ("committed", "abandoned")}),
        (c.RescheduleObjective(goal, day(60)), {"due": (None, str(day(60)))}),
        (
            c.ReplaceObjectiveCommitment(goal, Commitment.ASPIRATIONAL),
            {"commitment": ("committed", "aspirational")},
        ),
        (c.RetitleKeyResult(number, "leads"), {"title": ("a number", "leads")}),
        (c.ReassignKeyResult(number, BEN), {"owner_id": (None, str(BEN))}),
        (c.RescheduleCycle(NOW, ends=day(80)), {"ends": (str(ENDS), str(day(80)))}),
        (
            c.AddKeyResult(goal, "more", steps("a", "b"), Decimal("2")),
            {
                "title": (None, "more"), "weight": (None, "2"), "cadence": (None, "weekly"),
                "kind": (None, "milestone"), "steps": (None, '["a","b"]'),
            },
        ),
        (c.ReweightKeyResult(number, Decimal("0.5")), {"weight": ("1", "0.5")}),
        (c.LinkKeyResult(number, kpi), {"kpi_id": (None, str(kpi))}),
        (c.MoveKeyResult(number, draft), {"objective_id": (str(goal), str(draft))}),
        (c.DropKeyResult(number), {"dropped": (False, True)}),
    ]  # fmt: skip
    for command, expected in wanted:
        assert changed(story.queries.approval(asks(story, command))) == expected, command
        assert says_what_for(story), command


def test_what_each_that_takes_up_again_would_change(story: Story) -> None:
    story.does(c.RegisterPerson("Eve", id=EVE))
    goal, draft = story.objective(), story.does(c.DraftObjective(NOW, SALES, BEN, "draft"))
    kpi = story.kpi()
    dropped = story.key_result(goal, kpi_id=kpi)
    moved, _fed = story.key_result(goal), story.key_result(goal, kpi_id=kpi)
    story.does(c.CommitPlan(NOW))
    story.does(c.MoveKeyResult(moved, draft))
    story.does(c.DropKeyResult(dropped))
    story.does(c.RequireApproval(NOW, ALL))
    assert changed_by(story, c.RetireKpi(kpi)) == {"retired": (False, True)}
    assert changed_by(story, c.ReinstateKeyResult(dropped)) == {"dropped": (True, False)}
    story.does(c.ApproveRequest(asks(story, c.RetireKpi(kpi))), by=EVE)
    assert changed_by(story, c.ReinstateKpi(kpi)) == {"retired": (True, False)}
    for objective, state in ((goal, "committed"), (draft, "draft")):
        story.does(c.ApproveRequest(asks(story, c.AbandonObjective(objective))), by=EVE)
        expected = {"state": ("abandoned", state)}
        assert changed_by(story, c.ReopenObjective(objective)) == expected


def test_what_each_late_correction_would_change(story: Story) -> None:
    goal, parent = story.objective(), story.objective("more")
    kpi = story.kpi()
    number = story.key_result(goal, kpi_id=kpi)
    story.aligns(goal, aligned_to_objective_id=parent)
    story.does(c.CommitPlan(NOW))
    story.on(day(60))
    of_target = c.CorrectKpiTarget(kpi, TargetChanges(day(30), target=Decimal("8")))
    assert changed_by(story, of_target) == {"target": ("80", "8")}
    story.does(c.RenameKpi(kpi, "another name"))
    asked = asks(story, of_target)
    story.does(c.RetargetKpi(kpi, TargetChanges(day(1), target=Decimal("70"))))
    assert changed(story.queries.approval(asked)) == {}
    meant = MeasureChanges(target=Decimal("10"))
    assert changed_by(story, c.CorrectKeyResult(number, meant)) == {"target": ("100", "10")}
    assert changed_by(story, c.CorrectObjective(goal, Decimal("3"))) == {"weight": ("1", "3")}


def test_the_key_results_that_are_corrected_along_with_a_kpi(story: Story) -> None:
    story.does(c.RegisterPerson("Eve", id=EVE))
    goal, over = story.objective(), story.objective("over")
    kpi, other = story.kpi(), story.kpi()
    in_leads = replace(metric(), unit="leads")
    number = story.key_result(goal, in_leads, kpi_id=kpi)
    story.key_result(over, in_leads, kpi_id=kpi)
    story.key_result(goal, replace(metric(), unit=None), kpi_id=kpi)
    story.key_result(goal, in_leads, kpi_id=other)
    story.does(c.CommitPlan(NOW))
    story.does(c.AbandonObjective(over))
    story.on(day(60))
    asked = asks(story, c.CorrectKpi(kpi, "deals", with_key_results=True))
    along = [{"kind": "key_result", "id": str(number), "title": "a number"}]
    assert story.queries.approval(asked)["corrected_along"] == along
    story.does(c.ApproveRequest(asked), by=EVE)
    story.key_result(story.objective("new"), replace(metric(), unit="deals"), kpi_id=kpi)
    found = story.queries.approval(asked)
    assert (found["corrected_along"], changed(found)) == (along, {"unit": ("leads", "deals")})
    assert len(found["events"]) == 2


def changed_by(story: Story, command: c.Command) -> dict[str, tuple[Any, Any]]:
    """What a request of a command shows as changed."""
    request = story.queries.approval(asks(story, command))
    assert says_what_for(story), command
    return changed(request)


def test_requests_are_found_by_cycle_decision_and_person(controlled: Story) -> None:
    story = controlled
    cem = story.does(c.RegisterPerson("Cem"))
    refused = asks(story, less(story), by=BEN)
    story.does(c.RefuseRequest(refused), by=cem)
    approved = asks(story, less(story, "90"), on_behalf_of=cem)
    story.does(c.ApproveRequest(approved), by=BEN)
    withdrawn = asks(story, c.CloseCycle(NOW))
    story.does(c.WithdrawRequest(withdrawn))
    pending = asks(story, c.CloseCycle(NOW))
    told = [pending, withdrawn, approved, refused]

    def found(**asked: Any) -> list[UUID]:
        return [UUID(row["id"]) for row in story.queries.approvals(**asked)["approvals"]]

    assert found() == found(cycle=NOW) == told
    assert found(cycle=NEXT) == []
    for number, decision in enumerate(("pending", "withdrawn", "approved", "refused")):
        assert found(decision=decision) == [told[number]]
    assert found(person_id=ANN) == [pending, withdrawn, approved]
    assert found(person_id=cem) == [approved, refused]
    assert found(person_id=BEN) == [approved, refused]
    assert found(person_id=BEN, decision="approved", cycle=NOW) == [approved]
    page = story.queries.approvals(limit=3)
    assert [UUID(row["id"]) for row in page["approvals"]] == told[:3]
    assert found(before=page["next_before"]) == told[3:]


def test_an_answer_about_a_cycle_says_what_needs_approval(controlled: Story) -> None:
    queries, words = controlled.queries, [str(each) for each in ALL]
    first, second = queries.cycles()["cycles"]
    assert (first["approval_required"], second["approval_required"]) == (words, [])
    asked = (queries.board, queries.tree, queries.plan, queries.results, queries.review)
    assert [ask(NOW)["cycle"]["approval_required"] for ask in asked] == [words] * 5
    before = controlled.okr.log.head() - 1
    assert queries.board(NOW, known_at=str(before))["cycle"]["approval_required"] == []
    change = queries.history(NOW)["entries"][0]["changes"]
    assert change == [{
        "field": "approval_required", "before": "[]",
        "after": '["closing","adjusted_grades","plan_revisions"]',
    }]  # fmt: skip


def test_an_unknown_request_is_not_found(story: Story) -> None:
    with pytest.raises(NotFound):
        story.queries.approval(NOW)
    assert story.queries.approvals()["approvals"] == []


def without_subject(commands: Iterable[type[c.Command]]) -> list[str]:
    """The commands of which a request could not show what it is about and what it changes.

    A text has no name, and nothing of it but its position is shown.
    """
    return [
        command.__name__
        for command in commands
        if command is not c.RedactText
        if command.__name__ not in EFFECTS
        or f"{SUBJECTS.get(command.__name__)}_id" not in {each.name for each in fields(command)}
    ]


def test_every_command_that_can_be_requested_has_a_subject() -> None:
    assert without_subject(REQUESTABLE.values()) == []
    assert SUBJECTS.keys() == EFFECTS.keys() == REQUESTABLE.keys() - {"RedactText"}


@dataclass(frozen=True)
class SplitKeyResult:
    """A command of a later version; no Command, or it would be one for all tests."""

    key_result_id: UUID


def test_a_new_one_without_a_subject_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = [*REQUESTABLE.values(), SplitKeyResult]
    assert without_subject(commands) == ["SplitKeyResult"]
    monkeypatch.setitem(SUBJECTS, "SplitKeyResult", "cycle")
    monkeypatch.setitem(EFFECTS, "SplitKeyResult", dict)
    assert without_subject(commands) == ["SplitKeyResult"], "it has no cycle"
    monkeypatch.setitem(SUBJECTS, "SplitKeyResult", "key_result")
    assert without_subject(commands) == []
