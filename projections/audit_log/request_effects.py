"""What a request for approval is about, and what its command would change of that, field by field.

It is compared with the goal as it was at a position: as it is, or right before it was decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from okr_es.changes import numbers_without
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Cadence
from projections.as_of.rows import Pair, RowsAt
from projections.audit_log.answers import ChangeAnswer, Subject, SubjectKind
from projections.goals.key_result_scores import decoded
from projections.read_model.changes import in_text
from projections.read_model.tables import Row

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


def load_subjects(loaded: RowsAt, compared: Iterable[tuple[Row, int]]) -> None:
    """Load what requests are about, from their rows, each as of the position it is compared at.

    One statement.
    """
    pairs: dict[str, list[Pair]] = {}
    for row, at in compared:
        if (kind := SUBJECTS.get(row["command"])) is not None:
            pairs.setdefault(kind, []).append((subject_id(kind, row), at))
        if row["command"] == OF_A_SPAN:
            pairs.setdefault("kpi_target", []).append((span_id(row), at))
    loaded.load_several(pairs)


def subject_id(kind: str, row: Row) -> str:
    """Return the id of what a request is about."""
    return str(decoded(row["fields"])[f"{kind}_id"])


def span_id(row: Row) -> str:
    """Return the id of the target of the span that a request is about."""
    fields = decoded(row["fields"])
    return f"{fields['kpi_id']}:{fields['target']['starts']}"


def effect(request_row: Row, loaded: RowsAt, at: int) -> tuple[Subject | None, list[ChangeAnswer]]:
    """Return what a request is about, and what it would change of it as of a position.

    That must have been loaded with `load_subjects`.
    """
    command = request_row["command"]
    kind = SUBJECTS.get(command)
    if kind is None:
        return None, []
    id_ = subject_id(kind, request_row)
    row = loaded.at(kind, id_, at)
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
        row = loaded.at("kpi_target", span_id(request_row), at)
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
