"""What was recorded once is read for ever, and decided on, whatever today's rules would say of it.

Each test puts events into the log that no command of today would record, and then asks for a
command: it is carried out by today's rules, on the state of yesterday.
"""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    AdoptScoringPolicy,
    CarryOverObjective,
    CheckIn,
    ChoosePeopleFigures,
    CloseCycle,
    CommitObjective,
    CommitPlan,
    DisbandTeam,
    DraftObjective,
    DropKeyResult,
    ErasePerson,
    FormTeam,
    GradeObjective,
    LiftLegalHold,
    LinkKeyResult,
    MoveKeyResult,
    MoveTeam,
    PlaceLegalHold,
    RealignObjective,
    ReassignObjective,
    RenameTeam,
    ReopenCycle,
    ReopenObjective,
    RetargetKeyResult,
    RetitleObjective,
    ReweightKeyResult,
    RotateSigningKey,
)
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.people_figures import PEOPLE_FIGURES_ID, PeopleFiguresChoice
from okr_es.domain.person import Person
from okr_es.domain.policy import POLICY_ID, ScoringPolicy
from okr_es.domain.reading import Reading
from okr_es.domain.signing_key import SIGNING, SigningKey
from okr_es.domain.team import Team
from okr_es.domain.values import (
    Cadence,
    Commitment,
    Kind,
    NotMeasured,
    PeopleFigures,
    Point,
    State,
    TeamKind,
)
from tests.okr_es.handlers.test_cycles_and_policy import POLICY, THRESHOLDS
from tests.support.given import World, fact, given
from tests.support.world import ANN, BEN, COMPANY, GROW, NEW, PRODUCT, Q4, TODAY, TWENTY, d

TEAM, CYCLE, GOAL, RESULT, LONE, HAND = (UUID(int=0xAAA0 + i) for i in range(6))
WHY = {"reason": "because"}
FLAT = Measure(Kind.METRIC, d("5"), d("5"), "")
BACK_AND_FORTH = (Point(date(2025, 8, 1), d("7")), Point(date(2025, 7, 1), d("-1")))

OLD_TEAM = (fact(Team.Formed, TEAM, name="", kind=TeamKind.TEAM, parent_id=LONE),)
OLD_CYCLE = (
    fact(Cycle.Opened, CYCLE, name="!", starts=date(1700, 1, 1), ends=date(1600, 1, 1)),
    fact(Cycle.PlanCommitted, CYCLE, 2),
    fact(Cycle.PlanCommitted, CYCLE, 3),
)
OLD_GOAL = (
    *OLD_CYCLE,
    fact(
        Objective.Drafted, GOAL, cycle_id=CYCLE, team_id=PRODUCT, owner_id=BEN, title="",
        commitment=Commitment.COMMITTED, due=TODAY, carried_from=GOAL,
    ),
    fact(
        Objective.Realigned, GOAL, 2,
        aligned_to_objective_id=None, aligned_to_key_result_id=None, weight=d("-3"),
    ),
)  # fmt: skip
COMMITTED = (*OLD_GOAL, fact(Objective.Committed, GOAL, 3))
OLD_RESULT = (
    *COMMITTED,
    fact(
        KeyResult.Added, RESULT, objective_id=GOAL, title="", measure=FLAT, weight=d("-1"),
        cadence=Cadence.DAILY, trajectory=BACK_AND_FORTH, carried_from=None,
    ),
)  # fmt: skip


OLD_KEY, PUBLIC_KEY = UUID(int=0xABC), "AAAA"


class TestTeamsAndPeople:
    def test_a_team_of_no_name_below_nothing_is_renamed(self, world: World) -> None:
        given(world, *OLD_TEAM).when(RenameTeam(TEAM, "x")).then(
            fact(Team.Renamed, TEAM, 2, name="x")
        )

    def test_it_is_moved(self, world: World) -> None:
        given(world, *OLD_TEAM).when(MoveTeam(TEAM, COMPANY)).then(
            fact(Team.Moved, TEAM, 2, parent_id=COMPANY)
        )

    def test_it_is_disbanded(self, world: World) -> None:
        given(world, *OLD_TEAM).when(DisbandTeam(TEAM)).then(fact(Team.Disbanded, TEAM, 2))

    def test_another_is_formed_below_it(self, world: World) -> None:
        given(world, *OLD_TEAM).when(FormTeam("x", parent_id=TEAM, id=NEW)).then(
            fact(Team.Formed, NEW, name="x", kind=TeamKind.TEAM, parent_id=TEAM)
        )

    def test_a_person_is_erased_who_is_registered_only_in_the_log(self, world: World) -> None:
        given(world, fact(Person.Registered, HAND)).when(ErasePerson(HAND, "x"), **WHY).then(
            fact(Person.Erased, HAND, 2, legal_ground="x")
        )

    def test_a_hold_is_placed_on_someone_who_is_registered_only_in_the_log(
        self, world: World
    ) -> None:
        given(world, fact(Person.Registered, HAND)).when(PlaceLegalHold(HAND, "T 1"), **WHY).then(
            fact(Person.HoldPlaced, HAND, 2, matter="T 1")
        )

    def test_a_hold_that_was_placed_twice_is_lifted_at_once(self, world: World) -> None:
        given(
            world,
            fact(Person.Registered, HAND),
            fact(Person.HoldPlaced, HAND, 2, matter="T 1"),
            fact(Person.HoldPlaced, HAND, 3, matter="T 1"),
        ).when(LiftLegalHold(HAND, "T 1"), **WHY).then(
            fact(Person.HoldLifted, HAND, 4, matter="T 1")
        )
        given(world).when(ErasePerson(HAND, "x"), **WHY).then(
            fact(Person.Erased, HAND, 5, legal_ground="x")
        )


