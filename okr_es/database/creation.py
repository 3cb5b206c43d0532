"""Creating what is missing: files, roles, schemas, tables and rights, one process at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, ProgrammingError

from okr_es.database.database import Database
from okr_es.database.ddl import create_all
from okr_es.database.dialect import Dialect, dialect_of
from okr_es.database.engines import (
    APP_ROLE,
    UnusableDatabase,
    database_url,
    keys_url,
    owner_engine,
    read_url,
)
from okr_es.database.on_disk import make_folder
from okr_es.database.schema_versions import (
    SchemaMismatch,
    are_safe,
    migrate,
    revision,
    stamp,
    version_table,
)
from okr_es.database.sql_files import statements_of

LOCK_KEY = 0x0E5
NAMED = re.compile(r"CREATE (?:OR REPLACE )?(?:TRIGGER|INDEX) (?:IF NOT EXISTS )?(\w+)")
# On SQLite; an expression in an index is a column without a name.
MADE_BY_STATEMENTS = """
  SELECT type, name FROM sqlite_master m WHERE type = 'trigger' OR type = 'index'
  AND EXISTS (SELECT 1 FROM pragma_index_info(m.name) c WHERE c.name IS NULL)
"""


class AreaIsThere(RuntimeError):
    """Rows of another database go only where there is nothing yet."""


@dataclass(frozen=True)
class Area:
    """The tables of one area: of the log, the directory or the access log, and their version.

    `rights` are those of the application's role on PostgreSQL, by table. `statements` make
    triggers, functions and indexes of expressions; each is safe to run again. `first_rows` are the
    rows of tables that always have just one.
    """

    name: str
    metadata: MetaData
    rights: Mapping[str, str]
    statements: Callable[[Dialect], list[str]] = lambda _: []
    first_rows: Mapping[Table, Mapping[str, Any]] = field(default_factory=dict)
    version: int = 1

    def open(self, database: Database, beside: Database | None = None) -> None:
        """Create what of the area is missing; run migrations that are safe.

        Where all is there, it only reads. Raises SchemaMismatch where the database has another
        version than the program needs.
        """
        if not self.is_there(database, beside):
            self.bring_up(database, also_unsafe=False)

    def is_there(self, database: Database, beside: Database | None = None) -> bool:
        """Return whether all of the area is there, at the version the program needs; only read.

        On PostgreSQL an area `beside` it can lend the connection: to open one costs more.
        """
        if database.is_sqlite and not database.path.exists():
            return False
        lends = database if beside is None or database.is_sqlite else beside
        place = "" if database.is_sqlite else f"{database.schema}."
        with suppress(DBAPIError):  # there is no such role, schema or table
            version = lends.rows(f"SELECT version_num FROM {place}{self.name}_version", ())
            marks = lends.rows(database.dialect.made_by_statements(database.schema), ())
            made = {mark for (mark,) in marks}
            needed = marks_of(self.statements, database.dialect)
            return version == [(revision(self.version),)] and needed <= made
        return False

    def upgrade(self, database: Database) -> int | None:
        """Run all migrations that are missing; return the version before, None if it is new.

        Raises SchemaMismatch where there is no way to the version the program needs.
        """
        return self.bring_up(database, also_unsafe=True)

    def bring_up(self, database: Database, *, also_unsafe: bool) -> int | None:
        """Bring the area to the version the program needs, in one transaction."""
        with owner_transaction(database) as connection:
            found = self.version_in(connection)
            if found is None:
                self.create_tables(connection)
            elif found != self.version:
                self.require_way_up(found, also_unsafe=also_unsafe)
                self.migrate(connection)
            self.protect(connection, database)
        return found

    def fill(self, database: Database, write_rows: Callable[[Connection], None]) -> None:
        """Create the area where it is missing, with rows that somebody brings, in one transaction.

        The guards come last, as they are made for rows that come one by one. Raises AreaIsThere.
        """
        with owner_transaction(database) as connection:
            if self.version_in(connection) is not None:
                raise AreaIsThere(
                    f"The {self.name.replace('_', ' ')} of the target is there already."
                )
            create_all(connection, self.metadata)
            stamp(connection, self.name, self.version)
            write_rows(connection)
            self.protect(connection, database)

    def protect(self, connection: Connection, database: Database) -> None:
        """Create guards where they are missing, and give the application's role its rights."""
        self.guard(connection)
        if not database.is_sqlite:
            version = {str(version_table(self.name).name): "SELECT"}
            grant(connection, database.schema, {**self.rights, **version})

    def read_version(self, database: Database) -> int | None:
        """Return the version the area has, as `version_in` does; change nothing."""
        if database.is_sqlite:
            if not database.path.exists():
                return None
            with database.reader.connect() as connection:
                return self.version_in(connection)
        owner = owner_engine(database.url, database.schema)
        try:
            with owner.connect() as connection:
                return self.version_in(connection)
        finally:
            owner.dispose()

    def version_in(self, connection: Connection) -> int | None:
        """Return the version of the tables: 0 for those from before version 1, None for none."""
        there = set(connection.exec_driver_sql(dialect_of(connection).tables()).scalars())
        version = version_table(self.name)
        if str(version.name) in there:
            return int(connection.execute(select(version.c.version_num)).scalar_one())
        return 0 if there.intersection(map(str, self.metadata.tables)) else None

    def create_tables(self, connection: Connection) -> None:
        """Create all tables, at the version the program needs."""
        create_all(connection, self.metadata)
        stamp(connection, self.name, self.version)
        self.insert_first_rows(connection)

    def require_way_up(self, found: int, *, also_unsafe: bool) -> None:
        """Refuse what no migration leads from, and migrations that are not safe, unless asked."""
        is_way = 0 < found < self.version
        if not is_way or not (also_unsafe or are_safe(self.name, found, self.version)):
            raise SchemaMismatch(self.name, found, self.version)

    def migrate(self, connection: Connection) -> None:
        """Run the migrations that are missing, without guards where a table may be copied.

        SQLite changes a table by copying it; a trigger on it would be in the way, and an index of
        expressions would be lost. Nobody else can write meanwhile, and what fails is undone.
        """
        if connection.dialect.name == "sqlite":
            drop_what_statements_make(connection)
        migrate(connection, self.name, self.version)
        self.insert_first_rows(connection)

    def guard(self, connection: Connection) -> None:
        """Create what statements make where it is missing, inside the caller's transaction."""
        for statement in dict.fromkeys(self.statements(dialect_of(connection))):
            connection.exec_driver_sql(statement)

    def insert_first_rows(self, connection: Connection) -> None:
        """Insert the one row of tables that always have one."""
        for table, row in self.first_rows.items():
            if connection.execute(select(table).limit(1)).first() is None:
                connection.execute(insert(table), row)


