"""One database of okr-es: statements, transactions, and the queue of writers."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from weakref import WeakSet

import psycopg
from psycopg import ClientCursor
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import PoolProxiedConnection

from okr_es.database.dialect import DIALECTS, driver_of
from okr_es.database.engines import (
    CACHE_KIB,
    DIRECTORY,
    ENDED,
    READ_ONCE_KIB,
    database_url,
    end,
    keys_url,
    postgresql_engine,
    read_only_engine,
    sqlite_engine,
)
from okr_es.database.files import Files, free_bytes, name_file
from okr_es.database.outages import cause_of, is_server_gone
from okr_es.database.spare import DRIVER_ERRORS, Driver, Spare
from okr_es.database.timeouts import Timeouts
from okr_es.database.turns import Turns

IS_READ_ONLY = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
ROOM_BYTES = 16 * 1024 * 1024
TRY_SECONDS = 2.0

Row = tuple[Any, ...]
Given = Mapping[str, Any] | Sequence[Any]
FOLLOWING = threading.Lock()
OPENED: WeakSet[Database] = WeakSet()  # in this process, and not disposed of


class Database:
    """One database of okr-es: the log, the directory or a read model.

    `area` names a file beside the log's (SQLite) or a schema (PostgreSQL). Two engines come
    out of it: `writer`, whose transactions take the write lock at their start (SQLite), and
    `reader`, in which every statement stands alone. A disposable database (a read model) need
    not survive a crash whole, only consistent, and can read the log beside its own tables. One
    that is `read_only` writes nothing, also not beside a SQLite file.
    """

    def __init__(
        self, url: str, area: str = "", *, disposable: bool = False, read_only: bool = False
    ) -> None:
        self.url = database_url(url, area)
        self.is_apart = area == DIRECTORY and keys_url(url) is not None
        self.log_url = database_url(url, "")
        self.durable = not disposable
        self.read_only = read_only
        self.schema = f"okr_{area or 'log'}"
        self.dialect = DIALECTS[self.url.get_backend_name()]
        self.is_sqlite = self.dialect.name == "sqlite"
        self.timeouts = Timeouts.of(os.environ)
        self.turns = Turns(Path(f"{self.url.database}.lock"), self.timeouts.lock)
        self._files: Files | None = None
        self.reader = self.engine(writes=False)
        self.spare = Spare(self.reader, keeps=self.is_sqlite)
        OPENED.add(self)

    @cached_property
    def writer(self) -> Engine:
        """The engine of transactions, made for the first: many databases are only asked.

        Without a lock, as `dispose` may run at any point, where garbage is collected: of threads
        that make one at once, all get the first.
        """
        made: Engine = vars(self).setdefault("writer", self.engine(writes=True))
        if self.reader in ENDED:
            end(made)
        return made

    def engines(self) -> list[Engine]:
        """Return the engines that were made."""
        return [self.reader, *([self.writer] if "writer" in vars(self) else [])]

    def engine(self, *, writes: bool) -> Engine:
        """Return an engine with the listeners that make it durable."""
        if self.is_sqlite and self.read_only:
            return read_only_engine(self.url)
        if self.is_sqlite:
            return sqlite_engine(
                self.url, self.timeouts, writes=writes, durable=self.durable, log_url=self.log_url
            )
        timeouts = self.timeouts
        if writes and not self.durable:  # a read model may take its time to be built
            timeouts = replace(timeouts, statement=0.0)
        return postgresql_engine(
            self.url, timeouts, writes=writes, durable=self.durable, schema=self.schema
        )

    def rows(self, statement: str, parameters: Given, *, for_values: bool = False) -> list[Row]:
        """Return the rows of one statement, straight from the driver.

        Parameters are :named, or else a sequence and written as the driver has it. This is the
        hot path, past SQLAlchemy's results, which cost more than such a statement itself.
        PostgreSQL has one plan for a statement, or with `for_values` plans for its values.
        Raises SQLAlchemy's errors all the same.
        """
        named = isinstance(parameters, dict)
        with self.driver() as driver:
            text = text_for(driver, statement) if named else statement
            if self.is_sqlite:
                cursor = driver
            else:
                cursor = ClientCursor(driver) if for_values else driver.cursor(binary=True)
            found: list[Row] = cursor.execute(text, parameters).fetchall()
        return found

    def driver(self) -> Driver:
        """Give a connection of the driver's own, outside transactions, with SQLAlchemy's errors."""
        return Driver(self.spare, self.known)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection in a durable write transaction: all of it happens, or nothing."""
        with self.known_errors(), self.turn():
            self.follow_files()
            with self.writer.begin() as connection:
                yield connection

    @contextmanager
    def driver_transaction(self) -> Iterator[Any]:
        """Give a connection of the driver's own in a durable write transaction, for `run`.

        To begin and end one by SQLAlchemy takes longer than a few short statements.
        """
        with self.known_errors(), self.turn():
            self.follow_files()
            pooled = self.writer.raw_connection()
            driver: Any = pooled.driver_connection
            try:
                if self.is_sqlite:
                    driver.execute("BEGIN IMMEDIATE")
                yield driver
                driver.commit()
            except BaseException:
                roll_back(pooled)
                raise
            finally:
                pooled.close()

    @contextmanager
    def known_errors(self) -> Iterator[None]:
        """Raise errors as SQLAlchemy's, their file named; use no connection that is dead."""
        try:
            yield
        except (DBAPIError, *DRIVER_ERRORS) as error:
            self.forget_connections(error)
            name_file(cause_of(error), self.url.database)
            if isinstance(error, DBAPIError):
                raise
            raise DBAPIError.instance("", None, error, type(error)) from error

    def known(self, error: Any) -> DBAPIError:
        """Return a driver's error as SQLAlchemy's; no connection is used that it says is dead."""
        self.forget_connections(error)
        name_file(error, self.url.database)
        ours: DBAPIError = DBAPIError.instance("", None, error, type(error))
        return ours

    def forget_connections(self, error: Exception) -> None:
        """Use no old connection of any area where an error says that the server has gone."""
        if is_server_gone(error):
            for each in [each for each in OPENED if not each.is_sqlite]:
                each.reopen()

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
    def snapshot_read_once(self) -> Iterator[Connection]:
        """Give a snapshot that is read from one end to the other: SQLite caches little of it."""
        with self.snapshot() as connection:
            if not self.is_sqlite:
                yield connection
                return
            connection.exec_driver_sql(f"PRAGMA cache_size = -{READ_ONCE_KIB}")
            try:
                yield connection
            finally:
                connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this process's and thread's turn to write to a SQLite file, up to a deadline.

        PostgreSQL queues by itself.
        """
        if not self.is_sqlite or self.read_only:
            yield
            return
        with self.turns.turn():
            yield

    def follow_files(self) -> bool:
        """Open SQLite files again where others were put in their place; return whether they were.

        An open connection would go on with the file that was there before, so all of them are
        closed, also those of other areas that read the log. Of a read model, the log is followed as
        well. Raises OperationalError where the log's file is gone.
        """
        if not self.is_sqlite:
            return False
        found, before = Files.of(self.followed), self._files
        if before is not None and found.found == before.found:
            return False
        with FOLLOWING:
            if before is not self._files:
                return True
            if is_other := before is not None and found.are_replaced(before):
                found.require()
                for database in [each for each in OPENED if each.log_url == self.log_url]:
                    database.reopen()
            self._files = found
        return is_other

    @cached_property
    def followed(self) -> list[str]:
        """The SQLite files that are followed: the log's first."""
        log = str(self.log_url.database if not self.durable else self.url.database)
        own = [] if self.durable else [str(self.url.database)]
        return [log, *own]

    def reopen(self) -> None:
        """Use no old connection any more: one that is in use is closed once it comes back."""
        for engine in self.engines():
            engine.dispose()
        self.spare.close()

    def dispose(self) -> None:
        """Close all connections; one that is in use is closed once it comes back."""
        OPENED.discard(self)
        end(self.reader)
        if "writer" in vars(self):
            end(self.writer)
        self.spare.close()
        self.turns.close()

    def look(self, connection: Connection, shared: str = "") -> None:
        """Take the snapshot of a transaction now, or the one that another connection shares."""
        if shared:
            connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{shared}'")
        elif self.is_sqlite:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").one()

    def can_share_snapshots(self, other: Database) -> bool:
        """Return whether both are schemas of one PostgreSQL database."""
        return not self.is_sqlite and self.url == other.url

    @contextmanager
    def stands_still(self, tables: Sequence[str]) -> Iterator[None]:
        """Hold writers of tables up while other databases are looked at; writers there wait."""
        with self.turn(), ExitStack() as locked:
            if not self.is_sqlite:
                connection = locked.enter_context(self.writer.connect())
                connection.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN SHARE MODE")
            yield

    def shared_snapshot(self, connection: Connection, tables: Sequence[str]) -> str:
        """Return the name of a snapshot for other connections to share; empty on SQLite.

        A table that is rewritten, as by an erasure, is empty for older snapshots: so the tables are
        locked against that first.
        """
        if self.is_sqlite:
            return ""
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN ACCESS SHARE MODE")
        return str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())

    def require_writable(self) -> None:
        """Raise an error of the database where nothing can be written now, or hardly anything."""
        if not self.is_sqlite:
            if self.rows(IS_READ_ONLY, ())[0][0]:
                raise OperationalError("", None, psycopg.errors.ReadOnlySqlTransaction("read-only"))
            return
        if free_bytes(self.path.parent) < ROOM_BYTES:
            raise OperationalError("", None, sqlite3.OperationalError("the disk is nearly full"))
        try:
            with closing(sqlite3.connect(self.path, timeout=TRY_SECONDS)) as connection:
                connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise DBAPIError.instance("", None, error, sqlite3.Error) from error

    def has_file(self) -> bool:
        """Return whether it is a SQLite file that exists."""
        return self.is_sqlite and self.path.exists()

    def lacks_file(self) -> bool:
        """Return whether it is a SQLite file that does not exist."""
        return self.is_sqlite and not self.path.exists()

    def complete_file(self, seconds: float) -> bool:
        """Move the write-ahead log of a SQLite file into the file; return whether all of it is.

        Waits about so long for others to finish.
        """
        with closing(sqlite3.connect(self.path, timeout=seconds)) as connection:
            try:
                found = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:  # somebody rewrites the file
                return False
            return not found[0]

    @property
    def place(self) -> str:
        """Where it is, for people: the URL of a file, or a schema; without a password."""
        url = self.url.render_as_string()
        return url if self.is_sqlite else f"schema {self.schema} of {url}"

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return Path(str(self.url.database))


