"""The statements that load goals as of a moment: one for a goal, a few for a whole board.

The statement for one goal also brings where the read model and the log stand, so that an answer
that is behind is noticed at no cost and asked for again once caught up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.scoring.formulas import Policy
from projections.as_of.moments import Moment
from projections.as_of.rows import many
from projections.goals.key_result_scores import KeyResult, decoded
from projections.goals.scoring import OBJECTIVE_FIELDS, POLICY_FIELDS, Goal, policy_of
from projections.read_model.interval_tree import path
from projections.read_model.tables import FOREVER

Row = tuple[Any, ...]

OBJECTIVE = (*OBJECTIVE_FIELDS, "parent_objective_id", "committed_at", "first_position")
CYCLE = (
    "id",
    "version",
    "name",
    "starts",
    "ends",
    "plan_committed",
    "closed",
    "approval_required",
    "plan_commit_position",
    "closing_position",
)
MEASURE = ("value", "zone", "as_of")
KEY_RESULT = KeyResult._fields
FIRST_POSITION = itemgetter(KEY_RESULT.index("first_position"))
STANDING = ("read_model", "retired", "log")


def reading(measured: str, columns: str, day: str) -> str:
    """Return the SQL of the reading that counts: of the last day, and of one day the last.

    It is found by its day; without the `+ 0`, PostgreSQL would rather read and sort all that were
    ever recorded up to the position.
    """
    return f"""(SELECT {columns} FROM reading r
      WHERE r.measured_id = {measured} AND r.as_of <= {day}
        AND r.known_from + 0 <= :known AND r.known_until > :known AND NOT r.retracted
      ORDER BY r.as_of DESC, r.first_position DESC LIMIT 1)"""


def version(table: str, of: str, up_to: str = ":plan") -> str:
    """Return the SQL of the position from which a row's version holds at a position."""
    return (
        f"(SELECT max(v.known_from) FROM {table} v WHERE v.id = {of} AND v.known_from <= {up_to})"
    )


def key_result_columns(day: str) -> str:
    """Return the columns of a key result with its reading: k, and m for the reading."""
    special = {name: f"m.{name}" for name in MEASURE} | {
        "reading_id": "m.id",
        "confidence": f"CASE WHEN k.kpi_id IS NULL THEN m.confidence "
        f"ELSE {reading('k.id', 'r.confidence', day)} END",
    }
    return ", ".join(special.get(name, f"k.{name}") for name in KEY_RESULT)


def named(alias: str, names: Iterable[str]) -> str:
    """Return the columns of a table under an alias."""
    return ", ".join(f"{alias}.{name}" for name in names)


def measured(whose: str, day: str, *, is_sqlite: bool) -> str:
    """Return the join of the reading that counts by a day: m, one seek for each row.

    PostgreSQL would join by a hash of all readings if it could.
    """
    if is_sqlite:
        return f"LEFT JOIN reading m ON m.known_from = {reading(whose, 'r.known_from', day)}"
    return f"LEFT JOIN LATERAL {reading(whose, 'r.*', day)} m ON true"


FED_BY = "coalesce(k.kpi_id, k.id)"
# Readings count until the last day a goal is planned for.
HORIZON = "coalesce(o.due, y.ends)"
UNTIL = f"CASE WHEN {HORIZON} < :day THEN {HORIZON} ELSE :day END"
POLICY = """LEFT JOIN scoring_policy s ON s.known_from = (
    SELECT max(v.known_from) FROM scoring_policy v
    WHERE v.known_from <= CASE WHEN y.closed THEN y.closing_position ELSE :plan END)"""


def held(kind: str) -> str:
    """Return the SQL of what hung below something at a position: b."""
    return f"b.kind = '{kind}' AND b.known_from <= :plan AND b.known_until > :plan"


HELD = held("objective")
ONE = f"""
  SELECT f.id FROM objective f WHERE f.id = :id AND f.known_until = {FOREVER}
  UNION
  SELECT b.child_id FROM ids JOIN links b ON b.parent_id = ids.id AND {HELD}
"""


