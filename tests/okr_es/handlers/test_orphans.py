"""What is promised or taken up again says so if its owner is gone, or its KPI was retired."""

from __future__ import annotations

import pytest

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    DeactivatePerson,
    DropKeyResult,
    ErasePerson,
    GradeObjective,
    LinkKeyResult,
    ReactivatePerson,
    ReassignKeyResult,
    ReassignKpi,
    ReassignObjective,
    ReinstateKeyResult,
    ReinstateKpi,
    ReopenCycle,
    ReopenObjective,
    RetireKpi,
)
from okr_es.context import Context, Thing
from tests.support.given import World, given
from tests.support.tried import executed_as_tried
from tests.support.world import (
    ANN,
    BEN,
    BRAND,
    CUSTOMERS,
    GROW,
    LEADS,
    MARKETING,
    NEW,
    Q3,
    REACH,
    RESPONSE,
    TWENTY,
)

GONE, RETIRED = "owner_is_gone", "fed_by_retired_kpi"
LEFT, ERASED = DeactivatePerson(BEN), ErasePerson(BEN, "GDPR 17")
OF_REACH, OF_LEADS = Thing("objective", REACH), Thing("key_result", LEADS)
OF_KPI = Thing("kpi", RESPONSE)


def warned(world: World, command: Command, code: str) -> list[tuple[int, tuple[Thing, ...]]]:
    receipt = executed_as_tried(world.okr, command, Context(world.actor, "so it is"))
    return [(each.count, each.things) for each in receipt.warnings if each.code == code]


@pytest.mark.parametrize("end", [LEFT, ERASED], ids=["left", "erased"])
class TestAnOwnerWhoIsGone:
    def test_a_draft_of_theirs_is_committed(self, end: Command, world_on_both: World) -> None:
        given(world_on_both, ReassignKeyResult(LEADS, BEN), end)
        assert warned(world_on_both, CommitObjective(REACH), GONE) == [(2, (OF_REACH, OF_LEADS))]

    def test_a_plan_with_goals_of_theirs_is_committed(
        self, end: Command, world_on_both: World
    ) -> None:
        given(world_on_both, ReassignKeyResult(BRAND, BEN), CommitObjective(REACH), end)
        things = (OF_REACH, Thing("key_result", BRAND))
        assert {*warned(world_on_both, CommitPlan(Q3), GONE)[0][1]} == {*things}

    def test_so_it_is_with_drafts_that_go_along(self, end: Command, world: World) -> None:
        given(world, end)
        plan = CommitPlan(Q3, MARKETING, with_drafts="all")
        assert warned(world, plan, GONE) == [(1, (OF_REACH,))]

    def test_not_with_drafts_that_do_not_nor_the_plan_of_others(
        self, end: Command, world: World
    ) -> None:
        given(world, end)
        assert warned(world, CommitPlan(Q3), GONE) == []

    @pytest.mark.parametrize("over", [AbandonObjective(REACH), GradeObjective(REACH)], ids=repr)
    def test_a_goal_of_theirs_is_reopened(self, over: Command, end: Command, world: World) -> None:
        given(world, CommitObjective(REACH), over, end)
        assert warned(world, ReopenObjective(REACH), GONE) == [(1, (OF_REACH,))]

    def test_a_cycle_with_goals_of_theirs_is_reopened(
        self, end: Command, world_on_both: World
    ) -> None:
        given(world_on_both, CommitObjective(REACH), CloseCycle(Q3), end)
        assert warned(world_on_both, ReopenCycle(Q3), GONE) == [(1, (OF_REACH,))]

    def test_not_one_with_drafts_of_theirs_alone(self, end: Command, world: World) -> None:
        given(world, CloseCycle(Q3), end)
        assert warned(world, ReopenCycle(Q3), GONE) == []

    def test_a_key_result_of_theirs_is_reinstated(self, end: Command, world: World) -> None:
        given(world, ReassignKeyResult(CUSTOMERS, BEN), DropKeyResult(CUSTOMERS), end)
        things = (Thing("key_result", CUSTOMERS),)
        assert warned(world, ReinstateKeyResult(CUSTOMERS), GONE) == [(1, things)]

    def test_or_one_of_an_objective_of_theirs(self, end: Command, world: World) -> None:
        given(world, DropKeyResult(LEADS), end)
        assert warned(world, ReinstateKeyResult(LEADS), GONE) == [(1, (OF_REACH,))]

    def test_a_kpi_of_theirs_is_reinstated(self, end: Command, world: World) -> None:
        given(world, ReassignKpi(RESPONSE, owner_id=BEN), RetireKpi(RESPONSE), end)
        assert warned(world, ReinstateKpi(RESPONSE), GONE) == [(1, (OF_KPI,))]

    def test_what_was_handed_over_is_not(self, end: Command, world: World) -> None:
        given(world, ReassignObjective(REACH, owner_id=ANN), end)
        assert warned(world, CommitObjective(REACH), GONE) == []

    def test_nor_what_was_dropped(self, end: Command, world: World) -> None:
        given(world, ReassignKeyResult(CUSTOMERS, BEN), DropKeyResult(CUSTOMERS), end)
        assert warned(world, CommitPlan(Q3), GONE) == []


def test_who_is_back_is_not_gone(world: World) -> None:
    given(world, LEFT, ReactivatePerson(BEN))
    assert warned(world, CommitObjective(REACH), GONE) == []


class TestARetiredKpi:
    FED = (LinkKeyResult(LEADS, RESPONSE), RetireKpi(RESPONSE))

    def test_it_feeds_what_is_committed(self, world_on_both: World) -> None:
        given(world_on_both, *self.FED)
        assert warned(world_on_both, CommitObjective(REACH), RETIRED) == [(1, (OF_LEADS, OF_KPI))]

    def test_it_feeds_a_plan_that_is_committed(self, world_on_both: World) -> None:
        given(world_on_both, AddKeyResult(REACH, "x", TWENTY, kpi_id=RESPONSE, id=NEW))
        given(world_on_both, *self.FED, CommitObjective(REACH))
        things = {OF_LEADS, OF_KPI, Thing("key_result", NEW)}
        ((count, found),) = warned(world_on_both, CommitPlan(Q3), RETIRED)
        assert (count, {*found}) == (2, things)

    def test_it_feeds_what_is_reopened(self, world: World) -> None:
        given(world, *self.FED, AbandonObjective(REACH))
        assert warned(world, ReopenObjective(REACH), RETIRED) == [(1, (OF_LEADS, OF_KPI))]

    @pytest.mark.parametrize(
        "after",
        [ReinstateKpi(RESPONSE), LinkKeyResult(LEADS, None), DropKeyResult(LEADS)],
        ids=["reinstated", "unlinked", "dropped"],
    )
    def test_not_any_more(self, after: Command, world: World) -> None:
        given(world, *self.FED, after)
        assert warned(world, CommitObjective(REACH), RETIRED) == []

    def test_one_that_lives_feeds_what_it_feeds(self, world: World) -> None:
        given(world, LinkKeyResult(LEADS, RESPONSE))
        assert warned(world, CommitObjective(REACH), RETIRED) == []
        assert warned(world, CommitPlan(Q3), RETIRED) == []


def test_what_nobody_else_owns_warns_of_nothing(world: World) -> None:
    assert world.execute(CommitPlan(Q3, with_drafts=(REACH,))).warnings == ()
    assert not warned(world, AbandonObjective(GROW), GONE)
