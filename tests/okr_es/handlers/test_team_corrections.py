"""A team of the wrong kind, and one that was disbanded by mistake."""

from okr_es.commands import DisbandTeam, FormTeam, ReinstateTeam, ReplaceTeamKind
from okr_es.domain.refusals import (
    NotFound,
    TeamHasLivingChildren,
    TeamIsDisbanded,
    TeamIsNotDisbanded,
)
from okr_es.domain.team import Team
from okr_es.domain.values import TeamKind
from tests.support.given import World, fact, given
from tests.support.world import NEW, NOBODY, PRODUCT

BELOW = FormTeam("Platform", parent_id=PRODUCT, id=NEW)


class TestReplaceTeamKind:
    def test_it_is_of_another_kind(self, world: World) -> None:
        given(world).when(ReplaceTeamKind(PRODUCT, TeamKind.TEAM)).then(
            fact(Team.KindReplaced, PRODUCT, 2, kind=TeamKind.TEAM)
        )

    def test_the_kind_it_is_of_says_nothing(self, world: World) -> None:
        given(world).when(ReplaceTeamKind(PRODUCT, TeamKind.DEPARTMENT)).then_nothing()

    def test_not_once_it_is_disbanded(self, world: World) -> None:
        given(world, DisbandTeam(PRODUCT)).when(
            ReplaceTeamKind(PRODUCT, TeamKind.TEAM)
        ).then_refused(TeamIsDisbanded)


class TestReinstateTeam:
    def test_its_disbanding_is_taken_back(self, world_on_both: World) -> None:
        given(world_on_both, DisbandTeam(PRODUCT)).when(ReinstateTeam(PRODUCT)).then(
            fact(Team.Reinstated, PRODUCT, 3)
        )
        given(world_on_both).when(BELOW).then(
            fact(Team.Formed, NEW, name="Platform", kind=TeamKind.TEAM, parent_id=PRODUCT)
        )

    def test_it_lives_below_its_team_again(self, world: World) -> None:
        given(world, BELOW, DisbandTeam(NEW), ReinstateTeam(NEW)).when(
            DisbandTeam(PRODUCT)
        ).then_refused(TeamHasLivingChildren)

    def test_not_one_that_lives(self, world: World) -> None:
        given(world).when(ReinstateTeam(PRODUCT)).then_refused(TeamIsNotDisbanded)
        given(world).when(ReinstateTeam(NOBODY)).then_refused(NotFound, field="team_id")

    def test_not_below_one_that_was_disbanded(self, world: World) -> None:
        given(world, BELOW, DisbandTeam(NEW), DisbandTeam(PRODUCT)).when(
            ReinstateTeam(NEW)
        ).then_refused(TeamIsDisbanded)
