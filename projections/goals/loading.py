"""The statements that load goals as of a moment: one for a goal, a few for whole cycles.

The statement for one goal also brings where the read model and the log stand, so that an answer
that is behind is noticed at no cost and asked for again once caught up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.database.database import Row as Stored
from okr_es.database.dialect import Dialect
from okr_es.domain.refusals import NotFound
from okr_es.scoring.formulas import Policy
from projections.as_of.moments import Moment
from projections.as_of.view import View
from projections.goals.key_result_scores import KeyResultRow, decoded
from projections.goals.scoring import POLICY_FIELDS, Goal, policy_of
from projections.read_model.interval_tree import path
from projections.read_model.tables import FOREVER, Row

OBJECTIVE = (
    "id", "version", "cycle_id", "team_id", "owner_id", "title", "commitment", "due", "state",
    "graded", "adjusted_grade", "aligned_to_objective_id", "aligned_to_key_result_id", "weight",
    "carried_from", "carried_to", "revisions", "parent_objective_id", "committed_at",
    "first_position",
)  # fmt: skip
CYCLE = (
    "id", "version", "name", "starts", "ends", "plan_committed", "closed", "approval_required",
    "plan_commits", "closings", "plan_commit_position", "closing_position", "first_position",
)  # fmt: skip
MEASURE = ("value", "zone", "as_of")
KEY_RESULT = KeyResultRow._fields
FIRST_POSITION = itemgetter(KEY_RESULT.index("first_position"))
STANDING = ("read_model", "retired", "log")

ENDS = [0]
for part in (OBJECTIVE, CYCLE, POLICY_FIELDS, KEY_RESULT):
    ENDS.append(ENDS[-1] + len(part))

# ---- fragments of SQL -----------------------------------------------------------------------


def counting(measured: str, day: str, *, with_value: bool = False) -> str:
    """Return, from WHERE on, the SQL of the reading that counts: of the last day the last.

    It is found by its day; without the `+ 0`, PostgreSQL would rather read and sort all that were
    ever recorded up to the position. A check-in may be confidence alone: it has no value.
    """
    value = "AND coalesce(r.value, r.zone) IS NOT NULL " if with_value else ""
    return (
        f"WHERE r.measured_id = {measured} AND r.as_of <= {day} "
        f"AND r.known_from + 0 <= :known AND r.known_until > :known AND NOT r.retracted {value}"
        "ORDER BY r.as_of DESC, r.first_position DESC LIMIT 1"
    )


def version(table: str, of: str) -> str:
    """Return the SQL of the position from which a row's version holds at :plan."""
    return f"(SELECT max(v.known_from) FROM {table} v WHERE v.id = {of} AND v.known_from <= :plan)"


def held(alias: str) -> str:
    """Return the SQL of a version or a link that held at :plan."""
    return f"{alias}.known_from <= :plan AND {alias}.known_until > :plan"


def linked(kind: str) -> str:
    """Return the SQL of what of a kind was linked below something at :plan: b."""
    return f"b.kind = '{kind}' AND {held('b')}"


def named(alias: str, names: Iterable[str]) -> str:
    """Return columns under an alias."""
    return ", ".join(f"{alias}.{name}" for name in names)


def key_result_columns(day: str) -> str:
    """Return the columns of a key result with its reading: k, and m for the reading."""
    own = f"(SELECT r.confidence FROM reading r {counting('k.id', day)})"
    special = {name: f"m.{name}" for name in MEASURE} | {
        "reading_id": "m.id",
        "confidence": f"CASE WHEN k.kpi_id IS NULL THEN m.confidence ELSE {own} END",
    }
    return ", ".join(special.get(name, f"k.{name}") for name in KEY_RESULT)


def measured(dialect: Dialect, day: str) -> str:
    """Return the join of the reading that counts for a key result by a day: m."""
    return dialect.first_of("m", "reading", "r.*", counting(FED_BY, day))


FED_BY = "coalesce(k.kpi_id, k.id)"
# Readings count until the last day a goal is planned for.
HORIZON = "coalesce(o.due, y.ends)"
UNTIL = f"CASE WHEN {HORIZON} < :day THEN {HORIZON} ELSE :day END"
POLICY = """LEFT JOIN scoring_policy s ON s.known_from = (
    SELECT max(v.known_from) FROM scoring_policy v
    WHERE v.known_from <= CASE WHEN y.closed THEN y.closing_position ELSE :plan END)"""

# A goal and all that is aligned to it, directly or through others.
ONE = f"""
  SELECT f.id FROM objective f WHERE f.id = :id AND f.known_until = {FOREVER}
  UNION
  SELECT b.child_id FROM ids JOIN links b ON b.parent_id = ids.id AND {linked("objective")}
"""