def goals_statement(ids: str, *, is_sqlite: bool) -> str:
    """Return the statement that loads objectives with key results, cycle and policy, by ids."""
    columns = [named("o", OBJECTIVE), named("y", CYCLE), named("s", POLICY_FIELDS)]
    return f"""
      WITH RECURSIVE ids(id) AS ({ids})
      SELECT p.position, p.retired, n.position, {", ".join(columns)}, {key_result_columns(UNTIL)}
      FROM ids CROSS JOIN progress p CROSS JOIN counter n
      JOIN objective o ON o.id = ids.id AND o.known_from = {version("objective", "ids.id")}
      JOIN cycle y ON y.id = o.cycle_id AND y.known_from = {version("cycle", "o.cycle_id")}
      {POLICY}
      LEFT JOIN links b ON b.parent_id = o.id AND {held("key_result")}
      LEFT JOIN key_result k ON k.id = b.child_id AND NOT k.dropped
        AND k.known_from = {version("key_result", "b.child_id")}
      {measured(FED_BY, UNTIL, is_sqlite=is_sqlite)}
      ORDER BY o.first_position, k.first_position
    """


# It brings a row when log and read model still stand where they stood for what is held.
STILL = """
  SELECT 1 FROM progress p CROSS JOIN counter n
  WHERE p.position = CAST(:held AS bigint) AND n.position = p.position AND NOT p.retired
"""
ONE_GOAL = {is_sqlite: goals_statement(ONE, is_sqlite=is_sqlite) for is_sqlite in (True, False)}
LISTED = {
    True: "SELECT value FROM json_each(:ids)",
    False: "SELECT unnest(CAST(:ids AS text[]))",
}
GOALS = {is_sqlite: goals_statement(ids, is_sqlite=is_sqlite) for is_sqlite, ids in LISTED.items()}

# The ids of all that was aligned, directly or through others, to a goal of another cycle.
FROM_OTHER_CYCLES = f"""
  WITH RECURSIVE ids(id) AS (
    SELECT b.child_id FROM objective o JOIN links b ON b.parent_id = o.id AND {HELD}
      WHERE o.cycle_id = :cycle AND o.known_until = {FOREVER}
    UNION
    SELECT b.child_id FROM ids JOIN links b ON b.parent_id = ids.id AND {HELD}
  )
  SELECT o.id FROM ids JOIN objective o ON o.id = ids.id AND o.known_until = {FOREVER}
  WHERE o.cycle_id <> :cycle
"""
CYCLE_THEN = f"""
  SELECT p.position,
    EXISTS (SELECT 1 FROM links b
      WHERE b.other_cycle AND b.known_from <= :plan AND b.known_until > :plan),
    {named("y", CYCLE)}, {named("s", POLICY_FIELDS)}
  FROM cycle y CROSS JOIN progress p {POLICY}
  WHERE y.id = :cycle AND y.known_from = {version("cycle", ":cycle")}
"""


def cycle_statement(table: str, columns: str, joins: str, where: str, *, is_sqlite: bool) -> str:
    """Return the statement that loads all rows of a cycle that held at a position.

    SQLite is told the index: of two that begin alike it may take the one with the wrong end.
    """
    upto, beyond = (
        f"IN (SELECT value FROM json_each(:{name}))"
        if is_sqlite
        else f"= ANY(CAST(:{name} AS bigint[]))"
        for name in ("upto", "beyond")
    )
    by = f"INDEXED BY {table}_then_by" if is_sqlite else ""
    held = (
        ("", f"known_until = {FOREVER} AND known_from <= :plan"),
        ("known_until", f"node {upto} AND known_until > :plan AND known_until < {FOREVER}"),
        ("known_from", f"node {beyond} AND known_from <= :plan AND known_until < {FOREVER}"),
    )
    rows = " UNION ALL ".join(
        f"SELECT * FROM {table} {by and bound and f'{by}_{bound}'} "
        f"WHERE cycle_id = :cycle AND {each}"
        for bound, each in held
    )
    return f"SELECT {columns} FROM ({rows}) AS k {joins} {where}"


