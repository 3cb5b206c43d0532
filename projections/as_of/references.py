"""References in answers: what refers to a thing is an object, so that names can join its id."""

from __future__ import annotations

from typing import Any

from projections.read_model.tables import Row

CYCLE_FIELDS = ("id", "version", "name", "starts", "ends", "plan_committed", "closed",
                "approval_required", "plan_commits", "closings")  # fmt: skip


def ref(id_: Any) -> Row | None:
    """Return a reference to a thing; None where there is none."""
    return None if id_ is None else {"id": id_}


def aligned_to(row: Row) -> Row | None:
    """Return a reference to what an objective is aligned to, from its row."""
    for kind in ("objective", "key_result"):
        if (id_ := row[f"aligned_to_{kind}_id"]) is not None:
            return {"kind": kind, "id": id_}
    return None


def cycle_answer(cycle: Row) -> Row:
    """Return a cycle as every answer about one shows it."""
    return {name: cycle[name] for name in CYCLE_FIELDS}
