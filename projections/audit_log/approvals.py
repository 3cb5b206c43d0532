"""Requests for approval: who requested what and why, what it would change, and who decided.

What would change is compared with the goal as it is, or as it was when it was decided.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.changes import numbers_without
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Cadence
from okr_es.handlers.approval_gate import REQUESTABLE
from projections.as_of.references import ref
from projections.as_of.rows import Pair, RowsAt, columns
from projections.as_of.view import View
from projections.audit_log.answers import (
    ApprovalAnswer,
    ApprovalBody,
    ApprovalsAnswer,
    Attribution,
    ChangeAnswer,
    EntryAnswer,
    Subject,
    SubjectKind,
)
from projections.audit_log.corrected_along import Asked, corrected_along
from projections.audit_log.history import History
from projections.goals.key_result_scores import decoded
from projections.read_model.changes import in_text
from projections.read_model.tables import FOREVER, Row, plain

Fields = dict[str, Any]

SUBJECTS: dict[str, SubjectKind] = {
    "CloseCycle": "cycle", "RequireApproval": "cycle", "RescheduleCycle": "cycle",
    "GradeObjective": "objective", "CommitObjective": "objective", "RetitleObjective": "objective",
    "RescheduleObjective": "objective", "ReplaceObjectiveCommitment": "objective",
    "ReassignObjective": "objective", "RealignObjective": "objective",
    "ReopenObjective": "objective", "AbandonObjective": "objective", "AddKeyResult": "objective",
    "RetitleKeyResult": "key_result", "ReassignKeyResult": "key_result",
    "RetargetKeyResult": "key_result", "ReweightKeyResult": "key_result",
    "LinkKeyResult": "key_result", "MoveKeyResult": "key_result", "DropKeyResult": "key_result",
    "RetireKpi": "kpi", "ReinstateKpi": "kpi",
    "ReinstateKeyResult": "key_result",
    "CorrectKeyResult": "key_result", "CorrectObjective": "objective",
    "CorrectKpi": "kpi", "CorrectKpiTarget": "kpi",
    "DeactivatePerson": "person", "ReactivatePerson": "person", "ErasePerson": "person",
    "PlaceLegalHold": "person", "LiftLegalHold": "person",
}  # fmt: skip
NAMED = ("cycle", "kpi")  # the others have a title
BEGINS = "AddKeyResult"  # a goal of its own: there was nothing before
REOPENS = "ReopenObjective"  # to what it was before it was abandoned
OF_A_SPAN = "CorrectKpiTarget"  # what would change is the target of a span of its KPI
LIFTS = "LiftLegalHold"  # of the legal holds the matter it names is compared alone
LISTS = frozenset({"steps", "zones", "trajectory", "approval_required", "holds"})


def only(*names: str) -> Callable[[Fields], Row]:
    """Return a function that picks those of these fields that are given."""
    return lambda fields: {n: fields[n] for n in names if fields.get(n) is not None}


def measured(fields: Fields) -> Row:
    """Return a promise as the row of a key result has it, as far as it would change."""
    left_out = ("measure", "objective_id", "key_result_id", "id", "version")
    promise = {name: value for name, value in fields.items() if name not in left_out}
    if promise.get("trajectory") is None:
        promise.pop("trajectory", None)
    measure = fields.get("measure", {})
    gone = numbers_without(measure["direction"]) if "direction" in measure else ()
    return {**promise, **dict.fromkeys(gone), **measure}


def added(fields: Fields) -> Row:
    """Return a new key result as its row; without a cadence it is weekly, fed it is as its KPI."""
    found = measured(fields)
    if found["cadence"] is None and found["kpi_id"] is None:
        found["cadence"] = Cadence.WEEKLY
    return found


def realigned(fields: Fields) -> Row:
    """Return an alignment as the row of an objective has it, as far as it would change."""
    names = ("aligned_to_objective_id", "aligned_to_key_result_id")
    replaced = dict.fromkeys(names) if any(fields.get(name) for name in names) else {}
    return {**replaced, **{n: fields[n] for n in (*names, "weight") if n in fields}}


def retargeted(fields: Fields) -> Row:
    """Return the target of a span as its row has it, as far as it would change."""
    target = fields["target"]
    return {n: target[n] for n in ("target", "minimum", "maximum") if n in target}


def graded(fields: Fields) -> Row:
    """Return a grade as the row of an objective has it; a request from before names no document."""
    evidence = fields.get("evidence")
    document = None if evidence is None else in_text(evidence)
    return {"graded": True, "adjusted_grade": fields["adjusted_grade"], "evidence": document}


def corrected_kpi(fields: Fields) -> Row:
    """Return what a KPI is meant to be; null takes its baseline away."""
    return {name: fields[name] for name in ("unit", "direction", "baseline") if name in fields}


# The fields that a command would give the row of its subject.
EFFECTS: dict[str, Callable[[Fields], Row]] = {
    "CloseCycle": lambda _: {"closed": True},
    "RequireApproval": lambda fields: {"approval_required": fields["of"]},
    "RescheduleCycle": only("starts", "ends"),
    "GradeObjective": graded,
    "CommitObjective": lambda _: {"state": "committed"},
    REOPENS: lambda _: {"state": "committed"},
    "AbandonObjective": lambda _: {"state": "abandoned"},
    "RetitleObjective": only("title"),
    "RescheduleObjective": lambda fields: {"due": fields["due"]},
    "ReplaceObjectiveCommitment": only("commitment"),
    "ReassignObjective": only("owner_id", "team_id", "effective"),
    "RealignObjective": realigned,
    "AddKeyResult": added,
    "RetitleKeyResult": only("title"),
    "ReassignKeyResult": lambda fields: {"owner_id": fields["owner_id"]},
    "RetargetKeyResult": measured,
    "ReweightKeyResult": only("weight"),
    "CorrectKeyResult": measured,
    "CorrectObjective": only("weight"),
    "CorrectKpi": corrected_kpi,
    "CorrectKpiTarget": retargeted,
    "LinkKeyResult": lambda fields: {"kpi_id": fields["kpi_id"]},
    "MoveKeyResult": lambda fields: {"objective_id": fields["to_objective_id"]},
    "DropKeyResult": lambda _: {"dropped": True},
    "RetireKpi": lambda _: {"retired": True},
    "ReinstateKeyResult": lambda _: {"dropped": False},
    "ReinstateKpi": lambda _: {"retired": False},
    "DeactivatePerson": lambda fields: {"active": False, **only("effective")(fields)},
    "ReactivatePerson": lambda fields: {"active": True, **only("effective")(fields)},
    "ErasePerson": lambda fields: {"erased": True, "legal_ground": fields["legal_ground"]},
    "PlaceLegalHold": lambda fields: {"holds": [fields["matter"]]},
    LIFTS: lambda _: {"holds": None},
}

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
    is_shown: Callable[[Row], bool],
) -> ApprovalsAnswer:
    """Return a page of the requests that are shown, the newest first.

    Raises NotFound for an unknown filter.
    """
    for table, field, id_ in (
        ("cycle", "cycle", filters.cycle),
        ("person", "person_id", filters.person_id),
    ):
        if id_ is not None:
            view.one(table, id_, table, field)
    wanted = {name: str(value) for name, value in filters._asdict().items() if value is not None}
    statement = PAGE.format(filters=" ".join(FILTERS[name] for name in wanted))
    rows: list[Row] = []
    while len(rows) <= limit:
        stored = view.rows(statement, before=before or FOREVER, limit=limit + 1, **wanted)
        some = [plain("approval", row) for row in stored]
        rows += [row for row in some if is_shown(row)]
        if len(some) <= limit:
            break
        before = some[-1]["first_position"]
    return {
        "position": view.moment.known,
        "approvals": requests(view, history, rows[:limit]),
        "next_before": rows[limit - 1]["first_position"] if len(rows) > limit else None,
    }


def approval(
    view: View, history: History, id_: UUID, is_shown: Callable[[Row], bool]
) -> ApprovalAnswer:
    """Return a request; raise NotFound, also where it is not shown."""
    rows = [plain("approval", row) for row in view.rows(ONE, id=str(id_))]
    if not all(is_shown(row) for row in rows) or not rows:
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
    pairs: dict[SubjectKind, list[Pair]] = {}
    for row in rows:
        if (kind := SUBJECTS.get(row["command"])) is not None:
            pairs.setdefault(kind, []).append((subject_id(kind, row), compared_at(view, row)))
    for table, each in pairs.items():
        loaded.load(table, each)
    spans = [(span_id(row), compared_at(view, row)) for row in rows if row["command"] == OF_A_SPAN]
    loaded.load("kpi_target", spans)
    return loaded


def with_others(view: View, row: Row) -> Asked | None:
    """Return the unit a request wants a KPI and what it feeds to have, if it wants that."""
    fields = decoded(row["fields"]) if row["command"] == "CorrectKpi" else {}
    if not fields.get("with_key_results") or "unit" not in fields:
        return None
    return Asked(fields["kpi_id"], fields["unit"], compared_at(view, row))


def subject_id(kind: str, row: Row) -> str:
    """Return the id of what a request is about."""
    return str(decoded(row["fields"])[f"{kind}_id"])


def span_id(row: Row) -> str:
    """Return the id of the target of the span that a request is about."""
    fields = decoded(row["fields"])
    return f"{fields['kpi_id']}:{fields['target']['starts']}"


def compared_at(view: View, row: Row) -> int:
    """Return the position of the goal that a request is compared with."""
    return int(row["known_from"]) - 1 if is_decided(row) else view.head


def request(view: View, row: Row, loaded: Requests) -> ApprovalBody:
    """Return the answer about a request."""
    decided = loaded.entries[row["known_from"]] if is_decided(row) else None
    subject, changes = effect(view, row, loaded.subjects)
    asked = with_others(view, row)
    return {
        "id": row["id"],
        "version": row["version"],
        "cycle": ref(row["cycle_id"]),
        "action": row["action"],
        "decision": row["decision"],
        "command": row["command"],
        "fields": decoded(row["fields"]),
        "what": sentence(row["command"]),
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


def sentence(command: str) -> str:
    """Return what a command does, in a sentence."""
    doc = (REQUESTABLE[command].__doc__ or "") if command in REQUESTABLE else f"{command}."
    return doc.partition("\n")[0].partition(". ")[0].rstrip(".") + "."


def effect(
    view: View, request_row: Row, loaded: RowsAt
) -> tuple[Subject | None, list[ChangeAnswer]]:
    """Return what a request is about, and what it would change of it, field by field."""
    command = request_row["command"]
    kind = SUBJECTS.get(command)
    if kind is None:
        return None, []
    id_ = subject_id(kind, request_row)
    row = loaded.at(kind, id_, compared_at(view, request_row))
    if row is None:
        raise NotFound(f"There is no {kind} {id_} by then.", field="id")
    title = None if kind == "person" else row["name" if kind in NAMED else "title"]
    subject: Subject = {"kind": kind, "id": id_, "title": title}
    fields = decoded(request_row["fields"])
    wanted = EFFECTS[command](fields)
    if command == BEGINS:
        return subject, differences({}, wanted)
    if command == REOPENS and row["committed_at"] is None:
        wanted = {"state": "draft"}
    if "holds" in wanted:
        row = {"holds": in_text([fields["matter"]]) if command == LIFTS else None}
    if command == OF_A_SPAN:
        row = loaded.at("kpi_target", span_id(request_row), compared_at(view, request_row))
    if row is None or is_of_before(fields, row):  # what is in force may stay
        return subject, []
    return subject, differences(row, wanted)


def is_of_before(fields: Fields, row: Row) -> bool:
    """Return whether a command names a version before that of a row."""
    version = fields.get("version")
    return version is not None and int(version) < int(row["version"])


def differences(row: Row, wanted: Row) -> list[ChangeAnswer]:
    """Return the fields that would differ, before and after, lists as JSON in text."""
    return [
        {"field": name, "before": row.get(name), "after": as_shown(name, after)}
        for name, after in wanted.items()
        if comparable(name, row.get(name)) != (after or None if name in LISTS else after)
    ]


def comparable(name: str, value: Any) -> Any:
    """Return a stored value as a command has it: lists as such, None for an empty one."""
    return (decoded(value) or None) if name in LISTS and value else value


def as_shown(name: str, value: Any) -> Any:
    """Return a value of a command as the audit log shows it."""
    return in_text(value) if name in LISTS and value is not None else value
