"""The history of a goal: who, when, what before and after, and why.

What was before and after is read off the versions of the rows: an event's position ends one
version and begins the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import chain, starmap
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.database.database import Database
from okr_es.domain.approval import approval_id
from okr_es.domain.cycle import as_written
from okr_es.domain.refusals import NotFound
from okr_es.ids import event_id
from okr_es.people.directory import EncryptedText, keys_in
from projections.as_of.rows import many
from projections.audit_log.field_changes import (
    AMONG_IDS,
    AMONG_POSITIONS,
    BEGUN_AT,
    KPI_TARGETS,
    Statement,
    Stored,
    changes_at,
    of_things,
)
from projections.goals.scoring import Row
from projections.read_model.changes import CHANGES
from projections.read_model.project_readings import NEW_READINGS
from projections.read_model.runner import Runner
from projections.read_model.tables import FOREVER, VERSIONED

# A request is found by its stream, as a reading is: it has two events at most.
ENTITIES = [
    table.name for table in VERSIONED if table.name not in {"reading", "approval", KPI_TARGETS}
]
# The key results of an objective, each from when to when it was one of its own.
SPANS = """
  SELECT child_id, known_from, known_until FROM links
  WHERE parent_id = :id AND kind = 'key_result' AND known_from < :before
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
                    "SELECT v.known_from FROM links b CROSS JOIN LATERAL "
                    f"({latest(name, f'{whose} = b.child_id AND {SPAN}')}) AS v "
                    "WHERE b.parent_id = :id AND b.kind = 'key_result' AND b.known_from < :before"
                    for name, whose in (("key_result", "id"), ("reading", "measured_id"))
                ),
            ]
        )
    )
)
STREAM = "SELECT position FROM events WHERE stream = :id"


class Event(NamedTuple):
    """What a record tells of an event, by the columns of the log; ids as text."""

    position: int
    recorded_at: str
    stream: str
    version: int
    type: str
    by: str | None
    on_behalf_of: str | None
    origin: str
    command_id: str | None
    causation_id: str | None
    encrypted: bytes | None


