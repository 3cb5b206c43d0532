"""Writing finished rows in bulk, by the fastest way each engine has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from okr_es.log.writing import copy_rows

from .schema import FIELDS, FOREVER

Row = tuple[Any, ...]
COPY_FROM = 20


class SqliteWriter:
    """Rows into SQLite, by prepared statements over many rows."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def insert(self, table: str, rows: Sequence[Row], verb: str = "INSERT") -> None:
        """Write finished rows."""
        marks = ",".join("?" * len(FIELDS[table]))
        self.connection.exec_driver_sql(f"{verb} INTO {table} VALUES ({marks})", list(rows))

    def close(self, table: str, ends: Sequence[tuple[int, str]]) -> None:
        """End current versions: (position, id) each."""
        self.connection.exec_driver_sql(
            f"UPDATE {table} SET known_until = ? WHERE id = ? AND known_until = {FOREVER}",  # noqa: S608
            list(ends),
        )

    def replace_latest(self, rows: Sequence[Row]) -> None:
        """Write the readings that count now."""
        self.insert("latest", rows, "INSERT OR REPLACE")

    def forget_latest(self, measured_ids: Sequence[str]) -> None:
        """Remove the reading that counted, where none is left."""
        self.connection.exec_driver_sql(
            "DELETE FROM latest WHERE measured_id = ?", [(id_,) for id_ in measured_ids]
        )

    def select(self, statement: str, ids: Sequence[str]) -> list[Row]:
        """Return rows for these ids; the statement has {ids} for the list of them."""
        found: list[Row] = []
        for start in range(0, len(ids), 5_000):
            some = ids[start : start + 5_000]
            marks = ",".join("?" * len(some))
            result = self.connection.exec_driver_sql(
                statement.replace("{ids}", f"IN ({marks})"), tuple(some)
            )
            found.extend(tuple(row) for row in result)
        return found


class PostgresqlWriter:
    """Rows into PostgreSQL, by COPY and arrays."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Write finished rows."""
        if len(rows) < COPY_FROM:
            marks = ",".join(["%s"] * len(FIELDS[table]))
            statement = f"INSERT INTO {table} VALUES ({marks})"  # noqa: S608
            self.connection.exec_driver_sql(statement, list(rows))
            return
        copy_rows(self.connection, f"COPY {table} FROM STDIN", rows)

    def close(self, table: str, ends: Sequence[tuple[int, str]]) -> None:
        """End current versions: (position, id) each."""
        positions, ids = zip(*ends, strict=True)
        self.connection.exec_driver_sql(
            f"UPDATE {table} t SET known_until = u.position "  # noqa: S608
            "FROM unnest(%s::bigint[], %s::text[]) AS u(position, id) "
            f"WHERE t.id = u.id AND t.known_until = {FOREVER}",
            (list(positions), list(ids)),
        )

    def replace_latest(self, rows: Sequence[Row]) -> None:
        """Write the readings that count now."""
        self.forget_latest([row[0] for row in rows])
        self.insert("latest", rows)

    def forget_latest(self, measured_ids: Sequence[str]) -> None:
        """Remove the reading that counted, where none is left."""
        self.connection.exec_driver_sql(
            "DELETE FROM latest WHERE measured_id = ANY(%s::text[])", (list(measured_ids),)
        )

    def select(self, statement: str, ids: Sequence[str]) -> list[Row]:
        """Return rows for these ids; the statement has {ids} for the list of them."""
        result = self.connection.exec_driver_sql(
            statement.replace("{ids}", "= ANY(%s::text[])"), (list(ids),)
        )
        return [tuple(row) for row in result]


Writer = SqliteWriter | PostgresqlWriter


def writer(connection: Connection) -> Writer:
    """Return the writer for the connection's engine."""
    if connection.dialect.name == "sqlite":
        return SqliteWriter(connection)
    return PostgresqlWriter(connection)
