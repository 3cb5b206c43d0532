"""From which day a hand-over or a team's move holds, and what a day it may not hold from is."""

from __future__ import annotations

import random
from datetime import date, timedelta
from uuid import UUID

import pytest

from okr_es.commands import (
    ApproveRequest,
    CommitPlan,
    FormTeam,
    MoveTeam,
    ReassignObjective,
    RequireApproval,
)
from okr_es.domain.approval import Approval
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import Invalid, ReasonIsMissing, TeamLoops
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
TENTH = date(2025, 7, 10)
BETWEEN = UUID(int=0xBE)
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
        ).then(fact(
                Objective.Reassigned, GROW, 4, owner_id=BEN, team_id=COMPANY,
                effective=early, redated=("owner_id",),
            )
        )  # fmt: skip

    def test_the_day_it_has_is_no_news(self, world: World) -> None:
        early = date(2025, 7, 3)
        given(world, ReassignObjective(GROW, BEN, effective=early)).when(
            ReassignObjective(GROW, BEN, effective=early)
        ).then_nothing()

    @pytest.mark.parametrize("effective", [Q3_STARTS, date(2025, 7, 3), TODAY])
    def test_who_always_had_it_has_it_still(self, effective: date, world: World) -> None:
        given(world).when(ReassignObjective(GROW, ANN, COMPANY, effective)).then_nothing()
        given(world).when(ReassignObjective(GROW, effective=effective)).then_nothing()

    @pytest.mark.parametrize(
        ("number", "changes"), [(1, True), (4, True), (9, True), (10, False), (12, False)]
    )
    def test_who_has_it_again_may_have_had_it_earlier(
        self, number: int, changes: bool, world: World
    ) -> None:
        """Ann's, from the 5th Ben's, from the 10th hers again."""
        early = date(2025, 7, number)
        again = (
            ReassignObjective(GROW, BEN, effective=date(2025, 7, 5)),
            ReassignObjective(GROW, ANN, effective=date(2025, 7, 10)),
        )
        when = given(world, *again).when(ReassignObjective(GROW, ANN, effective=early))
        if not changes:
            when.then_nothing()
            return
        when.then(
            fact(
                Objective.Reassigned, GROW, 5, owner_id=ANN, team_id=COMPANY,
                effective=early, redated=("owner_id",),
            )
        )  # fmt: skip
        given(world).when(ReassignObjective(GROW, ANN, effective=early)).then_nothing()

    @pytest.mark.parametrize(
        ("named", "redated"),
        [
            ({"owner_id": BEN}, ("owner_id",)),
            ({"team_id": PRODUCT}, ("team_id",)),
            ({"owner_id": BEN, "team_id": PRODUCT}, ("owner_id", "team_id")),
            ({}, ("owner_id", "team_id")),
        ],
    )
    def test_who_is_left_out_stays_on_all_days(
        self, named: dict[str, UUID], redated: tuple[str, ...], world: World
    ) -> None:
        given(world, ReassignObjective(GROW, BEN, PRODUCT)).when(
            ReassignObjective(GROW, **named, effective=TENTH)
        ).then(
            fact(
                Objective.Reassigned, GROW, 4,
                owner_id=BEN, team_id=PRODUCT, effective=TENTH, redated=redated,
            )
        )  # fmt: skip

    def test_who_always_owned_it_moves_no_team(self, world: World) -> None:
        given(world, ReassignObjective(GROW, team_id=PRODUCT)).when(
            ReassignObjective(GROW, ANN, effective=TENTH)
        ).then_nothing()

    def test_who_comes_to_a_team_it_is_in_brings_it_along(self, world: World) -> None:
        given(world, ReassignObjective(GROW, team_id=PRODUCT)).when(
            ReassignObjective(GROW, BEN, PRODUCT, TENTH)
        ).then(
            fact(
                Objective.Reassigned, GROW, 4,
                owner_id=BEN, team_id=PRODUCT, effective=TENTH, redated=("team_id",),
            )
        )  # fmt: skip

    def test_nor_from_the_day_it_was_recorded_to_pass(self, world: World) -> None:
        given(world, ReassignObjective(GROW, BEN), TODAY + timedelta(days=9)).when(
            ReassignObjective(GROW, BEN, effective=TODAY)
        ).then_nothing()
        given(world).when(ReassignObjective(GROW, BEN, effective=TODAY + ONE_DAY)).then_nothing()
        given(world).when(ReassignObjective(GROW, BEN, effective=TODAY - ONE_DAY)).then(
            fact(
                Objective.Reassigned, GROW, 4,
                owner_id=BEN, team_id=COMPANY, effective=TODAY - ONE_DAY,
                redated=("owner_id",),
            )
        )  # fmt: skip

    def test_an_event_that_changed_nothing_still_opens(self, world: World) -> None:
        """Such were recorded once; nothing was handed over by them."""
        early = date(2025, 7, 3)
        old = fact(
            Objective.Reassigned, GROW, 3,
            owner_id=ANN, team_id=COMPANY, effective=early, redated=None,
        )  # fmt: skip
        given(world, old).when(ReassignObjective(GROW, ANN, effective=early)).then_nothing()
        given(world).when(ReassignObjective(GROW, ANN, effective=Q3_STARTS)).then_nothing()

    def test_the_day_of_a_promised_goal_needs_a_reason(self, world: World) -> None:
        given(world, ReassignObjective(GROW, BEN), CommitPlan(Q3)).when(
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
        given(world).when(MoveTeam(PRODUCT, MARKETING, TODAY - ONE_DAY)).then_nothing()

    def test_where_it_always_was_it_is_still(self, world: World) -> None:
        given(world).when(MoveTeam(PRODUCT, COMPANY, date(2025, 7, 3))).then_nothing()
        given(world).when(MoveTeam(COMPANY, None, date(2025, 7, 3))).then_nothing()

    def test_where_it_is_again_it_may_have_been_earlier(self, world_on_both: World) -> None:
        world = world_on_both
        again = MoveTeam(PRODUCT, MARKETING, date(2025, 7, 5)), MoveTeam(PRODUCT, COMPANY, TENTH)
        given(world, *again).when(MoveTeam(PRODUCT, COMPANY, TENTH + ONE_DAY)).then_nothing()
        given(world).when(MoveTeam(PRODUCT, COMPANY, TENTH - ONE_DAY)).then(
            fact(Team.Moved, PRODUCT, 4, parent_id=COMPANY, effective=TENTH - ONE_DAY)
        )


class TestLoopsOnPastDays:
    """Marketing was below product from the 5th to the 9th."""

    PAST = (MoveTeam(MARKETING, PRODUCT, date(2025, 7, 5)), MoveTeam(MARKETING, COMPANY, TENTH))

    @pytest.mark.parametrize("number", [1, 5, 9])
    def test_a_team_is_never_below_itself(self, number: int, world_on_both: World) -> None:
        refusal = (
            given(world_on_both, *self.PAST)
            .when(MoveTeam(PRODUCT, MARKETING, date(2025, 7, number)))
            .then_refused(TeamLoops, field="effective")
        )
        assert f"2025-07-0{max(number, 5)}" in str(refusal)

    def test_nor_by_way_of_others(self, world: World) -> None:
        past = (
            FormTeam("Between", parent_id=PRODUCT, id=BETWEEN),
            MoveTeam(MARKETING, BETWEEN, date(2025, 7, 5)),
            MoveTeam(MARKETING, COMPANY, TENTH),
        )
        given(world, *past).when(MoveTeam(PRODUCT, MARKETING, date(2025, 7, 6))).then_refused(
            TeamLoops, field="effective"
        )

    @pytest.mark.parametrize("effective", [TENTH, TENTH + ONE_DAY, None])
    def test_from_the_day_it_was_elsewhere_it_may(
        self, effective: date | None, world: World
    ) -> None:
        given(world, *self.PAST).when(MoveTeam(PRODUCT, MARKETING, effective)).then(
            fact(Team.Moved, PRODUCT, 2, parent_id=MARKETING, effective=effective)
        )

    def test_to_the_top_it_always_may(self, world: World) -> None:
        given(world, *self.PAST).when(MoveTeam(PRODUCT, None, date(2025, 7, 1))).then(
            fact(Team.Moved, PRODUCT, 2, parent_id=None, effective=date(2025, 7, 1))
        )

    @pytest.mark.parametrize("seed", range(4))
    def test_on_every_day_teams_form_a_tree(self, seed: int, world: World) -> None:
        """And what is refused would have been a loop on some day."""
        by_chance, now = random.Random(seed), TODAY
        teams = [COMPANY, MARKETING, PRODUCT, BETWEEN]
        given(world, FormTeam("Between", parent_id=PRODUCT, id=BETWEEN))
        moves: list[tuple[UUID, date, UUID | None]] = [
            (each, date.min, COMPANY) for each in (MARKETING, PRODUCT)
        ]
        moves += [(COMPANY, date.min, None), (BETWEEN, date.min, PRODUCT)]
        refused = 0
        for _ in range(40):
            now += timedelta(days=by_chance.choice((0, 1, 3)))
            world.on(now)
            team, above = by_chance.choice(teams), by_chance.choice([None, *teams])
            effective = now - timedelta(days=by_chance.choice((0, 0, 1, 4, 9, 20)))
            tried = [*moves, (team, effective, above)]
            days = {day for _, day, _ in tried if day != date.min} | {now}
            is_tree = all(ends(tried, each, day) for each in teams for day in days)
            try:
                world.execute(MoveTeam(team, above, effective))
            except TeamLoops:
                refused += 1
                assert not is_tree
            else:
                assert is_tree
                moves = tried
        assert 0 < refused < 40


def ends(moves: list[tuple[UUID, date, UUID | None]], team: UUID, day: date) -> bool:
    """Whether the way up from a team has an end on a day: of moves that hold the last counts."""
    seen: set[UUID] = set()
    above: UUID | None = team
    while above is not None and above not in seen:
        seen.add(above)
        above = [to for each, since, to in moves if each == above and since <= day][-1]
    return above is None


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
