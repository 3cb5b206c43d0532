"""Writing finished rows in bulk, by the fastest way each engine has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from okr_es.database.bulk import copy_lines, copy_rows, insert_many
from okr_es.database.database import Database
from projections.read_model.tables import FIELDS, FOREVER, WITH_NODE

Stored = tuple[Any, ...]
COPY_FROM = 20
WRITTEN = 4  # columns of a reading with texts that people wrote, its last
CURRENT_READINGS = (
    "SELECT r.* FROM events e JOIN reading r ON r.known_from = e.position "
    f"WHERE r.known_until = {FOREVER} AND e.stream {{ids}}"
)
READINGS_AT = f"SELECT * FROM reading WHERE known_until = {FOREVER} AND known_from {{ids}}"
POSITIONS_OF = "SELECT position FROM events WHERE stream {ids}"
UNLINK = (
    "UPDATE links SET known_until = {} "
    f"WHERE parent_id = {{}} AND child_id = {{}} AND known_until = {FOREVER}"
)


# What was meant is added to the versions of the stream that a correction is about.
CORRECT = (
    "UPDATE {table} SET corrected = coalesce(corrected || ',', '') || {mark} "
    "WHERE id = {mark} AND version >= {mark} AND version < {mark} AND known_from < {mark}"
)


class Corrected(NamedTuple):
    """What was meant, as JSON, in the versions of a row from one of its stream until another."""

    meant: str
    table: str
    id: str
    since: int
    until: int | None
    position: int


def correct(connection: Connection, corrected: Sequence[Corrected], mark: str) -> None:
    """Note corrections on the versions they are about, in their order."""
    for each in corrected:
        until = FOREVER if each.until is None else each.until
        connection.exec_driver_sql(
            CORRECT.format(table=each.table, mark=mark),
            (each.meant, each.id, each.since, until, each.position),
        )


class Ended(NamedTuple):
    """A stored version that ends: where, its node, and which it is."""

    known_until: int
    node: int
    id: str
    known_from: int


class Promised(NamedTuple):
    """A stored version of an objective whose promise was made: where, covered by, and which."""

    promised_at: int
    covered_by: int | None
    id: str
    known_from: int


class SqliteWriter:
    """Rows into SQLite, by prepared statements over many rows.

    The log is read by connections of its own: a write transaction of the read model does not lock
    it.
    """

    def __init__(self, connection: Connection, log: Database) -> None:
        self.connection = connection
        self.log = log

    def insert(self, table: str, rows: Sequence[Stored]) -> None:
        """Write finished rows."""
        marks = ",".join("?" * len(FIELDS[table]))
        insert_many(self.connection, f"INSERT INTO {table} VALUES ({marks})", rows)

    def unlink(self, ends: Sequence[tuple[int, str, str]]) -> None:
        """End links: (position, above, below) each."""
        self.connection.exec_driver_sql(UNLINK.format(*("?",) * 3), list(ends))

    def close(self, table: str, ends: Sequence[Ended]) -> None:
        """End stored versions."""
        also = ", node = ?2" if table in WITH_NODE else ""
        self.connection.exec_driver_sql(
            f"UPDATE {table} SET known_until = ?1{also} WHERE id = ?3 AND known_from = ?4",
            [tuple(end) for end in ends],
        )

    def promise(self, promised: Sequence[Promised]) -> None:
        """Note on stored versions of objectives where their promise was made."""
        self.connection.exec_driver_sql(
            "UPDATE objective SET promised_at = ?1, covered_by = ?2 "
            "WHERE id = ?3 AND known_from = ?4",
            [tuple(each) for each in promised],
        )

    def correct(self, corrected: Sequence[Corrected]) -> None:
        """Note corrections on the versions they are about."""
        correct(self.connection, corrected, "?")

    def current_readings(self, ids: Sequence[str]) -> list[Stored]:
        """Return the current versions of these readings, which are found by their events."""
        dialect = self.log.dialect
        statement = POSITIONS_OF.format(ids=dialect.in_array("ids"))
        found = self.log.rows(statement, {"ids": dialect.array(ids)})
        return self.select(READINGS_AT, [position for (position,) in found])

    def select(self, statement: str, ids: Sequence[str | int]) -> list[Stored]:
        """Return rows for these ids; the statement has {ids} for the list of them."""
        found: list[Stored] = []
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

    def insert(self, table: str, rows: Sequence[Stored]) -> None:
        """Write finished rows."""
        if len(rows) < COPY_FROM:
            marks = ",".join(["%s"] * len(FIELDS[table]))
            statement = f"INSERT INTO {table} VALUES ({marks})"
            self.connection.exec_driver_sql(statement, list(rows))
            return
        if table == "reading":
            copy_lines(self.connection, "COPY reading FROM STDIN", map(reading_line, rows))
        else:
            copy_rows(self.connection, f"COPY {table} FROM STDIN", rows)

    def unlink(self, ends: Sequence[tuple[int, str, str]]) -> None:
        """End links: (position, above, below) each."""
        self.connection.exec_driver_sql(UNLINK.format(*("%s",) * 3), list(ends))

    def close(self, table: str, ends: Sequence[Ended]) -> None:
        """End stored versions."""
        also = ", node = u.node" if table in WITH_NODE else ""
        self.connection.exec_driver_sql(
            f"UPDATE {table} t SET known_until = u.until{also} "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[]) "
            "AS u(until, node, id, begun) WHERE t.id = u.id AND t.known_from = u.begun",
            tuple(map(list, zip(*ends, strict=True))),
        )

    def promise(self, promised: Sequence[Promised]) -> None:
        """Note on stored versions of objectives where their promise was made."""
        self.connection.exec_driver_sql(
            "UPDATE objective t SET promised_at = u.promised, covered_by = u.covered "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[]) "
            "AS u(promised, covered, id, begun) WHERE t.id = u.id AND t.known_from = u.begun",
            tuple(map(list, zip(*promised, strict=True))),
        )

    def correct(self, corrected: Sequence[Corrected]) -> None:
        """Note corrections on the versions they are about."""
        correct(self.connection, corrected, "%s")

    def current_readings(self, ids: Sequence[str]) -> list[Stored]:
        """Return the current versions of these readings."""
        statement = CURRENT_READINGS.replace("{ids}", "= ANY(%s::uuid[])")
        result = self.connection.exec_driver_sql(statement, (list(ids),))
        return [tuple(row) for row in result]

    def select(self, statement: str, ids: Sequence[str]) -> list[Stored]:
        """Return rows for these ids; the statement has {ids} for the list of them."""
        result = self.connection.exec_driver_sql(
            statement.replace("{ids}", "= ANY(%s::text[])"), (list(ids),)
        )
        return [tuple(row) for row in result]


def reading_line(row: Stored) -> str:
    """Return a reading as COPY reads it: texts that people wrote, its last four, are escaped."""
    words = ["\\N" if value is None else str(value) for value in row[:-WRITTEN]]
    words += ["\\N" if text is None else escaped(text) for text in row[-WRITTEN:]]
    return "\t".join(words) + "\n"


def escaped(text: str) -> str:
    """Return a text as COPY reads it: what ends a cell or a line is written out."""
    for character, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(character, written)
    return text


Writer = SqliteWriter | PostgresqlWriter


def writer(connection: Connection, log: Database) -> Writer:
    """Return the writer for the connection's engine; `log` is the database of the log."""
    if connection.dialect.name == "sqlite":
        return SqliteWriter(connection, log)
    return PostgresqlWriter(connection)
