"""The change record of a goal: who, when, what before and after, and why.

What was before and after is read off the versions of the rows: an event's position ends one
version and begins the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from itertools import compress
from operator import itemgetter, ne
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.directory import Sealed, authors_of, keys_in
from okr_es.domain.approval import approval_id
from okr_es.domain.refusals import NotFound
from okr_es.ids import event_id
from okr_es.log.database import Database

from .changes import CHANGES
from .goals import Row
from .readings import NEW_READINGS
from .rows import many, named
from .runner import Runner
from .schema import BOOLEANS, FIELDS, FOREVER, VERSIONED

Stored = tuple[Any, ...]
Statement = tuple[str, str, dict[str, Any]]  # what it reads from, the SQL, its parameters

KPI_TARGETS = "kpi_target"
# A request is found by its stream, as a reading is: it has two events at most.
ENTITIES = [
    table.name for table in VERSIONED if table.name not in {"reading", "approval", KPI_TARGETS}
]
HIDDEN = {
    "id", "version", "known_from", "known_until", "first_position", "served_id", "node",
    "cycle_id", "committed_at", "revisions",
}  # fmt: skip
SHOWN_OF = {"objective": HIDDEN - {"cycle_id"}}


# Of each table what a record tells: where it stands in a row, its name, and what to make of it.
class Told(NamedTuple):
    """What a record tells of a table: names and kinds of its columns, and what picks them."""

    columns: Sequence[tuple[str, type | None]]
    values: Callable[[Stored], Stored]


def told_of(table: str, fields: list[str]) -> Told:
    """Return what a record tells of a table."""
    shown = [name for name in fields if name not in SHOWN_OF.get(table, HIDDEN)]
    columns = [(name, bool if name in BOOLEANS[table] else None) for name in shown]
    return Told(columns, itemgetter(*map(fields.index, shown)))


TOLD = {table.name: told_of(table.name, FIELDS[table.name]) for table in VERSIONED}
NOTHING: Stored = (None,) * max(map(len, FIELDS.values()))
BOUNDS = {
    table.name: itemgetter(*map(FIELDS[table.name].index, ("id", "known_from", "known_until")))
    for table in VERSIONED
}

# The key results of an objective, each from when to when it was one of its own.
SPANS = """
  SELECT below_id, known_from, known_until FROM below
  WHERE above_id = :id AND kind = 'key_result' AND known_from < :before
