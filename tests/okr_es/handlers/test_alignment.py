"""What an objective serves, and how it goes on in another cycle."""

from datetime import date
from typing import Any
from unittest.mock import ANY

import pytest

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CarryOverObjective,
    CloseCycle,
    CommitObjective,
    CommitPlan,
    DisbandTeam,
    DraftObjective,
    DropKeyResult,
    GradeObjective,
    LinkKeyResult,
    MoveKeyResult,
    RealignObjective,
)
from okr_es.context import Thing
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import (
    AlignmentLoops,
    AlreadyExists,
    CycleIsClosed,
    Invalid,
    NotFound,
    ObjectiveIsNotCommitted,
    ObjectiveIsOver,
    ReasonIsMissing,
    TeamIsDisbanded,
    WeightIsNegative,
)
from okr_es.domain.values import Cadence, Commitment
from tests.support.given import World, fact, given
from tests.support.world import (
    ANN,
    BEN,
    BRAND,
    COMPANY,
    CUSTOMERS,
    GROW,
    LAUNCH,
    LEADS,
    MARKETING,
    NEW,
    NOBODY,
    OTHER,
    PRODUCT,
    Q3,
    Q4,
    REACH,
    RESPONSE,
    STEPS,
    THIRD,
    THOUSAND,
    TWENTY,
    ZONES,
    d,
)

NOT_CARRIED = "alignment_not_carried"
WHY = {"reason": "Agreed."}


def realigned(
    stream: Any, version: int, objective: Any = None, key_result: Any = None, weight: str = "1"
) -> Any:
    return fact(
        Objective.Realigned, stream, version,
        aligned_to_objective_id=objective, aligned_to_key_result_id=key_result, weight=d(weight),
    )  # fmt: skip


