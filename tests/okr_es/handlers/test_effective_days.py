"""From which day a hand-over or a team's move holds, and what a day it may not hold from is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from okr_es.commands import (
    ApproveRequest,
    CommitPlan,
    MoveTeam,
    ReassignObjective,
    RequireApproval,
)
from okr_es.domain.approval import Approval
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import Invalid, ReasonIsMissing
from okr_es.domain.team import Team
from okr_es.domain.values import Controlled
from tests.support.given import World, fact, given
from tests.support.world import (
    ANN,
    BEN,
    COMPANY,
    GROW,
    MARKETING,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q3_STARTS,
    REACH,
    TODAY,
)

ONE_DAY = timedelta(days=1)
FAR = [date(1899, 12, 31), date(3000, 1, 1)]


class TestHandOvers:
    def test_it_may_hold_from_an_earlier_day(self, world: World) -> None:
        given(world).when(ReassignObjective(GROW, BEN, effective=date(2025, 7, 10))).then(
            fact(
                Objective.Reassigned, GROW, 3, owner_id=BEN, team_id=COMPANY,
                effective=date(2025, 7, 10),
            )
        )  # fmt: skip

    def test_to_another_team_too_and_from_the_first_day_of_its_cycle(self, world: World) -> None:
        given(world).when(ReassignObjective(REACH, team_id=PRODUCT, effective=Q3_STARTS)).then(
            fact(Objective.Reassigned, REACH, 2, owner_id=BEN, team_id=PRODUCT, effective=Q3_STARTS)
        )

    def test_today_is_the_day_of_recording(self, world: World) -> None:
        given(world).when(ReassignObjective(GROW, BEN, effective=TODAY)).then(
            fact(Objective.Reassigned, GROW, 3, owner_id=BEN, team_id=COMPANY, effective=None)
        )

    @pytest.mark.parametrize(
        "effective", [TODAY + ONE_DAY, date(2025, 9, 30), Q3_STARTS - ONE_DAY, *FAR]
    )
    def test_not_from_a_day_to_come_nor_from_before_its_cycle(
        self, effective: date, world: World
    ) -> None:
        given(world).when(ReassignObjective(GROW, BEN, effective=effective)).then_refused(
            Invalid, field="effective"
        )

    def test_the_day_alone_may_be_put_right(self, world: World) -> None:
        early = date(2025, 7, 3)
        given(world, ReassignObjective(GROW, BEN)).when(
            ReassignObjective(GROW, effective=early)
        ).then(fact(Objective.Reassigned, GROW, 4, owner_id=BEN, team_id=COMPANY, effective=early))

    def test_the_day_it_has_is_no_news(self, world: World) -> None:
        early = date(2025, 7, 3)
        given(world, ReassignObjective(GROW, BEN, effective=early)).when(
            ReassignObjective(GROW, BEN, effective=early)
        ).then_nothing()

    def test_the_day_of_a_promised_goal_needs_a_reason(self, world: World) -> None:
        given(world, CommitPlan(Q3)).when(
            ReassignObjective(GROW, effective=date(2025, 7, 3))
        ).then_refused(ReasonIsMissing, field="reason")

    def test_what_waits_for_approval_keeps_its_day(self, world: World) -> None:
        day = date(2025, 7, 12)
        revisions = RequireApproval(Q3, (Controlled.PLAN_REVISIONS,))
        given(world, CommitPlan(Q3), revisions)
        asked = world.execute(ReassignObjective(GROW, BEN, effective=day), reason="He left.")
        world.on(TODAY + timedelta(days=20))
        world.execute(ApproveRequest(asked.id), by=BEN)  # type: ignore[arg-type]
        (_, handed) = world.facts()[-2:]
        assert handed == fact(
            Objective.Reassigned, GROW, 3,
            owner_id=BEN, team_id=COMPANY, effective=day, promised=True,
        )  # fmt: skip
        assert isinstance(world.facts()[-2], Approval.Approved)


class TestAfterTheCycle:
    @pytest.mark.parametrize("effective", [None, Q3_ENDS + ONE_DAY])
    def test_who_comes_later_is_warned_of(self, effective: date | None, world: World) -> None:
        given(world, Q3_ENDS + timedelta(days=5)).when(
            ReassignObjective(GROW, BEN, effective=effective)
        ).then(
            fact(
                Objective.Reassigned, GROW, 3, owner_id=BEN, team_id=COMPANY, effective=effective
            ),
            warnings=("no_days_left",),
        )  # fmt: skip

    def test_who_had_a_day_of_it_is_not(self, world: World) -> None:
        given(world, Q3_ENDS + timedelta(days=5)).when(
            ReassignObjective(GROW, BEN, effective=Q3_ENDS)
        ).then(
            fact(Objective.Reassigned, GROW, 3, owner_id=BEN, team_id=COMPANY, effective=Q3_ENDS)
        )

    def test_nor_is_what_changes_nothing(self, world: World) -> None:
        world.on(Q3_ENDS + timedelta(days=5))
        assert world.execute(ReassignObjective(GROW, ANN)).warnings == ()


class TestMovesOfTeams:
    def test_it_may_hold_from_any_earlier_day(self, world: World) -> None:
        day = date(2024, 12, 1)
        given(world).when(MoveTeam(PRODUCT, MARKETING, day)).then(
            fact(Team.Moved, PRODUCT, 2, parent_id=MARKETING, effective=day)
        )

    def test_today_is_the_day_of_recording(self, world: World) -> None:
        given(world).when(MoveTeam(PRODUCT, None, TODAY)).then(
            fact(Team.Moved, PRODUCT, 2, parent_id=None, effective=None)
        )

    @pytest.mark.parametrize("effective", [TODAY + ONE_DAY, *FAR])
    def test_not_from_a_day_to_come(self, effective: date, world: World) -> None:
        given(world).when(MoveTeam(PRODUCT, MARKETING, effective)).then_refused(
            Invalid, field="effective"
        )

    def test_the_day_alone_may_be_put_right(self, world: World) -> None:
        early = date(2025, 7, 3)
        given(world, MoveTeam(PRODUCT, MARKETING)).when(MoveTeam(PRODUCT, MARKETING, early)).then(
            fact(Team.Moved, PRODUCT, 3, parent_id=MARKETING, effective=early)
        )
        given(world).when(MoveTeam(PRODUCT, MARKETING, early)).then_nothing()


def test_a_state_stored_before_days_existed_still_decides(world: World) -> None:
    """Aggregates are read back from it without the attribute."""
    with world.okr.database.transaction() as connection:
        changed = connection.exec_driver_sql(
            "UPDATE streams SET state = CAST("
            "replace(CAST(state AS TEXT), '\"effective\":null,', '')"
            " AS BLOB) WHERE CAST(state AS TEXT) LIKE '%\"effective\":null,%'"
        )
    assert changed.rowcount == len({COMPANY, MARKETING, PRODUCT, GROW, REACH})
    given(world).when(MoveTeam(PRODUCT, MARKETING)).then(
        fact(Team.Moved, PRODUCT, 2, parent_id=MARKETING)
    )
