"""Puts another course of a log in its place: past its guards, as one who restores a backup does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import sql

from okr_es.database.database import Database

Rows = list[tuple[Any, ...]]
Kept = dict[str, Rows]  # by table


def kept(database: Database) -> Kept:
    """All rows of an area's tables, as they are now."""
    with raw(database) as connection:
        return {
            name: list(connection.execute(f'SELECT * FROM "{name}"').fetchall())
            for name in names(connection, database)
        }


def put_back(database: Database, rows: Kept) -> None:
    """Replace all rows of an area's tables, in one transaction, guards off meanwhile."""
    with raw(database) as connection:
        connection.execute("BEGIN")
        guards = without_guards(connection, database)
        for name in names(connection, database):
            connection.execute(f'DELETE FROM "{name}"')
            for row in rows[name]:
                marks = ", ".join([placeholder(database)] * len(row))
                connection.execute(f'INSERT INTO "{name}" VALUES ({marks})', row)
        for guard in guards:
            connection.execute(guard)
        connection.execute("COMMIT")


@contextmanager
def raw(database: Database) -> Iterator[Any]:
    """A connection of the driver's own, as someone who may do everything."""
    if database.is_sqlite:
        with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
            yield connection
        return
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(database.schema)))
        yield connection


def names(connection: Any, database: Database) -> list[str]:
    """The tables of an area."""
    return [name for (name,) in connection.execute(database.dialect.tables()).fetchall()]


def without_guards(connection: Any, database: Database) -> list[str]:
    """Take the guards away; return the statements that bring them back."""
    if not database.is_sqlite:
        connection.execute("SET LOCAL session_replication_role = replica")
        return []
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    guards = found.fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    return [text for _, text in guards]


def placeholder(database: Database) -> str:
    return "?" if database.is_sqlite else "%s"
