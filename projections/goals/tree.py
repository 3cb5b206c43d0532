"""The alignment tree: goals, each under what it is aligned to."""

from __future__ import annotations

from collections import defaultdict

from projections.goals.answers import Branch, ObjectiveBody
from projections.goals.goal import Goal
from projections.goals.scoring import Scoring


def tree(goals: dict[str, Goal], scoring: Scoring) -> list[Branch]:
    """Return the goals as trees, each under what it is aligned to."""
    below: dict[str, list[Branch]] = defaultdict(list)
    roots: list[Branch] = []
    nodes = {id_: branch(scoring.answer(goal), below[id_]) for id_, goal in goals.items()}
    for id_, goal in goals.items():
        above = goal.row["parent_objective_id"]
        (below[above] if above in goals else roots).append(nodes[id_])
    return roots


def branch(answer: ObjectiveBody, below: list[Branch]) -> Branch:
    """Return a goal as a node of the tree."""
    return {
        "id": answer["id"],
        "cycle": answer["cycle"],
        "team": answer["team"],
        "owner": answer["owner"],
        "recorded_later": answer["recorded_later"],
        "title": answer["title"],
        "state": answer["state"],
        "weight": answer["weight"],
        "aligned_to": answer["aligned_to"],
        "score": answer["score"],
        "coverage": answer["coverage"],
        "rolled_up": answer["rolled_up"],
        "expected": answer["expected"],
        "pace": answer["pace"],
        "status": answer["status"],
        "off_track": answer["off_track"],
        "not_measured": answer["not_measured"],
        "key_results": answer["key_results"],
        "aligned": below,
    }
