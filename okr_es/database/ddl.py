"""Tables and indexes, created by statements that are put together once a process."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, MetaData, Table, make_url
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def create_all(connection: Connection, metadata: MetaData) -> None:
    """Create all tables with their indexes; none of them may be there."""
    for statement in statements(metadata, connection.dialect.name):
        connection.exec_driver_sql(statement)


@cache
def statements(metadata: MetaData, engine: str) -> list[str]:
    """Return the statements that create what a metadata has; on PostgreSQL they go as one.

    To put them together takes longer than to run them, and so does the way to a server.
    """
    dialect = make_url(f"{DRIVERS[engine]}://").get_dialect()()
    found = [
        str(each.compile(dialect=dialect)).strip()
        for table in metadata.sorted_tables
        for each in elements(table)
    ]
    return [";\n".join(found)] if engine == "postgresql" else found


def elements(table: Table) -> list[ExecutableDDLElement]:
    """Return what a table is made by."""
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    return [CreateTable(table), *map(CreateIndex, indexes)]
