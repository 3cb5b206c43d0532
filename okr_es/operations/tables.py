"""Rows of whole tables, the same from every engine, and a digest of them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    Text,
    func,
    literal_column,
    select,
    text,
)

from okr_es.database.dialect import dialect_of
from okr_es.database.types import Id

BATCH = 5_000
PlainRow = tuple[Any, ...]
encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(list[Any]).decode


class TableDigest(msgspec.Struct):
    """How many rows a table has, and the SHA-256 over all of them in the order of its key."""

    rows: int
    sha256: str


class Digest:
    """Counts and hashes the rows of a table while they pass."""

    def __init__(self) -> None:
        self.count = 0
        self.hash = sha256()

    def over(self, batches: Iterable[Sequence[PlainRow]]) -> Iterator[Sequence[PlainRow]]:
        """Yield the batches."""
        for batch in batches:
            self.count += len(batch)
            for row in batch:
                self.hash.update(encode(row) + b"\n")
            yield batch

    def result(self) -> TableDigest:
        """Return the digest of what has passed."""
        return TableDigest(self.count, self.hash.hexdigest())


def count_rows(connection: Connection, tables: Iterable[Table]) -> int:
    """Return how many rows tables have in all."""
    return sum(
        int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in tables
    )


def read_table(connection: Connection, table: Table) -> Iterator[Sequence[PlainRow]]:
    """Yield all rows in the order of the key, some at a time; ids as text, bytes as bytes."""
    bytewise = dialect_of(connection).bytewise
    key = [
        text(bytewise(f'"{column.name}"')) if isinstance(column.type, Text) else column
        for column in table.primary_key.columns
    ]
    query = select(*(plain(connection, column) for column in table.columns)).order_by(*key)
    options = {"stream_results": True, "yield_per": BATCH}
    for part in connection.execute(query, execution_options=options).partitions():
        yield [tuple(row) for row in part]


def plain(connection: Connection, column: Column[Any]) -> ColumnElement[Any]:
    """Return a column as both drivers take its values: an id as text, under another name.

    Under its own, a key would be ordered by its text and not by the index.
    """
    if not isinstance(column.type, Id):
        return column
    as_text = dialect_of(connection).id_as_text(f'{column.table.name}."{column.name}"')
    return literal_column(as_text, Text).label(f"{column.name}_as_text")


def from_json(table: Table) -> Callable[[Sequence[Any]], PlainRow]:
    """Return what makes a row of its JSON: bytes are in base64 there."""
    binary = [isinstance(column.type, LargeBinary) for column in table.columns]

    def row_of(values: Sequence[Any]) -> PlainRow:
        return tuple(
            b64decode(value) if is_binary and value is not None else value
            for value, is_binary in zip(values, binary, strict=True)
        )

    return row_of
