"""One list says what revises a committed plan: counts, approval gate and plan follow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain import plan_revisions
from okr_es.domain.base import Change
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.values import Commitment, Controlled
from okr_es.handlers.approval_gate import REQUESTABLE
from okr_es.log.mapper import topic_of
from tests.support.given import World, given
from tests.support.world import (
    CUSTOMERS,
    GROW,
    LAUNCH,
    NEW,
    Q3,
    Q4_ENDS,
    Q4_STARTS,
    REACH,
    RESPONSE,
    TWENTY,
    d,
)

WHY = "The market shrank."
# What happened before, and the command that comes to the event once the plan is committed.
BY_EVENT: dict[type[Change], tuple[list[c.Command], c.Command]] = {
    Objective.Committed: ([], c.CommitObjective(REACH)),
    Objective.Retitled: ([], c.RetitleObjective(GROW, "grow")),
    Objective.Rescheduled: ([], c.RescheduleObjective(GROW, date(2025, 8, 31))),
    Objective.CommitmentReplaced: (
        [],
        c.ReplaceObjectiveCommitment(GROW, Commitment.ASPIRATIONAL),
    ),
    Objective.Reassigned: ([], c.ReassignObjective(GROW, owner_id=UUID(int=0xA2))),
    Objective.Realigned: ([], c.RealignObjective(GROW, REACH)),
    Objective.Abandoned: ([], c.AbandonObjective(GROW)),
    Objective.Reopened: ([c.AbandonObjective(GROW)], c.ReopenObjective(GROW)),
    KeyResult.Added: ([], c.AddKeyResult(GROW, "more", TWENTY, id=NEW)),
    KeyResult.Retitled: ([], c.RetitleKeyResult(CUSTOMERS, "paying customers")),
    KeyResult.Reassigned: ([], c.ReassignKeyResult(CUSTOMERS, UUID(int=0xA2))),
    KeyResult.Retargeted: ([], c.RetargetKeyResult(CUSTOMERS, TWENTY)),
    KeyResult.Reweighted: ([], c.ReweightKeyResult(LAUNCH, d("2"))),
    KeyResult.Linked: ([], c.LinkKeyResult(CUSTOMERS, RESPONSE)),
    KeyResult.Unlinked: (
        [c.LinkKeyResult(CUSTOMERS, RESPONSE)],
        c.LinkKeyResult(CUSTOMERS, None),
    ),
    KeyResult.Moved: ([], c.MoveKeyResult(CUSTOMERS, REACH)),
    KeyResult.Dropped: ([], c.DropKeyResult(LAUNCH)),
    Kpi.Retired: ([c.LinkKeyResult(CUSTOMERS, RESPONSE)], c.RetireKpi(RESPONSE)),
    KeyResult.Reinstated: ([c.DropKeyResult(LAUNCH)], c.ReinstateKeyResult(LAUNCH)),
    Kpi.Reinstated: (
        [c.LinkKeyResult(CUSTOMERS, RESPONSE), c.RetireKpi(RESPONSE)],
        c.ReinstateKpi(RESPONSE),
    ),
    Cycle.Rescheduled: ([], c.RescheduleCycle(Q3, Q4_STARTS, Q4_ENDS)),
}
OF_OTHER_CONTROLS = {
    c.CloseCycle, c.GradeObjective, c.RequireApproval, c.CorrectObjective, c.CorrectKeyResult,
    c.CorrectKpi, c.CorrectKpiTarget, c.ErasePerson, c.DeactivatePerson, c.ReactivatePerson,
    c.PlaceLegalHold, c.LiftLegalHold, c.RedactText,
}  # fmt: skip


@pytest.mark.parametrize("event", sorted(plan_revisions.PLAN_REVISIONS, key=topic_of), ids=topic_of)
class TestEveryEventOfTheList:
    def test_is_what_its_command_comes_to(self, event: type[Change], world: World) -> None:
        before, command = BY_EVENT[event]
        given(world, c.CommitPlan(Q3), *before)
        head = len(world.facts())
        assert world.execute(command, reason=WHY).approval_id is None
        assert [type(each) for each in world.facts(head)] == [event]

    def test_waits_for_approval_as_a_command_that_can_be_requested(
        self, event: type[Change], world: World
    ) -> None:
        before, command = BY_EVENT[event]
        only_revisions = c.RequireApproval(Q3, (Controlled.PLAN_REVISIONS,))
        given(world, c.CommitPlan(Q3), *before, only_revisions)
        assert world.execute(command, reason=WHY).approval_id is not None
        assert REQUESTABLE[type(command).__name__] is type(command)


def test_commands_that_wait_come_to_an_event_of_the_list_or_are_of_another_control() -> None:
    assert set(BY_EVENT) == plan_revisions.PLAN_REVISIONS
    known = {type(command) for _, command in BY_EVENT.values()} | OF_OTHER_CONTROLS
    assert unlisted(known) == []


def test_a_new_command_that_waits_has_to_be_tied_to_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(REQUESTABLE, "SplitKeyResult", SplitKeyResult)
    known = {type(command) for _, command in BY_EVENT.values()} | OF_OTHER_CONTROLS
    assert unlisted(known) == ["SplitKeyResult"]


@dataclass(frozen=True)
class SplitKeyResult:
    """A command of a later version; no Command, or it would be one for all tests."""

    key_result_id: UUID


def unlisted(known: set[type[c.Command]]) -> list[str]:
    """The commands that can wait for approval without an event of the list or another control."""
    return [name for name, command in REQUESTABLE.items() if command not in known]
