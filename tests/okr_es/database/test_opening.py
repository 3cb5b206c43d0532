"""Opening a database reads where all is there, and makes what is missing."""

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier
from time import sleep
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.database.database import Database
from projections.queries import Queries
from tests.support.owners import owner
from tests.support.statements import watched

READS = re.compile(r"SELECT|WITH", re.IGNORECASE)


@pytest.fixture
def made(database_url: str) -> str:
    """A database with a read model, which nobody has open."""
    opened(database_url)
    return database_url


@pytest.fixture
def log(made: str) -> Iterator[Database]:
    """The log of that database."""
    with log_of(made) as database:
        yield database


def opened(url: str) -> None:
    with closing(Okr(url)) as okr:
        queries = Queries(okr)
        queries.runner.fresh()
        queries.runner.close()


@contextmanager
def log_of(url: str, area: str = "") -> Iterator[Database]:
    database = Database(url, area)
    yield database
    database.dispose()


def guards(database: Database) -> set[str]:
    query = database.dialect.made_by_statements(database.schema)
    with database.reader.connect() as connection:
        return set(connection.exec_driver_sql(query).scalars())


def test_one_that_is_whole_is_only_read(made: str) -> None:
    with watched() as statements:
        opened(made)
    assert statements.texts
    assert [text for text in statements.texts if not READS.match(text)] == []


def test_a_new_one_is_written(database_url: str) -> None:
    with watched() as statements:
        opened(database_url)
    assert [text for text in statements.texts if not READS.match(text)]


def test_a_guard_that_is_gone_is_put_back(log: Database, made: str) -> None:
    before = guards(log)
    with owner(log) as run:
        on = "" if log.is_sqlite else " ON events"
        name = "events_refuse_update" if log.is_sqlite else "events_refuse_change"
        run(f"DROP TRIGGER {name}{on}")
    assert guards(log) == before - {name}
    opened(made)
    assert guards(log) == before


def test_so_is_one_of_the_access_log(made: str) -> None:
    with log_of(made, "access") as database:
        before = guards(database)
        with owner(database) as run:
            on = "" if database.is_sqlite else " ON accesses"
            name = "accesses_refuse_delete" if database.is_sqlite else "accesses_refuse_change"
            run(f"DROP TRIGGER {name}{on}")
        assert guards(database) == before - {name}
        opened(made)
        assert guards(database) == before


def test_on_postgresql_no_connection_is_opened_for_an_area_that_is_only_looked_at(
    postgresql_url: str,
) -> None:
    opened(postgresql_url)
    with closing(Okr(postgresql_url)) as okr:
        assert okr.database.reader.pool.checkedin() == 1
        assert okr.access_log.database.reader.pool.checkedin() == 0


def test_an_index_that_is_gone_is_put_back(log: Database, made: str) -> None:
    before = guards(log)
    with owner(log) as run:
        run("DROP INDEX readings_by_measured")
    opened(made)
    assert guards(log) == before


def test_on_postgresql_a_guard_out_of_force_is_in_force_again(postgresql_url: str) -> None:
    opened(postgresql_url)
    with log_of(postgresql_url) as log:
        before = guards(log)
        with owner(log) as run:
            run("ALTER TABLE events DISABLE TRIGGER ALL")
        assert guards(log) == before - {"events_refuse_change"}
        opened(postgresql_url)
        assert guards(log) == before


def test_on_postgresql_a_function_of_another_program_gives_way(postgresql_url: str) -> None:
    opened(postgresql_url)
    with log_of(postgresql_url) as log:
        before = guards(log)
        with owner(log) as run:
            run(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RETURN NULL; END $$"
            )
        assert guards(log) != before
        opened(postgresql_url)
        assert guards(log) == before


def test_a_pool_without_connections_is_not_made_anew_by_closing(log: Database) -> None:
    used, unused = log.reader.pool, log.writer.pool
    assert log.rows("SELECT 1", ()) == [(1,)]
    log.dispose()
    assert log.writer.pool is unused
    assert log.reader.pool is not used


def test_nothing_is_made_to_write_by_until_something_is_written(made: str) -> None:
    with log_of(made) as database:
        assert database.rows("SELECT 1", ()) == [(1,)]
        database.reopen()
        assert len(database.engines()) == 1
        with database.transaction():
            pass
        assert database.engines() == [database.reader, database.writer]


def test_one_that_was_closed_keeps_no_connection_of_a_later_writer(made: str) -> None:
    database = Database(made)
    database.dispose()
    with database.driver_transaction() as late:
        assert answers(late)
    assert not answers(late)


def test_one_is_closed_while_another_makes_what_it_writes_by(
    made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Garbage is collected in the middle of it, and closes what was forgotten."""
    make, forgotten = Database.engine, Database(made)

    def collected(database: Database, *, writes: bool) -> Engine:
        if writes:
            forgotten.dispose()
        return make(database, writes=writes)

    monkeypatch.setattr(Database, "engine", collected)
    with log_of(made) as database, database.transaction():
        pass


def test_threads_that_write_first_at_once_write_by_one_engine(
    made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, together = Database.engine, Barrier(4)

    def made_slowly(database: Database, *, writes: bool) -> Engine:
        sleep(0.01)
        return make(database, writes=writes)

    with log_of(made) as database, ThreadPoolExecutor(4) as threads:
        monkeypatch.setattr(Database, "engine", made_slowly)

        def writer(_: int) -> Engine:
            together.wait(10)
            return database.writer

        assert set(threads.map(writer, range(4))) == {database.writer}


def test_a_connection_that_was_in_use_while_all_were_closed_is_closed_when_it_comes_back(
    log: Database,
) -> None:
    with log.driver() as late:
        log.reopen()
        assert answers(late)
    assert not answers(late)
    with log.driver() as another:
        assert answers(another)
    assert answers(another), "it is kept for the next one who asks"


def test_a_database_that_is_closed_still_answers_and_keeps_no_connection(log: Database) -> None:
    with log.driver() as late:
        log.dispose()
    with log.driver() as another, log.transaction() as third:
        assert answers(another)
        assert third.exec_driver_sql("SELECT 1").scalar() == 1
        written: Any = third.connection.driver_connection
    assert not any(map(answers, (late, another, written)))


def answers(driver: Any) -> bool:
    """Whether a connection of the driver is still open."""
    try:
        driver.execute("SELECT 1")
    except (sqlite3.ProgrammingError, psycopg.OperationalError):
        return False
    return True


def test_on_sqlite_the_next_statement_goes_by_the_same_connection(sqlite_url: str) -> None:
    with closing(Okr(sqlite_url)), log_of(sqlite_url) as log:
        with log.driver() as first:
            pass
        with log.driver() as second, log.driver() as beside:
            assert second is first
            assert beside is not first
        assert len(log.spare) == 2


def test_a_connection_that_was_kept_is_closed_with_all_others(sqlite_url: str) -> None:
    with closing(Okr(sqlite_url)), log_of(sqlite_url) as log:
        with log.driver() as kept:
            pass
        log.reopen()
        assert not log.spare
        assert not answers(kept)
        assert log.rows("SELECT 1", ()) == [(1,)]


def test_a_connection_that_failed_is_not_kept(sqlite_url: str) -> None:
    with closing(Okr(sqlite_url)), log_of(sqlite_url) as log:
        with pytest.raises(DBAPIError, match="no such table"):
            log.rows("SELECT * FROM lost", ())
        assert not log.spare
