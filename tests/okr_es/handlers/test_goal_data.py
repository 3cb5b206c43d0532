"""What is said of goals beside their numbers, and put right: words, owners, days, cadence."""

from datetime import date
from typing import Any

import pytest

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CarryOverObjective,
    CheckIn,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    DeactivatePerson,
    DescribeKeyResult,
    DescribeObjective,
    DraftObjective,
    DropKeyResult,
    ErasePerson,
    GradeObjective,
    LinkKeyResult,
    ReassignKeyResult,
    ReinstateKeyResult,
    ReplaceKeyResultCadence,
    ReplaceObjectiveCommitment,
    RescheduleObjective,
    RetireKpi,
    RetitleKeyResult,
)
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import (
    CycleIsClosed,
    Invalid,
    KeyResultIsDropped,
    KeyResultIsNotDropped,
    NotFound,
    ObjectiveIsOver,
    PersonIsUnknown,
    ReasonIsMissing,
)
from okr_es.domain.values import Cadence, Commitment
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
    NOBODY,
    PRODUCT,
    Q3,
    Q4,
    REACH,
    RESPONSE,
    TWENTY,
    d,
)

WHY = {"reason": "a slip of the pen"}
DUE = date(2025, 8, 31)
STRETCH = Commitment.ASPIRATIONAL


