"""A rebuild goes on beside the served generation, and a read model may be thrown away."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from okr_es.database.creation import prepare_postgresql
from projections.read_model import tables as schema
from projections.read_model.generations import Registry
from projections.read_model.runner import Runner
from tests.projections.read_model.test_histories import at_once
from tests.support.story import NOW, Story
from tests.support.tables import tables


@pytest.fixture
def told(story: Story) -> Story:
    """A story with some goals in it, looked at once."""
    for number in range(4):
        story.objective(f"win {number}")
    story.queries.board(NOW)
    return story


def test_queries_during_a_rebuild_answer_from_the_old_generation(told: Story) -> None:
    other = told.again()
    old, seen = told.queries.runner.model.generation, []
    builder = Runner(told.okr, batch=5)

    def look(_: int, __: int) -> None:
        told.objective(f"while building {len(seen)}") if len(seen) < 2 else None
        seen.append((other.queries.runner.fresh().generation, len(other.board())))

    new = builder.rebuild(look).generation
    assert {generation for generation, _ in seen} == {old}
    assert [count for _, count in seen[:3]] == [5, 6, 6]
    assert new != old
    assert told.queries.position()["behind"] == 0
    for each in (told, other):
        assert len(each.board()) == 6
        assert each.queries.runner.model.generation == new
    builder.close()
    other.close()


@pytest.mark.parametrize("rebuilds", [1, 2])
def test_whoever_knew_an_old_generation_follows_the_switch(told: Story, rebuilds: int) -> None:
    other = told.again()
    other.queries.board(NOW)
    for _ in range(rebuilds):
        told.queries.runner.rebuild()
    told.objective("new")
    assert "new" in other.board()
    told.objective("newer")
    assert other.queries.runner.catch_up() == 2
    assert other.queries.runner.status() == told.queries.runner.status()
    other.close()


def test_a_worker_follows_the_switch_as_well(told: Story) -> None:
    worker = Runner(told.okr)
    worker.catch_up()
    new = told.queries.runner.rebuild()
    told.objective("new")
    assert worker.catch_up() == 2
    assert new.position() == told.okr.log.head()
    worker.close()


def test_replaced_generations_are_removed_by_the_next_rebuild(told: Story) -> None:
    for _ in range(3):
        told.queries.runner.rebuild()
    assert len(areas(told)) == 2


def test_a_rebuild_that_crashed_leaves_the_old_generation_served(told: Story) -> None:
    before = told.queries.runner.model.generation
    with pytest.raises(InterruptedError):
        told.queries.runner.rebuild(stop)
    told.objective("after the crash")
    assert "after the crash" in told.board()
    assert told.queries.runner.model.generation == before
    assert told.queries.runner.rebuild().generation != before
    assert len(areas(told)) == 2


def stop(_: int, __: int) -> None:
    raise InterruptedError


def test_two_first_readers_build_one_generation(story: Story) -> None:
    readers = [Runner(story.okr), Runner(story.okr)]
    at_once(*(reader.fresh for reader in readers))
    assert {reader.model.generation for reader in readers} == {1}
    assert len(areas(story)) == 1
    for reader in readers:
        reader.close()


def test_two_rebuilds_at_once_come_one_after_the_other(told: Story) -> None:
    builders = [Runner(told.okr, batch=4), Runner(told.okr, batch=3)]
    at_once(*(builder.rebuild for builder in builders))
    found = [tables(builder.fresh()) for builder in builders]
    assert found[0] == found[1] == tables(told.queries.runner.fresh())
    assert len(areas(told)) == 2
    for builder in builders:
        builder.close()


def test_a_new_process_builds_again_what_was_thrown_away(told: Story) -> None:
    board = told.board()
    told.close()
    for name in (*areas(told), "okr_read"):
        throw_away(told, name)
    other = told.again()
    assert other.board() == board
    other.close()


def test_a_generation_thrown_away_alone_is_built_again(told: Story) -> None:
    board = told.board()
    told.queries.runner.close()
    throw_away(told, areas(told)[0])
    assert told.board() == board
    other = told.again()
    assert other.board() == board
    other.close()


def test_leftovers_of_a_lost_registry_are_not_taken_for_a_generation(told: Story) -> None:
    told.queries.runner.rebuild()
    told.close()
    throw_away(told, "okr_read")
    other = told.again()
    assert len(other.board()) == 4
    assert other.queries.runner.model.generation == 1
    other.close()


def test_another_version_has_a_generation_of_its_own(
    told: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = areas(told)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "VERSION", schema.VERSION + 1)
        newer = told.again()
        assert newer.board() == told.board()
        assert len(areas(told)) == 2
        newer.queries.runner.rebuild()
        assert not set(areas(told)) & set(old)
        newer.close()


def test_the_registry_may_be_made_twice(told: Story) -> None:
    registry = Registry(told.url)
    assert registry.served() == told.queries.runner.model.generation
    registry.close()


def areas(story: Story) -> list[str]:
    """The names of all generations there are, as schemas."""
    database = story.okr.database
    if database.is_sqlite:
        files = database.path.parent.glob(f"{database.path.stem}.goals_*.db")
        return sorted(f"okr_{path.stem.partition('.')[2]}" for path in files)
    return [str(row[0]) for row in as_owner(
        story, "SELECT nspname FROM pg_namespace WHERE nspname ~ '^okr_goals' ORDER BY 1"
    )]  # fmt: skip


def throw_away(story: Story, name: str) -> None:
    """Delete the files, or drop the schema."""
    database = story.okr.database
    if database.is_sqlite:
        path = database.path
        for suffix in ("", "-wal", "-shm"):
            area = f"{path.stem}.{name.removeprefix('okr_')}.db{suffix}"
            Path(path.with_name(area)).unlink(missing_ok=True)
    else:
        as_owner(story, f"DROP SCHEMA {name} CASCADE")


def as_owner(story: Story, statement: str) -> list[Any]:
    engine = prepare_postgresql(story.url, ("okr_log",))
    with engine.begin() as connection:
        result = connection.exec_driver_sql(statement)
        rows = list(result) if result.returns_rows else []
    engine.dispose()
    return rows


def test_an_emptied_read_model_counts_as_thrown_away(told: Story) -> None:
    """So a crash of PostgreSQL leaves it: unlogged tables come back without rows."""
    objectives = told.queries.board(NOW)["objectives"]
    then = str(told.okr.log.head())
    past = told.queries.board(NOW, known_at=then)
    goal = told.queries.objective(UUID(objectives[0]["id"]), known_at=then)
    old = told.queries.runner.model
    with old.database.transaction() as connection:
        for table in schema.metadata.tables.values():
            connection.execute(table.delete())
    assert told.queries.objective(UUID(objectives[0]["id"]), known_at=then) == goal
    assert told.queries.board(NOW, known_at=then) == past
    assert told.queries.board(NOW)["objectives"] == objectives
    assert told.queries.runner.model.generation != old.generation
