"""The history of a goal, and the entries of any events: who, when, before and after, why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.database.database import Database
from okr_es.database.dialect import Dialect
from okr_es.domain.approval import approval_id
from okr_es.domain.refusals import NotFound
from okr_es.domain.text import redaction_id
from okr_es.log.course import Seen
from okr_es.log.mapper import decode_json
from projections.as_of.pages import require_limit
from projections.as_of.view import View
from projections.audit_log.answers import EntryAnswer, Heading, HistoryAnswer, Redacted
from projections.audit_log.confidential import about_hidden
from projections.audit_log.field_changes import changes_by_position, versions_statement
from projections.audit_log.logged_event import (
    COLUMNS,
    WITH_DATA,
    LoggedEvent,
    entry,
    event_columns,
    heading,
    pieces_of,
)
from projections.audit_log.requests_in_events import requested, requests_in
from projections.audit_log.sentence_facts import RequestFacts
from projections.goals.loading_sql import STILL
from projections.goals.reader import Reader
from projections.read_model.tables import FOREVER

# The key results of an objective, each from when to when it was one of its own, or one row of
# nulls; and whether these are all.
SPANS = f"""
  SELECT EXISTS ({STILL}), b.child_id, b.known_from, b.known_until FROM (SELECT 1) AS one
  LEFT JOIN links b ON b.parent_id = :id AND b.kind = 'key_result' AND b.known_from < :before
"""


def latest(table: str, where: str) -> str:
    """Return the query of the last positions at which something of a table changed."""
    return (
        f"SELECT * FROM (SELECT known_from FROM {table} WHERE {where} "
        "ORDER BY known_from DESC LIMIT :limit) AS last_ones"
    )


WHOSE = "id = :id AND known_from < :before"
MEASURED = "measured_id = :id AND known_from < :before"
# Of a thing its own events; of an objective also those of its cycle that committed its plan.
EVENTS = (
    "SELECT * FROM (SELECT position AS known_from FROM events WHERE stream = {stream} "
    "AND position < :before ORDER BY version DESC LIMIT :limit) AS last_ones"
)
SPAN = "known_from >= b.known_from AND known_from < least(b.known_until + 1, :before)"
OF_KEY_RESULTS = [
    "SELECT v.known_from FROM links b CROSS JOIN LATERAL "
    f"({latest(name, f'{whose} = b.child_id AND {SPAN}')}) AS v "
    "WHERE b.parent_id = :id AND b.kind = 'key_result' AND b.known_from < :before"
    for name, whose in (("key_result", "id"), ("reading", "measured_id"))
]
STREAM = "SELECT position FROM events WHERE stream = :id"
NO_TEXTS: dict[str, str] = {}
NO_POSITIONS: frozenset[int] = frozenset()
REDACTED = """
  SELECT {stream}, position, recorded_at, data FROM events WHERE stream {in_ids} AND version = 1