class TestDescribeObjective:
    def test_it_is_described_and_the_words_are_taken_away(self, world: World) -> None:
        given(world).when(DescribeObjective(GROW, " in the north ")).then(
            fact(Objective.Described, GROW, 3, description="in the north")
        )
        given(world).when(DescribeObjective(GROW, None)).then(
            fact(Objective.Described, GROW, 4, description=None)
        )

    def test_words_promise_nothing_so_nobody_asks_why(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(DescribeObjective(GROW, "x")).then(
            fact(Objective.Described, GROW, 3, description="x")
        )

    def test_the_same_words_are_no_news(self, world: World) -> None:
        given(world).when(DescribeObjective(GROW, None)).then_nothing()
        given(world, DescribeObjective(GROW, "x")).when(
            DescribeObjective(GROW, "x ")
        ).then_nothing()

    @pytest.mark.parametrize("words", ["", " ", "x" * 2001])
    def test_not_in_no_words_or_too_many(self, words: str, world: World) -> None:
        given(world).when(DescribeObjective(GROW, words)).then_refused(Invalid, field="description")

    def test_not_once_it_is_over(self, world: World) -> None:
        given(world, GradeObjective(GROW)).when(DescribeObjective(GROW, "x")).then_refused(
            ObjectiveIsOver
        )

    def test_a_draft_has_a_description_from_the_start(self, world: World) -> None:
        given(world).when(
            DraftObjective(Q3, PRODUCT, BEN, "ship", id=NEW, description=" by sea ")
        ).then(
            fact(
                Objective.Drafted, NEW, cycle_id=Q3, team_id=PRODUCT, owner_id=BEN, title="ship",
                commitment=Commitment.COMMITTED, description="by sea",
            )
        )  # fmt: skip


class TestRescheduleObjective:
    def test_it_is_due_on_another_day_or_with_its_cycle(self, world: World) -> None:
        given(world).when(RescheduleObjective(GROW, DUE)).then(
            fact(Objective.Rescheduled, GROW, 3, due=DUE)
        )
        given(world).when(RescheduleObjective(GROW, None)).then(
            fact(Objective.Rescheduled, GROW, 4, due=None)
        )

    def test_once_promised_with_a_reason_and_not_without(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(RescheduleObjective(GROW, DUE)).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world).when(RescheduleObjective(GROW, DUE), **WHY).then(
            fact(Objective.Rescheduled, GROW, 3, due=DUE)
        )

    def test_the_same_day_is_no_news(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(RescheduleObjective(GROW, None)).then_nothing()

    def test_a_day_that_has_passed_comes_with_a_warning(self, world: World) -> None:
        given(world, date(2025, 8, 20)).when(RescheduleObjective(GROW, date(2025, 8, 19))).then(
            fact(Objective.Rescheduled, GROW, 3, due=date(2025, 8, 19)),
            warnings=("due_day_has_passed",),
        )
        given(world).when(RescheduleObjective(GROW, date(2025, 8, 20))).then(
            fact(Objective.Rescheduled, GROW, 4, due=date(2025, 8, 20))
        )

    def test_so_does_one_more_than_a_year_away(self, world: World) -> None:
        given(world).when(RescheduleObjective(GROW, date(2026, 7, 2))).then(
            fact(Objective.Rescheduled, GROW, 3, due=date(2026, 7, 2)),
            warnings=("objective_is_long", "due_after_the_end"),
        )

    @pytest.mark.parametrize("due", [date(2025, 6, 30), date(1, 1, 1), date(3000, 1, 1)])
    def test_not_before_the_cycle_or_out_of_this_world(self, due: date, world: World) -> None:
        given(world).when(RescheduleObjective(GROW, due)).then_refused(Invalid, field="due")

    def test_not_once_it_is_over_or_in_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(RescheduleObjective(GROW, DUE)).then_refused(
            CycleIsClosed
        )


class TestReplaceObjectiveCommitment:
    def test_it_is_expected_in_part(self, world: World) -> None:
        given(world).when(ReplaceObjectiveCommitment(GROW, STRETCH)).then(
            fact(Objective.CommitmentReplaced, GROW, 3, commitment=STRETCH)
        )

    def test_once_promised_with_a_reason_and_not_without(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(ReplaceObjectiveCommitment(GROW, STRETCH)).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world).when(ReplaceObjectiveCommitment(GROW, STRETCH), **WHY).then(
            fact(Objective.CommitmentReplaced, GROW, 3, commitment=STRETCH)
        )

    def test_the_same_is_no_news(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(
            ReplaceObjectiveCommitment(GROW, Commitment.COMMITTED)
        ).then_nothing()

    def test_not_once_it_is_over(self, world: World) -> None:
        given(world, AbandonObjective(GROW)).when(
            ReplaceObjectiveCommitment(GROW, STRETCH)
        ).then_refused(ObjectiveIsOver)


class TestRetitleKeyResult:
    def test_it_is_retitled(self, world: World) -> None:
        given(world).when(RetitleKeyResult(CUSTOMERS, " more customers ")).then(
            fact(KeyResult.Retitled, CUSTOMERS, 2, title="more customers")
        )

    def test_once_promised_with_a_reason_and_not_without(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(RetitleKeyResult(CUSTOMERS, "x")).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world).when(RetitleKeyResult(CUSTOMERS, "x"), **WHY).then(
            fact(KeyResult.Retitled, CUSTOMERS, 2, title="x")
        )

    def test_the_same_title_is_no_news(self, world: World) -> None:
        given(world, RetitleKeyResult(CUSTOMERS, "x"), CommitPlan(Q3)).when(
            RetitleKeyResult(CUSTOMERS, " x")
        ).then_nothing()

    def test_not_to_nothing_nor_once_dropped(self, world: World) -> None:
        given(world).when(RetitleKeyResult(CUSTOMERS, " ")).then_refused(Invalid, field="title")
        given(world, DropKeyResult(CUSTOMERS)).when(RetitleKeyResult(CUSTOMERS, "x")).then_refused(
            KeyResultIsDropped
        )

    def test_a_title_that_is_there_already_comes_with_a_warning(self, world: World) -> None:
        given(world).when(RetitleKeyResult(CUSTOMERS, "Launch version 2.0")).then(
            fact(KeyResult.Retitled, CUSTOMERS, 2, title="Launch version 2.0"),
            warnings=("key_result_has_same_title",),
        )


class TestDescribeKeyResult:
    def test_it_is_described_and_the_words_are_taken_away(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(DescribeKeyResult(CUSTOMERS, "who paid")).then(
            fact(KeyResult.Described, CUSTOMERS, 2, description="who paid")
        )
        given(world).when(DescribeKeyResult(CUSTOMERS, None)).then(
            fact(KeyResult.Described, CUSTOMERS, 3, description=None)
        )

    def test_the_same_words_are_no_news(self, world: World) -> None:
        given(world).when(DescribeKeyResult(CUSTOMERS, None)).then_nothing()

    def test_not_in_no_words_nor_once_its_objective_is_over(self, world: World) -> None:
        given(world).when(DescribeKeyResult(CUSTOMERS, "")).then_refused(
            Invalid, field="description"
        )
        given(world, GradeObjective(GROW)).when(DescribeKeyResult(CUSTOMERS, "x")).then_refused(
            ObjectiveIsOver
        )


class TestReassignKeyResult:
    def test_it_has_an_owner_of_its_own_and_that_of_its_objective_again(self, world: World) -> None:
        given(world).when(ReassignKeyResult(CUSTOMERS, BEN)).then(
            fact(KeyResult.Reassigned, CUSTOMERS, 2, owner_id=BEN)
        )
        given(world).when(ReassignKeyResult(CUSTOMERS, None)).then(
            fact(KeyResult.Reassigned, CUSTOMERS, 3, owner_id=None)
        )

    def test_once_promised_with_a_reason_and_not_without(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(ReassignKeyResult(CUSTOMERS, BEN)).then_refused(
            ReasonIsMissing, field="reason"
        )
        given(world).when(ReassignKeyResult(CUSTOMERS, BEN), **WHY).then(
            fact(KeyResult.Reassigned, CUSTOMERS, 2, owner_id=BEN)
        )

    def test_whose_it_is_is_no_news(self, world: World) -> None:
        given(world).when(ReassignKeyResult(CUSTOMERS, None)).then_nothing()
        given(world, ReassignKeyResult(CUSTOMERS, BEN)).when(
            ReassignKeyResult(CUSTOMERS, BEN)
        ).then_nothing()

    def test_not_to_someone_unknown_or_erased(self, world: World) -> None:
        given(world).when(ReassignKeyResult(CUSTOMERS, NOBODY)).then_refused(
            PersonIsUnknown, field="owner_id"
        )
        given(world, ErasePerson(BEN, "GDPR 17")).when(
            ReassignKeyResult(CUSTOMERS, BEN)
        ).then_refused(PersonIsUnknown, field="owner_id")

    def test_one_is_added_with_owner_and_description(self, world: World) -> None:
        given(world).when(
            AddKeyResult(REACH, "x", TWENTY, id=NEW, description="who paid", owner_id=ANN)
        ).then(
            fact(
                KeyResult.Added, NEW, objective_id=REACH, title="x", measure=TWENTY,
                weight=d("1"), cadence=Cadence.WEEKLY, description="who paid", owner_id=ANN,
            )
        )  # fmt: skip

    def test_not_with_someone_unknown(self, world: World) -> None:
        given(world).when(AddKeyResult(REACH, "x", TWENTY, owner_id=NOBODY)).then_refused(
            PersonIsUnknown, field="owner_id"
        )


class TestReplaceKeyResultCadence:
    def test_it_is_read_more_often(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(ReplaceKeyResultCadence(CUSTOMERS, Cadence.DAILY)).then(
            fact(KeyResult.CadenceReplaced, CUSTOMERS, 2, cadence=Cadence.DAILY)
        )

    def test_as_often_is_no_news(self, world: World) -> None:
        given(world).when(ReplaceKeyResultCadence(CUSTOMERS, Cadence.WEEKLY)).then_nothing()

    def test_not_once_dropped(self, world: World) -> None:
        given(world, DropKeyResult(LAUNCH)).when(
            ReplaceKeyResultCadence(LAUNCH, Cadence.DAILY)
        ).then_refused(KeyResultIsDropped)

    def test_nothing_is_overdue_by_one_that_began_just_now(self, world: World) -> None:
        given(world, date(2025, 8, 19), CheckIn(CUSTOMERS, date(2025, 8, 15), 5, d("1")))
        given(world, ReplaceKeyResultCadence(CUSTOMERS, Cadence.DAILY), date(2025, 8, 20))
        receipt = world.execute(CloseCycle(Q3))
        overdue = next(each for each in receipt.warnings if each.code == "readings_overdue")
        assert {each.id for each in overdue.things} == {LAUNCH, BRAND}


class TestReinstateKeyResult:
    def test_it_is_taken_up_again(self, world: World) -> None:
        given(world, DropKeyResult(LAUNCH)).when(ReinstateKeyResult(LAUNCH)).then(
            fact(KeyResult.Reinstated, LAUNCH, 3)
        )
        given(world).when(RetitleKeyResult(LAUNCH, "x")).then(
            fact(KeyResult.Retitled, LAUNCH, 4, title="x")
        )

    def test_once_promised_with_a_reason_and_not_without(self, world: World) -> None:
        given(world, CommitPlan(Q3), DropKeyResult(LAUNCH)).when(
            ReinstateKeyResult(LAUNCH)
        ).then_refused(ReasonIsMissing, field="reason")
        given(world).when(ReinstateKeyResult(LAUNCH), **WHY).then(
            fact(KeyResult.Reinstated, LAUNCH, 3)
        )

    def test_one_whose_kpi_was_retired_meanwhile_comes_with_a_warning(self, world: World) -> None:
        given(
            world, LinkKeyResult(LEADS, RESPONSE), DropKeyResult(LEADS), RetireKpi(RESPONSE)
        ).when(ReinstateKeyResult(LEADS)).then(
            fact(KeyResult.Reinstated, LEADS, 4), warnings=("fed_by_retired_kpi",)
        )

    def test_it_is_carried_over_again(self, world: World) -> None:
        given(world, CommitObjective(REACH), DropKeyResult(LEADS), ReinstateKeyResult(LEADS))
        head = len(world.facts())
        world.execute(CarryOverObjective(REACH, Q4, NEW))
        carried = [each.carried_from for each in world.facts(head) if added(each)]
        assert carried == [LEADS]

    def test_not_what_was_never_dropped(self, world: World) -> None:
        given(world).when(ReinstateKeyResult(LAUNCH)).then_refused(KeyResultIsNotDropped)

    def test_not_of_an_objective_that_is_over(self, world: World) -> None:
        given(world, DropKeyResult(LAUNCH), AbandonObjective(GROW)).when(
            ReinstateKeyResult(LAUNCH)
        ).then_refused(ObjectiveIsOver)

    def test_not_an_unknown_one(self, world: World) -> None:
        given(world).when(ReinstateKeyResult(GROW)).then_refused(NotFound, field="key_result_id")


class TestCarryingOver:
    def test_words_and_owners_go_along(self, world: World) -> None:
        given(
            world,
            CommitObjective(REACH),
            DescribeObjective(REACH, "in the north"),
            DescribeKeyResult(LEADS, "who paid"),
            ReassignKeyResult(LEADS, ANN),
            ReplaceKeyResultCadence(LEADS, Cadence.MONTHLY),
        )
        drafted, found = self.carried(world, warnings=())
        assert drafted.description == "in the north"
        assert (found.description, found.owner_id, found.cadence) == (
            "who paid", ANN, Cadence.MONTHLY,
        )  # fmt: skip

    @pytest.mark.parametrize("end", [ErasePerson(ANN, "GDPR 17"), DeactivatePerson(ANN)])
    def test_an_owner_who_is_gone_does_not_and_a_warning_says_so(
        self, end: Command, world: World
    ) -> None:
        given(world, CommitObjective(REACH), ReassignKeyResult(LEADS, ANN), end)
        actor, world.actor = world.actor, BEN
        assert actor == ANN
        _, found = self.carried(world, warnings=("owner_not_carried",))
        assert found.owner_id is None

    def carried(self, world: World, warnings: tuple[str, ...]) -> Any:
        head = len(world.facts())
        receipt = world.execute(CarryOverObjective(REACH, Q4, NEW))
        codes = tuple(each.code for each in receipt.warnings if each.code != "baseline_kept")
        assert codes == warnings
        facts = world.facts(head)
        return (
            next(each for each in facts if isinstance(each, Objective.Drafted)),
            next(each for each in facts if added(each)),
        )


def added(each: object) -> bool:
    return isinstance(each, KeyResult.Added)
