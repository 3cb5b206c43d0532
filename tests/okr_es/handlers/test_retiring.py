"""Retiring a KPI that feeds a promise: with a reason, a warning, and approval where that is due."""

from datetime import date

import pytest

from okr_es.commands import (
    AbandonObjective,
    ApproveRequest,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
    RecordReading,
    RegisterPerson,
    RequireApproval,
    RetireKpi,
)
from okr_es.context import Thing
from okr_es.domain.kpi import Kpi
from okr_es.domain.refusals import KpiIsRetired, ReasonIsMissing
from okr_es.domain.values import Controlled
from tests.support.given import World, fact, given
from tests.support.world import CUSTOMERS, LEADS, NEW, Q3, Q4, REACH, RESPONSE, TODAY, d

WHY = "The system is gone."
RETIRED = fact(Kpi.Retired, RESPONSE, 3)
FED = LinkKeyResult(LEADS, RESPONSE)
PROMISED = (FED, CommitObjective(REACH), CommitPlan(Q3))
REVISIONS = (Controlled.PLAN_REVISIONS,)


class TestWhatFeedsAPromise:
    def test_needs_a_reason(self, world: World) -> None:
        given(world, *PROMISED).when(RetireKpi(RESPONSE)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_names_the_key_results_that_get_no_more_values(self, world_on_both: World) -> None:
        given(world_on_both, *PROMISED, LinkKeyResult(CUSTOMERS, RESPONSE))
        receipt = (
            given(world_on_both)
            .when(RetireKpi(RESPONSE), reason=WHY)
            .then(RETIRED, warnings=("values_end",))
        )
        (warning,) = receipt.warnings
        assert {*warning.things} == {Thing("key_result", LEADS), Thing("key_result", CUSTOMERS)}
        assert warning.count == 2

    def test_waits_for_approval_where_revisions_do(self, world_on_both: World) -> None:
        world = world_on_both
        given(world, *PROMISED, RequireApproval(Q3, REVISIONS), RegisterPerson("Cem", id=NEW))
        asked = world.execute(RetireKpi(RESPONSE), reason=WHY)
        assert [each.code for each in asked.warnings] == [
            "values_end", "waits_for_approval", "owners_cannot_approve",
        ]  # fmt: skip
        given(world, RecordReading(RESPONSE, TODAY, d("3")))
        assert asked.approval_id is not None
        world.execute(ApproveRequest(asked.approval_id), by=NEW)
        assert world.facts()[-1] == RETIRED
        given(world).when(RecordReading(RESPONSE, TODAY, d("3"))).then_refused(KpiIsRetired)


class TestWhatFeedsNone:
    @pytest.mark.parametrize(
        "over",
        [
            DropKeyResult(LEADS),
            LinkKeyResult(LEADS, None),
            AbandonObjective(REACH),
            GradeObjective(REACH),
        ],
        ids=lambda each: type(each).__name__,
    )
    def test_is_retired_without_a_word(self, over: Command, world: World) -> None:
        given(world, *PROMISED, over, RequireApproval(Q3, REVISIONS))
        given(world).when(RetireKpi(RESPONSE)).then(RETIRED)

    def test_nor_where_the_cycle_is_closed(self, world: World) -> None:
        given(world, *PROMISED, RequireApproval(Q3, REVISIONS), date(2025, 10, 2), CloseCycle(Q3))
        given(world).when(RetireKpi(RESPONSE)).then(RETIRED)

    def test_a_draft_or_a_plan_not_committed_yet_is_named(self, world: World) -> None:
        """No promise is switched off, but its values end."""
        given(world, FED, RequireApproval(Q3, REVISIONS), RequireApproval(Q4, REVISIONS))
        given(world).when(RetireKpi(RESPONSE)).then(RETIRED, warnings=("values_end",))


def test_a_request_that_names_it_is_shown(world: World) -> None:
    given(world, CommitPlan(Q3), RequireApproval(Q3, REVISIONS))
    asked = world.execute(LinkKeyResult(CUSTOMERS, RESPONSE), reason=WHY)
    (told,) = world.execute(RetireKpi(RESPONSE)).warnings
    assert (told.code, told.things) == ("requests_name_it", (Thing("approval", asked.approval_id),))  # type: ignore[arg-type]
