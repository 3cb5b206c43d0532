"""Corrections of a cycle: its name, and its days, with what these leave out."""

from datetime import date
from typing import Any

import pytest

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    ApproveRequest,
    CheckIn,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    DraftObjective,
    DropKeyResult,
    GradeObjective,
    OpenCycle,
    ReassignObjective,
    RecordReading,
    RenameCycle,
    ReopenCycle,
    RequireApproval,
    RescheduleCycle,
    RetractReading,
    ReweightKeyResult,
)
from okr_es.context import Thing
from okr_es.domain.cycle import Cycle, CycleName
from okr_es.domain.refusals import (
    AlreadyExists,
    CycleHasNotStarted,
    DueBeforeTheStart,
    Invalid,
    NotFound,
    ReasonIsMissing,
)
from okr_es.domain.values import Controlled, Point
from tests.support.given import World, fact, given
from tests.support.ids import cycle_uuid
from tests.support.world import (
    ANN,
    BEN,
    COMPANY,
    CUSTOMERS,
    GROW,
    NEW,
    NOBODY,
    OTHER,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    REACH,
    RESPONSE,
    THIRD,
    THOUSAND,
    TODAY,
    d,
)

WHY = {"reason": "Typed wrongly."}
FIFTH, TENTH = date(2025, 7, 5), date(2025, 7, 10)
OTHER_DAYS = "name_says_other_days"
SPRING = cycle_uuid("spring")
OPENED = OpenCycle("spring", Q3_STARTS, Q3_ENDS, id=SPRING)
IN_SPRING = (
    OPENED,
    DraftObjective(SPRING, COMPANY, ANN, "sow", id=OTHER),
    AddKeyResult(OTHER, "1,000 seeds", THOUSAND, id=THIRD),
    CommitObjective(OTHER),
)


def rescheduled(version: int, starts: date = Q3_STARTS, ends: date = Q3_ENDS) -> Any:
    return fact(Cycle.Rescheduled, SPRING, version, starts=starts, ends=ends)


class TestRenameCycle:
    def test_it_has_another_name_and_is_found_by_both(self, world_on_both: World) -> None:
        world = world_on_both
        given(world, OPENED).when(RenameCycle(SPRING, "fiscal-3")).then(
            fact(Cycle.Renamed, SPRING, 2, name="fiscal-3")
        )
        for name in ("FISCAL-3", "spring"):
            again = world.execute(RenameCycle(CycleName(name), "fiscal-3"))
            assert (again.id, again.first_position) == (SPRING, None)

    def test_the_same_name_says_nothing(self, world: World) -> None:
        given(world).when(RenameCycle(Q3, "2025-Q3")).then_nothing()

    def test_in_other_letters_it_is_another(self, world_on_both: World) -> None:
        given(world_on_both, OPENED).when(RenameCycle(SPRING, "Spring")).then(
            fact(Cycle.Renamed, SPRING, 2, name="Spring")
        )

    def test_an_earlier_name_is_its_own_and_nobody_elses(self, world_on_both: World) -> None:
        world = world_on_both
        given(world, OPENED, RenameCycle(SPRING, "summer"))
        refusal = (
            given(world).when(RenameCycle(Q3, "SPRING")).then_refused(AlreadyExists, field="name")
        )
        assert refusal.message == "There is a cycle summer that was called SPRING."
        given(world).when(OpenCycle("Spring", TODAY, TODAY)).then_refused(
            AlreadyExists, field="name"
        )
        given(world).when(RenameCycle(SPRING, "spring")).then(
            fact(Cycle.Renamed, SPRING, 3, name="spring")
        )

    @pytest.mark.parametrize("name", ["", "a b", "published", str(NOBODY), "x" * 41])
    def test_not_to_what_is_no_name(self, name: str, world: World) -> None:
        given(world).when(RenameCycle(Q3, name)).then_refused(Invalid, field="name")

    def test_a_name_that_stands_for_other_days_warns(self, world: World) -> None:
        given(world).when(RenameCycle(Q3, "2025-Q2")).then(
            fact(Cycle.Renamed, Q3, 2, name="2025-Q2"), warnings=(OTHER_DAYS,)
        )

    def test_a_closed_one_too(self, world: World) -> None:
        given(world, OPENED, CloseCycle(SPRING)).when(RenameCycle(SPRING, "summer")).then(
            fact(Cycle.Renamed, SPRING, 3, name="summer")
        )

    def test_not_one_that_is_not_there(self, world: World) -> None:
        given(world).when(RenameCycle(CycleName("winter"), "x")).then_refused(
            NotFound, field="cycle_id"
        )


