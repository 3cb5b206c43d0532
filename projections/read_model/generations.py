"""Where a read model lives: generations side by side, of which one is served.

On SQLite a generation is a file beside the log's, on PostgreSQL a schema. The registry says
which generation is served. A generation that was replaced says so itself (`retired`), in the
row every query reads anyway, so no query needs to ask the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from okr_es.database.creation import create_tables, lock_creation, prepare_postgresql
from okr_es.database.database import Database
from projections.read_model import tables

BUILD_LOCK = 0x0E6

registry_metadata = MetaData()
registry = Table(
    "read_model",
    registry_metadata,
    Column("name", Text, primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("served", Boolean, nullable=False),
)


class Model:
    """One generation of the read model `goals`."""

    def __init__(self, url: str, generation: int, version: int = tables.VERSION) -> None:
        self.generation = generation
        self.database = Database(url, area(generation, version), disposable=True)

    def create(self) -> None:
        """Create the generation's tables, in place of any a lost registry left behind."""
        self.discard()
        create(self.database, tables.create_tables)

    def exists(self) -> bool:
        """Return whether it exists: a read model may be deleted at any time."""
        return is_there(self.database, tables.progress) and self.has_progress()

    def has_progress(self) -> bool:
        """Return whether it says what position it has come to."""
        with self.database.reader.connect() as connection:
            return connection.execute(select(tables.progress.c.position)).first() is not None

    def position(self) -> int:
        """Return the position it has come to."""
        with self.database.reader.connect() as connection:
            return int(connection.execute(select(tables.progress.c.position)).scalar_one())

    def discard(self) -> None:
        """Remove the generation."""
        self.database.dispose()
        if self.database.is_sqlite:
            for suffix in ("", "-wal", "-shm", ".lock"):
                path = self.database.path
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return
        owner = prepare_postgresql(
            self.database.url.render_as_string(hide_password=False), ("okr_log",)
        )
        with owner.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {self.database.schema} CASCADE")
        owner.dispose()


class Registry:
    """Which generations there are, and which is served."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(url, "read", disposable=True)
        self.builds = Database(url, "build", disposable=True)
        if not is_there(self.database, registry):
            create(self.database, registry_metadata.create_all)

    @contextmanager
    def turn_to_build(self) -> Iterator[None]:
        """Wait for the turn to build a generation: one at a time, of all processes."""
        if self.database.is_sqlite:
            with self.builds.turn():
                yield
            return
        with self.database.reader.connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({BUILD_LOCK})")
            try:
                yield
            finally:
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({BUILD_LOCK})")

    def served(self) -> int | None:
        """Return the generation that is served under today's version, if there is one."""
        query = select(registry.c.generation).where(
            registry.c.name == tables.NAME, registry.c.version == tables.VERSION, registry.c.served
        )
        with self.database.reader.connect() as connection:
            found = connection.execute(query).scalar_one_or_none()
            return None if found is None else int(found)

    def begin(self) -> Model:
        """Register and create a new generation, beside the others."""
        with self.database.transaction() as connection:
            if not self.database.is_sqlite:
                lock_creation(connection)
            last = connection.execute(select(registry.c.generation)).scalars().all()
            generation = max(last, default=0) + 1
            self.add(connection, generation)
        model = Model(self.url, generation)
        model.create()
        return model

    def add(self, connection: Connection, generation: int) -> None:
        """Register a generation that is not served yet."""
        row = {"name": tables.NAME, "generation": generation, "version": tables.VERSION}
        connection.execute(insert(registry), {**row, "served": False})

    def serve(self, model: Model) -> list[int]:
        """Serve this generation instead of all others; return those of its version it replaces."""
        is_it = registry.c.generation == model.generation
        before = select(registry.c.generation).where(
            registry.c.version == tables.VERSION, registry.c.served
        )
        with self.database.transaction() as connection:
            replaced = [int(generation) for generation in connection.execute(before).scalars()]
            connection.execute(update(registry).where(~is_it).values(served=False))
            connection.execute(update(registry).where(is_it).values(served=True))
        return replaced

    def forget(self, models: list[Model]) -> None:
        """Remove generations from the registry."""
        generations = [model.generation for model in models]
        with self.database.transaction() as connection:
            connection.execute(registry.delete().where(registry.c.generation.in_(generations)))

    def out_of_use(self) -> list[Model]:
        """Return the generations that are not served, whatever version they were made under."""
        query = select(registry.c.generation, registry.c.version).where(~registry.c.served)
        with self.database.reader.connect() as connection:
            return [Model(self.url, *row) for row in connection.execute(query)]

    def close(self) -> None:
        """Close all connections."""
        self.database.dispose()
        self.builds.dispose()


def area(generation: int, version: int) -> str:
    """Return the name of a generation's file or schema."""
    return f"{tables.NAME}_{version}_{generation}"


def is_there(database: Database, table: Table) -> bool:
    """Return whether a table is there; only read."""
    if database.is_sqlite and not database.path.exists():
        return False
    with suppress(DBAPIError), database.reader.connect() as connection:
        there = connection.exec_driver_sql(database.dialect.tables()).scalars()
        return str(table.name) in there
    return False


def create(database: Database, make: Callable[[Connection], None]) -> None:
    """Create tables, one process at a time, for the application's role to use freely."""
    create_tables(database, make, {f"ALL TABLES IN SCHEMA {database.schema}": "ALL"})
