"""Where a read model lives: generations side by side, of which one is served.

On SQLite a generation is a file beside the log's, on PostgreSQL a schema. A generation that was
replaced says so itself (`retired`), in the row every query reads anyway, so no query needs to ask
the registry (`registry.py`) which one is served.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, select, update
from sqlalchemy.exc import DBAPIError

from okr_es.database.creation import create_tables, prepare_postgresql
from okr_es.database.database import Database
from okr_es.database.outages import reason_of
from projections.read_model import tables

SUFFIXES = ("", "-wal", "-shm", ".lock")


class NotReady(Exception):
    """There is no read model that could answer, and it says why."""


class OtherCourse(Exception):
    """A read model stands on an event that the log does not have: the log was replaced."""


class Standing(NamedTuple):
    """Where a generation stands: on which event, by position and hash, and if it was replaced."""

    position: int
    hash: bytes | None
    retired: bool


class Model:
    """One generation of the read model `goals`."""

    def __init__(self, url: str, generation: int, version: int | None = None) -> None:
        self.generation = generation
        self.database = Database(url, area(generation, version or tables.VERSION), disposable=True)

    @property
    def name(self) -> str:
        """What an operator finds it by: its file, or its schema."""
        database = self.database
        return str(database.path) if database.is_sqlite else database.schema

    def create(self) -> None:
        """Create the generation's tables, in place of any a lost registry left behind."""
        self.database.reopen()
        self.remove()
        create(self.database, tables.create_tables)

    def exists(self) -> bool:
        """Return whether it exists: a read model may be deleted at any time."""
        with suppress(DBAPIError):
            return is_there(self.database, tables.progress) and self.standing() is not None
        return False

    def standing(self) -> Standing | None:
        """Return where it stands; None if it does not say."""
        p = tables.progress.c
        with self.database.reader.connect() as connection:
            found = connection.execute(select(p.position, p.hash, p.retired)).first()
            return None if found is None else Standing(*found)

    def is_whole(self) -> bool:
        """Return whether it was served and replaced; otherwise its build was never done."""
        standing = self.standing() if self.exists() else None
        return standing is not None and standing.retired

    def position(self) -> int:
        """Return the position it has come to."""
        found = self.standing()
        return 0 if found is None else found.position

    def set_retired(self, *, retired: bool) -> None:
        """Say whether it was replaced."""
        with self.database.transaction() as connection:
            connection.execute(update(tables.progress).values(retired=retired))

    def analyse(self) -> None:
        """Let PostgreSQL look at the rows, so that its first plans are as good as later ones."""
        if self.database.is_sqlite:
            return
        with self.owner() as owner, owner.begin() as connection:
            for table in tables.metadata.tables:
                connection.exec_driver_sql(f"ANALYZE {self.database.schema}.{table}")

    def damage(self) -> str | None:
        """Return what is wrong with its file or its tables; None if nothing is."""
        try:
            if self.database.is_sqlite:
                return self.damage_of_file()
            with self.database.reader.connect() as connection:
                for probe in probes(f"{self.database.schema}."):
                    connection.exec_driver_sql(probe)
            return self.damage_of_progress()
        except (DBAPIError, sqlite3.Error) as error:
            return reason_of(error)

    def damage_of_file(self) -> str | None:
        """Return what is wrong with a SQLite file, all of which is read."""
        path = self.database.path
        if not path.exists():
            return "the file is missing"
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as file:
            for probe in probes():
                file.execute(probe)
            found = str(file.execute("PRAGMA quick_check(1)").fetchone()[0])
        return self.damage_of_progress() if found == "ok" else found.partition("\n")[0]

    def damage_of_progress(self) -> str | None:
        """Return that it does not say where it stands, if so."""
        return "rows were deleted" if self.standing() is None else None

    def discard(self) -> None:
        """Remove the generation, and close all connections to it."""
        self.database.dispose()
        self.remove()

    def remove(self) -> None:
        """Remove its file or its schema, if there is one."""
        if self.database.is_sqlite:
            path = self.database.path
            for suffix in SUFFIXES:
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return
        with self.owner() as owner, owner.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {self.database.schema} CASCADE")

    @contextmanager
    def owner(self) -> Iterator[Engine]:
        """Give an engine of the owner of the tables, on PostgreSQL."""
        url = self.database.url.render_as_string(hide_password=False)
        owner = prepare_postgresql(url, ("okr_log",))
        try:
            yield owner
        finally:
            owner.dispose()


def area(generation: int, version: int) -> str:
    """Return the name of a generation's file or schema."""
    return f"{tables.NAME}_{version}_{generation}"


def probes(schema: str = "") -> Iterator[str]:
    """Yield statements that fail where a table or a column is missing, and read no row."""
    for table in tables.metadata.tables.values():
        columns = ", ".join(f't."{column.name}"' for column in table.columns)
        yield f"SELECT {columns} FROM {schema}{table.name} t LIMIT 0"


def is_there(database: Database, table: Table) -> bool:
    """Return whether a table is there; only read."""
    if database.is_sqlite and not database.path.exists():
        return False
    with suppress(DBAPIError), database.reader.connect() as connection:
        there = connection.exec_driver_sql(database.dialect.tables()).scalars()
        return str(table.name) in there
    return False


def create(database: Database, make: Callable[[Connection], None]) -> None:
    """Create tables, one process at a time, for the application's role to use freely."""
    create_tables(database, make, {f"ALL TABLES IN SCHEMA {database.schema}": "ALL"})