def run(connection: Any, statement: str, parameters: Mapping[str, Any]) -> Any:
    """Run a statement with :named parameters in a connection's transaction; return its cursor.

    The connection is SQLAlchemy's or the driver's, the errors are SQLAlchemy's. Straight by the
    driver, as `Database.rows` does.
    """
    driver = driver_of(connection)
    try:
        return driver.execute(text_for(driver, statement), parameters)
    except DRIVER_ERRORS as error:
        raise DBAPIError.instance(statement, None, error, type(error)) from error


def run_many(connection: Any, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement for each of some rows, as `run` does."""
    driver = driver_of(connection)
    try:
        driver.cursor().executemany(text_for(driver, statement), rows)
    except DRIVER_ERRORS as error:
        raise DBAPIError.instance(statement, None, error, type(error)) from error


def roll_back(pooled: PoolProxiedConnection) -> None:
    """Undo what a connection has done, or put it out of use where that fails."""
    try:
        pooled.rollback()
    except DRIVER_ERRORS as error:
        pooled.invalidate(error)


def binary_rows(driver: Any, statement: str, parameters: Given = ()) -> Sequence[Row]:
    """Return the rows of a statement, straight from the driver, bytes sent in binary: quickest."""
    if isinstance(driver, sqlite3.Connection):
        return driver.execute(statement, parameters).fetchall()
    found: Sequence[Row] = (
        driver.cursor(binary=True).execute(pyformat(statement), parameters).fetchall()
    )
    return found


def text_for(driver: Any, statement: str) -> str:
    """Return a statement with :named parameters as a driver takes it."""
    return statement if isinstance(driver, sqlite3.Connection) else pyformat(statement)


@cache
def pyformat(statement: str) -> str:
    """Return a statement with :named parameters as psycopg wants them."""
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", statement.replace("%", "%%"))
