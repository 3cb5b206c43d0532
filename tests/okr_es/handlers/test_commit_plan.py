"""A plan is committed once per team: of the whole cycle, a team with its subtree, or a team alone.

The company has the teams marketing and product below it; GROW is a committed objective of the
company, REACH a draft of marketing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    CarryOverObjective,
    CloseCycle,
    Command,
    CommitObjective,
    CommitPlan,
    DisbandTeam,
    DraftObjective,
    DropKeyResult,
    FormTeam,
    GradeObjective,
    LinkKeyResult,
    MoveKeyResult,
    MoveTeam,
    OpenCycle,
    RealignObjective,
    ReassignObjective,
    ReopenObjective,
    RequireApproval,
    RetargetKeyResult,
    RetitleObjective,
    ReweightKeyResult,
)
from okr_es.domain.base import Change
from okr_es.domain.cycle import Cycle
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import (
    CycleIsClosed,
    Invalid,
    NotFound,
    ObjectiveIsNotDraft,
    PlanIsCommitted,
    PlanIsEmpty,
    ReasonIsMissing,
    Refusal,
    TeamIsDisbanded,
)
from okr_es.domain.values import Controlled
from okr_es.handlers.fingerprints import fingerprint
from tests.support.given import World, fact, given
from tests.support.world import (
    ANN,
    BEN,
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
    THOUSAND,
    TWENTY,
    d,
)

WHY = "the market shrank"
BUILD = UUID(int=0xF8)
DRAFTS = ("drafts_left_out",)
QUARTER = (date(2026, 1, 1), date(2026, 3, 31))
# The hash of the command of a whole plan as it was before a team could be named.
WHOLE_THEN = "4036d773567248ff5e5b5ce945e2d786f6026070ecf10939a88c81a429d00eb0"
ALONE = CommitPlan(Q3, COMPANY, with_teams_below=False)
PRODUCT_GOAL = (
    DraftObjective(Q3, PRODUCT, BEN, "build", id=BUILD),
    AddKeyResult(BUILD, "20 leads", TWENTY),
    CommitObjective(BUILD),
)


def committed(version: int, team: UUID | None = None, *teams: UUID, below: bool = True) -> Change:
    return fact(Cycle.PlanCommitted, Q3, version, team_id=team, with_teams_below=below, teams=teams)


class TestWhole:
    def test_it_is_the_plan_of_all_teams(self, world: World) -> None:
        given(world, CommitObjective(REACH)).when(CommitPlan(Q3)).then(committed(2))

    def test_drafts_are_no_part_of_it_and_said(self, world: World) -> None:
        receipt = given(world).when(CommitPlan(Q3)).then(committed(2), warnings=DRAFTS)
        assert [each.id for each in receipt.warnings[0].things] == [REACH]

    def test_once(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(CommitPlan(Q3)).then_refused(PlanIsCommitted)

    def test_it_passes_over_teams_whose_plan_was_committed(self, world: World) -> None:
        given(world, ALONE, CommitObjective(REACH)).when(CommitPlan(Q3)).then(committed(3))

    def test_it_is_refused_where_the_others_have_drafts_alone(self, world: World) -> None:
        given(world, ALONE).when(CommitPlan(Q3)).then_refused(PlanIsEmpty)

    def test_it_is_refused_once_each_team_was_committed(self, world: World) -> None:
        given(world, CommitPlan(Q3, COMPANY)).when(CommitPlan(Q3)).then_refused(PlanIsCommitted)

    @pytest.mark.parametrize(
        "team", [COMPANY, MARKETING, NEW], ids=["company", "marketing", "formed later"]
    )
    def test_no_team_is_left_after_it(self, team: UUID, world: World) -> None:
        later = FormTeam("Later", parent_id=COMPANY, id=NEW)
        given(world, CommitPlan(Q3), later).when(CommitPlan(Q3, team)).then_refused(PlanIsCommitted)

    def test_without_a_team_there_are_none_below(self, world: World) -> None:
        given(world).when(CommitPlan(Q3, with_teams_below=False)).then_refused(
            Invalid, field="with_teams_below"
        )


class TestWithDrafts:
    def test_all_are_committed_first(self, world_on_both: World) -> None:
        given(world_on_both).when(CommitPlan(Q3, with_drafts="all")).then(
            fact(Objective.Committed, REACH, 2), committed(2)
        )

    def test_those_named_and_the_others_are_left_out(self, world: World) -> None:
        given(world, DraftObjective(Q3, PRODUCT, BEN, "build", id=BUILD))
        receipt = (
            given(world)
            .when(CommitPlan(Q3, with_drafts=(REACH, REACH)))
            .then(fact(Objective.Committed, REACH, 2), committed(2), warnings=DRAFTS)
        )
        assert [each.id for each in receipt.warnings[0].things] == [BUILD]

    def test_a_plan_of_drafts_alone_is_committed_with_them(self, world: World) -> None:
        given(world, ALONE).when(CommitPlan(Q3, with_drafts="all")).then(
            fact(Objective.Committed, REACH, 2), committed(3)
        )
        given(world, OpenCycle("2026-Q1", id=OTHER)).when(
            CommitPlan(OTHER, with_drafts="all")
        ).then_refused(PlanIsEmpty)

    def test_what_is_carried_over_begins_where_the_old_cycle_ended(self, world: World) -> None:
        """As with a commit of its own."""
        given(world, CarryOverObjective(GROW, Q4, NEW)).when(
            CommitPlan(Q4, with_drafts=(NEW,))
        ).then(
            fact(Objective.Committed, NEW, 2),
            fact(Cycle.PlanCommitted, Q4, 2, team_id=None, with_teams_below=True, teams=()),
            warnings=("baseline_kept",),
        )

    def test_nothing_measures_one_of_them(self, world: World) -> None:
        given(world, DraftObjective(Q3, PRODUCT, BEN, "build", id=BUILD))
        receipt = world.execute(CommitPlan(Q3, with_drafts="all"))
        assert [(each.code, each.things[0].id) for each in receipt.warnings] == [
            ("nothing_measures_it", BUILD)
        ]

    def test_one_of_them_measures_another(self, world: World) -> None:
        given(
            world,
            DraftObjective(Q3, PRODUCT, BEN, "build", id=BUILD),
            RealignObjective(REACH, BUILD),
        )
        assert world.execute(CommitPlan(Q3, with_drafts="all")).warnings == ()

    @pytest.mark.parametrize(
        ("named", "refusal", "field"),
        [
            ((GROW,), ObjectiveIsNotDraft, None),
            ((REACH, GROW), ObjectiveIsNotDraft, None),
            ((NOBODY,), NotFound, "with_drafts"),
            ((LEADS,), NotFound, "with_drafts"),
            ((NEW,), Invalid, "with_drafts"),
        ],
    )
    def test_all_or_none(
        self, named: tuple[UUID, ...], refusal: type[Refusal], field: str | None, world: World
    ) -> None:
        """NEW is a draft of another cycle."""
        given(world, DraftObjective(Q4, PRODUCT, BEN, "build", id=NEW)).when(
            CommitPlan(Q3, with_drafts=named)
        ).then_refused(refusal, field=field)

    def test_only_drafts_of_the_teams_it_is_about(self, world: World) -> None:
        given(world).when(replace(ALONE, with_drafts=(REACH,))).then_refused(
            Invalid, field="with_drafts"
        )
        given(world, CommitObjective(REACH), CommitPlan(Q3, MARKETING))
        given(world, DraftObjective(Q3, MARKETING, BEN, "sell", id=BUILD)).when(
            CommitPlan(Q3, with_drafts=(BUILD,))
        ).then_refused(Invalid, field="with_drafts")

    def test_a_plan_that_is_committed_revises_none(self, world: World) -> None:
        """Where revisions need approval, too: it is the first commit of these teams."""
        rules = RequireApproval(Q3, (Controlled.PLAN_REVISIONS,))
        given(world, ALONE, rules).when(CommitPlan(Q3, with_drafts="all")).then(
            fact(Objective.Committed, REACH, 2), committed(4)
        )

    def test_not_of_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(CommitPlan(Q3, with_drafts="all")).then_refused(
            CycleIsClosed
        )

    def test_a_key_used_before_still_stands_for_the_same_command(self) -> None:
        assert fingerprint(CommitPlan(Q3)) == fingerprint(CommitPlan(Q3, with_drafts=()))
        assert fingerprint(CommitPlan(Q3)) != fingerprint(CommitPlan(Q3, with_drafts="all"))


class TestOfATeam:
    def test_it_is_that_of_all_teams_below(self, world: World) -> None:
        given(world, CommitObjective(REACH)).when(CommitPlan(Q3, COMPANY)).then(
            committed(2, COMPANY, COMPANY, MARKETING, PRODUCT)
        )

    def test_it_is_that_of_the_team_alone(self, world: World) -> None:
        given(world).when(ALONE).then(committed(2, COMPANY, COMPANY, below=False))

    def test_drafts_of_other_teams_are_not_shown(self, world: World) -> None:
        given(world, *PRODUCT_GOAL).when(CommitPlan(Q3, PRODUCT)).then(
            committed(2, PRODUCT, PRODUCT)
        )

    def test_teams_below_the_teams_below_are_in_it(self, world: World) -> None:
        deeper = (
            FormTeam("Web", parent_id=PRODUCT, id=NEW),
            FormTeam("Apps", parent_id=NEW, id=OTHER),
        )
        given(world, *PRODUCT_GOAL, *deeper).when(CommitPlan(Q3, PRODUCT)).then(
            committed(2, PRODUCT, PRODUCT, NEW, OTHER)
        )

    def test_it_passes_over_teams_whose_plan_was_committed(self, world: World) -> None:
        given(world, CommitObjective(REACH), CommitPlan(Q3, MARKETING)).when(
            CommitPlan(Q3, COMPANY)
        ).then(committed(3, COMPANY, COMPANY, PRODUCT))

    def test_a_team_formed_below_later_has_a_plan_of_its_own(self, world: World) -> None:
        given(
            world, CommitObjective(REACH), CommitPlan(Q3, COMPANY),
            FormTeam("Web", parent_id=PRODUCT, id=NEW),
            DraftObjective(Q3, NEW, BEN, "build", id=BUILD),
            AddKeyResult(BUILD, "20 leads", TWENTY), CommitObjective(BUILD),
        ).when(CommitPlan(Q3, COMPANY)).then(committed(3, COMPANY, NEW))  # fmt: skip

    def test_a_team_moved_away_is_not_below(self, world: World) -> None:
        given(world, CommitObjective(REACH), MoveTeam(PRODUCT, None)).when(
            CommitPlan(Q3, COMPANY)
        ).then(committed(2, COMPANY, COMPANY, MARKETING))

    @pytest.mark.parametrize("below", [True, False])
    def test_once(self, below: bool, world: World) -> None:
        given(world, *PRODUCT_GOAL, CommitPlan(Q3, PRODUCT)).when(
            CommitPlan(Q3, PRODUCT, below)
        ).then_refused(PlanIsCommitted)

    def test_once_also_where_a_team_above_was_committed(self, world: World) -> None:
        given(world, CommitObjective(REACH), CommitPlan(Q3, COMPANY)).when(
            CommitPlan(Q3, MARKETING)
        ).then_refused(PlanIsCommitted)

    @pytest.mark.parametrize("team", [MARKETING, PRODUCT], ids=["drafts", "nothing at all"])
    def test_not_where_nothing_is_committed(self, team: UUID, world: World) -> None:
        given(world).when(CommitPlan(Q3, team)).then_refused(PlanIsEmpty)

    def test_what_is_abandoned_is_nothing_committed(self, world: World) -> None:
        given(world, AbandonObjective(GROW)).when(CommitPlan(Q3)).then_refused(PlanIsEmpty)

    @pytest.mark.parametrize(
        "end", [GradeObjective(GROW), CarryOverObjective(GROW, Q4)], ids=["graded", "carried over"]
    )
    def test_what_was_graded_or_carried_over_was_committed(
        self, end: Command, world: World
    ) -> None:
        given(world, end).when(ALONE).then(committed(2, COMPANY, COMPANY, below=False))

    def test_goals_of_another_cycle_are_not_in_it(self, world: World) -> None:
        given(world).when(CommitPlan(Q4, COMPANY)).then_refused(PlanIsEmpty)

    def test_not_of_a_team_that_was_disbanded(self, world: World) -> None:
        given(world, DisbandTeam(PRODUCT)).when(CommitPlan(Q3, PRODUCT)).then_refused(
            TeamIsDisbanded, field="team_id"
        )

    def test_not_of_an_unknown_team(self, world: World) -> None:
        given(world).when(CommitPlan(Q3, NOBODY)).then_refused(NotFound, field="team_id")

    def test_not_of_a_closed_cycle(self, world: World) -> None:
        given(world, CloseCycle(Q3)).when(ALONE).then_refused(CycleIsClosed)

    def test_an_old_commit_was_that_of_the_whole_cycle(self, world: World) -> None:
        given(world, fact(Cycle.PlanCommitted, Q3, 2)).when(ALONE).then_refused(PlanIsCommitted)


REVISIONS_OF_GROW = (
    RetitleObjective(GROW, "lead"),
    ReassignObjective(GROW, BEN),
    RetargetKeyResult(CUSTOMERS, TWENTY),
    ReweightKeyResult(CUSTOMERS, d("2")),
    LinkKeyResult(CUSTOMERS, RESPONSE),
    MoveKeyResult(CUSTOMERS, REACH),
    DropKeyResult(LAUNCH),
)
OF_REACH = (CommitObjective(REACH),)


def name_of(command: Command) -> str:
    return type(command).__name__


class TestTheRevisionsOfAGoalGoByItsOwnPromise:
    @pytest.mark.parametrize("command", REVISIONS_OF_GROW, ids=name_of)
    def test_once_its_team_is_committed_each_needs_a_reason(
        self, command: Command, world: World
    ) -> None:
        given(world, ALONE).when(command).then_refused(ReasonIsMissing, field="reason")

    @pytest.mark.parametrize("command", REVISIONS_OF_GROW, ids=name_of)
    def test_while_only_other_teams_are_committed_none_does(
        self, command: Command, world: World
    ) -> None:
        given(world, *PRODUCT_GOAL, CommitPlan(Q3, PRODUCT))
        assert world.execute(command).last_position is not None

    @pytest.mark.parametrize("command", REVISIONS_OF_GROW, ids=name_of)
    def test_where_revisions_wait_for_approval_those_of_other_teams_do_not(
        self, command: Command, world: World
    ) -> None:
        rules = RequireApproval(Q3, (Controlled.PLAN_REVISIONS,))
        given(world, *PRODUCT_GOAL, CommitPlan(Q3, PRODUCT), rules)
        assert world.execute(command, reason=WHY).approval_id is None

    @pytest.mark.parametrize("command", REVISIONS_OF_GROW, ids=name_of)
    def test_and_its_own_wait(self, command: Command, world: World) -> None:
        given(world, ALONE, RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)))
        assert world.execute(command, reason=WHY).approval_id is not None

    def test_a_goal_committed_later_is_promised_at_once(self, world: World) -> None:
        given(
            world, DraftObjective(Q3, COMPANY, ANN, "late", id=NEW), ALONE, CommitObjective(NEW)
        ).when(RetitleObjective(NEW, "later")).then_refused(ReasonIsMissing, field="reason")

    def test_a_goal_committed_later_waits_where_plan_revisions_do(self, world: World) -> None:
        rules = RequireApproval(Q3, (Controlled.PLAN_REVISIONS,))
        given(world, DraftObjective(Q3, COMPANY, ANN, "late", id=NEW), ALONE, rules)
        assert world.execute(CommitObjective(NEW)).approval_id is not None
        assert world.execute(CommitObjective(REACH)).approval_id is None


class TestMoves:
    def test_a_promise_stays_one_in_a_team_whose_plan_is_not_committed(self, world: World) -> None:
        moved = ReassignObjective(GROW, team_id=MARKETING)
        given(world, ALONE).when(moved, reason=WHY).then(
            fact(
                Objective.Reassigned, GROW, version_of(world, GROW) + 1,
                owner_id=ANN, team_id=MARKETING, promised=True,
            )
        )  # fmt: skip
        given(world).when(RetitleObjective(GROW, "lead")).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_it_stays_one_however_often_it_is_moved(self, world: World) -> None:
        moves = [ReassignObjective(GROW, team_id=team) for team in (MARKETING, PRODUCT)]
        given(world, ALONE, *moves).when(DropKeyResult(LAUNCH)).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_what_is_no_promise_yet_is_moved_without_a_reason(self, world: World) -> None:
        given(world, *OF_REACH, ALONE).when(ReassignObjective(REACH, team_id=PRODUCT)).then(
            fact(
                Objective.Reassigned, REACH, version_of(world, REACH) + 1,
                owner_id=BEN, team_id=PRODUCT, promised=False,
            )
        )  # fmt: skip
        assert world.execute(RetitleObjective(REACH, "reach all")).last_position is not None

    def test_a_move_into_a_committed_plan_adds_to_it_and_needs_a_reason(self, world: World) -> None:
        moved = ReassignObjective(REACH, team_id=COMPANY)
        given(world, *OF_REACH, ALONE).when(moved).then_refused(ReasonIsMissing, field="reason")

    def test_a_move_into_a_committed_plan_waits_where_plan_revisions_do(self, world: World) -> None:
        given(world, *OF_REACH, ALONE, RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)))
        moved = ReassignObjective(REACH, team_id=COMPANY)
        assert world.execute(moved, reason=WHY).approval_id is not None
        assert world.execute(ReassignObjective(REACH, team_id=PRODUCT)).approval_id is None

    def test_what_was_moved_in_is_a_promise_from_then_on(self, world: World) -> None:
        given(world, *OF_REACH, ALONE, ReassignObjective(REACH, team_id=COMPANY)).when(
            RetargetKeyResult(LEADS, THOUSAND)
        ).then_refused(ReasonIsMissing, field="reason")

    def test_a_draft_that_is_moved_in_is_none(self, world: World) -> None:
        given(world, ALONE, ReassignObjective(REACH, team_id=COMPANY))
        assert world.execute(RetitleObjective(REACH, "reach all")).last_position is not None

    def test_a_move_of_the_old_form_keeps_the_promise_of_a_whole_plan(self, world: World) -> None:
        moved = fact(
            Objective.Reassigned, GROW, version_of(world, GROW) + 1, owner_id=ANN, team_id=MARKETING
        )
        given(world, CommitPlan(Q3), moved).when(RetitleObjective(GROW, "lead")).then_refused(
            ReasonIsMissing, field="reason"
        )

    def test_what_comes_back_into_a_committed_plan_waits_where_plan_revisions_do(
        self, world: World
    ) -> None:
        rules = RequireApproval(Q3, (Controlled.PLAN_REVISIONS,))
        second = DraftObjective(Q3, COMPANY, ANN, "second", id=NEW), CommitObjective(NEW)
        given(world, *second, AbandonObjective(NEW), ALONE, rules)
        assert world.execute(ReopenObjective(NEW), reason=WHY).approval_id is not None


def version_of(world: World, id_: UUID) -> int:
    """How many events a stream has."""
    return sum(each.originator_id == id_ for each in world.facts())


class TestNamesOfCycles:
    @pytest.mark.parametrize(
        "name",
        ["opened", "plan-committed", "cycle-end", "published", "published-2", "Published-12",
         "OPENED"],
    )  # fmt: skip
    def test_a_word_for_a_moment_is_no_name(self, name: str, world: World) -> None:
        given(world).when(OpenCycle(name, *QUARTER)).then_refused(Invalid, field="name")

    @pytest.mark.parametrize("name", ["published-", "published-x", "reopened", "plan"])
    def test_what_only_looks_like_one_is_a_name(self, name: str, world: World) -> None:
        assert world.execute(OpenCycle(name, *QUARTER)).id is not None


def test_a_key_used_before_the_new_fields_stands_for_the_same_commit(world: World) -> None:
    """What the fields say by default was said before there were any."""
    assert fingerprint(CommitPlan(Q3)).hex() == WHOLE_THEN
    assert fingerprint(CommitPlan(Q3, COMPANY)) != fingerprint(CommitPlan(Q3))


def test_an_alignment_of_another_team_does_not_wait(world: World) -> None:
    given(world, *OF_REACH, ALONE, RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)))
    assert world.execute(RealignObjective(REACH, GROW), reason=WHY).approval_id is None


def test_a_key_result_added_to_another_team_does_not_wait(world: World) -> None:
    given(world, *OF_REACH, ALONE, RequireApproval(Q3, (Controlled.PLAN_REVISIONS,)))
    assert world.execute(AddKeyResult(REACH, "more", TWENTY)).approval_id is None
    assert world.execute(AddKeyResult(GROW, "more", TWENTY)).approval_id is not None
