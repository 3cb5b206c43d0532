"""Objectives whose words few read: they are made so, drafted so, carried over so, opened again."""

from okr_es.commands import (
    CarryOverObjective,
    CloseCycle,
    DraftObjective,
    GradeObjective,
    KeepConfidential,
    OpenToAll,
)
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import NotFound
from tests.support.given import World, fact, given
from tests.support.world import ANN, GROW, NEW, NOBODY, PRODUCT, Q3, Q4


class TestKeepConfidential:
    def test_its_words_are_for_few(self, world: World) -> None:
        given(world).when(KeepConfidential(GROW)).then(fact(Objective.KeptConfidential, GROW, 3))

    def test_one_that_is_so_already_is_no_news(self, world: World) -> None:
        given(world, KeepConfidential(GROW)).when(KeepConfidential(GROW)).then_nothing()

    def test_also_once_it_is_over_and_its_cycle_is_closed(self, world: World) -> None:
        over = given(world, GradeObjective(GROW), CloseCycle(Q3))
        over.when(KeepConfidential(GROW)).then(fact(Objective.KeptConfidential, GROW, 4))

    def test_not_what_is_none(self, world: World) -> None:
        given(world).when(KeepConfidential(NOBODY)).then_refused(NotFound, field="objective_id")


class TestOpenToAll:
    def test_everybody_reads_its_words_again(self, world: World) -> None:
        given(world, KeepConfidential(GROW)).when(OpenToAll(GROW)).then(
            fact(Objective.OpenedToAll, GROW, 4)
        )

    def test_one_that_is_open_is_no_news(self, world: World) -> None:
        given(world).when(OpenToAll(GROW)).then_nothing()

    def test_not_what_is_none(self, world: World) -> None:
        given(world).when(OpenToAll(NOBODY)).then_refused(NotFound, field="objective_id")


class TestWhatBeginsSo:
    def test_a_draft_is_confidential_from_the_start(self, world: World) -> None:
        draft = DraftObjective(Q3, PRODUCT, ANN, "Merge", id=NEW, confidential=True)
        given(world, draft).when(OpenToAll(NEW)).then(fact(Objective.OpenedToAll, NEW, 2))

    def test_a_successor_is_as_the_one_before(self, world: World) -> None:
        over = CarryOverObjective(GROW, Q4, id=NEW)
        given(world, KeepConfidential(GROW), over).when(OpenToAll(NEW)).then(
            fact(Objective.OpenedToAll, NEW, 2)
        )