class History:
    """Reads change records."""

    def __init__(self, okr: Okr, runner: Runner) -> None:
        self.okr = okr
        self.runner = runner

    def of(self, id_: UUID, limit: int, before: int | None) -> Row:
        """Return a page of the history of a goal, the newest change first."""
        asked = {"id": str(id_), "before": before or FOREVER, "limit": limit + 1}
        database, log, found = self.found(asked)
        if not found and before is None:
            raise NotFound(f"There is nothing {as_written(id_)}.", field="id")
        page = found[:limit]
        return {
            "position": log,
            "id": str(id_),
            "entries": self.entries_of(database, page),
            "next_before": page[-1].position if len(found) > limit else None,
        }

    def found(self, asked: dict[str, Any]) -> tuple[Database, int, list[Event]]:
        """Return the last events about a goal, from which read model, and where the log stands."""
        if not self.okr.database.is_sqlite and (found := self.found_at_once(asked)):
            return found
        model, standing = self.runner.caught_up()
        rows = self.last_events(model.database, asked)
        happened = [Event(*row[3:]) for row in rows] or self.events(self.of_stream(**asked))
        return model.database, standing.log, happened

    def found_at_once(self, asked: dict[str, Any]) -> tuple[Database, int, list[Event]] | None:
        """Return the same by one statement, which also tells whether the read model is behind."""
        database = self.runner.model.database
        with suppress(DBAPIError):
            rows = self.last_events(database, asked)
            if rows:
                read_model, retired, log = rows[0][:3]
                if read_model == log and not retired:
                    return database, log, [Event(*row[3:]) for row in rows]
        return None

    def last_events(self, database: Database, asked: dict[str, Any]) -> list[Stored]:
        """Return the last events about a goal, the newest first.

        Each row begins with where read model and log stand.
        """
        last_ones = LAST_ONES
        if database.is_sqlite:
            parts, asked = self.parts(database, asked)
            last_ones = " UNION ".join(parts) + " ORDER BY 1 DESC LIMIT :limit"
        columns = ", ".join(
            f"e.{name}" for name in self.okr.log.column_list(Event._fields).split(", ")
        )
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
        """Return the entries of a page, with the encrypted texts the reader may see."""
        return self.entries_of(database, self.events(page))

    def entries_of(self, database: Database, happened: list[Event]) -> list[Row]:
        """Return the entries of some events, the newest first.

        PostgreSQL is at work on keys and versions while the entries are begun.
        """
        wanted = self.wanted(database, happened)
        tables = [table for table, _, _ in wanted]
        with self.asking(database, wanted, authors_among(happened)) as found:
            entries, pieces = [entry(event) for event in happened], pieces_of(happened)
            texts = self.opened(pieces, keys_in(next(found)))
            changes = changes_at(
                {event.position for event in happened}, zip(tables, found, strict=True)
            )
        requests = self.requests(database, happened)
        for event, told_ in zip(happened, entries, strict=True):
            said = texts.get(event.position, {})
            told_["approval_id"] = requests.get(event.command_id)
            told_["reason"], told_["comment"] = said.get("reason"), said.get("comment")
            told_["changes"] = changes[event.position]
        return entries

    def texts(self, happened: list[Event]) -> dict[int, dict[str, str]]:
        """Return the encrypted texts of some events that can still be read, by position."""
        return self.opened(pieces_of(happened))

    def opened(
        self, pieces: dict[int, EncryptedText], keys: dict[UUID, bytes] | None = None
    ) -> dict[int, dict[str, str]]:
        """Return the texts of pieces by position."""
        opened = self.okr.directory.decrypt(pieces.values(), keys)
        return dict(zip(pieces, opened, strict=True))

    def requests(self, database: Database, happened: list[Event]) -> dict[str | None, str]:
        """Return the requests whose approval some events came of, by the command that approved."""
        ids = [
            str(approval_id(UUID(event.causation_id)))
            for event in happened
            if event.causation_id and event.on_behalf_of
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
        return dict(rows)

    @contextmanager
    def asking(
        self, database: Database, wanted: list[Statement], authors: set[UUID]
    ) -> Iterator[Iterator[list[Stored]]]:
        """Ask for the keys of authors and for versions, and give the rows of each in turn."""
        keys, asked = self.okr.directory.keys_query(authors), [each[1:] for each in wanted]
        if database.is_sqlite:
            yield chain([self.okr.directory.database.rows(*keys)], starmap(database.rows, asked))
            return
        with database.answers([keys, *asked]) as found:
            yield found

    def events(self, positions: list[int]) -> list[Event]:
        """Return the events at some positions, the newest first."""
        database = self.okr.database
        statement = (
            f"SELECT {self.okr.log.column_list(Event._fields)} FROM events "
            f"WHERE position {AMONG_POSITIONS[database.is_sqlite]} ORDER BY position DESC"
        )
        rows = database.rows(statement, {"positions": many(database, positions)})
        return [Event(*row) for row in rows]

    def headings(self, positions: list[int]) -> dict[int, Row]:
        """Return what events were, when and by whom, by position."""
        return {
            event.position: {
                "position": event.position,
                "recorded_at": event.recorded_at,
                "id": event_id(event.stream, event.version),
                "type": event.type,
                "by": uuid(event.by),
            }
            for event in self.events(positions)
        }

    def wanted(self, database: Database, happened: list[Event]) -> list[Statement]:
        """Return by table how to ask for the versions that events began, and those before them."""
        wanted: dict[str, set[str]] = defaultdict(set)
        begun: dict[str, int] = {}
        for event in happened:
            if event.type in NEW_READINGS:
                begun[event.stream] = event.position
                continue
            table = CHANGES[event.type][0] if event.type in CHANGES else "reading"
            wanted[table].add(event.stream)
            if event.type in {"kpi.target_set", "kpi.retargeted"}:
                wanted[KPI_TARGETS].add(event.stream)
        alone = [at for stream, at in begun.items() if stream not in wanted["reading"]]
        asked: list[Statement] = []
        if alone:
            at = {"positions": many(database, alone)}
            asked.append(("reading", BEGUN_AT[database.is_sqlite], at))
        for table, streams in wanted.items():
            if streams:
                asked.append(self.versions(table, sorted(streams), happened))
        return asked

    def versions(self, table: str, streams: list[str], happened: list[Event]) -> Statement:
        """Return the statement of the versions of some things that hold among some events."""
        database = self.okr.database
        about = {
            "ids": many(database, streams),
            "first": happened[-1].position,
            "last": happened[0].position,
        }
        return table, of_things(table, is_sqlite=database.is_sqlite), about


def authors_among(happened: list[Event]) -> set[UUID]:
    """Return whose keys the texts of some events may have been encrypted with."""
    named_ = {id_ for each in happened if each.encrypted for id_ in (each.by, each.on_behalf_of)}
    return {UUID(id_) for id_ in named_ if id_ is not None}


def pieces_of(happened: list[Event]) -> dict[int, EncryptedText]:
    """Return the encrypted pieces of some events, by position."""
    return {
        event.position: EncryptedText(
            by,
            event_id(event.stream, event.version),
            bytes(event.encrypted),
            uuid(event.on_behalf_of),
        )
        for event in happened
        if event.encrypted and (by := uuid(event.by))
    }


@lru_cache(maxsize=4_096)
def uuid(text: str | None) -> UUID | None:
    """Return the id a text stands for; remembered, because few people do many things."""
    return None if text is None else UUID(text)


def entry(event: Event) -> Row:
    """Return one entry of the audit log, yet without its request, its texts and what it changed.

    `approval_id` names the request it came of, once approved.
    """
    return {
        "position": event.position,
        "recorded_at": event.recorded_at,
        "id": event_id(event.stream, event.version),
        "type": event.type,
        "by": uuid(event.by),
        "on_behalf_of": uuid(event.on_behalf_of),
        "origin": event.origin,
        "command_id": uuid(event.command_id),
        "approval_id": None,
        "reason": None,
        "comment": None,
        "changes": [],
    }
