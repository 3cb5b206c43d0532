"""What was before and after events, field by field, read off the versions they ended and began."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

import msgspec

from okr_es.database.database import Row as Stored
from okr_es.database.dialect import Dialect
from projections.read_model.changes import CHANGES
from projections.read_model.projector import KPI_TARGETS
from projections.read_model.tables import BOOLEANS, FIELDS, FOREVER, VERSIONED, Row

HIDDEN = {
    "id", "known_from", "known_until", "version", "first_position", "parent_objective_id", "node",
    "committed_at", "revisions", "plan_commit_position", "closing_position", "plan_commits",
    "closings",
}  # fmt: skip
HIDDEN_OF = {table.name: HIDDEN | {"cycle_id"} for table in VERSIONED} | {"objective": HIDDEN}

# Of each table the fields whose changes are shown.
SHOWN_FIELDS = {
    table.name: [name for name in FIELDS[table.name] if name not in HIDDEN_OF[table.name]]
    for table in VERSIONED
}
# The joins of the version an event at `p` began, `a`, and the one it ended, `b`.
OF_A_THING = """
  CROSS JOIN {table} a LEFT JOIN {table} b ON b.id = p.id AND b.known_from =
    (SELECT max(u.known_from) FROM {table} u WHERE u.id = p.id AND u.known_from < p.position)
  WHERE a.id = p.id AND a.known_from = p.position
"""
OF_A_READING = """
  CROSS JOIN reading a LEFT JOIN reading b ON b.known_from =
    (SELECT e.position FROM events e WHERE e.stream = p.id AND e.version = p.version - 1)
  WHERE a.known_from = p.position
"""
OF_A_TARGET = f"""
  CROSS JOIN kpi_target now CROSS JOIN kpi_target a
  LEFT JOIN kpi_target b ON b.id = a.id AND b.known_from =
    (SELECT max(u.known_from) FROM kpi_target u WHERE u.id = a.id AND u.known_from < p.position)
  WHERE now.kpi_id = p.id AND now.known_until = {FOREVER}
    AND a.id = now.id AND a.known_from = p.position
"""
NONE = "SELECT '', 0, '', '' WHERE 1 = 0"
JOINS = {"reading": OF_A_READING, "kpi_target": OF_A_TARGET}

decode = msgspec.json.Decoder(list[Any]).decode


class Place(NamedTuple):
    """Where an event lies: its stream, its version in it, its position in the log."""

    stream: str
    version: int
    position: int


def changes_statement(
    dialect: Dialect, events: Iterable[tuple[str, Place]]
) -> tuple[str, dict[str, str]]:
    """Return the statement of all that events, by type and place, changed, and its parameters.

    Each row is a table, a position, and JSON arrays of the fields after and before.
    """
    places: dict[str, list[Place]] = defaultdict(list)
    for kind, place in events:
        for table in tables_of(kind):
            places[table].append(place)
    parameters = {table: json.dumps(each) for table, each in places.items()}
    return union(dialect, tuple(sorted(places))), parameters


def tables_of(kind: str) -> Iterable[str]:
    """Return the tables in which an event of a type begins a version; none for some."""
    if kind.startswith("reading."):
        yield "reading"
    elif kind in CHANGES:
        yield CHANGES[kind][0]
    if kind in KPI_TARGETS:
        yield "kpi_target"


@cache
def union(dialect: Dialect, tables: tuple[str, ...]) -> str:
    """Return the statement of what changed in some tables; each names a parameter of places."""
    return " UNION ALL ".join(changes_in(dialect, table) for table in tables) or NONE


def changes_in(dialect: Dialect, table: str) -> str:
    """Return the query of what changed in a table."""
    id_type = "uuid" if table == "reading" else "text"
    places = dialect.relation(table, id=id_type, version="bigint", position="bigint")
    after, before = (
        dialect.json_array(f"{alias}.{name}" for name in SHOWN_FIELDS[table]) for alias in "ab"
    )
    joins = JOINS.get(table, OF_A_THING).format(table=table)
    return f"SELECT '{table}', p.position, {after}, {before} FROM {places} AS p {joins}"


def changes_by_position(rows: Iterable[Stored]) -> dict[int, list[Row]]:
    """Return what changed at each position, field by field, from the rows of the statement."""
    found: dict[int, list[Row]] = defaultdict(list)
    for table, position, after, before in rows:
        found[position] += differences(table, decode(before), decode(after))
    return found


def differences(table: str, before: list[Any], after: list[Any]) -> list[Row]:
    """Return the fields that differ between two versions; of a first one all that are set."""
    booleans = BOOLEANS[table]
    return [
        {"field": name, "before": old, "after": new}
        if name not in booleans
        else {"field": name, "before": as_boolean(old), "after": as_boolean(new)}
        for name, old, new in compress(
            zip(SHOWN_FIELDS[table], before, after, strict=True), map(ne, before, after)
        )
    ]


def as_boolean(value: Any) -> bool | None:
    """Return a stored boolean as such on both engines."""
    return value if value is None else bool(value)
