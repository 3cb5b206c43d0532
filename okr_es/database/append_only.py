"""Tables that only grow: no row is changed, deleted or replaced, and positions have no gap.

The database itself refuses anything else, from any program: by triggers on both engines, and by
rights on PostgreSQL. SQLite's REPLACE deletes without firing a trigger, so there every insert is
checked as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, UniqueConstraint

from okr_es.database.database import Database, Row, run
from okr_es.database.dialect import Dialect, dialect_of
from okr_es.database.sql_files import statements_of
from okr_es.database.types import BigInt, Instant

NOTHING = "0"
GAP = "NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM {table})"


class GapFound(RuntimeError):
    """Rows are missing or out of order: stop, do not read on."""


class AppendOnly:
    """A table whose rows are numbered by `position` without a gap, and the counter of its rows.

    An append locks the counter before anything else, so the order of positions is the order of
    commits, and a rollback leaves no hole. Times never go backwards: a row gets the later of the
    clock's time and the counter's.
    """

    def __init__(self, table: Table, counter: Table) -> None:
        self.table = table
        self.counter = counter
        columns = [str(column.name) for column in counter.columns if not column.primary_key]
        self.select = f"SELECT {', '.join(columns)} FROM {counter.name}"
        values = ", ".join(f"{name} = :{name}" for name in columns)
        self.update = f"UPDATE {counter.name} SET {values}"

    def lock(self, connection: Any) -> Row:
        """Lock the counter until the transaction ends; return its position, recorded_at and rest.

        SQLite's write transactions hold the lock of the file from their beginning.
        """
        statement = f"{self.select} {dialect_of(connection).for_update()}"
        row: Row = run(connection, statement, {}).fetchone()
        return row

    def advance(self, connection: Any, values: Mapping[str, Any]) -> None:
        """Set all columns of the counter to those of the last row appended."""
        run(connection, self.update, values)

    def head(self, database: Database) -> int:
        """Return the last position, 0 where nothing was appended yet."""
        return int(database.rows(self.select, {})[0][0])

    def guards(self, dialect: Dialect) -> list[str]:
        """Return the statements that make the table refuse changes and gaps; safe to repeat."""
        return guards(dialect, self.table, misplaced=GAP.format(table=self.table.name))


def counter_table(name: str, metadata: MetaData, *columns: Column[Any]) -> Table:
    """Return the table of one row that holds the last position, its time, and further columns."""
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("position", BigInt, nullable=False),
        Column("recorded_at", Instant, nullable=False),
        *columns,
    )


def guards(dialect: Dialect, table: Table, *, misplaced: str = NOTHING) -> list[str]:
    """Return the statements that make a table refuse every change of its rows; safe to repeat.

    `misplaced` is the SQL of whether a NEW row is not the next one. Only SQLite needs to ask,
    because anyone with the file at hand can write there.
    """
    return statements_of(
        __package__,
        f"append_only.{dialect.name}.sql",
        table=str(table.name),
        misplaced=misplaced,
        replaces=replaces(table),
    )


def replaces(table: Table) -> str:
    """Return the SQL of whether a NEW row has a key of another; positions are checked as such."""
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    keys = [list(table.primary_key.columns), *(list(each.columns) for each in unique)]
    return (
        " OR ".join(
            f"EXISTS (SELECT 1 FROM {table.name} WHERE "
            + " AND ".join(f"{column.name} = NEW.{column.name}" for column in key)
            + ")"
            for key in keys
            if [column.name for column in key] != ["position"]
        )
        or NOTHING
    )


def require_no_gap(positions: Sequence[int], expected: range) -> None:
    """Raise GapFound unless these are the positions that were expected, in that order."""
    if list(positions) == list(expected):
        return
    wrong = next(number for number, found in zip_longest(expected, positions) if number != found)
    raise GapFound(f"Position {wrong} is missing or out of order.")
