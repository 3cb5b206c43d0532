"""The alignment tree: goals, each under what it is aligned to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from projections.goals.answers import Branch, ObjectiveBody
from projections.goals.goal import Goal
from projections.goals.scoring import Scoring


def tree(
    goals: dict[str, Goal],
    scoring: Scoring,
    is_met: Callable[[ObjectiveBody], bool] = lambda _: True,
) -> list[Branch]:
    """Return the goals as trees, each under what it is aligned to.

    `is_met` says which of them are what was asked for; by default all are.
    """
    below: dict[str, list[Branch]] = defaultdict(list)
    roots: list[Branch] = []
    nodes = {
        id_: branch(answer, below[id_], matches=is_met(answer))
        for id_, answer in ((id_, scoring.answer(goal)) for id_, goal in goals.items())
    }
    for id_, goal in goals.items():
        above = goal.row["parent_objective_id"]
        (below[above] if above in goals else roots).append(nodes[id_])
    return roots


def pruned(branches: list[Branch]) -> list[Branch]:
    """Return branches without those that are not asked for, nor anything below them."""
    left: list[Branch] = []
    for each in branches:
        below = pruned(each["aligned"])
        if below or each["matches"]:
            left.append({**each, "aligned": below})
    return left


def branch(answer: ObjectiveBody, below: list[Branch], *, matches: bool) -> Branch:
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
        "matches": matches,
        "aligned": below,
    }
