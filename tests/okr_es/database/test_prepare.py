"""PostgreSQL is prepared once; then the program's login owns nothing and cannot drop a guard."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.areas import prepare
from okr_es.commands import ErasePerson, FormTeam, RegisterPerson, SetRetention
from okr_es.context import Context
from okr_es.database.creation import NotPrepared
from okr_es.database.engines import APP_ROLE, UnusableDatabase, with_keys_at
from okr_es.domain.retention import RETENTION_ID, Retention
from okr_es.evidence.access_tree import AccessCheckpoints
from okr_es.evidence.signer import Signer
from okr_es.evidence.verify import Verification
from okr_es.log.canonical import Envelope
from okr_es.operations.retention import carry_out
from projections.queries import Queries
from projections.read_model.verification import verify_read_model
from tests.support.given import Clock
from tests.support.postgresql import EMPTY, Renewed, connect, copy, drop, url_of
from tests.support.world import ANN, BEN

LOGIN = "okr_program"


@pytest.fixture
def admin(postgresql_database: Renewed, postgresql_url: str) -> Iterator[psycopg.Connection]:
    """A session of the superuser; there is a login without any rights, and no role of ours."""
    with connect(postgresql_database.socket, postgresql_database.name) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {LOGIN}")
        connection.execute(f"CREATE ROLE {LOGIN} LOGIN")
        yield connection
        connection.execute(f"DROP OWNED BY {LOGIN}")
        connection.execute(f"DROP ROLE {LOGIN}")


def as_login(url: str, login: str = LOGIN) -> str:
    return make_url(url).set(username=login).render_as_string(hide_password=False)


@pytest.fixture
def url(admin: psycopg.Connection, postgresql_url: str) -> str:
    """A prepared database, as the program names it: by a login without rights."""
    prepare(postgresql_url, LOGIN)
    return as_login(postgresql_url)


def used(url: str) -> None:
    """Record, erase, sign, ask, verify, build a second read model."""
    with closing(Okr(url)) as okr:
        for person in (ANN, BEN):
            okr.execute(RegisterPerson("Someone", None, person), Context(ANN))
        okr.execute(FormTeam("Web"), Context(ANN))
        okr.execute(ErasePerson(BEN, "GDPR 17"), Context(ANN, "asked"))
        Signer(okr, origin="okr-es.example").sign()
        okr.access_log.record(ANN, "people", {})
        queries = Queries(okr)
        assert [each["name"] for each in queries.people()["people"] if not each["erased"]]
        queries.runner.rebuild()
        assert verify_read_model(queries.runner).failures == []
        queries.runner.close()
        assert Verification(okr.log).run().failures == []


def test_the_program_needs_no_right_of_its_own(url: str) -> None:
    used(url)


def test_the_login_owns_nothing_and_the_role_only_read_models(
    url: str, admin: psycopg.Connection
) -> None:
    used(url)
    owners = admin.execute(
        "SELECT DISTINCT pg_get_userbyid(c.relowner), n.nspname FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname LIKE 'okr%'"
    ).fetchall()
    schemas = {schema for owner, schema in owners if owner == APP_ROLE}
    assert not [schema for owner, schema in owners if owner == LOGIN]
    assert schemas
    assert not schemas & {"okr_log", "okr_directory", "okr_access"}
    rights = admin.execute(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname IN (%s, %s)",
        (LOGIN, APP_ROLE),
    ).fetchall()
    assert rights == [(False,), (False,)]


ATTEMPTS = [
    "DROP TRIGGER events_refuse_change ON okr_log.events",
    "ALTER TABLE okr_log.events DISABLE TRIGGER ALL",
    "ALTER TABLE okr_log.events DISABLE TRIGGER events_refuse_change",
    "TRUNCATE okr_log.events",
    "DELETE FROM okr_log.events",
    "UPDATE okr_log.events SET data = ''",
    "DELETE FROM okr_log.commands",
    "DELETE FROM okr_log.checkpoints",
    "UPDATE okr_access.accesses SET what = 'plan'",
    "DELETE FROM okr_access.accesses",
    "ALTER TABLE okr_access.accesses DISABLE TRIGGER ALL",
    "ALTER FUNCTION okr_access.cut_accesses(bigint) OWNER TO CURRENT_USER",
    "CREATE OR REPLACE FUNCTION okr_access.cut_accesses(bigint) RETURNS void AS 'x' LANGUAGE sql",
    "DROP TABLE okr_log.events CASCADE",
    "DROP SCHEMA okr_log CASCADE",
    "ALTER TABLE okr_log.events RENAME TO gone",
    "ALTER TABLE okr_log.events ALTER data TYPE text",
    "ALTER SCHEMA okr_log RENAME TO gone",
    "CREATE TABLE okr_log.other (a int)",
    "CREATE TRIGGER mine BEFORE INSERT ON okr_log.events EXECUTE FUNCTION okr_log.refuse_change()",
    "CREATE RULE mine AS ON INSERT TO okr_log.events DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION okr_log.refuse_change() RETURNS trigger AS 'x' LANGUAGE plpgsql",
    "DROP FUNCTION okr_log.refuse_change() CASCADE",
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "CREATE ROLE another",
    "REASSIGN OWNED BY postgres TO CURRENT_USER",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION okr_log.refuse_change()",
    "COPY okr_log.events TO PROGRAM 'cat'",
]


@pytest.mark.parametrize("role", [LOGIN, APP_ROLE])
def test_the_login_cannot_take_a_guard_away(role: str, url: str, admin: psycopg.Connection) -> None:
    triggers = "SELECT tgname, tgenabled FROM pg_trigger ORDER BY tgname"
    before = admin.execute(triggers).fetchall()
    host, database = admin.info.host, admin.info.dbname
    with psycopg.connect(host=host, user=LOGIN, dbname=database, autocommit=True) as connection:
        connection.execute(f"SET ROLE {role}")
        for attempt in ATTEMPTS:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(attempt)
    assert admin.execute(triggers).fetchall() == before


def test_the_control_is_the_owner_who_can(url: str, admin: psycopg.Connection) -> None:
    admin.execute("ALTER TABLE okr_log.events DISABLE TRIGGER ALL")


def test_the_login_cuts_the_access_log_where_that_is_recorded_and_nowhere_else(url: str) -> None:
    clock = Clock(date(2025, 7, 15))
    with closing(Okr(url, clock=clock)) as okr:
        okr.execute(RegisterPerson("Someone", None, ANN), Context(ANN))
        signer = Signer(okr, origin="okr-es.example")
        for days in (0, 366, 0):
            clock.now += timedelta(days=days)
            okr.access_log.record(ANN, "people", {})
            signer.sign()
        okr.execute(SetRetention(access_log_years=1), Context(ANN, "So says our list."))
        with pytest.raises(DBAPIError, match="no cut of the access log"):
            okr.access_log.cut(1)
        assert carry_out(okr).cut.reads == 1
        first, second, _ = AccessCheckpoints(okr.database).all()
        for size, root in ((2, first.root), (3, second.root)):  # of others, or too young
            retention = okr.repository.get(RETENTION_ID)
            assert isinstance(retention, Retention)
            retention.cut_access_log(cut_at=size, root=root.hex())
            okr.record([retention], Envelope(command_id=uuid4()), b"")
            with pytest.raises(DBAPIError, match="no cut of the access log"):
                okr.access_log.cut(size)
        assert okr.access_log.oldest() == 2
        with pytest.raises(DBAPIError), okr.access_log.database.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM accesses WHERE position = 2")


def test_an_unprepared_database_says_what_to_do(
    admin: psycopg.Connection, postgresql_url: str
) -> None:
    with pytest.raises(NotPrepared, match="okr-es database prepare --login NAME"):
        Okr(as_login(postgresql_url))


def test_a_strong_login_or_none_is_refused(url: str, postgresql_url: str) -> None:
    for login, why in (("postgres", "may do everything"), ("nobody", "create it first")):
        with pytest.raises(UnusableDatabase, match=why):
            prepare(postgresql_url, login)


def test_a_database_with_keys_of_its_own_is_prepared_too(
    admin: psycopg.Connection, postgresql_database: Renewed, postgresql_url: str
) -> None:
    name = "okr_keys"
    drop(postgresql_database.admin, name)
    copy(postgresql_database.admin, EMPTY, name)
    keys = url_of(postgresql_database.socket, name)
    try:
        prepare(with_keys_at(postgresql_url, keys), LOGIN)
        used(with_keys_at(as_login(postgresql_url), as_login(keys)))
    finally:
        with connect(postgresql_database.socket, name) as there:
            there.execute(f"DROP OWNED BY {LOGIN}")
        drop(postgresql_database.admin, name)


def test_preparing_again_changes_nothing(url: str, postgresql_url: str) -> None:
    used(url)
    prepare(postgresql_url, LOGIN)
    with closing(Okr(url)) as okr:
        assert okr.log.head()


def test_beside_a_vacuum_an_analyze_or_a_dump_it_opens_and_writes(
    url: str, postgresql_database: Renewed
) -> None:
    """VACUUM and ANALYZE hold SHARE UPDATE EXCLUSIVE, a dump ACCESS SHARE, as long as they run."""
    used(url)
    with connect(postgresql_database.socket, postgresql_database.name) as busy:
        busy.autocommit = False
        for mode in ("SHARE UPDATE EXCLUSIVE", "ACCESS SHARE"):
            busy.execute(f"LOCK TABLE okr_log.events, okr_log.counter IN {mode} MODE")
        with closing(Okr(url)) as okr:
            assert okr.execute(FormTeam("Beside"), Context(ANN)).last_position
        busy.rollback()
