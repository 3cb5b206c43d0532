"""Whoever ends leaves nothing behind in silence: what they own, and what waits and names them."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from okr_es.commands import (
    CloseCycle,
    CommitObjective,
    CommitPlan,
    DefineKpi,
    DraftObjective,
    ErasePerson,
    GradeObjective,
    ReassignObjective,
    RequireApproval,
    RetireKpi,
    WithdrawRequest,
)
from okr_es.context import Thing
from okr_es.domain.values import Cadence, Controlled, Direction
from tests.support.given import World, given
from tests.support.world import ANN, BEN, GROW, MARKETING, NEW, OTHER, Q3, Q4, REACH, TWO_DAYS

ERASE = ErasePerson(BEN, "GDPR 17")
KPI = DefineKpi(
    "Calls", Direction.INCREASE, "calls", "CRM", Cadence.WEEKLY, BEN, TWO_DAYS, id=OTHER
)
OBJECTIVE, OF_KPI = Thing("objective", REACH), Thing("kpi", OTHER)


def warned(world: World, **context: Any) -> dict[str, tuple[Thing, ...]]:
    receipt = world.execute(ERASE, reason="he asked", **context)
    return {each.code: each.things for each in receipt.warnings}


class TestErasure:
    def test_it_names_the_objectives_and_kpis_that_stay_theirs(self, world_on_both: World) -> None:
        given(world_on_both, KPI)
        assert warned(world_on_both) == {
            "still_owns_objectives": (OBJECTIVE,),
            "still_owns_kpis": (OF_KPI,),
        }

    def test_not_what_is_over_or_of_another(self, world: World) -> None:
        given(world, KPI, RetireKpi(OTHER), CommitObjective(REACH), GradeObjective(REACH))
        assert warned(world) == {}

    def test_not_what_a_closed_cycle_holds(self, world: World) -> None:
        given(world, DraftObjective(Q4, MARKETING, BEN, "sell", id=NEW))
        given(world, date(2025, 10, 2), CloseCycle(Q3))
        assert warned(world) == {"still_owns_objectives": (Thing("objective", NEW),)}

    def test_not_what_was_handed_over(self, world: World) -> None:
        given(world, ReassignObjective(REACH, ANN))
        assert warned(world) == {}

    @pytest.mark.parametrize(("by", "code"), [(ANN, "requests_name_it"), (BEN, "still_asks")])
    def test_it_names_the_requests_of_theirs_and_about_them(
        self, by: UUID, code: str, world_on_both: World
    ) -> None:
        world = world_on_both
        given(world, ReassignObjective(REACH, ANN), CommitPlan(Q3))
        given(world, RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)))
        asked = world.execute(ReassignObjective(GROW, BEN), by=by, reason="he knows it")
        assert asked.approval_id is not None
        assert warned(world) == {code: (Thing("approval", asked.approval_id),)}

    def test_not_a_request_that_was_decided(self, world: World) -> None:
        given(world, ReassignObjective(REACH, ANN), CommitPlan(Q3))
        given(world, RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)))
        asked = world.execute(ReassignObjective(GROW, BEN), reason="he knows it")
        assert asked.approval_id is not None
        world.execute(WithdrawRequest(asked.approval_id))
        assert warned(world) == {}
