"""Requests for approval: who asked for what and why, what it would change, and who decided.

What would change is told against the goal as it stands, or as it stood when it was decided.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.refusals import NotFound
from okr_es.handlers.approval_gate import REQUESTABLE
from projections.as_of.rows import among, many, named, one
from projections.audit_log.history import History
from projections.goals.key_result_scores import decoded
from projections.goals.reader import Reader
from projections.read_model.changes import in_text
from projections.read_model.tables import FOREVER, Row, plain

Fields = dict[str, Any]

SUBJECTS = {
    "CloseCycle": "cycle", "RequireApproval": "cycle",
    "GradeObjective": "objective", "CommitObjective": "objective", "RetitleObjective": "objective",
    "ReassignObjective": "objective", "RealignObjective": "objective",
    "ReopenObjective": "objective", "AbandonObjective": "objective", "AddKeyResult": "objective",
    "RetargetKeyResult": "key_result", "ReweightKeyResult": "key_result",
    "LinkKeyResult": "key_result", "MoveKeyResult": "key_result", "DropKeyResult": "key_result",
}  # fmt: skip
BEGINS = "AddKeyResult"  # a goal of its own: there was nothing before
LISTS = frozenset({"steps", "zones", "trajectory", "approval_required"})
SAID = ("position", "recorded_at", "by", "on_behalf_of", "reason", "comment")


def picked(*names: str) -> Callable[[Fields], Row]:
    """Return what picks the fields that are given."""
    return lambda fields: {n: fields[n] for n in names if fields.get(n) is not None}


def measured(fields: Fields) -> Row:
    """Return a promise as the row of a key result has it."""
    left_out = ("measure", "objective_id", "key_result_id", "id")
    found = {name: value for name, value in fields.items() if name not in left_out}
    if found.get("trajectory") is None:
        found.pop("trajectory", None)
    return {**found, **fields["measure"]}


# What a command would make of the row of its subject.
WANTED: dict[str, Callable[[Fields], Row]] = {
    "CloseCycle": lambda _: {"closed": True},
    "RequireApproval": lambda fields: {"approval_required": fields["of"]},
    "GradeObjective": lambda fields: {"graded": True, "adjusted_grade": fields["adjusted_grade"]},
    "CommitObjective": lambda _: {"state": "committed"},
    "ReopenObjective": lambda _: {"state": "committed"},
    "AbandonObjective": lambda _: {"state": "abandoned"},
    "RetitleObjective": picked("title"),
    "ReassignObjective": picked("owner_id", "team_id"),
    "RealignObjective": lambda fields: {
        name: fields[name]
        for name in ("aligned_to_objective_id", "aligned_to_key_result_id", "weight")
    },
    "AddKeyResult": measured,
    "RetargetKeyResult": measured,
    "ReweightKeyResult": picked("weight"),
    "LinkKeyResult": lambda fields: {"kpi_id": fields["kpi_id"]},
    "MoveKeyResult": lambda fields: {"objective_id": fields["to_objective_id"]},
    "DropKeyResult": lambda _: {"dropped": True},
}

ONE = f"SELECT {named('approval')} FROM approval WHERE id = :id AND known_until = {FOREVER}"
PAGE = f"""
  SELECT {named("approval", "a")} FROM approval a WHERE a.known_until = {FOREVER}
    AND a.first_position < :before {{filters}} ORDER BY a.first_position DESC LIMIT :limit
