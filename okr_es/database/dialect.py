"""What the two engines write differently, in one object: fragments of SQL and lists as parameters.

Statements are built from these, so nothing outside this package asks which engine it is, except
where query plans really differ. Ids are text in the read model on both engines; in the log they are
native UUIDs on PostgreSQL.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection


class Dialect:
    """SQL of one engine. `name` in a method is that of a parameter, written :name."""

    name: str

    def array(self, values: Iterable[Any]) -> str:
        """Return a list of ids, positions or words as one parameter, as text: quickest for both."""
        raise NotImplementedError

    def in_array(self, name: str, of: str = "text") -> str:
        """Return the SQL of being in a list parameter of text, bigint or uuid."""
        raise NotImplementedError

    def unnest(self, name: str, of: str = "text") -> str:
        """Return the SQL of a list parameter as a query of one column, `value`."""
        raise NotImplementedError

    def relation(self, name: str, **columns: str) -> str:
        """Return the SQL of a list of lists, a parameter of JSON, as a relation to join.

        `columns` are the names of its columns with their types.
        """
        raise NotImplementedError

    def id_as_text(self, column: str) -> str:
        """Return the SQL of a column of ids of the log as text."""
        raise NotImplementedError

    def as_id(self, name: str) -> str:
        """Return the SQL of a parameter of text as an id of the log."""
        raise NotImplementedError

    def json_text(self, column: str, name: str) -> str:
        """Return the SQL of a field of a JSON object, in a column of UTF-8 bytes, as text."""
        raise NotImplementedError

    def text_after(self, column: str, before: str, length: int) -> str:
        """Return the SQL of the ASCII text after the first place of another, in UTF-8 bytes.

        It can be the expression of an index, as `json_text` cannot on PostgreSQL.
        """
        raise NotImplementedError

    def json_list(self, column: str) -> str:
        """Return the SQL that aggregates a column of text into a list in JSON."""
        raise NotImplementedError

    def json_rows(self, columns: Iterable[str]) -> str:
        """Return the SQL that aggregates rows into a list of lists in JSON."""
        raise NotImplementedError

    def least(self, one: str, other: str) -> str:
        """Return the SQL of the lesser of two values."""
        raise NotImplementedError

    def greatest(self, one: str, other: str) -> str:
        """Return the SQL of the greater of two values."""
        raise NotImplementedError

    def bytewise(self, expression: str) -> str:
        """Return an expression of text that is compared byte by byte."""
        raise NotImplementedError

    def contains(self, column: str, name: str) -> str:
        """Return the SQL of whether a column of UTF-8 bytes holds the text of a parameter."""
        raise NotImplementedError

    def holds(self, column: str, name: str) -> str:
        """Return the SQL of whether a column of text holds the text of a parameter, byte by byte.

        Unlike LIKE it gives no character a meaning of its own.
        """
        raise NotImplementedError

    def first_of(self, alias: str, table: str, columns: str, rest: str) -> str:
        """Return the left join of the first row of a query on a table, at most one for each row.

        `rest` is the query from WHERE on, over the table as `r`, its LIMIT included. The key of
        the table is `known_from`.
        """
        raise NotImplementedError

    def for_each(self, alias: str, table: str, condition: str) -> str:
        """Return the join of the rows of a table that meet a condition on what stands before it.

        They are found by an index for each row before in turn. Otherwise PostgreSQL, which plans
        without a look at parameters, takes a list of thousands for short, and compares each row
        that meets the rest of the condition with all of it.
        """
        raise NotImplementedError

    def json_array(self, columns: Iterable[str]) -> str:
        """Return columns as one text, a JSON array; SQLite writes booleans as 0 and 1."""
        raise NotImplementedError

    def by_index(self, name: str) -> str:
        """Return the hint to use an index: SQLite may take another that begins alike."""
        raise NotImplementedError

    def for_update(self) -> str:
        """Return what locks the rows a query reads, until its transaction ends."""
        raise NotImplementedError

    def engine_version(self) -> str:
        """Return the query of the engine's name and version."""
        raise NotImplementedError

    def seconds_now(self) -> str:
        """Return the SQL of the seconds since 1970, by the clock of the database."""
        raise NotImplementedError

    def tables(self) -> str:
        """Return the query of the names of the area's tables."""
        raise NotImplementedError

    def made_by_statements(self, schema: str) -> str:
        """Return the query of an area's triggers in force and indexes, by name, and functions.

        Of a function it is the body. SQLite has a file for each area, PostgreSQL a schema.
        """
        raise NotImplementedError


