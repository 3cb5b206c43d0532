"""What can be asked about cycles and the scoring policy, and what comes of it."""

from datetime import date

import pytest

from okr_es.commands import AdoptScoringPolicy, CloseCycle, CommitPlan, OpenCycle, ReopenCycle
from okr_es.domain.cycle import Cycle, CycleName
from okr_es.domain.policy import POLICY_ID, ScoringPolicy
from okr_es.domain.refusals import (
    AlreadyExists,
    CycleHasNotStarted,
    CycleIsClosed,
    CycleIsOpen,
    Invalid,
    NotFound,
    PlanIsCommitted,
    ReasonIsMissing,
)
from okr_es.domain.values import NotMeasured
from tests.support.given import World, fact, given
from tests.support.world import GROW, NEW, NOBODY, Q3, Q4, d

NEVER_COMMITTED, EARLY = "plan_never_committed", "closed_before_its_end"
# GROW is not graded nor measured, REACH is a draft.
GAPS = ("not_graded", "drafts_left_over", "not_measured")
THRESHOLDS = {
    "on_track": d("0.9"), "at_risk": d("0.7"), "yellow_from": d("0.4"),
    "committed_expected": d("1"), "aspirational_expected": d("0.7"),
}  # fmt: skip
WHY = {"reason": "Agreed."}
POLICY = {**THRESHOLDS, "not_measured": NotMeasured.COUNTS_ZERO}


class TestOpenCycle:
    @pytest.mark.parametrize(
        ("name", "starts", "ends"),
        [
            ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
            ("2024-H1", date(2024, 1, 1), date(2024, 6, 30)),
            ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ],
    )
    def test_a_calendar_name_brings_its_dates(
        self, name: str, starts: date, ends: date, world: World
    ) -> None:
        given(world).when(OpenCycle(name, id=NEW)).then(
            fact(Cycle.Opened, NEW, name=name, starts=starts, ends=ends)
        )

    def test_a_fiscal_calendar_has_dates_of_its_own(self, world: World) -> None:
        days = {"starts": date(2025, 10, 1), "ends": date(2026, 9, 30)}
        given(world).when(OpenCycle("FY26.1", **days, id=NEW)).then(
            fact(Cycle.Opened, NEW, name="FY26.1", **days)
        )

    def test_longer_than_a_year_comes_with_a_warning(self, world: World) -> None:
        days = {"starts": date(2025, 1, 1), "ends": date(2026, 1, 2)}
        given(world).when(OpenCycle("long", **days, id=NEW)).then(
            fact(Cycle.Opened, NEW, name="long", **days),
            warnings=("cycle_is_long",),
        )

    def test_its_id_is_its_own(self, world: World) -> None:
        first, second = (world.execute(OpenCycle(name)).id for name in ("2026-Q2", "2026-Q1"))
        assert first is not None
        assert second is not None
        assert first.version == second.version == 7
        assert first < second

    def test_an_id_is_given_once(self, world: World) -> None:
        given(world).when(OpenCycle("2026", id=GROW)).then_refused(AlreadyExists, field="id")

    @pytest.mark.parametrize("name", ["2025-Q3", "2025-q3"])
    def test_a_name_is_given_once_whatever_its_case(self, name: str, world: World) -> None:
        days = {"starts": date(2025, 7, 1), "ends": date(2025, 9, 30)}
        asked = given(world).when(OpenCycle(name, **days))
        refusal = asked.then_refused(AlreadyExists, field="name")
        assert refusal.message == "There is a cycle 2025-Q3."

    def test_a_name_of_its_own_needs_both_dates(self, world: World) -> None:
        given(world).when(OpenCycle("summer")).then_refused(Invalid, field="starts")
        given(world).when(OpenCycle("summer", date(2025, 6, 1))).then_refused(Invalid, field="ends")

    def test_it_ends_on_or_after_the_day_it_starts(self, world: World) -> None:
        given(world).when(OpenCycle("x", date(2025, 6, 2), date(2025, 6, 1))).then_refused(
            Invalid, field="ends"
        )
        given(world).when(OpenCycle("2026", ends=date(2025, 12, 31))).then_refused(
            Invalid, field="ends"
        )

    @pytest.mark.parametrize(
        "name", ["", " 2026", "a b", "-x", "x" * 41, "Ü", "x\n", "٢٠٢٦", "a\0", "\ud800", str(Q3)]
    )
    def test_a_name_can_stand_in_an_address(self, name: str, world: World) -> None:
        given(world).when(OpenCycle(name, date(2026, 1, 1), date(2026, 2, 1))).then_refused(
            Invalid, field="name"
        )

    @pytest.mark.parametrize("day", [date(1899, 12, 31), date(3000, 1, 1), date(1, 1, 1)])
    def test_its_years_are_of_this_world(self, day: date, world: World) -> None:
        given(world).when(OpenCycle("x", day, date(2025, 1, 1))).then_refused(
            Invalid, field="starts"
        )


