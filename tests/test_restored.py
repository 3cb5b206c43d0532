"""What PostgreSQL tests leave behind: a copy that is used again is as it was at the beginning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from okr_es.application import Okr
from okr_es.commands import ErasePerson, RenameTeam
from okr_es.context import Context
from tests.support.begun import FEW, OnPostgresql
from tests.support.restored import Copy
from tests.support.world import ANN, BEN, MARKETING, begin_world

Rows = dict[str, list[Any]]
TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384 ORDER BY 1"
MADE = """
  SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
    WHERE nspname LIKE 'okr%'
  UNION ALL SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger
  UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index
  UNION ALL SELECT relname || coalesce(relacl::text, '') FROM pg_class WHERE oid >= 16384
  ORDER BY 1
"""
CATALOGUE_CHANGES = (
    "CREATE TABLE okr_log.more (x int)",
    "DROP TABLE okr_log.checkpoints CASCADE",
    "ALTER TABLE okr_log.events DISABLE TRIGGER ALL",
    "REVOKE ALL ON okr_log.events FROM okr_es_app",
    "CREATE INDEX ON okr_log.events (origin)",
    "CREATE SCHEMA okr_more",
    "CREATE FUNCTION okr_log.one() RETURNS int LANGUAGE sql RETURN 1",
    "ALTER TABLE okr_log.events ADD COLUMN more int",
    "ANALYZE okr_log.events",
)


@pytest.fixture
def begun(begun_on_postgresql: OnPostgresql) -> OnPostgresql:
    """What is used so often that it is put back as it was."""
    for _ in range(FEW):
        with begun_on_postgresql.fresh("world", begin_world):
            pass
    return begun_on_postgresql


@pytest.fixture
def url(begun: OnPostgresql) -> Iterator[str]:
    """A copy, restored."""
    with begun.fresh("world", begin_world) as url:
        yield url


def now(begun: OnPostgresql) -> str:
    """The copy that the next test would get."""
    with begun.fresh("world", begin_world) as url:
        return url


def held(url: str) -> Rows:
    """All rows of a database, and what is made by statements."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        tables = [table for (table,) in connection.execute(TABLES).fetchall()]
        rows = {
            table: sorted(map(str, connection.execute(f"SELECT * FROM {table}").fetchall()))
            for table in tables
        }
        return rows | {"made": connection.execute(MADE).fetchall()}


def changed_by(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


def copy_of(begun: OnPostgresql, url: str) -> Copy:
    return next(each for each in begun.copies.made if f"/{each.name}?" in url)


def test_what_commands_changed_is_as_it_was(begun: OnPostgresql) -> None:
    before = held(url := now(begun))
    with closing(Okr(url)) as okr:
        okr.execute(RenameTeam(MARKETING, "Sales"), Context(ANN, reason="so it was"))
        okr.execute(ErasePerson(BEN, "Art. 17"), Context(ANN, reason="so it was"))
    changed = held(url)
    assert (again := now(begun)) == url
    assert changed != before == held(again)


def test_a_copy_is_used_again_with_the_sessions_it_had(begun: OnPostgresql, url: str) -> None:
    copy = copy_of(begun, url)
    keeper = copy.keeper
    with closing(Okr(url)):
        pass
    copy.restore()
    assert copy.keeper is keeper
    pids = copy.keeper.execute("SELECT pid FROM pg_stat_activity").fetchall()
    with closing(Okr(url)) as okr:
        (again,) = okr.database.rows("SELECT pg_backend_pid()", {})[0]
    assert (again,) in pids


@pytest.mark.parametrize("statement", CATALOGUE_CHANGES)
def test_one_whose_catalogue_changed_is_made_again(
    begun: OnPostgresql, url: str, statement: str
) -> None:
    copy = copy_of(begun, url)
    keeper, before = copy.keeper, held(url)
    changed_by(url, statement)
    copy.restore()
    assert copy.keeper is not keeper
    assert held(url) == before


def test_so_is_one_that_somebody_still_uses(begun: OnPostgresql, url: str) -> None:
    copy = copy_of(begun, url)
    with closing(Okr(url)):
        copy.restore()
        assert len(copy.keeper.execute("SELECT 1 FROM pg_stat_activity WHERE datname = "
                                       "current_database()").fetchall()) == 1  # fmt: skip


def test_two_at_a_time_are_two(begun: OnPostgresql, url: str) -> None:
    assert now(begun) != url


def test_what_a_session_had_set_is_not_set_in_the_next(url: str) -> None:
    with closing(Okr(url)) as okr, okr.database.driver() as driver:
        driver.execute("SET statement_timeout = 1; SELECT pg_advisory_lock(1)")
        pid = driver.info.backend_pid
    with closing(Okr(url)) as okr, okr.database.driver() as driver:
        assert driver.info.backend_pid == pid
        assert driver.execute("SHOW statement_timeout").fetchone() != ("1ms",)
        found = driver.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert found.fetchone() == (0,)
