"""What was promised stays a promise, wherever it is moved, and whatever fed it meanwhile.

It is Tuesday, 15 July; the fifth working day after it is 22 July. GROW is promised, REACH a draft.
"""

from datetime import date

import pytest

from okr_es.changes import MeasureChanges, TargetChanges
from okr_es.commands import (
    AbandonObjective,
    CarryOverObjective,
    CheckIn,
    Command,
    CommitObjective,
    CommitPlan,
    CorrectKeyResult,
    CorrectKpiTarget,
    DraftObjective,
    DropKeyResult,
    LinkKeyResult,
    MoveKeyResult,
    ReassignKeyResult,
    ReassignObjective,
    RedefineKpi,
    ReinstateKeyResult,
    ReinstateKpi,
    ReopenObjective,
    RequireApproval,
    RetargetKeyResult,
    RetargetKpi,
    RetireKpi,
    RetitleKeyResult,
    ReweightKeyResult,
)
from okr_es.domain import refusals as r
from okr_es.domain.key_result import KeyResult
from okr_es.domain.values import Aggregation, Controlled
from okr_es.handlers import approval_gate
from okr_es.handlers.carrying import successor_id
from tests.support.given import World, fact, given
from tests.support.world import (
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
    Q3_STARTS,
    Q4,
    REACH,
    RESPONSE,
    d,
)

WHY = {"reason": "The market shrank."}
FIFTH, SIXTH, LATER = date(2025, 7, 22), date(2025, 7, 23), date(2025, 7, 31)
TO_500 = MeasureChanges(target=d("500"))
REQUIRED = RequireApproval(Q3, (Controlled.PLAN_REVISIONS,))
CORRECTED = CorrectKeyResult(CUSTOMERS, TO_500)
THREE = CorrectKpiTarget(RESPONSE, TargetChanges(Q3_STARTS, target=d("3")))

FED = LinkKeyResult(CUSTOMERS, RESPONSE)
UNLINKED = LinkKeyResult(CUSTOMERS, None)
PROMISED = (FED, CommitPlan(Q3))
AWAY = MoveKeyResult(CUSTOMERS, REACH)
UNCOVERED = (
    FED,
    CommitObjective(REACH),
    CommitPlan(Q3, COMPANY, with_teams_below=False),
    AWAY,
)
MOVED = {
    "to a draft": (*PROMISED, AWAY),
    "to a team whose plan is not committed": UNCOVERED,
    "and moved on": (*PROMISED, CommitObjective(REACH), AWAY, MoveKeyResult(CUSTOMERS, NEW)),
}
CHANGES = [
    RetitleKeyResult(CUSTOMERS, "paying customers"),
    ReassignKeyResult(CUSTOMERS, BEN),
    RetargetKeyResult(CUSTOMERS, TO_500),
    ReweightKeyResult(CUSTOMERS, d("0")),
    UNLINKED,
    MoveKeyResult(CUSTOMERS, OTHER),
    DropKeyResult(CUSTOMERS),
    RetireKpi(RESPONSE),
]


def drafts(world: World) -> World:
    """Two more drafts, NEW of marketing and OTHER of product."""
    given(
        world,
        DraftObjective(Q3, MARKETING, BEN, "go on", id=NEW),
        DraftObjective(Q3, PRODUCT, BEN, "go further", id=OTHER),
    )
    return world


def waits(world: World, command: Command) -> bool:
    return world.execute(command, **WHY).approval_id is not None


def test_a_move_says_that_it_was_a_promise(world: World) -> None:
    given(world, CommitPlan(Q3)).when(AWAY, **WHY).then(
        fact(KeyResult.Moved, CUSTOMERS, 2, objective_id=REACH, promised=True),
        warnings=("moved_into_draft",),
    )


def test_also_of_one_that_was_a_promise_elsewhere(world: World) -> None:
    back = MoveKeyResult(CUSTOMERS, OTHER)
    given(drafts(world), CommitPlan(Q3), AWAY).when(back, **WHY).then(
        fact(KeyResult.Moved, CUSTOMERS, 3, objective_id=OTHER, promised=True)
    )


def test_not_of_one_that_only_now_comes_to_the_plan(world: World) -> None:
    given(world, CommitPlan(Q3)).when(MoveKeyResult(LEADS, GROW), **WHY).then(
        fact(KeyResult.Moved, LEADS, 2, objective_id=GROW, promised=False)
    )