"""
FILTERS = {
    "cycle": "AND a.cycle_id = :cycle",
    "decision": "AND a.decision = :decision",
    "person": """AND (a.asked_by = :person OR a.asked_for = :person OR a.version > 1 AND EXISTS (
      SELECT 1 FROM events e WHERE e.position = a.known_from
        AND :person IN (CAST(e."by" AS text), CAST(e.on_behalf_of AS text))))""",
}
CARRIED_OUT = "SELECT command_id, first_position, last_position FROM commands WHERE command_id {}"


def approvals(
    asking: Reader, records: History, limit: int, before: int | None, filters: dict[str, Any]
) -> Row:
    """Return a page of the requests, the last asked first; `filters` are cycle, decision, person.

    A person is one who asked, for whom it was asked, or who decided.
    """
    database, moment = asking.then(None, None)
    for table, field in (("cycle", "cycle"), ("person", "person_id")):
        if table in filters:
            one(database, table, filters[table], table, moment.plan, field)
    statement = PAGE.format(filters=" ".join(FILTERS[name] for name in filters))
    asked = {name: str(value) for name, value in filters.items()}
    page = {**asked, "before": before or FOREVER, "limit": limit + 1}
    found = [plain("approval", row) for row in database.rows(statement, page)]
    more = len(found) > limit
    return {
        "position": moment.known,
        "approvals": told(records, database, found[:limit]),
        "next_before": found[limit - 1]["first_position"] if more else None,
    }


def approval(asking: Reader, records: History, id_: UUID) -> Row:
    """Return a request; raise NotFound."""
    database, moment = asking.then(None, None)
    found = [plain("approval", row) for row in database.rows(ONE, {"id": str(id_)})]
    if not found:
        raise NotFound(f"There is no request {id_}.", field="id")
    return {"position": moment.known, **told(records, database, found)[0]}


def told(records: History, database: Database, rows: list[Row]) -> list[Row]:
    """Return what there is to say of requests."""
    positions = {row[name] for row in rows for name in ("first_position", "known_from")}
    entries = {each["position"]: each for each in records.entries(database, list(positions))}
    carried = carried_out(records, [entries[row["known_from"]] for row in rows])
    return [request(database, row, entries, carried) for row in rows]


def carried_out(records: History, entries: list[Row]) -> dict[UUID, list[int]]:
    """Return the positions of what came of approvals, by the command that approved."""
    database = records.okr.database
    approved = [e["command_id"] for e in entries if e["type"] == "approval.approved"]
    ids = many(database, [str(id_) for id_ in approved if id_ is not None])
    is_among = among(database, "ids") if database.is_sqlite else "= ANY(CAST(:ids AS uuid[]))"
    rows = database.rows(CARRIED_OUT.format(is_among), {"ids": ids})
    return {UUID(str(id_)): list(range(first + 1, last + 1)) for id_, first, last in rows}


def request(
    database: Database, row: Row, entries: dict[int, Row], carried: dict[UUID, list[int]]
) -> Row:
    """Return what there is to say of a request."""
    fields, is_decided = decoded(row["fields"]), row["version"] > 1
    decided = entries[row["known_from"]] if is_decided else None
    then = row["known_from"] - 1 if is_decided else FOREVER - 1
    subject, changes = effect(database, row["command"], fields, then)
    return {
        **{name: row[name] for name in ("id", "version", "cycle_id", "action", "decision")},
        "command": row["command"],
        "fields": fields,
        "what": what(row["command"]),
        "subject": subject,
        "changes": changes,
        "known_at": row["known_at"],
        "requested": said(entries[row["first_position"]]),
        "decided": None if decided is None else said(decided),
        "events": [] if decided is None else carried.get(decided["command_id"], []),
    }


def said(entry: Row) -> Row:
    """Return who said it, when and why."""
    return {name: entry[name] for name in SAID}


def what(command: str) -> str:
    """Return what a command asks for, in a sentence."""
    doc = (REQUESTABLE[command].__doc__ or "") if command in REQUESTABLE else f"{command}."
    return doc.partition("\n")[0].partition(". ")[0].rstrip(".") + "."


def effect(
    database: Database, command: str, fields: Fields, then: int
) -> tuple[Row | None, list[Row]]:
    """Return what a command is about, and what it would change of it, field by field."""
    kind = SUBJECTS.get(command)
    if kind is None:
        return None, []
    id_ = fields[f"{kind}_id"]
    row = one(database, kind, UUID(id_), kind, then)
    subject = {"kind": kind, "id": id_, "title": row.get("title", row.get("name"))}
    return subject, differences({} if command == BEGINS else row, WANTED[command](fields))


def differences(row: Row, wanted: Row) -> list[Row]:
    """Return the fields that would differ, before and after, lists as JSON in text."""
    return [
        {"field": name, "before": row.get(name), "after": shown(name, after)}
        for name, after in wanted.items()
        if compared(name, row.get(name)) != (after or None if name in LISTS else after)
    ]


def compared(name: str, value: Any) -> Any:
    """Return a stored value as it is in a command: lists as such, none where there is none."""
    return (decoded(value) or None) if name in LISTS and value else value


def shown(name: str, value: Any) -> Any:
    """Return a value of a command as the audit log shows it."""
    return in_text(value) if name in LISTS and value is not None else value
