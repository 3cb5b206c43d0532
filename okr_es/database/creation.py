"""Creating what is missing: files, roles, schemas, tables and rights, one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, insert, select, text

from okr_es.database.database import Database
from okr_es.database.dialect import Dialect, dialect_of
from okr_es.database.engines import APP_ROLE, database_url

LOCK_KEY = 0x0E5


@dataclass(frozen=True)
class Area:
    """The tables of one area: of the log, the directory or the access log.

    `rights` are those of the application's role on PostgreSQL, by table. `statements` make
    triggers and functions; each is safe to run again. `first_rows` are the rows of tables that
    always have just one.
    """

    metadata: MetaData
    rights: Mapping[str, str]
    statements: Callable[[Dialect], list[str]] = lambda _: []
    first_rows: Mapping[Table, Mapping[str, Any]] = field(default_factory=dict)

    def create(self, database: Database) -> None:
        """Create what is missing of the area."""
        create_tables(database, self.create_tables, self.rights)

    def create_tables(self, connection: Connection) -> None:
        """Create what is missing, inside the caller's transaction."""
        self.metadata.create_all(connection)
        for statement in self.statements(dialect_of(connection)):
            connection.exec_driver_sql(statement)
        for table, row in self.first_rows.items():
            if connection.execute(select(table).limit(1)).first() is None:
                connection.execute(insert(table), row)


def create_tables(
    database: Database, create: Callable[[Connection], None], rights: Mapping[str, str]
) -> None:
    """Create tables where they are missing, one process at a time.

    On PostgreSQL the application's role gets these rights on them, table by table.
    """
    if database.is_sqlite:
        make_private_file(database.path)
        with database.transaction() as connection:
            create(connection)
        return
    url = database.url.render_as_string(hide_password=False)
    owner = prepare_postgresql(url, (database.schema,))
    with owner.begin() as connection:
        lock_creation(connection)
        create(connection)
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {database.schema} TO {APP_ROLE}")
        for table, granted in rights.items():
            connection.exec_driver_sql(f"GRANT {granted} ON {table} TO {APP_ROLE}")
    owner.dispose()


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


def make_private_file(path: Path) -> None:
    """Make the file of a new SQLite database, readable for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)


def lock_creation(connection: Any) -> None:
    """Hold off every other process that creates tables, until this transaction ends."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
