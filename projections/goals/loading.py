"""Loading goals as of a moment: one with all that is aligned to it, or those of whole cycles.

The statement for one goal also brings where the read model and the log stand, so that an answer
that is behind is noticed at no cost and asked for again once caught up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.database.database import Row as Stored
from okr_es.domain.refusals import NotFound
from okr_es.scoring.calendar import Calendars
from okr_es.scoring.formulas import Policy
from projections.as_of.corrected import row_as_known
from projections.as_of.dates import in_calendar
from projections.as_of.moments import Moment
from projections.as_of.view import View
from projections.goals.goal import Goal
from projections.goals.key_result_scores import KeyResultRow, as_known, decoded
from projections.goals.loading_sql import (
    CYCLE,
    KEY_RESULT,
    OBJECTIVE,
    ONE,
    cycles_statement,
    goals_statement,
    key_result_columns,
    linked,
    measured,
    members_statement,
    objective_columns,
)
from projections.goals.more_readings import Days, complete_readings
from projections.goals.scoring import POLICY_FIELDS, policy_of
from projections.goals.span_readings import combine_readings
from projections.read_model.interval_tree import path
from projections.read_model.tables import Row

FIRST_POSITION = itemgetter(KEY_RESULT.index("first_position"))
DAY_LENGTH = len("2025-07-01")
POSITIONS = ("read_model", "retired", "log", "calendar", "hash", "last_hash")

ENDS = [0]
for part in (OBJECTIVE, CYCLE, POLICY_FIELDS, KEY_RESULT):
    ENDS.append(ENDS[-1] + len(part))

# ---- rows to goals --------------------------------------------------------------------------


class Loaded:
    """Rows of goals from one statement, and where read model and log stand: position and hash."""

    def __init__(self, rows: Sequence[Stored]) -> None:
        standing = rows[0][: len(POSITIONS)] if rows else (-1, False, -1, None, b"", b"")
        self.read_model, self.retired, self.log, self.calendar = standing[:4]
        self.hash, self.last_hash = (bytes(each or b"") for each in standing[4:])
        self.rows = tuple(row[len(POSITIONS) :] for row in rows)

    @classmethod
    def still(cls, position: int, hash_: bytes, rows: tuple[Stored, ...]) -> Loaded:
        """Return cached rows, for when log and read model still stand where these were read."""
        loaded = cls(())
        loaded.read_model = loaded.log = position
        loaded.hash = loaded.last_hash = hash_
        loaded.rows = rows
        return loaded

    @property
    def is_current(self) -> bool:
        """True if there are rows, in the served generation, and it ends where the log does."""
        is_served = bool(self.rows) and not self.retired
        return is_served and (self.read_model, self.hash) == (self.log, self.last_hash)


def one_goal(database: Database, id_: UUID, moment: Moment) -> Loaded:
    """Return the rows of a goal and all that is aligned to it."""
    statement = goals_statement(database.dialect, ONE)
    return Loaded(database.rows(statement, {"id": str(id_), **moment.parameters}))


def goals_in(rows: Iterable[Stored], calendars: Calendars, known: int) -> dict[str, Goal]:
    """Return the goals of loaded rows by id, not linked yet, as corrected by a position.

    A row is one objective with at most one of its key results.
    """
    goals: dict[str, Goal] = {}
    for row in rows:
        goal = goals.get(row[0])
        if goal is None:
            goal = goals[row[0]] = goal_of(row, calendars, known)
        if row[ENDS[3]] is not None:
            goal.key_results.append(as_known(KeyResultRow._make(row[ENDS[3] :]), known))
    return goals


def goal_of(row: Stored, calendars: Calendars, known: int) -> Goal:
    """Return the objective of a loaded row."""
    cycle = cycle_of(row[ENDS[1] : ENDS[2]])
    objective = row_as_known(objective_of(row), known)
    return made(objective, cycle, policy_of(*row[ENDS[2] : ENDS[3]]), calendars)


def made(objective: Row, cycle: Row, policy: Policy, calendars: Calendars) -> Goal:
    """Return a goal of its row, with the day it was committed where its cycle had begun."""
    time = objective["committed_time"]
    if time is None or time[:DAY_LENGTH] < cycle["starts"]:  # in UTC; elsewhere a day later at most
        return Goal(objective, cycle, policy)
    return Goal(objective, cycle, policy, in_calendar(calendars, time).isoformat())


def objective_of(row: Stored) -> Row:
    """Return the fields of a loaded objective."""
    objective = dict(zip(OBJECTIVE, row, strict=False))
    objective["graded"] = bool(objective["graded"])
    return objective


def cycle_of(row: Stored) -> Row:
    """Return the fields of a loaded cycle."""
    cycle = dict(zip(CYCLE, row, strict=False))
    cycle["plan_committed"] = bool(cycle["plan_committed"])
    cycle["closed"] = bool(cycle["closed"])
    return unpacked_cycle(cycle)


def unpacked_cycle(cycle: Row) -> Row:
    """Return a cycle with its lists as lists, not as JSON."""
    lists = ("approval_required", "plan_commits", "closings")
    return cycle | {name: decoded(cycle[name]) for name in lists}


def align(goals: dict[str, Goal]) -> dict[str, Goal]:
    """Add each goal to the one it is aligned to; return the goals."""
    for goal in goals.values():
        above = goals.get(goal.row["parent_objective_id"] or "")
        if above is not None:
            above.aligned.append(goal)
    return goals


# ---- one goal -------------------------------------------------------------------------------


def goal_tree(view: View, id_: UUID) -> dict[str, Goal]:
    """Return an objective and all that is aligned to it; nothing if it was not there."""
    rows = one_goal(view.database, id_, view.moment).rows
    goals = align(goals_in(rows, view.calendars, view.moment.known))
    complete_readings(view, goals)
    combine_readings(view, goals)
    return goals


# ---- whole cycles ---------------------------------------------------------------------------


class Board(NamedTuple):
    """The goals of a cycle and all that is aligned to them, as of a moment."""

    cycle: Row
    goals: dict[str, Goal]
    policy: Policy

    @property
    def own(self) -> list[Goal]:
        """The goals of the cycle itself."""
        return [goal for goal in self.goals.values() if goal.row["cycle_id"] == self.cycle["id"]]


def board(view: View, cycle_id: UUID, field: str = "id") -> Board:
    """Return a cycle and its goals; raise NotFound for an unknown one."""
    cycles, goals = cycles_goals(view, [str(cycle_id)])
    if str(cycle_id) not in cycles:
        raise NotFound(f"There is no cycle {cycle_id} by then.", field=field)
    cycle, policy = cycles[str(cycle_id)]
    return Board(cycle, goals, policy)


Cycles = dict[str, tuple[Row, Policy]]


def cycles_goals(view: View, ids: Sequence[str]) -> tuple[Cycles, dict[str, Goal]]:
    """Return some cycles with their policies, and their goals with all that is aligned to them.

    Goals are in the order they were drafted, each below the one it is aligned to. Where goals of
    other cycles are aligned to them, those cycles are included.
    """
    cycles, others, frame = cycles_and_others(view, ids)
    if not cycles:
        return {}, {}
    upto, beyond = path(view.moment.plan, view.head)
    parameters = view.moment.parameters | {
        "cycles": view.array(ids),
        "upto": view.array(upto),
        "beyond": view.array(beyond),
        "since": frame[0],
        "day": frame[1],
    }
    goals = members(view, cycles, others, parameters)
    complete_readings(view, goals, frame)
    combine_readings(view, goals)
    return cycles, align(goals)


def cycles_and_others(view: View, ids: Sequence[str]) -> tuple[Cycles, list[str], Days]:
    """Return some cycles with their policies, and the goals of others that are aligned to theirs.

    The cycles of those are included. The frame has the days whose readings are joined to goals.
    """
    parameters = view.moment.parameters
    found = view.rows(cycles_statement(view.dialect), **parameters, cycles=view.array(ids))
    policy = slice(len(CYCLE), len(CYCLE) + len(POLICY_FIELDS))
    cycles = {row[0]: (cycle_of(row), policy_of(*row[policy])) for row in found}
    asked = [cycles[id_][0] for id_ in ids if id_ in cycles]
    last = max(asked, key=itemgetter("ends"), default={"starts": "", "ends": ""})
    others = decoded(found[0][-1] or "[]") if found else []
    return cycles, others, (last["starts"], min(parameters["day"], last["ends"]))


def members(view: View, cycles: Cycles, others: list[str], parameters: Row) -> dict[str, Goal]:
    """Return the goals of some cycles and others by id, in the order they were drafted."""
    dialect = view.dialect
    ids, linked_ids = "", ""
    if others:
        parameters = {**parameters, "others": view.array(others)}
        ids = f"id {dialect.in_array('others')}"
        linked_ids = (
            "id IN (SELECT b.child_id FROM links b "
            f"WHERE b.parent_id {dialect.in_array('others')} AND {linked('key_result')})"
        )
    statement = members_statement(dialect, "objective", objective_columns("k"), others=ids)
    objectives = view.rows(statement, **parameters)
    objectives.sort(key=lambda row: row[-1])
    goals = goals_of(view, objectives, cycles)
    statement = members_statement(
        dialect,
        "key_result",
        key_result_columns(":day", ":since"),
        measured(dialect, ":day", ":since"),
        "WHERE NOT k.dropped",
        linked_ids,
    )
    rows = view.rows(statement, **parameters)
    rows.sort(key=FIRST_POSITION)
    for key_result in map(KeyResultRow._make, rows):
        own = goals[key_result.objective_id].key_results
        own.append(as_known(key_result, view.moment.known))
    return goals


def goals_of(view: View, objectives: Iterable[Stored], cycles: Cycles) -> dict[str, Goal]:
    """Return the goals of loaded objectives by id, without their key results."""
    calendars, known = view.calendars, view.moment.known
    return {
        row[0]: made(row_as_known(objective_of(row), known), *cycles[row[2]], calendars)
        for row in objectives
    }
