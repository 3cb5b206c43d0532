"""The tables of the log, the same on both engines, and the triggers that make them immutable."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from okr_es.database.append_only import AppendOnly, counter_table, guards
from okr_es.database.creation import Area
from okr_es.database.dialect import Dialect
from okr_es.database.sql_files import statements_of
from okr_es.database.types import BigInt, Id, Instant
from okr_es.log.append import OLDEST_READ_SET
from okr_es.log.readings import index_of_readings
from okr_es.log.references import indexes_of_references

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("position", BigInt, primary_key=True, autoincrement=False),
    Column("recorded_at", Instant, nullable=False),
    Column("stream", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("encrypted", LargeBinary),
    Column("by", Id),
    Column("on_behalf_of", Id),
    Column("origin", Text, nullable=False),
    Column("command_id", Id),
    Column("correlation_id", Id),
    Column("causation_id", Id),
    Column("written_at", Text),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("stream", "version", name="one_event_a_version"),
)

counter = counter_table("counter", metadata, Column("seeding", Boolean, nullable=False))

commands = Table(
    "commands",
    metadata,
    Column("command_id", Id, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("first_position", BigInt),
    Column("last_position", BigInt),
    Column("recorded_at", Instant, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
)

# What a command needs to decide, stored beside the log in the append transaction: the state
# of each stream after its last event. Derived, and checked against the fold of the events.
streams = Table(
    "streams",
    metadata,
    Column("stream", Id, primary_key=True),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("parent", Id),
    Column("living", Boolean, nullable=False),
    Column("state", LargeBinary, nullable=False),
)
Index("living_children", streams.c.parent, streams.c.type, streams.c.living)

# Every name a stream ever took, folded: so a name is unique, and an old one stays reserved.
# Derived as well, written in the append transaction and checked against the events.
names = Table(
    "names",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("stream", Id, nullable=False),
)

# The Merkle tree over the events: the hashes of its full blocks, see `merkle.py`; and what was
# signed over it, as it was published, and in which sinks.
tree = Table(
    "tree",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInt, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInt, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("cause", Text, nullable=False),
)
published_checkpoints = Table(
    "published_checkpoints",
    metadata,
    Column("sink", Text, primary_key=True),
    Column("size", BigInt, primary_key=True, autoincrement=False),
    Column("published_at", Instant, nullable=False),
)
# What was signed over the access log lies here, so that it is not lost with the reads.
access_checkpoints = Table(
    "access_checkpoints",
    metadata,
    Column("size", BigInt, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("edge", LargeBinary, nullable=False),
)
SMALLER_ACCESS = "NEW.size <= (SELECT coalesce(max(size), 0) FROM access_checkpoints)"
SMALLER = "NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoints)"

COLUMNS = [str(column.name) for column in events.columns]
ID_COLUMNS = frozenset(str(c.name) for c in events.columns if isinstance(c.type, Id))

LOG = AppendOnly(events, counter)


def statements(dialect: Dialect) -> list[str]:
    """Return what makes the log immutable, its indexes, and PostgreSQL's append function."""
    found = [
        index_of_readings(dialect),
        *indexes_of_references(dialect),
        *LOG.guards(dialect),
        *guards(dialect, checkpoints, misplaced=SMALLER),
        *guards(dialect, access_checkpoints, misplaced=SMALLER_ACCESS),
    ]
    for table in (names, tree, published_checkpoints):
        found += guards(dialect, table)
    if dialect.name == "postgresql":
        name, limit = f"append_events.{dialect.name}.sql", str(OLDEST_READ_SET)
        found += statements_of(__package__, name, oldest_read_set=limit)
    return found


AREA = Area(
    "log",
    metadata,
    rights={
        "events, commands, names": "SELECT, INSERT",
        "tree, checkpoints, published_checkpoints, access_checkpoints": "SELECT, INSERT",
        "streams": "SELECT, INSERT, UPDATE",
        "counter": "SELECT, UPDATE",
    },
    statements=statements,
    first_rows={counter: {"id": 1, "position": 0, "recorded_at": "", "seeding": True}},
    version=2,
)
