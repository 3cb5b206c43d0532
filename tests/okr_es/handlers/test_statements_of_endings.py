"""What a command that warns of others reads: as many statements for twelve goals as for three."""

from __future__ import annotations

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


def begin_filled(goals: int, url: str) -> None:
    begin_world(url)
    world = opened(url)
    with closing(world.okr):
        filled(world, goals)


def read_by(begun: Begun, goals: int, command: c.Command) -> list[str]:
    """The queries of a command, in a process that just began to watch."""
    begin = partial(begin_filled, goals)
    with begun.fresh(f"world of {goals}", begin) as url, watched() as statements:
        world = opened(url)
        with closing(world.okr):
            world.on(Q3_ENDS)
            sent = statements.sent_by(lambda: world.execute(command, reason="so it is"))
    return [each for each in sent if each.startswith(("SELECT", "WITH"))]


@pytest.mark.parametrize("command", ENDINGS.values(), ids=ENDINGS)
def test_it_reads_as_often_for_many_goals_as_for_few(command: c.Command, begun: Begun) -> None:
    few, many = (read_by(begun, goals, command) for goals in (FEW, MANY))
    assert len(few) == len(many) <= 25, by_text(many)
