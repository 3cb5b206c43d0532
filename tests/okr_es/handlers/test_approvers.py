"""Who approves: neither who asked nor who owns what is changed, whoever else may be there."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from okr_es.changes import TargetChanges
from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    ApproveRequest,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    CorrectKeyResult,
    CorrectKpiTarget,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
    MoveKeyResult,
    RealignObjective,
    ReassignKeyResult,
    ReassignKpi,
    ReassignObjective,
    RefuseRequest,
    RegisterPerson,
    ReinstateKpi,
    ReopenObjective,
    RequireApproval,
    RescheduleCycle,
    RetargetKeyResult,
    RetireKpi,
    RetitleObjective,
    ReweightKeyResult,
    WithdrawRequest,
)
from okr_es.context import Thing
from okr_es.domain import refusals as r
from okr_es.domain.approval import Approval
from okr_es.domain.measure import Measure
from okr_es.domain.values import Controlled, Kind
from tests.support.given import World, given, refused
from tests.support.world import (
    ANN,
    BEN,
    BRAND,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    MARKETING,
    NEW,
    Q3,
    Q3_STARTS,
    REACH,
    RESPONSE,
    STEPS,
    d,
)

CEM, DANA, EVE = (UUID(int=each) for each in (0xA3, 0xA4, 0xA5))
WHY = {"reason": "The market shrank."}
LESS = Measure(Kind.METRIC, d("0"), d("800.50"), "leads")
PEOPLE = (
    RegisterPerson("Cem", id=CEM),
    RegisterPerson("Dana", id=DANA),
    RegisterPerson("Eve", id=EVE),
)
REQUIRED = (CommitPlan(Q3), RequireApproval(Q3, tuple(Controlled)))
PLANNED = (*PEOPLE, *REQUIRED)
CORRECTED = CorrectKeyResult(CUSTOMERS, LESS)
KPI_CORRECTED = CorrectKpiTarget(RESPONSE, TargetChanges(Q3_STARTS, target=d("3")))
# Ann owns the objective, Ben the KPI, Dana the key result that it feeds.
FED_BY_KPI_OF_BEN = (
    *PEOPLE,
    LinkKeyResult(CUSTOMERS, RESPONSE),
    ReassignKpi(RESPONSE, BEN),
    ReassignKeyResult(CUSTOMERS, DANA),
)
GOAL_OF_ANN = [
    RetargetKeyResult(CUSTOMERS, LESS),
    ReweightKeyResult(LAUNCH, d("0")),
    LinkKeyResult(CUSTOMERS, RESPONSE),
    DropKeyResult(BRAND),
    AddKeyResult(GROW, "more", STEPS, id=NEW),
    RetitleObjective(GROW, "grow"),
    ReassignObjective(GROW, owner_id=BEN),
    RealignObjective(GROW, REACH, weight=d("2.0")),
    AbandonObjective(GROW),
    GradeObjective(GROW, d("0.70")),
]


def asks(world: World, command: Command, by: UUID = CEM, **context: Any) -> UUID:
    request = world.execute(command, by=by, **WHY, **context).approval_id
    assert request is not None
    return request


def approves(world: World, request: UUID, by: UUID) -> None:
    world.execute(ApproveRequest(request), by=by)
    assert any(isinstance(each, Approval.Approved) for each in world.facts()[-3:])


def cannot_approve(world: World, request: UUID, *people: UUID) -> None:
    """Whoever of them owns it is told who cannot."""
    for by in people:
        before = world.facts()
        with pytest.raises(r.GoalIsYourOwn) as refusal:
            world.execute(ApproveRequest(request), by=by)
        assert world.facts() == before
        assert refusal.value.field == "by"
        barred = refusal.value.facts["cannot_approve"]
        assert str(by) in barred
        assert all(id_ in refusal.value.message for id_ in barred)


@pytest.mark.parametrize("command", GOAL_OF_ANN, ids=repr)
def test_who_owns_the_goal_does_not_approve_what_another_asked_for(
    command: Command, world_on_both: World
) -> None:
    given(world_on_both, *PLANNED)
    request = asks(world_on_both, command)
    cannot_approve(world_on_both, request, ANN)
    approves(world_on_both, request, DANA)


@pytest.mark.parametrize(
    "command", [MoveKeyResult(CUSTOMERS, REACH), MoveKeyResult(LEADS, GROW)], ids=repr
)
def test_nor_do_the_owners_of_both_goals_of_a_move(command: Command, world: World) -> None:
    given(world, CommitObjective(REACH), *PLANNED)
    request = asks(world, command)
    cannot_approve(world, request, ANN, BEN)
    approves(world, request, DANA)


def test_nor_does_the_owner_of_the_key_result_that_it_is_about(world: World) -> None:
    given(world, ReassignKeyResult(CUSTOMERS, BEN), *PLANNED)
    request = asks(world, GOAL_OF_ANN[0])
    cannot_approve(world, request, ANN, BEN)
    of_another = asks(world, GOAL_OF_ANN[1])
    approves(world, of_another, BEN)
    approves(world, request, DANA)


def test_nor_of_a_promise_that_is_corrected_late(world: World) -> None:
    given(world, *PEOPLE, CommitPlan(Q3))
    world.on(date(2025, 9, 1))
    request = asks(world, CORRECTED)
    cannot_approve(world, request, ANN)
    approves(world, request, DANA)


def test_what_it_is_aligned_to_does_not_change(world: World) -> None:
    given(world, CommitObjective(REACH), *PLANNED)
    approves(world, asks(world, RealignObjective(REACH, GROW)), ANN)


def test_what_comes_to_a_committed_plan_has_an_owner_too(world: World) -> None:
    given(world, *PLANNED)
    request = asks(world, CommitObjective(REACH), by=ANN)
    cannot_approve(world, request, BEN)
    approves(world, request, CEM)


def test_who_owns_a_kpi_that_will_feed_it_may(world: World) -> None:
    given(world, ReassignObjective(GROW, owner_id=BEN), *PLANNED)
    approves(world, asks(world, LinkKeyResult(CUSTOMERS, RESPONSE)), ANN)


def test_nor_who_owns_a_kpi_that_is_to_be_retired_or_the_goal_that_it_feeds(world: World) -> None:
    given(
        world, LinkKeyResult(CUSTOMERS, RESPONSE), ReassignObjective(GROW, owner_id=BEN), *PLANNED
    )
    request = asks(world, RetireKpi(RESPONSE))
    cannot_approve(world, request, ANN, BEN)
    approves(world, request, DANA)


def test_nor_does_the_owner_of_a_key_result_that_a_retired_kpi_feeds(world: World) -> None:
    given(world, *FED_BY_KPI_OF_BEN, *REQUIRED)
    request = asks(world, RetireKpi(RESPONSE))
    cannot_approve(world, request, ANN, BEN, DANA)
    approves(world, request, EVE)
    cannot_approve(world, asks(world, ReinstateKpi(RESPONSE)), ANN, BEN, DANA)


@pytest.mark.parametrize("since", [(), (LinkKeyResult(CUSTOMERS, None),)], ids=["fed", "was fed"])
def test_nor_of_one_whose_kpi_has_its_target_corrected_late(
    since: tuple[Command, ...], world: World
) -> None:
    given(world, *FED_BY_KPI_OF_BEN, CommitPlan(Q3), *since)
    world.on(date(2025, 9, 1))
    request = asks(world, KPI_CORRECTED)
    cannot_approve(world, request, ANN, BEN, DANA)
    approves(world, request, EVE)


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ((), AbandonObjective(GROW)),
        ((AbandonObjective(GROW),), ReopenObjective(GROW)),
        ((ReassignKeyResult(LEADS, DANA),), CommitObjective(REACH)),
    ],
    ids=repr,
)
def test_nor_of_one_that_ends_returns_or_is_promised_with_its_objective(
    before: tuple[Command, ...], command: Command, world: World
) -> None:
    given(world, *PEOPLE, ReassignKeyResult(CUSTOMERS, DANA), CommitPlan(Q3), *before, REQUIRED[-1])
    request = asks(world, command)
    cannot_approve(world, request, DANA)
    approves(world, request, EVE)


@pytest.mark.parametrize(
    ("owned", "given_away", "command"),
    [
        ((), ReassignObjective(GROW, owner_id=BEN), CORRECTED),
        ((), MoveKeyResult(CUSTOMERS, REACH), CORRECTED),
        (
            (ReassignObjective(GROW, owner_id=BEN), ReassignKeyResult(CUSTOMERS, ANN)),
            ReassignKeyResult(CUSTOMERS, None),
            CORRECTED,
        ),
        (
            (ReassignObjective(GROW, owner_id=BEN), LinkKeyResult(CUSTOMERS, RESPONSE)),
            ReassignKpi(RESPONSE, BEN),
            KPI_CORRECTED,
        ),
    ],
    ids=repr,
)
def test_who_gives_it_away_once_it_is_asked_for_owns_it_still(
    owned: tuple[Command, ...], given_away: Command, command: Command, world: World
) -> None:
    given(world, *PEOPLE, *owned, CommitPlan(Q3), date(2025, 9, 1))
    request = asks(world, command)
    given(world, given_away)
    cannot_approve(world, request, ANN, BEN)
    approves(world, request, DANA)


def test_so_does_who_had_it_for_a_while(world: World) -> None:
    given(world, *PEOPLE, CommitPlan(Q3), date(2025, 9, 1))
    request = asks(world, CORRECTED)
    given(world, *(ReassignObjective(GROW, owner_id=each) for each in (DANA, BEN)))
    cannot_approve(world, request, ANN, BEN, DANA)
    approves(world, request, EVE)


def test_who_gave_it_away_before_may(world: World) -> None:
    given(world, ReassignObjective(GROW, owner_id=BEN), *PLANNED)
    approves(world, asks(world, GOAL_OF_ANN[0]), ANN)


def test_who_is_to_get_it_may(world: World) -> None:
    given(world, *PLANNED)
    approves(world, asks(world, ReassignObjective(GROW, owner_id=BEN)), BEN)


@pytest.mark.parametrize(
    "command",
    [CloseCycle(Q3), RequireApproval(Q3, ()), RescheduleCycle(Q3, ends=date(2025, 9, 29))],
    ids=repr,
)
def test_of_a_whole_cycle_nobody_is_the_owner(command: Command, world: World) -> None:
    given(world, *PLANNED)
    request = asks(world, command)
    with refused(r.RequestIsYourOwn, field="by"):
        world.execute(ApproveRequest(request), by=CEM)
    approves(world, request, ANN)


def test_the_owner_may_refuse_and_not_withdraw_it(world: World) -> None:
    """A refusal changes nothing of theirs; it shows, and one may ask again."""
    given(world, *PLANNED)
    request = asks(world, GOAL_OF_ANN[0])
    with refused(r.RequestIsNotYours, field="by"):
        world.execute(WithdrawRequest(request), by=ANN)
    world.execute(RefuseRequest(request), by=ANN, **WHY)


def test_the_answer_names_who_cannot_approve_besides(world: World) -> None:
    given(world, *PLANNED)
    of_another = world.execute(GOAL_OF_ANN[0], by=CEM, **WHY)
    *_, waits, owners = of_another.warnings
    assert (waits.code, owners.code) == ("waits_for_approval", "owners_cannot_approve")
    assert owners.things == (Thing("person", ANN),)
    for receipt in (
        world.execute(GOAL_OF_ANN[1], by=ANN, **WHY),
        world.execute(GOAL_OF_ANN[1], by=CEM, on_behalf_of=ANN, **WHY),
        world.execute(CloseCycle(Q3), by=CEM),
    ):
        assert receipt.warnings[-1].code == "waits_for_approval"


def test_where_one_owns_everything_and_another_asks_a_third_is_needed(world: World) -> None:
    """Two people are too few then; both are told so, and nothing is recorded."""
    given(world, ReassignObjective(REACH, owner_id=ANN, team_id=MARKETING), *PLANNED)
    request = asks(world, GOAL_OF_ANN[0], by=BEN)
    cannot_approve(world, request, ANN)
    with refused(r.RequestIsYourOwn, field="by"):
        world.execute(ApproveRequest(request), by=BEN)
    approves(world, request, CEM)