@pytest.mark.parametrize("moved", MOVED)
class TestMovedAway:
    @pytest.mark.parametrize("command", CHANGES, ids=repr)
    def test_it_is_not_changed_without_a_reason(
        self, command: Command, moved: str, world: World
    ) -> None:
        given(drafts(world), *MOVED[moved]).when(command).then_refused(
            r.ReasonIsMissing, field="reason"
        )

    @pytest.mark.parametrize("command", CHANGES, ids=repr)
    def test_nor_without_approval_where_a_cycle_requires_it(
        self, command: Command, moved: str, world: World
    ) -> None:
        given(drafts(world), *MOVED[moved], REQUIRED)
        assert waits(world, command)

    def test_nor_taken_up_again(self, moved: str, world: World) -> None:
        given(drafts(world), *MOVED[moved], DropKeyResult(CUSTOMERS))
        given(world).when(ReinstateKeyResult(CUSTOMERS)).then_refused(
            r.ReasonIsMissing, field="reason"
        )

    def test_a_retired_kpi_that_feeds_it_returns_with_approval(
        self, moved: str, world: World
    ) -> None:
        given(drafts(world), *MOVED[moved], RetireKpi(RESPONSE), REQUIRED)
        assert waits(world, ReinstateKpi(RESPONSE))

    def test_another_definition_of_its_kpi_warns_of_it(self, moved: str, world: World) -> None:
        given(drafts(world), *MOVED[moved])
        redefined = RedefineKpi(RESPONSE, aggregation=Aggregation.MEAN, effective=Q3_STARTS)
        receipt = world.execute(redefined, **WHY)
        assert [each.code for each in receipt.warnings] == ["feeds_promises"]

    def test_it_warns_where_its_values_come_from_elsewhere(self, moved: str, world: World) -> None:
        given(drafts(world), *MOVED[moved])
        receipt = world.execute(UNLINKED, **WHY)
        assert [each.code for each in receipt.warnings] == ["source_is_new"]

    @pytest.mark.parametrize("command", [CORRECTED, THREE], ids=repr)
    def test_it_is_corrected_until_the_fifth_working_day_after_its_commit(
        self, command: Command, moved: str, world: World
    ) -> None:
        given(drafts(world), *MOVED[moved], FIFTH)
        assert not waits(world, command)

    @pytest.mark.parametrize("command", [CORRECTED, THREE], ids=repr)
    def test_and_then_with_approval(self, command: Command, moved: str, world: World) -> None:
        given(drafts(world), *MOVED[moved], SIXTH)
        assert waits(world, command)


class TestWhereItIsMovedTo:
    def test_a_draft_is_given_up_with_approval(self, world: World) -> None:
        given(world, CommitPlan(Q3), AWAY, REQUIRED)
        assert waits(world, AbandonObjective(REACH))

    def test_and_taken_up_again_with_approval(self, world: World) -> None:
        given(world, CommitPlan(Q3), AWAY, AbandonObjective(REACH), REQUIRED)
        assert waits(world, ReopenObjective(REACH))

    def test_what_is_promised_there_is_asked_only_where_a_cycle_requires_approval(
        self, monkeypatch: pytest.MonkeyPatch, world_on_both: World
    ) -> None:
        world, asked = world_on_both, []
        monkeypatch.setattr(approval_gate, "holds_promise", lambda *of: asked.append(of))
        given(world, CommitPlan(Q3), AWAY, AbandonObjective(REACH), ReopenObjective(REACH))
        assert not asked
        given(world, REQUIRED, AbandonObjective(REACH))
        assert asked

    def test_a_draft_without_one_is_given_up_as_ever(self, world: World) -> None:
        given(world, CommitPlan(Q3), REQUIRED)
        assert not waits(world, AbandonObjective(REACH))
        assert not waits(world, ReopenObjective(REACH))

    def test_it_is_measured_also_in_a_draft(self, world_on_both: World) -> None:
        world = world_on_both
        given(world, CommitPlan(Q3), AWAY)
        receipt = world.execute(CheckIn(CUSTOMERS, Q3_STARTS, 7, d("300")))
        assert [each.code for each in receipt.warnings] == ["counts_as_committed"]
        given(world).when(CheckIn(LEADS, Q3_STARTS, 7)).then_refused(r.ObjectiveIsNotCommitted)
        given(world, AbandonObjective(REACH))
        given(world).when(CheckIn(CUSTOMERS, Q3_STARTS, 7)).then_refused(r.ObjectiveIsNotCommitted)

    def test_its_days_do_not_begin_anew_with_a_later_commit(self, world: World) -> None:
        given(world, *UNCOVERED, SIXTH, CommitPlan(Q3, MARKETING))
        assert waits(world, CORRECTED)

    def test_of_what_comes_to_the_plan_by_a_move_they_begin_with_the_move(
        self, world: World
    ) -> None:
        given(world, CommitPlan(Q3), SIXTH, MoveKeyResult(LEADS, GROW))
        assert not waits(world, CorrectKeyResult(LEADS, TO_500))
        given(world, LATER)
        assert waits(world, CorrectKeyResult(LEADS, MeasureChanges(target=d("600"))))

    def test_of_what_was_dropped_at_the_commit_they_begin_as_it_is_taken_up(
        self, world_on_both: World
    ) -> None:
        world = world_on_both
        given(world, DropKeyResult(CUSTOMERS), CommitPlan(Q3), SIXTH, ReinstateKeyResult(CUSTOMERS))
        assert not waits(world, CORRECTED)
        given(world, LATER)
        assert waits(world, CorrectKeyResult(CUSTOMERS, MeasureChanges(target=d("600"))))

    def test_of_what_was_dropped_after_the_commit_with_the_commit(
        self, world_on_both: World
    ) -> None:
        world = world_on_both
        given(world, CommitPlan(Q3), DropKeyResult(CUSTOMERS), SIXTH, ReinstateKeyResult(CUSTOMERS))
        assert waits(world, CORRECTED)

    def test_what_left_before_the_commit_was_no_promise(self, world: World) -> None:
        given(world, AWAY, CommitPlan(Q3), SIXTH)
        assert not waits(world, CORRECTED)
        given(world).when(DropKeyResult(CUSTOMERS)).then(fact(KeyResult.Dropped, CUSTOMERS, 4))

    def test_one_that_was_carried_over_begins_where_it_was_promised(self, world: World) -> None:
        """Others begin when the objective is committed that it was moved to."""
        carried = successor_id(NEW, CUSTOMERS)
        given(
            world,
            CommitObjective(REACH),
            CarryOverObjective(GROW, Q4, id=NEW),
            CarryOverObjective(REACH, Q4, id=OTHER),
            CommitObjective(NEW),
            CommitPlan(Q4),
            MoveKeyResult(carried, OTHER),
            CheckIn(CUSTOMERS, date(2025, 7, 14), value=d("300")),
            CheckIn(LEADS, date(2025, 7, 14), value=d("5")),
            CommitObjective(OTHER),
        )
        rebased = [e.originator_id for e in world.facts() if isinstance(e, KeyResult.Rebased)]
        assert rebased == [successor_id(OTHER, LEADS)]


