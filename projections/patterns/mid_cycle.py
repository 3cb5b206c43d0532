"""What was changed under a running cycle: owners of past days, late numbers, KPIs, the policy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from projections.patterns.cycle_data import CycleData, Facts, Finding
from projections.patterns.judgements import Judgements

WEEK = 7
RUNNING = ("draft", "committed")


def backdated_hand_overs(data: CycleData) -> Iterable[Finding]:
    """Yield hand-overs of promises that hold from a day more than a week before."""
    for id_, rows in data.objectives.items():
        for row in rows:
            if row["effective"] is None or row["state"] == "draft":
                continue
            position = row["known_from"]
            days_back = (data.day(position) - date.fromisoformat(row["effective"])).days
            if days_back > WEEK:
                yield Finding("backdated_hand_over", id_, (position,), {"days_back": days_back})


def late_corrections(data: CycleData) -> dict[int, str]:
    """Return corrections and retractions from the last week on until the closing.

    Each is the position, and the key result or KPI.
    """
    first = data.ends - timedelta(days=WEEK - 1)
    return {
        row["known_from"]: row["measured_id"]
        for rows in data.readings.values()
        for row in rows
        if row["known_from"] != row["first_position"]
        and data.day(row["known_from"]) >= first
        and not data.is_closed_at(row["known_from"])
    }


def moved_outcomes(data: CycleData, late: dict[int, str], judged: Judgements) -> Iterable[Finding]:
    """Yield late corrections by which something else comes out of a goal."""
    for position, measured_id in late.items():
        if moved := judged.moved[position]:
            days_left = (data.ends - data.day(position)).days
            facts: Facts = {"days_left": days_left, "moved": moved}
            yield Finding("moved_outcome", measured_id, (position,), facts)


def retired_kpis(data: CycleData) -> Iterable[Finding]:
    """Yield KPIs that were retired while they fed a promise of the running cycle."""
    for id_, rows in data.kpis.items():
        for before, after in pairwise(rows):
            position = after["known_from"]
            is_retiring = after["retired"] and not before["retired"]
            if is_retiring and data.runs_at(position) and feeds_a_promise(data, id_, position):
                yield Finding("retired_kpi", id_, (position,), {})


def feeds_a_promise(data: CycleData, kpi_id: str, position: int) -> bool:
    """Return whether a KPI fed a promise that still ran when an event was recorded."""
    return any(
        is_running(data, each.parent_id, position)
        for each in data.links
        if each.child_id == kpi_id and each.known_from < position <= each.known_until
    )


def is_running(data: CycleData, key_result_id: str, position: int) -> bool:
    """Return whether a key result was promised, and neither it nor its objective had ended."""
    row = data.before("key_result", key_result_id, position)
    objective = None if row is None else data.before("objective", row["objective_id"], position)
    if row is None or objective is None or row["dropped"]:
        return False
    promised_at = row["promised_at"] or data.members.objectives[objective["id"]]["promised_at"]
    is_promised = promised_at is not None and promised_at < position
    return is_promised and objective["state"] in RUNNING and not objective["graded"]


def policies_within(data: CycleData) -> list[int]:
    """Return where the scoring policy was changed while the cycle ran and had a promise."""
    promises = [row["promised_at"] for row in data.members.objectives.values()]
    first = min((each for each in promises if each is not None), default=None)
    positions = (row["known_from"] for row in data.policies)
    return [at for at in positions if first is not None and first < at and data.runs_at(at)]


def changed_policies(policies: list[int], judged: Judgements) -> Iterable[Finding]:
    """Yield changes of the scoring policy, with the goals of which something else comes out."""
    for position in policies:
        yield Finding("changed_policy", None, (position,), {"moved": judged.moved[position]})
