"""Damaged read models, and those that cannot be built, are set aside: the log is what counts."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import true

from okr_es.database.creation import prepare_postgresql
from okr_es.evidence.verify import Verification
from projections.queries import Queries
from projections.read_model import background, catching_up
from projections.read_model import tables as schema
from projections.read_model.generations import Model, NotReady
from projections.read_model.runner import Runner
from projections.read_model.verification import verify_read_model
from tests.support.story import NOW, Story

Damage = Callable[[Story], None]
DEADLINE_SECONDS = 30.0


@pytest.fixture
def with_goals(story: Story) -> Story:
    """A story with enough goals for a table of several pages, looked at once."""
    for number in range(30):
        story.objective(f"win {number}", description="so that we know what for " * 20)
    story.queries.board(NOW)
    return story


@pytest.fixture
def errors(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The lines of error that were logged so far."""
    return lambda: [each.message for each in caplog.records if each.levelno >= logging.ERROR]


def as_owner(story: Story, statement: str) -> None:
    engine = prepare_postgresql(story.url, ("okr_log",))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def at_rest(story: Story) -> Any:
    """The file of the read model, all of it in the one file."""
    database = story.queries.runner.model.database
    assert database.complete_file(1)
    return database.path


def garbage(story: Story) -> None:
    """Bytes by chance, as many as there were."""
    path = at_rest(story)
    path.write_bytes(bytes(n * 7919 % 251 for n in range(path.stat().st_size)))


def emptied(story: Story) -> None:
    """Nothing is left in the file."""
    at_rest(story).write_bytes(b"")


def truncated(story: Story) -> None:
    """The second half of the file is lost."""
    path = at_rest(story)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def truncated_with_its_wal(story: Story) -> None:
    """So is what was written ahead."""
    truncated(story)
    path = story.queries.runner.model.database.path
    path.with_name(path.name + "-wal").write_bytes(b"")


def page_overwritten(story: Story) -> None:
    """The page that begins the table of goals."""
    path = at_rest(story)
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'objective'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\x5a" * size)


def removed(story: Story) -> None:
    """The file is gone."""
    path = story.queries.runner.model.database.path
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def a_directory(story: Story) -> None:
    """Something else is where the file was."""
    removed(story)
    story.queries.runner.model.database.path.mkdir()


def rows_deleted(story: Story) -> None:
    """A table is empty."""
    schema_name = story.queries.runner.model.database.schema
    if not story.okr.database.is_sqlite:
        as_owner(story, f"TRUNCATE {schema_name}.objective")
        return
    with closing(sqlite3.connect(story.queries.runner.model.database.path)) as connection:
        connection.execute("DELETE FROM objective")
        connection.commit()


def table_dropped(story: Story) -> None:
    """A table is gone."""
    if not story.okr.database.is_sqlite:
        as_owner(story, f"DROP TABLE {story.queries.runner.model.database.schema}.objective")
        return
    with closing(sqlite3.connect(story.queries.runner.model.database.path)) as connection:
        connection.execute("DROP TABLE objective")
        connection.commit()


def progress_deleted(story: Story) -> None:
    """It does not say how far it has come."""
    model = story.queries.runner.model
    with model.database.transaction() as connection:
        connection.execute(schema.progress.delete())


ANYWHERE = [rows_deleted, table_dropped, progress_deleted]
ON_SQLITE = [
    garbage, emptied, truncated, truncated_with_its_wal, page_overwritten, removed,
]  # fmt: skip


def is_recovered_from(story: Story, damage: Damage, errors: Callable[[], list[str]]) -> None:
    board, old = story.board(), story.queries.runner.model
    damage(story)
    story.objective("recorded meanwhile")
    assert story.board().keys() == {*board, "recorded meanwhile"}
    assert story.queries.runner.model.generation != old.generation
    assert len([line for line in errors() if old.name in line]) == 1