"""


@cache
def own(dialect: Dialect) -> list[str]:
    """Return the queries of the last positions at which something changed, whatever it is."""
    return [
        EVENTS.format(stream=dialect.as_id("stream")),
        latest("objective", WHOSE),
        latest("reading", MEASURED),
    ]


@cache
def own_and_key_results(dialect: Dialect) -> str:
    """Return the query of the last positions of something and its key results, by LATERAL."""
    every = " UNION ALL ".join([*own(dialect), *OF_KEY_RESULTS])
    return f"SELECT DISTINCT known_from FROM ({every}) AS every ORDER BY 1 DESC LIMIT :limit"


class History:
    """Reads histories, and the entries of any events."""

    def __init__(self, okr: Okr, reader: Reader) -> None:
        self.okr = okr
        self.reader = reader
        self.runner = reader.runner

    # ---- the history of one thing -------------------------------------------------------

    def of(self, id_: UUID, limit: int, before: int | None) -> HistoryAnswer:
        """Return a page of the history of a goal, cycle, team or person, the newest first.

        The next page begins before `next_before`. Raises NotFound.
        """
        whose = {"id": str(id_), "stream": str(id_)}
        require_limit(limit)
        parameters = {**whose, "before": before or FOREVER, "limit": limit + 1}
        database, log, events = self.last_events(parameters)
        if not events and before is None:
            raise NotFound(f"There is nothing {id_}.", field="id")
        page = events[:limit]
        return {  # type: ignore[typeddict-item]  # named later
            "position": log,
            "id": str(id_),
            "entries": [
                {**each, "sentence": None}
                for each in self.entries_of(database, page, lie_close=True)
            ],
            "next_before": page[-1].position if len(events) > limit else None,
        }

    def last_events(self, parameters: dict[str, Any]) -> tuple[Database, int, list[LoggedEvent]]:
        """Return the last events of something, of which read model, and the log's last position."""
        if current := self.if_current(parameters):
            return current
        model, at = self.runner.caught_up()
        _, events = self.last_of(model.database, parameters, self.okr.course.seen)
        return model.database, at.log, events

    def if_current(
        self, parameters: dict[str, Any]
    ) -> tuple[Database, int, list[LoggedEvent]] | None:
        """Return the same by fewer statements; None where the read model is behind or replaced."""
        database, seen = self.runner.model.database, self.okr.course.seen
        self.okr.database.follow_files()
        with suppress(DBAPIError):
            if database.follow_files():
                return None
            are_all, events = self.last_of(database, parameters, seen)
            if are_all:
                return database, seen.position, events
        return None

    def last_of(
        self, database: Database, parameters: dict[str, Any], seen: Seen
    ) -> tuple[bool, list[LoggedEvent]]:
        """Return the last events of something, the newest first, and whether these are all.

        They are where log and read model stand on the event that this process has seen last.
        """
        parameters = parameters | {"cached": seen.position, "hash": seen.hash}
        were_all, positions = True, own_and_key_results(database.dialect)
        if database.is_sqlite:  # which knows no LATERAL
            were_all, parts, parameters = span_by_span(database, parameters)
            positions = " UNION ".join(parts) + " ORDER BY 1 DESC LIMIT :limit"
        statement = (
            f"SELECT EXISTS ({STILL}), {event_columns(database.dialect)} "
            f"FROM ({positions}) AS last_ones "
            "CROSS JOIN events e WHERE e.position = last_ones.known_from ORDER BY e.position DESC"
        )
        rows = database.rows(statement, parameters)
        are_all = bool(were_all and rows and rows[0][0])
        return are_all, [LoggedEvent(*row[1:]) for row in rows]

    def of_stream(self, id_: UUID, up_to: int) -> list[int]:
        """Return the positions of a stream of few events up to one, the newest first: a reading."""
        rows = self.okr.database.rows(STREAM, {"id": str(id_)})
        return sorted((at for (at,) in rows if at <= up_to), reverse=True)

    # ---- any events ---------------------------------------------------------------------

    def events(self, positions: Iterable[int], *, with_data: bool = False) -> list[LoggedEvent]:
        """Return the events at some positions, the newest first."""
        dialect = self.okr.database.dialect
        statement = (
            f"SELECT {event_columns(dialect, WITH_DATA if with_data else COLUMNS)} FROM events e "
            f"WHERE e.position {dialect.in_array('positions', 'bigint')} ORDER BY e.position DESC"
        )
        rows = self.okr.database.rows(statement, {"positions": dialect.array(positions)})
        return [LoggedEvent(*row) for row in rows]

    def headings(self, view: View, positions: Iterable[int]) -> dict[int, Heading]:
        """Return what events were, when and by whom, by position."""
        events = self.events(positions)
        requests = self.requests(view.database, events)
        return {each.position: heading(each, requests.get(each.command_id)) for each in events}

    def entries(self, view: View, positions: Iterable[int]) -> list[EntryAnswer]:
        """Return the entries of events, the newest first, with the texts that can be decrypted."""
        return self.entries_of(view.database, self.events(positions))

    def entries_of(
        self,
        database: Database,
        events: list[LoggedEvent],
        asked: Mapping[int, RequestFacts] | None = None,
        *,
        lie_close: bool = False,
    ) -> list[EntryAnswer]:
        """Return the entries of events, in their order; for `lie_close` see field_changes.py.

        `asked` is what `asked_for` finds for them, if that was asked before.
        """
        if not events:
            return []
        asked = self.asked_for(database, events) if asked is None else asked
        texts = self.texts(events)
        versions = versions_statement(events, database.dialect, lie_close=lie_close)
        changes = changes_by_position(events, database.rows(*versions))
        requests = self.requests(database, events)
        redacted = self.redacted(events, texts)
        hidden = self.hidden(database, events)
        return [
            entry(
                event,
                NO_TEXTS if event.position in hidden else texts.get(event.position, NO_TEXTS),
                [] if event.position in hidden else changes.get(event.position, []),
                requests.get(event.command_id),
                redacted.get(event.command_id),
                requested(asked.get(event.position)),
            )
            for event in events
        ]

    def asked_for(
        self, database: Database, events: Iterable[LoggedEvent]
    ) -> dict[int, RequestFacts]:
        """Return what requests for approval ask for that events made or decided, by position."""
        about = [event for event in events if event.type.startswith("approval.")]
        hidden = self.hidden(database, about) if about else NO_POSITIONS
        shown = (event for event in about if event.position not in hidden)
        return requests_in(database, shown, self.reasons)

    def reasons(self, positions: Iterable[int]) -> dict[int, str | None]:
        """Return the reasons that can be decrypted of the events at some positions."""
        found = self.texts(self.events(positions))
        return {position: texts.get("reason") for position, texts in found.items()}

    def hidden(self, database: Database, events: Iterable[LoggedEvent]) -> frozenset[int]:
        """Return the positions of events that are about what the viewer is not shown."""
        sight = self.reader.sight
        if sight is None or not sight.closed:
            return NO_POSITIONS
        listed = list(events)
        found = about_hidden(database, listed, sight.without_history)
        for id_, moved_at in sight.moved_out.items():
            until = [event for event in listed if event.position <= moved_at]
            found |= about_hidden(database, until, frozenset({id_}))
        return found

    def texts(self, events: list[LoggedEvent]) -> dict[int, dict[str, str]]:
        """Return the encrypted texts of events that can still be read, by position."""
        pieces = pieces_of(events)
        return dict(zip(pieces, self.okr.directory.texts.decrypt(pieces.values()), strict=True))

    def redacted(
        self, events: list[LoggedEvent], texts: Mapping[int, dict[str, str]]
    ) -> dict[str | None, Redacted]:
        """Return which commands' texts were redacted, of events whose texts cannot be read."""
        commands = {
            str(redaction_id(UUID(event.command_id))): event.command_id
            for event in events
            if event.encrypted and event.command_id and not texts.get(event.position)
        }
        if not commands:
            return {}
        dialect = self.okr.database.dialect
        statement = REDACTED.format(
            stream=dialect.id_as_text("stream"), in_ids=dialect.in_array("ids", "uuid")
        )
        rows = self.okr.database.rows(statement, {"ids": dialect.array(commands)})
        return {
            commands[stream]: {
                "position": position,
                "recorded_at": at,
                "legal_ground": decode_json(bytes(data))["legal_ground"],
            }
            for stream, position, at, data in rows
        }

    def requests(self, database: Database, events: list[LoggedEvent]) -> dict[str | None, str]:
        """Return the requests whose approval events came of, by the command that approved."""
        ids = [
            str(approval_id(UUID(event.causation_id)))
            for event in events
            if event.causation_id and event.on_behalf_of
        ]
        if not ids:
            return {}
        dialect = database.dialect
        rows = database.rows(
            f"SELECT {dialect.id_as_text('e.command_id')}, a.id "
            "FROM approval a JOIN events e ON e.position = a.known_from "
            f"WHERE a.known_until = {FOREVER} AND a.decision = 'approved' "
            f"AND a.id {dialect.in_array('ids')}",
            {"ids": dialect.array(ids)},
        )
        return dict(rows)


def span_by_span(
    database: Database, parameters: dict[str, Any]
) -> tuple[bool, list[str], dict[str, Any]]:
    """Return queries of the last positions of something, one for each span of a key result.

    First whether log and read model stand on the event that was seen last.
    """
    spans = database.rows(SPANS, parameters)
    were_all = bool(spans[0][0])
    if spans[0][1] is None:
        return were_all, own(database.dialect), parameters
    queries, parameters = [latest("objective", WHOSE)], dict(parameters)
    for number, (_, key_result, first, last) in enumerate(spans):
        # The event that ends the span is about the goal as well.
        until = min(last + 1, parameters["before"])
        bounds = {f"id{number}": key_result, f"from{number}": first, f"until{number}": until}
        parameters |= bounds
        span = f"known_from >= :from{number} AND known_from < :until{number}"
        queries.append(latest("key_result", f"id = :id{number} AND {span}"))
        queries.append(latest("reading", f"measured_id = :id{number} AND {span}"))
    return were_all, queries, parameters
