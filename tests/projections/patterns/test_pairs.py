"""Pairs who approve nothing but each other's requests are found; those who do not are not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Controlled
from tests.projections.patterns.test_report import found
from tests.support.story import ANN, BEN, NEXT, NOW, Story

CEM, DANA, EVE, FAY = (UUID(int=0xA3 + n) for n in range(4))
KIND = "approved_each_other"


class Office:
    """Where everything needs approval, and Fay owns what others want to be changed."""

    def __init__(self, story: Story) -> None:
        self.story = story
        for id_ in (CEM, DANA, EVE, FAY):
            story.does(c.RegisterPerson("Someone", id=id_))
        self.goals = {}
        for cycle in (NOW, NEXT):
            self.goals[cycle] = story.objective(cycle_id=cycle, owner_id=FAY)
            story.does(c.CommitPlan(cycle))
            story.does(c.RequireApproval(cycle, tuple(Controlled)))

    def asks(self, by: UUID, cycle: UUID = NOW, **context: Any) -> UUID:
        title = f"at {self.story.okr.log.head()}"
        return self.story.does(c.RetitleObjective(self.goals[cycle], title), by=by, **context)

    def approves(self, by: UUID, whose: UUID, times: int = 1, **asked: Any) -> None:
        for _ in range(times):
            self.story.does(c.ApproveRequest(self.asks(whose, **asked)), by=by)


@pytest.fixture
def office(story: Story) -> Office:
    return Office(story)


def pairs(office: Office, **asked: Any) -> list[set[UUID]]:
    """Who approved, in each finding."""
    return [
        {e["by"]["id"] for e in each["events"] if e["type"] == "approval.approved"}
        for each in found(office.story, KIND, **asked)
    ]


def test_two_who_approved_only_each_other_twice_are_found(office: Office) -> None:
    first = office.story.okr.log.head() + 1
    office.approves(ANN, BEN, 2)
    assert pairs(office) == []
    office.approves(BEN, ANN)
    assert pairs(office) == []
    office.approves(BEN, ANN)
    (finding,) = found(office.story, KIND)
    assert (finding["goal"], finding["times"], finding["moved"]) == (None, 4, [])
    events = finding["events"]
    assert [event["type"] for event in events] == ["approval.requested", "approval.approved"] * 4
    assert [event["by"]["id"] for event in events] == [BEN, ANN] * 2 + [ANN, BEN] * 2
    assert [event["position"] for event in events[:2]] == [first, first + 1]


def test_so_are_several_pairs_each_once(office: Office) -> None:
    for one, other in ((ANN, BEN), (EVE, DANA)):
        office.approves(one, other, 3)
        office.approves(other, one, 2)
    assert pairs(office) == [{ANN, BEN}, {DANA, EVE}]
    assert [each["times"] for each in found(office.story, KIND)] == [5, 5]


def test_who_has_an_assistant_ask_asks_too(office: Office) -> None:
    office.approves(ANN, CEM, 2, on_behalf_of=BEN)
    office.approves(BEN, ANN, 2)
    assert pairs(office) == [{ANN, BEN}]


def test_what_they_refused_or_have_not_decided_does_not_matter(office: Office) -> None:
    office.approves(ANN, BEN, 2)
    office.approves(BEN, ANN, 2)
    office.story.does(c.RefuseRequest(office.asks(CEM)), by=ANN)
    office.story.does(c.WithdrawRequest(office.asks(CEM)), by=CEM)
    office.asks(DANA)
    assert pairs(office) == [{ANN, BEN}]


@pytest.mark.parametrize("who", [ANN, BEN])
def test_who_approved_for_a_third_as_well_is_in_no_pair(who: UUID, office: Office) -> None:
    office.approves(ANN, BEN, 2)
    office.approves(BEN, ANN, 2)
    before = str(office.story.okr.log.head())
    office.approves(who, CEM)
    assert pairs(office) == []
    assert pairs(office, known_at=before) == [{ANN, BEN}]


def test_being_approved_by_a_third_as_well_does_not_help(office: Office) -> None:
    office.approves(ANN, BEN, 2)
    office.approves(BEN, ANN, 2)
    office.approves(CEM, ANN, 3)
    assert pairs(office) == [{ANN, BEN}]


def test_three_in_a_ring_and_one_way_are_none(office: Office) -> None:
    for by, whose in ((ANN, BEN), (BEN, CEM), (CEM, ANN), (DANA, EVE)):
        office.approves(by, whose, 2)
    assert pairs(office) == []


def test_each_cycle_counts_for_itself(office: Office) -> None:
    for cycle in (NOW, NEXT):
        office.approves(ANN, BEN, 1, cycle=cycle)
        office.approves(BEN, ANN, 1, cycle=cycle)
    assert pairs(office) == []
    office.approves(ANN, CEM, cycle=NEXT)
    office.approves(ANN, BEN)
    office.approves(BEN, ANN)
    assert pairs(office) == [{ANN, BEN}]


def test_an_approvers_reason_given_again_is_no_repeated_reason(office: Office) -> None:
    for _ in range(2):
        head = office.story.okr.log.head()
        request = office.asks(BEN, reason=f"Reason {head}")
        office.story.does(c.ApproveRequest(request), by=ANN, reason="Agreed.")
    reasons = [each["events"][0]["reason"] for each in found(office.story, "repeated_reason")]
    assert "Agreed." not in reasons
