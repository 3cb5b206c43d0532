"""Carrying over: where the successor begins, what goes on, and what follows it.

GROW is measured by CUSTOMERS (0 to 1,000), LAUNCH (three steps) and BRAND (zones) in 2025-Q3; it is
carried over into 2025-Q4.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest

from okr_es.commands import (
    AddKeyResult,
    CarryOverObjective,
    CheckIn,
    CloseCycle,
    CommitObjective,
    CommitPlan,
    CorrectReading,
    DraftObjective,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
    OpenCycle,
    RealignObjective,
    ReassignObjective,
    RecordReading,
    RetargetKeyResult,
    RetractReading,
)
from okr_es.context import Receipt
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import Conflict
from okr_es.domain.values import Kind, Zone
from tests.support.given import World, given
from tests.support.world import (
    BRAND,
    COMPANY,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    MARKETING,
    NEW,
    OTHER,
    Q3,
    Q4,
    REACH,
    RESPONSE,
    STEPS,
    THIRD,
    THOUSAND,
    d,
)

READING, LATER = UUID(int=0x71), UUID(int=0x72)
JULY, AUGUST = date(2025, 7, 10), date(2025, 7, 12)
OCTOBER = date(2025, 10, 3)


def measure(target: str, baseline: str = "0", unit: str = "leads") -> Measure:
    return Measure(Kind.METRIC, d(baseline), d(target), unit)


def checks_in(
    value: str | Zone, on: date = JULY, of: UUID = CUSTOMERS, id: UUID | None = None
) -> CheckIn:
    if isinstance(value, Zone):
        return CheckIn(of, on, 7, zone=value, id=id)
    return CheckIn(of, on, 7, value=d(value), id=id)


def carry(world: World, objective: UUID = GROW, new: UUID = NEW, **more: Any) -> Receipt:
    return world.execute(CarryOverObjective(objective, Q4, new, **more))


def successor(world: World, old: UUID, of: UUID = NEW) -> KeyResult:
    found = world.okr.repository.get(uuid5(of, str(old)))
    assert isinstance(found, KeyResult)
    return found


def codes(receipt: Receipt) -> set[str]:
    return {each.code for each in receipt.warnings}


def is_carried(world: World, old: UUID) -> bool:
    added = (each for each in world.facts() if isinstance(each, KeyResult.Added))
    return old in {each.carried_from for each in added}


class TestAMetricBeginsWhereItHadComeTo:
    def test_its_baseline_is_the_last_value_and_the_target_stays(
        self, world_on_both: World
    ) -> None:
        world = world_on_both
        given(world, checks_in("300"), checks_in("450", AUGUST), checks_in("100", date(2025, 7, 2)))
        carry(world)
        assert successor(world, CUSTOMERS).measure == measure("1000", "450")

    def test_of_one_day_the_last_recorded_counts(self, world: World) -> None:
        given(world, checks_in("300"), checks_in("280"))
        carry(world)
        assert successor(world, CUSTOMERS).measure.baseline == d("280")

    def test_a_corrected_value_counts_as_corrected(self, world_on_both: World) -> None:
        world = world_on_both
        given(world, checks_in("300", id=READING), CorrectReading(READING, d("250")))
        carry(world)
        assert successor(world, CUSTOMERS).measure.baseline == d("250")

    def test_a_retracted_one_does_not_count(self, world_on_both: World) -> None:
        world = world_on_both
        given(
            world, checks_in("200"), checks_in("300", AUGUST, id=READING), RetractReading(READING)
        )
        carry(world)
        assert successor(world, CUSTOMERS).measure.baseline == d("200")

    def test_one_that_falls_does_the_same(self, world: World) -> None:
        falls = RetargetKeyResult(CUSTOMERS, measure("100", "500"))
        given(world, falls, checks_in("300"))
        carry(world)
        assert successor(world, CUSTOMERS).measure == measure("100", "300")

    def test_where_it_went_back_it_begins_there(self, world: World) -> None:
        given(world, checks_in("-20"))
        assert codes(carry(world)) == set()
        assert successor(world, CUSTOMERS).measure == measure("1000", "-20")

    def test_unmeasured_it_keeps_its_baseline_and_says_so(self, world: World) -> None:
        receipt = carry(world)
        assert codes(receipt) == {"baseline_kept"}
        assert [each.id for each in receipt.warnings[0].things] == [uuid5(NEW, str(CUSTOMERS))]
        assert successor(world, CUSTOMERS).measure == THOUSAND

    def test_a_check_in_of_confidence_alone_measures_nothing(self, world: World) -> None:
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE), CheckIn(CUSTOMERS, JULY, 7))
        assert "baseline_kept" in codes(carry(world))

    def test_what_was_read_in_another_unit_is_no_measurement(self, world: World) -> None:
        thousands = RetargetKeyResult(CUSTOMERS, measure("1", unit="thousand customers"))
        given(world, checks_in("500"), thousands)
        assert "baseline_kept" in codes(carry(world))
        assert successor(world, CUSTOMERS).measure.baseline == d("0")

    def test_what_was_read_before_another_target_is_one(self, world: World) -> None:
        given(world, checks_in("500"), RetargetKeyResult(CUSTOMERS, measure("800")))
        carry(world)
        assert successor(world, CUSTOMERS).measure == measure("800", "500")

    @pytest.mark.parametrize(
        ("on", "baseline"),
        [
            (date(2025, 6, 30), "0"),
            (date(2025, 7, 1), "3"),
            (date(2025, 9, 30), "3"),
            (OCTOBER, "0"),
        ],
    )
    def test_of_a_kpi_the_readings_about_days_of_the_old_cycle_count(
        self, on: date, baseline: str, world_on_both: World
    ) -> None:
        world = world_on_both
        read = RecordReading(RESPONSE, on, d("3"))
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE), date(2025, 10, 5), read)
        carry(world)
        assert successor(world, CUSTOMERS).measure.baseline == d(baseline)
        assert successor(world, CUSTOMERS).kpi_id == RESPONSE


class TestReachedKeyResults:
    @pytest.mark.parametrize("value", ["1000", "1050"])
    def test_they_are_not_carried_and_it_is_said(self, value: str, world: World) -> None:
        given(world, checks_in(value))
        receipt = carry(world)
        assert [(each.code, each.count) for each in receipt.warnings] == [
            ("reached_not_carried", 1)
        ]
        assert [each.id for each in receipt.warnings[0].things] == [CUSTOMERS]
        assert not is_carried(world, CUSTOMERS)
        assert is_carried(world, LAUNCH)

    @pytest.mark.parametrize("value", ["1000", "1050"])
    def test_if_asked_for_they_are_with_their_old_baseline(self, value: str, world: World) -> None:
        given(world, checks_in(value))
        assert codes(carry(world, with_reached=True)) == {"baseline_kept"}
        assert successor(world, CUSTOMERS).measure == THOUSAND

    def test_one_that_falls_is_reached_from_above(self, world: World) -> None:
        given(world, RetargetKeyResult(CUSTOMERS, measure("100", "500")), checks_in("90"))
        carry(world)
        assert not is_carried(world, CUSTOMERS)

    def test_a_little_short_is_not_reached(self, world: World) -> None:
        given(world, checks_in("999.999"))
        carry(world)
        assert successor(world, CUSTOMERS).measure.baseline == d("999.999")

    def test_a_milestone_carries_the_steps_not_done(self, world: World) -> None:
        given(world, checks_in("1", of=LAUNCH))
        carry(world)
        assert successor(world, LAUNCH).measure.steps == STEPS.steps[1:]

    def test_a_milestone_that_is_done_is_reached(self, world: World) -> None:
        given(world, checks_in("3", of=LAUNCH))
        assert "reached_not_carried" in codes(carry(world))
        assert not is_carried(world, LAUNCH)

    @pytest.mark.parametrize(("value", "is_done"), [("0", False), ("1", True)])
    def test_so_is_one_without_steps(self, value: str, is_done: bool, world: World) -> None:
        bare = AddKeyResult(GROW, "signed", Measure(Kind.MILESTONE), id=OTHER)
        given(world, bare, checks_in(value, of=OTHER))
        carry(world)
        assert is_carried(world, OTHER) != is_done

    @pytest.mark.parametrize("zone", Zone)
    def test_an_ordinal_is_reached_from_its_target_on(self, zone: Zone, world: World) -> None:
        given(world, checks_in(zone, of=BRAND))
        carry(world)
        assert is_carried(world, BRAND) == (zone in {Zone.NONE, Zone.COMMIT})

    def test_zones_of_other_words_are_another_promise(self, world: World) -> None:
        others = Measure(Kind.ORDINAL, zones=Zones("seen", "wanted", "bought"))
        given(world, checks_in(Zone.STRETCH, of=BRAND), RetargetKeyResult(BRAND, others))
        carry(world)
        assert is_carried(world, BRAND)


class TestTheBaselineIsFixedWhenThePlanIsCommitted:
    def test_until_then_it_is_provisional(self, world_on_both: World) -> None:
        world = world_on_both
        given(world, checks_in("300"))
        carry(world)
        given(world, CommitObjective(NEW), OCTOBER, checks_in("420", date(2025, 9, 30)))
        assert successor(world, CUSTOMERS).measure.baseline == d("300")
        head = world.okr.log.head()
        world.execute(CommitPlan(Q4))
        assert [type(each) for each in world.facts(head)] == [
            KeyResult.Rebased, Cycle.PlanCommitted,
        ]  # fmt: skip
        assert successor(world, CUSTOMERS).measure == measure("1000", "420")
        given(world, checks_in("480", date(2025, 9, 30)))
        assert successor(world, CUSTOMERS).measure.baseline == d("420")

    def test_or_at_its_own_commit_if_that_comes_later(self, world: World) -> None:
        other = (
            DraftObjective(Q4, COMPANY, UUID(int=0xA1), "other", id=OTHER),
            CommitObjective(OTHER),
        )
        given(world, checks_in("300"), *other)
        carry(world)
        given(world, CommitPlan(Q4), OCTOBER, checks_in("420", date(2025, 9, 30)))
        assert successor(world, CUSTOMERS).measure.baseline == d("300")
        head = world.okr.log.head()
        world.execute(CommitObjective(NEW))
        assert [type(each) for each in world.facts(head)] == [
            KeyResult.Rebased, Objective.Committed,
        ]  # fmt: skip
        assert successor(world, CUSTOMERS).measure.baseline == d("420")

    def test_or_when_it_is_moved_into_a_committed_plan(self, world: World) -> None:
        other = (
            DraftObjective(Q4, MARKETING, UUID(int=0xA1), "other", id=OTHER),
            CommitObjective(OTHER),
        )
        given(world, checks_in("300"), *other)
        carry(world)
        given(
            world, CommitObjective(NEW), CommitPlan(Q4, MARKETING), OCTOBER,
            checks_in("420", date(2025, 9, 30)), ReassignObjective(NEW, team_id=MARKETING),
        )  # fmt: skip
        assert successor(world, CUSTOMERS).measure.baseline == d("420")

    def test_a_commit_of_another_team_fixes_nothing(self, world: World) -> None:
        other = (
            DraftObjective(Q4, MARKETING, UUID(int=0xA1), "other", id=OTHER),
            CommitObjective(OTHER),
        )
        given(world, checks_in("300"), *other)
        carry(world)
        given(world, CommitObjective(NEW), OCTOBER, checks_in("420", date(2025, 9, 30)))
        given(world, CommitPlan(Q4, MARKETING))
        assert successor(world, CUSTOMERS).measure.baseline == d("300")

    def test_what_stays_is_no_event(self, world: World) -> None:
        given(world, checks_in("300"))
        carry(world)
        given(world, CommitObjective(NEW))
        head = world.okr.log.head()
        world.execute(CommitPlan(Q4))
        assert [type(each) for each in world.facts(head)] == [Cycle.PlanCommitted]

    @pytest.mark.parametrize("value", ["1000", "1100"])
    def test_at_its_target_by_then_it_gets_the_old_baseline_back(
        self, value: str, world: World
    ) -> None:
        given(world, checks_in("300"))
        carry(world)
        given(world, CommitObjective(NEW), OCTOBER, checks_in(value, date(2025, 9, 30)))
        receipt = world.execute(CommitPlan(Q4))
        assert codes(receipt) == {"baseline_kept"}
        assert successor(world, CUSTOMERS).measure == THOUSAND

    def test_a_promise_somebody_changed_meanwhile_stays(self, world: World) -> None:
        given(world, checks_in("300"))
        carry(world)
        changed = RetargetKeyResult(uuid5(NEW, str(CUSTOMERS)), measure("2000", "350"))
        given(world, CommitObjective(NEW), changed, OCTOBER, checks_in("420", date(2025, 9, 30)))
        given(world, CommitPlan(Q4))
        assert successor(world, CUSTOMERS).measure == measure("2000", "350")

    def test_more_steps_done_by_then_are_not_carried(self, world: World) -> None:
        given(world, checks_in("1", of=LAUNCH))
        carry(world)
        given(world, CommitObjective(NEW), OCTOBER, checks_in("2", date(2025, 9, 30), LAUNCH))
        given(world, CommitPlan(Q4))
        assert successor(world, LAUNCH).measure.steps == STEPS.steps[2:]

    def test_who_commits_the_plan_may_expect_the_version_of_the_cycle(self, world: World) -> None:
        given(world, checks_in("300"))
        carry(world)
        given(world, CommitObjective(NEW), OCTOBER, checks_in("420", date(2025, 9, 30)))
        given(world).when(CommitPlan(Q4), expected_version=7).then_refused(
            Conflict, field="expected_version"
        )
        receipt = given(world).when(CommitPlan(Q4), expected_version=1).execute()
        assert receipt.version == 2


class TestAlsoFromAClosedCycle:
    @pytest.mark.parametrize("before", [[], [GradeObjective(GROW)]], ids=["ungraded", "graded"])
    def test_it_is_carried(self, before: list[Any], world: World) -> None:
        given(world, checks_in("300"), *before, OCTOBER, CloseCycle(Q3))
        carry(world)
        assert successor(world, CUSTOMERS).measure.baseline == d("300")

    def test_the_old_one_is_measured_to_its_own_end(self, world: World) -> None:
        given(world, checks_in("300"))
        carry(world)
        given(world, OCTOBER, checks_in("420", date(2025, 9, 30)), GradeObjective(GROW))
        graded = world.okr.repository.get(GROW)
        assert isinstance(graded, Objective)
        assert graded.graded


class TestAlignmentFollows:
    ALIGNED = (RealignObjective(REACH, GROW, weight=Decimal("3")), CommitObjective(REACH))
    THROUGH = (
        RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS, weight=Decimal("3")),
        CommitObjective(REACH),
    )

    def aligned(self, world: World, id_: UUID = OTHER) -> tuple[UUID | None, UUID | None, Decimal]:
        found = world.okr.repository.get(id_)
        assert isinstance(found, Objective)
        return found.aligned_to_objective_id, found.aligned_to_key_result_id, found.weight

    @pytest.mark.parametrize("child_first", [True, False])
    def test_in_whatever_order_they_are_carried(
        self, child_first: bool, world_on_both: World
    ) -> None:
        world = world_on_both
        given(world, *self.ALIGNED)
        pairs = [(REACH, OTHER), (GROW, NEW)]
        for old, new in pairs if child_first else pairs[::-1]:
            carry(world, old, new)
        assert self.aligned(world) == (NEW, None, d("3"))

    @pytest.mark.parametrize("child_first", [True, False])
    def test_to_the_key_result_that_goes_on(self, child_first: bool, world_on_both: World) -> None:
        world = world_on_both
        given(world, *self.THROUGH)
        pairs = [(REACH, OTHER), (GROW, NEW)]
        for old, new in pairs if child_first else pairs[::-1]:
            carry(world, old, new)
        assert self.aligned(world) == (None, uuid5(NEW, str(CUSTOMERS)), d("3"))

    @pytest.mark.parametrize("child_first", [True, False])
    def test_to_the_objective_where_the_key_result_is_not_carried(
        self, child_first: bool, world: World
    ) -> None:
        given(world, *self.THROUGH, checks_in("1000"))
        pairs = [(REACH, OTHER), (GROW, NEW)]
        receipts = [carry(world, *pair) for pair in (pairs if child_first else pairs[::-1])]
        assert "aligned_to_objective" in codes(receipts[-1])
        assert self.aligned(world) == (NEW, None, d("3"))

    def test_what_was_aligned_by_hand_meanwhile_stays(self, world: World) -> None:
        given(world, *self.ALIGNED, DraftObjective(Q4, COMPANY, UUID(int=0xA1), "x", id=THIRD))
        carry(world, REACH, OTHER)
        given(world, RealignObjective(OTHER, THIRD))
        carry(world)
        assert self.aligned(world)[0] == THIRD

    def test_what_is_promised_by_then_stays_and_it_is_said(self, world: World) -> None:
        given(world, *self.ALIGNED)
        carry(world, REACH, OTHER)
        given(world, CommitObjective(OTHER), CommitPlan(Q4, MARKETING))
        receipt = carry(world)
        assert "alignment_not_followed" in codes(receipt)
        assert self.aligned(world)[:2] == (None, None)

    def test_what_is_carried_into_another_cycle_does_not_wait(self, world: World) -> None:
        given(world, *self.ALIGNED, OpenCycle("2026-Q1", id=THIRD))
        world.execute(CarryOverObjective(REACH, THIRD, OTHER))
        carry(world)
        assert self.aligned(world)[:2] == (None, None)

    def test_a_goal_of_a_longer_cycle_stays_until_it_is_carried_itself(self, world: World) -> None:
        year, next_year, lead = UUID(int=0x81), UUID(int=0x82), UUID(int=0x83)
        given(
            world, OpenCycle("2025", id=year), OpenCycle("2026", id=next_year),
            DraftObjective(year, COMPANY, UUID(int=0xA1), "lead", id=lead), CommitObjective(lead),
            RealignObjective(GROW, lead), OpenCycle("2026-Q1", id=THIRD),
        )  # fmt: skip
        carry(world)
        assert self.aligned(world, NEW)[0] == lead
        given(world, CommitObjective(NEW))
        world.execute(CarryOverObjective(NEW, THIRD, OTHER))
        assert self.aligned(world)[0] == lead
        world.execute(CarryOverObjective(lead, next_year, LATER))
        assert self.aligned(world)[0] == LATER
        assert self.aligned(world, NEW)[0] == lead

    def test_through_several_cycles(self, world: World) -> None:
        q1 = UUID(int=0x84)
        given(world, *self.THROUGH, OpenCycle("2026-Q1", id=q1))
        carry(world)
        given(world, CommitObjective(NEW))
        world.execute(CarryOverObjective(NEW, q1, LATER))
        world.execute(CarryOverObjective(REACH, q1, OTHER))
        assert self.aligned(world) == (
            None, uuid5(LATER, str(uuid5(NEW, str(CUSTOMERS)))), d("3"),
        )  # fmt: skip

    def test_a_dropped_successor_of_a_key_result_is_none(self, world: World) -> None:
        given(world, *self.THROUGH)
        carry(world)
        given(world, DropKeyResult(uuid5(NEW, str(CUSTOMERS))))
        assert "aligned_to_objective" in codes(carry(world, REACH, OTHER))
        assert self.aligned(world)[0] == NEW


def test_the_key_results_of_the_small_world_are_those_of_the_page(world: World) -> None:
    assert world.okr.repository.get(LEADS).objective_id == REACH  # type: ignore[attr-defined]