class TestCyclesAndPolicy:
    def test_the_plan_of_a_cycle_of_odd_days_is_committed(self, world: World) -> None:
        goal = DraftObjective(CYCLE, COMPANY, ANN, "x", id=NEW), CommitObjective(NEW)
        given(world, OLD_CYCLE[0], *goal).when(CommitPlan(CYCLE)).then(
            fact(Cycle.PlanCommitted, CYCLE, 2), warnings=("nothing_measures_it",)
        )

    def test_it_is_closed_though_committed_twice(self, world: World) -> None:
        given(world, *OLD_CYCLE).when(CloseCycle(CYCLE)).then(fact(Cycle.Closed, CYCLE, 4))

    def test_it_is_reopened_though_closed_twice(self, world: World) -> None:
        closed = (fact(Cycle.Closed, CYCLE, 4), fact(Cycle.Closed, CYCLE, 5))
        given(world, *OLD_CYCLE, *closed).when(ReopenCycle(CYCLE), **WHY).then(
            fact(Cycle.Reopened, CYCLE, 6)
        )

    def test_a_policy_out_of_bounds_is_revised(self, world: World) -> None:
        given(
            world,
            fact(
                ScoringPolicy.Adopted,
                POLICY_ID,
                not_measured=NotMeasured.COUNTS_ZERO,
                **dict.fromkeys(THRESHOLDS, d("9")),
            ),
        ).when(AdoptScoringPolicy(**POLICY), **WHY).then(
            fact(ScoringPolicy.Revised, POLICY_ID, 2, **POLICY)
        )


class TestSigningKeys:
    def test_what_is_not_even_a_key_is_rotated(self, world: World) -> None:
        new = uuid5(SIGNING, PUBLIC_KEY)
        world.okr.signing_keys.new = lambda: PUBLIC_KEY  # type: ignore[method-assign]
        world.okr.signing_keys.is_there = lambda _: True  # type: ignore[method-assign]
        said = {"public_key": "not even a key", "origin": "okr-es.example"}
        given(world, fact(SigningKey.Adopted, OLD_KEY, **said)).when(
            RotateSigningKey(), reason="x"
        ).then(
            fact(SigningKey.Adopted, new, **said | {"public_key": PUBLIC_KEY}),
            fact(SigningKey.Retired, OLD_KEY, 2, replaced_by=new),
        )


class TestObjectives:
    def test_one_is_drafted_in_a_cycle_of_odd_days(self, world: World) -> None:
        old = (*OLD_CYCLE, *OLD_TEAM)
        given(world, *old).when(DraftObjective(CYCLE, TEAM, ANN, "x", id=NEW)).then(
            fact(
                Objective.Drafted, NEW, cycle_id=CYCLE, team_id=TEAM, owner_id=ANN, title="x",
                commitment=Commitment.COMMITTED, due=None, carried_from=None,
            )
        )  # fmt: skip

    def test_one_without_words_is_committed(self, world: World) -> None:
        given(world, *OLD_GOAL).when(CommitObjective(GOAL)).then(
            fact(Objective.Committed, GOAL, 3),
            warnings=("no_key_results",),
        )

    def test_it_is_retitled(self, world: World) -> None:
        given(world, *COMMITTED).when(RetitleObjective(GOAL, "x"), **WHY).then(
            fact(Objective.Retitled, GOAL, 4, title="x")
        )

    def test_it_is_reassigned(self, world: World) -> None:
        given(world, *COMMITTED).when(ReassignObjective(GOAL, ANN), **WHY).then(
            fact(Objective.Reassigned, GOAL, 4, owner_id=ANN, team_id=PRODUCT, promised=True),
            warnings=("no_days_left",),
        )

    def test_a_negative_weight_is_mended(self, world: World) -> None:
        given(world, *COMMITTED).when(RealignObjective(GOAL, GROW, weight=d("1")), **WHY).then(
            fact(
                Objective.Realigned, GOAL, 4,
                aligned_to_objective_id=GROW, aligned_to_key_result_id=None, weight=d("1"),
            )
        )  # fmt: skip

    def test_a_grade_out_of_bounds_is_taken_back(self, world: World) -> None:
        graded = fact(Objective.Graded, GOAL, 4, adjusted_grade=d("17"))
        given(world, *COMMITTED, graded).when(ReopenObjective(GOAL), **WHY).then(
            fact(Objective.Reopened, GOAL, 5, state=State.COMMITTED)
        )

    def test_it_is_graded(self, world: World) -> None:
        given(world, *COMMITTED).when(GradeObjective(GOAL)).then(
            fact(Objective.Graded, GOAL, 4, adjusted_grade=None), warnings=("nothing_measures_it",)
        )

    def test_it_is_abandoned(self, world: World) -> None:
        given(world, *COMMITTED).when(AbandonObjective(GOAL), **WHY).then(
            fact(Objective.Abandoned, GOAL, 4), warnings=("predecessor_does_not_return",)
        )  # it was carried over from itself

    def test_it_is_carried_over_once_it_has_words(self, world: World) -> None:
        worded = fact(Objective.Retitled, GOAL, 4, title="x")
        given(world, *COMMITTED, worded).when(CarryOverObjective(GOAL, Q4, NEW)).then(
            fact(Objective.CarriedOver, GOAL, 5, into_cycle_id=Q4, as_objective_id=NEW),
            fact(
                Objective.Drafted, NEW, cycle_id=Q4, team_id=PRODUCT, owner_id=BEN, title="x",
                commitment=Commitment.COMMITTED, due=None, carried_from=GOAL,
            ),
        )  # fmt: skip