class TestAKpiThatFedIt:
    def test_its_target_is_corrected_late_with_approval(self, world: World) -> None:
        given(world, *PROMISED, UNLINKED, SIXTH)
        assert waits(world, THREE)

    def test_also_where_another_kpi_or_the_same_feeds_it_again(self, world: World) -> None:
        given(world, *PROMISED, UNLINKED, FED, UNLINKED, FED, SIXTH)
        assert waits(world, THREE)

    def test_also_where_it_was_linked_after_the_commit(self, world: World) -> None:
        given(world, CommitPlan(Q3), FED, UNLINKED, SIXTH)
        assert waits(world, THREE)

    def test_also_where_it_was_dropped_or_its_objective_moved(self, world: World) -> None:
        given(world, *PROMISED, DropKeyResult(CUSTOMERS), SIXTH)
        given(world, ReassignObjective(GROW, team_id=MARKETING))
        assert waits(world, THREE)

    def test_not_where_it_ceased_to_before_the_commit(self, world: World) -> None:
        given(world, FED, UNLINKED, CommitPlan(Q3), SIXTH)
        assert not waits(world, THREE)

    def test_not_where_it_ceased_to_before_the_days_of_the_span(self, world: World) -> None:
        split = RetargetKpi(RESPONSE, TargetChanges(date(2025, 8, 1), target=d("1")))
        given(world, split, *PROMISED, LATER, UNLINKED)
        of_august = TargetChanges(date(2025, 8, 1), target=d("3"))
        assert not waits(world, CorrectKpiTarget(RESPONSE, of_august))
        assert waits(world, THREE)


def test_a_move_from_before_it_said_so_hides_no_promise_from_corrections(world: World) -> None:
    moved = fact(KeyResult.Moved, CUSTOMERS, 3, objective_id=REACH)
    given(world, *PROMISED, moved, SIXTH)
    assert waits(world, CORRECTED)


@pytest.mark.parametrize(
    ("history", "codes"),
    [((), []), ((CommitObjective(REACH),), ["feeds_promises"])],
    ids=["a draft", "committed"],
)
def test_what_was_given_up_is_a_promise_where_it_was_committed(
    history: tuple[Command, ...], codes: list[str], world_on_both: World
) -> None:
    world = world_on_both
    given(world, *history, LinkKeyResult(LEADS, RESPONSE), CommitPlan(Q3), AbandonObjective(REACH))
    redefined = RedefineKpi(RESPONSE, aggregation=Aggregation.MEAN, effective=Q3_STARTS)
    receipt = world.execute(redefined, **WHY)
    assert [each.code for each in receipt.warnings] == codes
