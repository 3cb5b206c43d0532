"""The statements that load goals: one round trip for a goal or a whole board.

They also bring where the read model and the log stand, so that an answer that is behind is
noticed at no cost and asked for again once caught up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .goals import POLICY_FIELDS, Goal, linked, policy_of
from .schema import FIELDS, FOREVER

BOUNDS = {"known_from", "known_until", "first_position", "dropped"}
OBJECTIVE = [name for name in FIELDS["objective"] if name not in BOUNDS]
KEY_RESULT = [name for name in FIELDS["key_result"] if name not in BOUNDS]
CYCLE = ["starts", "ends"]
READING = ["reading_id", "as_of", "value", "zone"]
Row = tuple[Any, ...]
STANDING = ["read_model", "retired", "log"]


def goals_statement(seed: str) -> str:
    """Return the statement that loads the objectives of a seed and all that serve them.

    It brings nothing when log and read model still stand where they stood for what is held.
    """
    columns = ", ".join(
        [f"o.{n}" for n in OBJECTIVE]
        + [f"k.{n}" for n in KEY_RESULT]
        + [f"m.{n}" for n in READING]
        + ["c.confidence"]
        + [f"y.{n}" for n in CYCLE]
        + [f"s.{n}" for n in POLICY_FIELDS]
    )
    return f"""
      WITH RECURSIVE below AS (
        SELECT * FROM objective WHERE known_until = {FOREVER} AND {seed}
          AND NOT EXISTS (SELECT 1 FROM progress p CROSS JOIN counter n
            WHERE p.position = CAST(:held AS bigint) AND n.position = p.position
              AND NOT p.retired)
        UNION
        SELECT o.* FROM below b JOIN objective o
          ON o.served_id = b.id AND o.known_until = {FOREVER}
      )
      SELECT p.position, p.retired, n.position, {columns}
      FROM below o CROSS JOIN progress p CROSS JOIN counter n
      JOIN cycle y ON y.id = o.cycle_id AND y.known_until = {FOREVER}
      LEFT JOIN scoring_policy s
        ON s.known_from <= CASE WHEN y.closed THEN y.closed_at ELSE {FOREVER - 1} END
       AND s.known_until > CASE WHEN y.closed THEN y.closed_at ELSE {FOREVER - 1} END
      LEFT JOIN key_result k
        ON k.objective_id = o.id AND k.known_until = {FOREVER} AND NOT k.dropped
      LEFT JOIN latest m ON m.measured_id = coalesce(k.kpi_id, k.id)
      LEFT JOIN latest c ON c.measured_id = k.id
      ORDER BY o.first_position, k.first_position
    """  # noqa: S608


ONE_GOAL = goals_statement("id = :id")
CYCLE_GOALS = goals_statement("cycle_id = :id")

ENDS = [0]
for part in (OBJECTIVE, KEY_RESULT, READING, ["confidence"], CYCLE, list(POLICY_FIELDS)):
    ENDS.append(ENDS[-1] + len(part))


class Loaded:
    """What one statement brought of some goals, and the position it stands on."""

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


def goals_in(rows: Iterable[Row]) -> dict[str, Goal]:
    """Return the goals of loaded rows by id, each hung under the one it serves.

    A row is one objective with at most one of its key results.
    """
    goals: dict[str, Goal] = {}
    for row in rows:
        goal = goals.get(row[0])
        if goal is None:
            goal = goals[row[0]] = goal_of(row)
        if row[ENDS[1]] is not None:
            goal.key_results.append(key_result_row(row))
    return linked(goals)


def goal_of(row: Row) -> Goal:
    """Return the objective of a loaded row."""
    objective = dict(zip(OBJECTIVE, row[: ENDS[1]], strict=True))
    objective["graded"] = bool(objective["graded"])
    cycle = dict(zip(CYCLE, row[ENDS[4] : ENDS[5]], strict=True))
    return Goal(objective, cycle, policy_of(*row[ENDS[5] :]))


def key_result_row(row: Row) -> dict[str, Any]:
    """Return the key result of a loaded row, with its reading and confidence."""
    found = dict(zip(KEY_RESULT, row[ENDS[1] : ENDS[2]], strict=True))
    found.update(zip(READING, row[ENDS[2] : ENDS[3]], strict=True))
    found["confidence"] = row[ENDS[3]]
    found["dropped"] = False
    return found


def unsettled(goal: Goal) -> list[dict[str, Any]]:
    """Return the key results whose latest reading came after the last day, or has no value."""
    return [
        row
        for row in goal.key_results
        if row["as_of"] is not None
        and (row["as_of"] > goal.horizon or (row["value"] is None and row["zone"] is None))
    ]
