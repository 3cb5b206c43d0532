"""A rebuild goes on beside the served generation, and a read model may be thrown away."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import true

from okr_es.database.creation import prepare_postgresql
from projections.read_model import tables as schema
from projections.read_model.registry import Registry
from projections.read_model.runner import Runner
from tests.projections.read_model.test_histories import at_once
from tests.support.story import NOW, Story
from tests.support.tables import tables


@pytest.fixture
def with_goals(story: Story) -> Story:
    """A story with some goals in it, looked at once."""
    for number in range(4):
        story.objective(f"win {number}")
    story.queries.board(NOW)
    return story


def test_queries_during_a_rebuild_answer_from_the_old_generation(with_goals: Story) -> None:
    other = with_goals.again()
    old, seen = with_goals.queries.runner.model.generation, []
    builder = Runner(with_goals.okr, batch=5)

    def look(_: int, __: int) -> None:
        with_goals.objective(f"while building {len(seen)}") if len(seen) < 2 else None
        seen.append((other.queries.runner.fresh().generation, len(other.board())))

    new = builder.rebuild(look).generation
    assert {generation for generation, _ in seen} == {old}
    assert [count for _, count in seen[:3]] == [5, 6, 6]
    assert new != old
    assert with_goals.queries.position()["behind"] == 0
    for each in (with_goals, other):
        assert len(each.board()) == 6
        assert each.queries.runner.model.generation == new
    builder.close()
    other.close()


@pytest.mark.parametrize("rebuilds", [1, 2])
def test_the_one_who_knew_an_old_generation_follows_the_switch(
    with_goals: Story, rebuilds: int
) -> None:
    other = with_goals.again()
    other.queries.board(NOW)
    for _ in range(rebuilds):
        with_goals.queries.runner.rebuild()
    with_goals.objective("new")
    assert "new" in other.board()
    with_goals.objective("newer")
    assert other.queries.runner.catch_up() == 2
    assert other.queries.runner.status() == with_goals.queries.runner.status()
    other.close()


def test_a_worker_follows_the_switch_as_well(with_goals: Story) -> None:
    worker = Runner(with_goals.okr)
    worker.catch_up()
    new = with_goals.queries.runner.rebuild()
    with_goals.objective("new")
    assert worker.catch_up() == 2
    assert new.position() == with_goals.okr.log.head()
    worker.close()


def test_replaced_generations_are_removed_by_the_next_rebuild(with_goals: Story) -> None:
    for _ in range(3):
        with_goals.queries.runner.rebuild()
    assert len(areas(with_goals)) == 2


def test_a_rebuild_that_crashed_leaves_the_old_generation_served(with_goals: Story) -> None:
    before = with_goals.queries.runner.model.generation
    with pytest.raises(InterruptedError):
        with_goals.queries.runner.rebuild(stop)
    with_goals.objective("after the crash")
    assert "after the crash" in with_goals.board()
    assert with_goals.queries.runner.model.generation == before
    assert with_goals.queries.runner.rebuild().generation != before
    assert len(areas(with_goals)) == 2


def stop(_: int, __: int) -> None:
    raise InterruptedError


def test_two_first_readers_build_one_generation(story: Story) -> None:
    readers = [Runner(story.okr), Runner(story.okr)]
    at_once(*(reader.fresh for reader in readers))
    assert {reader.model.generation for reader in readers} == {1}
    assert len(areas(story)) == 1
    for reader in readers:
        reader.close()


def test_two_rebuilds_at_once_come_one_after_the_other(with_goals: Story) -> None:
    builders = [Runner(with_goals.okr, batch=4), Runner(with_goals.okr, batch=3)]
    at_once(*(builder.rebuild for builder in builders))
    found = [tables(builder.fresh()) for builder in builders]
    assert found[0] == found[1] == tables(with_goals.queries.runner.fresh())
    assert len(areas(with_goals)) == 2
    for builder in builders:
        builder.close()


def test_a_new_process_builds_again_what_was_thrown_away(with_goals: Story) -> None:
    board = with_goals.board()
    with_goals.close()
    for name in (*areas(with_goals), f"okr_{schema.REGISTRY}"):
        throw_away(with_goals, name)
    other = with_goals.again()
    assert other.board() == board
    other.close()


def test_a_generation_thrown_away_alone_is_built_again(with_goals: Story) -> None:
    board = with_goals.board()
    with_goals.queries.runner.close()
    throw_away(with_goals, areas(with_goals)[0])
    assert with_goals.board() == board
    other = with_goals.again()
    assert other.board() == board
    other.close()


def test_leftovers_of_a_lost_registry_are_not_taken_for_a_generation(with_goals: Story) -> None:
    with_goals.queries.runner.rebuild()
    with_goals.close()
    throw_away(with_goals, f"okr_{schema.REGISTRY}")
    other = with_goals.again()
    assert len(other.board()) == 4
    assert other.queries.runner.model.generation == 1
    other.close()


def test_another_version_has_a_generation_of_its_own(
    with_goals: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = areas(with_goals)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "VERSION", schema.VERSION + 1)
        newer = with_goals.again()
        assert newer.board() == with_goals.board()
        assert len(areas(with_goals)) == 2
        newer.queries.runner.rebuild()
        assert not set(areas(with_goals)) & set(old)
        newer.close()


def test_the_registry_may_be_made_twice(with_goals: Story) -> None:
    registry = Registry(with_goals.url)
    assert registry.served() == with_goals.queries.runner.model.generation
    registry.close()


def test_a_registry_of_before_that_belongs_to_the_login_is_in_nobodys_way(
    postgresql_url: str,
) -> None:
    """So programs made it before the application's role made its own."""
    story = Story(postgresql_url)
    as_owner(story, "CREATE SCHEMA okr_read")
    as_owner(story, "CREATE TABLE okr_read.read_model (name text)")
    as_owner(story, "GRANT USAGE ON SCHEMA okr_read TO okr_es_app")
    with closing(story.begun()) as begun:
        objective = begun.objective("Grow")
        assert [each["id"] for each in begun.queries.board(NOW)["objectives"]] == [str(objective)]


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


def test_an_emptied_read_model_counts_as_thrown_away(with_goals: Story) -> None:
    """So a crash of PostgreSQL leaves it: unlogged tables come back without rows."""
    objectives = with_goals.queries.board(NOW)["objectives"]
    then = str(with_goals.okr.log.head())
    past = with_goals.queries.board(NOW, known_at=then)
    goal = with_goals.queries.objective(UUID(objectives[0]["id"]), known_at=then)
    old = with_goals.queries.runner.model
    with old.database.transaction() as connection:
        for table in schema.metadata.tables.values():
            connection.execute(table.delete())
    assert with_goals.queries.objective(UUID(objectives[0]["id"]), known_at=then) == goal
    assert with_goals.queries.board(NOW, known_at=then) == past
    assert with_goals.queries.board(NOW)["objectives"] == objectives
    assert with_goals.queries.runner.model.generation != old.generation


def test_a_read_model_that_answers_keeps_its_connections(story: Story) -> None:
    def keeps_its_connections() -> bool:
        database = story.queries.runner.fresh().database
        with database.driver() as one:
            pass
        with database.driver() as another:
            return one is another

    runner = story.queries.runner
    runner.registry.remove(runner.registry.models(true()))
    story.queries.board(NOW)
    assert keeps_its_connections(), "the first that was built"
    older = runner.rebuild().generation
    assert keeps_its_connections(), "one that was built in its place"
    runner.rebuild()
    runner.put_aside(runner.model, "a test wants the one before")
    assert runner.fresh().generation == older
    assert keeps_its_connections(), "an older one that answers again"