@cache
def goals_statement(dialect: Dialect, ids: str) -> str:
    """Return the statement that loads objectives with key results, cycle and policy.

    `ids` is a (recursive) query of their ids.
    """
    columns = [named("o", OBJECTIVE), named("y", CYCLE), named("s", POLICY_FIELDS)]
    return f"""
      WITH RECURSIVE ids(id) AS ({ids})
      SELECT p.position, p.retired, n.position, {", ".join(columns)}, {key_result_columns(UNTIL)}
      FROM ids CROSS JOIN progress p CROSS JOIN counter n
      JOIN objective o ON o.id = ids.id AND o.known_from = {version("objective", "ids.id")}
      JOIN cycle y ON y.id = o.cycle_id AND y.known_from = {version("cycle", "o.cycle_id")}
      {POLICY}
      LEFT JOIN links b ON b.parent_id = o.id AND {linked("key_result")}
      LEFT JOIN key_result k ON k.id = b.child_id AND NOT k.dropped
        AND k.known_from = {version("key_result", "b.child_id")}
      {measured(dialect, UNTIL)}
      ORDER BY o.first_position, k.first_position
    """


# It brings a row when log and read model still stand where they stood for what is cached.
STILL = """
  SELECT 1 FROM progress p CROSS JOIN counter n
  WHERE p.position = CAST(:held AS bigint) AND n.position = p.position AND NOT p.retired
"""


@cache
def cycles_statement(dialect: Dialect) -> str:
    """Return the statement of cycles with their policies, and of the goals aligned from others.

    Those are all that was aligned, also through others, to goals of the cycles; their own cycles
    come along. The last column is a list of their ids, in JSON.
    """
    aligned = linked("objective")
    has_others = f"EXISTS (SELECT 1 FROM links x WHERE x.other_cycle AND {held('x')})"
    return f"""
      WITH RECURSIVE ids(id) AS (
        SELECT b.child_id FROM objective o JOIN links b ON b.parent_id = o.id AND {aligned}
        WHERE o.cycle_id {dialect.in_array("cycles")} AND o.known_until = {FOREVER} AND {has_others}
        UNION
        SELECT b.child_id FROM ids JOIN links b ON b.parent_id = ids.id AND {aligned}
      ), others(id, cycle_id) AS (
        SELECT o.id, o.cycle_id FROM ids JOIN objective o ON o.id = ids.id
        AND o.known_until = {FOREVER} AND NOT o.cycle_id {dialect.in_array("cycles")}
      )
      SELECT {named("y", CYCLE)}, {named("s", POLICY_FIELDS)},
        (SELECT {dialect.json_list("id")} FROM others)
      FROM cycle y {POLICY}
      WHERE (y.id {dialect.in_array("cycles")} OR y.id IN (SELECT cycle_id FROM others))
        AND y.known_from = {version("cycle", "y.id")}
    """


@cache
def members_statement(
    dialect: Dialect, table: str, columns: str, joins: str = "", where: str = "", others: str = ""
) -> str:
    """Return the statement of all rows of some cycles that held at a position: k.

    Its parameters are cycles, plan, upto and beyond: see `read_model/interval_tree.py`. `others`
    is a condition on rows that come along from other cycles.
    """
    upto, beyond = (dialect.in_array(name, "bigint") for name in ("upto", "beyond"))
    of_cycles = f"cycle_id {dialect.in_array('cycles')}"
    parts = [
        f"{of_cycles} AND known_until = {FOREVER} AND known_from <= :plan",
        f"{of_cycles} AND node {upto} AND known_until > :plan AND known_until < {FOREVER}",
        f"{of_cycles} AND node {beyond} AND known_from <= :plan AND known_until < {FOREVER}",
    ]
    indexes = [
        "",
        *(dialect.by_index(f"{table}_then_by_{b}") for b in ("known_until", "known_from")),
    ]
    if others:
        parts.append(f"{others} AND known_from <= :plan AND known_until > :plan")
        indexes.append("")
    rows = " UNION ALL ".join(
        f"SELECT * FROM {table} {index} WHERE {part}"
        for index, part in zip(indexes, parts, strict=True)
    )
    return f"SELECT {columns} FROM ({rows}) AS k {joins} {where}"


# ---- rows to goals --------------------------------------------------------------------------


class Loaded:
    """What one statement brought of some goals, and where read model and log stood."""

    def __init__(self, rows: Sequence[Stored]) -> None:
        standing = rows[0][: len(STANDING)] if rows else (-1, False, -1)
        self.read_model, self.retired, self.log = standing
        self.rows = tuple(row[len(STANDING) :] for row in rows)

    @classmethod
    def still(cls, position: int, rows: tuple[Stored, ...]) -> Loaded:
        """Return what is cached, when log and read model stand where they stood for it."""
        loaded = cls(())
        loaded.read_model = loaded.log = position
        loaded.rows = rows
        return loaded

    @property
    def is_current(self) -> bool:
        """True if there are rows, in the served generation, and it is as new as the log."""
        return bool(self.rows) and not self.retired and self.read_model == self.log


def one_goal(database: Database, id_: UUID, moment: Moment) -> Loaded:
    """Return the rows of a goal and all that is aligned to it."""
    statement = goals_statement(database.dialect, ONE)
    return Loaded(database.rows(statement, {"id": str(id_), **moment.parameters}))


