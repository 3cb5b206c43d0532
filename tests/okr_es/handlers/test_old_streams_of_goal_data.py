"""Goals of old streams, past today's rules, are put right: words, owners, days and cadence."""

from datetime import date

from okr_es.commands import (
    DescribeKeyResult,
    DescribeObjective,
    KeepConfidential,
    OpenToAll,
    ReassignKeyResult,
    ReinstateKeyResult,
    ReplaceKeyResultCadence,
    ReplaceObjectiveCommitment,
    RescheduleObjective,
    RetitleKeyResult,
)
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.domain.values import Cadence, Commitment
from tests.okr_es.handlers.test_old_streams import COMMITTED, GOAL, OLD_RESULT, RESULT, WHY
from tests.support.given import World, fact, given
from tests.support.world import ANN

LATER = date(2030, 1, 1)


class TestObjectives:
    def test_one_without_words_is_described(self, world: World) -> None:
        given(world, *COMMITTED).when(DescribeObjective(GOAL, "x")).then(
            fact(Objective.Described, GOAL, 4, description="x")
        )

    def test_one_of_before_is_kept_confidential(self, world: World) -> None:
        given(world, *COMMITTED).when(KeepConfidential(GOAL)).then(
            fact(Objective.KeptConfidential, GOAL, 4)
        )

    def test_one_that_was_kept_so_is_opened(self, world: World) -> None:
        closed = fact(Objective.KeptConfidential, GOAL, 4)
        given(world, *COMMITTED, closed).when(OpenToAll(GOAL)).then(
            fact(Objective.OpenedToAll, GOAL, 5)
        )

    def test_one_of_a_cycle_of_odd_days_is_rescheduled(self, world: World) -> None:
        given(world, *COMMITTED).when(RescheduleObjective(GOAL, LATER), **WHY).then(
            fact(Objective.Rescheduled, GOAL, 4, due=LATER),
            warnings=("objective_is_long", "due_after_the_end"),
        )

    def test_its_commitment_is_replaced(self, world: World) -> None:
        stretch = Commitment.ASPIRATIONAL
        given(world, *COMMITTED).when(ReplaceObjectiveCommitment(GOAL, stretch), **WHY).then(
            fact(Objective.CommitmentReplaced, GOAL, 4, commitment=stretch)
        )


class TestKeyResults:
    def test_one_without_words_is_retitled(self, world: World) -> None:
        given(world, *OLD_RESULT).when(RetitleKeyResult(RESULT, "x"), **WHY).then(
            fact(KeyResult.Retitled, RESULT, 2, title="x")
        )

    def test_it_is_described(self, world: World) -> None:
        given(world, *OLD_RESULT).when(DescribeKeyResult(RESULT, "x")).then(
            fact(KeyResult.Described, RESULT, 2, description="x")
        )

    def test_it_has_an_owner_of_its_own(self, world: World) -> None:
        given(world, *OLD_RESULT).when(ReassignKeyResult(RESULT, ANN), **WHY).then(
            fact(KeyResult.Reassigned, RESULT, 2, owner_id=ANN)
        )

    def test_it_has_another_cadence(self, world: World) -> None:
        given(world, *OLD_RESULT).when(ReplaceKeyResultCadence(RESULT, Cadence.YEARLY)).then(
            fact(KeyResult.CadenceReplaced, RESULT, 2, cadence=Cadence.YEARLY)
        )

    def test_one_that_was_dropped_twice_is_reinstated(self, world: World) -> None:
        dropped = (fact(KeyResult.Dropped, RESULT, 2), fact(KeyResult.Dropped, RESULT, 3))
        given(world, *OLD_RESULT, *dropped).when(ReinstateKeyResult(RESULT), **WHY).then(
            fact(KeyResult.Reinstated, RESULT, 4)
        )
