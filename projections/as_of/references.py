"""References in answers: what refers to a thing is an object, so that names can join its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import overload
from uuid import UUID

from projections.as_of.answers import Actor, AlignedTo, CycleAnswer, NamedRef, Ref
from projections.read_model.tables import Row


@overload
def ref(id_: str) -> Ref: ...
@overload
def ref(id_: None) -> None: ...
def ref(id_: str | None) -> Ref | None:
    """Return a reference to a thing; None where there is none."""
    return None if id_ is None else {"id": id_}


def named_ref(id_: str | None, names: Mapping[str, str]) -> NamedRef | None:
    """Return a reference to a thing with its name; None where there is none."""
    return None if id_ is None else {"id": id_, "name": names[id_]}


def actor(id_: UUID | None) -> Actor | None:
    """Return a reference to a person who acts; None where nobody was named."""
    return None if id_ is None else {"id": id_}


def aligned_to(row: Row) -> AlignedTo | None:
    """Return a reference to what an objective is aligned to, from its row."""
    if (id_ := row["aligned_to_objective_id"]) is not None:
        return {"kind": "objective", "id": id_}
    if (id_ := row["aligned_to_key_result_id"]) is not None:
        return {"kind": "key_result", "id": id_}
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
