"""The plan of a cycle: what was committed, and every revision of it since.

Committing a plan freezes a position, not a copy. Later changes are revisions: each is counted for
its goal, team and cycle and tells its reason; goals added or dropped since are marked.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from projections.as_of.moments import Moment
from projections.as_of.rows import versions
from projections.audit_log.history import History
from projections.goals.cycle_members import Members, members
from projections.goals.key_result_scores import decoded
from projections.goals.reader import Reader, standing_on
from projections.goals.scoring import Row
from projections.read_model.tables import FOREVER

ADDITIONS = ("objective.committed", "key_result.added")
GOAL_FIELDS = ("title", "team_id", "owner_id", "revisions")


def plan(
    asking: Reader,
    records: History,
    cycle_id: UUID,
    limit: int,
    before: int | None,
    known_at: str | None,
) -> Row:
    """Return the plan of a cycle, its counts, its goals, and a page of its revisions, newest first.

    `known_at` is as everywhere; a page ends where `next_before` says the next begins.
    """
    database, moment = asking.settled(asking.moment(known_at, None, cycle_id))
    found = members(database, cycle_id, moment.plan)
    goals = [goal(found, row) for row in found.rows]
    positions = revised_at(asking, found, moment)
    wanted = [position for position in positions if position < (before or FOREVER)]
    page = wanted[:limit]
    return standing_on(moment) | {
        "cycle": public_cycle(found.cycle),
        "committed": committed(asking, found),
        **counts(goals),
        "teams": [
            {"team_id": team_id, **counts(each)} for team_id, each in sorted(by_team(goals).items())
        ],
        "goals": goals,
        "changes": [entry | goals_of(found, entry) for entry in records.entries(database, page)],
        "next_before": page[-1] if len(wanted) > limit else None,
    }


def public_cycle(cycle: Row) -> Row:
    """Return a cycle as every answer about one tells it."""
    names = ("id", "version", "name", "starts", "ends", "plan_committed", "closed")
    found = {name: cycle[name] for name in (*names, "plan_commit_position", "closing_position")}
    return found | {"approval_required": decoded(cycle["approval_required"])}


def committed(asking: Reader, found: Members) -> Row | None:
    """Return where and when the plan was committed."""
    if found.plan_commit_position is None:
        return None
    return {
        "position": found.plan_commit_position,
        "day": asking.moments.day_at(found.plan_commit_position),
    }


def goal(found: Members, row: Row) -> Row:
    """Return what became of a goal since the plan was committed."""
    objective = found.above(row)
    kind = "objective" if row is objective else "key_result"
    return {
        "id": row["id"],
        "kind": kind,
        "objective_id": objective["id"],
        "title": row["title"],
        "team_id": objective["team_id"],
        "owner_id": objective["owner_id"],
        "planned": found.is_planned(row) and found.is_planned(objective),
        "added_mid_cycle": found.is_added(row),
        "dropped_mid_cycle": found.is_dropped(row),
        "revisions": row["revisions"],
    }


def counts(goals: list[Row]) -> Row:
    """Return how many revisions some goals had, and how many of them were added and dropped."""
    return {
        "revisions": sum(each["revisions"] for each in goals),
        "added": sum(each["added_mid_cycle"] for each in goals),
        "dropped": sum(each["dropped_mid_cycle"] for each in goals),
    }


def by_team(goals: list[Row]) -> dict[str, list[Row]]:
    """Return goals by their team."""
    found: dict[str, list[Row]] = defaultdict(list)
    for each in goals:
        found[each["team_id"]].append(each)
    return found


def revised_at(asking: Reader, found: Members, moment: Moment) -> list[int]:
    """Return the positions of all revisions and additions, the newest first."""
    if found.plan_commit_position is None:
        return []
    database, _ = asking.settled(moment)
    positions = {
        row["committed_at"] for row in found.objectives.values() if found.is_added(row)
    } | {
        row["first_position"]
        for row in found.key_results.values()
        if row["first_position"] > found.plan_commit_position and found.is_added(row)
    }
    for table, rows in (("objective", found.objectives), ("key_result", found.key_results)):
        revised = [id_ for id_, row in rows.items() if row["revisions"]]
        positions |= steps(versions(database, table, revised, moment.plan))
    return sorted(positions - {None}, reverse=True)


def steps(rows: list[Row]) -> set[int]:
    """Return the positions at which the count of revisions went up."""
    seen: dict[str, int] = {}
    found = set()
    for row in rows:
        if row["revisions"] > seen.get(row["id"], 0):
            found.add(row["known_from"])
        seen[row["id"]] = row["revisions"]
    return found


def goals_of(found: Members, entry: dict[str, Any]) -> Row:
    """Return which goal an entry of the audit log is about."""
    id_ = entry["id"].partition("/")[0]
    row = found.objectives.get(id_) or found.key_results[id_]
    return {"goal_id": id_, "objective_id": found.above(row)["id"]}
