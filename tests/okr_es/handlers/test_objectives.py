"""What can be asked about objectives but their alignment, and what comes of it."""

from datetime import date
from typing import Any

import pytest

from okr_es.commands import (
    AbandonObjective,
    CloseCycle,
    CommitObjective,
    CommitPlan,
    DisbandTeam,
    DraftObjective,
    ErasePerson,
    GradeObjective,
    ReassignObjective,
    ReopenObjective,
    RetitleObjective,
)
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import (
    AlreadyExists,
    CycleIsClosed,
    Invalid,
    NotFound,
    ObjectiveIsNotDraft,
    ObjectiveIsOver,
    PersonIsUnknown,
    ReasonIsMissing,
    TeamIsDisbanded,
)
from okr_es.domain.values import Commitment
from tests.support.given import World, fact, given
from tests.support.world import ANN, BEN, COMPANY, GROW, MARKETING, NEW, NOBODY, PRODUCT, Q3, REACH

LATE = "due_after_the_end"
LONG = "objective_is_long"
NO_KEY_RESULTS = "no_key_results"


def drafted(**fields: Any) -> dict[str, Any]:
    return {
        "cycle_id": Q3, "team_id": PRODUCT, "owner_id": BEN, "title": "ship",
        "commitment": Commitment.COMMITTED, "due": None, "carried_from": None,
    } | fields  # fmt: skip


class TestDraftObjective:
    def test_it_is_drafted(self, world: World) -> None:
        given(world).when(DraftObjective(Q3, PRODUCT, BEN, " ship ", id=NEW)).then(
            fact(Objective.Drafted, NEW, **drafted())
        )

    def test_it_may_be_a_stretch_and_have_a_day_of_its_own(self, world: World) -> None:
        due = date(2025, 8, 31)
        given(world).when(
            DraftObjective(Q3, PRODUCT, BEN, "ship", Commitment.ASPIRATIONAL, due, NEW)
        ).then(fact(Objective.Drafted, NEW, **drafted(commitment=Commitment.ASPIRATIONAL, due=due)))

    @pytest.mark.parametrize(
        ("due", "warnings"),
        [
            (date(2025, 9, 30), ()),
            (date(2025, 10, 1), (LATE,)),
            (date(2026, 7, 1), (LATE,)),
            (date(2026, 7, 2), (LONG, LATE)),
        ],
    )
    def test_past_its_cycle_or_a_year_it_is_accepted_with_a_warning(
        self, due: date, warnings: tuple[str, ...], world: World
    ) -> None:
        given(world).when(DraftObjective(Q3, PRODUCT, BEN, "ship", due=due, id=NEW)).then(
            fact(Objective.Drafted, NEW, **drafted(due=due)), warnings=warnings
        )

    @pytest.mark.parametrize(
        ("field", "value"), [("cycle_id", PRODUCT), ("team_id", NOBODY), ("team_id", BEN)]
    )
    def test_not_in_or_of_what_is_not_there(self, field: str, value: Any, world: World) -> None:
        asked = {"cycle_id": Q3, "team_id": PRODUCT, "owner_id": BEN, "title": "ship"}
        given(world).when(DraftObjective(**asked | {field: value})).then_refused(
            NotFound, field=field
        )

    @pytest.mark.parametrize("owner", [NOBODY, PRODUCT])
    def test_not_of_someone_unknown(self, owner: Any, world: World) -> None:
        given(world).when(DraftObjective(Q3, PRODUCT, owner, "ship")).then_refused(
            PersonIsUnknown, field="owner_id"
        )

    def test_not_in_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(DraftObjective(Q3, PRODUCT, BEN, "x")).then_refused(
            CycleIsClosed
        )

    def test_not_of_a_disbanded_team(self, world: World) -> None:
        given(world, DisbandTeam(PRODUCT)).when(DraftObjective(Q3, PRODUCT, BEN, "x")).then_refused(
            TeamIsDisbanded, field="team_id"
        )

    @pytest.mark.parametrize("title", ["", "\n", "a\0b", "x" * 2001])
    def test_not_without_words(self, title: str, world: World) -> None:
        given(world).when(DraftObjective(Q3, PRODUCT, BEN, title)).then_refused(
            Invalid, field="title"
        )

    @pytest.mark.parametrize("due", [date(2025, 6, 30), date(1, 1, 1), date(3000, 1, 1)])
    def test_not_due_before_the_cycle_or_out_of_this_world(self, due: date, world: World) -> None:
        given(world).when(DraftObjective(Q3, PRODUCT, BEN, "x", due=due)).then_refused(
            Invalid, field="due"
        )

    def test_not_with_an_id_that_is_taken(self, world: World) -> None:
        given(world).when(DraftObjective(Q3, PRODUCT, BEN, "x", id=GROW)).then_refused(
            AlreadyExists, field="id"
        )


