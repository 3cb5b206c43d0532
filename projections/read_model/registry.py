"""The registry: which generations of the read model there are, and which of them is served."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
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

from okr_es.database.creation import lock_creation
from okr_es.database.database import Database
from okr_es.database.files import is_damage
from okr_es.database.outages import reason_of
from okr_es.database.timeouts import LONGEST
from projections.read_model import tables
from projections.read_model.generations import Model, create, is_there

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
# Generations that could not be used any more, kept for a look: the last one, and why.
set_aside = Table(
    "set_aside",
    registry_metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
)
IS_ASIDE = registry.c.generation.in_(select(set_aside.c.generation))

log = logging.getLogger("okr_es.read_model")
P = ParamSpec("P")
R = TypeVar("R")


def mended(
    method: Callable[Concatenate[Registry, P], R],
) -> Callable[Concatenate[Registry, P], R]:
    """Make the registry again where it is damaged or gone, and try once more."""

    @wraps(method)
    def again(registry: Registry, /, *args: P.args, **options: P.kwargs) -> R:
        try:
            return method(registry, *args, **options)
        except DBAPIError as error:
            if not is_damage(error):
                raise
            registry.renew(reason_of(error))
            return method(registry, *args, **options)

    return again


def of_today() -> ColumnElement[bool]:
    """Return the condition of being of the version this program reads."""
    return (registry.c.name == tables.NAME) & (registry.c.version == tables.VERSION)


class Registry:
    """Which generations there are, and which is served.

    Programs of several versions can use one database: each serves a generation of its own version.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(url, tables.REGISTRY, disposable=True)
        self.builds = Database(url, "build", disposable=True)
        self.builds.turns.seconds = LONGEST  # a build takes as long as it takes
        if not is_there(self.database, set_aside):
            self.make()

    def make(self) -> None:
        """Create what is missing; a file that is none makes room for a new one."""
        try:
            create(self.database, registry_metadata.create_all)
        except DBAPIError as error:
            if not (self.database.is_sqlite and is_damage(error)):
                raise
            self.renew(reason_of(error))

    def renew(self, why: str) -> None:
        """Make an empty registry in place of a damaged one, which is kept for a look."""
        database = self.database
        if database.is_sqlite:
            database.reopen()
            path, kept = database.path, database.path.with_suffix(".damaged")
            if path.exists():
                path.replace(kept)
            for suffix in ("-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            log.error("The registry of read models %s was made again, kept as %s: %s",
                      path, kept, why)  # fmt: skip
        create(database, registry_metadata.create_all)

    @contextmanager
    def turn_to_build(self) -> Iterator[None]:
        """Wait for the turn to build a generation: one at a time, of all processes."""
        if self.database.is_sqlite:
            with self.builds.turn():
                yield
            return
        with self.database.reader.connect() as connection:
            for timeout in ("lock_timeout", "statement_timeout"):
                connection.exec_driver_sql(f"SET {timeout} = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({BUILD_LOCK})")
            try:
                yield
            finally:
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({BUILD_LOCK})")
                for timeout in ("lock_timeout", "statement_timeout"):
                    connection.exec_driver_sql(f"RESET {timeout}")

    @mended
    def served(self) -> int | None:
        """Return the generation that is served under today's version, if there is one."""
        query = select(registry.c.generation).where(of_today(), registry.c.served)
        with self.database.reader.connect() as connection:
            found = connection.execute(query).scalar_one_or_none()
            return None if found is None else int(found)

    @mended
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

    @mended
    def serve(self, model: Model) -> list[int]:
        """Serve a generation instead of all others of its version; return those it replaces."""
        is_it = registry.c.generation == model.generation
        before = select(registry.c.generation).where(of_today(), registry.c.served, ~is_it)
        with self.database.transaction() as connection:
            replaced = [int(generation) for generation in connection.execute(before).scalars()]
            connection.execute(update(registry).where(of_today(), ~is_it).values(served=False))
            if not connection.execute(update(registry).where(is_it).values(served=True)).rowcount:
                self.add(connection, model.generation)
                connection.execute(update(registry).where(is_it).values(served=True))
        return replaced

    @mended
    def put_aside(self, model: Model, why: str) -> bool:
        """Serve a generation no more, and keep it for a look; return whether it was used so far.

        Of those that were set aside before, none is kept.
        """
        is_it = registry.c.generation == model.generation
        with self.database.transaction() as connection:
            there = connection.execute(select(registry.c.generation).where(is_it)).first()
            if there is None or connection.execute(select(set_aside).where(
                set_aside.c.generation == model.generation)).first() is not None:  # fmt: skip
                return False
            connection.execute(update(registry).where(is_it).values(served=False))
            row = {"generation": model.generation, "reason": why}
            connection.execute(insert(set_aside), row)
        self.remove(self.models(IS_ASIDE & ~is_it))
        return True

    def remove(self, models: list[Model]) -> None:
        """Remove generations, and forget them."""
        for model in models:
            model.discard()
        self.forget(models)

    def remove_unfinished(self) -> None:
        """Remove those of today's version that were begun, and never served."""
        others = self.others()
        self.remove([each for each in others if not each.is_whole()])
        for each in others:
            each.database.dispose()

    @mended
    def forget(self, models: list[Model]) -> None:
        """Remove generations from the registry."""
        generations = [model.generation for model in models]
        with self.database.transaction() as connection:
            for table in (registry, set_aside):
                connection.execute(table.delete().where(table.c.generation.in_(generations)))

    @mended
    def models(self, condition: Any) -> list[Model]:
        """Return the generations that meet a condition, the newest first."""
        query = select(registry.c.generation, registry.c.version).where(condition)
        newest = query.order_by(registry.c.generation.desc())
        with self.database.reader.connect() as connection:
            return [Model(self.url, *row) for row in connection.execute(newest)]

    def out_of_use(self) -> list[Model]:
        """Return the generations that no program of this version or a newer one serves."""
        return self.models(~registry.c.served | (registry.c.version < tables.VERSION))

    def others(self) -> list[Model]:
        """Return those of today's version that are not served, but for those set aside."""
        return self.models(of_today() & ~registry.c.served & ~IS_ASIDE)

    def reason(self) -> str | None:
        """Return why the last generation was set aside, if one is kept."""
        with self.database.reader.connect() as connection:
            found: str | None = connection.execute(select(set_aside.c.reason)).scalar()
            return found

    def close(self) -> None:
        """Close all connections."""
        self.database.dispose()
        self.builds.dispose()
