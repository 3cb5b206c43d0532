"""Where the log lives: one URL, two engines, and the settings that make them durable."""

from __future__ import annotations

import fcntl
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from okr_es.database.dialect import DIALECTS

Row = tuple[Any, ...]

APP_ROLE = "okr_es_app"
LOCK_KEY = 0x0E5
BUSY_TIMEOUT_MS = 30_000
CACHE_KIB = 65_536
MAPPED_BYTES = 2**31
CHECKPOINT_PAGES = 4_096


class Database:
    """One database of okr-es: the log, the directory or a read model.

    `area` names a file beside the log's (SQLite) or a schema (PostgreSQL). Two engines come
    out of it: `writer`, whose transactions take the write lock at their start (SQLite), and
    `reader`, in which every statement stands alone. A disposable database (a read model) need
    not survive a crash whole, only consistent, and can read the log beside its own tables.
    """

    def __init__(self, url: str, area: str = "", *, disposable: bool = False) -> None:
        self.url = database_url(url, area)
        self.log_url = database_url(url, "")
        self.durable = not disposable
        self.schema = f"okr_{area or 'log'}"
        self.dialect = DIALECTS[self.url.get_backend_name()]
        self.is_sqlite = self.dialect.name == "sqlite"
        self._lock = threading.Lock()
        self._lock_file: int | None = None
        self.writer = self.engine(writes=True)
        self.reader = self.engine(writes=False)

    def engine(self, *, writes: bool) -> Engine:
        """Return an engine with the listeners that make it durable."""
        if self.is_sqlite:
            return sqlite_engine(self, writes=writes)
        return postgresql_engine(self, writes=writes)

    def rows(self, statement: str, parameters: Mapping[str, Any] | Sequence[Any]) -> list[Row]:
        """Return the rows of one statement, straight from the driver.

        Parameters are :named, or else a sequence and written as the driver has it. This is the
        hot path, past SQLAlchemy's results, which cost more than such a statement itself.
        Raises SQLAlchemy's errors all the same.
        """
        named = isinstance(parameters, dict)
        text = pyformat(statement) if named and not self.is_sqlite else statement
        with self.driver() as driver:
            found: list[Row] = driver.execute(text, parameters).fetchall()
        return found

    @contextmanager
    def answers(
        self, asked: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> Iterator[Iterator[list[Row]]]:
        """Ask several statements; give the rows of each in turn.

        PostgreSQL is sent all at once, and is at work on them until the first rows are wanted.
        """
        if self.is_sqlite or len(asked) == 1:
            yield (self.rows(statement, parameters) for statement, parameters in asked)
            return
        with self.driver() as driver, driver.pipeline():
            sent = [driver.execute(pyformat(text), parameters) for text, parameters in asked]
            yield (cursor.fetchall() for cursor in sent)

    @contextmanager
    def driver(self) -> Iterator[Any]:
        """Give a connection of the driver's own, outside transactions, with SQLAlchemy's errors."""
        connection = self.reader.raw_connection()
        try:
            yield connection.driver_connection
        except self.reader.dialect.loaded_dbapi.Error as error:
            connection.invalidate(error)
            raise DBAPIError.instance("", None, error, type(error)) from error
        finally:
            connection.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection in a durable write transaction: all of it happens, or nothing."""
        with self.turn(), self.writer.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection whose statements all see the database as it is at the first."""
        if self.is_sqlite:
            with self.reader.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                try:
                    yield connection
                finally:
                    connection.exec_driver_sql("ROLLBACK")
            return
        with self.writer.execution_options(isolation_level="REPEATABLE READ").begin() as connection:
            yield connection

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this process's and thread's turn to write to a SQLite file.

        SQLite lets waiting writers poll, and under load some of them starve; a queue on a
        lock file is fair. PostgreSQL queues by itself.
        """
        if not self.is_sqlite:
            yield
            return
        with self._lock:
            if self._lock_file is None:
                self._lock_file = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def dispose(self) -> None:
        """Close all connections."""
        self.writer.dispose()
        self.reader.dispose()
        with self._lock:
            if self._lock_file is not None:
                os.close(self._lock_file)
                self._lock_file = None

    def make_private(self) -> None:
        """Make the file of a new SQLite database, for its owner's eyes alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600, exist_ok=True)

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return Path(str(self.url.database))


def run(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> Any:
    """Run a statement with :named parameters in a connection's transaction; return its cursor.

    Straight by the driver, as `Database.rows` does, and with SQLAlchemy's errors.
    """
    driver: Any = connection.connection.driver_connection
    is_sqlite = connection.dialect.name == "sqlite"
    base = connection.dialect.loaded_dbapi.Error
    try:
        return driver.execute(statement if is_sqlite else pyformat(statement), parameters)
    except base as error:
        raise DBAPIError.instance(statement, None, error, base) from error


@cache
def pyformat(statement: str) -> str:
    """Return a statement with :named parameters as psycopg wants them."""
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", statement.replace("%", "%%"))


def database_url(url: str, area: str) -> URL:
    """Return the URL of an area; raise ValueError for an engine other than the two."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    in_memory = parsed.database in (None, "", ":memory:") or parsed.query.get("mode") == "memory"
    if backend != "sqlite" or in_memory:
        raise ValueError(
            "OKR_ES_DATABASE is sqlite:///FILE or postgresql://…; other engines, and SQLite in "
            f"memory, do not keep an audit log (got {parsed.render_as_string()})."
        )
    if not area:
        return parsed
    path = Path(str(parsed.database))
    return parsed.set(database=str(path.with_name(f"{path.stem}.{area}{path.suffix or '.db'}")))


def engine_options(writes: bool) -> dict[str, Any]:  # noqa: FBT001
    """Return options: outside write transactions every statement stands alone, at once.

    Errors do not tell parameters: keys and encrypted texts have no business in a log of errors.
    """
    hidden: dict[str, Any] = {"hide_parameters": True}
    if writes:
        return hidden
    return hidden | {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}


def sqlite_engine(database: Database, *, writes: bool) -> Engine:
    """Return an engine on a SQLite file: WAL, synchronous=FULL, writes by BEGIN IMMEDIATE."""
    engine = create_engine(database.url, pool_size=8, max_overflow=64, **engine_options(writes))
    synchronous = 2 if database.durable else 1

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        if not database.durable:
            connection.execute("ATTACH DATABASE ? AS log", (database.log_url.database,))
        if not (database.durable or writes):  # a past day lies anywhere in the file
            connection.execute(f"PRAGMA main.mmap_size = {MAPPED_BYTES}")
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        found = connection.execute("PRAGMA synchronous").fetchone()[0]
        if (mode, found) != ("wal", synchronous):
            raise RuntimeError(f"SQLite is not durable here: {mode=}, synchronous={found}.")

    if writes:

        @event.listens_for(engine, "begin")
        def on_begin(connection: Any) -> None:
            connection.connection.driver_connection.execute("BEGIN IMMEDIATE")

    return engine


def postgresql_engine(database: Database, *, writes: bool) -> Engine:
    """Return an engine on a PostgreSQL schema, acting as the role without rights to rewrite."""
    wanted = {"fsync": "on", "synchronous_commit": "on" if database.durable else "off"}
    options = (
        f"-csearch_path={database.schema},okr_log"
        f" -csynchronous_commit={wanted['synchronous_commit']}"
        # Statements go by keys: planned once, not anew for each of their parameters.
        # Several processes for one of them cost more than they bring, and a bitmap loses the order
        # of the index, of which most statements want the first row alone.
        " -cplan_cache_mode=force_generic_plan -cjit=off -cmax_parallel_workers_per_gather=0"
        " -cenable_bitmapscan=off"
    )
    engine = create_engine(
        database.url,
        pool_size=8,
        max_overflow=24,
        connect_args={"options": options},
        **engine_options(writes),
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {APP_ROLE}")
            for setting, value in wanted.items():
                cursor.execute(f"SHOW {setting}")
                if (found := cursor.fetchone()[0]) != value:
                    raise RuntimeError(f"PostgreSQL is not durable here: {setting} is {found}.")
        connection.commit()

    return engine


def prepare_postgresql(url: str, schemas: tuple[str, ...]) -> Engine:
    """Create role and schemas where missing, one process at a time; return the owner's engine."""
    engine = create_engine(
        database_url(url, ""),
        connect_args={"options": f"-csearch_path={schemas[0]}"},
        hide_parameters=True,
    )
    with engine.begin() as connection:
        lock_creation(connection)
        connection.execute(
            text(
                f"DO $$ BEGIN CREATE ROLE {APP_ROLE} NOLOGIN; "
                "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            )
        )
        connection.execute(text(f"GRANT {APP_ROLE} TO CURRENT_USER"))
        for schema in schemas:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    return engine


def created(
    database: Database, create_tables: Callable[[Connection], None], rights: Mapping[str, str]
) -> None:
    """Create tables where they are missing, one process at a time.

    On PostgreSQL the application's role gets these rights on them, table by table.
    """
    if database.is_sqlite:
        database.make_private()
        with database.transaction() as connection:
            create_tables(connection)
        return
    url = database.url.render_as_string(hide_password=False)
    owner = prepare_postgresql(url, (database.schema,))
    with owner.begin() as connection:
        lock_creation(connection)
        create_tables(connection)
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {database.schema} TO {APP_ROLE}")
        for table, granted in rights.items():
            connection.exec_driver_sql(f"GRANT {granted} ON {table} TO {APP_ROLE}")
    owner.dispose()


def lock_creation(connection: Any) -> None:
    """Hold off every other process that creates tables, until this transaction ends."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