class TestCommitObjective:
    def test_it_is_committed(self, world: World) -> None:
        given(world).when(CommitObjective(REACH)).then(fact(Objective.Committed, REACH, 2))

    def test_without_key_results_it_comes_with_a_warning(self, world: World) -> None:
        given(world, DraftObjective(Q3, PRODUCT, BEN, "x", id=NEW)).when(CommitObjective(NEW)).then(
            fact(Objective.Committed, NEW, 2), warnings=(NO_KEY_RESULTS,)
        )

    def test_once(self, world: World) -> None:
        given(world).when(CommitObjective(GROW)).then_refused(ObjectiveIsNotDraft)

    def test_not_in_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(CommitObjective(REACH)).then_refused(CycleIsClosed)

    def test_not_an_abandoned_one(self, world: World) -> None:
        given(world, AbandonObjective(REACH)).when(CommitObjective(REACH)).then_refused(
            ObjectiveIsNotDraft
        )

    def test_not_an_unknown_one(self, world: World) -> None:
        given(world).when(CommitObjective(NOBODY)).then_refused(NotFound, field="objective_id")


class TestRewordObjective:
    def test_before_the_plan_is_committed_nobody_asks_why(self, world: World) -> None:
        given(world).when(RetitleObjective(GROW, "lead")).then(
            fact(Objective.Retitled, GROW, 3, title="lead")
        )

    def test_a_draft_is_not_promised_even_then(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(RetitleObjective(REACH, "x")).then(
            fact(Objective.Retitled, REACH, 2, title="x")
        )

    def test_once_the_plan_is_committed_with_a_reason(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(RetitleObjective(GROW, "lead"), reason="shorter").then(
            fact(Objective.Retitled, GROW, 3, title="lead")
        )

    def test_and_not_without_one(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(RetitleObjective(GROW, "lead")).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_the_same_words_are_no_news(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(
            RetitleObjective(GROW, " become the market leader")
        ).then_nothing()

    def test_not_to_nothing(self, world: World) -> None:
        given(world).when(RetitleObjective(GROW, " ")).then_refused(Invalid, field="title")

    def test_not_once_it_is_over(self, world: World) -> None:
        given(world, GradeObjective(GROW)).when(RetitleObjective(GROW, "x")).then_refused(
            ObjectiveIsOver
        )

    def test_not_in_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(RetitleObjective(GROW, "x")).then_refused(CycleIsClosed)


class TestReassignObjective:
    def test_it_has_another_owner(self, world: World) -> None:
        given(world).when(ReassignObjective(GROW, owner_id=BEN)).then(
            fact(Objective.Reassigned, GROW, 3, owner_id=BEN, team_id=COMPANY)
        )

    def test_it_has_another_team(self, world: World) -> None:
        given(world).when(ReassignObjective(REACH, team_id=PRODUCT)).then(
            fact(Objective.Reassigned, REACH, 2, owner_id=BEN, team_id=PRODUCT)
        )

    def test_to_whom_it_belongs_is_no_news(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(ReassignObjective(GROW)).then_nothing()
        given(world).when(ReassignObjective(GROW, ANN, COMPANY)).then_nothing()

    def test_not_without_a_reason_once_promised(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(ReassignObjective(GROW, BEN)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_not_to_someone_unknown_or_erased(self, world: World) -> None:
        given(world).when(ReassignObjective(GROW, NOBODY)).then_refused(
            PersonIsUnknown, field="owner_id"
        )
        given(world, ErasePerson(BEN, "GDPR 17")).when(ReassignObjective(GROW, BEN)).then_refused(
            PersonIsUnknown, field="owner_id"
        )

    def test_not_to_a_team_unknown_or_disbanded(self, world: World) -> None:
        given(world).when(ReassignObjective(GROW, team_id=NOBODY)).then_refused(
            NotFound, field="team_id"
        )
        given(world, DisbandTeam(PRODUCT)).when(
            ReassignObjective(GROW, team_id=PRODUCT)
        ).then_refused(TeamIsDisbanded, field="team_id")

    def test_not_once_it_is_over(self, world: World) -> None:
        given(world, AbandonObjective(GROW)).when(ReassignObjective(GROW, BEN)).then_refused(
            ObjectiveIsOver
        )


class TestUnknownObjectives:
    @pytest.mark.parametrize(
        "command",
        [RetitleObjective(MARKETING, "x"), ReassignObjective(NOBODY), GradeObjective(NOBODY),
         AbandonObjective(Q3), ReopenObjective(NOBODY)],
    )  # fmt: skip
    def test_the_field_is_named(self, command: Any, world: World) -> None:
        given(world).when(command, reason="x").then_refused(NotFound, field="objective_id")
