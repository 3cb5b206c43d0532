"""The plan of a cycle: what was committed, and every revision of it since.

Committing a plan freezes a position, not a copy. Later changes are revisions: each is counted for
its goal, team and cycle and shows its reason; goals added or dropped since are marked.
"""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from projections.as_of.references import cycle_answer, ref
from projections.as_of.view import View, standing_on
from projections.audit_log.answers import EntryAnswer
from projections.audit_log.history import History
from projections.goals.cycle_members import Members, members
from projections.read_model.tables import FOREVER, Row
from projections.retrospect.answers import (
    CommittedAt,
    PlanAnswer,
    PlannedGoal,
    Revised,
    Revision,
)


def plan(
    view: View, history: History, cycle_id: UUID, limit: int, before: int | None
) -> PlanAnswer:
    """Return the plan of a cycle, its counts, its goals, and a page of its revisions, newest first.

    The next page begins before `next_before`. Raises NotFound.
    """
    found = members(view, cycle_id)
    goals = [goal(found, row) for row in found.rows]
    wanted = [at for at in revised_at(view, found) if at < (before or FOREVER)]
    page = wanted[:limit]
    entries = history.entries(view, page)
    return {
        **standing_on(view),
        "cycle": cycle_answer(found.cycle),
        "committed": committed(view, found),
        **counts(goals),
        "teams": [
            {"team": ref(team_id), **counts(each)}
            for team_id, each in sorted(by_team(goals).items())
        ],
        "goals": goals,
        "changes": [revision(found, entry) for entry in entries],
        "next_before": page[-1] if len(wanted) > limit else None,
    }


def committed(view: View, found: Members) -> CommittedAt | None:
    """Return where and when the plan was committed."""
    position = found.plan_commit_position
    if position is None:
        return None
    return {"position": position, "day": view.days((position,))[position]}


def goal(found: Members, row: Row) -> PlannedGoal:
    """Return what happened to a goal since the plan was committed."""
    objective = found.above(row)
    return {
        "id": row["id"],
        "kind": "objective" if row is objective else "key_result",
        "objective": ref(objective["id"]),
        "title": row["title"],
        "team": ref(objective["team_id"]),
        "owner": ref(objective["owner_id"]),
        "planned": found.is_planned(row) and found.is_planned(objective),
        "added_mid_cycle": found.is_added(row),
        "dropped_mid_cycle": found.is_dropped(row),
        "revisions": row["revisions"],
    }


def counts(goals: list[PlannedGoal]) -> Revised:
    """Return how many revisions some goals had, and how many of them were added and dropped."""
    return {
        "revisions": sum(each["revisions"] for each in goals),
        "added": sum(each["added_mid_cycle"] for each in goals),
        "dropped": sum(each["dropped_mid_cycle"] for each in goals),
    }


def by_team(goals: list[PlannedGoal]) -> dict[str, list[PlannedGoal]]:
    """Return goals by their team."""
    found: dict[str, list[PlannedGoal]] = defaultdict(list)
    for each in goals:
        found[each["team"]["id"]].append(each)
    return found


def revised_at(view: View, found: Members) -> list[int]:
    """Return the positions of all revisions and additions, the newest first."""
    planned = found.plan_commit_position
    if planned is None:
        return []
    positions = {
        row["committed_at"] for row in found.objectives.values() if found.is_added(row)
    } | {
        row["first_position"]
        for row in found.key_results.values()
        if row["first_position"] > planned and found.is_added(row)
    }
    for table, rows in (("objective", found.objectives), ("key_result", found.key_results)):
        if revised := [id_ for id_, row in rows.items() if row["revisions"]]:
            positions |= revisions(view.versions(table, revised))
    return sorted(positions - {None}, reverse=True)


def revisions(versions: list[Row]) -> set[int]:
    """Return the positions at which the count of revisions went up."""
    before: dict[str, int] = {}
    positions = set()
    for row in versions:
        if row["revisions"] > before.get(row["id"], 0):
            positions.add(row["known_from"])
        before[row["id"]] = row["revisions"]
    return positions


def revision(found: Members, entry: EntryAnswer) -> Revision:
    """Return an entry of the history, with the goal it is about."""
    id_ = entry["id"].partition("/")[0]
    row = found.objectives.get(id_) or found.key_results[id_]
    return {
        **entry,
        "goal": {"kind": "objective" if id_ in found.objectives else "key_result", "id": id_},
        "objective": ref(found.above(row)["id"]),
    }
