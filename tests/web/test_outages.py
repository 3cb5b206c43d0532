"""The database is away, busy or read-only: 503 for everything, a line of log, and it recovers."""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Pool
from sqlalchemy.exc import DBAPIError

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.database import engines
from okr_es.database.database import Database
from okr_es.database.outages import is_outage
from okr_es.database.spare import Spare
from okr_es.database.timeouts import NoTimeout, Timeouts, deadline
from okr_es.database.unanswered import Hanging
from projections.queries import Queries
from tests.support import postgresql
from tests.support.cuts import Breaking, break_commits
from tests.web.conftest import ADA
from web.api.commands import ROUTES as COMMANDS
from web.api.entrance import Mode
from web.api.queries import ROUTES as QUESTIONS
from web.app import PREFIX, create_app

LOCK_SECONDS = "0.3"
MARGIN_SECONDS = 20


class Api:
    """The API on a database of its own."""

    def __init__(self, url: str) -> None:
        self.okr = Okr(url)
        self.queries = Queries(self.okr)
        self.app: Flask = create_app(self.okr, self.queries, mode=Mode.OPEN)
        self.client = self.app.test_client()
        for command in (c.RegisterPerson("Ada", id=UUID(ADA)), c.OpenCycle("2025-Q3")):
            self.okr.execute(command, Context(UUID(ADA)))
        self.ask("/people")

    def ask(self, path: str, body: dict | None = None) -> tuple[int, str | None]:
        """Status and Retry-After."""
        headers = {"Okr-Actor": ADA}
        at = path if path.startswith("/health") else PREFIX + path
        if body is None:
            answer = self.client.get(at, headers=headers)
        else:
            answer = self.client.post(at, json=body, headers=headers)
        assert answer.status_code < 500 or answer.mimetype == "application/problem+json"
        return answer.status_code, answer.headers.get("Retry-After")

    def every_question(self) -> dict[str, tuple[int, str | None]]:
        """What each question answers."""
        paths = [filled(route.path) for route in QUESTIONS]
        known = ["/checkpoints", "/checkpoints/latest", "/commands/" + str(uuid4())]
        return {path: self.ask(path) for path in [*paths, *known, "/health/ready"]}

    def every_command(self) -> dict[str, tuple[int, str | None]]:
        """What each command answers, that was written well or badly."""
        found = {route.path: self.ask(filled(route.path), {}) for route in COMMANDS}
        found["a person"] = self.ask("/people", {"name": "Bo"})
        found["a team"] = self.ask("/teams", {"name": "Sales"})
        found["a dry run"] = self.ask("/teams", {"name": "Sales", "dry_run": True})
        return found

    def close(self) -> None:
        self.queries.runner.close()
        self.okr.close()


def filled(path: str) -> str:
    """A path with ids in the places of ids."""
    path = path.replace("<cycle:id>", "2025-Q3").replace("<cycle:cycle_id>", "2025-Q3")
    while "<" in path:
        before, _, rest = path.partition("<")
        path = before + str(uuid4()) + rest.partition(">")[2]
    return path


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKR_ES_LOCK_SECONDS", LOCK_SECONDS)
    monkeypatch.setenv("OKR_ES_POOL_SECONDS", "1")
    monkeypatch.setenv("OKR_ES_CONNECT_SECONDS", "2")


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Api]:
    api = Api(f"sqlite:///{tmp_path}/okr.db")
    yield api
    api.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server that can be stopped and started."""
    made = postgresql.start(tmp_path_factory.mktemp("stopping"))
    yield made
    made.ensure_postgres_running()
    made.cleanup()


@pytest.fixture
def on_postgresql(server: Any) -> Iterator[Api]:
    server.ensure_postgres_running()
    name = f"okr{uuid4().hex[:8]}"
    with admin(server) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = server.get_uri(name).replace("postgresql://", "postgresql+psycopg://", 1)
    api = Api(url)
    yield api
    server.ensure_postgres_running()
    api.close()


def admin(server: Any) -> psycopg.Connection:
    return psycopg.connect(server.get_uri(), autocommit=True)


OF_REQUESTS = re.compile("available for (commands|questions)")


def outages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines of the log about requests; none of all has a traceback."""
    found = [r for r in caplog.records if OF_REQUESTS.search(r.getMessage())]
    assert not [r for r in caplog.records if r.exc_info]
    return [record.getMessage() for record in found]


