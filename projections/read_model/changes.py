"""What each event changes, on one page: which table, which row, which fields.

Most events carry the new values under the names of the columns, so their change is the
data itself; the rest is spelled out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec

from projections.read_model.tables import FIRST_DAY

Data = dict[str, Any]
Change = Callable[[Data, int], Data]


def data_itself(data: Data, _: int) -> Data:
    """The event's fields are the row's."""
    return data


def fixed(**fields: Any) -> Change:
    """The event sets these fields, whatever its data."""
    return lambda _data, _position: fields


def measured(data: Data, _: int) -> Data:
    """The parts of a measure are columns of their own; lists are kept as they are, in JSON."""
    measure = data.pop("measure")
    return {**data, **measure}


def in_text(value: Any) -> str:
    """A list, or the fields of a command, as the JSON it is kept as."""
    return msgspec.json.encode(value, order="sorted").decode()


def graded(data: Data, _: int) -> Data:
    """Return that an objective is graded; its document is kept in JSON."""
    evidence = data["evidence"]
    document = None if evidence is None else in_text(evidence)
    return {"graded": True, "adjusted_grade": data["adjusted_grade"], "evidence": document}


def handed_over(data: Data, _: int) -> Data:
    """Return who owns an objective now and in which team, from which day, and what stays."""
    redated = None if data["redated"] is None else " ".join(data["redated"])
    held = {name: data[name] for name in ("owner_id", "team_id", "effective")}
    return {**held, "redated": redated}


def unlinked(data: Data, _: int) -> Data:
    """Return that no KPI feeds it, and since when."""
    return {"kpi_id": None, "linked_time": data["linked_time"]}


def waiting(data: Data, _: int) -> Data:
    """A request waits at first; it is about a key result where it names one, else an objective."""
    fields = data["fields"]
    about = fields.get("key_result_id") or fields.get("objective_id")
    return {**data, "fields": in_text(fields), "about": about, "decision": "pending"}


def calendar(data: Data, _: int) -> Data:
    """The parts of a calendar are columns of their own; what is a list is kept in JSON."""
    parts = {name: in_text(value) for name, value in data["calendar"].items()}
    plain = {
        name: str(data["calendar"][name]) for name in ("zone", "first_month", "two_weeks_from")
    }
    return {**parts, **plain, "valid_from": data.get("valid_from")}


def deputy(data: Data, _: int) -> Data:
    """The days of a deputy are columns that say so."""
    days = {"deputy_starts": data["starts"], "deputy_ends": data["ends"]}
    return {"deputy_id": data["deputy_id"], **days}


def day_before(data: Data, _: int) -> Data:
    """The last day of a grant that ended is the one before."""
    ends = date.fromisoformat(data.pop("effective")) - timedelta(days=1)
    return {**data, "ends": ends.isoformat()}


def api_key(data: Data, _: int) -> Data:
    """What an api key is for; the hash of its secret stays in the log."""
    del data["secret_hash"]
    return {**data, "kpi_ids": in_text(data["kpi_ids"]), "revoked": False}


NO_DEPUTY = {"deputy_id": None, "deputy_starts": None, "deputy_ends": None}
PERSON = {
    "erased": False, "legal_ground": None, "holds": None, "active": True, "turns": None,
    **NO_DEPUTY,
}  # fmt: skip
CYCLE = {
    "plan_committed": False,
    "closed": False,
    "approval_required": "[]",
    "closing_position": None,
    "plan_commits": "[]",
    "closings": "[]",
}
OBJECTIVE = {
    "carried_to": None,
    "aligned_to_objective_id": None,
    "aligned_to_key_result_id": None,
    "weight": "1",
    "state": "draft",
    "graded": False,
    "adjusted_grade": None,
    "evidence": None,
    "parent_objective_id": None,
    "redated": None,
    "committed_at": None,
    "committed_time": None,
    "first_key_result": None,
    "promised_at": None,
    "covered_by": None,
    "ended_at": None,
    "revisions": 0,
    "corrections": 0,
    "returns": 0,
}
KEY_RESULT = {
    "kpi_id": None, "dropped": False, "redefined_at": None, "ended_at": None, "revisions": 0,
    "returns": 0, "came_at": None, "earlier_steps": None, "earlier_cadences": None,
    "linked_time": None, "corrections": 0, "renamed_steps": None, "promised_at": None,
    "covered_by": None,
}  # fmt: skip

# What is recorded about the log itself, and so changes no row of goals, people or teams.
OF_THE_LOG = frozenset({
    "signing_key.adopted", "signing_key.retired", "clock.accepted", "text.redacted",
    "retention.chosen", "retention.replaced", "retention.access_log_cut",
    "retention_run.carried_out",
})  # fmt: skip

CHANGES: dict[str, tuple[str, Change]] = {
    "cycle.opened": ("cycle", lambda data, _: {**CYCLE, **data}),
    "cycle.renamed": ("cycle", data_itself),
    "cycle.rescheduled": ("cycle", data_itself),
    "cycle.plan_committed": (
        "cycle",
        lambda data, _: {"plan_committed": True, "plan_commits": data["plan_commits"]},
    ),
    "cycle.closed": ("cycle", lambda data, at: {**data, "closed": True, "closing_position": at}),
    "cycle.reopened": ("cycle", fixed(closed=False)),
    "cycle.approval_required": (
        "cycle",
        lambda data, _: {"approval_required": in_text(data["of"])},
    ),
    "approval.requested": ("approval", waiting),
    "approval.approved": ("approval", fixed(decision="approved")),
    "approval.refused": ("approval", fixed(decision="refused")),
    "approval.withdrawn": ("approval", fixed(decision="withdrawn")),
    "team.formed": ("team", lambda data, _: {"disbanded": False, **data}),
    "team.renamed": ("team", data_itself),
    "team.kind_replaced": ("team", data_itself),
    "team.moved": ("team", data_itself),
    "team.disbanded": ("team", fixed(disbanded=True)),
    "team.reinstated": ("team", fixed(disbanded=False)),
    "person.registered": ("person", fixed(**PERSON)),
    "person.renamed": ("person", fixed()),
    "person.email_replaced": ("person", fixed()),
    "person.deputy_named": ("person", deputy),
    "person.deputy_withdrawn": ("person", fixed(**NO_DEPUTY)),
    "person.deactivated": ("person", lambda data, _: {"active": False, **data}),
    "person.reactivated": ("person", lambda data, _: {"active": True, **data}),
    "person.erased": ("person", lambda data, _: {"erased": True, **data}),
    "person.hold_placed": ("person", fixed()),
    "person.hold_lifted": ("person", fixed()),
    "scoring_policy.adopted": ("scoring_policy", data_itself),
    "scoring_policy.revised": ("scoring_policy", data_itself),
    "calendar.adopted": ("calendar", calendar),
    "calendar.revised": ("calendar", calendar),
    "people_figures.chosen": ("people_figures", data_itself),
    "people_figures.replaced": ("people_figures", data_itself),
    "grant.given": ("role_grant", data_itself),
    "grant.rescheduled": ("role_grant", data_itself),
    "grant.ended": ("role_grant", day_before),
    "api_key.created": ("api_key", api_key),
    "api_key.revoked": ("api_key", fixed(revoked=True)),
    "objective.drafted": ("objective", lambda data, _: {**OBJECTIVE, **data}),
    "objective.committed": (
        "objective",
        lambda data, at: {"state": "committed", "committed_at": at, **data},
    ),
    "objective.retitled": ("objective", data_itself),
    "objective.described": ("objective", data_itself),
    "objective.kept_confidential": ("objective", fixed(confidential=True)),
    "objective.opened_to_all": ("objective", fixed(confidential=False)),
    "objective.rescheduled": ("objective", data_itself),
    "objective.commitment_replaced": ("objective", data_itself),
    "objective.reassigned": (
        "objective",
        handed_over,
    ),
    "objective.realigned": ("objective", data_itself),
    "objective.corrected": ("objective", fixed()),
    "objective.carried_over": (
        "objective",
        lambda data, _: {"state": "carried_over", "carried_to": data["as_objective_id"]},
    ),
    "objective.graded": ("objective", graded),
    "objective.reopened": (
        "objective",
        lambda data, _: {
            "graded": False,
            "adjusted_grade": None,
            "evidence": None,
            "ended_at": None,
            **data,
        },
    ),
    "objective.abandoned": ("objective", lambda _, at: {"state": "abandoned", "ended_at": at}),
    "key_result.added": (
        "key_result",
        lambda data, at: {**KEY_RESULT, **measured(data, at)},
    ),
    "key_result.retitled": ("key_result", data_itself),
    "key_result.described": ("key_result", data_itself),
    "key_result.reassigned": ("key_result", data_itself),
    "key_result.cadence_replaced": ("key_result", data_itself),
    "key_result.retargeted": ("key_result", measured),
    "key_result.rebased": ("key_result", measured),
    "key_result.corrected": ("key_result", fixed()),
    "key_result.reweighted": ("key_result", data_itself),
    "key_result.linked": ("key_result", data_itself),
    "key_result.unlinked": ("key_result", unlinked),
    "key_result.moved": ("key_result", lambda data, _: {"objective_id": data["objective_id"]}),
    "key_result.dropped": ("key_result", lambda _, at: {"dropped": True, "ended_at": at}),
    "key_result.reinstated": ("key_result", fixed(dropped=False, ended_at=None)),
    "kpi.defined": (
        "kpi",
        lambda data, _: {"retired": False, "defined_from": FIRST_DAY, **data},
    ),
    "kpi.renamed": ("kpi", data_itself),
    "kpi.reassigned": ("kpi", data_itself),
    "kpi.purpose_replaced": ("kpi", data_itself),
    "kpi.corrected": ("kpi", data_itself),
    "kpi.redefined": ("kpi", fixed()),
    "kpi.span_split": ("kpi", fixed()),
    "kpi.target_set": ("kpi", fixed()),
    "kpi.retargeted": ("kpi", fixed()),
    "kpi.target_corrected": ("kpi", fixed()),
    "kpi.source_replaced": ("kpi", data_itself),
    "kpi.cadence_replaced": ("kpi", data_itself),
    "kpi.retired": ("kpi", fixed(retired=True)),
    "kpi.reinstated": ("kpi", fixed(retired=False)),
}