def goals_in(rows: Iterable[Stored]) -> dict[str, Goal]:
    """Return the goals of loaded rows by id, not linked yet.

    A row is one objective with at most one of its key results.
    """
    goals: dict[str, Goal] = {}
    for row in rows:
        goal = goals.get(row[0])
        if goal is None:
            goal = goals[row[0]] = goal_of(row)
        if row[ENDS[3]] is not None:
            goal.key_results.append(KeyResultRow._make(row[ENDS[3] :]))
    return goals


def goal_of(row: Stored) -> Goal:
    """Return the objective of a loaded row."""
    cycle = cycle_of(row[ENDS[1] : ENDS[2]])
    return Goal(objective_of(row), cycle, policy_of(*row[ENDS[2] : ENDS[3]]))


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
    """Put each goal below the one it is aligned to, unless it was abandoned; return them."""
    for goal in goals.values():
        above = goals.get(goal.row["parent_objective_id"] or "")
        if above is not None and goal.row["state"] != "abandoned":
            above.aligned.append(goal)
    return goals


# ---- one goal -------------------------------------------------------------------------------


def goal_tree(view: View, id_: UUID) -> dict[str, Goal]:
    """Return an objective and all that is aligned to it; nothing if it was not there."""
    goals = align(goals_in(one_goal(view.database, id_, view.moment).rows))
    complete_readings(view, goals)
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

    Goals are in the order they were drafted, each below the one it is aligned to. The cycles of
    goals that are aligned from elsewhere come along.
    """
    parameters: Row = {**view.moment.parameters, "cycles": view.array(ids)}
    found = view.rows(cycles_statement(view.dialect), **parameters)
    if not found:
        return {}, {}
    policy = slice(len(CYCLE), len(CYCLE) + len(POLICY_FIELDS))
    cycles = {row[0]: (cycle_of(row), policy_of(*row[policy])) for row in found}
    upto, beyond = path(view.moment.plan, view.head)
    last = max((cycles[id_][0]["ends"] for id_ in ids if id_ in cycles), default="")
    parameters |= {
        "upto": view.array(upto),
        "beyond": view.array(beyond),
        "day": min(parameters["day"], last),
    }
    goals = members(view, cycles, decoded(found[0][-1] or "[]"), parameters)
    complete_readings(view, goals, parameters["day"])
    return cycles, align(goals)


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
    statement = members_statement(dialect, "objective", named("k", OBJECTIVE), others=ids)
    objectives = view.rows(statement, **parameters)
    objectives.sort(key=lambda row: row[-1])
    goals = {row[0]: Goal(objective_of(row), *cycles[row[2]]) for row in objectives}
    statement = members_statement(
        dialect,
        "key_result",
        key_result_columns(":day"),
        measured(dialect, ":day"),
        "WHERE NOT k.dropped",
        linked_ids,
    )
    rows = view.rows(statement, **parameters)
    rows.sort(key=FIRST_POSITION)
    for key_result in map(KeyResultRow._make, rows):
        goals[key_result.objective_id].key_results.append(key_result)
    return goals


# ---- readings that one join cannot find -----------------------------------------------------


class Lacking(NamedTuple):
    """A key result whose reading is to be found again, up to a day."""

    goal: Goal
    number: int
    row: KeyResultRow
    day: str


def complete_readings(view: View, goals: dict[str, Goal], joined_until: str | None = None) -> bool:
    """Find by one statement the readings that the join missed; return whether there were any.

    Those are of key results whose last check-in was confidence alone, and of goals that end on
    another day than the one readings were joined up to; None: each was cut at its own end.
    """
    until = view.moment.read_until.isoformat()
    lacking = [
        Lacking(goal, number, row, day)
        for goal in goals.values()
        for day in (min(goal.horizon, until),)
        for number, row in enumerate(goal.key_results)
        if is_silent(row) or day != (joined_until or day)
    ]
    if not lacking:
        return False
    wanted = [
        [number, each.row.kpi_id or each.row.id, each.row.id, each.day]
        for number, each in enumerate(lacking)
    ]
    statement = readings_statement(view.dialect)
    rows = view.rows(statement, wanted=json.dumps(wanted), known=view.moment.known)
    for number, value, zone, as_of, reading_id, confidence in rows:
        each = lacking[int(number)]
        each.goal.key_results[each.number] = each.row._replace(
            value=value, zone=zone, as_of=as_of, reading_id=reading_id, confidence=confidence
        )
    return True


def is_silent(row: KeyResultRow) -> bool:
    """Return whether the last check-in was confidence or comment alone."""
    return row.value is None and row.zone is None and row.as_of is not None


@cache
def readings_statement(dialect: Dialect) -> str:
    """Return the statement of the readings and the confidence that count, each by a day."""
    wanted = dialect.relation("wanted", number="bigint", fed_by="text", own="text", day="text")
    value = counting("w.fed_by", "w.day", with_value=True)
    return f"""
      SELECT w.number, m.value, m.zone, m.as_of, m.id, c.confidence FROM {wanted} AS w
      {dialect.first_of("m", "reading", "r.*", value)}
      {dialect.first_of("c", "reading", "r.*", counting("w.own", "w.day"))}
    """