class Sqlite(Dialect):
    """SQL of SQLite: lists are JSON."""

    name = "sqlite"

    def array(self, values: Iterable[Any]) -> str:
        return json.dumps([each if isinstance(each, int) else str(each) for each in values])

    def in_array(self, name: str, of: str = "text") -> str:  # noqa: ARG002
        return f"IN (SELECT value FROM json_each(:{name}))"

    def unnest(self, name: str, of: str = "text") -> str:  # noqa: ARG002
        return f"SELECT value FROM json_each(:{name})"

    def relation(self, name: str, **columns: str) -> str:
        cells = [f"json_extract(value, '$[{n}]') AS {column}" for n, column in enumerate(columns)]
        return f"(SELECT {', '.join(cells)} FROM json_each(:{name}))"

    def id_as_text(self, column: str) -> str:
        """Return the column: ids are text."""
        return column

    def as_id(self, name: str) -> str:
        """Return the parameter: ids are text."""
        return f":{name}"

    def json_text(self, column: str, name: str) -> str:
        return f"json_extract(CAST({column} AS TEXT), '$.{name}')"

    def text_after(self, column: str, before: str, length: int) -> str:
        start = f"instr({column}, CAST('{before}' AS BLOB)) + {len(before)}"
        return f"CAST(substr({column}, {start}, {length}) AS TEXT)"

    def json_list(self, column: str) -> str:
        return f"json_group_array({column})"

    def json_rows(self, columns: Iterable[str]) -> str:
        return f"json_group_array(json_array({', '.join(columns)}))"

    def least(self, one: str, other: str) -> str:
        return f"min({one}, {other})"

    def greatest(self, one: str, other: str) -> str:
        return f"max({one}, {other})"

    def bytewise(self, expression: str) -> str:
        """Return the expression: SQLite compares byte by byte."""
        return expression

    def contains(self, column: str, name: str) -> str:
        return f"instr({column}, CAST(:{name} AS BLOB)) > 0"

    def holds(self, column: str, name: str) -> str:
        return f"instr({column}, :{name}) > 0"

    def first_of(self, alias: str, table: str, columns: str, rest: str) -> str:  # noqa: ARG002
        first = f"(SELECT r.known_from FROM {table} r {rest})"
        return f"LEFT JOIN {table} {alias} ON {alias}.known_from = {first}"

    def for_each(self, alias: str, table: str, condition: str) -> str:
        """Return a cross join, whose order SQLite keeps."""
        return f"CROSS JOIN {table} {alias} ON {condition}"

    def json_array(self, columns: Iterable[str]) -> str:
        return f"json_array({', '.join(columns)})"

    def by_index(self, name: str) -> str:
        return f"INDEXED BY {name}"

    def for_update(self) -> str:
        """Return nothing: a write transaction holds the lock of the file from its beginning."""
        return ""

    def engine_version(self) -> str:
        return "SELECT 'SQLite ' || sqlite_version()"

    def seconds_now(self) -> str:
        return "((julianday('now') - 2440587.5) * 86400.0)"

    def tables(self) -> str:
        return "SELECT name FROM sqlite_master WHERE type = 'table'"

    def made_by_statements(self, schema: str) -> str:  # noqa: ARG002
        return "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'index')"


