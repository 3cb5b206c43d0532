"""What was before and after an event, read off the versions that it ended and began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from functools import cache
from itertools import compress
from operator import ne
from typing import Any

from projections.read_model.tables import BOOLEANS, FIELDS, FOREVER, VERSIONED, Row

Stored = tuple[Any, ...]
Statement = tuple[str, str, dict[str, Any]]  # what it reads from, the SQL, its parameters

KPI_TARGETS = "kpi_target"
BOUNDS = ("id", "known_from", "known_until")
HIDDEN = {
    *BOUNDS,
    "version",
    "first_position",
    "parent_objective_id",
    "node",
    "committed_at",
    "revisions",
    "plan_commit_position",
    "closing_position",
    "plan_commits",
    "closings",
}
HIDDEN_OF = {table.name: HIDDEN | {"cycle_id"} for table in VERSIONED} | {"objective": HIDDEN}

# Of each table the fields that are told of, each with what to make of its value.
TOLD = {
    table.name: [
        (name, bool if name in BOOLEANS[table.name] else None)
        for name in FIELDS[table.name]
        if name not in HIDDEN_OF[table.name]
    ]
    for table in VERSIONED
}
NOTHING: Stored = (None,) * (len(BOUNDS) + max(map(len, TOLD.values())))

AMONG_POSITIONS = {
    True: "IN (SELECT value FROM json_each(:positions))",
    False: "= ANY(CAST(:positions AS bigint[]))",
}
AMONG_IDS = {
    True: "IN (SELECT value FROM json_each(:ids))",
    False: "= ANY(CAST(:ids AS text[]))",
}


def recounted(table: str, alias: str) -> str:
    """Return the columns of a table from which its changes are told: bounds, then fields."""
    names = (*BOUNDS, *(name for name, _ in TOLD[table]))
    return ", ".join(f"{alias}.{name}" for name in names)


BEGUN_AT = {
    is_sqlite: f"SELECT {recounted('reading', 'r')} FROM reading r WHERE r.known_from {among_them}"
    for is_sqlite, among_them in AMONG_POSITIONS.items()
}


@cache
def of_things(table: str, *, is_sqlite: bool) -> str:
    """Return the statement of the versions of some things that hold between two positions."""
    if table == "reading":
        streams = AMONG_IDS[True] if is_sqlite else "= ANY(CAST(:ids AS uuid[]))"
        return (
            f"SELECT {recounted(table, 'r')} FROM events e JOIN reading r "
            f"ON r.known_from = e.position WHERE e.stream {streams}"
        )
    whose = "kpi_id" if table == KPI_TARGETS else "id"
    return (
        f"SELECT {recounted(table, 'v')} FROM {table} now JOIN {table} v ON v.id = now.id "
        "AND v.known_from <= :last AND v.known_from >= coalesce((SELECT max(u.known_from) "
        f"FROM {table} u WHERE u.id = now.id AND u.known_from < :first), :first) "
        f"WHERE now.known_until = {FOREVER} AND now.{whose} {AMONG_IDS[is_sqlite]}"
    )


def changes_at(
    positions: Container[int], stored: Iterable[tuple[str, list[Stored]]]
) -> dict[int, list[Row]]:
    """Return what changed at each of some positions, field by field, from rows of `recounted`."""
    found: dict[int, list[Row]] = defaultdict(list)
    for table, rows in stored:
        ended = {(old[0], old[2]): old for old in rows}
        for new in rows:
            id_, position, *_ = new
            if position in positions:
                found[position] += difference(table, ended.get((id_, position)), new)
    return found


def difference(table: str, before: Stored | None, after: Stored) -> list[Row]:
    """Return the fields that differ between two versions; all that are set in a first one."""
    olds, news = (before or NOTHING)[len(BOUNDS) :], after[len(BOUNDS) :]
    return [
        {"field": name, "before": old, "after": new}
        if kind is None
        else {"field": name, "before": told(old, kind), "after": told(new, kind)}
        for (name, kind), old, new in compress(
            zip(TOLD[table], olds, news, strict=False), map(ne, olds, news)
        )
    ]


def told(value: Any, kind: type) -> Any:
    """Return a stored value as it is told: a boolean as such on both engines."""
    return value if value is None else kind(value)
