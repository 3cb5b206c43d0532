"""How objectives end, and begin again: graded, abandoned, reopened."""

from typing import Any

import pytest

from okr_es.commands import (
    AbandonObjective,
    CarryOverObjective,
    CloseCycle,
    DisbandTeam,
    DraftObjective,
    GradeObjective,
    ReopenObjective,
)
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import (
    CycleIsClosed,
    Invalid,
    ObjectiveIsNotCommitted,
    ObjectiveIsNotOver,
    ObjectiveIsOver,
    ReasonIsMissing,
)
from okr_es.domain.values import Commitment, State
from tests.support.given import World, fact, given
from tests.support.world import BEN, GROW, NEW, PRODUCT, Q3, Q4, REACH, d

LONG = "objective_is_long"
NO_KEY_RESULTS = "no_key_results"


def drafted(**fields: Any) -> dict[str, Any]:
    return {
        "cycle_id": Q3, "team_id": PRODUCT, "owner_id": BEN, "title": "ship",
        "commitment": Commitment.COMMITTED, "due": None, "carried_from": None,
    } | fields  # fmt: skip


UNMEASURED = ("not_measured",)


class TestGradeObjective:
    def test_it_is_graded_as_computed(self, world: World) -> None:
        given(world).when(GradeObjective(GROW)).then(
            fact(Objective.Graded, GROW, 3, adjusted_grade=None), warnings=UNMEASURED
        )

    @pytest.mark.parametrize("grade", ["0", "0.65", "1"])
    def test_it_is_adjusted_with_a_reason(self, grade: str, world: World) -> None:
        given(world).when(GradeObjective(GROW, d(grade)), reason="luck").then(
            fact(Objective.Graded, GROW, 3, adjusted_grade=d(grade)), warnings=UNMEASURED
        )

    def test_and_not_without_one(self, world: World) -> None:
        given(world).when(GradeObjective(GROW, d("0.5"))).then_refused(
            ReasonIsMissing, field="reason"
        )

    @pytest.mark.parametrize("grade", ["-0.01", "1.01", "NaN", "-Infinity", "sNaN"])
    def test_not_outside_0_and_1(self, grade: str, world: World) -> None:
        given(world).when(GradeObjective(GROW, d(grade)), reason="x").then_refused(
            Invalid, field="adjusted_grade"
        )

    def test_not_a_draft_or_an_abandoned_one(self, world: World) -> None:
        given(world).when(GradeObjective(REACH)).then_refused(ObjectiveIsNotCommitted)
        given(world, AbandonObjective(GROW)).when(GradeObjective(GROW)).then_refused(
            ObjectiveIsNotCommitted
        )

    def test_not_twice(self, world: World) -> None:
        given(world, GradeObjective(GROW)).when(GradeObjective(GROW)).then_refused(ObjectiveIsOver)

    def test_not_in_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(GradeObjective(GROW)).then_refused(CycleIsClosed)

    def test_also_one_that_was_carried_over(self, world: World) -> None:
        given(world, CarryOverObjective(GROW, Q4, NEW)).when(GradeObjective(GROW)).then(
            fact(Objective.Graded, GROW, 4, adjusted_grade=None), warnings=UNMEASURED
        )


class TestAbandonObjective:
    def test_it_is_given_up_with_a_reason(self, world: World) -> None:
        given(world).when(AbandonObjective(GROW), reason="no budget").then(
            fact(Objective.Abandoned, GROW, 3)
        )

    def test_and_not_without_one_even_as_a_draft(self, world: World) -> None:
        given(world).when(AbandonObjective(REACH)).then_refused(ReasonIsMissing, field="reason")

    def test_not_twice(self, world: World) -> None:
        given(world, AbandonObjective(GROW)).when(AbandonObjective(GROW), reason="x").then_refused(
            ObjectiveIsOver
        )

    def test_not_in_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(AbandonObjective(GROW), reason="x").then_refused(
            CycleIsClosed
        )


class TestReopenObjective:
    def test_a_grade_is_taken_back(self, world: World) -> None:
        given(world, GradeObjective(GROW, d("0.3"))).when(ReopenObjective(GROW), reason="x").then(
            fact(Objective.Reopened, GROW, 4, state=State.COMMITTED)
        )
        given(world).when(GradeObjective(GROW)).then(
            fact(Objective.Graded, GROW, 5, adjusted_grade=None), warnings=UNMEASURED
        )

    def test_a_committed_one_that_was_abandoned_is_committed_again(self, world: World) -> None:
        given(world, AbandonObjective(GROW)).when(ReopenObjective(GROW), reason="x").then(
            fact(Objective.Reopened, GROW, 4, state=State.COMMITTED)
        )

    def test_one_carried_over_stays_so_when_its_grade_is_taken_back(self, world: World) -> None:
        given(world, CarryOverObjective(GROW, Q4, NEW), GradeObjective(GROW)).when(
            ReopenObjective(GROW), reason="x"
        ).then(fact(Objective.Reopened, GROW, 5, state=State.CARRIED_OVER))

    def test_a_draft_that_was_abandoned_is_a_draft_again(self, world: World) -> None:
        given(world, AbandonObjective(REACH)).when(ReopenObjective(REACH), reason="x").then(
            fact(Objective.Reopened, REACH, 3, state=State.DRAFT)
        )

    def test_not_without_a_reason(self, world: World) -> None:
        given(world, GradeObjective(GROW)).when(ReopenObjective(GROW)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_while_it_runs(self, world: World) -> None:
        given(world).when(ReopenObjective(GROW), reason="x").then_refused(ObjectiveIsNotOver)

    def test_not_one_that_goes_on_elsewhere(self, world: World) -> None:
        given(world, CarryOverObjective(GROW, Q4, NEW)).when(
            ReopenObjective(GROW), reason="x"
        ).then_refused(ObjectiveIsNotOver)

    def test_not_in_a_closed_cycle(self, world: World) -> None:
        given(world, GradeObjective(GROW), CloseCycle(Q3)).when(
            ReopenObjective(GROW), reason="x"
        ).then_refused(CycleIsClosed)

    def test_in_a_disbanded_team_with_a_warning_to_reassign_it(self, world: World) -> None:
        history = [
            DraftObjective(Q3, PRODUCT, BEN, "ship", id=NEW),
            AbandonObjective(NEW),
            DisbandTeam(PRODUCT),
        ]
        reopened = given(world, *history).when(ReopenObjective(NEW), reason="x")
        reopened.then(
            fact(Objective.Reopened, NEW, 3, state=State.DRAFT),
            warnings=("team_is_disbanded",),
        )
