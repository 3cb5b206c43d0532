"""Where in the log events lie that meet some conditions: positions, a stretch of the log at a time.

What happened to things in a scope is read off the versions of their rows, so few events in a log
of millions are found by keys. All other conditions are about the log's own columns.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from projections.as_of.hierarchy import Span
from projections.as_of.rows import among, many, relation

Tables = tuple[tuple[str, str], ...]

FIRST_STRETCH, WIDEST_STRETCH, WIDER = 4_096, 131_072, 8
EVERY_DAY = (date.min, date.max)

# Where what happened to a thing of some kind is found: table, and the column that names the thing.
HAPPENED: dict[str, Tables] = {
    "objective": (("objective", "id"),),
    "key_result": (("key_result", "id"), ("reading", "measured_id")),
    "kpi": (("kpi", "id"), ("reading", "measured_id")),
    "team": (("team", "id"),),
    "cycle": (("cycle", "id"), ("approval", "cycle_id")),
}
WITHIN = """
  SELECT v.known_from AS position FROM {spans} AS s CROSS JOIN {table} AS v
  WHERE v.{column} = s.id
  AND v.known_from BETWEEN {greatest}(s.first, :low) AND {least}(s.last, :high)
"""
BOUNDS = {
    True: {"greatest": "max", "least": "min"},
    False: {"greatest": "greatest", "least": "least"},
}
READINGS = (
    "SELECT known_from AS position FROM reading WHERE known_from BETWEEN :low AND :high "
    "AND as_of >= :about_from AND as_of <= :about_to"
)
# Who acted or for whom, who is named, about whom it is, and from whom a goal was handed on.
PERSON = """(
  e."by" = {id} OR e.on_behalf_of = {id} OR e.stream = {id}
  OR (e.type NOT LIKE 'reading.%' AND {named})
  OR (e.type = 'objective.reassigned' AND {person} = (
    SELECT o.owner_id FROM objective o WHERE o.id = {stream} AND o.known_from < e.position
    ORDER BY o.known_from DESC LIMIT 1
  ))
)"""
PERSON_ON = {
    True: PERSON.format(
        id=":person_id",
        person=":person",
        named="instr(e.data, CAST(:person AS BLOB)) > 0",
        stream="e.stream",
    ),
    False: PERSON.format(
        id="CAST(:person_id AS uuid)",
        person="CAST(:person AS text)",
        named="position(convert_to(CAST(:person AS text), 'UTF8') IN e.data) > 0",
        stream="CAST(e.stream AS text)",
    ),
}


class Wanted(NamedTuple):
    """What events must meet: lie within every scope, and meet every condition that is given."""

    scopes: tuple[list[Span], ...] = ()
    person_id: UUID | None = None
    types: tuple[str, ...] = ()
    origin: str | None = None
    days: tuple[date, date] = EVERY_DAY
    has_text: bool = False


class Finder:
    """Finds the positions of events that are wanted."""

    def __init__(self, database: Database, wanted: Wanted) -> None:
        self.database = database
        self.wanted = wanted
        self.is_about_days = wanted.days != EVERY_DAY
        self.asked: dict[str, Any] = {}
        self.conditions = list(self.conditions_on_events())

    def walk(
        self, low: int, high: int, at_once: int, *, newest_first: bool
    ) -> Iterator[tuple[list[int], int]]:
        """Yield positions in order, with the position the walk has come to, up to so many at once.

        In a scope it goes stretch by stretch, each wider than the one before.
        """
        width = FIRST_STRETCH if self.wanted.scopes else max(high, 1)
        while low <= high:
            first, last = (
                (max(low, high - width + 1), high)
                if newest_first
                else (low, min(high, low + width - 1))
            )
            found = self.found(first, last, at_once, newest_first=newest_first)
            came_to = found[-1] if len(found) == at_once else first if newest_first else last
            yield found, came_to
            low, high = (low, came_to - 1) if newest_first else (came_to + 1, high)
            if len(found) < at_once:
                width = min(width * WIDER, WIDEST_STRETCH)

    def found(self, low: int, high: int, limit: int, *, newest_first: bool) -> list[int]:
        """Return the first or last positions between two, both included."""
        asked = {**self.asked, "low": low, "high": high, "limit": limit}
        source, more = self.source(low, high)
        order = "DESC" if newest_first else "ASC"
        statement = (
            f"SELECT e.position FROM {source} WHERE "
            + " AND ".join(["e.position BETWEEN :low AND :high", *self.conditions])
            + f" ORDER BY e.position {order} LIMIT :limit"
        )
        return [row[0] for row in self.database.rows(statement, {**asked, **more})]

    def source(self, low: int, high: int) -> tuple[str, dict[str, Any]]:
        """Return where positions are looked for, and the parameters that takes."""
        parts, asked = [], {}
        for number, scope in enumerate(self.wanted.scopes):
            part, more = happened(self.database, f"scope{number}", scope, (low, high), HAPPENED)
            parts.append(f"SELECT position FROM ({part}) AS s{number}")
            asked.update(more)
        if self.is_about_days:
            parts.append(READINGS)
        if not parts:
            return "events e", asked
        within = " INTERSECT ".join(parts)
        return f"({within}) AS found JOIN events e ON e.position = found.position", asked

    def conditions_on_events(self) -> Iterator[str]:
        """Yield the SQL of conditions on an event `e`, and note their parameters."""
        wanted, database = self.wanted, self.database
        if wanted.types:
            self.asked["types"] = many(database, wanted.types)
            yield f"e.type {among(database, 'types')}"
        if wanted.origin is not None:
            self.asked["origin"] = wanted.origin
            yield "e.origin = :origin"
        if wanted.has_text:
            yield "e.encrypted IS NOT NULL"
        if wanted.person_id is not None:
            self.asked["person"] = self.asked["person_id"] = str(wanted.person_id)
            yield PERSON_ON[database.is_sqlite]
        if self.is_about_days:
            first, last = wanted.days
            self.asked |= {"about_from": first.isoformat(), "about_to": last.isoformat()}


def happened(
    database: Database,
    name: str,
    scope: Sequence[Span],
    within: tuple[int, int],
    tables: Mapping[str, Tables],
) -> tuple[str, dict[str, Any]]:
    """Return the SQL of what happened to the things of a scope between two positions.

    These are its parameters :low and :high, both included. `tables` says by kind where to look.
    """
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in scope:
        if span.first <= within[1] and span.last >= within[0]:
            for where in tables[span.kind]:
                spans[where].append(span)
    bounds = BOUNDS[database.is_sqlite]
    parts, asked = ["SELECT 0 AS position WHERE 1 = 0"], {}
    for (table, column), some in spans.items():
        parameter = f"{name}_{table}"
        listed = relation(database, parameter, id="text", first="bigint", last="bigint")
        parts.append(WITHIN.format(spans=listed, table=table, column=column, **bounds))
        asked[parameter] = json.dumps([span[1:] for span in some])
    return " UNION ".join(parts), asked
