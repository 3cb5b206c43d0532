"""A session of the owner of a database, or of anyone with its file: past the application."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from okr_es.database.database import Database

Run = Callable[[str], list[tuple[Any, ...]]]
REFUSED = (sqlite3.IntegrityError, psycopg.errors.RaiseException)


@contextmanager
def owner(database: Database) -> Iterator[Run]:
    """Give what runs a statement, at once, and returns its rows."""
    url = database.url
    if database.is_sqlite:
        connection: Any = sqlite3.connect(database.path, isolation_level=None)
    else:
        connection = psycopg.connect(
            host=str(url.query["host"]),
            user=url.username,
            dbname=url.database,
            options=f"-csearch_path={database.schema}",
            autocommit=True,
        )

    def run(statement: str) -> list[tuple[Any, ...]]:
        cursor = connection.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []

    try:
        yield run
    finally:
        connection.close()
