"""A signed log, and copies of it to be tampered with, on each engine."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import psycopg

from okr_es.database.database import Database
from okr_es.log.recorder import LogRecorder


class Store(Protocol):
    """Where logs lie, and how to copy one."""

    name: str

    def url(self) -> str:
        """Return the URL of a fresh database."""

    def duplicate(self, url: str) -> str:
        """Return the URL of a copy of a database that nobody has open."""

    @contextmanager
    def copy(self, url: str) -> Iterator[str]:
        """Give such a copy, and take it away again."""

    @contextmanager
    def forger(self, url: str) -> Iterator[Forger]:
        """Give a session of someone who may do everything, all guards off."""


@dataclass
class Forger:
    """Someone with full rights to a database of a log."""

    connection: Any
    mark: str

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement, with ? for values; return its rows."""
        cursor = self.connection.execute(statement.replace("?", self.mark), values)
        return list(cursor.fetchall()) if cursor.description else []


class OnSqlite:
    """SQLite files in a folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count()

    def url(self) -> str:
        """Return the URL of a file that is not there yet."""
        return f"sqlite:///{self.folder}/{next(self.numbers)}/okr.db"

    @contextmanager
    def copy(self, url: str) -> Iterator[str]:
        """Copy the folder of a database, for a while."""
        there = self.duplicate(url)
        try:
            yield there
        finally:
            shutil.rmtree(file_of(there).parent)

    def duplicate(self, url: str) -> str:
        """Copy the folder of a database."""
        there = self.url()
        shutil.copytree(file_of(url).parent, file_of(there).parent)
        return there

    @contextmanager
    def forger(self, url: str) -> Iterator[Forger]:
        """Open the file, and drop all triggers."""
        connection = sqlite3.connect(file_of(url), isolation_level=None)
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in found.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        try:
            yield Forger(connection, "?")
        finally:
            connection.close()


class OnPostgresql:
    """Databases of a PostgreSQL server."""

    name = "postgresql"

    def __init__(self, server_url: str) -> None:
        self.server_url = server_url
        self.numbers = itertools.count()

    @cached_property
    def admin(self) -> psycopg.Connection[Any]:
        """A connection that makes and drops databases."""
        return psycopg.connect(self.server_url, autocommit=True)

    def url(self) -> str:
        """Return the URL of a fresh database."""
        name = f"fault{next(self.numbers)}"
        self.admin.execute(f"CREATE DATABASE {name}")
        return self.named(name)

    def named(self, name: str) -> str:
        """Return the URL of a database."""
        return self.server_url.replace("/postgres?", f"/{name}?")

    @contextmanager
    def copy(self, url: str) -> Iterator[str]:
        """Copy a database, for a while."""
        there = self.duplicate(url)
        try:
            yield there
        finally:
            self.admin.execute(f"DROP DATABASE {name_of(there)} WITH (FORCE)")

    def duplicate(self, url: str) -> str:
        """Copy a database."""
        name = f"fault{next(self.numbers)}"
        self.admin.execute(f"CREATE DATABASE {name} TEMPLATE {name_of(url)}")
        return self.named(name)

    @contextmanager
    def forger(self, url: str) -> Iterator[Forger]:
        """Connect as the owner, no trigger firing."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET search_path = okr_log")
            connection.execute("SET session_replication_role = replica")
            yield Forger(connection, "%s")


def name_of(url: str) -> str:
    """Return the name of a PostgreSQL database."""
    return url.partition("?")[0].rpartition("/")[2]


def file_of(url: str) -> Path:
    """Return the file of a SQLite URL."""
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def log_at(url: str) -> Iterator[LogRecorder]:
    """Open a log as it lies there, creating nothing."""
    database = Database(url)
    try:
        yield LogRecorder(database)
    finally:
        database.dispose()