class TestKeyResults:
    def test_one_is_added_to_an_objective_of_a_negative_weight(self, world: World) -> None:
        given(world, *COMMITTED).when(AddKeyResult(GOAL, "x", TWENTY, id=NEW)).then(
            fact(
                KeyResult.Added, NEW, objective_id=GOAL, title="x", measure=TWENTY,
                weight=d("1"), cadence=Cadence.WEEKLY, trajectory=(), carried_from=None,
            )
        )  # fmt: skip

    def test_a_target_at_its_baseline_moves(self, world: World) -> None:
        given(world, *OLD_RESULT).when(RetargetKeyResult(RESULT, TWENTY, ()), **WHY).then(
            fact(KeyResult.Retargeted, RESULT, 2, measure=TWENTY, trajectory=()),
            warnings=("needs_new_reading",),
        )
        given(world).when(RetargetKeyResult(RESULT, TWENTY)).then_nothing()

    def test_a_negative_weight_is_mended(self, world: World) -> None:
        given(world, *OLD_RESULT).when(ReweightKeyResult(RESULT, d("0")), **WHY).then(
            fact(KeyResult.Reweighted, RESULT, 2, weight=d("0")),
            warnings=("has_no_weight", "nothing_measures_it_now"),
        )

    def test_a_link_to_what_is_no_more_is_taken_away(self, world: World) -> None:
        linked = fact(KeyResult.Linked, RESULT, 2, kpi_id=LONE)
        given(world, *OLD_RESULT, linked).when(LinkKeyResult(RESULT, None), **WHY).then(
            fact(KeyResult.Unlinked, RESULT, 3), warnings=("source_is_new",)
        )

    def test_it_is_moved(self, world: World) -> None:
        other = (
            fact(
                Objective.Drafted, LONE, cycle_id=CYCLE, team_id=TEAM, owner_id=HAND, title="",
                commitment=Commitment.COMMITTED, due=None, carried_from=None,
            ),
        )  # fmt: skip
        given(world, *OLD_RESULT, *other).when(MoveKeyResult(RESULT, LONE), **WHY).then(
            fact(KeyResult.Moved, RESULT, 2, objective_id=LONE, promised=True),
            warnings=("moved_into_draft", "nothing_measures_it_now"),
        )

    def test_it_is_dropped(self, world: World) -> None:
        given(world, *OLD_RESULT).when(DropKeyResult(RESULT), **WHY).then(
            fact(KeyResult.Dropped, RESULT, 2), warnings=("nothing_measures_it_now",)
        )

    def test_it_is_checked_in_on(self, world: World) -> None:
        given(world, *OLD_RESULT).when(CheckIn(RESULT, TODAY, 5, d("5"), id=NEW)).then(
            fact(
                Reading.CheckedIn, NEW, key_result_id=RESULT, as_of=TODAY, value=d("5"), zone=None,
                confidence=5,
            ),
            warnings=("outside_the_cycle",),
        )  # fmt: skip

    def happens(self, world: World, command: Any, *facts: Any) -> None:
        given(world, *OLD_RESULT).when(command, **WHY).then(*facts)


class TestPeopleFigures:
    def test_a_choice_without_a_reason_is_replaced(self, world: World) -> None:
        old = fact(
            PeopleFiguresChoice.Chosen, PEOPLE_FIGURES_ID, people_figures=PeopleFigures.HR_TOO
        )
        given(world, old).when(ChoosePeopleFigures(PeopleFigures.OFF), **WHY).then(
            fact(
                PeopleFiguresChoice.Replaced,
                PEOPLE_FIGURES_ID,
                2,
                people_figures=PeopleFigures.OFF,
            )
        )