"""


def latest(table: str, where: str) -> str:
    """Return the SQL of the last positions at which something of a table changed."""
    return (
        f"SELECT * FROM (SELECT known_from FROM {table} WHERE {where} "
        "ORDER BY known_from DESC LIMIT :limit) AS found"
    )


WHOSE = "id = :id AND known_from < :before"
MEASURED = "measured_id = :id AND known_from < :before"
SPAN = "known_from >= b.known_from AND known_from < least(b.known_until + 1, :before)"
LAST_ONES = (
    "SELECT DISTINCT known_from FROM ({}) AS e ORDER BY known_from DESC LIMIT :limit".format(
        " UNION ALL ".join(
            [
                *(latest(name, WHOSE) for name in ENTITIES),
                latest("reading", MEASURED),
                *(
                    "SELECT v.known_from FROM below b CROSS JOIN LATERAL "
                    f"({latest(name, f'{whose} = b.below_id AND {SPAN}')}) AS v "
                    "WHERE b.above_id = :id AND b.kind = 'key_result' AND b.known_from < :before"
                    for name, whose in (("key_result", "id"), ("reading", "measured_id"))
                ),
            ]
        )
    )
)
AMONG_POSITIONS = {
    True: "IN (SELECT value FROM json_each(:positions))",
    False: "= ANY(CAST(:positions AS bigint[]))",
}
AMONG_IDS = {
    True: "IN (SELECT value FROM json_each(:ids))",
    False: "= ANY(CAST(:ids AS text[]))",
}
BEGUN = {
    is_sqlite: f"SELECT {named('reading')} FROM reading WHERE known_from {among_them}"
    for is_sqlite, among_them in AMONG_POSITIONS.items()
}
STREAM = "SELECT position FROM events WHERE stream = :id"
COLUMNS = (
    "position", "recorded_at", "stream", "version", "type", "by", "on_behalf_of", "origin",
    "command_id", "causation_id", "sealed",
)  # fmt: skip


class History:
    """Reads change records."""

    def __init__(self, okr: Okr, runner: Runner) -> None:
        self.okr = okr
        self.runner = runner

    def of(self, id_: str, limit: int, before: int | None) -> Row:
        """Return a page of the change record of a goal, the newest change first."""
        asked = {"id": id_, "before": before or FOREVER, "limit": limit + 1}
        database, log, found = self.found(asked)
        if not found and before is None:
            raise NotFound(f"There is nothing {id_}.", field="id")
        page = found[:limit]
        return {
            "position": log,
            "id": id_,
            "entries": self.entries_of(database, page),
            "next_before": page[-1]["position"] if len(found) > limit else None,
        }

    def found(self, asked: dict[str, Any]) -> tuple[Database, int, list[Row]]:
        """Return the last events about a goal, from which read model, and where the log stands."""
        if not self.okr.database.is_sqlite and (found := self.found_at_once(asked)):
            return found
        model, standing = self.runner.caught_up()
        rows = self.last_events(model.database, asked)
        happened = [event_of(row[3:]) for row in rows] or self.events(self.of_stream(**asked))
        return model.database, standing.log, happened

    def found_at_once(self, asked: dict[str, Any]) -> tuple[Database, int, list[Row]] | None:
        """Return the same by one statement, which also tells whether the read model is behind."""
        database = self.runner.model.database
        with suppress(DBAPIError):
            rows = self.last_events(database, asked)
            if rows:
                read_model, retired, log = rows[0][:3]
                if read_model == log and not retired:
                    return database, log, [event_of(row[3:]) for row in rows]
        return None

    def last_events(self, database: Database, asked: dict[str, Any]) -> list[Stored]:
        """Return the last events about a goal, the newest first.

        Each row begins with where read model and log stand.
        """
        last_ones = LAST_ONES
        if database.is_sqlite:
            parts, asked = self.parts(database, asked)
            last_ones = " UNION ".join(parts) + " ORDER BY 1 DESC LIMIT :limit"
        columns = ", ".join(f"e.{name}" for name in self.okr.log.column_list(COLUMNS).split(", "))
        statement = (
            f"SELECT p.position, p.retired, n.position, {columns} FROM ({last_ones}) AS found "
            "CROSS JOIN events e CROSS JOIN progress p CROSS JOIN counter n "
            "WHERE e.position = found.known_from ORDER BY e.position DESC"
        )
        return database.rows(statement, asked)

    def parts(self, database: Database, asked: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
        """Return the SQL of each kind of last positions for SQLite, which knows no LATERAL."""
        spans = database.rows(SPANS, asked)
        if not spans:
            every = [*(latest(name, WHOSE) for name in ENTITIES), latest("reading", MEASURED)]
            return every, asked
        parts = [latest("objective", WHOSE)]
        for number, (key_result, first, last) in enumerate(spans):
            span = f"known_from >= :from{number} AND known_from < :until{number}"
            # The event that ends the span is about the goal as well.
            until = min(last + 1, asked["before"])
            bounds = {f"from{number}": first, f"until{number}": until}
            asked = {**asked, **bounds, f"id{number}": key_result}
            parts.append(latest("key_result", f"id = :id{number} AND {span}"))
            parts.append(latest("reading", f"measured_id = :id{number} AND {span}"))
        return parts, asked

    def of_stream(self, id: str, limit: int, before: int) -> list[int]:
        """Return the last positions of a stream that is not a goal: a reading."""
        found = (int(row[0]) for row in self.okr.database.rows(STREAM, {"id": id}))
        return sorted((position for position in found if position < before), reverse=True)[:limit]

    def entries(self, database: Database, page: list[int]) -> list[Row]:
        """Return the entries of a page, with the sealed texts the reader may see."""
        return self.entries_of(database, self.events(page))

    def entries_of(self, database: Database, happened: list[Row]) -> list[Row]:
        """Return the entries of some events, the newest first."""
        pieces = pieces_of(happened)
        keys, stored = self.keys_and_stored(database, happened, authors_of(pieces.values()))
        texts = self.opened(pieces, keys)
        changes, requests = self.changes(happened, stored), self.requests(database, happened)
        return [
            entry(
                row,
                changes[row["position"]],
                texts.get(row["position"], {}),
                requests.get(row["command_id"]),
            )
            for row in happened
        ]

    def texts(self, happened: list[Row]) -> dict[int, dict[str, str]]:
        """Return the sealed texts of some events that can still be read, by position."""
        return self.opened(pieces_of(happened))

    def opened(
        self, pieces: dict[int, Sealed], keys: dict[UUID, bytes] | None = None
    ) -> dict[int, dict[str, str]]:
        """Return the texts of pieces by position."""
        opened = self.okr.directory.unseal(pieces.values(), keys)
        return dict(zip(pieces, opened, strict=True))

    def requests(self, database: Database, happened: list[Row]) -> dict[UUID, str]:
        """Return the requests whose approval some events came of, by the command that approved."""
        ids = [
            str(approval_id(row["causation_id"]))
            for row in happened
            if row["causation_id"] and row["on_behalf_of"]
        ]
        if not ids:
            return {}
        shown = "e.command_id" if database.is_sqlite else "CAST(e.command_id AS text)"
        rows = database.rows(
            f"SELECT {shown}, a.id FROM approval a JOIN events e ON e.position = a.known_from "
            f"WHERE a.known_until = {FOREVER} AND a.decision = 'approved' "
            f"AND a.id {AMONG_IDS[database.is_sqlite]}",
            {"ids": many(database, ids)},
        )
        return {UUID(command_id): id_ for command_id, id_ in rows}

    def keys_and_stored(
        self, database: Database, happened: list[Row], authors: set[UUID]
    ) -> tuple[dict[UUID, bytes], Iterator[tuple[str, list[Stored]]]]:
        """Return the keys of authors, and by table the versions that events began or ended.

        PostgreSQL is asked for all of it at once.
        """
        directory, wanted = self.okr.directory, self.wanted(database, happened)
        asked = [(statement, about) for _, statement, about in wanted]
        if database.is_sqlite or not authors:
            keys, found = directory.keys(authors), database.rows_of(asked)
        else:
            found = database.rows_of([directory.asking_keys(authors), *asked])
            keys = keys_in(next(found))
        return keys, zip((table for table, _, _ in wanted), found, strict=True)

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

    def changes(
        self, happened: list[Row], stored: Iterator[tuple[str, list[Stored]]]
    ) -> dict[int, list[Row]]:
        """Return what changed at each position, field by field."""
        found: dict[int, list[Row]] = defaultdict(list)
        positions = {row["position"] for row in happened}
        for table, rows in stored:
            bounds = BOUNDS[table]
            ended = {(id_, until): old for old in rows for id_, _, until in (bounds(old),)}
            for new in rows:
                id_, position, _ = bounds(new)
                if position in positions:
                    found[position] += difference(table, ended.get((id_, position)), new)
        return found

    def wanted(self, database: Database, happened: list[Row]) -> list[Statement]:
        """Return by table how to ask for the versions that events began, and those before them."""
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
        asked: list[Statement] = []
        if alone:
            at = {"positions": many(database, alone)}
            asked.append(("reading", BEGUN[database.is_sqlite], at))
        for table, streams in wanted.items():
            if streams:
                asked.append(self.versions(table, sorted(streams), happened))
        return asked

    def versions(self, table: str, streams: list[str], happened: list[Row]) -> Statement:
        """Return the statement of the versions of some things that hold among some events."""
        database = self.okr.database
        about = {
            "ids": many(database, streams),
            "first": happened[-1]["position"],
            "last": happened[0]["position"],
        }
        return table, of_things(table, is_sqlite=database.is_sqlite), about


def pieces_of(happened: list[Row]) -> dict[int, Sealed]:
    """Return the sealed pieces of some events, by position."""
    return {
        row["position"]: Sealed(
            row["by"],
            event_id(row["stream"], row["version"]),
            bytes(row["sealed"]),
            row["on_behalf_of"],
        )
        for row in happened
        if row["sealed"]
    }


@lru_cache(maxsize=4_096)
def uuid(text: str | None) -> UUID | None:
    """Return the id a text stands for; remembered, because few people do many things."""
    return None if text is None else UUID(text)


def event_of(stored: Stored) -> Row:
    """Return an event of COLUMNS, whoever acted as ids."""
    row = dict(zip(COLUMNS, stored, strict=True))
    for name in ("by", "on_behalf_of", "command_id", "causation_id"):
        row[name] = uuid(row[name])
    return row


@cache
def of_things(table: str, *, is_sqlite: bool) -> str:
    """Return the statement of the versions of some things that hold between two positions."""
    if table == "reading":
        streams = AMONG_IDS[True] if is_sqlite else "= ANY(CAST(:ids AS uuid[]))"
        return (
            f"SELECT {named(table, 'r')} FROM events e JOIN reading r ON r.known_from = e.position "
            f"WHERE e.stream {streams}"
        )
    whose = "kpi_id" if table == KPI_TARGETS else "id"
    return (
        f"SELECT {named(table, 'v')} FROM {table} now JOIN {table} v ON v.id = now.id "
        "AND v.known_from <= :last AND v.known_from >= coalesce((SELECT max(u.known_from) "
        f"FROM {table} u WHERE u.id = now.id AND u.known_from < :first), :first) "
        f"WHERE now.known_until = {FOREVER} AND now.{whose} {AMONG_IDS[is_sqlite]}"
    )


def difference(table: str, before: Stored | None, after: Stored) -> list[Row]:
    """Return the fields that differ between two versions; all that are set in a first one."""
    columns, values = TOLD[table]
    news = values(after)
    olds = NOTHING if before is None else values(before)
    return [
        {"field": name, "before": old, "after": new}
        if kind is None
        else {"field": name, "before": told(old, kind), "after": told(new, kind)}
        for (name, kind), old, new in compress(
            zip(columns, olds, news, strict=False), map(ne, olds, news)
        )
    ]


def told(value: Any, kind: type) -> Any:
    """Return a stored value as it is told: a boolean as such on both engines."""
    return value if value is None else kind(value)


def entry(row: Row, changes: list[Row], texts: dict[str, str], request_id: str | None) -> Row:
    """Return one entry of the record; `request_id` names the request it came of, once approved."""
    return {
        "position": row["position"],
        "recorded_at": row["recorded_at"],
        "id": event_id(row["stream"], row["version"]),
        "type": row["type"],
        "by": row["by"],
        "on_behalf_of": row["on_behalf_of"],
        "origin": row["origin"],
        "command_id": row["command_id"],
        "request_id": request_id,
        "reason": texts.get("reason"),
        "comment": texts.get("comment"),
        "changes": changes,
    }