@pytest.mark.parametrize("damage", ANYWHERE)
def test_questions_are_answered_though_the_read_model_was_damaged(
    with_goals: Story, damage: Damage, errors: Callable[[], list[str]]
) -> None:
    is_recovered_from(with_goals, damage, errors)


@pytest.fixture
def on_sqlite(story_on_sqlite: Story) -> Story:
    """The same on SQLite alone."""
    for number in range(30):
        story_on_sqlite.objective(f"win {number}", description="so that we know why " * 20)
    story_on_sqlite.queries.board(NOW)
    return story_on_sqlite


@pytest.mark.parametrize("damage", ON_SQLITE)
def test_questions_are_answered_though_its_file_was_damaged(
    on_sqlite: Story, damage: Damage, errors: Callable[[], list[str]]
) -> None:
    is_recovered_from(on_sqlite, damage, errors)


@pytest.mark.parametrize("damage", [*ANYWHERE, *ON_SQLITE])
def test_a_new_process_finds_a_damaged_read_model(on_sqlite: Story, damage: Damage) -> None:
    board = on_sqlite.board()
    damage(on_sqlite)
    on_sqlite.queries.runner.close()
    with closing(on_sqlite.again()) as other:
        assert other.board() == board


@pytest.mark.parametrize("damage", [*ANYWHERE, *ON_SQLITE])
def test_verification_names_a_damaged_read_model_and_checks_the_log(
    on_sqlite: Story, damage: Damage
) -> None:
    name = on_sqlite.queries.runner.model.name
    damage(on_sqlite)
    with closing(Runner(on_sqlite.okr)) as runner:
        found = verify_read_model(runner)
        assert [name in each.message for each in found.failures] == [True]
        assert verify_read_model(runner).failures == []
    assert Verification(on_sqlite.okr.log).run().failures == []


def test_the_registry_is_made_again_where_it_is_garbage(on_sqlite: Story) -> None:
    path = on_sqlite.okr.database.path.with_name("okr.read_models.db")
    board = on_sqlite.board()
    on_sqlite.queries.runner.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"no database at all" * 500)
    with closing(on_sqlite.again()) as other:
        assert other.board() == board
        assert other.queries.runner.rebuild().generation == 2


def test_the_log_is_not_touched(on_sqlite: Story) -> None:
    """What is wrong with the log is no reason to set a read model aside."""
    runner = on_sqlite.queries.runner
    with closing(sqlite3.connect(on_sqlite.okr.database.path)) as connection:
        connection.execute("ALTER TABLE events RENAME TO lost")
        connection.commit()
    with pytest.raises(Exception, match="no such table"):
        on_sqlite.board()
    assert runner.figures()["set_aside"] == 0


# ---- what answers meanwhile ------------------------------------------------------------------


@pytest.fixture
def served(with_goals: Story) -> Iterator[Queries]:
    """Questions as a server asks them, of a database that was rebuilt once."""
    with_goals.queries.runner.rebuild()
    with closing(Runner(with_goals.okr, waits=False)) as runner:
        yield Queries(with_goals.okr, runner)