class Postgresql(Dialect):
    """SQL of PostgreSQL: lists are arrays."""

    name = "postgresql"

    def array(self, values: Iterable[Any]) -> str:
        return f"{{{','.join(map(str, values))}}}"

    def in_array(self, name: str, of: str = "text") -> str:
        return f"= ANY(CAST(:{name} AS {of}[]))"

    def unnest(self, name: str, of: str = "text") -> str:
        """Return the values of an array; text is compared byte by byte, as in the tables."""
        value = 'value COLLATE "C" AS value' if of == "text" else "value"
        return f"SELECT {value} FROM unnest(CAST(:{name} AS {of}[])) AS listed(value)"

    def relation(self, name: str, **columns: str) -> str:
        cells = [
            f"CAST(value->>{n} AS {kind}) AS {column}"
            for n, (column, kind) in enumerate(columns.items())
        ]
        return f"(SELECT {', '.join(cells)} FROM jsonb_array_elements(CAST(:{name} AS jsonb)))"

    def id_as_text(self, column: str) -> str:
        return f"CAST({column} AS text)"

    def as_id(self, name: str) -> str:
        return f"CAST(:{name} AS uuid)"

    def json_text(self, column: str, name: str) -> str:
        return f"(CAST(convert_from({column}, 'UTF8') AS json)->>'{name}')"

    def text_after(self, column: str, before: str, length: int) -> str:
        start = f"position('{before}'::bytea IN {column}) + {len(before)}"
        return f"encode(substring({column} FROM {start} FOR {length}), 'escape')"

    def json_list(self, column: str) -> str:
        """Return json_agg as text; None of no rows."""
        return f"CAST(json_agg({column}) AS text)"

    def json_rows(self, columns: Iterable[str]) -> str:
        """Return json_agg as text; None of no rows."""
        return f"CAST(json_agg(json_build_array({', '.join(columns)})) AS text)"

    def least(self, one: str, other: str) -> str:
        return f"least({one}, {other})"

    def greatest(self, one: str, other: str) -> str:
        return f"greatest({one}, {other})"

    def bytewise(self, expression: str) -> str:
        return f'{expression} COLLATE "C"'

    def contains(self, column: str, name: str) -> str:
        return f"position(convert_to(CAST(:{name} AS text), 'UTF8') IN {column}) > 0"

    def holds(self, column: str, name: str) -> str:
        return f"strpos({column}, CAST(:{name} AS text)) > 0"

    def first_of(self, alias: str, table: str, columns: str, rest: str) -> str:
        """Return a lateral join; PostgreSQL would join by a hash of all rows if it could."""
        return f"LEFT JOIN LATERAL (SELECT {columns} FROM {table} r {rest}) {alias} ON true"

    def for_each(self, alias: str, table: str, condition: str) -> str:
        """Return a lateral join; OFFSET keeps PostgreSQL from making another join of it."""
        rows = f"SELECT * FROM {table} {alias} WHERE {condition} OFFSET 0"
        return f"CROSS JOIN LATERAL ({rows}) {alias}"

    def json_array(self, columns: Iterable[str]) -> str:
        return f"CAST(json_build_array({', '.join(columns)}) AS text)"

    def by_index(self, name: str) -> str:  # noqa: ARG002
        """Return nothing: the planner chooses."""
        return ""

    def for_update(self) -> str:
        return "FOR UPDATE"

    def engine_version(self) -> str:
        return "SELECT 'PostgreSQL ' || current_setting('server_version')"

    def seconds_now(self) -> str:
        return "CAST(extract(epoch FROM clock_timestamp()) AS float)"

    def tables(self) -> str:
        return "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"

    def made_by_statements(self, schema: str) -> str:
        return f"""
          SELECT CAST(t.tgname AS text) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
          WHERE c.relnamespace = '{schema}'::regnamespace AND t.tgenabled = 'O'
          UNION ALL
          SELECT CAST(relname AS text) FROM pg_class
          WHERE relnamespace = '{schema}'::regnamespace AND relkind = 'i'
          UNION ALL
          SELECT prosrc FROM pg_proc WHERE pronamespace = '{schema}'::regnamespace
        """


SQLITE, POSTGRESQL = Sqlite(), Postgresql()
DIALECTS: dict[str, Dialect] = {each.name: each for each in (SQLITE, POSTGRESQL)}


def driver_of(connection: Any) -> Any:
    """Return the driver's connection of SQLAlchemy's, or the driver's itself as it is."""
    if isinstance(connection, Connection):
        return connection.connection.driver_connection
    return connection


def dialect_of(connection: Any) -> Dialect:
    """Return the dialect of the engine a connection belongs to: SQLAlchemy's or the driver's."""
    return SQLITE if isinstance(driver_of(connection), sqlite3.Connection) else POSTGRESQL