@cache
def marks_of(statements: Callable[[Dialect], list[str]], dialect: Dialect) -> frozenset[str]:
    """Return what is known by its name, triggers and indexes, or by its body: functions."""
    return frozenset(map(mark_of, statements(dialect)))


def mark_of(statement: str) -> str:
    """Return the body of the function a statement makes, or the name of anything else."""
    _, *body = statement.split("$$")
    return str(body[0] if body else NAMED.findall(statement)[0])


def create_tables(
    database: Database, create: Callable[[Connection], None], rights: Mapping[str, str]
) -> None:
    """Create tables that have no version, one process at a time.

    On PostgreSQL the application's role gets these rights on them, table by table.
    """
    with owner_transaction(database) as connection:
        create(connection)
        if not database.is_sqlite:
            grant(connection, database.schema, rights)


@contextmanager
def owner_transaction(database: Database) -> Iterator[Connection]:
    """Give a transaction that may create and change tables, one process at a time.

    On PostgreSQL it is the login's own, who then owns them; disposable tables, which hold nothing
    that must be protected, belong to the application's role.
    """
    if database.is_sqlite:
        make_private_file(database.path)
        with database.transaction() as connection:
            yield connection
        return
    url = database.url.render_as_string(hide_password=False)
    role = None if database.durable else APP_ROLE
    owner = prepare_postgresql(url, (database.schema,), role)
    try:
        with owner.begin() as connection:
            lock_creation(connection)
            yield connection
    except ProgrammingError as error:
        require_right(error)
        raise
    finally:
        owner.dispose()


def grant(connection: Connection, schema: str, rights: Mapping[str, str]) -> None:
    """Give the application's role these rights, table by table."""
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE}")
    for table, granted in rights.items():
        connection.exec_driver_sql(f"GRANT {granted} ON {table} TO {APP_ROLE}")


