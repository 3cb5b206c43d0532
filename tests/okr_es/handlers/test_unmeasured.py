"""The commit of a plan names the goals of it that nothing can measure.

GROW is a committed objective of the company with three key results; EMPTY has none.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from okr_es.commands import (
    AbandonObjective,
    AddKeyResult,
    Command,
    CommitObjective,
    CommitPlan,
    DraftObjective,
    DropKeyResult,
    MoveKeyResult,
    RealignObjective,
    ReweightKeyResult,
)
from okr_es.context import Thing
from tests.support.given import World, given
from tests.support.world import (
    ANN,
    COMPANY,
    CUSTOMERS,
    GROW,
    LEADS,
    MARKETING,
    NEW,
    OTHER,
    PRODUCT,
    Q3,
    Q4,
    REACH,
    THIRD,
    TWENTY,
    d,
)

EMPTY, BELOW, LOWER = NEW, OTHER, THIRD
ONE = UUID(int=0xD9)
START = (DraftObjective(Q3, COMPANY, ANN, "lead", id=EMPTY), CommitObjective(EMPTY))
ALONE = CommitPlan(Q3, COMPANY, with_teams_below=False)
ALIGNED = (CommitObjective(REACH), RealignObjective(REACH, EMPTY))


def unmeasured(world: World, plan: CommitPlan = ALONE) -> list[UUID]:
    """What the commit of the company's own plan says that nothing measures."""
    found = [each for each in world.execute(plan).warnings if each.code == "nothing_measures_it"]
    things = [each for warning in found for each in warning.things]
    assert [each.count for each in found] == ([len(things)] if things else [])
    assert things == [Thing("objective", each.id) for each in things]
    return [each.id for each in things]


def below(id_: UUID, above: UUID, cycle: UUID = Q3) -> tuple[Command, ...]:
    """A committed goal without key results that is aligned to another."""
    return (
        DraftObjective(cycle, MARKETING, ANN, str(id_), id=id_),
        RealignObjective(id_, above),
        CommitObjective(id_),
    )


NOTHING: dict[str, tuple[Command, ...]] = {
    "nothing aligned": (),
    "a draft aligned": (RealignObjective(REACH, EMPTY),),
    "an abandoned goal aligned": (*ALIGNED, AbandonObjective(REACH)),
    "aligned with no weight": (
        CommitObjective(REACH), RealignObjective(REACH, EMPTY, weight=d("0")),
    ),
    "a goal of another cycle aligned": (
        *below(BELOW, EMPTY, Q4), AddKeyResult(BELOW, "20 leads", TWENTY),
    ),
    "what is aligned is not measured": below(BELOW, EMPTY),
    "its key result has no weight": (AddKeyResult(EMPTY, "20 leads", TWENTY, weight=d("0")),),
    "it had a key result, which was dropped": (
        AddKeyResult(EMPTY, "20 leads", TWENTY, id=ONE), DropKeyResult(ONE), *ALIGNED,
    ),
    "it had a key result, which was moved": (
        AddKeyResult(EMPTY, "20 leads", TWENTY, id=ONE), MoveKeyResult(ONE, GROW), *ALIGNED,
    ),
    "it had one between two moves": (
        MoveKeyResult(CUSTOMERS, EMPTY), MoveKeyResult(CUSTOMERS, GROW), *ALIGNED,
    ),
}  # fmt: skip
SOMETHING: dict[str, tuple[Command, ...]] = {
    "a key result": (AddKeyResult(EMPTY, "20 leads", TWENTY),),
    "of little weight": (AddKeyResult(EMPTY, "20 leads", TWENTY, weight=d("0.001")),),
    "one of two with a weight": (
        AddKeyResult(EMPTY, "20 leads", TWENTY, weight=d("0")),
        AddKeyResult(EMPTY, "20 leads", TWENTY),
    ),
    "one that was moved there": (MoveKeyResult(CUSTOMERS, EMPTY),),
    "a goal of another team aligned": ALIGNED,
    "through another goal": (
        *below(BELOW, EMPTY), CommitObjective(REACH), RealignObjective(REACH, BELOW),
    ),
    "through two others": (
        *below(BELOW, EMPTY), *below(LOWER, BELOW),
        CommitObjective(REACH), RealignObjective(REACH, LOWER),
    ),
}  # fmt: skip


@pytest.mark.parametrize("history", NOTHING.values(), ids=NOTHING.keys())
def test_nothing_measures_it(history: tuple[Command, ...], world: World) -> None:
    given(world, *START, *history)
    assert unmeasured(world) == [EMPTY]


@pytest.mark.parametrize("history", SOMETHING.values(), ids=SOMETHING.keys())
def test_something_measures_it(history: tuple[Command, ...], world: World) -> None:
    given(world, *START, *history)
    assert unmeasured(world) == []


def test_both_engines_look_alike(world_on_both: World) -> None:
    given(
        world_on_both, *START, *NOTHING["it had a key result, which was moved"],
        *below(BELOW, EMPTY), AddKeyResult(BELOW, "20 leads", TWENTY, weight=d("0.5")),
        *below(LOWER, GROW), AddKeyResult(LOWER, "20 leads", TWENTY, weight=d("0")),
    )  # fmt: skip
    assert unmeasured(world_on_both, CommitPlan(Q3)) == [EMPTY, LOWER]


def test_all_of_a_plan_are_named(world: World) -> None:
    given(world, *START, *below(BELOW, EMPTY), *below(LOWER, BELOW))
    assert unmeasured(world, CommitPlan(Q3)) == [EMPTY, BELOW, LOWER]


def test_those_of_other_plans_are_not(world: World) -> None:
    given(world, *START, AddKeyResult(EMPTY, "20 leads", TWENTY), *below(BELOW, EMPTY))
    assert unmeasured(world, ALONE) == []
    assert unmeasured(world, CommitPlan(Q3, MARKETING)) == [BELOW]


def test_one_whose_key_results_lost_their_weight(world: World) -> None:
    given(world, CommitObjective(REACH), ReweightKeyResult(LEADS, d("0")))
    assert unmeasured(world, CommitPlan(Q3, MARKETING)) == [REACH]


def test_it_says_how_many(world: World) -> None:
    given(world, *START, DraftObjective(Q3, PRODUCT, ANN, "x", id=BELOW), CommitObjective(BELOW))
    texts = {each.code: each.text for each in world.execute(CommitPlan(Q3)).warnings}
    assert texts["nothing_measures_it"] == (
        "Nothing measures 2 objectives of the plan: no key results of their own have a weight, and"
        " nothing aligned to them counts."
    )
