"""How late a goal was met, wherever it is told."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.support.as_of_answers import oracle_of
from tests.support.oracle import Oracle
from tests.support.story import NOW, Story


def late_everywhere(story: Story, goal: UUID) -> int | None:
    """How late a goal was met: alone, on the board, in the review, and at the end of replays."""
    late: int | None = story.queries.objective(goal)["late_days"]
    board = {each["id"]: each for each in story.queries.board(NOW)["objectives"]}
    assert board[str(goal)]["late_days"] == late
    review = {each["id"]: each for each in story.queries.review(NOW)["goals"]}
    assert review[str(goal)]["late_days"] == late
    for step in ("day", "event"):
        _, *lines = story.queries.replay(NOW, step)
        changed = [row for line in lines for row in line["changed"] if row["id"] == str(goal)]
        assert changed[-1]["late_days"] == late, step
    return late


def oracle_of_story(story: Story) -> Oracle:
    """What the log of a story has to say, now."""
    told = SimpleNamespace(
        okr=story.okr, facts=story.facts, zone=ZoneInfo("UTC"), clock=story.clock
    )
    return oracle_of(told)  # type: ignore[arg-type]
