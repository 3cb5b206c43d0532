"""How often a goal was changed since it was promised, and what came back to its plan."""

from __future__ import annotations

from typing import Any

from okr_es.domain import plan_revisions
from okr_es.log.mapper import topic_of
from projections.read_model.batch import Batch

# What changes a goal of a committed plan is counted as a revision of it.
REVISIONS = frozenset(map(topic_of, plan_revisions.CHANGES))
CORRECTIONS = frozenset(map(topic_of, plan_revisions.CORRECTIONS))
RETURNS = frozenset(map(topic_of, plan_revisions.RETURNS))


def revised(batch: Batch, table: str, stream: str, kind: str, position: int) -> dict[str, Any]:
    """Return what an event of a goal adds to its counts; nothing before it is promised.

    A key result that was dropped when the plan was committed is none of it: reinstated it comes to
    the plan, and does not come back.
    """
    if kind not in REVISIONS | RETURNS | CORRECTIONS:
        return {}
    row = batch.current[table, stream]
    promised_at = promise_of(batch, table, row)
    if promised_at is None:
        return {}
    if kind in REVISIONS:
        return {"revisions": row["revisions"] + 1}
    if kind in CORRECTIONS:
        return {"corrections": row["corrections"] + 1}
    if table == "key_result" and row["ended_at"] < promised_at:
        return {"came_at": position}
    was_given_up = table == "key_result" or row["state"] == "abandoned"
    return {"returns": row["returns"] + 1} if was_given_up else {}


def promise_of(batch: Batch, table: str, row: dict[str, Any]) -> int | None:
    """Return the position of the promise a goal is part of; None while there is none."""
    promised_at: int | None = row["promised_at"]
    if table == "objective" or promised_at is not None:
        return promised_at
    return promise_of(batch, "objective", batch.current["objective", row["objective_id"]])
