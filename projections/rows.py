"""Plain reads of current rows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, Text, bindparam, text

from okr_es.domain.refusals import NotFound

from .goals import Row
from .schema import FOREVER, plain

NOW = f"known_until = {FOREVER}"
POSITION = text("SELECT position FROM progress")


def one(connection: Connection, table: str, id_: UUID, noun: str) -> Row:
    """Return the current row of one thing, with the position; raise NotFound."""
    statement = text(f"SELECT * FROM {table} WHERE {NOW} AND id = :id")  # noqa: S608
    row = connection.execute(statement, {"id": str(id_)}).first()
    if row is None:
        raise NotFound(f"There is no {noun} {id_}.", field="id")
    return public(plain(table, row)) | {"position": position_of(connection)}


def all_rows(connection: Connection, table: str) -> list[Row]:
    """Return all current rows of a table."""
    statement = text(f"SELECT * FROM {table} WHERE {NOW}")  # noqa: S608
    return [public(plain(table, row)) for row in connection.execute(statement)]


def rows_of(
    connection: Connection, table: str, column: str, ids: Sequence[str], *, versioned: bool = True
) -> list[Row]:
    """Return the (current) rows of a table that belong to some ids."""
    now = f"{NOW} AND " if versioned else ""
    statement = text(f"SELECT * FROM {table} WHERE {now}{column} IN :ids").bindparams(  # noqa: S608
        bindparam("ids", expanding=True, type_=Text)
    )
    rows = connection.execute(statement, {"ids": list(ids)})
    return [public(plain(table, row)) for row in rows]


def position_of(connection: Connection) -> int:
    """Return the position the read model has come to."""
    return int(connection.execute(POSITION).scalar_one())


def public(row: Row) -> Row:
    """Return a row without the bounds of its version."""
    for name in ("known_from", "known_until", "first_position"):
        row.pop(name, None)
    return row
