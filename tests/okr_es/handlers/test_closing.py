"""Closing and grading tell what is missing: grades, values, readings; and may grade the rest.

GROW is committed with three key results, none of them measured; REACH is a draft.
"""

from datetime import date
from typing import Any

import pytest

from okr_es.commands import (
    AbandonObjective,
    ApproveRequest,
    CarryOverObjective,
    CheckIn,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    CorrectReading,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
    RecordReading,
    ReopenCycle,
    RequireApproval,
    RetargetKeyResult,
    RetractReading,
    ReweightKeyResult,
)
from okr_es.context import Thing, WarningAnswer
from okr_es.domain.cycle import Cycle
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import CycleHasNotStarted, CycleIsClosed
from okr_es.domain.values import Controlled, Kind, Zone
from okr_es.handlers.fingerprints import fingerprint
from tests.support.given import World, fact, given
from tests.support.world import (
    ANN,
    BEN,
    BRAND,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    NEW,
    OTHER,
    Q3,
    Q3_ENDS,
    Q4,
    REACH,
    RESPONSE,
    d,
)

LATE = date(2025, 10, 2)
CLOSED = fact(Cycle.Closed, Q3, 3)
READY = (CommitPlan(Q3), Q3_ENDS)
RESULTS = (CUSTOMERS, LAUNCH, BRAND)
MEASURED = (
    CheckIn(CUSTOMERS, Q3_ENDS, value=d("5"), id=NEW),
    CheckIn(LAUNCH, Q3_ENDS, done_steps=("design",), id=OTHER),
    CheckIn(BRAND, Q3_ENDS, zone=Zone.TARGET),
)


def warned(world: World, command: Command, **context: Any) -> dict[str, WarningAnswer]:
    return {each.code: each for each in world.execute(command, **context).warnings}


def things(warning: WarningAnswer) -> set[Thing]:
    assert warning.count == len(warning.things)
    return {*warning.things}


def results(*ids: Any) -> set[Thing]:
    return {Thing("key_result", each) for each in ids}


class TestClosing:
    def test_it_counts_what_was_not_graded_drafts_and_what_is_not_measured(
        self, world_on_both: World
    ) -> None:
        given(world_on_both, *READY, LATE)
        found = warned(world_on_both, CloseCycle(Q3))
        assert {code: things(each) for code, each in found.items()} == {
            "not_graded": {Thing("objective", GROW)},
            "drafts_left_over": {Thing("objective", REACH)},
            "not_measured": results(*RESULTS),
            "readings_overdue": results(*RESULTS),
        }
        assert found["not_measured"].text.startswith("Not measured: 3 of 3 key results")

    def test_nothing_is_shown_where_all_is_graded_and_measured(self, world: World) -> None:
        given(world, CommitObjective(REACH), *READY, *MEASURED)
        given(world, CheckIn(LEADS, Q3_ENDS, value=d("1")), LATE)
        given(world, GradeObjective(GROW), GradeObjective(REACH))
        assert warned(world, CloseCycle(Q3)) == {}

    def test_of_what_was_graded_the_missing_values_are_shown_again(self, world: World) -> None:
        given(world, AbandonObjective(REACH), *READY, *MEASURED[1:], LATE, GradeObjective(GROW))
        found = warned(world, CloseCycle(Q3))
        assert {code: things(each) for code, each in found.items()} == {
            "not_measured": results(CUSTOMERS)
        }
        assert found["not_measured"].text.startswith("Not measured: 1 of 3 key results")

    def test_one_that_nothing_measures_is_shown(self, world: World) -> None:
        given(world, AbandonObjective(REACH), *READY)
        given(world, *(DropKeyResult(each) for each in RESULTS), LATE)
        assert {*warned(world, CloseCycle(Q3))} == {"not_graded", "nothing_measures_it"}

    def test_grading_and_carrying_over_after_it(self, world: World) -> None:
        given(world, *READY, LATE, CloseCycle(Q3)).when(GradeObjective(GROW)).then_refused(
            CycleIsClosed
        )
        assert world.execute(CarryOverObjective(GROW, Q4, NEW)).id == NEW


