"""What a KPI is can be put right: its name, owner, team and purpose; unit and the like at first."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from okr_es.changes import MeasureChanges
from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    ApproveRequest,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    CorrectKeyResult,
    CorrectKpi,
    DisbandTeam,
    DropKeyResult,
    ErasePerson,
    GradeObjective,
    LinkKeyResult,
    ReassignKpi,
    RecordReading,
    RegisterPerson,
    ReinstateKpi,
    RenameKpi,
    ReplaceKpiPurpose,
    RequireApproval,
    RetargetKpi,
    RetireKpi,
    RetractReading,
)
from okr_es.context import Thing
from okr_es.domain.base import Change
from okr_es.domain.corrections import Promise
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.measure import Measure
from okr_es.domain.refusals import (
    Invalid,
    KpiHasReadings,
    KpiIsNotRetired,
    KpiIsRetired,
    NotFound,
    PersonIsUnknown,
    ReasonIsMissing,
    TargetEqualsBaseline,
    TargetIsBehindBaseline,
    TeamIsDisbanded,
    UnitsDiffer,
)
from okr_es.domain.values import Controlled, Direction
from tests.support.given import World, fact, given
from tests.support.world import (
    ANN,
    BEN,
    CUSTOMERS,
    GROW,
    LEADS,
    MARKETING,
    NEW,
    NOBODY,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    REACH,
    RESPONSE,
    THOUSAND,
    TODAY,
    TWENTY,
    d,
)

WHY = {"reason": "Typed wrongly."}
FIFTH_DAY, SIXTH_DAY = date(2025, 7, 22), date(2025, 7, 23)
READ = RecordReading(RESPONSE, TODAY, d("3"), NEW)


def corrected(**fields: Any) -> dict[str, Any]:
    return {"unit": "leads", "direction": Direction.DECREASE, "baseline": d("4")} | fields


def in_hours(key_result: UUID, version: int, said: Measure) -> Change:
    """Its unit was meant to be hours all along."""
    was, is_ = (Promise(each, (), d("1")) for each in (said, replace(said, unit="hours")))
    fields = {"since": 1, "until": None, "what": ("unit",), "said": was, "meant": is_, "now": is_}
    return fact(KeyResult.Corrected, key_result, version, **fields)


def key_result_of(world: World, id_: UUID) -> KeyResult:
    found = world.okr.repository.get(id_)
    assert isinstance(found, KeyResult)
    return found


class TestRenameKpi:
    def test_it_has_another_name(self, world_on_both: World) -> None:
        given(world_on_both).when(RenameKpi(RESPONSE, " Leads that wait ")).then(
            fact(Kpi.Renamed, RESPONSE, 3, name="Leads that wait")
        )

    def test_the_same_name_says_nothing(self, world: World) -> None:
        given(world).when(RenameKpi(RESPONSE, "Waiting leads ")).then_nothing()

    def test_not_to_nothing(self, world: World) -> None:
        given(world).when(RenameKpi(RESPONSE, " ")).then_refused(Invalid, field="name")
        given(world).when(RenameKpi(GROW, "x")).then_refused(NotFound, field="kpi_id")

    def test_not_once_it_is_retired(self, world: World) -> None:
        given(world, RetireKpi(RESPONSE)).when(RenameKpi(RESPONSE, "x")).then_refused(KpiIsRetired)


class TestReassignKpi:
    def test_it_has_another_owner_and_team(self, world_on_both: World) -> None:
        given(world_on_both).when(ReassignKpi(RESPONSE, BEN, PRODUCT)).then(
            fact(Kpi.Reassigned, RESPONSE, 3, owner_id=BEN, team_id=PRODUCT)
        )

    def test_what_is_left_out_stays(self, world: World) -> None:
        given(world).when(ReassignKpi(RESPONSE, BEN)).then(
            fact(Kpi.Reassigned, RESPONSE, 3, owner_id=BEN, team_id=MARKETING)
        )
        given(world).when(ReassignKpi(RESPONSE, team_id=PRODUCT)).then(
            fact(Kpi.Reassigned, RESPONSE, 4, owner_id=BEN, team_id=PRODUCT)
        )

    def test_null_takes_it_out_of_its_team(self, world: World) -> None:
        given(world).when(ReassignKpi(RESPONSE, team_id=None)).then(
            fact(Kpi.Reassigned, RESPONSE, 3, owner_id=ANN, team_id=None)
        )

    def test_the_same_owner_and_team_say_nothing(self, world: World) -> None:
        given(world).when(ReassignKpi(RESPONSE)).then_nothing()
        given(world).when(ReassignKpi(RESPONSE, ANN, MARKETING)).then_nothing()

    def test_not_to_somebody_or_a_team_that_is_no_more(self, world: World) -> None:
        given(world, DisbandTeam(PRODUCT), ErasePerson(BEN, "on request"))
        given(world).when(ReassignKpi(RESPONSE, BEN)).then_refused(
            PersonIsUnknown, field="owner_id"
        )
        given(world).when(ReassignKpi(RESPONSE, team_id=PRODUCT)).then_refused(
            TeamIsDisbanded, field="team_id"
        )
        given(world).when(ReassignKpi(RESPONSE, team_id=NOBODY)).then_refused(
            NotFound, field="team_id"
        )


class TestReplaceKpiPurpose:
    def test_it_is_written_down_and_taken_away(self, world: World) -> None:
        given(world).when(ReplaceKpiPurpose(RESPONSE, " to answer soon ")).then(
            fact(Kpi.PurposeReplaced, RESPONSE, 3, purpose="to answer soon")
        )
        given(world).when(ReplaceKpiPurpose(RESPONSE, None)).then(
            fact(Kpi.PurposeReplaced, RESPONSE, 4, purpose=None)
        )

    def test_the_same_says_nothing(self, world: World) -> None:
        given(world).when(ReplaceKpiPurpose(RESPONSE, None)).then_nothing()

    def test_an_empty_one_is_refused(self, world: World) -> None:
        given(world).when(ReplaceKpiPurpose(RESPONSE, " ")).then_refused(Invalid, field="purpose")


class TestCorrectKpi:
    def test_before_its_first_reading_unit_direction_and_baseline_are_put_right(
        self, world_on_both: World
    ) -> None:
        right = {"unit": "hours", "direction": Direction.INCREASE, "baseline": d("1")}
        given(world_on_both).when(CorrectKpi(RESPONSE, **right), **WHY).then(
            fact(Kpi.Corrected, RESPONSE, 3, **right)
        )

    def test_what_is_left_out_stays_and_null_takes_the_baseline_away(self, world: World) -> None:
        given(world).when(CorrectKpi(RESPONSE, unit="hours"), **WHY).then(
            fact(Kpi.Corrected, RESPONSE, 3, **corrected(unit="hours"))
        )
        given(world).when(CorrectKpi(RESPONSE, baseline=None), **WHY).then(
            fact(Kpi.Corrected, RESPONSE, 4, **corrected(unit="hours", baseline=None))
        )

    def test_what_it_is_already_says_nothing(self, world: World) -> None:
        given(world).when(CorrectKpi(RESPONSE)).then_nothing()
        given(world, READ).when(
            CorrectKpi(RESPONSE, "leads", Direction.DECREASE, d("4"))
        ).then_nothing()

    def test_it_needs_a_reason(self, world: World) -> None:
        given(world).when(CorrectKpi(RESPONSE, "hours")).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_once_it_has_readings(self, world_on_both: World) -> None:
        given(world_on_both, READ).when(CorrectKpi(RESPONSE, "hours"), **WHY).then_refused(
            KpiHasReadings
        )

    def test_a_reading_that_was_retracted_is_none(self, world_on_both: World) -> None:
        given(world_on_both, READ, RetractReading(NEW)).when(
            CorrectKpi(RESPONSE, "hours"), **WHY
        ).then(fact(Kpi.Corrected, RESPONSE, 3, **corrected(unit="hours")))

    def test_not_to_another_unit_than_what_it_fed_and_may_feed_again(self, world: World) -> None:
        given(world, LinkKeyResult(LEADS, RESPONSE), DropKeyResult(LEADS)).when(
            CorrectKpi(RESPONSE, "hours"), **WHY
        ).then_refused(UnitsDiffer, field="unit")

    def test_not_to_another_unit_than_what_it_feeds(self, world: World) -> None:
        given(world, LinkKeyResult(LEADS, RESPONSE)).when(
            CorrectKpi(RESPONSE, "hours"), **WHY
        ).then_refused(UnitsDiffer, field="unit")
        given(world).when(CorrectKpi(RESPONSE, "Leads"), **WHY).then(
            fact(Kpi.Corrected, RESPONSE, 3, **corrected(unit="Leads"))
        )

    def test_the_refusal_says_how_their_unit_is_corrected_as_well(self, world: World) -> None:
        given(world, LinkKeyResult(LEADS, RESPONSE))
        refusal = (
            given(world)
            .when(CorrectKpi(RESPONSE, "hours"), **WHY)
            .then_refused(UnitsDiffer, field="unit")
        )
        assert "1 key result " in refusal.message
        assert "with_key_results" in refusal.message
        of_one = CorrectKeyResult(LEADS, MeasureChanges(unit="hours"))
        other = given(world).when(of_one, **WHY).then_refused(UnitsDiffer, field="unit")
        assert "unit of the KPI with its key results" in other.message

    def test_the_unit_of_what_it_feeds_is_corrected_along(self, world_on_both: World) -> None:
        in_none = AddKeyResult(GROW, "x", replace(TWENTY, unit=None), kpi_id=RESPONSE, id=NEW)
        given(world_on_both, in_none, LinkKeyResult(LEADS, RESPONSE), DropKeyResult(LEADS)).when(
            CorrectKpi(RESPONSE, "hours", with_key_results=True), **WHY
        ).then(
            fact(Kpi.Corrected, RESPONSE, 3, **corrected(unit="hours")),
            in_hours(LEADS, 4, TWENTY),
        )
        given(world_on_both).when(
            CorrectKpi(RESPONSE, "hours", with_key_results=True)
        ).then_nothing()
        assert key_result_of(world_on_both, LEADS).kpi_id == RESPONSE

    def test_nothing_comes_along_where_their_unit_is_the_same(self, world: World) -> None:
        given(world, LinkKeyResult(LEADS, RESPONSE)).when(
            CorrectKpi(RESPONSE, "Leads", with_key_results=True), **WHY
        ).then(fact(Kpi.Corrected, RESPONSE, 3, **corrected(unit="Leads")))

    def test_of_what_is_promised_it_is_a_correction_and_no_revision(self, world: World) -> None:
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE), CommitPlan(Q3), FIFTH_DAY).when(
            CorrectKpi(RESPONSE, "hours", with_key_results=True), **WHY
        ).then(
            fact(Kpi.Corrected, RESPONSE, 3, **corrected(unit="hours")),
            in_hours(CUSTOMERS, 3, THOUSAND),
        )

    def test_after_the_fifth_working_day_somebody_else_approves_it(
        self, world_on_both: World
    ) -> None:
        world = world_on_both
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE), CommitPlan(Q3), SIXTH_DAY)
        wanted = CorrectKpi(RESPONSE, "hours", with_key_results=True)
        receipt = world.execute(wanted, **WHY)
        assert [each.code for each in receipt.warnings][:2] == [
            "correction_is_late", "waits_for_approval",
        ]  # fmt: skip
        assert receipt.approval_id is not None
        given(world, RegisterPerson("Cem", id=NEW))
        world.execute(ApproveRequest(receipt.approval_id), by=NEW)
        assert [vars(each) for each in world.facts()[-2:]] == [
            vars(fact(Kpi.Corrected, RESPONSE, 3, **corrected(unit="hours"))),
            vars(in_hours(CUSTOMERS, 3, THOUSAND)),
        ]

    @pytest.mark.parametrize(
        "end",
        [AbandonObjective(GROW), GradeObjective(GROW)],
        ids=lambda each: type(each).__name__,
    )
    def test_what_is_over_keeps_its_unit_and_the_rest_is_corrected(
        self, end: Command, world_on_both: World
    ) -> None:
        given(
            world_on_both,
            LinkKeyResult(CUSTOMERS, RESPONSE),
            LinkKeyResult(LEADS, RESPONSE),
            end,
        ).when(CorrectKpi(RESPONSE, "hours", with_key_results=True), **WHY).then(
            fact(Kpi.Corrected, RESPONSE, 3, **corrected(unit="hours")),
            in_hours(LEADS, 3, TWENTY),
        )

    def test_so_it_does_in_a_closed_cycle(self, world: World) -> None:
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE), CloseCycle(Q3)).when(
            CorrectKpi(RESPONSE, "hours"), **WHY
        ).then(fact(Kpi.Corrected, RESPONSE, 3, **corrected(unit="hours")))

    @pytest.mark.parametrize(
        ("command", "refusal", "field"),
        [
            (CorrectKpi(RESPONSE, baseline=d("2")), TargetEqualsBaseline, "direction"),
            (CorrectKpi(RESPONSE, baseline=d("1")), TargetIsBehindBaseline, "direction"),
            (CorrectKpi(RESPONSE, direction=Direction.INCREASE), TargetIsBehindBaseline,
             "direction"),
            (CorrectKpi(RESPONSE, direction=Direction.WITHIN), Invalid, "minimum"),
            (CorrectKpi(RESPONSE, unit=" "), Invalid, "unit"),
        ],
    )  # fmt: skip
    def test_its_targets_must_fit(
        self, command: CorrectKpi, refusal: Any, field: str, world: World
    ) -> None:
        given(world).when(command, **WHY).then_refused(refusal, field=field)

    def test_a_target_that_does_not_fit_is_taken_away_first_and_set_again(
        self, world: World
    ) -> None:
        nothing = Target(Q3_STARTS, Q3_ENDS)
        bounds = Target(Q3_STARTS, Q3_ENDS, minimum=d("1"), maximum=d("3"))
        given(
            world, RetargetKpi(RESPONSE, nothing), CorrectKpi(RESPONSE, direction=Direction.WITHIN)
        ).when(RetargetKpi(RESPONSE, bounds), **WHY).then(
            fact(Kpi.Retargeted, RESPONSE, 5, target=bounds)
        )


class TestReinstateKpi:
    def test_it_takes_readings_again(self, world_on_both: World) -> None:
        given(world_on_both, RetireKpi(RESPONSE)).when(ReinstateKpi(RESPONSE), **WHY).then(
            fact(Kpi.Reinstated, RESPONSE, 4)
        )
        given(world_on_both, READ)

    def test_it_needs_a_reason(self, world: World) -> None:
        given(world, RetireKpi(RESPONSE)).when(ReinstateKpi(RESPONSE)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_one_that_was_never_retired(self, world: World) -> None:
        given(world).when(ReinstateKpi(RESPONSE), **WHY).then_refused(KpiIsNotRetired)

    def test_it_names_the_key_results_that_get_values_again(self, world: World) -> None:
        given(world, LinkKeyResult(LEADS, RESPONSE), RetireKpi(RESPONSE))
        receipt = (
            given(world)
            .when(ReinstateKpi(RESPONSE), **WHY)
            .then(fact(Kpi.Reinstated, RESPONSE, 4), warnings=("values_return",))
        )
        assert receipt.warnings[0].things == (Thing("key_result", LEADS),)

    def test_it_waits_for_approval_where_revisions_of_the_plan_it_feeds_do(
        self, world_on_both: World
    ) -> None:
        world = world_on_both
        given(
            world, LinkKeyResult(LEADS, RESPONSE), CommitObjective(REACH), CommitPlan(Q3),
            RetireKpi(RESPONSE), RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)),
        )  # fmt: skip
        asked = world.execute(ReinstateKpi(RESPONSE), **WHY)
        assert [each.code for each in asked.warnings] == [
            "values_return", "waits_for_approval", "owners_cannot_approve",
        ]  # fmt: skip
        assert asked.approval_id is not None
        world.execute(RegisterPerson("Cem", id=NEW))
        world.execute(ApproveRequest(asked.approval_id), by=NEW)
        assert world.facts()[-1] == fact(Kpi.Reinstated, RESPONSE, 4)
