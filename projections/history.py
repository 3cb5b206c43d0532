"""The change record of a goal: who, when, what before and after, and why.

What was before and after is read off the versions of the rows: an event's position ends one
version and begins the next.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from okr_es.application import Okr, event_id
from okr_es.domain.refusals import NotFound
from okr_es.log.database import Database

from .changes import CHANGES
from .goals import Row
from .rows import among, many, named
from .runner import Runner
from .schema import BOOLEANS, FIELDS, FOREVER, VERSIONED

Stored = tuple[Any, ...]

KPI_TARGETS = "kpi_target"
ENTITIES = [table.name for table in VERSIONED if table.name not in {"reading", KPI_TARGETS}]
HIDDEN = {
    "id", "version", "known_from", "known_until", "first_position", "served_id", "node",
    "cycle_id", "committed_at", "revisions",
}  # fmt: skip
SHOWN_OF = {"objective": HIDDEN - {"cycle_id"}}
# Of each table what a record tells: where it stands in a row, its name, and what to make of it.
TOLD: dict[str, list[tuple[int, str, type | None]]] = {
    table: [
        (number, name, bool if name in BOOLEANS[table] else None)
        for number, name in enumerate(fields)
        if name not in SHOWN_OF.get(table, HIDDEN)
    ]
    for table, fields in FIELDS.items()
}
BOUNDS = {
    table.name: itemgetter(*map(FIELDS[table.name].index, ("id", "known_from", "known_until")))
    for table in VERSIONED
}

# The key results of an objective, each from when to when it was one of its own.
SPANS = """
  SELECT below_id, known_from, known_until FROM below
  WHERE above_id = :id AND kind = 'key_result' AND known_from < :before