def require_unavailable(found: dict[str, tuple[int, str | None]], but: set[int] = frozenset()):
    """Everything is 503 with Retry-After; `but` are statuses of what needs no database."""
    wrong = {k: v for k, v in found.items() if v != (503, "2") and v[0] not in but}
    assert not wrong


def test_a_busy_sqlite_refuses_commands_and_answers_questions(
    on_sqlite: Api, caplog: pytest.LogCaptureFixture
):
    with closing(sqlite3.connect(on_sqlite.okr.database.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert on_sqlite.ask("/teams", {"name": "Sales"}) == (503, "2")
        assert on_sqlite.ask("/teams", {"name": "Sales"}) == (503, "2")
        assert on_sqlite.ask("/objectives/" + str(uuid4()))[0] == 404
        assert on_sqlite.ask("/health/ready") == (503, "2")
        other.execute("ROLLBACK")
    assert on_sqlite.ask("/teams", {"name": "Sales"})[0] == 201
    assert on_sqlite.ask("/health/ready")[0] == 200
    assert len(outages(caplog)) == 4  # of commands and of readiness: its begin and its end


def test_a_line_names_the_file_and_others_that_go_on_do_not_end_the_outage(
    on_sqlite: Api, caplog: pytest.LogCaptureFixture
):
    directory, begun = on_sqlite.okr.directory.database.path, time.monotonic()
    with closing(sqlite3.connect(directory)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            assert on_sqlite.ask("/people", {"name": "Bo"}) == (503, "2")
            assert on_sqlite.ask("/teams", {"name": str(uuid4())})[0] == 201
        (line,) = outages(caplog)
        assert line.endswith(f"database is locked ({directory})")
        assert time.monotonic() - begun < 6 * float(LOCK_SECONDS) + MARGIN_SECONDS
        other.execute("ROLLBACK")
    assert on_sqlite.ask("/people", {"name": "Bo"})[0] == 201
    assert len(outages(caplog)) == 2


def test_an_outcome_that_is_unknown_is_a_line_that_names_the_file(
    on_sqlite: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    break_commits(on_sqlite.okr.database)
    monkeypatch.setattr(Breaking, "cut", "before")
    assert on_sqlite.ask("/teams", {"name": "Sales"}) == (503, "2")
    path = on_sqlite.okr.database.path
    assert outages(caplog) == [f"The database is unavailable for commands: disk I/O error ({path})"]
    assert on_sqlite.ask("/teams", {"name": "Sales"})[0] == 201


def test_a_turn_that_another_process_does_not_give_back_is_waited_for_in_time(on_sqlite: Api):
    other = Database(on_sqlite.okr.database.url.render_as_string())
    with other.turn():
        assert on_sqlite.ask("/teams", {"name": "Sales"}) == (503, "2")
    assert on_sqlite.ask("/teams", {"name": "Sales"})[0] == 201
    other.dispose()


def test_a_turn_comes_when_another_process_gives_it_back(on_sqlite: Api):
    other = Database(on_sqlite.okr.database.url.render_as_string())
    for _ in range(3):
        with other.turn():
            pass
        assert on_sqlite.ask("/teams", {"name": str(uuid4())})[0] == 201
    other.dispose()


@pytest.mark.parametrize(
    "code", ["SQLITE_IOERR", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_CORRUPT"]
)
def test_an_error_of_the_disk_is_503_for_everything(
    code: str, on_sqlite: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fails(*_: object) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = getattr(sqlite3, code)
        raise error

    monkeypatch.setattr(Pool, "connect", fails)
    monkeypatch.setattr(Spare, "take", fails)
    require_unavailable(on_sqlite.every_question(), {404, 422})
    require_unavailable(on_sqlite.every_command(), {404, 422})
    assert len(outages(caplog)) == 2
    monkeypatch.undo()
    assert on_sqlite.ask("/teams", {"name": "Sales"})[0] == 201


def test_a_file_that_cannot_be_opened_is_503(on_sqlite: Api):
    path = on_sqlite.okr.database.path
    moved = path.with_suffix(".moved")
    on_sqlite.okr.database.dispose()
    shutil.move(path, moved)
    path.mkdir()
    require_unavailable(on_sqlite.every_command(), {404, 422})
    path.rmdir()
    shutil.move(moved, path)
    assert on_sqlite.ask("/teams", {"name": "Sales"})[0] == 201


def test_a_postgresql_that_stopped_is_503_for_everything_and_comes_back(
    on_postgresql: Api, server: Any, caplog: pytest.LogCaptureFixture
):
    server.stop()
    require_unavailable(on_postgresql.every_question(), {404, 422})
    require_unavailable(on_postgresql.every_command(), {404, 422})
    assert len(outages(caplog)) == 2
    server.ensure_postgres_running()
    assert on_postgresql.ask("/health/ready")[0] == 200
    assert on_postgresql.ask("/teams", {"name": "Sales"})[0] == 201
    assert {k: v for k, v in on_postgresql.every_question().items() if v[0] >= 500} == {}


def test_a_postgresql_that_was_restarted_is_not_even_noticed(
    on_postgresql: Api, server: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engines, "IDLE_SECONDS", 0)
    server.stop()
    server.ensure_postgres_running()
    assert on_postgresql.ask("/teams", {"name": "Sales"})[0] == 201
    assert {k: v for k, v in on_postgresql.every_question().items() if v[0] >= 500} == {}


def test_a_postgresql_that_is_read_only_refuses_commands(on_postgresql: Api, server: Any):
    name = on_postgresql.okr.database.url.database
    on_postgresql.every_question()
    with admin(server) as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    for area in (on_postgresql.okr.database, on_postgresql.okr.directory.database):
        area.dispose()
    on_postgresql.okr.access_log.database.dispose()
    found = on_postgresql.every_command()
    assert found.pop("a dry run")[0] == 200  # it writes nothing
    require_unavailable(found, {404, 409, 422})
    assert on_postgresql.ask("/health/ready") == (503, "2")
    assert on_postgresql.ask("/people") == (503, "2")  # a read that is recorded
    with admin(server) as connection:
        connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    for area in (on_postgresql.okr.database, on_postgresql.okr.directory.database):
        area.dispose()
    assert on_postgresql.ask("/teams", {"name": "Sales"})[0] == 201


def test_a_postgresql_without_a_free_connection_is_503(on_postgresql: Api, server: Any):
    on_postgresql.okr.database.dispose()
    name = on_postgresql.okr.database.url.database
    with admin(server) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    assert on_postgresql.ask("/teams", {"name": "Sales"}) == (503, "2")
    with admin(server) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert on_postgresql.ask("/teams", {"name": "Sales"})[0] == 201


def test_a_locked_log_on_postgresql_is_waited_for_in_time(on_postgresql: Api):
    with on_postgresql.okr.database.transaction() as connection:
        connection.exec_driver_sql("SELECT * FROM counter FOR UPDATE")
        assert on_postgresql.ask("/teams", {"name": "Sales"}) == (503, "2")
        assert on_postgresql.ask("/objectives/" + str(uuid4()))[0] == 404
    assert on_postgresql.ask("/teams", {"name": "Sales"})[0] == 201


def test_a_pool_that_is_used_up_is_503(on_postgresql: Api):
    pool = on_postgresql.okr.database.reader.pool
    held = [pool.connect() for _ in range(8 + 24)]
    assert on_postgresql.ask("/teams", {"name": "Sales"}) == (503, "2")
    for each in held:
        each.close()
    assert on_postgresql.ask("/teams", {"name": "Sales"})[0] == 201


def test_a_connection_that_hangs_is_closed(on_postgresql: Api):
    watching = Hanging(0.2)
    engine = on_postgresql.okr.database.reader
    watching.watch(engine)
    with (
        pytest.raises(DBAPIError) as failed,
        closing(watching_from_now(watching)),
        on_postgresql.okr.database.driver() as driver,
    ):
        driver.execute("SELECT pg_sleep(30)")
    assert is_outage(failed.value)
    assert on_postgresql.ask("/objectives/" + str(uuid4()))[0] == 404


def watching_from_now(watching: Hanging) -> Any:
    """Let it look every tenth of a second, until closed."""

    class Looking:
        stopped = threading.Event()

        def close(self) -> None:
            self.stopped.set()

    looking = Looking()

    def look() -> None:
        while not looking.stopped.wait(0.1):
            watching.look(time.monotonic())

    threading.Thread(target=look, daemon=True).start()
    return looking


def test_a_statement_that_takes_too_long_is_interrupted_on_sqlite(on_sqlite: Api):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(DBAPIError) as failed, deadline(0.2):
        on_sqlite.okr.database.rows(endless, ())
    assert is_outage(failed.value)
    assert on_sqlite.ask("/objectives/" + str(uuid4()))[0] == 404


@pytest.mark.parametrize("written", ["soon", "-1", "nan"])
def test_a_time_out_that_is_none_is_named(written: str):
    with pytest.raises(NoTimeout, match="OKR_ES_LOCK_SECONDS"):
        Timeouts.of({"OKR_ES_LOCK_SECONDS": written})