OBJECTIVES = {
    is_sqlite: cycle_statement("objective", named("k", OBJECTIVE), "", "", is_sqlite=is_sqlite)
    for is_sqlite in (True, False)
}
KEY_RESULTS = {
    is_sqlite: cycle_statement(
        "key_result",
        key_result_columns(":day"),
        measured(FED_BY, ":day", is_sqlite=is_sqlite),
        "WHERE NOT k.dropped",
        is_sqlite=is_sqlite,
    )
    for is_sqlite in (True, False)
}
READING_AT = """
  SELECT r.value, r.zone, r.as_of, r.id FROM reading r
  WHERE r.measured_id = :id AND r.as_of <= :day AND r.known_from + 0 <= :known
    AND r.known_until > :known AND NOT r.retracted AND coalesce(r.value, r.zone) IS NOT NULL
  ORDER BY r.as_of DESC, r.first_position DESC LIMIT 1
"""
CONFIDENCE_AT = f"SELECT {reading(':id', 'r.confidence', ':day')}"

ENDS = [0]
for part in (OBJECTIVE, CYCLE, POLICY_FIELDS, KEY_RESULT):
    ENDS.append(ENDS[-1] + len(part))


class Loaded:
    """What one statement brought of some goals, and where read model and log stood."""

    def __init__(self, rows: Sequence[Row]) -> None:
        standing = rows[0][: len(STANDING)] if rows else (-1, False, -1)
        self.read_model, self.retired, self.log = standing
        self.rows = tuple(row[len(STANDING) :] for row in rows)

    @classmethod
    def still(cls, position: int, rows: tuple[Row, ...]) -> Loaded:
        """Return what is held, when log and read model stand where they stood for it."""
        loaded = cls(())
        loaded.read_model = loaded.log = position
        loaded.rows = rows
        return loaded

    @property
    def is_current(self) -> bool:
        """True if something was found, in the served generation, and it is as new as the log."""
        return bool(self.rows) and not self.retired and self.read_model == self.log


def one_goal(database: Database, asked: dict[str, Any]) -> list[Row]:
    """Return the rows of a goal and all that is aligned to it."""
    return database.rows(ONE_GOAL[database.is_sqlite], asked)


def goals_in(rows: Iterable[Row]) -> dict[str, Goal]:
    """Return the goals of loaded rows by id, not linked yet.

    A row is one objective with at most one of its key results.
    """
    goals: dict[str, Goal] = {}
    for row in rows:
        goal = goals.get(row[0])
        if goal is None:
            goal = goals[row[0]] = goal_of(row)
        if row[ENDS[3]] is not None:
            goal.key_results.append(KeyResult._make(row[ENDS[3] :]))
    return goals


def goal_of(row: Row) -> Goal:
    """Return the objective of a loaded row."""
    cycle = cycle_of(row[ENDS[1] : ENDS[2]])
    return Goal(objective_of(row), cycle, policy_of(*row[ENDS[2] : ENDS[3]]))


def objective_of(row: Row) -> dict[str, Any]:
    """Return the fields of a loaded objective."""
    objective = dict(zip(OBJECTIVE, row, strict=False))
    objective["graded"] = bool(objective["graded"])
    return objective


def cycle_of(row: Row) -> dict[str, Any]:
    """Return the fields of a loaded cycle."""
    cycle = dict(zip(CYCLE, row, strict=False))
    cycle["plan_committed"] = bool(cycle["plan_committed"])
    cycle["closed"] = bool(cycle["closed"])
    cycle["approval_required"] = decoded(cycle["approval_required"])
    return cycle


