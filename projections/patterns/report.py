"""Corrections and patterns of one cycle that an auditor should look at.

Nothing here is an accusation: each finding shows its events, and an auditor judges. Findings as of
a position never change, but reasons that are destroyed disappear.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from projections.as_of.references import cycle_answer, goal_ref
from projections.as_of.view import View, as_of_fields
from projections.audit_log.answers import EntryAnswer
from projections.audit_log.history import History
from projections.patterns.answers import (
    KINDS,
    AuditedEvent,
    FindingAnswer,
    FindingCounts,
    PatternsAnswer,
)
from projections.patterns.approvers import approved_each_other
from projections.patterns.cycle_data import CycleData, Finding, cycle_data
from projections.patterns.eased_targets import lowered_kpi_targets, lowered_targets
from projections.patterns.grades import adjusted, adjusted_grades, graded_their_own
from projections.patterns.judgements import judgements
from projections.patterns.mid_cycle import (
    backdated_hand_overs,
    changed_policies,
    late_corrections,
    moved_outcomes,
    policies_within,
    retired_kpis,
)
from projections.patterns.readings import changed_readings, late_readings
from projections.patterns.reasons import repeated_reasons
from projections.read_model.tables import Row
from projections.retrospect.plan import revised_at

TWO_WEEKS = 14


def patterns(
    view: View, history: History, cycle_id: UUID, last_days: int = TWO_WEEKS
) -> PatternsAnswer:
    """Return the findings of a cycle, counted by kind, each kind in the order of the log.

    `last_days` are the calendar days at the end of the cycle in which a change of the plan is a
    finding. A view of now also shows readings after the closing. Raises NotFound.
    """
    data = cycle_data(view, history, cycle_id)
    late, policies = late_corrections(data), policies_within(data)
    judged = judgements(data, adjusted(data), late | dict.fromkeys(policies))
    findings = [
        *lowered_targets(data),
        *lowered_kpi_targets(data),
        *changes_in_the_last_days(data, last_days),
        *late_readings(data),
        *changed_readings(data),
        *adjusted_grades(data, judged),
        *realigned_again(data),
        *graded_their_own(data),
        *repeated_reasons(data, history, view.database),
        *approved_each_other(data),
        *backdated_hand_overs(data),
        *moved_outcomes(data, late, judged),
        *retired_kpis(data),
        *changed_policies(policies, judged),
    ]
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(data.members.cycle),
        "last_days": last_days,
        "counts": counts(findings),
        "findings": answers(data, history, findings),
    }


def counts(findings: list[Finding]) -> FindingCounts:
    """Return how many findings of each kind there are."""
    whole = Counter(each.kind for each in findings)
    return {
        "lowered_target": whole["lowered_target"],
        "last_days": whole["last_days"],
        "late_reading": whole["late_reading"],
        "changed_reading": whole["changed_reading"],
        "adjusted_grade": whole["adjusted_grade"],
        "realigned_again": whole["realigned_again"],
        "graded_own": whole["graded_own"],
        "repeated_reason": whole["repeated_reason"],
        "approved_each_other": whole["approved_each_other"],
        "backdated_hand_over": whole["backdated_hand_over"],
        "moved_outcome": whole["moved_outcome"],
        "retired_kpi": whole["retired_kpi"],
        "changed_policy": whole["changed_policy"],
    }


def answers(data: CycleData, history: History, findings: list[Finding]) -> list[FindingAnswer]:
    """Return findings in order, with their events."""
    positions = {position for each in findings for position in each.positions}
    entries = history.entries_of(
        data.view.database, [data.events[at] for at in sorted(positions, reverse=True)]
    )
    events = {entry["position"]: event_answer(data, entry) for entry in entries}
    return [
        {
            "kind": each.kind,
            "goal": None if each.goal_id is None else data.goal(each.goal_id),
            "amount": each.facts.get("amount"),
            "share": each.facts.get("share"),
            "comparable": each.facts.get("comparable"),
            "computed": each.facts.get("computed"),
            "days_left": each.facts.get("days_left"),
            "days_late": each.facts.get("days_late"),
            "days_back": each.facts.get("days_back"),
            "after_closing": each.facts.get("after_closing"),
            "times": each.facts.get("times"),
            "moved": each.facts.get("moved", []),
            "events": [events[position] for position in each.positions],
        }
        for each in sorted(findings, key=order)
    ]


def order(finding: Finding) -> tuple[int, tuple[int, ...]]:
    """Return what findings are sorted by."""
    return KINDS.index(finding.kind), finding.positions


def event_answer(data: CycleData, entry: EntryAnswer) -> AuditedEvent:
    """Return an event of a finding: who, when, why, before and after, and of which goal."""
    goal_id = data.goal_at.get(entry["position"])
    return {
        "position": entry["position"],
        "recorded_at": entry["recorded_at"],
        "id": entry["id"],
        "type": entry["type"],
        "by": entry["by"],
        "on_behalf_of": entry["on_behalf_of"],
        "approval_id": entry["approval_id"],
        "requester": entry["requester"],
        "approver": entry["approver"],
        "request": entry["request"],
        "reason": entry["reason"],
        "comment": entry["comment"],
        "changes": entry["changes"],
        "day": data.day(entry["position"]),
        "goal": None if goal_id is None else goal_ref(data.kind_of(goal_id), goal_id),
    }


# ---- the plan -----------------------------------------------------------------------------


def changes_in_the_last_days(data: CycleData, last_days: int) -> Iterable[Finding]:
    """Yield changes of the committed plan in the last days of the cycle, or after its end."""
    ends = data.ends
    first = ends - timedelta(days=last_days - 1)
    for position in revised_at(data.view, data.members):
        day = data.day(position)
        if day >= first:
            days_left = (ends - day).days
            yield Finding(
                "last_days", data.goal_at[position], (position,), {"days_left": days_left}
            )


def realigned_again(data: CycleData) -> Iterable[Finding]:
    """Yield goals that were re-aligned more than once; a draft's first alignment is none."""
    for id_ in data.objectives:
        positions = tuple(
            after["known_from"]
            for before, after in data.steps("objective", id_)
            if alignment(before) != alignment(after) and is_realignment(before)
        )
        if len(positions) > 1:
            yield Finding("realigned_again", id_, positions, {"times": len(positions)})


def alignment(row: Row) -> tuple[Any, ...]:
    """Return what an objective is aligned to, and with which weight."""
    return row["aligned_to_objective_id"], row["aligned_to_key_result_id"], Fraction(row["weight"])


def is_realignment(before: Row) -> bool:
    """Return whether an alignment after this was one that had to say why."""
    return before["state"] != "draft" or alignment(before)[:2] != (None, None)