def until(holds: Callable[[], bool]) -> None:
    """Wait for something, not for ever."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def answers(queries: Queries) -> bool:
    """Whether a question is answered."""
    try:
        queries.board(NOW)
    except NotReady:
        return False
    return True


def test_an_older_generation_answers_while_a_new_one_is_built(
    with_goals: Story, served: Queries
) -> None:
    runner = served.runner
    newest = runner.fresh().generation
    table_dropped(with_goals)
    with_goals.objective("recorded meanwhile")
    titles = {goal["title"] for goal in served.board(NOW)["objectives"]}
    assert "recorded meanwhile" in titles
    until(lambda: answers(served) and runner.model.generation > newest)
    assert {goal["title"] for goal in served.board(NOW)["objectives"]} == titles


def test_a_server_without_any_read_model_says_so_and_builds_one(
    with_goals: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, runner = with_goals.board(), with_goals.queries.runner
    runner.registry.remove(runner.registry.models(true()))
    with closing(Runner(with_goals.okr, waits=False)) as fresh:
        queries = Queries(with_goals.okr, fresh)
        with fresh.registry.turn_to_build():
            for _ in range(3):
                with pytest.raises(NotReady, match="being built"):
                    queries.board(NOW)
            with_goals.objective("recorded meanwhile")
        until(lambda: answers(queries))
        titles = {goal["title"] for goal in queries.board(NOW)["objectives"]}
        assert titles == {*board, "recorded meanwhile"}
        assert fresh.figures()["built"] == 1


def test_a_new_version_is_built_before_the_switch(
    with_goals: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = with_goals.queries.runner.model.generation
    with monkeypatch.context() as patch:
        patch.setattr(schema, "VERSION", schema.VERSION + 1)
        with closing(Runner(with_goals.okr)) as newer:
            newer.prepare()
            built = newer.model.generation
        assert built != old
        with closing(Runner(with_goals.okr, waits=False)) as switched:
            assert switched.fresh().generation == built
    with closing(Runner(with_goals.okr, waits=False)) as earlier:
        assert earlier.fresh().generation == old


# ---- events that cannot be projected ---------------------------------------------------------


class Unknown(RuntimeError):
    """This program cannot project that."""


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let no event be projected; call it to let them be again."""
    project = catching_up.project

    def fail(*_: object) -> None:
        raise Unknown("it has a field that nobody knows")

    monkeypatch.setattr(catching_up, "project", fail)
    return lambda: monkeypatch.setattr(catching_up, "project", project)


@pytest.mark.parametrize("waits", [True, False])
def test_a_fold_that_fails_leaves_one_generation_and_one_line(
    story: Story,
    unknown: Callable[[], None],
    errors: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    waits: bool,
) -> None:
    before = story.queries.runner.registry
    before.remove(before.models(true()))
    with closing(Runner(story.okr, waits=waits)) as runner:
        queries = Queries(story.okr, runner)
        for _ in range(15):
            with pytest.raises(Unknown if waits else NotReady):
                queries.board(NOW)
        until(lambda: len(errors()) == 1)
        assert "it has a field that nobody knows" in errors()[0]
        assert len(before.models(true())) == 1
        unknown()
        monkeypatch.setattr(background, "RETRY_SECONDS", 0)
        until(lambda: answers(queries))


def test_an_event_that_cannot_be_projected_leaves_the_served_one_as_it_is(
    story: Story, unknown: Callable[[], None], errors: Callable[[], list[str]]
) -> None:
    with closing(Runner(story.okr, waits=False)) as runner:
        queries, model = Queries(story.okr, runner), runner.model.generation
        story.objective("not projected")
        for _ in range(5):
            with pytest.raises(NotReady, match="nobody knows"):
                queries.board(NOW)
        assert len(errors()) == 1
        unknown()
        assert answers(queries)
        assert runner.model.generation == model


def test_a_build_that_is_broken_off_leaves_nothing(story: Story) -> None:
    def broken_off(_: int, __: int) -> None:
        raise InterruptedError

    runner = story.queries.runner
    generations = {each.generation for each in runner.registry.models(true())}
    for _ in range(3):
        with pytest.raises(InterruptedError):
            runner.rebuild(broken_off)
    assert {each.generation for each in runner.registry.models(true())} == generations


def test_on_postgresql_it_is_logged_and_analysed(story: Story) -> None:
    if story.okr.database.is_sqlite:
        return
    story.objective("seen")
    model: Model = story.queries.runner.rebuild()
    found = model.database.rows(
        "SELECT relname, relpersistence, reltuples FROM pg_class "
        "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'", (),
    )  # fmt: skip
    assert {persistence for _, persistence, _ in found} == {"p"}
    assert all(tuples >= 0 for _, _, tuples in found)
