"""The small world random histories begin with, fresh for each of them, on both engines."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL

from tests.conftest import DATABASE, connect, empty
from tests.support.memory import in_memory
from tests.support.random_history import Told, begin

FILES = ("okr.db", "okr.directory.db")
TABLES = """
  SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
  WHERE schemaname !~ '^(pg_|information_schema$)' ORDER BY 1
"""


class OnSqlite:
    """Files with the small world, copied for each history."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begun_in(self, timezone: str) -> Path:
        """The folder with the world as it began in a time zone, told once."""
        folder = self.folder / timezone.replace("/", "-")
        if not folder.exists():
            folder.mkdir()
            told_once(f"sqlite:///{folder}/okr.db", timezone)
        return folder

    @contextmanager
    def fresh(self, timezone: str) -> Iterator[Told]:
        """The small world in files of their own."""
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            for name in FILES:
                shutil.copy(self.begun_in(timezone) / name, Path(folder) / name)
            with closing(Told(f"sqlite:///{folder}/okr.db", timezone)) as told:
                yield told


class OnPostgresql:
    """The rows of the small world, put back for each history.

    That takes a seventh of the time of emptying the database and creating all tables anew, which
    is done only when there are not the tables there were.
    """

    def __init__(self, server: Path) -> None:
        self.server = server
        self.rows: dict[str, dict[str, bytes]] = {}  # of each table, by the time zone it began in
        self.url = URL.create(
            "postgresql+psycopg",
            username="postgres",
            database=DATABASE,
            query={"host": str(server)},
        ).render_as_string(hide_password=False)

    @contextmanager
    def fresh(self, timezone: str) -> Iterator[Told]:
        """The small world in the one database."""
        with connect(self.server, DATABASE) as connection:
            rows = self.rows.get(timezone, {})
            is_there = bool(rows) and tables(connection) == list(rows)
            if is_there:
                self.put_back(connection, rows)
        if not is_there:
            self.begin(timezone)
        with closing(Told(self.url, timezone)) as told:
            yield told

    def begin(self, timezone: str) -> None:
        """Tell the small world in the emptied database, and keep its rows."""
        empty(self.server)
        told_once(self.url, timezone)
        with connect(self.server, DATABASE) as connection:
            self.rows[timezone] = {table: copied(connection, table) for table in tables(connection)}

    def put_back(self, connection: psycopg.Connection, all_rows: dict[str, bytes]) -> None:
        """Put the rows back; as a replica would, past the guards of the log."""
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for table, rows in all_rows.items():
                connection.execute(f"DELETE FROM {table}")
                with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(rows)


def tables(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute(TABLES)]


def copied(connection: psycopg.Connection, table: str) -> bytes:
    """The rows of a table, as the server writes them."""
    with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
        return b"".join(bytes(part) for part in copy)


def told_once(url: str, timezone: str) -> None:
    """Tell how the small world began in a time zone, and read it."""
    with closing(Told(url, timezone)) as told:
        begin(told)
        told.runner.fresh()
