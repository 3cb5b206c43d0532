"""All goals of a cycle as they were at a moment, also those that were dropped or abandoned."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from okr_es.domain.refusals import NotFound
from projections.as_of.rows import columns
from projections.as_of.view import View
from projections.goals.loading import unpacked_cycle
from projections.goals.loading_sql import members_statement
from projections.read_model.interval_tree import path
from projections.read_model.tables import Row, plain


class Members(NamedTuple):
    """The cycle with all its versions, its objectives and key results by id, as they began."""

    cycle: Row
    versions: list[Row]
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
        """Return whether a goal was added after the plan was committed; a draft is not added."""
        promised_at = self.above(row)["committed_at"]
        if self.plan_commit_position is None or promised_at is None:
            return False
        began_at = row["first_position"] if "state" not in row else promised_at
        return bool(max(began_at, promised_at) > self.plan_commit_position)

    def is_dropped(self, row: Row) -> bool:
        """Return whether a goal was dropped or abandoned after the plan was committed."""
        gone = row["state"] == "abandoned" if "state" in row else row["dropped"]
        planned = self.plan_commit_position
        return planned is not None and gone and row["known_from"] > planned

    def above(self, row: Row) -> Row:
        """Return the objective of a goal: of a key result the one it belongs to."""
        return row if "state" in row else self.objectives[row["objective_id"]]

    @property
    def rows(self) -> list[Row]:
        """All of them, objectives first."""
        return [*self.objectives.values(), *self.key_results.values()]


def cycle_versions(view: View, cycle_id: UUID) -> list[Row]:
    """Return all versions of a cycle up to the moment, the oldest first; raise NotFound."""
    versions = [unpacked_cycle(row) for row in view.versions("cycle", [str(cycle_id)])]
    if not versions:
        raise NotFound(f"There is no cycle {cycle_id} by then.", field="id")
    return versions


def members(view: View, cycle_id: UUID) -> Members:
    """Return the goals of a cycle, bounds included; raise NotFound."""
    versions = cycle_versions(view, cycle_id)
    upto, beyond = path(view.moment.plan, view.head)
    found = {}
    for table in ("objective", "key_result"):
        rows = view.rows(
            members_statement(view.dialect, table, columns(table, "k")),
            cycles=view.array([cycle_id]),
            plan=view.moment.plan,
            upto=view.array(upto),
            beyond=view.array(beyond),
        )
        each = sorted((plain(table, row) for row in rows), key=lambda row: row["first_position"])
        found[table] = {row["id"]: row for row in each}
    return Members(versions[-1], versions, found["objective"], found["key_result"])


class Scope(NamedTuple):
    """Whom a question is about: a team with its subtree, a person, one goal; else everyone."""

    teams: frozenset[str] | None = None
    person: str | None = None
    goal: str | None = None

    def covers(self, objective: Row) -> bool:
        """Return whether an objective is in it, by its row."""
        return (
            (self.teams is None or objective["team_id"] in self.teams)
            and (self.person is None or objective["owner_id"] == self.person)
            and (self.goal is None or objective["id"] == self.goal)
        )
