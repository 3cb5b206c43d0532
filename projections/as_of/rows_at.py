"""Rows of things as they stood at positions, many at once: what was meant by an id back then."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

from okr_es.database.database import Database
from projections.as_of.rows import named, relation
from projections.goals.scoring import Row
from projections.read_model.tables import plain

Pair = tuple[str, int]


class Standings:
    """Rows as they stood right after an event; of what had not begun by then, as it began."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rows: dict[tuple[str, str, int], Row | None] = {}

    def load(self, table: str, pairs: Iterable[Pair]) -> None:
        """Bring in the rows of some things, each as of a position."""
        missing = {pair for pair in pairs if (table, *pair) not in self.rows}
        if not missing:
            return
        self.rows |= dict.fromkeys((table, *pair) for pair in missing)
        asked = {"pairs": json.dumps(sorted(missing))}
        for position, *stored in self.database.rows(then(table, self.database), asked):
            row = plain(table, stored)
            self.rows[table, row["id"], position] = row

    def at(self, table: str, id_: str | None, position: int) -> Row | None:
        """Return the row of a thing as of a position, if it was brought in and is there."""
        return None if id_ is None else self.rows.get((table, id_, position))


@cache
def versions_then(table: str, pairs: str) -> str:
    """Return the statement of some things as of positions."""
    of_it = f"FROM {table} u WHERE u.id = p.id"
    return (
        f"SELECT p.position, {named(table, 'v')} FROM {pairs} AS p CROSS JOIN {table} AS v "
        "WHERE v.id = p.id AND v.known_from = coalesce("
        f"(SELECT max(u.known_from) {of_it} AND u.known_from <= p.position), "
        f"(SELECT min(u.known_from) {of_it}))"
    )


def then(table: str, database: Database) -> str:
    """Return the statement of some things of a table as of positions, for an engine."""
    return versions_then(table, relation(database, "pairs", id="text", position="bigint"))
