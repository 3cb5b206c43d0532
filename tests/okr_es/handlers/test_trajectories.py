"""Dated points of a trajectory outside the days of their goal count nowhere, and say so."""

from __future__ import annotations

from datetime import date

import pytest

from okr_es.commands import (
    AddKeyResult,
    CarryOverObjective,
    Command,
    CorrectKeyResult,
    DropKeyResult,
    RescheduleObjective,
    RetargetKeyResult,
)
from okr_es.context import Context, Thing
from okr_es.domain.measure import Measure
from okr_es.domain.values import Direction, Kind, Point
from okr_es.handlers.carrying import successor_id
from tests.support.given import World, given
from tests.support.tried import executed_as_tried
from tests.support.world import CUSTOMERS, GROW, NEW, Q3_ENDS, Q3_STARTS, Q4, Q4_STARTS, TWENTY, d

LEFT_OUT, NOT_USED = "points_left_out", "trajectory_not_used"
NOT_CARRIED = "trajectory_not_carried"
SAID = {LEFT_OUT, NOT_USED, NOT_CARRIED}
EVE = date(2025, 6, 30)
AUGUST = date(2025, 8, 31)
AT_LEAST = Measure(
    Kind.METRIC, target=d("5"), unit="leads", baseline=d("0"), direction=Direction.AT_LEAST
)


def points(*days: date) -> tuple[Point, ...]:
    return tuple(Point(day, d("0.5")) for day in days)


def added(*days: date, measure: Measure = TWENTY) -> AddKeyResult:
    return AddKeyResult(GROW, "more", measure, trajectory=points(*days), id=NEW)


def retargeted(*days: date) -> RetargetKeyResult:
    return RetargetKeyResult(CUSTOMERS, trajectory=points(*days))


def corrected(*days: date) -> CorrectKeyResult:
    return CorrectKeyResult(CUSTOMERS, trajectory=points(*days))


def warned(world: World, command: Command) -> list[tuple[str, tuple[Thing, ...]]]:
    receipt = executed_as_tried(world.okr, command, Context(world.actor, "so it is"))
    assert all(each.count == len(each.things) for each in receipt.warnings)
    return [(e.code, e.things) for e in receipt.warnings if e.code in SAID]


OUTSIDE = [(Q4_STARTS,), (EVE,), (AUGUST, Q4_STARTS)]
INSIDE = [(Q3_STARTS,), (Q3_ENDS,), (Q3_STARTS, AUGUST, Q3_ENDS), ()]


class TestPoints:
    @pytest.mark.parametrize("days", OUTSIDE, ids=str)
    def test_outside_the_cycle_they_are_left_aside(
        self, days: tuple[date, ...], world: World
    ) -> None:
        assert warned(world, added(*days)) == [(LEFT_OUT, (Thing("key_result", NEW),))]
        assert warned(world, retargeted(*days)) == [(LEFT_OUT, (Thing("key_result", CUSTOMERS),))]
        given(world, retargeted())
        assert warned(world, corrected(*days)) == [(LEFT_OUT, (Thing("key_result", CUSTOMERS),))]

    @pytest.mark.parametrize("days", INSIDE, ids=str)
    def test_inside_they_count(self, days: tuple[date, ...], world: World) -> None:
        assert warned(world, added(*days)) == []
        assert warned(world, retargeted(*days)) == []

    @pytest.mark.parametrize(
        ("due", "day", "is_left_out"),
        [
            (AUGUST, AUGUST, False),
            (AUGUST, Q3_ENDS, True),
            (date(2025, 10, 31), Q4_STARTS, False),
        ],
        ids=str,
    )
    def test_they_go_by_the_day_the_objective_is_due(
        self, due: date, day: date, is_left_out: bool, world: World
    ) -> None:
        given(world, RescheduleObjective(GROW, due))
        found = [code for code, _ in warned(world, added(day))]
        assert found == [LEFT_OUT] * is_left_out

    def test_the_same_again_is_no_news(self, world: World) -> None:
        given(world, retargeted(Q4_STARTS))
        assert warned(world, retargeted(Q4_STARTS)) == []


class TestAnotherDueDay:
    def test_points_behind_it_are_left_aside(self, world_on_both: World) -> None:
        given(world_on_both, retargeted(AUGUST, Q3_ENDS), added(AUGUST))
        earlier = RescheduleObjective(GROW, AUGUST)
        assert warned(world_on_both, earlier) == [(LEFT_OUT, (Thing("key_result", CUSTOMERS),))]
        assert warned(world_on_both, RescheduleObjective(GROW, None)) == []

    def test_not_those_that_were_so_before_nor_of_what_was_dropped(self, world: World) -> None:
        given(world, retargeted(Q4_STARTS), added(Q3_ENDS), DropKeyResult(NEW))
        assert warned(world, RescheduleObjective(GROW, AUGUST)) == []


class TestAKeyResultToKeep:
    def test_it_needs_no_trajectory(self, world: World) -> None:
        assert warned(world, added(AUGUST, measure=AT_LEAST)) == [
            (NOT_USED, (Thing("key_result", NEW),))
        ]
        assert warned(world, RescheduleObjective(GROW, date(2025, 8, 1))) == []

    def test_nor_once_it_became_one(self, world: World) -> None:
        given(world, retargeted(AUGUST))
        assert warned(world, RetargetKeyResult(CUSTOMERS, AT_LEAST)) == [
            (NOT_USED, (Thing("key_result", CUSTOMERS),))
        ]

    def test_without_one_nothing_is_said(self, world: World) -> None:
        assert warned(world, added(measure=AT_LEAST)) == []


class TestCarryingOver:
    def test_a_trajectory_is_of_its_cycle_alone(self, world_on_both: World) -> None:
        given(world_on_both, retargeted(AUGUST))
        things = (Thing("key_result", successor_id(NEW, CUSTOMERS)),)
        assert warned(world_on_both, CarryOverObjective(GROW, Q4, NEW)) == [(NOT_CARRIED, things)]

    def test_without_one_nothing_is_said(self, world: World) -> None:
        assert warned(world, CarryOverObjective(GROW, Q4, NEW)) == []