def linked(goals: dict[str, Goal]) -> dict[str, Goal]:
    """Hang each goal under the one it is aligned to, unless it was abandoned; return them."""
    for goal in goals.values():
        above = goals.get(goal.row["parent_objective_id"] or "")
        if above is not None and goal.row["state"] != "abandoned":
            above.aligned.append(goal)
    return goals


class Board(NamedTuple):
    """The goals of a cycle and all that is aligned to them, as of a moment."""

    cycle: dict[str, Any]
    goals: dict[str, Goal]
    moment: Moment
    policy: Policy


def board(database: Database, cycle: UUID, moment: Moment) -> Board | None:
    """Return a cycle and its goals as of a moment; None if there was no such cycle.

    What versions say of a position never changes, so several statements agree without a common
    snapshot, once the position is settled.
    """
    asked = {**moment.parameters, "cycle": str(cycle)}
    found = database.rows(CYCLE_THEN, asked)
    if not found:
        return None
    head, has_other_cycles, row = found[0][0], found[0][1], found[0][2:]
    moment = moment.up_to(head)
    asked |= moment.parameters
    fields, policy = cycle_of(row[: len(CYCLE)]), policy_of(*row[len(CYCLE) :])
    goals = cycle_goals(database, asked, fields, policy, head)
    if others := database.rows(FROM_OTHER_CYCLES, asked) if has_other_cycles else []:
        ids = many(database, [row[0] for row in others])
        rows = database.rows(GOALS[database.is_sqlite], asked | {"ids": ids})
        goals |= goals_in(Loaded(rows).rows)
        goals = dict(sorted(goals.items(), key=lambda each: each[1].row["first_position"]))
    settle(database, goals.values(), moment)
    return Board(fields, linked(goals), moment, policy)


def cycle_goals(
    database: Database, asked: dict[str, Any], cycle: dict[str, Any], policy: Any, head: int
) -> dict[str, Goal]:
    """Return the goals of a cycle itself, in the order they were drafted."""
    upto, beyond = path(asked["plan"], head)
    asked |= {"upto": many(database, upto), "beyond": many(database, beyond)}
    objectives = database.rows(OBJECTIVES[database.is_sqlite], asked)
    objectives.sort(key=lambda row: row[-1])
    goals = {row[0]: Goal(objective_of(row), cycle, policy) for row in objectives}
    until = min(asked["day"], cycle["ends"])
    rows = database.rows(KEY_RESULTS[database.is_sqlite], {**asked, "day": until})
    rows.sort(key=FIRST_POSITION)
    for key_result in map(KeyResult._make, rows):
        goals[key_result.objective_id].key_results.append(key_result)
    return goals


def settle(
    database: Database, goals: Iterable[Goal], moment: Moment, *, self_loaded: bool = False
) -> bool:
    """Find the readings one statement cannot: return whether there were any.

    Those are of key results that got a check-in of confidence alone while a KPI fed them, and
    of goals with a last day of their own where they were loaded up to their cycle's.
    """
    settled, read_until = False, moment.read_until.isoformat()
    for goal in goals:
        has_other_end = not self_loaded and goal.has_own_end
        for number, row in enumerate(goal.key_results):
            silent = row.value is None and row.zone is None and row.as_of is not None
            if silent or has_other_end:
                day = min(goal.horizon, read_until)
                goal.key_results[number] = settled_row(database, row, day, moment)
                settled = True
    return settled


def settled_row(database: Database, row: KeyResult, day: str, moment: Moment) -> KeyResult:
    """Return a key result with the reading and the confidence that count by a day."""
    asked = {"id": row.kpi_id or row.id, "day": day, "known": moment.known}
    found = database.rows(READING_AT, asked)
    confidence = database.rows(CONFIDENCE_AT, {**asked, "id": row.id})
    row = row._replace(confidence=confidence[0][0] if confidence else None)
    value, zone, as_of, id_ = found[0] if found else (None,) * 4
    return row._replace(value=value, zone=zone, as_of=as_of, reading_id=id_)
