"""The log folded in the plainest way there is: one event, one assignment. Nothing of projections.

Rows are dicts by id in the words of the tables; what has ended stays and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from okr_es.domain.api_key import ApiKey
from okr_es.domain.approval import Approval
from okr_es.domain.base import Beginning, Change
from okr_es.domain.calendar import OrganisationCalendar
from okr_es.domain.cycle import Cycle
from okr_es.domain.grant import Grant
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.person import Person
from okr_es.domain.reading import Reading
from okr_es.domain.team import Team

Row = dict[str, Any]
Rows = dict[str, dict[str, Row]]
TABLES = (
    "cycle", "team", "person", "scoring_policy", "people_figures", "calendar", "objective",
    "key_result", "kpi", "kpi_definition", "kpi_target", "reading", "approval", "role_grant",
    "api_key",
)  # fmt: skip
LISTS = {"cycle": ("plan_commits", "closings")}
TABLE_OF = {"grant": "role_grant"}  # where it is not the word of the events
# The day from which a hand-over holds is of its event alone.
EFFECTIVE = {table: {"effective": None} for table in ("objective", "team")}
CORRECTIONS = (KeyResult.Corrected, Objective.Corrected, Kpi.TargetCorrected)
IDENTITY = {"originator_id", "originator_version", "originator_topic"}


def fold(events: Iterable[Change]) -> Rows:
    """The rows after some events, as far as the read model keeps them in the same words."""
    return shown(fold_all(events))


def folds(events: Iterable[Change]) -> Iterator[Rows]:
    """The same after each of the events in turn; they change with the next."""
    rows: Rows = {table: {} for table in TABLES}
    for position, event in enumerate(events, 1):
        happens(rows, position, event)
        yield shown(rows)


def shown(rows: Rows) -> Rows:
    """Rows as far as the read model keeps them in the same words."""
    readings = {
        id_: {name: value for name, value in reading.items() if name != "made_under"}
        for id_, reading in rows["reading"].items()
    }
    return {table: rows[table] for table in TABLES} | {"reading": readings}


def fold_all(events: Iterable[Change]) -> Rows:
    """The rows after some events; a check-in says what its key result was like then."""
    rows: Rows = {table: {} for table in TABLES}
    for position, event in enumerate(events, 1):
        happens(rows, position, event)
    return rows


def happens(rows: Rows, position: int, event: Change) -> None:
    """Let one event happen to the rows."""
    id_ = str(event.originator_id)
    table = event.TOPIC.partition(".")[0]  # type: ignore[attr-defined]
    table = TABLE_OF.get(table, table)
    fields = {name: plainly(value) for name, value in vars(event).items() if name not in IDENTITY}
    rows.setdefault(table, {})  # what has no rows in the read model: years, redacted texts
    if isinstance(event, Beginning):
        empty: Row = {name: [] for name in LISTS.get(table, ())}
        rows[table][id_] = {"first_position": position, **at_first(event), **empty}
    row = rows[table][id_]
    row["version"] = event.originator_version
    if isinstance(event, Kpi.TargetSet | Kpi.Retargeted | Kpi.SpanSplit):
        targets(rows["kpi_target"], position, id_, event)
    elif table == "person":
        of_person(row, event)
    elif isinstance(event, Grant.Ended):
        row["ends"] = str(event.effective - timedelta(days=1))
    elif isinstance(event, CORRECTIONS):
        corrected(rows, table, row, event)
    else:
        if isinstance(event, REVISIONS) and is_promised(rows, row):
            row["revisions"] += 1
        if isinstance(event, Objective.Reopened) and row["state"] == "abandoned":
            row["returns"] += row["promised_at"] is not None
        if isinstance(event, KeyResult.Reinstated) and is_promised(rows, row):
            objective = rows["objective"][row["objective_id"]]
            was_in_plan = (row["promised_at"] or objective["promised_at"]) < row["ended_at"]
            row["returns"] += was_in_plan
            row["came_at"] = row["came_at"] if was_in_plan else position
        before = dict(row)
        own = {} if isinstance(event, Kpi.Redefined) else parts(fields)
        own.pop("secret_hash", None)
        row.update(EFFECTIVE.get(table, {}) | own | MEANS.get(type(event), {}))
        of_objective(rows, id_, event)
        of_key_result(rows, position, event, row, before)
        of_check_in(rows, event, row)
        if isinstance(event, Kpi.Defined | Kpi.Redefined):
            definition(rows, position, id_, event, fields)
        place(row, position, event, fields)
    align(rows)
    promise(rows, position, event)


def of_person(row: Row, event: Change) -> None:
    """What happens to a person; a day of leaving or returning takes the place of later ones."""
    row["effective"] = None
    match event:
        case Person.HoldPlaced():
            row["holds"] = [*(row["holds"] or []), event.matter]
        case Person.HoldLifted():
            row["holds"] = [each for each in row["holds"] if each != event.matter] or None
        case Person.Erased():
            row |= {"erased": True, "legal_ground": event.legal_ground}
        case Person.DeputyNamed():
            days = {"deputy_starts": str(event.starts), "deputy_ends": str(event.ends)}
            row |= {"deputy_id": str(event.deputy_id), **days}
        case Person.DeputyWithdrawn():
            row |= dict.fromkeys(("deputy_id", "deputy_starts", "deputy_ends"))
        case Person.Deactivated() | Person.Reactivated():
            day, active = str(event.effective), isinstance(event, Person.Reactivated)
            earlier = [each for each in row["turns"] or [] if each["day"] < day]
            again = earlier and earlier == row["turns"] and earlier[-1]["active"] == active
            if again:  # the same once more, and only its day is another
                earlier.pop()
            if again or active != (earlier[-1]["active"] if earlier else True):
                earlier.append({"day": day, "active": active})
            row |= {"active": active, "effective": day, "turns": earlier or None}


def corrected(rows: Rows, table: str, row: Row, event: Any) -> None:
    """What holds after a correction, as known by then."""
    if isinstance(event, Kpi.TargetCorrected):
        rows["kpi_target"][f"{event.originator_id}:{event.now.starts}"] |= {
            "version": event.originator_version, **plainly(event.now),
        }  # fmt: skip
        return
    row["corrections"] += is_promised(rows, row)
    is_weight = isinstance(event, Objective.Corrected)
    now = {"weight": str(event.weight)} if is_weight else parts(plainly(event.now))
    row |= EFFECTIVE.get(table, {}) | now


def place(row: Row, position: int, event: Change, fields: Row) -> None:
    """Note where something happened that is asked about later."""
    match event:
        case Objective.Committed():
            row["committed_at"] = position
        case Objective.Abandoned() | KeyResult.Dropped():
            row["ended_at"] = position
        case Cycle.Closed():
            row["closing_position"] = position
            row["closings"] = [*row["closings"], position]
        case Cycle.PlanCommitted():
            row["plan_commits"] = [*row["plan_commits"], {"position": position, **fields}]


def of_objective(rows: Rows, id_: str, event: Change) -> None:
    """What the event of an objective says beside its fields."""
    if isinstance(event, Objective.Drafted):
        rows["objective"][id_] |= {"lineage": lineage(rows, id_), "redated": None}
    if isinstance(event, Objective.Reassigned):
        stays = event.redated
        rows["objective"][id_]["redated"] = None if stays is None else " ".join(stays)


def of_key_result(rows: Rows, position: int, event: Change, row: Row, before: Row) -> None:
    """What the event of a key result says beside its fields: of its row now and before."""
    if isinstance(event, KeyResult.Added):
        row["cycle_id"] = rows["objective"][row["objective_id"]]["cycle_id"]
    if isinstance(event, KeyResult.Moved):
        moved(rows, position, row, before)
    if isinstance(event, KeyResult.Added | KeyResult.Moved):
        objective = rows["objective"][row["objective_id"]]
        if objective["first_key_result"] is None:
            objective |= {"first_key_result": position, "effective": None}
    if isinstance(event, KeyResult.Retargeted) and (
        (before["unit"], before["zones"]) != (row["unit"], row["zones"])
    ):
        row["redefined_at"] = position


def moved(rows: Rows, position: int, row: Row, before: Row) -> None:
    """A promise is kept wherever it is moved; what is moved to a plan without one comes to it."""
    left, joined = (rows["objective"][each["objective_id"]] for each in (before, row))
    if is_promised(rows, before):
        if before["promised_at"] is None:
            began = before["came_at"] or before["first_position"]
            by_commit = left["covered_by"] is not None and began <= left["promised_at"]
            row["promised_at"] = max(left["promised_at"], began)
            row["covered_by"] = left["covered_by"] if by_commit else None
    elif joined["promised_at"] is not None:
        row["came_at"] = position


def of_check_in(rows: Rows, event: Change, row: Row) -> None:
    """What a check-in says beside its fields: what its key result was like, the steps done."""
    if isinstance(event, Reading.CheckedIn):
        row["made_under"] = dict(rows["key_result"][row["measured_id"]])
    if isinstance(event, Reading.CheckedIn | Reading.Corrected):
        row["done"] = steps_done(row, event)


def align(rows: Rows) -> None:
    """Say of each objective which one it is aligned to, also where through a key result."""
    for objective in rows["objective"].values():
        through, before = (
            objective["aligned_to_key_result_id"],
            objective.get("parent_objective_id"),
        )
        parent = (
            rows["key_result"][through]["objective_id"]
            if through
            else objective["aligned_to_objective_id"]
        )
        objective["parent_objective_id"] = parent
        if through and before not in (None, parent):  # the key result was moved
            objective["effective"] = None


def lineage(rows: Rows, id_: str) -> str:
    """The first of the objectives that one goes on from, through others too."""
    while (before := rows["objective"][id_]["carried_from"]) is not None:
        id_ = before
    return id_


def steps_done(reading: Row, event: Any) -> Row | None:
    """Of a milestone that has a value: which steps there were, and which of them were done."""
    then = reading["made_under"]
    if then is None or then["kind"] != "milestone" or event.value is None:
        return None
    steps = then["steps"] or []
    named = event.done_steps
    return {"steps": steps, "done": steps[: int(event.value)] if named is None else list(named)}


def promise(rows: Rows, position: int, event: Change) -> None:
    """Promise every goal that is committed, in a team whose plan is: once, and for good."""
    for objective in rows["objective"].values():
        commits = rows["cycle"][objective["cycle_id"]]["plan_commits"]
        if (
            objective["promised_at"] is None
            and objective["state"] in {"committed", "carried_over"}
            and any(not c["teams"] or objective["team_id"] in c["teams"] for c in commits)
        ):
            objective["promised_at"] = position
            if isinstance(event, Cycle.PlanCommitted):
                objective["covered_by"] = position


def is_promised(rows: Rows, row: Row) -> bool:
    """Whether a goal is part of a committed plan."""
    objective = rows["objective"][row["objective_id"]] if "objective_id" in row else row
    return (row["promised_at"] or objective["promised_at"]) is not None


def at_first(event: Change) -> Row:
    """What holds at first, whatever the event says; a reading also says what it measures."""
    match event:
        case Reading.Recorded():
            measured = event.kpi_id
        case Reading.CheckedIn():
            measured = event.key_result_id
        case Approval.Requested():
            named = (event.fields.get(each) for each in ("key_result_id", "objective_id"))
            return {"decision": "pending", "about": next(filter(None, named), None)}
        case _:
            return dict(AT_FIRST.get(type(event), {}))
    return {
        "measured_id": str(measured), "retracted": False, "zone": None, "confidence": None,
        "subject": None, "evidence": None, "done": None, "made_under": None,
    }  # fmt: skip


AT_FIRST: dict[type[Change], Row] = {
    Cycle.Opened: {
        "plan_committed": False, "closed": False, "approval_required": [],
        "closing_position": None,
    },
    Team.Formed: {"disbanded": False},
    Person.Registered: {
        "erased": False, "legal_ground": None, "holds": None, "active": True, "turns": None,
        "deputy_id": None, "deputy_starts": None, "deputy_ends": None,
    },
    Objective.Drafted: {
        "state": "draft", "weight": "1", "graded": False, "adjusted_grade": None, "evidence": None,
        "carried_to": None, "aligned_to_objective_id": None, "aligned_to_key_result_id": None,
        "committed_at": None, "promised_at": None, "covered_by": None, "ended_at": None,
        "revisions": 0, "corrections": 0, "returns": 0, "first_key_result": None,
    },
    KeyResult.Added: {
        "kpi_id": None, "dropped": False, "ended_at": None, "revisions": 0, "redefined_at": None,
        "returns": 0, "came_at": None, "corrections": 0, "promised_at": None, "covered_by": None,
    },
    Kpi.Defined: {"retired": False, "defined_from": "0001-01-01"},
    OrganisationCalendar.Adopted: {"valid_from": None},
}  # fmt: skip

REVISIONS = (
    Objective.Retitled, Objective.Rescheduled, Objective.CommitmentReplaced,
    Objective.Reassigned, Objective.Realigned, Objective.Abandoned,
    KeyResult.Retitled, KeyResult.Reassigned, KeyResult.Retargeted, KeyResult.Reweighted,
    KeyResult.Linked, KeyResult.Unlinked, KeyResult.Moved, KeyResult.Dropped,
)  # fmt: skip

# What an event's name says beside its fields.
MEANS: dict[type[Change], Row] = {
    Cycle.PlanCommitted: {"plan_committed": True},
    Cycle.Closed: {"closed": True},
    Cycle.Reopened: {"closed": False},
    Approval.Approved: {"decision": "approved"},
    Approval.Refused: {"decision": "refused"},
    Approval.Withdrawn: {"decision": "withdrawn"},
    ApiKey.Created: {"revoked": False},
    ApiKey.Revoked: {"revoked": True},
    Team.Disbanded: {"disbanded": True},
    Team.Reinstated: {"disbanded": False},
    Objective.Committed: {"state": "committed"},
    Objective.CarriedOver: {"state": "carried_over"},
    Objective.Graded: {"graded": True},
    Objective.KeptConfidential: {"confidential": True},
    Objective.OpenedToAll: {"confidential": False},
    Objective.Reopened: {
        "graded": False,
        "adjusted_grade": None,
        "evidence": None,
        "ended_at": None,
    },
    Objective.Abandoned: {"state": "abandoned"},
    KeyResult.Unlinked: {"kpi_id": None},
    KeyResult.Dropped: {"dropped": True},
    KeyResult.Reinstated: {"dropped": False, "ended_at": None},
    Kpi.Retired: {"retired": True},
    Kpi.Reinstated: {"retired": False},
    Reading.Retracted: {"retracted": True},
}


def parts(fields: Row) -> Row:
    """The fields as columns: a measure by its parts, a reading without what it measures."""
    for whole in ("measure", "calendar"):
        fields = fields | (fields.pop(whole, None) or {})
    for name in ("steps", "zones", "trajectory"):
        if name in fields:
            fields[name] = fields[name] or None
    fields.pop("done_steps", None)
    if "kpi_ids" in fields:
        fields["kpi_ids"] = msgspec.json.encode(fields["kpi_ids"]).decode()
    if fields.get("evidence") is not None:
        fields["evidence"] = msgspec.json.encode(fields["evidence"], order="sorted").decode()
    if "as_of" in fields:
        fields.pop("kpi_id", None)
        fields.pop("key_result_id", None)
    if "of" in fields:
        fields = {"approval_required": fields["of"]}
    if "with_teams_below" in fields:
        fields = {}
    fields.pop("promised", None)
    if "as_objective_id" in fields:
        fields = {"carried_to": fields["as_objective_id"]}
    return fields


def targets(rows: dict[str, Row], position: int, kpi_id: str, event: Any) -> None:
    """A KPI has one target for each span; of one that is split the days before keep theirs."""
    parts = [event.before, event.target] if isinstance(event, Kpi.SpanSplit) else [event.target]
    for target in parts:
        span = f"{kpi_id}:{target.starts}"
        first = rows.get(span, {}).get("first_position", position)
        rows[span] = {
            "first_position": first, "version": event.originator_version, "kpi_id": kpi_id,
            **plainly(target),
        }  # fmt: skip


def definition(rows: Rows, position: int, kpi_id: str, event: Any, fields: Row) -> None:
    """A KPI has one definition for each day from which it was another; the last is its own."""
    effective = fields.get("effective", "0001-01-01")
    words = {name: fields[name] for name in ("counts", "aggregation")}
    id_ = f"{kpi_id}:{effective}"
    first = rows["kpi_definition"].get(id_, {}).get("first_position", position)
    rows["kpi_definition"][id_] = {
        "first_position": first, "version": event.originator_version, "kpi_id": kpi_id,
        "effective": effective, **words,
    }  # fmt: skip
    if effective >= rows["kpi"][kpi_id]["defined_from"]:
        rows["kpi"][kpi_id] |= words | {"defined_from": effective}


def plainly(value: Any) -> Any:
    """A value as it stands in a row."""
    match value:
        case UUID() | Decimal():
            return str(value)
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case None | bool() | int() | str():
            return value
        case _:
            return msgspec.json.decode(msgspec.json.encode(value))
