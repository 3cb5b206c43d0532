"""What a command that warns of others reads: as many statements for twelve goals as for three."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from uuid import UUID

import pytest

from okr_es import commands as c
from tests.support.begun import Begun
from tests.support.given import World, given
from tests.support.statements import by_text, watched
from tests.support.world import (
    BEN,
    CUSTOMERS,
    GROW,
    NEW,
    PRODUCT,
    Q3,
    Q3_ENDS,
    Q4,
    REACH,
    RESPONSE,
    TODAY,
    TWENTY,
    begin_world,
    d,
    opened,
)

FEW, MANY = 3, 12


def filled(world: World, goals: int) -> None:
    """Goals of the product team, fed and checked in on, each aligned to one of these.

    That is GROW, CUSTOMERS or NEW, which has no key result of its own.
    """
    given(world, c.DraftObjective(Q3, PRODUCT, BEN, "lead", id=NEW), c.CommitObjective(NEW))
    aligned = (
        {"aligned_to_key_result_id": CUSTOMERS},
        {"aligned_to_objective_id": NEW},
        {"aligned_to_objective_id": GROW},
    )
    for n in range(goals):
        goal, fed, by_hand = (UUID(int=base + n) for base in (0xC1000, 0xD1000, 0xE1000))
        given(
            world,
            c.DraftObjective(Q3, PRODUCT, BEN, f"goal {n}", id=goal),
            c.RealignObjective(goal, **aligned[n % 3]),
            c.AddKeyResult(goal, "fed", TWENTY, kpi_id=RESPONSE, id=fed),
            c.AddKeyResult(goal, "by hand", TWENTY, id=by_hand),
        )
        if n:
            given(world, c.CommitObjective(goal), c.CheckIn(by_hand, TODAY, 7, d(str(n))))


FIRST, SECOND = UUID(int=0xC1000), UUID(int=0xC1001)
ENDINGS: dict[str, c.Command] = {
    "commit": c.CommitObjective(FIRST),
    "commit-plan": c.CommitPlan(Q3),
    "commit-plan with drafts": c.CommitPlan(Q3, with_drafts="all"),
    "close": c.CloseCycle(Q3),
    "close and grade": c.CloseCycle(Q3, grade_rest=True),
    "drop": c.DropKeyResult(CUSTOMERS),
    "move": c.MoveKeyResult(CUSTOMERS, REACH),
    "drop what measures": c.DropKeyResult(UUID(int=0xE1001)),
    "realign what measures": c.RealignObjective(SECOND, GROW),
    "abandon": c.AbandonObjective(GROW),
    "abandon what measures": c.AbandonObjective(SECOND),
    "add a first": c.AddKeyResult(NEW, "x", TWENTY),
    "move a first": c.MoveKeyResult(CUSTOMERS, NEW),
    "record": c.RecordReading(RESPONSE, TODAY, d("3")),
    "grade": c.GradeObjective(GROW),
    "retire": c.RetireKpi(RESPONSE),
    "correct a KPI": c.CorrectKpi(RESPONSE, "hours", with_key_results=True),
    "erase": c.ErasePerson(BEN, "GDPR 17"),
}


SUCCESSOR = UUID(int=0xC4000)
# Once the cycle is over, and all goals but NEW were carried over into the next one.
GOING_ON: dict[str, c.Command] = {
    "commit a plan of what was carried": c.CommitPlan(Q4, with_drafts="all"),
    "commit a successor": c.CommitObjective(UUID(int=0xC4001)),
    "carry over what others wait for": c.CarryOverObjective(NEW, Q4, id=SUCCESSOR),
}


def begin_filled(goals: int, url: str) -> None:
    begin_world(url)
    world = opened(url)
    with closing(world.okr):
        filled(world, goals)


def begin_carried(goals: int, url: str) -> None:
    begin_filled(goals, url)
    world = opened(url)
    with closing(world.okr):
        world.on(Q3_ENDS)
        for n in range(1, goals):
            old, into = (UUID(int=base + n) for base in (0xC1000, 0xC4000))
            given(world, c.CarryOverObjective(old, Q4, id=into))


Begin = Callable[[int, str], None]


def read_by(begun: Begun, goals: int, command: c.Command, begin: Begin) -> list[str]:
    """The queries of a command, in a process that just began to watch."""
    name = f"{begin.__name__} with {goals}"
    with begun.fresh(name, partial(begin, goals)) as url, watched() as statements:
        world = opened(url)
        with closing(world.okr):
            world.on(Q3_ENDS)
            sent = statements.sent_by(lambda: world.execute(command, reason="so it is"))
    return [each for each in sent if each.startswith(("SELECT", "WITH"))]


@pytest.mark.parametrize("command", ENDINGS.values(), ids=ENDINGS)
def test_it_reads_as_often_for_many_goals_as_for_few(command: c.Command, begun: Begun) -> None:
    few, many = (read_by(begun, goals, command, begin_filled) for goals in (FEW, MANY))
    assert len(few) == len(many) <= 25, by_text(many)


@pytest.mark.parametrize("command", GOING_ON.values(), ids=GOING_ON)
def test_it_reads_as_often_for_many_that_were_carried(command: c.Command, begun: Begun) -> None:
    few, many = (read_by(begun, goals, command, begin_carried) for goals in (FEW, MANY))
    assert len(few) == len(many) <= 25, by_text(many)