def remove(database: Database) -> None:
    """Remove a database with all that is in it: its files, or its schema."""
    database.dispose()
    if database.is_sqlite:
        remove_files(database.path)
        return
    owner = owner_engine(database.url, database.schema)
    with owner.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {database.schema} CASCADE")
    owner.dispose()


def remove_files(path: Path) -> None:
    """Remove a SQLite file and the files beside it."""
    for suffix in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def drop_what_statements_make(connection: Connection) -> None:
    """Drop all triggers and indexes of expressions of a SQLite database."""
    for kind, name in connection.exec_driver_sql(MADE_BY_STATEMENTS).all():
        connection.exec_driver_sql(f'DROP {kind} "{name}"')


LOGIN = """
  SELECT r.rolsuper OR r.rolcreaterole OR r.rolbypassrls OR pg_has_role(r.oid, d.datdba, 'MEMBER')
    AS is_strong
  FROM pg_roles r JOIN pg_database d ON d.datname = current_database() WHERE r.rolname = :login
"""


class NotPrepared(RuntimeError):
    """The login may not create what is missing in the database."""


def prepare_postgresql(url: str, schemas: tuple[str, ...], role: str | None = None) -> Engine:
    """Create role and schemas where missing, one process at a time; return an engine.

    The engine acts as the login, or as a role. Where nothing is missing this needs no rights.
    Raises NotPrepared.
    """
    acting = f"-crole={role}" if role else ""
    engine = owner_engine(database_url(url, ""), schemas[0], acting)
    try:
        create_role(url)
        with engine.begin() as connection:
            lock_creation(connection)
            for schema in schemas:
                if connection.scalar(text(f"SELECT to_regnamespace('{schema}')")) is None:
                    connection.execute(text(f"CREATE SCHEMA {schema}"))
    except ProgrammingError as error:
        engine.dispose()
        require_right(error)
        raise
    return engine


def create_role(url: str) -> None:
    """Create the application's role where it is missing, let it create read models, and join it."""
    login = owner_engine(database_url(url, ""), "public")
    try:
        with login.begin() as connection:
            lock_creation(connection)
            for statement in statements_of(__package__, "role.postgresql.sql", role=APP_ROLE):
                connection.execute(text(statement))
    finally:
        login.dispose()


def let_act(url: str, login: str) -> None:
    """Let a login act as the application's role, also where the keys lie apart.

    Raises UnusableDatabase where that is not safe.
    """
    keys = keys_url(url)
    if keys is not None and read_url(keys).get_backend_name() != "sqlite":
        let_act(keys, login)
    engine = owner_engine(database_url(url, ""), "public")
    try:
        with engine.begin() as connection:
            found = connection.execute(text(LOGIN), {"login": login}).first()
            if found is None:
                raise UnusableDatabase(f"There is no login {login}: create it first.")
            if found.is_strong:
                raise UnusableDatabase(f"{login} may do everything: use another for the program.")
            name = connection.dialect.identifier_preparer.quote(login)
            connection.execute(text(f"GRANT {APP_ROLE} TO {name}"))
    finally:
        engine.dispose()


def rows_of_login(
    database: Database, statement: str, parameters: Mapping[str, Any]
) -> Sequence[Any]:
    """Return the rows of a statement with :named parameters, as the login of PostgreSQL sees them.

    It sees what its other sessions do; the application's role does not.
    """
    engine = owner_engine(database.url, database.schema)
    try:
        with engine.connect() as connection:
            return connection.execute(text(statement), parameters).all()
    finally:
        engine.dispose()


def require_right(error: ProgrammingError) -> None:
    """Raise NotPrepared where an error is about a right that the login lacks."""
    if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
        raise NotPrepared(
            "The database is not prepared, and this login may not do it "
            f"({str(error.orig).strip()}). Run `okr-es database prepare --login NAME` once, as a "
            "login that may create roles and owns the database."
        ) from error


def make_private_file(path: Path) -> None:
    """Make the file of a new SQLite database, readable for its owner alone."""
    make_folder(path.parent)
    path.touch(mode=0o600, exist_ok=True)


def lock_creation(connection: Any) -> None:
    """Hold off every other process that creates tables, until this transaction ends."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
