"""Reading catches up first: whoever wrote sees it, whoever crashed half-way left nothing behind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine

from okr_es import commands as c
from okr_es.database.append_only import GapFound
from okr_es.database.creation import prepare_postgresql
from projections.read_model.writers import PostgresqlWriter, SqliteWriter
from tests.support.story import COMPANY, NOW, Story
from tests.support.tables import tables

Question = Callable[[Story, dict[str, UUID]], dict[str, Any]]
QUESTIONS: dict[str, Question] = {
    "board": lambda story, _: story.queries.board(NOW),
    "tree": lambda story, _: story.queries.tree(NOW),
    "objective": lambda story, ids: story.queries.objective(ids["objective"]),
    "key_result": lambda story, ids: story.queries.key_result(ids["key_result"]),
    "kpis": lambda story, _: story.queries.kpis(),
    "kpi": lambda story, ids: story.queries.kpi(ids["kpi"]),
    "readings": lambda story, ids: story.queries.readings(ids["kpi"]),
    "cycles": lambda story, _: story.queries.cycles(),
    "teams": lambda story, _: story.queries.teams(),
    "people": lambda story, _: story.queries.people(),
    "history": lambda story, ids: story.queries.history(ids["objective"]),
}


@pytest.fixture
def ids(story: Story) -> dict[str, UUID]:
    """One of everything."""
    objective = story.objective()
    return {
        "objective": objective,
        "key_result": story.key_result(objective),
        "kpi": story.kpi("increase"),
    }


def test_every_query_stands_on_the_end_of_the_log_after_every_write(
    story: Story, ids: dict[str, UUID]
) -> None:
    for ask in QUESTIONS.values():
        story.reads(ids["kpi"], "1")
        assert ask(story, ids)["position"] == story.okr.log.head()


def test_another_instance_sees_every_write_too(story: Story, ids: dict[str, UUID]) -> None:
    other = story.again()
    for ask in QUESTIONS.values():
        story.reads(ids["kpi"], "1")
        assert ask(other, ids)["position"] == story.okr.log.head()
    other.reads(ids["kpi"], "2")
    assert story.queries.kpi(ids["kpi"])["reading"]["value"] == "2"
    other.close()


def test_another_process_sees_every_write_too(story: Story, ids: dict[str, UUID]) -> None:
    story.queries.board(NOW)
    story.objective("be seen from afar")
    script = (
        "import json, sys; from uuid import UUID; from okr_es.application import Okr;"
        "from projections.queries import Queries;"
        "board = Queries(Okr(sys.argv[1])).board(UUID(sys.argv[2]));"
        "print(json.dumps([g['title'] for g in board['objectives']]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, story.url, str(NOW)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == ["win", "be seen from afar"]


def test_the_position_shows_how_far_the_read_model_is_behind(story: Story) -> None:
    story.queries.board(NOW)
    before = story.okr.log.head()
    story.objective()
    assert story.queries.position() == {"log": before + 2, "read_model": before, "behind": 2}
    assert story.queries.runner.status()["behind"] == 2
    assert story.queries.runner.catch_up() == 2
    assert story.queries.position()["behind"] == 0


def test_catching_up_reports_each_batch(story: Story) -> None:
    story.queries.runner.batch = 3
    told: list[tuple[int, int]] = []
    story.queries.runner.catch_up()
    story.kpi("increase")
    for number in range(5):
        story.objective(f"win {number}")
    story.queries.runner.catch_up(lambda done, goal: told.append((done, goal)))
    assert told == [(3, 12), (6, 12), (9, 12), (12, 12)]


@pytest.mark.parametrize("failing", [1, 2])
def test_a_crash_within_a_batch_leaves_rows_and_position_as_they_were(
    story: Story, ids: dict[str, UUID], monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    model = story.queries.runner.fresh()
    before = tables(model)
    story.reads(ids["kpi"], "1")
    story.checks_in(ids["key_result"], "10")
    story.does(c.RenameTeam(COMPANY, "Holding"))
    with monkeypatch.context() as patch:
        crash_at(patch, failing)
        with pytest.raises(Crash):
            story.queries.board(NOW)
        assert tables(model) == before
    assert story.board()["win"]["rolled_up"] == Decimal("0.1")
    assert tables(story.queries.runner.model) == tables(story.queries.runner.rebuild())


class Crash(RuntimeError):
    """The machine stops."""


def crash_at(patch: pytest.MonkeyPatch, failing: int) -> None:
    """Let the write of that number fail, after it was done."""
    for cls in (SqliteWriter, PostgresqlWriter):
        for name in ("insert", "close"):
            patch.setattr(cls, name, crashing(getattr(cls, name), countdown := [failing]))
            del countdown


def crashing(write: Callable[..., None], left: list[int]) -> Callable[..., None]:
    def crash(*args: Any) -> None:
        write(*args)
        left[0] -= 1
        if left[0] <= 0:
            raise Crash

    return crash


def test_a_gap_in_the_log_stops_the_runner_loudly(story: Story) -> None:
    position = story.queries.board(NOW)["position"]
    for number in range(3):
        story.objective(f"win {number}")
    lose(story, position + 3)
    for _ in range(2):
        with pytest.raises(GapFound, match="missing"):
            story.queries.board(NOW)
    assert story.queries.runner.model.position() == position


def test_a_lost_end_of_the_log_stops_the_runner_loudly(story: Story) -> None:
    story.queries.board(NOW)
    story.objective()
    lose(story, story.okr.log.head())
    with pytest.raises(GapFound, match="ends at"):
        story.queries.board(NOW)


def lose(story: Story, position: int) -> None:
    """Take an event out of the log, past its guards."""
    database = story.okr.database
    if database.is_sqlite:
        engine = create_engine(database.url)
        guard = "DROP TRIGGER events_refuse_delete"
    else:
        engine = prepare_postgresql(story.url, ("okr_log",))
        guard = "ALTER TABLE events DISABLE TRIGGER ALL"
    with engine.begin() as connection:
        connection.exec_driver_sql(guard)
        connection.exec_driver_sql(f"DELETE FROM events WHERE position = {position}")
    engine.dispose()


def test_many_readings_at_once_are_all_there(story: Story, ids: dict[str, UUID]) -> None:
    last = story.okr.today()
    days = [last - timedelta(days=n) for n in reversed(range(300))]
    many = tuple(
        c.RecordReading(ids["kpi"], day, Decimal(n), uuid4()) for n, day in enumerate(days)
    )
    story.queries.runner.batch = 100
    story.execute(c.RecordReadings(many))
    found = story.queries.readings(ids["kpi"], limit=1_000)["readings"]
    assert [row["value"] for row in found] == [str(n) for n in reversed(range(300))]
    assert story.queries.kpi(ids["kpi"])["reading"]["value"] == "299"


def test_a_key_result_moved_and_changed_in_one_batch_is_a_revision_of_its_new_objective(
    story: Story,
) -> None:
    win, sell = story.objective(), story.objective("sell")
    moved = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    story.queries.runner.fresh()
    story.does(c.MoveKeyResult(moved, sell))
    story.does(c.ReweightKeyResult(moved, Decimal(2)))
    (key_result,) = story.board()["sell"]["key_results"]
    assert key_result["revisions"] == 2
