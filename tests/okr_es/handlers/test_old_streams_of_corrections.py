"""Old streams, and what is put right in them; see test_old_streams."""

from datetime import date

from okr_es.commands import (
    CorrectKpi,
    ReassignKpi,
    ReinstateKpi,
    ReinstateTeam,
    RenameCycle,
    RenameKpi,
    ReplaceKpiPurpose,
    ReplaceTeamKind,
    RescheduleCycle,
)
from okr_es.domain.cycle import Cycle
from okr_es.domain.kpi import Kpi
from okr_es.domain.team import Team
from okr_es.domain.values import Direction, TeamKind
from tests.okr_es.handlers.test_old_streams import CYCLE, OLD_CYCLE, OLD_TEAM, TEAM
from tests.okr_es.handlers.test_old_streams_of_kpis import HEALTH, LONE, OLD_KPI
from tests.support.given import World, fact, given
from tests.support.world import BEN, TODAY, d

WHY = {"reason": "because"}
OF_NO_NUMBER = OLD_KPI[:1]


class TestTeams:
    def test_one_of_no_name_is_of_another_kind(self, world: World) -> None:
        given(world, *OLD_TEAM).when(ReplaceTeamKind(TEAM, TeamKind.COMPANY)).then(
            fact(Team.KindReplaced, TEAM, 2, kind=TeamKind.COMPANY)
        )

    def test_one_that_was_disbanded_twice_is_reinstated_at_once(self, world: World) -> None:
        at_the_top = fact(Team.Formed, TEAM, name="", kind=TeamKind.TEAM, parent_id=None)
        twice = (fact(Team.Disbanded, TEAM, version) for version in (2, 3))
        given(world, at_the_top, *twice).when(ReinstateTeam(TEAM)).then(
            fact(Team.Reinstated, TEAM, 4)
        )


class TestCycles:
    def test_one_of_no_name_has_one(self, world: World) -> None:
        given(world, *OLD_CYCLE).when(RenameCycle(CYCLE, "old")).then(
            fact(Cycle.Renamed, CYCLE, 4, name="old")
        )

    def test_one_that_ends_before_it_starts_is_put_right(self, world: World) -> None:
        starts, ends = date(2025, 1, 1), TODAY
        given(world, *OLD_CYCLE).when(RescheduleCycle(CYCLE, starts, ends), **WHY).then(
            fact(Cycle.Rescheduled, CYCLE, 4, starts=starts, ends=ends)
        )


class TestKpis:
    def test_one_of_no_name_has_one(self, world: World) -> None:
        given(world, *OLD_KPI).when(RenameKpi(HEALTH, "x")).then(
            fact(Kpi.Renamed, HEALTH, 4, name="x")
        )

    def test_one_of_nobody_has_an_owner(self, world: World) -> None:
        given(world, *OLD_KPI).when(ReassignKpi(HEALTH, BEN)).then(
            fact(Kpi.Reassigned, HEALTH, 4, owner_id=BEN, team_id=None)
        )
        assert LONE != BEN

    def test_it_has_another_purpose(self, world: World) -> None:
        given(world, *OLD_KPI).when(ReplaceKpiPurpose(HEALTH, "x")).then(
            fact(Kpi.PurposeReplaced, HEALTH, 4, purpose="x")
        )

    def test_one_of_no_unit_has_one(self, world: World) -> None:
        given(world, *OF_NO_NUMBER).when(CorrectKpi(HEALTH, "x"), **WHY).then(
            fact(Kpi.Corrected, HEALTH, 2, unit="x", direction=Direction.WITHIN, baseline=d("0"))
        )

    def test_one_that_was_retired_twice_is_reinstated_at_once(self, world: World) -> None:
        twice = (fact(Kpi.Retired, HEALTH, version) for version in (4, 5))
        given(world, *OLD_KPI, *twice).when(ReinstateKpi(HEALTH), **WHY).then(
            fact(Kpi.Reinstated, HEALTH, 6)
        )
