"""Databases of earlier schema versions, kept as rows: what the test of upgrades begins with.

Before a schema version is raised, `python -m tests.support.old_databases` writes a database of
the version that stands, into tests/data/databases. It is rows by table, the same for both
engines; the tables are made by the migrations up to that version.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, MetaData, Table, Uuid, insert, select

from okr_es import example
from okr_es.application import Okr
from okr_es.areas import databases, schema_versions
from okr_es.database.creation import owner_transaction
from okr_es.database.schema_versions import migrate
from okr_es.evidence.signer import Signer

FOLDER = Path(__file__).parents[1] / "data" / "databases"
COMMANDS = 250  # of the example company: its first weeks


def build(url: str) -> None:
    """Record the first weeks of the example company, signed, with a read and a client address."""
    okr = Okr(url)
    steps = example.story()[:COMMANDS]
    example.execute_steps(okr, steps)
    _, last = steps[-1]
    okr.client_info.note(last.command_id, last.by, "192.0.2.7", "a browser")
    okr.access_log.record(last.by, "history", {"goal_id": str(last.command_id)}, [last.by])
    assert Signer(okr, origin="okr-es.example").sign() is not None
    okr.close()


def write(url: str, path: Path) -> None:
    """Write all rows of a database, but for its read model."""
    lines = []
    for area, database in databases(url):
        with owner_transaction(database) as connection:
            lines += [[area.name, *each] for each in rows_of(connection, area.metadata)]
    versions = {each.area: each.version for each in schema_versions(url)}
    text = "\n".join(json.dumps(each) for each in [versions, *lines])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def load(path: Path, url: str) -> dict[str, int]:
    """Make the database that a file holds; return the schema version of each area."""
    versions, *lines = map(json.loads, gzip.decompress(path.read_bytes()).decode().splitlines())
    for area, database in databases(url):
        with owner_transaction(database) as connection:
            migrate(connection, area.name, versions[area.name])
            tables = MetaData()
            tables.reflect(connection)
            for name, table, row in lines:
                if name == area.name:
                    connection.execute(insert(tables.tables[table]), from_json(row, table, tables))
    return versions


def rows_of(connection: Connection, metadata: MetaData) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of each table, as JSON has them."""
    for table in metadata.sorted_tables:
        ordered = select(table).order_by(*table.primary_key.columns)
        for row in connection.execute(ordered).mappings():
            yield table.name, {name: to_json(value) for name, value in row.items()}


def to_json(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return {"hex": bytes(value).hex()} if isinstance(value, bytes | memoryview) else value


def from_json(row: dict[str, Any], table: str, tables: MetaData) -> dict[str, Any]:
    columns: Table = tables.tables[table]
    return {
        name: bytes.fromhex(value["hex"])
        if isinstance(value, dict)
        else UUID(value)
        if value is not None and isinstance(columns.c[name].type, Uuid)
        else value
        for name, value in row.items()
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        here = f"sqlite:///{folder}/okr.db"
        build(here)
        newest = max(each.needed for each in schema_versions(here))
        write(here, FOLDER / f"version_{newest}.jsonl.gz")