class TestRealignObjective:
    def test_a_drafts_first_alignment_needs_no_reason(self, world: World) -> None:
        given(world).when(RealignObjective(REACH, GROW)).then(realigned(REACH, 2, GROW))

    def test_it_may_serve_a_key_result_with_a_weight(self, world: World) -> None:
        given(world).when(
            RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS, weight=d("0.10"))
        ).then(realigned(REACH, 2, None, CUSTOMERS, "0.10"))

    def test_a_weight_of_zero_leaves_it_out(self, world: World) -> None:
        given(world).when(RealignObjective(REACH, GROW, weight=d("0"))).then(
            realigned(REACH, 2, GROW, weight="0"), warnings=("has_no_weight",)
        )

    def test_every_change_of_it_needs_a_reason(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW)).when(
            RealignObjective(REACH, GROW, weight=d("2"))
        ).then_refused(ReasonIsMissing, field="reason")
        given(world).when(RealignObjective(REACH, None)).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world).when(RealignObjective(REACH, None), reason="alone now").then(
            realigned(REACH, 3)
        )

    def test_a_weight_alone_leaves_what_it_is_aligned_to(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW, weight=d("3"))).when(
            RealignObjective(REACH, weight=d("2")), **WHY
        ).then(realigned(REACH, 3, GROW, weight="2"))
        through = RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS)
        given(world).when(through, **WHY).then(realigned(REACH, 4, None, CUSTOMERS, "2"))
        given(world).when(RealignObjective(REACH, weight=d("0")), **WHY).then(
            realigned(REACH, 5, None, CUSTOMERS, "0"), warnings=("has_no_weight",)
        )
        given(world).when(RealignObjective(REACH, None, None), **WHY).then(
            realigned(REACH, 6, weight="0")
        )

    @pytest.mark.parametrize("draft", [True, False], ids=["draft", "committed"])
    @pytest.mark.parametrize(
        "named",
        [{}, {"aligned_to_objective_id": None}, {"aligned_to_key_result_id": None}],
        ids=["weight alone", "no objective", "no key result"],
    )
    def test_what_is_aligned_to_nothing_has_no_weight(
        self, named: dict[str, Any], draft: bool, world: World
    ) -> None:
        given(world, *(() if draft else (CommitObjective(REACH),))).when(
            RealignObjective(REACH, **named, weight=d("2")), **WHY
        ).then_refused(Invalid, field="weight")
        given(world).when(RealignObjective(REACH, **named, weight=d("1")), **WHY).then_nothing()

    def test_no_weight_is_given_to_an_alignment_that_is_taken_away(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW, weight=d("3"))).when(
            RealignObjective(REACH, None, weight=d("2")), **WHY
        ).then_refused(Invalid, field="weight")

    def test_another_objective_leaves_the_weight(self, world: World) -> None:
        again = DraftObjective(Q3, COMPANY, ANN, "another", id=NEW)
        given(world, again, RealignObjective(REACH, GROW, weight=d("3"))).when(
            RealignObjective(REACH, NEW), **WHY
        ).then(realigned(REACH, 3, NEW, weight="3"))

    def test_null_takes_away_what_it_is_aligned_to(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW, weight=d("3"))).when(
            RealignObjective(REACH, aligned_to_key_result_id=None), **WHY
        ).then_nothing()
        given(world).when(RealignObjective(REACH, None), **WHY).then(
            realigned(REACH, 3, weight="3")
        )
        through = RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS)
        given(world, through).when(RealignObjective(REACH, None), **WHY).then_nothing()
        given(world).when(RealignObjective(REACH, aligned_to_key_result_id=None), **WHY).then(
            realigned(REACH, 5, weight="3")
        )

    def test_an_objective_takes_the_place_of_a_key_result(self, world: World) -> None:
        given(world, RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS)).when(
            RealignObjective(REACH, GROW), **WHY
        ).then(realigned(REACH, 3, GROW))

    def test_what_it_is_aligned_to_may_have_ended_when_its_weight_changes(
        self, world: World
    ) -> None:
        given(
            world, RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS),
            DropKeyResult(CUSTOMERS),
        ).when(RealignObjective(REACH, weight=d("2")), **WHY).then(
            realigned(REACH, 3, None, CUSTOMERS, "2")
        )  # fmt: skip

    def test_so_does_the_first_of_a_committed_one(self, world: World) -> None:
        given(world).when(RealignObjective(GROW, REACH)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_the_same_is_no_news(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW)).when(
            RealignObjective(REACH, GROW, weight=d("1.0"))
        ).then_nothing()
        given(world).when(RealignObjective(GROW)).then_nothing()

    def test_it_is_aligned_to_one_thing(self, world: World) -> None:
        given(world).when(RealignObjective(REACH, GROW, CUSTOMERS)).then_refused(
            Invalid, field="aligned_to_key_result_id"
        )

    @pytest.mark.parametrize("weight", ["-1", "-0.000001"])
    def test_a_weight_is_not_negative(self, weight: str, world: World) -> None:
        given(world).when(RealignObjective(REACH, GROW, weight=d(weight))).then_refused(
            WeightIsNegative, field="weight"
        )

    def test_a_weight_is_a_number(self, world: World) -> None:
        given(world).when(RealignObjective(REACH, GROW, weight=d("NaN"))).then_refused(
            Invalid, field="weight"
        )

    def test_not_itself(self, world: World) -> None:
        given(world).when(RealignObjective(REACH, REACH)).then_refused(
            AlignmentLoops, field="aligned_to_objective_id"
        )

    def test_not_a_key_result_of_its_own(self, world: World) -> None:
        given(world).when(RealignObjective(REACH, aligned_to_key_result_id=LEADS)).then_refused(
            AlignmentLoops, field="aligned_to_key_result_id"
        )

    def test_not_to_what_is_aligned_to_it(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW)).when(
            RealignObjective(GROW, REACH), reason="x"
        ).then_refused(AlignmentLoops, field="aligned_to_objective_id")

    def test_not_to_what_is_aligned_to_it_through_key_results_of_others(self, world: World) -> None:
        given(
            world,
            DraftObjective(Q3, PRODUCT, ANN, "middle", id=NEW),
            AddKeyResult(NEW, "half", TWENTY, id=THIRD),
            RealignObjective(NEW, aligned_to_key_result_id=LEADS),
            DraftObjective(Q3, PRODUCT, ANN, "low", id=OTHER),
            RealignObjective(OTHER, aligned_to_key_result_id=THIRD),
        ).when(RealignObjective(REACH, OTHER)).then_refused(
            AlignmentLoops, field="aligned_to_objective_id"
        )

    def test_not_what_is_not_there(self, world: World) -> None:
        given(world).when(RealignObjective(REACH, NOBODY)).then_refused(
            NotFound, field="aligned_to_objective_id"
        )
        given(world).when(RealignObjective(REACH, aligned_to_key_result_id=GROW)).then_refused(
            NotFound, field="aligned_to_key_result_id"
        )
        given(world).when(RealignObjective(CUSTOMERS, GROW)).then_refused(
            NotFound, field="objective_id"
        )

    def test_not_once_it_is_over(self, world: World) -> None:
        given(world, AbandonObjective(REACH)).when(RealignObjective(REACH, GROW)).then_refused(
            ObjectiveIsOver
        )

    def test_not_in_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(RealignObjective(REACH, GROW)).then_refused(CycleIsClosed)