class TestRescheduleCycle:
    def test_what_is_left_out_stays(self, world_on_both: World) -> None:
        given(world_on_both, OPENED).when(RescheduleCycle(SPRING, FIFTH)).then(
            rescheduled(2, FIFTH)
        )
        given(world_on_both).when(RescheduleCycle(SPRING, ends=TODAY)).then(
            rescheduled(3, FIFTH, TODAY)
        )

    def test_the_days_it_has_say_nothing(self, world: World) -> None:
        given(world).when(RescheduleCycle(Q3)).then_nothing()
        given(world).when(RescheduleCycle(Q3, Q3_STARTS, Q3_ENDS)).then_nothing()

    def test_not_to_an_end_before_the_start(self, world: World) -> None:
        given(world).when(RescheduleCycle(Q3, ends=date(2025, 6, 30))).then_refused(
            Invalid, field="ends"
        )

    @pytest.mark.parametrize("before", [CommitPlan(SPRING, COMPANY), CloseCycle(SPRING)])
    def test_once_committed_and_while_closed_it_needs_a_reason(
        self, before: Command, world: World
    ) -> None:
        given(world, *IN_SPRING, before).when(RescheduleCycle(SPRING, FIFTH)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_a_closed_one_warns_and_starts_today_at_the_latest(self, world: World) -> None:
        given(world, OPENED, CloseCycle(SPRING))
        given(world).when(RescheduleCycle(SPRING, date(2025, 7, 16)), **WHY).then_refused(
            CycleHasNotStarted, field="starts"
        )
        given(world).when(RescheduleCycle(SPRING, TODAY), **WHY).then(
            rescheduled(3, TODAY), warnings=("cycle_is_closed",)
        )

    def test_days_that_its_name_does_not_stand_for_warn_and_so_does_a_long_one(
        self, world: World
    ) -> None:
        given(world).when(RescheduleCycle(Q3, ends=date(2026, 9, 30))).then(
            fact(Cycle.Rescheduled, Q3, 2, starts=Q3_STARTS, ends=date(2026, 9, 30)),
            warnings=(OTHER_DAYS, "cycle_is_long"),
        )

    def test_a_carried_out_request_corrects_it(self, world_on_both: World) -> None:
        world = world_on_both
        given(
            world, *IN_SPRING, CommitPlan(SPRING),
            RequireApproval(SPRING, (Controlled.PLAN_REVISIONS,)),
        )  # fmt: skip
        asked = world.execute(RescheduleCycle(SPRING, FIFTH), **WHY)
        assert [each.code for each in asked.warnings] == ["waits_for_approval"]
        assert asked.approval_id is not None
        world.execute(ApproveRequest(asked.approval_id), by=BEN)
        assert world.facts()[-1] == rescheduled(4, FIFTH)

    def test_before_a_plan_is_committed_it_waits_for_nobody(self, world: World) -> None:
        given(world, *IN_SPRING, RequireApproval(SPRING, tuple(Controlled))).when(
            RescheduleCycle(SPRING, FIFTH)
        ).then(rescheduled(3, FIFTH))


class TestWhatLiesOutside:
    def test_not_to_a_start_after_something_is_due(self, world_on_both: World) -> None:
        due = DraftObjective(SPRING, COMPANY, ANN, "sow soon", due=TENTH, id=OTHER)
        given(world_on_both, OPENED, due)
        refusal = (
            given(world_on_both)
            .when(RescheduleCycle(SPRING, TODAY))
            .then_refused(DueBeforeTheStart, field="starts")
        )
        assert refusal.message == f"Due before 2025-07-15: {OTHER}."
        given(world_on_both).when(RescheduleCycle(SPRING, TENTH)).then(rescheduled(2, TENTH))

    def test_what_is_due_after_the_new_end_is_named(self, world: World) -> None:
        due = DraftObjective(SPRING, COMPANY, ANN, "sow soon", due=TODAY, id=OTHER)
        (told,) = self.told(world, OPENED, due, ends=TENTH)
        assert (told.code, told.things) == ("due_after_the_end", (Thing("objective", OTHER),))
        assert self.told(world, ends=FIFTH) == ()

    def test_readings_are_counted_and_their_key_results_named(self, world_on_both: World) -> None:
        world = world_on_both
        fed = AddKeyResult(OTHER, "few wait", THOUSAND, kpi_id=RESPONSE, id=NEW)
        (told,) = self.told(
            world, *IN_SPRING, fed,
            CheckIn(THIRD, FIFTH, value=d("1")), CheckIn(THIRD, FIFTH, 7),
            CheckIn(THIRD, TENTH, value=d("2")),
            RecordReading(RESPONSE, FIFTH, d("3")), RecordReading(RESPONSE, FIFTH, d("4")),
            starts=TENTH,
        )  # fmt: skip
        assert (told.code, told.count) == ("readings_left_out", 3)
        assert {*told.things} == {Thing("key_result", THIRD), Thing("key_result", NEW)}

    def test_retracted_ones_are_not(self, world: World) -> None:
        reading = CheckIn(THIRD, FIFTH, value=d("1"), id=NEW)
        assert self.told(world, *IN_SPRING, reading, RetractReading(NEW), starts=TENTH) == ()

    def test_a_grade_that_was_given_changes_with_them(self, world_on_both: World) -> None:
        world, reading = world_on_both, CheckIn(THIRD, FIFTH, value=d("1"))
        left_out, graded = self.told(
            world, *IN_SPRING, reading, GradeObjective(OTHER), starts=TENTH
        )
        assert (left_out.code, graded.code) == ("readings_left_out", "graded_before")
        assert graded.things == (Thing("objective", OTHER),)
        earlier = world.execute(RescheduleCycle(SPRING, FIFTH), reason="so it was")
        assert [each.code for each in earlier.warnings] == ["graded_before"]

    @pytest.mark.parametrize("end", [DropKeyResult(THIRD), ReweightKeyResult(THIRD, d("0"))])
    def test_not_with_those_that_count_in_no_grade(self, end: Command, world: World) -> None:
        reading = CheckIn(THIRD, FIFTH, value=d("1"))
        told = self.told(world, *IN_SPRING, reading, end, GradeObjective(OTHER), starts=TENTH)
        assert [each.code for each in told] == ["readings_left_out"]

    def test_dated_points_are_named(self, world: World) -> None:
        bent = AddKeyResult(OTHER, "bent", THOUSAND, trajectory=(Point(TENTH, d("0.5")),), id=NEW)
        (told,) = self.told(world, *IN_SPRING, bent, starts=TODAY)
        assert (told.code, told.things) == ("points_left_out", (Thing("key_result", NEW),))

    def test_hand_overs_from_an_earlier_day_are_named(self, world: World) -> None:
        hand_over = ReassignObjective(OTHER, BEN, effective=FIFTH)
        (told,) = self.told(world, *IN_SPRING, hand_over, starts=TENTH)
        assert (told.code, told.things) == ("handed_over_before", (Thing("objective", OTHER),))

    def test_goals_of_other_cycles_are_not(self, world: World) -> None:
        given(
            world, CheckIn(CUSTOMERS, FIFTH, value=d("1")), ReassignObjective(GROW, BEN,
            effective=FIFTH), AbandonObjective(REACH), OPENED,
        )  # fmt: skip
        given(world).when(RescheduleCycle(SPRING, TENTH)).then(rescheduled(2, TENTH))

    def told(self, world: World, *history: Command, **days: date) -> Any:
        given(world, *history)
        return world.execute(RescheduleCycle(SPRING, **days), **WHY).warnings


class TestNamesOfCalendarDates:
    """One that is opened under a name that stands for days."""

    def test_has_other_days_only_where_both_are_named(self, world: World) -> None:
        given(world).when(OpenCycle("2029-Q4", date(2028, 10, 1))).then_refused(
            Invalid, field="ends"
        )
        given(world).when(OpenCycle("2029-Q4", ends=date(2029, 12, 30))).then_refused(
            Invalid, field="starts"
        )

    def test_and_is_warned_of_then(self, world: World) -> None:
        days = (date(2028, 10, 1), date(2028, 12, 31))
        given(world).when(OpenCycle("2029-Q4", *days, id=NEW)).then(
            fact(Cycle.Opened, NEW, name="2029-Q4", starts=days[0], ends=days[1]),
            warnings=(OTHER_DAYS,),
        )

    def test_one_day_that_it_stands_for_may_be_named(self, world: World) -> None:
        starts, ends = date(2029, 10, 1), date(2029, 12, 31)
        given(world).when(OpenCycle("2029-Q4", starts, id=NEW)).then(
            fact(Cycle.Opened, NEW, name="2029-Q4", starts=starts, ends=ends)
        )


def test_a_reopened_one_without_a_plan_needs_no_reason(world: World) -> None:
    given(world, OPENED, CloseCycle(SPRING), ReopenCycle(SPRING)).when(
        RescheduleCycle(SPRING, FIFTH)
    ).then(rescheduled(4, FIFTH))
