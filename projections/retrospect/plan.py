"""The plan of a cycle: what was committed, team by team, and every revision of it since.

Committing a plan freezes a position, not a copy. Each goal is shown as it was promised, with its
targets. Later changes are revisions: each is counted for its goal, team and cycle and shows what
was before and after, and its reason; goals added, dropped or returned since are marked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from projections.as_of.pages import require_limit
from projections.as_of.promises import commit_of
from projections.as_of.references import cycle_answer, goal_ref, ref
from projections.as_of.view import View, as_of_fields
from projections.audit_log.answers import EntryAnswer
from projections.audit_log.history import History
from projections.goals.cycle_members import Members, members
from projections.read_model.tables import FOREVER, Row
from projections.retrospect.answers import (
    CommittedAt,
    PlannedGoal,
    Revised,
    Revision,
)
from projections.retrospect.plan_answers import PlanAnswer
from projections.retrospect.promises import marks, promises


def plan(
    view: View, history: History, cycle_id: UUID, limit: int, before: int | None
) -> PlanAnswer:
    """Return the plan of a cycle, its counts, its goals, and a page of its revisions, newest first.

    The next page begins before `next_before`. Raises NotFound.
    """
    require_limit(limit)
    found = members(view, cycle_id)
    goals = [goal(found, row) for row in found.rows]
    wanted = [at for at in revised_at(view, found) if at < (before or FOREVER)]
    page = wanted[:limit]
    commits = found.cycle["plan_commits"]
    entries = history.entries(view, page)
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(found.cycle),
        "committed": committed(view, commits[-1] if commits else None),
        **counts(goals),
        "teams": [
            {
                "team": ref(team_id),
                "committed": committed(view, commit_of(commits, UUID(team_id))),
                **counts(each),
            }
            for team_id, each in sorted(by_team(goals).items())
        ],
        "promises": promises(view, found),
        "goals": goals,
        "changes": [revision(found, entry) for entry in entries],
        "next_before": page[-1] if len(wanted) > limit else None,
    }


def committed(view: View, commit: Mapping[str, Any] | None) -> CommittedAt | None:
    """Return where and when a commit was made; None where there was none."""
    if commit is None:
        return None
    return {"position": commit["position"], "day": view.dates.day_of(commit["at"])}


def goal(found: Members, row: Row) -> PlannedGoal:
    """Return what happened to a goal since it was promised."""
    objective = found.above(row)
    return {
        "id": row["id"],
        "kind": "objective" if row is objective else "key_result",
        "objective": ref(objective["id"]),
        "title": row["title"],
        "team": ref(objective["team_id"]),
        "owner": ref(row["owner_id"] or objective["owner_id"]),
        "promised_at": found.promised_at(row),
        **marks(found, row),
        "revisions": row["revisions"],
        "corrections": row["corrections"],
        "returns": row["returns"],
    }


def counts(goals: list[PlannedGoal]) -> Revised:
    """Return how many revisions some goals had, and how many were corrected, added and so on."""
    return {
        "revisions": sum(each["revisions"] for each in goals),
        "corrected": sum(each["corrections"] for each in goals),
        "added": sum(each["added_mid_cycle"] for each in goals),
        "dropped": sum(each["dropped_mid_cycle"] for each in goals),
        "returned": sum(each["returns"] for each in goals),
    }


def by_team(goals: list[PlannedGoal]) -> dict[str, list[PlannedGoal]]:
    """Return goals by their team."""
    found: dict[str, list[PlannedGoal]] = defaultdict(list)
    for each in goals:
        found[each["team"]["id"]].append(each)
    return found


def revised_at(view: View, found: Members) -> list[int]:
    """Return where a plan was revised, corrected or added to, the newest position first."""
    added = ((row, found.promised_at(row)) for row in found.rows if found.is_added(row))
    positions = {
        promised_at
        for row, promised_at in added
        if promised_at is not None and ("state" in row or promised_at in came(row))
    }
    for table, rows in (("objective", found.objectives), ("key_result", found.key_results)):
        if revised := [id_ for id_, row in rows.items() if changes_of(row)]:
            positions |= revisions(view.versions(table, revised))
    return sorted(positions, reverse=True)


def changes_of(row: Row) -> int:
    """Return how often a goal was changed since it was promised, corrected or returned."""
    return int(row["revisions"] + row["corrections"] + row["returns"])


def came(row: Row) -> tuple[int, int]:
    """Return where a key result was added, and reinstated in a plan committed without it."""
    return row["first_position"], row["came_at"]


def revisions(versions: list[Row]) -> set[int]:
    """Return the positions at which the count of changes went up."""
    before: dict[str, int] = {}
    positions = set()
    for row in versions:
        if changes_of(row) > before.get(row["id"], 0):
            positions.add(row["known_from"])
        before[row["id"]] = changes_of(row)
    return positions


def revision(found: Members, entry: EntryAnswer) -> Revision:
    """Return an entry of the history, with the goal it is about."""
    id_ = entry["id"].partition("/")[0]
    row = found.objectives.get(id_) or found.key_results[id_]
    return {
        **entry,
        "goal": goal_ref("objective" if id_ in found.objectives else "key_result", id_),
        "objective": ref(found.above(row)["id"]),
    }
