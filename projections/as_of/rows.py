"""Rows of the read model as they were at positions, and the SQL of their columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from okr_es.database.database import Database
from okr_es.database.dialect import Dialect
from projections.read_model.tables import FIELDS, Row, plain

HIDDEN = (
    "known_from", "known_until", "first_position", "node", "committed_at", "committed_time",
    "added_time", "linked_time", "earlier_steps", "earlier_cadences", "promised_at", "covered_by",
    "ended_at", "came_at", "returns", "effective", "redated", "defined_from", "corrected",
    "corrects", "corrections", "renamed_steps", "title_key", "words",
)  # fmt: skip
VERSION_THEN = (
    "(SELECT max(v.known_from) FROM {table} v WHERE v.id = now.id AND v.known_from <= :plan)"
)

Pair = tuple[str, int]
decode = msgspec.json.Decoder(list[Any]).decode


def columns(table: str, alias: str = "") -> str:
    """Return the columns of a table, in the order `plain` reads them."""
    before = alias and f"{alias}."
    return ", ".join(before + name for name in FIELDS[table])


def public(row: Row) -> Row:
    """Return a row without the bounds of its version."""
    return {name: value for name, value in row.items() if name not in HIDDEN}


def promised_by(row: Row, plan: int) -> Row:
    """Return a row of an objective without a promise that was made later than a position."""
    if row["promised_at"] is None or row["promised_at"] <= plan:
        return row
    return row | {"promised_at": None, "covered_by": None}


class RowsAt:
    """Rows, each as of right after an event; for a position before the first version, the first."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rows: dict[tuple[str, str, int], Row | None] = {}

    def load(self, table: str, pairs: Iterable[Pair]) -> None:
        """Load the rows of some things, each as of a position, by one statement."""
        missing = {pair for pair in pairs if (table, *pair) not in self.rows}
        if not missing:
            return
        self.rows |= dict.fromkeys((table, *pair) for pair in missing)
        parameters = {"pairs": json.dumps(sorted(missing))}
        for position, *stored in self.database.rows(
            rows_at(table, self.database.dialect), parameters
        ):
            row = plain(table, stored)
            self.rows[table, row["id"], position] = row

    def load_several(self, wanted: Mapping[str, Iterable[Pair]]) -> None:
        """Load the rows of things of several tables, each as of a position, by one statement."""
        missing = {
            table: sorted({pair for pair in pairs if (table, *pair) not in self.rows})
            for table, pairs in sorted(wanted.items())
        }
        missing = {table: pairs for table, pairs in missing.items() if pairs}
        if not missing:
            return
        for table, pairs in missing.items():
            self.rows |= dict.fromkeys((table, *pair) for pair in pairs)
        statement = rows_of_several(tuple(missing), self.database.dialect)
        parameters = {f"pairs_{table}": json.dumps(pairs) for table, pairs in missing.items()}
        for table, position, fields in self.database.rows(statement, parameters):
            row = plain(table, decode(fields))
            self.rows[table, row["id"], position] = row

    def at(self, table: str, id_: str | None, position: int) -> Row | None:
        """Return the row of a thing as of a position, if it was loaded and is there."""
        return None if id_ is None else self.rows.get((table, id_, position))


@cache
def rows_of_several(tables: tuple[str, ...], dialect: Dialect) -> str:
    """Return the statement of some things of several tables, their fields as a list in JSON."""
    fields = (dialect.json_array(f"v.{name}" for name in FIELDS[table]) for table in tables)
    return " UNION ALL ".join(
        rows_at(table, dialect, f"'{table}', p.position, {each}", f"pairs_{table}")
        for table, each in zip(tables, fields, strict=True)
    )


@cache
def rows_at(table: str, dialect: Dialect, shown: str = "", parameter: str = "pairs") -> str:
    """Return the statement of some things of a table as of positions: all columns, or `shown`."""
    pairs = dialect.relation(parameter, id="text", position="bigint")
    of_it = f"FROM {table} u WHERE u.id = p.id"
    return (
        f"SELECT {shown or 'p.position, ' + columns(table, 'v')} "
        f"FROM {pairs} AS p CROSS JOIN {table} AS v "
        "WHERE v.id = p.id AND v.known_from = coalesce("
        f"(SELECT max(u.known_from) {of_it} AND u.known_from <= p.position), "
        f"(SELECT min(u.known_from) {of_it}))"
    )
