"""Where in the log events lie that meet some conditions: positions, a stretch of the log at a time.

Events of things in a scope are found by the versions of their rows, so few events in a log of
millions are found by keys. All other conditions are about the log's own columns.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.database.dialect import Dialect
from projections.as_of.hierarchy import Span

Tables = tuple[tuple[str, str], ...]

FIRST_STRETCH, WIDEST_STRETCH, WIDER = 4_096, 131_072, 8
BY_KEYS = 4_096  # positions that a stretch of a scope counts as, however wide: it reads by keys
EVERY_DAY = (date.min, date.max)

# Where the events of a thing of some kind are found: table, and the column that names the thing.
EVENT_TABLES: dict[str, Tables] = {
    "objective": (("objective", "id"),),
    "key_result": (("key_result", "id"), ("reading", "measured_id")),
    "kpi": (("kpi", "id"), ("reading", "measured_id")),
    "team": (("team", "id"),),
    "cycle": (("cycle", "id"), ("approval", "cycle_id")),
}
WITHIN = """
  SELECT v.known_from AS position FROM {spans} AS s CROSS JOIN {table} AS v
  WHERE v.{column} = s.id
  AND v.known_from BETWEEN {first} AND {last}
"""
READINGS = (
    "SELECT known_from AS position FROM reading WHERE known_from BETWEEN :low AND :high "
    "AND as_of >= :about_from AND as_of <= :about_to"
)
# Who acted or for whom, who is named, about whom it is, and the owner before a reassignment.
PERSON = """(
  e."by" = {id} OR e.on_behalf_of = {id} OR e.stream = {id}
  OR (e.type NOT LIKE 'reading.%' AND {is_named})
  OR (e.type = 'objective.reassigned' AND CAST(:person AS text) = (
    SELECT o.owner_id FROM objective o WHERE o.id = {stream} AND o.known_from < e.position
    ORDER BY o.known_from DESC LIMIT 1
  ))
  OR (e.type = 'kpi.reassigned' AND CAST(:person AS text) = (
    SELECT k.owner_id FROM kpi k WHERE k.id = {stream} AND k.known_from < e.position
    ORDER BY k.known_from DESC LIMIT 1
  ))
  OR (e.type = 'key_result.reassigned' AND CAST(:person AS text) = (
    SELECT r.owner_id FROM key_result r WHERE r.id = {stream} AND r.known_from < e.position
    ORDER BY r.known_from DESC LIMIT 1
  ))
)"""


ACTED = '(e."by" = {id} OR e.on_behalf_of = {id})'


class Stretch(NamedTuple):
    """A stretch of the log that was searched: what was found, where it ended, and how much it was.

    `work` is the number of positions that were looked at.
    """

    positions: list[int]
    came_to: int
    work: int


class Criteria(NamedTuple):
    """What events must meet: lie within every scope, and meet every condition that is given."""

    scopes: tuple[list[Span], ...] = ()
    person_id: UUID | None = None
    types: tuple[str, ...] = ()
    origin: str | None = None
    days: tuple[date, date] = EVERY_DAY
    has_text: bool = False
    acted_by: UUID | None = None


class Finder:
    """Finds the positions of events that meet criteria."""

    def __init__(self, database: Database, criteria: Criteria) -> None:
        self.database = database
        self.criteria = criteria
        self.is_about_days = criteria.days != EVERY_DAY
        self.parameters: dict[str, Any] = {}
        self.conditions = list(self.conditions_on_events())

    def walk(self, low: int, high: int, at_once: int, *, newest_first: bool) -> Iterator[Stretch]:
        """Yield the stretches of the log in order, each with so many positions found at most.

        Each is wider than the one before, up to a width that no statement takes long for.
        """
        width, by_keys = FIRST_STRETCH, bool(self.criteria.scopes)
        while low <= high:
            first, last = (
                (max(low, high - width + 1), high)
                if newest_first
                else (low, min(high, low + width - 1))
            )
            positions = self.between(first, last, at_once, newest_first=newest_first)
            is_full = len(positions) == at_once
            came_to = positions[-1] if is_full else first if newest_first else last
            looked_at = (high - came_to if newest_first else came_to - low) + 1
            yield Stretch(positions, came_to, min(looked_at, BY_KEYS) if by_keys else looked_at)
            low, high = (low, came_to - 1) if newest_first else (came_to + 1, high)
            if not is_full:
                width = min(width * WIDER, WIDEST_STRETCH)

    def between(self, low: int, high: int, limit: int, *, newest_first: bool) -> list[int]:
        """Return the first or last positions between two, both included."""
        bounds = {"low": low, "high": high, "limit": limit}
        source, more = self.source(low, high)
        order = "DESC" if newest_first else "ASC"
        statement = (
            f"SELECT e.position FROM {source} WHERE "
            + " AND ".join(["e.position BETWEEN :low AND :high", *self.conditions])
            + f" ORDER BY e.position {order} LIMIT :limit"
        )
        return [row[0] for row in self.database.rows(statement, self.parameters | bounds | more)]

    def source(self, low: int, high: int) -> tuple[str, dict[str, Any]]:
        """Return the relation of positions to search, and its parameters."""
        parts, parameters = [], {}
        for number, scope in enumerate(self.criteria.scopes):
            part, more = events_of(
                self.database.dialect, f"scope{number}", scope, (low, high), EVENT_TABLES
            )
            parts.append(f"SELECT position FROM ({part}) AS s{number}")
            parameters.update(more)
        if self.is_about_days:
            parts.append(READINGS)
        if not parts:
            return "events e", parameters
        within = " INTERSECT ".join(parts)
        return f"({within}) AS w JOIN events e ON e.position = w.position", parameters

    def conditions_on_events(self) -> Iterator[str]:
        """Yield the SQL of conditions on an event `e`, and note their parameters."""
        criteria, dialect = self.criteria, self.database.dialect
        if criteria.types:
            self.parameters["types"] = dialect.array(criteria.types)
            yield f"e.type {dialect.in_array('types')}"
        if criteria.origin is not None:
            self.parameters["origin"] = criteria.origin
            yield "e.origin = :origin"
        if criteria.has_text:
            yield "e.encrypted IS NOT NULL"
        if criteria.person_id is not None:
            self.parameters["person"] = str(criteria.person_id)
            yield PERSON.format(
                id=dialect.as_id("person"),
                is_named=dialect.contains("e.data", "person"),
                stream=dialect.id_as_text("e.stream"),
            )
        if criteria.acted_by is not None:
            self.parameters["acted_by"] = str(criteria.acted_by)
            yield ACTED.format(id=dialect.as_id("acted_by"))
        if self.is_about_days:
            first, last = criteria.days
            self.parameters |= {"about_from": first.isoformat(), "about_to": last.isoformat()}


def events_of(
    dialect: Dialect,
    name: str,
    scope: Sequence[Span],
    within: tuple[int, int],
    tables: Mapping[str, Tables],
) -> tuple[str, dict[str, Any]]:
    """Return the query of the events of a scope between two positions, and its parameters.

    The positions are its parameters :low and :high, both included. `tables` says by kind where to
    look; `name` begins the names of the other parameters.
    """
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in scope:
        if span.first <= within[1] and span.last >= within[0]:
            for where in tables[span.kind]:
                spans[where].append(span)
    first, last = dialect.greatest("s.first", ":low"), dialect.least("s.last", ":high")
    parts, parameters = ["SELECT 0 AS position WHERE 1 = 0"], {}
    for (table, column), some in spans.items():
        parameter = f"{name}_{table}"
        listed = dialect.relation(parameter, id="text", first="bigint", last="bigint")
        parts.append(
            WITHIN.format(spans=listed, table=table, column=column, first=first, last=last)
        )
        parameters[parameter] = json.dumps([span[1:] for span in some])
    return " UNION ".join(parts), parameters
