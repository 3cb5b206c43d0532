"""A clean stop: a copy of each main file alone is whole, and nobody can hold it up for ever."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from okr_es.application import Okr
from okr_es.commands import FormTeam, RegisterPerson
from okr_es.context import Context
from okr_es.operations.clean_stop import complete_files, describe
from tests.support.world import ANN

SECONDS = 0.5
MARGIN_SECONDS = 3.0


@pytest.fixture
def okr(sqlite_url: str) -> Iterator[Okr]:
    """A log with two commands and one access, which somebody still has open."""
    with closing(Okr(sqlite_url)) as okr:
        okr.execute(RegisterPerson("Ann", "ann@example.org", ANN), Context(ANN))
        okr.execute(FormTeam("Web"), Context(ANN))
        okr.access_log.record(ANN, "people", {})
        yield okr


def rows(file: Path, table: str) -> int:
    """How many rows a copy of a main file alone has, without its write-ahead log."""
    there = shutil.copy(file, file.with_name("alone.db"))
    with closing(sqlite3.connect(there)) as connection:
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        except sqlite3.OperationalError:  # no such table
            return 0


def files_of(okr: Okr) -> dict[str, Path]:
    """The three main files, by a table in each."""
    return {
        "events": okr.database.path,
        "people": okr.directory.database.path,
        "accesses": okr.access_log.database.path,
    }


def test_a_copy_of_each_main_file_alone_is_whole(okr: Okr, sqlite_url: str) -> None:
    files = files_of(okr)
    assert [rows(file, table) for table, file in files.items()] == [0, 0, 0], "the control"
    assert complete_files(sqlite_url, SECONDS) == []
    assert [rows(file, table) for table, file in files.items()] == [3, 1, 1]


def test_the_last_to_close_leaves_no_write_ahead_log(okr: Okr) -> None:
    okr.close()
    assert [rows(file, table) for table, file in files_of(okr).items()] == [3, 1, 1]
    assert not list(okr.database.path.parent.glob("*-wal"))


@pytest.mark.parametrize("hold", ["BEGIN; SELECT * FROM events", "BEGIN IMMEDIATE"])
def test_who_hangs_holds_it_up_to_its_deadline_only_and_is_named(
    hold: str, okr: Okr, sqlite_url: str
) -> None:
    log = okr.database.path
    with closing(sqlite3.connect(log, isolation_level=None)) as hanging:
        for statement in hold.split(";"):
            hanging.execute(statement).fetchone()
        okr.access_log.record(ANN, "people", {})
        if "IMMEDIATE" not in hold:
            okr.execute(FormTeam("Sales"), Context(ANN))
        begun = time.monotonic()
        incomplete = complete_files(sqlite_url, SECONDS)
        assert time.monotonic() - begun < SECONDS + MARGIN_SECONDS
    assert incomplete == [log]
    assert str(log) in describe(incomplete)
    assert rows(okr.access_log.database.path, "accesses") == 2, "the others are complete"


def test_nothing_is_made_where_there_is_nothing(tmp_path: Path) -> None:
    assert complete_files(f"sqlite:///{tmp_path}/okr.db", SECONDS) == []
    assert list(tmp_path.iterdir()) == []


def test_on_postgresql_there_is_nothing_to_do(postgresql_url: str) -> None:
    Okr(postgresql_url).close()
    assert complete_files(postgresql_url, SECONDS) == []
