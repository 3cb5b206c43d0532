"""Creating what is missing: files, roles, schemas, tables and rights, one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text

from okr_es.database.database import Database
from okr_es.database.engines import APP_ROLE, database_url

LOCK_KEY = 0x0E5


def prepare_postgresql(url: str, schemas: tuple[str, ...]) -> Engine:
    """Create role and schemas where missing, one process at a time; return the owner's engine."""
    engine = create_engine(
        database_url(url, ""),
        connect_args={"options": f"-csearch_path={schemas[0]}"},
        hide_parameters=True,
    )
    with engine.begin() as connection:
        lock_creation(connection)
        connection.execute(
            text(
                f"DO $$ BEGIN CREATE ROLE {APP_ROLE} NOLOGIN; "
                "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            )
        )
        connection.execute(text(f"GRANT {APP_ROLE} TO CURRENT_USER"))
        for schema in schemas:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    return engine


def created(
    database: Database, create_tables: Callable[[Connection], None], rights: Mapping[str, str]
) -> None:
    """Create tables where they are missing, one process at a time.

    On PostgreSQL the application's role gets these rights on them, table by table.
    """
    if database.is_sqlite:
        make_private_file(database.path)
        with database.transaction() as connection:
            create_tables(connection)
        return
    url = database.url.render_as_string(hide_password=False)
    owner = prepare_postgresql(url, (database.schema,))
    with owner.begin() as connection:
        lock_creation(connection)
        create_tables(connection)
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {database.schema} TO {APP_ROLE}")
        for table, granted in rights.items():
            connection.exec_driver_sql(f"GRANT {granted} ON {table} TO {APP_ROLE}")
    owner.dispose()


def make_private_file(path: Path) -> None:
    """Make the file of a new SQLite database, readable for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)


def lock_creation(connection: Any) -> None:
    """Hold off every other process that creates tables, until this transaction ends."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
