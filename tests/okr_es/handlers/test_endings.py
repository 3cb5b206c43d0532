"""What ends or moves while other things need it says so: each of them is named by its id."""

from datetime import date

import pytest

from okr_es.commands import (
    AbandonObjective,
    CarryOverObjective,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    DisbandTeam,
    DraftObjective,
    DropKeyResult,
    GradeObjective,
    MoveKeyResult,
    RealignObjective,
    ReassignObjective,
    ReopenObjective,
    RequireApproval,
    RetireKpi,
    RetitleObjective,
    ReweightKeyResult,
    WithdrawRequest,
)
from okr_es.context import Context, Thing
from okr_es.domain.values import Controlled
from tests.support.given import World, given
from tests.support.tried import executed_as_tried
from tests.support.world import (
    BEN,
    BRAND,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    MARKETING,
    NEW,
    PRODUCT,
    Q3,
    Q4,
    REACH,
    RESPONSE,
    d,
)

OF_REACH = Thing("objective", REACH)
THROUGH = RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS)
DIRECTLY = RealignObjective(REACH, aligned_to_objective_id=GROW)
REVISIONS = RequireApproval(Q3, (Controlled.PLAN_REVISIONS,))


def warned(world: World, command: Command) -> dict[str, tuple[Thing, ...]]:
    receipt = executed_as_tried(world.okr, command, Context(world.actor, "so it is"))
    assert all(each.count == len(each.things) for each in receipt.warnings)
    return {each.code: each.things for each in receipt.warnings}


class TestDrop:
    def test_what_is_aligned_to_it_is_named(self, world_on_both: World) -> None:
        given(world_on_both, THROUGH, CommitObjective(REACH), CommitPlan(Q3))
        assert warned(world_on_both, DropKeyResult(CUSTOMERS)) == {
            "aligned_to_what_ends": (OF_REACH,)
        }

    def test_a_goal_of_another_cycle_is_named_too(self, world: World) -> None:
        given(world, DraftObjective(Q4, PRODUCT, BEN, "sell", id=NEW))
        given(world, RealignObjective(NEW, aligned_to_key_result_id=CUSTOMERS))
        assert warned(world, DropKeyResult(CUSTOMERS)) == {
            "aligned_to_what_ends": (Thing("objective", NEW),)
        }

    def test_not_what_was_abandoned_or_is_aligned_elsewhere(self, world: World) -> None:
        given(world, THROUGH, AbandonObjective(REACH))
        assert warned(world, DropKeyResult(CUSTOMERS)) == {}
        given(world, ReopenObjective(REACH), DIRECTLY)
        assert warned(world, DropKeyResult(LAUNCH)) == {}

    def test_the_last_one_leaves_the_objective_without_a_measure(self, world: World) -> None:
        given(world, DropKeyResult(CUSTOMERS), ReweightKeyResult(LAUNCH, d("0")))
        assert warned(world, DropKeyResult(BRAND)) == {
            "nothing_measures_it_now": (Thing("objective", GROW),)
        }

    def test_a_draft_is_still_made(self, world: World) -> None:
        assert warned(world, DropKeyResult(LEADS)) == {}

    def test_what_waits_and_names_it_is_shown(self, world_on_both: World) -> None:
        given(world_on_both, CommitPlan(Q3), REVISIONS)
        asked = [
            world_on_both.execute(ReweightKeyResult(each, d("2")), reason="x").approval_id
            for each in (CUSTOMERS, LAUNCH)
        ]
        waits = warned(world_on_both, DropKeyResult(LAUNCH))["requests_name_it"]
        assert [each.id for each in waits] == asked[1:]


class TestReweight:
    def test_to_nothing_it_leaves_the_objective_without_a_measure(self, world: World) -> None:
        given(world, CommitObjective(REACH))
        assert warned(world, ReweightKeyResult(LEADS, d("0"))) == {
            "has_no_weight": (Thing("key_result", LEADS),),
            "nothing_measures_it_now": (OF_REACH,),
        }
        assert warned(world, ReweightKeyResult(LEADS, d("0"))) == {}

    def test_not_while_another_has_a_weight(self, world: World) -> None:
        assert warned(world, ReweightKeyResult(CUSTOMERS, d("0"))) == {
            "has_no_weight": (Thing("key_result", CUSTOMERS),)
        }


class TestMove:
    def test_what_is_aligned_to_it_rolls_up_elsewhere(self, world_on_both: World) -> None:
        world = world_on_both
        given(world, THROUGH, DraftObjective(Q3, PRODUCT, BEN, "sell", id=NEW))
        assert warned(world, MoveKeyResult(CUSTOMERS, NEW)) == {
            "aligned_to_what_moves": (OF_REACH,),
            "moved_into_draft": (Thing("key_result", CUSTOMERS),),
        }

    def test_from_draft_to_draft_it_counts_nowhere_anyway(self, world: World) -> None:
        given(world, DraftObjective(Q3, PRODUCT, BEN, "sell", id=NEW))
        assert warned(world, MoveKeyResult(LEADS, NEW)) == {}

    def test_the_last_one_leaves_the_objective_without_a_measure(self, world: World) -> None:
        given(world, CommitObjective(REACH))
        assert warned(world, MoveKeyResult(LEADS, GROW)) == {"nothing_measures_it_now": (OF_REACH,)}
        assert warned(world, MoveKeyResult(LEADS, GROW)) == {}


