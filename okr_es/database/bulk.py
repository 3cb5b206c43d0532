"""Many rows in one statement, by the fastest way each engine has."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import psycopg
from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from okr_es.database.dialect import dialect_of, driver_of

LINES_AT_ONCE = 500


def insert_many(connection: Any, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows into SQLite, all made before the first is written, straight by the driver."""
    driver = driver_of(connection)
    try:
        driver.executemany(statement, list(rows))
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement, None, error, sqlite3.Error) from error


def copy_lines(connection: Any, statement: str, lines: Iterable[str]) -> None:
    """Write lines by PostgreSQL's COPY, some at a time: the server works while more are made."""
    driver = driver_of(connection)
    waiting = iter(lines)
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            while some := "".join(islice(waiting, LINES_AT_ONCE)):
                copy.write(some)
    except psycopg.Error as error:
        raise DBAPIError.instance(statement, None, error, psycopg.Error) from error


@contextmanager
def together(connection: Any) -> Iterator[None]:
    """Send the statements of a block to a server together, and wait for all of them at its end."""
    driver = driver_of(connection)
    if isinstance(driver, psycopg.Connection):
        with driver.pipeline():
            yield
    else:
        yield


def insert_few(connection: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows, each by a statement with question marks: for few rows the quickest way."""
    driver = driver_of(connection)
    if isinstance(driver, sqlite3.Connection):
        insert_many(connection, statement, rows)
    else:
        driver.cursor().executemany(statement.replace("?", "%s"), rows)


def write_rows(
    connection: Any,
    insert: str,
    copy: str,
    rows: Iterable[tuple[Any, ...]],
    line: Callable[[tuple[Any, ...]], str],
) -> None:
    """Write rows by a statement on SQLite, and on PostgreSQL by COPY, each as a line."""
    if dialect_of(connection).name == "sqlite":
        insert_many(connection, insert, rows)
    else:
        copy_lines(connection, copy, map(line, rows))


def copy_rows(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows by PostgreSQL's COPY."""
    driver = driver_of(connection)
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise DBAPIError.instance(statement, None, error, psycopg.Error) from error


def write_table(
    connection: Connection, table: Table, batches: Iterable[Sequence[tuple[Any, ...]]]
) -> None:
    """Write rows into a table, all columns in their order; ids may be text."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    for batch in batches:
        if connection.dialect.name == "sqlite":
            marks = ", ".join("?" * len(table.columns))
            insert_many(connection, f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", batch)
        else:
            copy_rows(connection, f"COPY {table.name} ({columns}) FROM STDIN", batch)
