"""All goals of a cycle as they stood at a position, also those that were dropped or given up."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.cycle import as_written
from okr_es.domain.refusals import NotFound
from projections.as_of.rows import all_rows, many, named, one, versions
from projections.goals.loading import cycle_statement
from projections.goals.scoring import Row
from projections.read_model.interval_tree import path
from projections.read_model.tables import plain

HEAD = "SELECT position FROM progress"
ROWS = {
    (table, is_sqlite): cycle_statement(table, named(table, "k"), "", "", is_sqlite=is_sqlite)
    for table in ("objective", "key_result")
    for is_sqlite in (True, False)
}


class Members(NamedTuple):
    """The cycle, its objectives and its key results by id, in the order they began."""

    cycle: Row
    objectives: dict[str, Row]
    key_results: dict[str, Row]

    @property
    def plan_commit_position(self) -> int | None:
        """The position at which the plan was committed."""
        return self.cycle["plan_commit_position"]  # type: ignore[no-any-return]

    def is_planned(self, row: Row) -> bool:
        """Return whether a goal was part of the plan when it was committed."""
        if self.plan_commit_position is None:
            return False
        promised_at = row["committed_at"] if "state" in row else row["first_position"]
        return promised_at is not None and promised_at <= self.plan_commit_position

    def is_added(self, row: Row) -> bool:
        """Return whether a goal came after the plan was committed; a draft has not come yet."""
        promised_at = self.above(row)["committed_at"]
        if self.plan_commit_position is None or promised_at is None:
            return False
        began_at = row["first_position"] if "state" not in row else promised_at
        return bool(max(began_at, promised_at) > self.plan_commit_position)

    def is_dropped(self, row: Row) -> bool:
        """Return whether a goal was dropped or given up after the plan was committed."""
        gone = row["state"] == "abandoned" if "state" in row else row["dropped"]
        return (
            self.plan_commit_position is not None
            and gone
            and row["known_from"] > self.plan_commit_position
        )

    def above(self, row: Row) -> Row:
        """Return the objective of a goal: of a key result the one it belongs to."""
        return row if "state" in row else self.objectives[row["objective_id"]]

    @property
    def rows(self) -> list[Row]:
        """All of them, objectives first."""
        return [*self.objectives.values(), *self.key_results.values()]


def members(database: Database, cycle_id: UUID, plan: int) -> Members:
    """Return the goals of a cycle as of a position, bounds included; raise NotFound."""
    history = versions(database, "cycle", [str(cycle_id)], plan)
    if not history:
        raise NotFound(f"There is no cycle {as_written(cycle_id)} by then.", field="id")
    upto, beyond = path(plan, database.rows(HEAD, {})[0][0])
    asked: dict[str, Any] = {"cycle": str(cycle_id), "plan": plan}
    asked |= {"upto": many(database, upto), "beyond": many(database, beyond)}
    found = {}
    for table in ("objective", "key_result"):
        rows = database.rows(ROWS[table, database.is_sqlite], asked)
        each = sorted((plain(table, row) for row in rows), key=lambda row: row["first_position"])
        found[table] = {row["id"]: row for row in each}
    return Members(history[-1], found["objective"], found["key_result"])


class Scope(NamedTuple):
    """Whom a question is about: a team with all below it, a person, or one goal; else everyone."""

    teams: frozenset[str] | None = None
    person: str | None = None
    goal: str | None = None

    def covers(self, objective: Row) -> bool:
        """Return whether an objective is in it."""
        return (
            (self.teams is None or objective["team_id"] in self.teams)
            and (self.person is None or objective["owner_id"] == self.person)
            and (self.goal is None or objective["id"] == self.goal)
        )


def subtree(database: Database, team_id: UUID, plan: int) -> frozenset[str]:
    """Return a team and all teams below it as of a position; raise NotFound."""
    one(database, "team", team_id, "team", plan, "team_id")
    return at_and_below(database, team_id, plan)


def at_and_below(database: Database, team_id: UUID, plan: int) -> frozenset[str]:
    """Return a team, whether it was there or not, and all teams below it as of a position."""
    below: dict[str, list[str]] = {}
    for row in all_rows(database, "team", plan):
        below.setdefault(row["parent_id"], []).append(row["id"])
    found, wanted = set(), [str(team_id)]
    while wanted:
        found.add(team := wanted.pop())
        wanted += below.get(team, ())
    return frozenset(found)
