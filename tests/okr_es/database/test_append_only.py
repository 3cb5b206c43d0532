"""A table that only grows: what the log, the access log and the checkpoints have in common."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import Column, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.exc import DBAPIError

from okr_es.database.append_only import (
    AppendOnly,
    GapFound,
    counter_table,
    require_no_gap,
)
from okr_es.database.creation import Area
from okr_es.database.database import Database
from okr_es.database.types import BigInt, Instant

metadata = MetaData()
pages = Table(
    "pages",
    metadata,
    Column("position", BigInt, primary_key=True, autoincrement=False),
    Column("recorded_at", Instant, nullable=False),
    Column("word", Text),
    UniqueConstraint("word"),
)
PAGES = AppendOnly(pages, counter_table("pages_counter", metadata))
AREA = Area(
    "pages",
    metadata,
    rights={"pages": "SELECT, INSERT", "pages_counter": "SELECT, UPDATE"},
    statements=PAGES.guards,
    first_rows={PAGES.counter: {"id": 1, "position": 0, "recorded_at": ""}},
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, "pages")
    AREA.open(database)
    yield database
    database.dispose()


def append(database: Database, *words: str) -> None:
    for word in words:
        with database.transaction() as connection:
            last, last_at = PAGES.lock(connection)
            at = {"position": last + 1, "recorded_at": max("2025", last_at)}
            connection.execute(pages.insert(), at | {"word": word})
            PAGES.advance(connection, at)


def test_the_counter_goes_with_the_rows(database: Database) -> None:
    assert PAGES.head(database) == 0
    append(database, "a", "b")
    assert PAGES.head(database) == 2
    AREA.open(database)
    assert PAGES.head(database) == 2


@pytest.mark.parametrize("change", ["UPDATE pages SET word = 'c'", "DELETE FROM pages"])
def test_a_change_is_refused(change: str, database: Database) -> None:
    append(database, "a", "b")
    with pytest.raises(DBAPIError), database.transaction() as connection:
        connection.exec_driver_sql(change)


@pytest.mark.parametrize(
    "row", ["1, '', 'z'", "4, '', 'z'", "NULL, '', 'z'", "3, '', 'a'"],
    ids=["before the end", "behind a gap", "nowhere", "with a key of another"],
)  # fmt: skip
@pytest.mark.parametrize("how", ["INSERT", "REPLACE", "INSERT OR IGNORE"])
def test_sqlite_refuses_a_row_that_is_not_the_next(how: str, row: str, sqlite_url: str) -> None:
    database = Database(sqlite_url, "pages")
    AREA.open(database)
    append(database, "a", "b")
    bare = sqlite3.connect(database.path, isolation_level=None)
    with pytest.raises(sqlite3.IntegrityError):
        bare.execute(f"{how} INTO pages VALUES ({row})")
    bare.execute(f"{how} INTO pages VALUES (3, '', 'c')")
    bare.close()
    database.dispose()


@pytest.mark.parametrize(
    ("found", "expected"),
    [([], range(1, 1)), ([3, 4], range(3, 5)), ([4, 3], range(4, 2, -1))],
)
def test_positions_without_a_gap_are_fine(found: list[int], expected: range) -> None:
    require_no_gap(found, expected)


@pytest.mark.parametrize(
    ("found", "expected", "missing"),
    [
        ([2, 3], range(1, 3), 1),
        ([1, 3], range(1, 3), 2),
        ([1, 2], range(1, 4), 3),
        ([2, 1], range(1, 3), 1),
        ([4, 2], range(4, 2, -1), 3),
        ([], range(1, 2), 1),
    ],
)
def test_a_gap_is_found(found: list[int], expected: range, missing: int) -> None:
    with pytest.raises(GapFound, match=f"Position {missing} is missing"):
        require_no_gap(found, expected)
