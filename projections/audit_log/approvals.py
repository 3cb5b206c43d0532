"""Requests for approval: who requested what and why, what it would change, and who decided.

What would change is compared with the goal as it is, or as it was when it was decided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Decision
from projections.as_of.pages import require_limit
from projections.as_of.references import ref
from projections.as_of.rows import RowsAt, columns
from projections.as_of.view import View
from projections.audit_log.answers import (
    ApprovalAnswer,
    ApprovalBody,
    ApprovalsAnswer,
    Attribution,
    EntryAnswer,
    Subject,
)
from projections.audit_log.corrected_along import Asked, corrected_along
from projections.audit_log.history import History
from projections.audit_log.request_effects import effect, load_subjects
from projections.goals.key_result_scores import decoded
from projections.goals.pending import what
from projections.goals.words import require_word
from projections.read_model.tables import FOREVER, Row, plain

MOST = 1_000  # requests that are looked at together
ONE = f"SELECT {columns('approval')} FROM approval WHERE id = :id AND known_until = {FOREVER}"
PAGE = f"""
  SELECT {columns("approval", "a")} FROM approval a WHERE a.known_until = {FOREVER}
    AND a.first_position < :before {{filters}} ORDER BY a.first_position DESC LIMIT :limit
"""
FILTERS = {
    "cycle": "AND a.cycle_id = :cycle",
    "decision": "AND a.decision = :decision",
    "person_id": """AND (a.asked_by = :person_id OR a.asked_for = :person_id
      OR a.version > 1 AND EXISTS (SELECT 1 FROM events e WHERE e.position = a.known_from
        AND :person_id IN (CAST(e."by" AS text), CAST(e.on_behalf_of AS text))))""",
}
OUTCOMES = "SELECT command_id, first_position, last_position FROM commands WHERE command_id {}"


class Filters(NamedTuple):
    """Which requests are wanted: of a cycle, with a decision, or that a person had part in.

    That is one who made the request, on whose behalf, or who decided.
    """

    cycle: UUID | None = None
    decision: str | None = None
    person_id: UUID | None = None


class Requests(NamedTuple):
    """Rows of requests with what answers about them need, each loaded by one statement."""

    entries: dict[int, EntryAnswer]
    outcomes: dict[str, list[int]]
    subjects: RowsAt
    along: dict[Asked, list[Subject]]


def approvals(
    view: View,
    history: History,
    limit: int,
    before: int | None,
    filters: Filters,
    shown: Callable[[Sequence[Row]], list[Row]],
) -> ApprovalsAnswer:
    """Return a page of the requests that are shown, the newest first.

    Where few are, each look takes twice as many as the one before, up to `MOST`. Raises NotFound
    for an unknown filter, and Invalid for one that is no decision.
    """
    for table, field, id_ in (
        ("cycle", "cycle", filters.cycle),
        ("person", "person_id", filters.person_id),
    ):
        if id_ is not None:
            view.one(table, id_, table, field)
    require_limit(limit)
    require_word("decision", filters.decision, [*map(str, Decision)])
    wanted = {name: str(value) for name, value in filters._asdict().items() if value is not None}
    statement = PAGE.format(filters=" ".join(FILTERS[name] for name in wanted))
    rows: list[Row] = []
    at_once = limit + 1
    while len(rows) <= limit:
        stored = view.rows(statement, before=before or FOREVER, limit=at_once, **wanted)
        some = [plain("approval", row) for row in stored]
        rows += shown(some)
        if len(some) < at_once:
            break
        before, at_once = some[-1]["first_position"], max(at_once, min(2 * at_once, MOST))
    return {
        "position": view.moment.known,
        "approvals": requests(view, history, rows[:limit]),
        "next_before": rows[limit - 1]["first_position"] if len(rows) > limit else None,
    }


def approval(
    view: View, history: History, id_: UUID, shown: Callable[[Sequence[Row]], list[Row]]
) -> ApprovalAnswer:
    """Return a request; raise NotFound, also where it is not shown."""
    rows = shown([plain("approval", row) for row in view.rows(ONE, id=str(id_))])
    if not rows:
        raise NotFound(f"There is no request {id_}.", field="id")
    return {"position": view.moment.known, **requests(view, history, rows)[0]}


def requests(view: View, history: History, rows: list[Row]) -> list[ApprovalBody]:
    """Return the answers about some requests, from their rows."""
    positions = {row[name] for row in rows for name in ("first_position", "known_from")}
    entries = {each["position"]: each for each in history.entries(view, positions)}
    decided = [entries[row["known_from"]] for row in rows if is_decided(row)]
    along = corrected_along(view, [each for row in rows if (each := with_others(view, row))])
    loaded = Requests(entries, outcomes(history, decided), subjects(view, rows), along)
    return [request(view, row, loaded) for row in rows]


def is_decided(row: Row) -> bool:
    """Return whether a request was approved, refused or withdrawn."""
    return bool(row["version"] > 1)


def outcomes(history: History, decisions: list[EntryAnswer]) -> dict[str, list[int]]:
    """Return the positions of what was carried out, by the command that approved."""
    approved = [each["command_id"] for each in decisions if each["type"] == "approval.approved"]
    database = history.okr.database
    rows = database.rows(
        OUTCOMES.format(database.dialect.in_array("ids", "uuid")),
        {"ids": database.dialect.array(id_ for id_ in approved if id_ is not None)},
    )
    return {str(id_): list(range(first + 1, last + 1)) for id_, first, last in rows}


def subjects(view: View, rows: list[Row]) -> RowsAt:
    """Return what requests are about, each as it is, or as it was when it was decided."""
    loaded = RowsAt(view.database)
    load_subjects(loaded, [(row, compared_at(view, row)) for row in rows])
    return loaded


def with_others(view: View, row: Row) -> Asked | None:
    """Return the unit a request wants a KPI and what it feeds to have, if it wants that."""
    fields = decoded(row["fields"]) if row["command"] == "CorrectKpi" else {}
    if not fields.get("with_key_results") or "unit" not in fields:
        return None
    return Asked(fields["kpi_id"], fields["unit"], compared_at(view, row))


def compared_at(view: View, row: Row) -> int:
    """Return the position of the goal that a request is compared with."""
    return int(row["known_from"]) - 1 if is_decided(row) else view.head


def request(view: View, row: Row, loaded: Requests) -> ApprovalBody:
    """Return the answer about a request."""
    decided = loaded.entries[row["known_from"]] if is_decided(row) else None
    subject, changes = effect(row, loaded.subjects, compared_at(view, row))
    asked = with_others(view, row)
    return {
        "id": row["id"],
        "version": row["version"],
        "cycle": ref(row["cycle_id"]),
        "action": row["action"],
        "decision": row["decision"],
        "command": row["command"],
        "fields": decoded(row["fields"]),
        "what": what(row["command"]),
        "subject": subject,
        "changes": changes,
        "corrected_along": [] if asked is None else loaded.along[asked],
        "known_at": row["known_at"],
        "requested": words_of(loaded.entries[row["first_position"]]),
        "decided": None if decided is None else words_of(decided),
        "events": [] if decided is None else carried_out(loaded, decided),
    }


def carried_out(loaded: Requests, decision: EntryAnswer) -> list[int]:
    """Return the positions of what was carried out by a decision; none by a refusal."""
    command_id = decision["command_id"]
    return [] if command_id is None else loaded.outcomes.get(command_id, [])


def words_of(entry: EntryAnswer) -> Attribution:
    """Return who requested or decided, when and why."""
    return {
        "position": entry["position"],
        "recorded_at": entry["recorded_at"],
        "by": entry["by"],
        "on_behalf_of": entry["on_behalf_of"],
        "reason": entry["reason"],
        "comment": entry["comment"],
    }
