"""All goals of a cycle as they were at a moment, also those that were dropped or abandoned."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from okr_es.domain.refusals import NotFound
from projections.as_of.rows import columns, promised_by
from projections.as_of.view import View
from projections.goals.loading import unpacked_cycle
from projections.goals.loading_sql import members_statement
from projections.read_model.interval_tree import path
from projections.read_model.tables import Row


class Members(NamedTuple):
    """The cycle with all its versions, its objectives and key results by id, as they began."""

    cycle: Row
    versions: list[Row]
    objectives: dict[str, Row]
    key_results: dict[str, Row]

    def promised_at(self, row: Row) -> int | None:
        """Return the position whose plan is the promise of a goal; a key result has that of its
        objective, or of its own addition or reinstatement, if that came later. One that was moved
        has its first.
        """
        promising = self.promising(row)
        promised_at: int | None = promising["promised_at"]
        if promised_at is None or promising is row:
            return promised_at
        if row["ended_at"] is not None and row["ended_at"] < promised_at:
            return None
        return max(promised_at, int(row["came_at"] or row["first_position"]))

    def is_planned(self, row: Row) -> bool:
        """Return whether a goal was part of the plan when that was committed."""
        covered_by = self.promising(row)["covered_by"]
        return covered_by is not None and covered_by == self.promised_at(row)

    def is_added(self, row: Row) -> bool:
        """Return whether a goal came to a plan that was committed before."""
        return self.promised_at(row) is not None and not self.is_planned(row)

    def is_dropped(self, row: Row) -> bool:
        """Return whether a promised goal was dropped or abandoned since."""
        promised_at, ended_at = self.promised_at(row), row["ended_at"]
        return promised_at is not None and ended_at is not None and ended_at > promised_at

    def above(self, row: Row) -> Row:
        """Return the objective of a goal: of a key result the one it belongs to."""
        return row if "state" in row else self.objectives[row["objective_id"]]

    def promising(self, row: Row) -> Row:
        """Return the row that has the promise of a goal: its own, or that of its objective."""
        return row if row["promised_at"] is not None else self.above(row)

    @property
    def rows(self) -> list[Row]:
        """All of them, objectives first."""
        return [*self.objectives.values(), *self.key_results.values()]


def cycle_versions(view: View, cycle_id: UUID, field: str = "id") -> list[Row]:
    """Return all versions of a cycle up to the moment, the oldest first.

    Raises NotFound, with the field.
    """
    versions = [unpacked_cycle(row) for row in view.versions("cycle", [str(cycle_id)])]
    if not versions:
        raise NotFound(f"There is no cycle {cycle_id} by then.", field=field)
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
        each = sorted(view.as_known(table, rows), key=lambda row: row["first_position"])
        if table == "objective":
            each = [promised_by(row, view.moment.plan) for row in each]
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