class TestAbandoning:
    @pytest.mark.parametrize("aligned", [THROUGH, DIRECTLY], ids=["key result", "objective"])
    def test_what_is_aligned_to_it_is_named(
        self, aligned: RealignObjective, world_on_both: World
    ) -> None:
        given(world_on_both, aligned)
        assert warned(world_on_both, AbandonObjective(GROW)) == {
            "aligned_to_what_ends": (OF_REACH,)
        }

    def test_what_it_was_carried_over_from_does_not_come_back(self, world: World) -> None:
        given(world, CarryOverObjective(GROW, Q4, NEW), CommitObjective(NEW))
        assert warned(world, AbandonObjective(NEW)) == {
            "predecessor_does_not_return": (Thing("objective", GROW),)
        }

    def test_of_a_draft_it_never_took_its_place(self, world: World) -> None:
        given(world, CarryOverObjective(GROW, Q4, NEW))
        assert warned(world, AbandonObjective(NEW)) == {}

    def test_what_waits_and_names_it_is_shown_and_nothing_else(self, world: World) -> None:
        given(world, CommitPlan(Q3), REVISIONS)
        asked = [
            world.execute(each, reason="x").approval_id
            for each in (RetitleObjective(GROW, "x"), ReweightKeyResult(CUSTOMERS, d("2")))
        ]
        withdrawn = world.execute(ReweightKeyResult(LAUNCH, d("2")), reason="x").approval_id
        assert withdrawn is not None
        world.execute(WithdrawRequest(withdrawn))
        waits = warned(world, AbandonObjective(GROW))["requests_name_it"]
        assert {each.id for each in waits} == {*asked}


class TestReopening:
    @pytest.mark.parametrize(
        ("aligned", "ended", "thing"),
        [
            (THROUGH, DropKeyResult(CUSTOMERS), Thing("key_result", CUSTOMERS)),
            (DIRECTLY, AbandonObjective(GROW), Thing("objective", GROW)),
        ],
    )
    def test_what_it_is_aligned_to_has_ended(
        self, aligned: Command, ended: Command, thing: Thing, world_on_both: World
    ) -> None:
        given(world_on_both, aligned, AbandonObjective(REACH), ended)
        assert warned(world_on_both, ReopenObjective(REACH)) == {"aligned_to_what_ended": (thing,)}

    def test_while_that_lives_nothing_is_said(self, world: World) -> None:
        given(world, THROUGH, AbandonObjective(REACH))
        assert warned(world, ReopenObjective(REACH)) == {}

    @pytest.mark.parametrize("end", [AbandonObjective(REACH), GradeObjective(REACH)], ids=repr)
    def test_another_has_its_title_meanwhile(self, end: Command, world_on_both: World) -> None:
        given(world_on_both, CommitObjective(REACH), end)
        title = "Reach people on all channels"
        given(world_on_both, DraftObjective(Q3, MARKETING, BEN, title, id=NEW))
        assert warned(world_on_both, ReopenObjective(REACH)) == {
            "objective_has_same_title": (Thing("objective", NEW),)
        }


class TestDisbanding:
    def test_its_kpis_and_goals_of_open_cycles_stay_with_it(self, world_on_both: World) -> None:
        given(world_on_both, CommitObjective(REACH), GradeObjective(REACH))
        assert warned(world_on_both, DisbandTeam(MARKETING)) == {
            "kpis_stay_with_it": (Thing("kpi", RESPONSE),),
            "objectives_stay_with_it": (OF_REACH,),
        }

    def test_not_retired_ones_nor_those_of_closed_cycles(self, world: World) -> None:
        given(world, CommitObjective(REACH), GradeObjective(REACH), RetireKpi(RESPONSE))
        given(world, date(2025, 10, 2), CloseCycle(Q3))
        assert warned(world, DisbandTeam(MARKETING)) == {}

    def test_what_waits_and_names_it_is_shown(self, world: World) -> None:
        given(world, CommitPlan(Q3), REVISIONS)
        asked = world.execute(ReassignObjective(GROW, team_id=PRODUCT), reason="x").approval_id
        assert asked is not None
        assert warned(world, DisbandTeam(PRODUCT)) == {
            "requests_name_it": (Thing("approval", asked),)
        }


def test_what_is_carried_over_was_aligned_to_what_has_ended(world: World) -> None:
    """That will not be carried over, so the alignment follows nothing."""
    given(world, CommitObjective(REACH), DIRECTLY, AbandonObjective(GROW))
    found = warned(world, CarryOverObjective(REACH, Q4, NEW))
    assert found["aligned_to_what_ended"] == (Thing("objective", GROW),)
    assert "alignment_not_carried" not in found
