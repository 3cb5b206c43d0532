"""Plain reads of rows as they held at a position."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.cycle import as_written
from okr_es.domain.refusals import NotFound
from projections.goals.scoring import Row
from projections.read_model.tables import FIELDS, FOREVER, plain

HIDDEN = ("known_from", "known_until", "first_position", "node", "committed_at")
VERSION_THEN = (
    "(SELECT max(v.known_from) FROM {table} v WHERE v.id = now.id AND v.known_from <= :plan)"
)


def versions(database: Database, table: str, ids: Sequence[str], last: int) -> list[Row]:
    """Return all versions of some things begun up to a position, bounds included, oldest first."""
    rows = database.rows(
        f"SELECT {named(table)} FROM {table} WHERE id {among(database, 'ids')} "
        "AND known_from <= :last ORDER BY known_from",
        {"ids": many(database, ids), "last": last},
    )
    return [plain(table, row) for row in rows]


def many(database: Database, values: Iterable[str | int]) -> str:
    """Return ids or positions as one parameter of the engine: as text, the quickest for both."""
    if database.is_sqlite:
        return json.dumps(list(values))
    return f"{{{','.join(map(str, values))}}}"


def one(database: Database, table: str, id_: UUID, noun: str, plan: int, field: str = "id") -> Row:
    """Return the row of one thing as it held at a position; raise NotFound with the field."""
    rows = database.rows(
        f"SELECT {named(table)} FROM {table} WHERE id = :id AND known_from <= :plan "
        "ORDER BY known_from DESC LIMIT 1",
        {"id": str(id_), "plan": plan},
    )
    if not rows:
        raise NotFound(f"There is no {noun} {as_written(id_)} by then.", field=field)
    return public(plain(table, rows[0]))


def all_rows(database: Database, table: str, plan: int, where: str = "", **more: Any) -> list[Row]:
    """Return all rows of a table as they held at a position; `where` is about rows `now`."""
    then = VERSION_THEN.format(table=table)
    statement = (
        f"SELECT {named(table, 'old')} FROM {table} now JOIN {table} old "
        f"ON old.id = now.id AND old.known_from = {then} WHERE now.known_until = {FOREVER} {where}"
    )
    rows = database.rows(statement, {"plan": plan, **more})
    return [public(plain(table, row)) for row in rows]


def named(table: str, alias: str = "") -> str:
    """Return the columns of a table."""
    before = alias and f"{alias}."
    return ", ".join(before + name for name in FIELDS[table])


def among(database: Database, name: str) -> str:
    """Return the SQL of being among a list parameter, for text columns."""
    if database.is_sqlite:
        return f"IN (SELECT value FROM json_each(:{name}))"
    return f"= ANY(CAST(:{name} AS text[]))"


def relation(database: Database, name: str, **columns: str) -> str:
    """Return the SQL of a list of lists, given as a parameter of JSON, as a relation to join."""
    if database.is_sqlite:
        cells = [f"json_extract(value, '$[{n}]') AS {column}" for n, column in enumerate(columns)]
        return f"(SELECT {', '.join(cells)} FROM json_each(:{name}))"
    cells = [
        f"CAST(value->>{n} AS {kind}) AS {column}"
        for n, (column, kind) in enumerate(columns.items())
    ]
    return f"(SELECT {', '.join(cells)} FROM jsonb_array_elements(CAST(:{name} AS jsonb)))"


def public(row: Row) -> Row:
    """Return a row without the bounds of its version."""
    for name in HIDDEN:
        row.pop(name, None)
    return row
