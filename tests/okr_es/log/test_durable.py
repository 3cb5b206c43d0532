"""The settings that make a commit durable are set on every connection, and checked."""

import re
import sqlite3
from pathlib import Path

import psycopg
import pytest

from okr_es.database import engines
from okr_es.database.database import Database
from okr_es.log.recorder import LogRecorder
from tests.support.notes import take


def test_sqlite_writes_ahead_and_waits_for_the_disk(on_sqlite: LogRecorder) -> None:
    for engine in (on_sqlite.database.writer, on_sqlite.database.reader):
        with engine.connect() as connection:
            read = connection.exec_driver_sql
            assert read("PRAGMA journal_mode").scalar_one() == "wal"
            assert read("PRAGMA synchronous").scalar_one() == 2
            assert read("PRAGMA recursive_triggers").scalar_one() == 1


def test_postgresql_waits_for_the_disk(on_postgresql: LogRecorder) -> None:
    for engine in (on_postgresql.database.writer, on_postgresql.database.reader):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW fsync").scalar_one() == "on"
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_a_server_set_not_to_wait_is_set_to_wait_by_us(
    on_postgresql: LogRecorder, postgresql_url: str
) -> None:
    url = on_postgresql.database.url
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
    ) as owner:
        owner.execute(f"ALTER DATABASE {url.database} SET synchronous_commit = off")
        assert owner.execute("SHOW synchronous_commit").fetchone() != ("off",)
    try:
        database = Database(postgresql_url)
        assert take(LogRecorder(database)).first_position == 1
        database.dispose()
    finally:
        with psycopg.connect(
            host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
        ) as owner:
            assert owner.execute("SHOW synchronous_commit").fetchone() == ("off",)
            owner.execute(f"ALTER DATABASE {url.database} RESET synchronous_commit")


def test_a_file_that_cannot_write_ahead_is_refused_at_the_start(tmp_path: Path) -> None:
    database = Database(f"sqlite:///file:{tmp_path}/okr.db?vfs=unix-none&uri=true")
    with pytest.raises(RuntimeError, match="SQLite is not durable here: mode='delete'"):
        database.reader.connect()
    database.dispose()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "duckdb:///a.db", "oracle://x"]
)
def test_other_engines_and_memory_are_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match=re.escape("OKR_ES_DATABASE is sqlite:///FILE or")):
        Database(url)


def test_a_password_is_not_shown_in_the_refusal() -> None:
    with pytest.raises(ValueError, match="OKR_ES_DATABASE") as refusal:
        Database("mysql://me:secret@host/x")
    assert "secret" not in str(refusal.value)


def test_what_was_acknowledged_is_in_the_file_when_the_process_is_gone(
    on_sqlite: LogRecorder, tmp_path: Path
) -> None:
    """A copy of file and write-ahead log, taken without closing anything, holds the event."""
    take(on_sqlite, 2)
    for suffix in ("", "-wal"):
        there = Path(f"{on_sqlite.database.path}{suffix}").read_bytes()
        Path(f"{tmp_path}/copy.db{suffix}").write_bytes(there)
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT count(*) FROM events").fetchone() == (2,)
    copy.close()


def test_creating_what_is_there_changes_nothing(recorder: LogRecorder) -> None:
    take(recorder, 2)
    before = recorder.rows(0, 10)
    recorder.create()
    assert recorder.rows(0, 10) == before
    assert take(recorder).first_position == 3


def test_the_wait_for_a_lock_is_long_but_ends() -> None:
    assert 10_000 <= engines.BUSY_TIMEOUT_MS <= 60_000
