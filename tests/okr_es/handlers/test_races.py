"""Two decide at once: what the second rested on changed meanwhile, so it decides anew.

`meanwhile` lets something happen after a decision was made and before it is recorded. Each race
is run both ways round, on both engines; a race in real threads closes the file.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from okr_es.application import TRIES
from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CarryOverObjective,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    CorrectReading,
    DisbandTeam,
    DraftObjective,
    ErasePerson,
    FormTeam,
    LinkKeyResult,
    MoveKeyResult,
    MoveTeam,
    OpenCycle,
    RealignObjective,
    ReassignObjective,
    RecordReading,
    RenameTeam,
    ReopenObjective,
    RetireKpi,
    RetitleObjective,
)
from okr_es.domain import refusals as r
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from tests.support.given import World, given, refused
from tests.support.world import (
    ANN,
    BEN,
    COMPANY,
    CUSTOMERS,
    GROW,
    LEADS,
    MARKETING,
    NEW,
    OTHER,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    Q4,
    REACH,
    RESPONSE,
    TODAY,
    TWENTY,
    d,
)

WHY = {"reason": "because"}
SHIP = DraftObjective(Q3, PRODUCT, ANN, "ship", id=NEW)
WEB = FormTeam("Web", parent_id=PRODUCT, id=NEW)
DISBAND = DisbandTeam(PRODUCT)
DAYS = (Q3_STARTS, Q3_ENDS)

# name: what was before, the two that race, and what the later one is told
RACES: dict[str, tuple[tuple[Command, ...], Command, Command, type[r.Refusal], type[r.Refusal]]] = {
    "two alignments that together loop": (
        (), RealignObjective(REACH, GROW), RealignObjective(GROW, REACH),
        r.AlignmentLoops, r.AlignmentLoops,
    ),
    "an alignment and a move of a key result that together loop": (
        (SHIP, RealignObjective(NEW, aligned_to_key_result_id=CUSTOMERS)),
        RealignObjective(REACH, NEW), MoveKeyResult(CUSTOMERS, REACH),
        r.AlignmentLoops, r.AlignmentLoops,
    ),
    "two moves of teams that together loop": (
        (), MoveTeam(PRODUCT, MARKETING), MoveTeam(MARKETING, PRODUCT), r.TeamLoops, r.TeamLoops,
    ),
    "a team disbanded while an objective is drafted in it": (
        (), DISBAND, SHIP, r.TeamIsDisbanded, r.TeamHasLivingObjectives,
    ),
    "a team disbanded while an objective is handed to it": (
        (), DISBAND, ReassignObjective(GROW, team_id=PRODUCT),
        r.TeamIsDisbanded, r.TeamHasLivingObjectives,
    ),
    "a team disbanded while another is formed below it": (
        (), DISBAND, WEB, r.TeamIsDisbanded, r.TeamHasLivingChildren,
    ),
    "a team disbanded while another moves below it": (
        (), DISBAND, MoveTeam(MARKETING, PRODUCT), r.TeamIsDisbanded, r.TeamHasLivingChildren,
    ),
    "two cycles opened under one name, in different case": (
        (), OpenCycle("FY26", *DAYS), OpenCycle("fy26", *DAYS), r.AlreadyExists, r.AlreadyExists,
    ),
}  # fmt: skip
# The second is refused only where it comes after the first.
OVERTAKINGS: dict[str, tuple[tuple[Command, ...], Command, Command, type[r.Refusal]]] = {
    "a cycle closed": ((), CloseCycle(Q3), SHIP, r.CycleIsClosed),
    "a plan committed": ((), CommitPlan(Q3), RetitleObjective(GROW, "x"), r.ReasonIsMissing),
    "a KPI retired": (
        (), RetireKpi(RESPONSE), RecordReading(RESPONSE, TODAY, d("1")), r.KpiIsRetired,
    ),
    "a KPI retired that is to be linked": (
        (), RetireKpi(RESPONSE), LinkKeyResult(LEADS, RESPONSE), r.KpiIsRetired,
    ),
    "an owner erased": (
        (), ErasePerson(BEN, "GDPR 17"), ReassignObjective(GROW, BEN), r.PersonIsUnknown,
    ),
    "an objective abandoned": (
        (), AbandonObjective(REACH), AddKeyResult(REACH, "x", TWENTY), r.ObjectiveIsOver,
    ),
}  # fmt: skip


def meanwhile(world: World, happens: Callable[[], Any]) -> None:
    """Let something happen between the next decision and its record."""
    log = world.okr.log
    append = log.append

    def after_it_happened(*what: Any) -> Any:
        del log.append
        happens()
        return append(*what)

    log.append = after_it_happened  # type: ignore[method-assign]


@pytest.mark.parametrize("race", RACES)
@pytest.mark.parametrize("turned", [False, True], ids=["", "the other way round"])
def test_exactly_one_is_recorded_of(race: str, turned: bool, world_on_both: World) -> None:
    world = world_on_both
    before, one, other, *told = RACES[race]
    first, second, refusal = (other, one, told[1]) if turned else (one, other, told[0])
    given(world, *before)
    head = world.okr.log.head()
    meanwhile(world, lambda: world.execute(first, **WHY))
    with pytest.raises(refusal):
        world.execute(second, **WHY)
    assert world.okr.log.head() == head + 1


@pytest.mark.parametrize("race", OVERTAKINGS)
def test_a_decision_is_made_anew_after(race: str, world_on_both: World) -> None:
    world = world_on_both
    before, first, second, refusal = OVERTAKINGS[race]
    given(world, *before)
    meanwhile(world, lambda: world.execute(first, **WHY))
    with pytest.raises(refusal):
        world.execute(second)


def test_who_is_erased_while_deciding_is_refused(world_on_both: World) -> None:
    world = world_on_both
    meanwhile(world, lambda: world.execute(ErasePerson(BEN, "GDPR 17"), **WHY))
    with refused(r.PersonIsUnknown, field="by"):
        world.execute(RenameTeam(PRODUCT, "X"), by=BEN)


def test_who_is_erased_before_their_reason_is_encrypted_is_refused(world: World) -> None:
    """They are gone a moment after the decision: the answer is the same."""
    texts = world.okr.directory.texts
    encrypt = texts.encrypt

    def after_the_erasing(*what: Any) -> list[bytes]:
        del texts.encrypt
        world.execute(ErasePerson(BEN, "GDPR 17"), **WHY)
        return encrypt(*what)

    texts.encrypt = after_the_erasing  # type: ignore[method-assign]
    with refused(r.PersonIsUnknown, field="by"):
        world.execute(RenameTeam(PRODUCT, "X"), by=BEN, reason="mine")


def test_a_key_result_added_meanwhile_is_carried_over_too(world: World) -> None:
    meanwhile(world, lambda: world.execute(AddKeyResult(GROW, "late", TWENTY, id=OTHER)))
    world.execute(CarryOverObjective(GROW, Q4, NEW))
    added = [each for each in world.facts() if isinstance(each, KeyResult.Added)]
    assert OTHER in {each.carried_from for each in added}


def test_a_team_is_not_disbanded_while_an_objective_of_it_is_reopened(world: World) -> None:
    given(world, SHIP, AbandonObjective(NEW))
    meanwhile(world, lambda: world.execute(ReopenObjective(NEW), **WHY))
    with refused(r.TeamHasLivingObjectives):
        world.execute(DISBAND)


def test_two_writers_on_one_goal_and_one_wins(world_on_both: World) -> None:
    world = world_on_both
    meanwhile(world, lambda: world.execute(RetitleObjective(GROW, "first")))
    before = world.okr.log.head()
    with refused(r.Conflict):
        world.execute(RetitleObjective(GROW, "second"))
    assert world.okr.log.head() == before + 1
    assert world.okr.repository.get(GROW).title == "first"  # type: ignore[attr-defined]


def test_two_corrections_of_one_reading_and_one_wins(world: World) -> None:
    given(world, RecordReading(RESPONSE, TODAY, d("1"), NEW))
    meanwhile(world, lambda: world.execute(CorrectReading(NEW, d("2")), **WHY))
    with refused(r.Conflict):
        world.execute(CorrectReading(NEW, d("3")), **WHY)


def test_changes_of_different_goals_do_not_meet(world: World) -> None:
    meanwhile(world, lambda: world.execute(RetitleObjective(REACH, "first")))
    assert world.execute(RetitleObjective(GROW, "second")).version == 3


def test_cycles_of_different_names_do_not_meet(world: World) -> None:
    meanwhile(world, lambda: world.execute(OpenCycle("FY25", *DAYS)))
    assert world.execute(OpenCycle("FY26", *DAYS)).version == 1


def test_what_keeps_changing_ends_as_a_conflict(world: World) -> None:
    log = world.okr.log
    append = log.append
    names = iter("ABCDEFGH")

    def overtaken(*what: Any) -> Any:
        del log.append
        world.execute(RenameTeam(PRODUCT, next(names)))
        log.append = overtaken  # type: ignore[method-assign]
        return append(*what)

    log.append = overtaken  # type: ignore[method-assign]
    with refused(r.Conflict):
        world.execute(SHIP)
    assert next(names) == "ABCDEFGH"[TRIES]


class TestTheVersionTheCallerSaw:
    def test_it_is_the_one_there_is(self, world: World) -> None:
        assert world.execute(RetitleObjective(GROW, "x"), expected_version=2).version == 3

    @pytest.mark.parametrize("stale", [0, 1, 3])
    def test_another_is_a_conflict_that_shows_which_there_is(
        self, stale: int, world: World
    ) -> None:
        found = (
            given(world)
            .when(RetitleObjective(GROW, "x"), expected_version=stale)
            .then_refused(r.Conflict, field="expected_version")
        )
        assert found.facts == {"current_version": 2}

    def test_so_it_is_where_nothing_would_change(self, world: World) -> None:
        given(world).when(RenameTeam(PRODUCT, "Product"), expected_version=7).then_refused(
            r.Conflict, field="expected_version"
        )

    def test_it_is_about_the_objective_that_is_carried_over(self, world: World) -> None:
        given(world).when(CarryOverObjective(GROW, Q4), expected_version=1).then_refused(
            r.Conflict, field="expected_version"
        )

    def test_it_says_nothing_of_what_is_new(self, world: World) -> None:
        assert world.execute(FormTeam("Web", id=NEW), expected_version=5).version == 1


def test_of_a_ring_of_alignments_raced_in_threads_one_link_stays_open(
    world_on_both: World,
) -> None:
    world = world_on_both
    given(world, SHIP, DraftObjective(Q3, COMPANY, ANN, "fourth", id=OTHER))
    ring = [REACH, NEW, OTHER, REACH]

    def align(link: int) -> str:
        try:
            world.execute(RealignObjective(ring[link], ring[link + 1]))
        except r.Refusal as refusal:
            return refusal.slug
        return "recorded"

    with ThreadPoolExecutor(3) as pool:
        told = sorted(pool.map(align, range(3)))
    assert told == ["alignment-loops", "recorded", "recorded"]
    assert sum(isinstance(each, Objective.Realigned) for each in world.facts()) == 2


def test_of_many_who_retitle_one_goal_in_threads_each_is_recorded_or_refused(
    world_on_both: World,
) -> None:
    world = world_on_both
    given(world, CommitObjective(REACH))

    def retitle(turn: int) -> str:
        try:
            world.execute(RetitleObjective(GROW, f"statement {turn}"))
        except r.Conflict:
            return "conflict"
        return "recorded"

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(retitle, range(12)))
    retitled = [each for each in world.facts() if isinstance(each, Objective.Retitled)]
    assert len(retitled) == told.count("recorded") >= 1
    assert [each.originator_version for each in retitled] == [*range(3, 3 + len(retitled))]
