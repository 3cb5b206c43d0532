"""The statements that load goals: one round trip for a goal or a whole board.

They also bring where the read model and the log stand, so that an answer that is behind is
noticed at no cost and asked for again once caught up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .goals import POLICY_FIELDS, Goal, Row, policy_of
from .schema import FIELDS, FOREVER

OBJECTIVE, KEY_RESULT, CYCLE = (
    FIELDS["objective"],
    FIELDS["key_result"],
    ["name", "starts", "ends", "closed"],
)
READING = ["reading_id", "as_of", "value", "zone"]
STANDING = ["read_model", "retired", "log"]


def goals_statement(seed: str) -> str:
    """Return the statement that loads the objectives of a seed and all that serve them."""
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
for part in (STANDING, OBJECTIVE, KEY_RESULT, READING, ["confidence"], CYCLE, list(POLICY_FIELDS)):
    ENDS.append(ENDS[-1] + len(part))


class Loaded:
    """The goals one statement brought, and the position they stand on."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.goals: dict[str, Goal] = {}
        self.read_model, self.retired, self.log = -1, False, -1
        for row in rows:
            self.read_model, self.retired, self.log = row[: len(STANDING)]
            self.take(row)

    @property
    def is_current(self) -> bool:
        """True if something was found, in the served generation, and it is as new as the log."""
        return bool(self.goals) and not self.retired and self.read_model == self.log

    def take(self, row: Any) -> None:
        """Take a row: one objective with at most one of its key results."""
        objective_id = row[ENDS[1]]
        goal = self.goals.get(objective_id)
        if goal is None:
            objective = dict(zip(OBJECTIVE, row[ENDS[1] : ENDS[2]], strict=True))
            objective["graded"] = bool(objective["graded"])
            cycle = dict(zip(CYCLE, row[ENDS[5] : ENDS[6]], strict=True))
            policy = policy_of(*row[ENDS[6] :])
            goal = self.goals[objective_id] = Goal(objective, cycle, policy)
        if row[ENDS[2]] is not None:
            goal.key_results.append(key_result_row(row))


def key_result_row(row: Any) -> Row:
    """Return the key result of a loaded row, with its reading and confidence."""
    found = dict(zip(KEY_RESULT, row[ENDS[2] : ENDS[3]], strict=True))
    found.update(zip(READING, row[ENDS[3] : ENDS[4]], strict=True))
    found["confidence"] = row[ENDS[4]]
    found["dropped"] = bool(found["dropped"])
    return found
