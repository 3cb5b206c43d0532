"""Corrections and patterns worth an auditor's eye, of one cycle.

Nothing here is an accusation: each finding names what the log says, with its events, and an auditor
judges. What was found is the same for ever as of a position; reasons vanish with who gave them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from okr_es.scoring import formulas
from projections.audit_log.history import History
from projections.goals.reader import Reader, standing_on
from projections.goals.scoring import Row
from projections.patterns.cycle_data import Finding, Looked, look
from projections.patterns.eased_targets import lowered_kpi_targets, lowered_targets
from projections.patterns.readings import changed_readings, late_readings
from projections.patterns.reasons import repeated_reasons
from projections.retrospect.plan import public_cycle, revised_at

TWO_WEEKS = 14
KINDS = (
    "lowered_target", "last_days", "late_reading", "changed_reading", "adjusted_grade",
    "realigned_again", "graded_own", "repeated_reason",
)  # fmt: skip
FACTS = ("amount", "share", "computed", "days_left", "days_late", "after_closing", "times")
TOLD = (
    "position", "recorded_at", "id", "type", "by", "on_behalf_of", "approval_id", "reason",
    "comment", "changes",
)  # fmt: skip


def patterns(
    asking: Reader,
    records: History,
    cycle_id: UUID,
    last_days: int = TWO_WEEKS,
    known_at: str | None = None,
) -> Row:
    """Return the findings of a cycle, counted by kind, each kind in the order of the log.

    `last_days` are the calendar days at the end of the cycle in which a change of the plan is a
    finding; `known_at` is as everywhere, and without it readings after the closing are told too.
    """
    looked = look(asking, records, cycle_id, known_at)
    found = [
        *lowered_targets(looked),
        *lowered_kpi_targets(looked),
        *changes_in_the_last_days(looked, last_days),
        *late_readings(looked),
        *changed_readings(looked),
        *adjusted_grades(looked),
        *realigned_again(looked),
        *graded_their_own(looked),
        *repeated_reasons(looked),
    ]
    return standing_on(looked.moment) | {
        "cycle": public_cycle(looked.found.cycle),
        "last_days": last_days,
        "counts": {kind: sum(each.kind == kind for each in found) for kind in KINDS},
        "findings": told(looked, found),
    }


def told(looked: Looked, found: list[Finding]) -> list[Row]:
    """Return findings in order, with their events."""
    positions = {position for each in found for position in each.positions}
    entries = looked.records.entries(looked.database, list(positions))
    events = {each["position"]: event(looked, each) for each in entries}
    return [
        {
            "kind": each.kind,
            "goal": None if each.goal_id is None else looked.goal(each.goal_id),
            **{name: each.facts.get(name) for name in FACTS},
            "events": [events[position] for position in each.positions],
        }
        for each in sorted(found, key=order)
    ]


def order(finding: Finding) -> tuple[int, tuple[int, ...]]:
    """Return where a finding stands among the others."""
    return KINDS.index(finding.kind), finding.positions


def event(looked: Looked, entry: Row) -> Row:
    """Return an event of a finding: who, when, why, before and after, and of which goal."""
    return {
        **{name: entry[name] for name in TOLD},
        "day": looked.asking.moments.day_of(entry["recorded_at"]),
        "goal_id": looked.goal_at.get(entry["position"]),
    }


# ---- the plan -----------------------------------------------------------------------------


def changes_in_the_last_days(looked: Looked, last_days: int) -> Iterable[Finding]:
    """Yield changes of the committed plan in the last days of the cycle, or after its end."""
    ends = looked.ends
    first = ends - timedelta(days=last_days - 1)
    for position in revised_at(looked.asking, looked.found, looked.moment):
        day = looked.asking.moments.day_at(position)
        if day >= first:
            days_left: dict[str, Any] = {"days_left": (ends - day).days}
            yield Finding("last_days", looked.goal_at[position], (position,), days_left)


def realigned_again(looked: Looked) -> Iterable[Finding]:
    """Yield goals that were re-aligned more than once; a draft's first alignment is none."""
    for id_ in looked.objectives:
        positions = tuple(
            after["known_from"]
            for before, after in looked.steps("objective", id_)
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


# ---- grades -------------------------------------------------------------------------------


def gradings(looked: Looked) -> Iterable[Row]:
    """Yield the objectives as they were right after each grading."""
    for id_ in looked.objectives:
        for before, after in looked.steps("objective", id_):
            if after["graded"] and not before["graded"]:
                yield after


def adjusted_grades(looked: Looked) -> Iterable[Finding]:
    """Yield grades that were set otherwise than computed at that moment, and by how much."""
    for row in gradings(looked):
        if row["adjusted_grade"] is None:
            continue
        position = row["known_from"]
        moment = looked.asking.moments.at_position(position, "known_at").moment
        score = looked.asking.score_at(UUID(row["id"]), moment)
        computed = None if score is None or score.whole is None else formulas.clamped(score.whole)
        amount = None if computed is None else Fraction(row["adjusted_grade"]) - computed
        if amount != 0:
            facts = {"amount": formulas.shown(amount), "computed": formulas.shown(computed)}
            yield Finding("adjusted_grade", row["id"], (position,), facts)


def graded_their_own(looked: Looked) -> Iterable[Finding]:
    """Yield gradings by the owner of that time, or on their behalf."""
    graded = {row["known_from"]: row for row in gradings(looked)}
    for happened in looked.records.events(list(graded)):
        row = graded[happened.position]
        if row["owner_id"] in {happened.by, happened.on_behalf_of}:
            yield Finding("graded_own", row["id"], (happened.position,), {})
