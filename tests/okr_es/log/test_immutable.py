"""The database itself refuses to change or delete events, whoever asks with whatever tool."""

import sqlite3
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from okr_es.database.engines import APP_ROLE
from okr_es.log.append import Append
from okr_es.log.recorder import LogRecorder
from tests.support.notes import notes, recorded, take

COPY_OF_ROW_2 = (
    "SELECT {position}, recorded_at, {stream}, version, type, schema_version, data, encrypted, by,"
    " on_behalf_of, origin, command_id, correlation_id, causation_id, written_at, hash"
    " FROM events WHERE position = 2"
)
SQLITE_FORGERIES = {
    "an update": "UPDATE events SET data = x'00' WHERE position = 2",
    "an update of nothing that matters": "UPDATE events SET written_at = NULL WHERE position = 2",
    "an update or ignore": "UPDATE OR IGNORE events SET data = x'00'",
    "an update or replace": "UPDATE OR REPLACE events SET position = 1 WHERE position = 2",
    "a delete": "DELETE FROM events WHERE position = 3",
    "a delete of all": "DELETE FROM events",
    "a replace of a position": "INSERT OR REPLACE INTO events "
    + COPY_OF_ROW_2.format(position=1, stream="'x'"),
    "a replace of a version": "REPLACE INTO events "
    + COPY_OF_ROW_2.format(position=4, stream="stream"),
    "an upsert": "INSERT INTO events "
    + COPY_OF_ROW_2.format(position=2, stream="'x'")
    + " ON CONFLICT (position) DO UPDATE SET data = x'00'",
    "an insert before the end": "INSERT INTO events "
    + COPY_OF_ROW_2.format(position=0, stream="'x'"),
    "an insert behind a gap": "INSERT INTO events "
    + COPY_OF_ROW_2.format(position=5, stream="'x'"),
    "an insert without a position": "INSERT INTO events "
    + COPY_OF_ROW_2.format(position="NULL", stream="'x'"),
    "an insert or ignore": "INSERT OR IGNORE INTO events "
    + COPY_OF_ROW_2.format(position=9, stream="'x'"),
}


@pytest.mark.parametrize("forgery", SQLITE_FORGERIES)
def test_sqlite_refuses(forgery: str, on_sqlite: LogRecorder) -> None:
    take(on_sqlite, 3)
    before = on_sqlite.rows(0, 10)
    bare = sqlite3.connect(on_sqlite.database.path, isolation_level=None)
    with pytest.raises(sqlite3.IntegrityError):
        bare.execute(SQLITE_FORGERIES[forgery])
    bare.close()
    assert on_sqlite.rows(0, 10) == before


def test_sqlite_accepts_what_is_next_in_order(on_sqlite: LogRecorder) -> None:
    take(on_sqlite, 3)
    bare = sqlite3.connect(on_sqlite.database.path, isolation_level=None)
    bare.execute("INSERT INTO events " + COPY_OF_ROW_2.format(position=4, stream=f"'{uuid4()}'"))
    bare.close()
    assert len(on_sqlite.rows(0, 10)) == 4


POSTGRESQL_FORGERIES = {
    "an update": "UPDATE events SET data = '\\x00' WHERE position = 2",
    "an update of no row": "UPDATE events SET data = '\\x00' WHERE position = 99",
    "a delete": "DELETE FROM events WHERE position = 3",
    "a truncate": "TRUNCATE events",
    "a truncate of all": "TRUNCATE events, counter, commands, streams CASCADE",
    "an upsert": "INSERT INTO events "
    + COPY_OF_ROW_2.format(position=2, stream="gen_random_uuid()")
    + " ON CONFLICT (position) DO UPDATE SET data = '\\x00'",
    "a merge": "MERGE INTO events e USING (SELECT 2 AS p) AS s ON e.position = s.p"
    " WHEN MATCHED THEN UPDATE SET data = '\\x00'",
}


@pytest.fixture
def owner(on_postgresql: LogRecorder) -> Iterator[psycopg.Connection]:
    """A session of the owner of the tables, who may do what the application may not."""
    url = on_postgresql.database.url
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
    ) as connection:
        connection.execute("SET search_path = okr_log")
        yield connection


@pytest.mark.parametrize("forgery", POSTGRESQL_FORGERIES)
def test_postgresql_refuses_even_its_owner(
    forgery: str, on_postgresql: LogRecorder, owner: psycopg.Connection
) -> None:
    take(on_postgresql, 3)
    before = on_postgresql.rows(0, 10)
    with pytest.raises(psycopg.errors.RaiseException, match="rows of events are immutable"):
        owner.execute(POSTGRESQL_FORGERIES[forgery])
    assert on_postgresql.rows(0, 10) == before


@pytest.mark.parametrize("forgery", POSTGRESQL_FORGERIES)
def test_the_applications_role_lacks_the_right_even_without_the_guard(
    forgery: str, on_postgresql: LogRecorder, owner: psycopg.Connection
) -> None:
    take(on_postgresql, 3)
    owner.execute("ALTER TABLE events DISABLE TRIGGER ALL")
    owner.execute(f"SET ROLE {APP_ROLE}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(POSTGRESQL_FORGERIES[forgery])


def test_the_owner_can_once_the_guard_is_off(
    on_postgresql: LogRecorder, owner: psycopg.Connection
) -> None:
    """The control: it is the guard, and nothing else, that kept the owner from it."""
    take(on_postgresql, 3)
    owner.execute("ALTER TABLE events DISABLE TRIGGER ALL")
    owner.execute(POSTGRESQL_FORGERIES["an update"])
    assert recorded(on_postgresql, "data")[1] == (b"\x00",)


@pytest.mark.parametrize(
    "forbidden",
    [
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "DROP TABLE events",
        "DELETE FROM counter",
        "DELETE FROM commands",
        "UPDATE commands SET receipt = ''",
        "DROP FUNCTION refuse_change CASCADE",
        "CREATE TABLE of_my_own ()",
    ],
)
def test_the_applications_role_cannot_get_round_the_guard(
    forbidden: str, on_postgresql: LogRecorder, owner: psycopg.Connection
) -> None:
    owner.execute(f"SET ROLE {APP_ROLE}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(forbidden)


def test_the_application_acts_as_that_role(on_postgresql: LogRecorder) -> None:
    for engine in (on_postgresql.database.reader, on_postgresql.database.writer):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT current_user").scalar_one() == APP_ROLE


def test_a_version_is_given_once_in_a_stream(recorder: LogRecorder) -> None:
    stream = uuid4()
    recorder.append(notes(stream, 1, 2), Append())
    before = recorder.rows(0, 10)
    with pytest.raises(IntegrityError):
        recorder.append(notes(stream, 2), Append())
    assert recorder.rows(0, 10) == before