"""
STREAM = "SELECT position FROM events WHERE stream = :id"
COLUMNS = (
    "position", "recorded_at", "stream", "version", "type", "by", "on_behalf_of", "origin",
    "command_id", "sealed",
)  # fmt: skip


class History:
    """Reads change records."""

    def __init__(self, okr: Okr, runner: Runner) -> None:
        self.okr = okr
        self.runner = runner

    def of(self, id_: str, limit: int, before: int | None) -> Row:
        """Return a page of the change record of a goal, the newest change first."""
        model, standing = self.runner.caught_up()
        database = model.database
        positions = self.positions(database, id_, limit + 1, before or FOREVER)
        if not positions and before is None:
            raise NotFound(f"There is nothing {id_}.", field="id")
        page = positions[:limit]
        return {
            "position": standing.log,
            "id": id_,
            "entries": self.entries(database, page),
            "next_before": page[-1] if len(positions) > limit else None,
        }

    def positions(self, database: Database, id_: str, limit: int, before: int) -> list[int]:
        """Return the last positions before one that are about a goal, the newest first."""
        asked: dict[str, Any] = {"id": id_, "before": before, "limit": limit}
        spans = database.rows(SPANS, asked)
        where = "id = :id AND known_from < :before"
        parts = [latest(name, where) for name in (["objective"] if spans else ENTITIES)]
        if not spans:
            parts.append(latest("reading", "measured_id = :id AND known_from < :before"))
        for number, (key_result, first, last) in enumerate(spans):
            span = f"known_from >= :from{number} AND known_from < :until{number}"
            until = min(last + 1, before)  # the event that ends the span is about the goal as well
            asked |= {f"id{number}": key_result, f"from{number}": first, f"until{number}": until}
            parts.append(latest("key_result", f"id = :id{number} AND {span}"))
            parts.append(latest("reading", f"measured_id = :id{number} AND {span}"))
        statement = " UNION ".join(parts) + " ORDER BY 1 DESC LIMIT :limit"
        found = [int(row[0]) for row in database.rows(statement, asked)]
        return found or self.of_stream(id_, limit, before)

    def of_stream(self, id_: str, limit: int, before: int) -> list[int]:
        """Return the last positions of a stream that is not a goal: a reading."""
        found = (int(row[0]) for row in self.okr.database.rows(STREAM, {"id": id_}))
        return sorted((position for position in found if position < before), reverse=True)[:limit]

    def entries(self, database: Database, page: list[int]) -> list[Row]:
        """Return the entries of a page, with the sealed texts the reader may see."""
        happened = self.events(page)
        sealed = [row for row in happened if row["sealed"]]
        pieces = [
            (row["by"], event_id(row["stream"], row["version"]), bytes(row["sealed"]))
            for row in sealed
        ]
        opened = self.okr.directory.unseal(pieces)
        texts = {row["position"]: found for row, found in zip(sealed, opened, strict=True)}
        changes = self.changes(database, happened)
        return [
            entry(row, changes[row["position"]], texts.get(row["position"], {})) for row in happened
        ]

    def events(self, positions: list[int]) -> list[Row]:
        """Return the events at some positions, the newest first."""
        database = self.okr.database
        among_them = "IN (SELECT value FROM json_each(:positions))"
        if not database.is_sqlite:
            among_them = "= ANY(CAST(:positions AS bigint[]))"
        statement = (
            f"SELECT {self.okr.log.column_list(COLUMNS)} FROM events "
            f"WHERE position {among_them} ORDER BY position DESC"
        )
        rows = database.rows(statement, {"positions": many(database, positions)})
        return [with_ids(dict(zip(COLUMNS, row, strict=True))) for row in rows]

    def headings(self, positions: list[int]) -> dict[int, Row]:
        """Return what events were, when and by whom, by position."""
        return {
            row["position"]: {
                "position": row["position"],
                "recorded_at": row["recorded_at"],
                "id": event_id(row["stream"], row["version"]),
                "type": row["type"],
                "by": row["by"],
            }
            for row in self.events(positions)
        }

    def changes(self, database: Database, happened: list[Row]) -> dict[int, list[Row]]:
        """Return what changed at each position, field by field."""
        found: dict[int, list[Row]] = defaultdict(list)
        wanted: dict[str, set[str]] = defaultdict(set)
        for row in happened:
            table = CHANGES[row["type"]][0] if row["type"] in CHANGES else "reading"
            wanted[table].add(row["stream"])
            if row["type"] in {"kpi.target_set", "kpi.retargeted"}:
                wanted[KPI_TARGETS].add(row["stream"])
        positions = {row["position"] for row in happened}
        for table, streams in wanted.items():
            rows = self.versions(database, table, streams, min(positions), max(positions))
            bounds = BOUNDS[table]
            ended = {(id_, until): old for old in rows for id_, _, until in (bounds(old),)}
            for new in rows:
                id_, position, _ = bounds(new)
                if position in positions:
                    found[position] += difference(table, ended.get((id_, position)), new)
        return found

    def versions(
        self, database: Database, table: str, streams: set[str], first: int, last: int
    ) -> list[Stored]:
        """Return the versions of some things that hold between two positions, as stored."""
        asked = {"ids": many(database, sorted(streams)), "first": first, "last": last}
        statement = VERSIONS[database.is_sqlite].get(table) or of_things(database, table)
        VERSIONS[database.is_sqlite][table] = statement
        return database.rows(statement, asked)


@lru_cache(maxsize=4_096)
def uuid(text: str | None) -> UUID | None:
    """Return the id a text stands for; remembered, because few people do many things."""
    return None if text is None else UUID(text)


def with_ids(row: Row) -> Row:
    """Return an event with whoever acted as ids."""
    for name in ("by", "on_behalf_of", "command_id"):
        row[name] = uuid(row[name])
    return row


VERSIONS: dict[bool, dict[str, str]] = {True: {}, False: {}}


def of_things(database: Database, table: str) -> str:
    """Return the statement of the versions of some things that hold between two positions."""
    if table == "reading":
        cast = "" if database.is_sqlite else "::uuid[]"
        streams = among(database, "ids").replace("AS text[])", f"AS text[]){cast}")
        return (
            f"SELECT {named(table, 'r')} FROM events e JOIN reading r ON r.known_from = e.position "
            f"WHERE e.stream {streams}"
        )
    whose = "kpi_id" if table == KPI_TARGETS else "id"
    return (
        f"SELECT {named(table, 'v')} FROM {table} now JOIN {table} v ON v.id = now.id "
        "AND v.known_from <= :last AND v.known_from >= coalesce((SELECT max(u.known_from) "
        f"FROM {table} u WHERE u.id = now.id AND u.known_from < :first), :first) "
        f"WHERE now.known_until = {FOREVER} AND now.{whose} {among(database, 'ids')}"
    )


def latest(table: str, where: str) -> str:
    """Return the SQL of the last positions at which something of a table changed."""
    return (
        f"SELECT * FROM (SELECT known_from FROM {table} WHERE {where} "
        "ORDER BY known_from DESC LIMIT :limit) AS found"
    )


def difference(table: str, before: Stored | None, after: Stored) -> list[Row]:
    """Return the fields that differ between two versions; all that are set in a first one."""
    fields = TOLD[table]
    if before is None:
        before = (None,) * len(after)
    return [
        {"field": name, "before": told(before[n], kind), "after": told(after[n], kind)}
        for n, name, kind in fields
        if before[n] != after[n]
    ]


def told(value: Any, kind: type | None) -> Any:
    """Return a stored value as it is told: a boolean as such on both engines."""
    return value if kind is None or value is None else kind(value)


def entry(row: Row, changes: list[Row], texts: dict[str, str]) -> Row:
    """Return one entry of the record."""
    return {
        "position": row["position"],
        "recorded_at": row["recorded_at"],
        "id": event_id(row["stream"], row["version"]),
        "type": row["type"],
        "by": row["by"],
        "on_behalf_of": row["on_behalf_of"],
        "origin": row["origin"],
        "command_id": row["command_id"],
        "reason": texts.get("reason"),
        "comment": texts.get("comment"),
        "changes": changes,
    }