class TestGradingTheRest:
    def test_what_is_committed_is_graded_as_computed_first(self, world_on_both: World) -> None:
        given(world_on_both, CommitObjective(REACH), *READY, LATE).when(
            CloseCycle(Q3, grade_rest=True)
        ).then(
            fact(Objective.Graded, GROW, 3, adjusted_grade=None),
            fact(Objective.Graded, REACH, 3, adjusted_grade=None),
            CLOSED,
            warnings=("not_measured", "readings_overdue"),
        )

    def test_not_what_was_graded_abandoned_or_is_a_draft(self, world: World) -> None:
        given(world, *READY, LATE, GradeObjective(GROW)).when(CloseCycle(Q3, grade_rest=True)).then(
            CLOSED, warnings=("drafts_left_over", "not_measured")
        )

    def test_what_was_carried_over_is_graded_too_and_can_be_carried_after(
        self, world: World
    ) -> None:
        given(world, CommitObjective(REACH), *READY, CarryOverObjective(GROW, Q4, NEW), LATE)
        given(world, CloseCycle(Q3, grade_rest=True))
        graded = [each for each in world.facts() if isinstance(each, Objective.Graded)]
        assert {each.originator_id for each in graded} == {GROW, REACH}
        assert world.execute(CarryOverObjective(REACH, Q4, OTHER)).id == OTHER

    def test_nothing_is_graded_where_closing_is_refused(self, world: World) -> None:
        given(world).when(CloseCycle(Q4, grade_rest=True)).then_refused(CycleHasNotStarted)
        given(world, LATE, CloseCycle(Q3)).when(CloseCycle(Q3, grade_rest=True)).then_refused(
            CycleIsClosed
        )

    def test_where_closing_needs_approval_all_of_it_waits(self, world_on_both: World) -> None:
        world = world_on_both
        given(world, *READY, RequireApproval(Q3, (Controlled.CLOSING,)), LATE)
        asked = world.execute(CloseCycle(Q3, grade_rest=True))
        assert asked.first_position == asked.last_position
        assert asked.approval_id is not None
        world.execute(ApproveRequest(asked.approval_id), by=BEN)
        graded, closed = world.facts()[-2:]
        assert (graded, closed) == (
            fact(Objective.Graded, GROW, 3, adjusted_grade=None),
            fact(Cycle.Closed, Q3, 4),
        )

    def test_a_cycle_that_was_reopened_is_closed_anew(self, world: World) -> None:
        given(world, *READY, LATE, CloseCycle(Q3), ReopenCycle(Q3))
        given(world).when(CloseCycle(Q3, grade_rest=True)).then(
            fact(Objective.Graded, GROW, 3, adjusted_grade=None),
            fact(Cycle.Closed, Q3, 5),
            warnings=("drafts_left_over", "not_measured", "readings_overdue"),
        )

    def test_a_key_used_before_still_stands_for_the_same_command(self) -> None:
        assert fingerprint(CloseCycle(Q3)) == fingerprint(CloseCycle(Q3, grade_rest=False))
        assert fingerprint(CloseCycle(Q3)) != fingerprint(CloseCycle(Q3, grade_rest=True))


class TestGrading:
    def test_it_says_of_how_many_are_not_measured(self, world_on_both: World) -> None:
        given(world_on_both, *READY, *MEASURED[:2], LATE)
        found = warned(world_on_both, GradeObjective(GROW))
        assert {code: things(each) for code, each in found.items()} == {
            "not_measured": results(BRAND),
            "readings_overdue": results(BRAND),
        }
        assert found["not_measured"].text.startswith("Not measured: 1 of 3 key results")

    def test_without_a_gap_it_says_nothing(self, world: World) -> None:
        given(world, *READY, *MEASURED, LATE)
        assert warned(world, GradeObjective(GROW)) == {}

    def test_no_weight_and_no_value_is_no_gap(self, world: World) -> None:
        given(world, *READY, *MEASURED[:2], ReweightKeyResult(BRAND, d("0")), LATE)
        assert "not_measured" not in warned(world, GradeObjective(GROW))

    @pytest.mark.parametrize(
        "change",
        [
            RetractReading(NEW),
            RetargetKeyResult(CUSTOMERS, Measure(Kind.METRIC, d("0"), d("1"), "thousands")),
            LinkKeyResult(CUSTOMERS, RESPONSE),
        ],
        ids=lambda each: type(each).__name__,
    )
    def test_what_counts_no_longer_is_no_value(self, change: Command, world: World) -> None:
        given(world, *READY, *MEASURED, change, LATE)
        assert things(warned(world, GradeObjective(GROW))["not_measured"]) == results(CUSTOMERS)

    def test_what_was_corrected_is_one_and_so_is_what_a_kpi_read(self, world: World) -> None:
        given(world, *READY, *MEASURED, CorrectReading(NEW, d("7")))
        given(world, LinkKeyResult(CUSTOMERS, RESPONSE), RecordReading(RESPONSE, Q3_ENDS, d("3")))
        given(world, LATE)
        assert warned(world, GradeObjective(GROW)) == {}

    def test_confidence_alone_and_days_outside_the_cycle_are_no_values(self, world: World) -> None:
        given(world, *READY, *MEASURED[1:], CheckIn(CUSTOMERS, Q3_ENDS, 7), LATE)
        given(world, CheckIn(CUSTOMERS, LATE, value=d("9")))
        assert things(warned(world, GradeObjective(GROW))["not_measured"]) == results(CUSTOMERS)

    def test_a_value_of_long_ago_is_overdue(self, world: World) -> None:
        given(
            world, CommitPlan(Q3), date(2025, 8, 1), CheckIn(CUSTOMERS, date(2025, 8, 1), 7, d("1"))
        )
        given(world, Q3_ENDS, *MEASURED[1:], LATE)
        found = warned(world, GradeObjective(GROW))
        assert {code: things(each) for code, each in found.items()} == {
            "readings_overdue": results(CUSTOMERS)
        }

    def test_a_milestone_that_is_done_is_not(self, world: World) -> None:
        done = ("design", "build", "launch")
        given(world, CommitPlan(Q3), date(2025, 8, 1))
        given(world, CheckIn(LAUNCH, date(2025, 8, 1), done_steps=done))
        given(world, Q3_ENDS, MEASURED[0], MEASURED[2], LATE)
        assert warned(world, GradeObjective(GROW)) == {}

    def test_a_request_about_it_is_shown(self, world: World) -> None:
        given(world, *READY, *MEASURED, RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)), LATE)
        asked = world.execute(DropKeyResult(BRAND), reason="x").approval_id
        assert asked is not None
        assert things(warned(world, GradeObjective(GROW))["requests_name_it"]) == {
            Thing("approval", asked)
        }


def test_the_actor_of_the_grades_is_who_closes(world: World) -> None:
    given(world, *READY, LATE)
    receipt = world.execute(CloseCycle(Q3, grade_rest=True))
    with world.okr.database.snapshot() as connection:
        rows = connection.exec_driver_sql(
            f'SELECT "by" FROM events WHERE position >= {receipt.first_position}'
        ).all()
    assert {str(row[0]) for row in rows} == {str(ANN)}