class TestMoveKeyResult:
    def test_it_measures_another_objective(self, world: World) -> None:
        given(world).when(MoveKeyResult(CUSTOMERS, REACH)).then(
            fact(KeyResult.Moved, CUSTOMERS, 2, objective_id=REACH), warnings=("moved_into_draft",)
        )

    def test_what_it_measures_is_no_news(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(MoveKeyResult(CUSTOMERS, GROW)).then_nothing()

    def test_not_without_a_reason_once_promised(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(MoveKeyResult(CUSTOMERS, REACH)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_to_an_objective_that_is_aligned_to_it(self, world: World) -> None:
        given(world, RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS)).when(
            MoveKeyResult(CUSTOMERS, REACH)
        ).then_refused(AlignmentLoops, field="to_objective_id")

    def test_not_to_an_objective_that_is_aligned_to_it_through_others(self, world: World) -> None:
        given(
            world,
            RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS),
            DraftObjective(Q3, PRODUCT, ANN, "low", id=NEW),
            RealignObjective(NEW, REACH),
        ).when(MoveKeyResult(CUSTOMERS, NEW)).then_refused(AlignmentLoops, field="to_objective_id")

    def test_a_sister_of_what_is_served_may_move_there(self, world: World) -> None:
        given(world, RealignObjective(REACH, aligned_to_key_result_id=CUSTOMERS)).when(
            MoveKeyResult(LAUNCH, REACH)
        ).then(fact(KeyResult.Moved, LAUNCH, 2, objective_id=REACH), warnings=("moved_into_draft",))

    def test_not_to_what_is_over_or_not_there(self, world: World) -> None:
        given(world).when(MoveKeyResult(CUSTOMERS, MARKETING)).then_refused(
            NotFound, field="to_objective_id"
        )
        given(world).when(MoveKeyResult(GROW, REACH)).then_refused(NotFound, field="key_result_id")
        given(world, AbandonObjective(REACH)).when(MoveKeyResult(CUSTOMERS, REACH)).then_refused(
            ObjectiveIsOver
        )


class TestCarryOverObjective:
    def test_it_ends_here_and_goes_on_there_with_its_key_results(self, world: World) -> None:
        given(world, DropKeyResult(BRAND), CommitObjective(REACH), LinkKeyResult(LEADS, RESPONSE))
        receipt = given(world).when(CarryOverObjective(REACH, Q4, NEW)).then(
            fact(Objective.CarriedOver, REACH, 3, into_cycle_id=Q4, as_objective_id=NEW),
            fact(
                Objective.Drafted, NEW, cycle_id=Q4, team_id=MARKETING, owner_id=BEN,
                title="reach people on all channels", commitment=Commitment.COMMITTED,
                due=None, carried_from=REACH,
            ),
            fact(
                KeyResult.Added, ANY, objective_id=NEW, title="20 inbound leads",
                measure=TWENTY, weight=d("1"), cadence=Cadence.WEEKLY, trajectory=(),
                carried_from=LEADS,
            ),
            fact(KeyResult.Linked, ANY, 2, kpi_id=RESPONSE),
            warnings=("baseline_kept",),
        )  # fmt: skip
        assert receipt.id == NEW

    def test_dropped_key_results_stay_behind(self, world: World) -> None:
        given(world, DropKeyResult(BRAND))
        world.execute(CarryOverObjective(GROW, Q4, NEW))
        carried = [each for each in world.facts() if isinstance(each, KeyResult.Added)][4:]
        assert {each.carried_from for each in carried} == {CUSTOMERS, LAUNCH}
        assert {each.measure.kind for each in carried} == {THOUSAND.kind, STEPS.kind}
        assert ZONES.kind not in {each.measure.kind for each in carried}

    def test_it_is_aligned_to_what_its_parent_was_carried_over_to(self, world: World) -> None:
        given(
            world,
            RealignObjective(REACH, GROW, weight=d("3")),
            CommitObjective(REACH),
            CarryOverObjective(GROW, Q4, NEW),
        )
        world.execute(CarryOverObjective(REACH, Q4, OTHER))
        assert [vars(e) for e in world.facts() if isinstance(e, Objective.Realigned)][-1:] == [
            vars(realigned(OTHER, 2, NEW, weight="3"))
        ]

    def test_where_that_stayed_behind_it_says_so(self, world: World) -> None:
        given(world, RealignObjective(REACH, GROW), CommitObjective(REACH))
        warning, _ = world.execute(CarryOverObjective(REACH, Q4)).warnings
        assert (warning.code, warning.things) == (NOT_CARRIED, (Thing("objective", GROW),))

    def test_also_once_graded(self, world: World) -> None:
        given(world, GradeObjective(GROW))
        assert world.execute(CarryOverObjective(GROW, Q4, NEW)).id == NEW

    def test_not_a_draft_and_not_twice(self, world: World) -> None:
        given(world).when(CarryOverObjective(REACH, Q4)).then_refused(ObjectiveIsNotCommitted)
        given(world, CarryOverObjective(GROW, Q4)).when(CarryOverObjective(GROW, Q4)).then_refused(
            ObjectiveIsNotCommitted
        )

    def test_not_into_its_own_cycle(self, world: World) -> None:
        given(world).when(CarryOverObjective(GROW, Q3)).then_refused(Invalid, field="into_cycle_id")

    def test_not_into_a_cycle_that_is_not_there(self, world: World) -> None:
        given(world).when(CarryOverObjective(GROW, COMPANY)).then_refused(
            NotFound, field="into_cycle_id"
        )

    def test_not_into_a_closed_cycle(self, world: World) -> None:
        given(world, date(2025, 10, 1), CloseCycle(Q4)).when(
            CarryOverObjective(GROW, Q4)
        ).then_refused(CycleIsClosed)

    def test_not_of_a_disbanded_team(self, world: World) -> None:
        given(
            world,
            DraftObjective(Q3, PRODUCT, BEN, "ship", id=NEW),
            CommitObjective(NEW),
            GradeObjective(NEW),
            DisbandTeam(PRODUCT),
        ).when(CarryOverObjective(NEW, Q4)).then_refused(TeamIsDisbanded, field="team_id")

    def test_it_goes_on_in_another_team(self, world_on_both: World) -> None:
        given(
            world_on_both,
            DraftObjective(Q3, PRODUCT, BEN, "ship", id=NEW),
            CommitObjective(NEW),
            GradeObjective(NEW),
            DisbandTeam(PRODUCT),
        ).when(CarryOverObjective(NEW, Q4, OTHER, team_id=MARKETING)).then(
            fact(Objective.CarriedOver, NEW, 4, into_cycle_id=Q4, as_objective_id=OTHER),
            fact(
                Objective.Drafted, OTHER, cycle_id=Q4, team_id=MARKETING, owner_id=BEN,
                title="ship", commitment=Commitment.COMMITTED, carried_from=NEW,
            ),
        )  # fmt: skip
        old = world_on_both.okr.repository.get(NEW)
        assert isinstance(old, Objective)
        assert old.team_id == PRODUCT

    def test_not_in_a_team_that_is_not_there_or_was_disbanded(self, world: World) -> None:
        given(world, DisbandTeam(PRODUCT)).when(
            CarryOverObjective(GROW, Q4, team_id=PRODUCT)
        ).then_refused(TeamIsDisbanded, field="team_id")
        given(world).when(CarryOverObjective(GROW, Q4, team_id=GROW)).then_refused(
            NotFound, field="team_id"
        )

    def test_not_under_an_id_that_is_taken(self, world: World) -> None:
        given(world).when(CarryOverObjective(GROW, Q4, REACH)).then_refused(
            AlreadyExists, field="id"
        )
