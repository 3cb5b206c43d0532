"""Promises: at which position the plan of an objective became one, and by which commit.

The first commit that finds an objective committed in its team covers it. What is committed, moved
or brought back into a team whose plan was committed before is added to that plan: its promise is
what stood then. A promise is made once; later moves change nothing: a key result that is moved out
of it keeps it, and one that is moved in comes to the plan.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from projections.read_model.batch import Batch

# The events by which an objective comes to a plan that was committed before.
ADDING = frozenset({"objective.committed", "objective.reassigned", "objective.reopened"})
COMMIT = "cycle.plan_committed"
PROMISING = ("committed", "carried_over")


def make_promises(
    batch: Batch, position: int, stream: str, kind: str, data: dict[str, Any]
) -> None:
    """Note the promises that an event makes, once its own row is written."""
    if kind == COMMIT:
        for row in uncovered(batch, stream):
            if not data["teams"] or row["team_id"] in data["teams"]:
                batch.promise(row["id"], position, position)
    elif kind in ADDING:
        row = batch.current["objective", stream]
        if is_promising(row) and is_committed(batch, row):
            batch.promise(stream, position, None)


def uncovered(batch: Batch, cycle_id: str) -> list[dict[str, Any]]:
    """Return the committed objectives of a cycle that are no promise yet."""
    return [
        row
        for (table, _), row in batch.current.items()
        if table == "objective" and row["cycle_id"] == cycle_id and is_promising(row)
    ]


def is_promising(row: dict[str, Any]) -> bool:
    """Return whether a commit makes a promise of an objective; it does so once."""
    return row["promised_at"] is None and row["state"] in PROMISING


def is_committed(batch: Batch, row: dict[str, Any]) -> bool:
    """Return whether the plan of an objective's team was committed."""
    return has_committed(batch.current["cycle", row["cycle_id"]]["plan_commits"], row["team_id"])


def has_committed(plan_commits: str, team_id: str) -> bool:
    """Return whether commits, a list in JSON, have the plan of a team; without teams: of all."""
    return any(not teams or team_id in teams for teams in teams_of(plan_commits))


@lru_cache(maxsize=64)
def teams_of(plan_commits: str) -> tuple[frozenset[str], ...]:
    """Return the teams of each commit of a cycle."""
    return tuple(frozenset(each["teams"]) for each in msgspec.json.decode(plan_commits))


def promise_of_moved(
    batch: Batch, position: int, key_result_id: str, to_objective_id: str
) -> dict[str, Any]:
    """Return what of a promise a key result keeps where it is moved to, or that it comes to one."""
    row = batch.current["key_result", key_result_id]
    source = batch.current["objective", row["objective_id"]]
    target = batch.current["objective", to_objective_id]
    if row["promised_at"] is not None:
        return {}
    if source["promised_at"] is None:
        return {} if target["promised_at"] is None else {"came_at": position}
    promised_at = max(source["promised_at"], row["came_at"] or row["first_position"])
    is_covered = promised_at == source["covered_by"]
    return {"promised_at": promised_at, "covered_by": promised_at if is_covered else None}
