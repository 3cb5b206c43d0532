"""The change record of a goal: who, when, what before and after, and why.

What was before and after is read off the versions of the rows: an event's position ends one
version and begins the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from okr_es.application import Okr, event_id
from okr_es.domain.refusals import NotFound
from okr_es.log.database import Database

from .changes import CHANGES
from .goals import Row
from .readings import NEW_READINGS
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
AMONG_POSITIONS = {
    True: "IN (SELECT value FROM json_each(:positions))",
    False: "= ANY(CAST(:positions AS bigint[]))",
}
BEGUN = {
    is_sqlite: f"SELECT {named('reading')} FROM reading WHERE known_from {among_them}"
    for is_sqlite, among_them in AMONG_POSITIONS.items()
}
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
        found = self.last_events(database, id_, limit + 1, before or FOREVER)
        if not found and before is None:
            raise NotFound(f"There is nothing {id_}.", field="id")
        page = found[:limit]
        return {
            "position": standing.log,
            "id": id_,
            "entries": self.entries_of(database, page),
            "next_before": page[-1]["position"] if len(found) > limit else None,
        }

    def last_events(self, database: Database, id_: str, limit: int, before: int) -> list[Row]:
        """Return the last events before a position that are about a goal, the newest first."""
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
        columns, last_ones = self.okr.log.column_list(COLUMNS), last_of(parts, database)
        statement = (
            f"SELECT {columns} FROM ({last_ones}) AS found "
            "CROSS JOIN events WHERE position = found.known_from ORDER BY position DESC"
        )
        found = [event_of(row) for row in database.rows(statement, asked)]
        return found or self.events(self.of_stream(id_, limit, before))

    def of_stream(self, id_: str, limit: int, before: int) -> list[int]:
        """Return the last positions of a stream that is not a goal: a reading."""
        found = (int(row[0]) for row in self.okr.database.rows(STREAM, {"id": id_}))
        return sorted((position for position in found if position < before), reverse=True)[:limit]

    def entries(self, database: Database, page: list[int]) -> list[Row]:
        """Return the entries of a page, with the sealed texts the reader may see."""
        return self.entries_of(database, self.events(page))

    def entries_of(self, database: Database, happened: list[Row]) -> list[Row]:
        """Return the entries of some events, the newest first."""
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
        statement = (
            f"SELECT {self.okr.log.column_list(COLUMNS)} FROM events "
            f"WHERE position {AMONG_POSITIONS[database.is_sqlite]} ORDER BY position DESC"
        )
        rows = database.rows(statement, {"positions": many(database, positions)})
        return [event_of(row) for row in rows]

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
        positions = {row["position"] for row in happened}
        for table, rows in self.stored(database, happened):
            bounds = BOUNDS[table]
            ended = {(id_, until): old for old in rows for id_, _, until in (bounds(old),)}
            for new in rows:
                id_, position, _ = bounds(new)
                if position in positions:
                    found[position] += difference(table, ended.get((id_, position)), new)
        return found

    def stored(self, database: Database, happened: list[Row]) -> Iterator[tuple[str, list[Stored]]]:
        """Yield by table the versions that events began, and those before them."""
        wanted: dict[str, set[str]] = defaultdict(set)
        begun: dict[str, int] = {}
        for row in happened:
            if row["type"] in NEW_READINGS:
                begun[row["stream"]] = row["position"]
                continue
            table = CHANGES[row["type"]][0] if row["type"] in CHANGES else "reading"
            wanted[table].add(row["stream"])
            if row["type"] in {"kpi.target_set", "kpi.retargeted"}:
                wanted[KPI_TARGETS].add(row["stream"])
        alone = [at for stream, at in begun.items() if stream not in wanted["reading"]]
        if alone:
            asked = {"positions": many(database, alone)}
            yield "reading", database.rows(BEGUN[database.is_sqlite], asked)
        for table, streams in wanted.items():
            if streams:
                first, last = happened[-1]["position"], happened[0]["position"]
                yield table, self.versions(database, table, streams, first, last)

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


def event_of(stored: Stored) -> Row:
    """Return an event of COLUMNS, whoever acted as ids."""
    row = dict(zip(COLUMNS, stored, strict=True))
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


def last_of(parts: list[str], database: Database) -> str:
    """Return the SQL of the last positions of all parts, each once, as each engine is quicker."""
    if database.is_sqlite:
        return " UNION ".join(parts) + " ORDER BY 1 DESC LIMIT :limit"
    every = " UNION ALL ".join(parts)
    return f"SELECT DISTINCT known_from FROM ({every}) AS e ORDER BY known_from DESC LIMIT :limit"


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
