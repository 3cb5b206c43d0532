"""What many tests begin with, made once by commands and fresh for each of them, on both engines."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import psycopg

from tests.support.memory import in_memory
from tests.support.postgresql import DISCONNECT, connect, empty, url_of

Begin = Callable[[str], None]  # makes it in an empty database, and closes that

SCHEMAS = "n.nspname !~ '^(pg_|information_schema$)'"
TABLES = """
  SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
  WHERE schemaname !~ '^(pg_|information_schema$)' ORDER BY 1
"""
# All that a test may have changed beside rows.
SHAPE = f"""
  SELECT n.nspname, c.relname, c.relkind::text, a.attname, a.attnotnull::text
  FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE {SCHEMAS}
  UNION ALL
  SELECT n.nspname, c.relname, 'trigger', t.tgname, t.tgenabled::text
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE {SCHEMAS}
  UNION ALL
  SELECT n.nspname, p.proname, 'function', md5(p.prosrc), '' FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {SCHEMAS}
  ORDER BY 1, 2, 3, 4, 5
"""
Shape = list[tuple[str | None, ...]]


class Begun(Protocol):
    """Databases that begin as they did once."""

    def fresh(self, name: str, begin: Begin) -> AbstractContextManager[str]:
        """The URL of a database as `begin` made it under this name."""


class OnSqlite:
    """Files that are copied for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def fresh(self, name: str, begin: Begin) -> Iterator[str]:
        """The URL of a database as `begin` made it under this name."""
        made = self.folder / name
        if not made.exists():
            made.mkdir()
            begin(f"sqlite:///{made}/okr.db")
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            for file in made.glob("*.db"):
                shutil.copy(file, folder)
            yield f"sqlite:///{folder}/okr.db"


class OnPostgresql:
    """Rows that are put back for each test into the one database.

    That takes a seventh of the time of emptying the database and creating all tables anew, which
    is done only when these are not as they were.
    """

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.rows: dict[str, dict[str, bytes]] = {}  # of each table, by name
        self.shapes: dict[str, Shape] = {}

    @contextmanager
    def fresh(self, name: str, begin: Begin) -> Iterator[str]:
        """The URL of a database as `begin` made it under this name."""
        with connect(self.socket) as connection:
            connection.execute(DISCONNECT)
            is_there = name in self.rows and shape(connection) == self.shapes[name]
            if is_there:
                put_back(connection, self.rows[name])
        if not is_there:
            self.begin(name, begin)
        yield url_of(self.socket)

    def begin(self, name: str, begin: Begin) -> None:
        """Make it in the emptied database, and keep its rows."""
        empty(self.socket)
        begin(url_of(self.socket))
        with connect(self.socket) as connection:
            self.shapes[name] = shape(connection)
            names = [table for (table,) in connection.execute(TABLES)]
            self.rows[name] = {table: copied(connection, table) for table in names}


def shape(connection: psycopg.Connection) -> Shape:
    """Tables, columns, indexes, triggers and functions."""
    return connection.execute(SHAPE).fetchall()


def put_back(connection: psycopg.Connection, all_rows: dict[str, bytes]) -> None:
    """Put the rows back; as a replica would, past the guards of the log."""
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        for table, rows in all_rows.items():
            connection.execute(f"DELETE FROM {table}")
            with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                copy.write(rows)


def copied(connection: psycopg.Connection, table: str) -> bytes:
    """The rows of a table, as the server writes them."""
    with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
        return b"".join(bytes(part) for part in copy)