class TestCommitPlan:
    """What of it is about teams stands in test_commit_plan.py."""

    def test_not_of_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(CommitPlan(Q3)).then_refused(CycleIsClosed)

    def test_not_of_something_else(self, world: World) -> None:
        given(world).when(CommitPlan(GROW)).then_refused(NotFound, field="cycle_id")


class TestCloseCycle:
    def test_it_is_closed_when_it_is_over(self, world: World) -> None:
        given(world, CommitPlan(Q3), date(2025, 10, 2)).when(CloseCycle(Q3)).then(
            fact(Cycle.Closed, Q3, 3), warnings=(*GAPS, "readings_overdue")
        )

    def test_closing_it_early_or_unplanned_comes_with_warnings(self, world: World) -> None:
        given(world).when(CloseCycle(Q3)).then(
            fact(Cycle.Closed, Q3, 2),
            warnings=(NEVER_COMMITTED, EARLY, *GAPS),
        )

    def test_not_before_its_first_day(self, world: World) -> None:
        given(world).when(CloseCycle(Q4)).then_refused(CycleHasNotStarted)

    def test_not_twice(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(CloseCycle(Q3)).then_refused(CycleIsClosed)

    def test_not_an_unknown_one(self, world: World) -> None:
        given(world).when(CloseCycle(NOBODY)).then_refused(NotFound, field="cycle_id")

    def test_one_by_its_name(self, world: World) -> None:
        named = CycleName("2025-q3")
        given(world, CommitPlan(named), date(2025, 10, 2)).when(CloseCycle(named)).then(
            fact(Cycle.Closed, Q3, 3), warnings=(*GAPS, "readings_overdue")
        )

    def test_an_unknown_one_is_shown_by_its_name(self, world: World) -> None:
        asked = given(world).when(CloseCycle(CycleName("2031")))
        refusal = asked.then_refused(NotFound, field="cycle_id")
        assert refusal.message == "There is no cycle 2031."


class TestReopenCycle:
    def test_it_is_open_again(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(ReopenCycle(Q3), reason="too early").then(
            fact(Cycle.Reopened, Q3, 3)
        )

    @pytest.mark.parametrize("reason", [None, "", " "])
    def test_not_without_a_reason(self, reason: str | None, world: World) -> None:
        given(world, CloseCycle(Q3)).when(ReopenCycle(Q3), reason=reason).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_while_it_is_open(self, world: World) -> None:
        given(world).when(ReopenCycle(Q3), reason="x").then_refused(CycleIsOpen)

    def test_not_an_unknown_one(self, world: World) -> None:
        given(world).when(ReopenCycle(NOBODY), reason="x").then_refused(NotFound, field="cycle_id")

    def test_its_plan_stays_committed(self, world: World) -> None:
        given(world, CommitPlan(Q3), CloseCycle(Q3), ReopenCycle(Q3)).when(
            CommitPlan(Q3)
        ).then_refused(PlanIsCommitted)


class TestAdoptScoringPolicy:
    def test_the_first_is_adopted(self, world: World) -> None:
        given(world).when(AdoptScoringPolicy(), **WHY).then(
            fact(ScoringPolicy.Adopted, POLICY_ID, **POLICY)
        )

    def test_the_next_is_a_revision(self, world: World) -> None:
        given(world, AdoptScoringPolicy()).when(AdoptScoringPolicy(on_track=d("0.95")), **WHY).then(
            fact(ScoringPolicy.Revised, POLICY_ID, 2, **POLICY | {"on_track": d("0.95")})
        )

    def test_what_is_not_named_stays(self, world: World) -> None:
        before = {"on_track": d("0.85"), "committed_expected": d("0.8")}
        given(world, AdoptScoringPolicy(**before)).when(
            AdoptScoringPolicy(at_risk=d("0.6")), **WHY
        ).then(fact(ScoringPolicy.Revised, POLICY_ID, 2, **POLICY | before | {"at_risk": d("0.6")}))
        given(world).when(AdoptScoringPolicy(not_measured=NotMeasured.LEFT_OUT), **WHY).then(
            fact(
                ScoringPolicy.Revised, POLICY_ID, 3,
                **POLICY | before | {"at_risk": d("0.6"), "not_measured": NotMeasured.LEFT_OUT},
            )
        )  # fmt: skip
        given(world).when(AdoptScoringPolicy()).then_nothing()

    def test_what_stays_and_what_is_named_fit_together(self, world: World) -> None:
        given(world, AdoptScoringPolicy(at_risk=d("0.8"))).when(
            AdoptScoringPolicy(on_track=d("0.75")), **WHY
        ).then_refused(Invalid, field="at_risk")

    def test_it_needs_a_reason(self, world: World) -> None:
        given(world).when(AdoptScoringPolicy()).then_refused(ReasonIsMissing, field="reason")
        given(world, AdoptScoringPolicy()).when(AdoptScoringPolicy(at_risk=d("0.6"))).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_the_same_again_is_no_news(self, world: World) -> None:
        given(world, AdoptScoringPolicy()).when(AdoptScoringPolicy()).then_nothing()

    @pytest.mark.parametrize("field", THRESHOLDS)
    @pytest.mark.parametrize("value", ["0", "-0.1", "1.000001", "NaN", "Infinity", "sNaN"])
    def test_each_lies_within_0_and_1(self, field: str, value: str, world: World) -> None:
        given(world).when(AdoptScoringPolicy(**{field: d(value)})).then_refused(
            Invalid, field=field
        )

    @pytest.mark.parametrize("field", THRESHOLDS)
    def test_each_has_at_most_four_digits(self, field: str, world: World) -> None:
        given(world).when(AdoptScoringPolicy(**{field: d("0.69995")})).then_refused(
            Invalid, field=field
        )
        given(world).when(AdoptScoringPolicy(at_risk=d("0.69990")), **WHY).then(
            fact(ScoringPolicy.Adopted, POLICY_ID, **POLICY | {"at_risk": d("0.69990")})
        )

    @pytest.mark.parametrize("expected", ["committed_expected", "aspirational_expected"])
    def test_yellow_begins_below_each_expected_grade(self, expected: str, world: World) -> None:
        both = {"committed_expected": d("0.9"), "aspirational_expected": d("0.9")}
        given(world).when(
            AdoptScoringPolicy(yellow_from=d("0.6"), **both | {expected: d("0.6")})
        ).then_refused(Invalid, field="yellow_from")

    def test_what_is_not_measured_may_be_left_out(self, world: World) -> None:
        given(world, AdoptScoringPolicy()).when(
            AdoptScoringPolicy(not_measured=NotMeasured.LEFT_OUT), **WHY
        ).then(
            fact(
                ScoringPolicy.Revised, POLICY_ID, 2,
                **POLICY | {"not_measured": NotMeasured.LEFT_OUT},
            )
        )  # fmt: skip

    def test_the_bands_are_in_order(self, world: World) -> None:
        given(world).when(AdoptScoringPolicy(at_risk=d("0.91"))).then_refused(
            Invalid, field="at_risk"
        )
        given(world).when(AdoptScoringPolicy(yellow_from=d("0.71"))).then_refused(
            Invalid, field="yellow_from"
        )
