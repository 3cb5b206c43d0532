"""References in answers: what refers to a thing is an object, so that names can join its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from projections.as_of.answers import CycleAnswer, NamedRef
from projections.read_model.tables import Row


def ref(id_: str | UUID | None) -> Any:
    """Return a reference to a thing; None where there is none.

    It has the type of the field it stands in: what that has beside the id is filled in once the
    answer is made (`projections/names`).
    """
    return None if id_ is None else {"id": id_}


def named_ref(id_: str | None, names: Mapping[str, str]) -> NamedRef | None:
    """Return a reference to a thing with its name; None where there is none."""
    return None if id_ is None else {"id": id_, "name": names[id_]}


def actor(id_: UUID | None) -> Any:
    """Return a reference to a person who acts; None where nobody was named."""
    return ref(id_)


def goal_ref(kind: str, id_: str) -> Any:
    """Return a reference to a goal, or another thing, of any kind, as `ref` does."""
    return {"kind": kind, "id": id_}


def aligned_to(row: Row) -> Any:
    """Return a reference to what an objective is aligned to, from its row, as `ref` does."""
    if (id_ := row["aligned_to_objective_id"]) is not None:
        return goal_ref("objective", id_)
    if (id_ := row["aligned_to_key_result_id"]) is not None:
        return goal_ref("key_result", id_)
    return None


def cycle_answer(cycle: Row) -> CycleAnswer:
    """Return a cycle as every answer about one shows it."""
    return {
        "id": cycle["id"],
        "version": cycle["version"],
        "name": cycle["name"],
        "starts": cycle["starts"],
        "ends": cycle["ends"],
        "plan_committed": cycle["plan_committed"],
        "closed": cycle["closed"],
        "approval_required": cycle["approval_required"],
        "plan_commits": [
            {
                "position": each["position"],
                "at": each["at"],
                "team": ref(each["team_id"]),
                "with_teams_below": each["with_teams_below"],
            }
            for each in cycle["plan_commits"]
        ],
        "closings": cycle["closings"],
    }
