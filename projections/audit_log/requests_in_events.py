"""What the requests for approval ask for that events began, approved, refused or withdrew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from okr_es.database.database import Database
from projections.as_of.references import actor
from projections.as_of.rows import RowsAt
from projections.audit_log.answers import Requested
from projections.audit_log.logged_event import LoggedEvent
from projections.audit_log.request_effects import effect, load_subjects
from projections.audit_log.sentence_facts import RequestFacts
from projections.goals.key_result_scores import decoded
from projections.goals.pending import what
from projections.read_model.tables import Row

Reasons = Callable[[Iterable[int]], dict[int, str | None]]


def requests_in(
    database: Database, events: Iterable[LoggedEvent], reasons: Reasons
) -> dict[int, RequestFacts]:
    """Return what each event of a request for approval is about, by its position.

    `reasons` reads those of events at some positions. However many there are, it takes two
    statements, and those of `reasons`.
    """
    asked = {each.position: each.stream for each in events if each.type.startswith("approval.")}
    if not asked:
        return {}
    loaded = RowsAt(database)
    loaded.load("approval", ((id_, position) for position, id_ in asked.items()))
    rows = {at: row for at, id_ in asked.items() if (row := loaded.at("approval", id_, at))}
    load_subjects(loaded, ((row, position - 1) for position, row in rows.items()))
    began = {at: row["first_position"] for at, row in rows.items() if row["first_position"] != at}
    said = reasons(began.values()) if began else {}
    return {
        at: facts_of(row, loaded, at, said.get(began[at]) if at in began else None)
        for at, row in rows.items()
    }


def facts_of(row: Row, loaded: RowsAt, position: int, reason: str | None) -> RequestFacts:
    """Return what a request asks for, compared with its subject right before an event of it."""
    subject, changes = effect(row, loaded, position - 1)
    fields = decoded(row["fields"])
    return RequestFacts(row["command"], fields, row["asked_by"], subject, changes, reason)


def requested(facts: RequestFacts | None) -> Requested | None:
    """Return what a request asks for as answers have it; None stays None."""
    if facts is None:
        return None
    return {
        "what": what(facts.command),
        "subject": facts.subject,
        "changes": facts.changes,
        "requester": actor(UUID(facts.asked_by)),
        "reason": facts.reason,
    }
