"""The tables of the read model `goals`, one set a generation, the same on both engines.

Entities are kept as versions: a row holds from position `known_from` until before
`known_until`, which is FOREVER while it is current. So one shape serves now and then:

* current:           WHERE known_until = FOREVER            (a partial index)
* one entity then:   WHERE id = ? AND known_from <= ? ORDER BY known_from DESC LIMIT 1
* all of them then:  WHERE known_from <= ? AND known_until > ?

Numbers, days and ids are text: exact, and as they stand in the events.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem

FOREVER = 2**62
NAME, VERSION = "goals", 1

metadata = MetaData()


def texts(names: str) -> list[SchemaItem]:
    """Return text columns of these names."""
    return [Column(name, Text) for name in names.split()]


def versions(name: str, *columns: SchemaItem, keys: tuple[str, ...] = ()) -> Table:
    """Return a table of versions, with a partial index on the current ones, by id and by keys."""
    table = Table(
        name,
        metadata,
        Column("id", Text, primary_key=True),
        Column("known_from", BigInteger, primary_key=True, autoincrement=False),
        Column("known_until", BigInteger, nullable=False),
        Column("version", Integer, nullable=False),
        Column("first_position", BigInteger, nullable=False),
        *columns,
    )
    Index(f"{name}_from", table.c.known_from)
    ended = table.c.known_until < FOREVER
    Index(f"{name}_until", table.c.known_until, sqlite_where=ended, postgresql_where=ended)
    now = table.c.known_until == FOREVER
    for key in ("id", *keys):
        Index(
            f"{name}_now_by_{key}",
            table.c[key],
            unique=key == "id",
            sqlite_where=now,
            postgresql_where=now,
        )
    return table


cycle = versions(
    "cycle",
    *texts("name starts ends"),
    Column("plan_committed", Boolean),
    Column("closed", Boolean),
    Column("planned_at", BigInteger),
    Column("closed_at", BigInteger),
)
team = versions("team", *texts("name kind above_id"), Column("disbanded", Boolean))
person = versions("person", *texts("legal_ground"), Column("erased", Boolean))
scoring_policy = versions(
    "scoring_policy",
    *texts("on_track at_risk yellow_from green_from committed_expected aspirational_expected"),
)
# `served_id` is the objective that is served in the end, also where it is through a key result.
objective = versions(
    "objective",
    *texts("cycle_id team_id owner_id statement commitment due carried_from carried_to"),
    *texts("serves_objective_id serves_key_result_id weight stage"),
    Column("graded", Boolean),
    *texts("adjusted_grade served_id"),
    keys=("cycle_id", "served_id", "serves_key_result_id"),
)
key_result = versions(
    "key_result",
    *texts("objective_id statement kind baseline target unit steps zones weight cadence"),
    *texts("trajectory carried_from kpi_id"),
    Column("dropped", Boolean),
    keys=("objective_id",),
)
kpi = versions(
    "kpi",
    *texts("name direction unit source cadence owner_id team_id purpose baseline"),
    Column("retired", Boolean),
)
kpi_target = versions(
    "kpi_target", *texts("kpi_id starts ends target minimum maximum"), keys=("kpi_id",)
)
for table, column in ((key_result, "objective_id"), (kpi_target, "kpi_id")):
    ended = table.c.known_until < FOREVER
    Index(f"{table.name}_ended", table.c[column], sqlite_where=ended, postgresql_where=ended)

# Readings are many and rarely change, so they have few indexes: by what they measure, and by id.
reading = Table(
    "reading",
    metadata,
    Column("id", Text, nullable=False),
    Column("known_from", BigInteger, nullable=False),
    Column("known_until", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("first_position", BigInteger, nullable=False),
    Column("measured_id", Text, nullable=False),
    Column("as_of", Text, nullable=False),
    *texts("value zone"),
    Column("confidence", Integer),
    Column("retracted", Boolean),
)
Index("reading_by_measured", reading.c.measured_id, reading.c.as_of)
Index("reading_by_id", reading.c.id)

# The reading that counts now: the last day, and of one day the last recorded.
latest = Table(
    "latest",
    metadata,
    Column("measured_id", Text, primary_key=True),
    Column("reading_id", Text, nullable=False),
    Column("as_of", Text, nullable=False),
    *texts("value zone"),
    Column("confidence", Integer),
    Column("first_position", BigInteger, nullable=False),
)

progress = Table(
    "progress",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("retired", Boolean, nullable=False),
)

VERSIONED = (cycle, team, person, scoring_policy, objective, key_result, kpi, kpi_target, reading)
FIELDS = {
    str(table.name): [str(column.name) for column in table.columns]
    for table in metadata.tables.values()
}
BOOLEANS = {
    str(table.name): {str(c.name) for c in table.columns if isinstance(c.type, Boolean)}
    for table in metadata.tables.values()
}


def create_tables(connection: Connection) -> None:
    """Create the tables of a generation and set it to the beginning of the log."""
    metadata.create_all(connection)
    if connection.execute(progress.select()).first() is None:
        connection.execute(progress.insert(), {"id": 1, "position": 0, "retired": False})


def plain(name: str, row: Any) -> dict[str, Any]:
    """Return a row of a table as a dict, its booleans as such on both engines."""
    fields = dict(zip(FIELDS[name], row, strict=True))
    for boolean in BOOLEANS[name]:
        fields[boolean] = bool(fields[boolean])
    return fields
