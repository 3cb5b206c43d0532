"""A cycle's name is unique whatever its case, and leads to the cycle wherever an id would."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from okr_es.commands import (
    CarryOverObjective,
    CloseCycle,
    Command,
    CommitPlan,
    DraftObjective,
    OpenCycle,
    RequireApproval,
    RetitleObjective,
)
from okr_es.domain.cycle import Cycle, CycleName, CycleRef, parse_cycle
from okr_es.domain.refusals import AlreadyExists, CommandIdIsTaken, Invalid, NotFound
from okr_es.domain.values import Controlled, folded
from okr_es.handlers.names import resolved
from okr_es.handlers.unit_of_work import Context
from okr_es.log.schema import names
from tests.support.given import World, given, refused
from tests.support.world import ANN, GROW, NEW, PRODUCT, Q3, Q4

DAYS = {"starts": date(2025, 5, 1), "ends": date(2025, 8, 31)}


class TestParsing:
    @pytest.mark.parametrize("written", ["2025-Q3", "FY26.1", "2025", "x", "a" * 40, "0" * 32])
    def test_a_name_stays_as_it_was_written(self, written: str) -> None:
        assert parse_cycle(written) == CycleName(written)
        assert str(parse_cycle(written)) == written

    @pytest.mark.parametrize("written", [str(Q3), str(Q3).upper()])
    def test_an_id_is_written_out_in_full(self, written: str) -> None:
        assert parse_cycle(written) == Q3

    @pytest.mark.parametrize("written", ["", "a b", "Ü", "a/b", "{" + str(Q3) + "}", "a" * 41])
    def test_anything_else_is_refused_with_the_field(self, written: str) -> None:
        with refused(Invalid, field="cycle") as found:
            parse_cycle(written, "cycle")
        (refusal,) = found
        assert refusal.message.endswith(" is neither the UUID nor the name of a cycle.")

    def test_what_is_long_is_not_said_back_whole(self) -> None:
        with pytest.raises(Invalid, match=f"^{'b' * 40}… is neither"):
            parse_cycle("b" * 100_000)


@pytest.mark.parametrize(
    ("one", "other"), [("2025-Q3", "2025-q3"), ("STRASSE", "straße"), ("Zu\u0308rich", "zürich")]
)
def test_names_are_compared_without_case_and_composed(one: str, other: str) -> None:
    assert folded(one) == folded(other)


# ---- where a cycle is named -----------------------------------------------------------------


@pytest.mark.parametrize("ref", [Q3, CycleName("2025-Q3"), CycleName("2025-q3")], ids=str)
def test_a_command_takes_a_cycle_by_id_or_name_in_any_case(
    ref: CycleRef, world_on_both: World
) -> None:
    world = world_on_both
    assert world.execute(CommitPlan(ref)).id == Q3
    drafted = world.execute(DraftObjective(ref, PRODUCT, ANN, "ship", id=NEW))
    assert world.okr.repository.get(NEW).cycle_id == Q3  # type: ignore[attr-defined]
    assert drafted.id == NEW


def test_a_goal_is_carried_over_into_a_named_cycle(world: World) -> None:
    world.execute(CarryOverObjective(GROW, CycleName("2025-q4"), NEW))
    assert world.okr.repository.get(NEW).cycle_id == Q4  # type: ignore[attr-defined]


def test_a_request_for_approval_keeps_the_id(world: World) -> None:
    given(world, RequireApproval(Q3, (Controlled.CLOSING,)))
    request = world.execute(CloseCycle(CycleName("2025-q3"))).approval_id
    assert request is not None
    assert world.okr.repository.get(request).fields["cycle_id"] == str(Q3)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (CommitPlan(CycleName("2031")), "cycle_id"),
        (CarryOverObjective(GROW, CycleName("2031")), "into_cycle_id"),
    ],
    ids=repr,
)
def test_an_unknown_name_is_refused_as_it_was_written(
    command: Command, field: str, world: World
) -> None:
    refusal = given(world).when(command).then_refused(NotFound, field=field)
    assert refusal.message == "There is no cycle 2031."


@pytest.mark.parametrize("turned", [False, True], ids=["", "the other way round"])
def test_the_same_key_with_name_and_id_is_the_same_command(
    turned: bool, world_on_both: World
) -> None:
    first, then = (Q3, CycleName("2025-q3")) if not turned else (CycleName("2025-q3"), Q3)
    asked = Context(ANN, command_id=UUID(int=7))
    receipt = world_on_both.okr.execute(CommitPlan(first), asked)
    again = world_on_both.okr.execute(CommitPlan(then), asked)
    assert again.repeated
    assert (again.id, again.first_position) == (Q3, receipt.first_position)
    with refused(CommandIdIsTaken, field="command_id"):
        world_on_both.okr.execute(CommitPlan(CycleName("2025-Q4")), asked)


def test_a_command_that_names_no_cycle_asks_for_no_name() -> None:
    class Nobody:
        def rows(self, *asked: Any) -> None:
            raise AssertionError(asked)

    for command in (RetitleObjective(GROW, "x"), CommitPlan(Q3), OpenCycle("2026")):
        assert resolved(command, Nobody()) is command  # type: ignore[arg-type]


# ---- a name is taken once -------------------------------------------------------------------


def open_cycle(world: World, name: str) -> str:
    try:
        world.execute(OpenCycle(name, **DAYS))
    except AlreadyExists as refusal:
        return refusal.message
    return "opened"


def test_of_many_who_open_one_name_in_threads_one_does(world_on_both: World) -> None:
    world = world_on_both
    written = ["summer", "Summer", "SUMMER", "sUmmer"]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda name: open_cycle(world, name), written))
    (name,) = [each.name for each in world.facts() if isinstance(each, Cycle.Opened)][2:]
    assert sorted(told) == sorted(["opened", *[f"There is a cycle {name}."] * 3])


def test_an_old_name_stays_reserved_though_no_cycle_has_it_now(world_on_both: World) -> None:
    world = world_on_both
    with world.okr.database.transaction() as connection:
        connection.execute(insert(names).values(kind="cycle", name="q3", stream=Q3))
    with refused(AlreadyExists, field="name") as found:
        world.execute(OpenCycle("Q3", **DAYS))
    assert found[0].message == "There is a cycle 2025-Q3 that was called Q3."
    assert world.execute(CommitPlan(CycleName("Q3"))).id == Q3
