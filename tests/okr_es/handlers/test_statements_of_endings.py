"""What a command that warns of others reads: as many statements for thirty goals as for three."""

from __future__ import annotations

from contextlib import closing
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

FEW, MANY = 3, 30


def filled(world: World, goals: int) -> None:
    """Goals of the product team, aligned to GROW or CUSTOMERS, fed and checked in on."""
    for n in range(goals):
        goal, fed, by_hand = (UUID(int=base + n) for base in (0xC1000, 0xD1000, 0xE1000))
        given(
            world,
            c.DraftObjective(Q3, PRODUCT, BEN, f"goal {n}", id=goal),
            c.RealignObjective(goal, GROW)
            if n % 2
            else c.RealignObjective(goal, aligned_to_key_result_id=CUSTOMERS),
            c.AddKeyResult(goal, "fed", TWENTY, kpi_id=RESPONSE, id=fed),
            c.AddKeyResult(goal, "by hand", TWENTY, id=by_hand),
        )
        if n:
            given(world, c.CommitObjective(goal), c.CheckIn(by_hand, TODAY, 7, d(str(n))))


ENDINGS: dict[str, c.Command] = {
    "commit-plan": c.CommitPlan(Q3),
    "commit-plan with drafts": c.CommitPlan(Q3, with_drafts="all"),
    "close": c.CloseCycle(Q3),
    "close and grade": c.CloseCycle(Q3, grade_rest=True),
    "drop": c.DropKeyResult(CUSTOMERS),
    "move": c.MoveKeyResult(CUSTOMERS, REACH),
    "abandon": c.AbandonObjective(GROW),
    "grade": c.GradeObjective(GROW),
    "retire": c.RetireKpi(RESPONSE),
    "erase": c.ErasePerson(BEN, "GDPR 17"),
}


def read_by(begun: Begun, goals: int, command: c.Command) -> list[str]:
    """The queries of a command, in a process that just began to watch."""
    with begun.fresh("world", begin_world) as url, watched() as statements:
        world = opened(url)
        with closing(world.okr):
            filled(world, goals)
            world.on(Q3_ENDS)
            sent = statements.sent_by(lambda: world.execute(command, reason="so it is"))
    return [each for each in sent if each.startswith(("SELECT", "WITH"))]


@pytest.mark.parametrize("command", ENDINGS.values(), ids=ENDINGS)
def test_it_reads_as_often_for_many_goals_as_for_few(command: c.Command, begun: Begun) -> None:
    few, many = (read_by(begun, goals, command) for goals in (FEW, MANY))
    assert len(few) == len(many) <= 25, by_text(many)
