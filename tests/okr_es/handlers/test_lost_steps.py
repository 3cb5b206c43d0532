"""Steps that are done and are no steps of a milestone any more are counted, and never named."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from okr_es.changes import MeasureChanges
from okr_es.commands import (
    AddKeyResult,
    CheckIn,
    Command,
    CorrectKeyResult,
    CorrectReading,
    MoveKeyResult,
    RetargetKeyResult,
    RetractReading,
)
from okr_es.context import Context, Thing
from okr_es.domain.measure import Measure
from okr_es.domain.values import Kind
from tests.support.given import World, given
from tests.support.tried import executed_as_tried
from tests.support.world import GROW, LAUNCH, NEW, OTHER, REACH, TODAY, d

DROPPED = "done_steps_dropped"
TWO_DONE = CheckIn(LAUNCH, TODAY, 7, d("2"), id=NEW)


def steps(*names: str, of: UUID = LAUNCH) -> RetargetKeyResult:
    return RetargetKeyResult(of, Measure(Kind.MILESTONE, steps=names))


def warned(world: World, command: Command) -> list[tuple[int, tuple[Thing, ...]]]:
    receipt = executed_as_tried(world.okr, command, Context(world.actor, "so it is"))
    return [(each.count, each.things) for each in receipt.warnings if each.code == DROPPED]


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (("build", "launch"), 1),
        (("launch",), 2),
        (("Design", "build", "launch"), 1),
        ((), 2),
        (("design", "build"), 0),
        (("build", "design", "sell"), 0),
        (("design", "build", "test", "launch"), 0),
    ],
    ids=[
        "one gone", "both gone", "one with another name", "no steps at all", "one not done gone",
        "in another order", "one more",
    ],
)  # fmt: skip
def test_those_that_are_done_and_gone_are_counted(
    names: tuple[str, ...], count: int, world_on_both: World
) -> None:
    given(world_on_both, TWO_DONE)
    things = (Thing("key_result", LAUNCH),)
    assert warned(world_on_both, steps(*names)) == ([(count, things)] if count else [])


class TestTheLastCheckIn:
    def test_it_may_name_the_steps(self, world: World) -> None:
        given(world, CheckIn(LAUNCH, TODAY, 7, done_steps=("launch",)))
        assert warned(world, steps("design", "build")) == [(1, (Thing("key_result", LAUNCH),))]
        assert warned(world, steps("design")) == []

    def test_of_an_earlier_day_it_is_not_the_last(self, world: World) -> None:
        given(world, TWO_DONE, CheckIn(LAUNCH, date(2025, 7, 2), 7, d("3")))
        assert warned(world, steps("design", "build")) == []

    def test_it_is_as_corrected(self, world: World) -> None:
        given(world, TWO_DONE, CorrectReading(NEW, d("1")))
        assert warned(world, steps("design", "launch")) == []
        given(world, RetractReading(NEW))
        assert warned(world, steps("launch")) == []

    def test_outside_the_cycle_it_counts_nothing(self, world: World) -> None:
        given(world, CheckIn(LAUNCH, date(2025, 6, 30), 7, d("2")))
        assert warned(world, steps("launch")) == []

    def test_confidence_alone_says_nothing(self, world: World) -> None:
        given(world, CheckIn(LAUNCH, TODAY, 7))
        assert warned(world, steps("launch")) == []

    def test_steps_renamed_by_a_correction_go_by_what_was_meant(self, world: World) -> None:
        meant = MeasureChanges(steps=("plan", "build", "launch"))
        given(world, TWO_DONE)
        assert warned(world, CorrectKeyResult(LAUNCH, meant)) == []
        assert warned(world, steps("plan", "build")) == []
        assert warned(world, steps("build")) == [(1, (Thing("key_result", LAUNCH),))]

    def test_a_correction_that_drops_some_counts_them_too(self, world: World) -> None:
        given(world, TWO_DONE)
        meant = MeasureChanges(steps=("build", "launch"))
        assert warned(world, CorrectKeyResult(LAUNCH, meant)) == [
            (1, (Thing("key_result", LAUNCH),))
        ]

    def test_what_was_dropped_earlier_is_not_counted_again(self, world: World) -> None:
        given(world, TWO_DONE, steps("build", "launch"))
        assert warned(world, steps("launch")) == [(1, (Thing("key_result", LAUNCH),))]


class TestWithoutSteps:
    ONE = AddKeyResult(GROW, "move", Measure(Kind.MILESTONE), id=OTHER)

    @pytest.mark.parametrize(("value", "count"), [("1", 1), ("0", 0)])
    def test_what_is_done_or_not_gets_steps(self, value: str, count: int, world: World) -> None:
        given(world, self.ONE, CheckIn(OTHER, TODAY, 7, d(value)))
        found = warned(world, steps("pack", "go", of=OTHER))
        assert [each for each, _ in found] == [count] * bool(count)

    def test_where_all_steps_were_done_it_stays_done(self, world: World) -> None:
        given(world, CheckIn(LAUNCH, TODAY, 7, d("3")))
        assert warned(world, steps()) == []


def test_a_draft_has_them_of_what_was_moved_there(world: World) -> None:
    given(world, TWO_DONE, MoveKeyResult(LAUNCH, REACH))
    assert warned(world, steps("launch")) == [(2, (Thing("key_result", LAUNCH),))]
