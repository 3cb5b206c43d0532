"""Where the promise of a goal was made, and which commit has the plan of a team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from okr_es.database.database import Database
from projections.read_model.tables import FOREVER

PROMISE_OF = f"""
  SELECT o.promised_at, o.first_position FROM objective o
  WHERE o.id = :id AND o.known_until = {FOREVER}
  UNION ALL
  SELECT coalesce(k.promised_at, o.promised_at), coalesce(k.came_at, k.first_position)
  FROM key_result k
  JOIN objective o ON o.id = k.objective_id AND o.known_until = {FOREVER}
  WHERE k.id = :id AND k.known_until = {FOREVER}
"""


def promise_of(database: Database, id_: UUID) -> int | None:
    """Return the position whose plan is the promise of an objective or key result; None: none.

    A key result has the promise of its objective, or that of its own addition or reinstatement, if
    later; one that was moved has its first.
    """
    for promised_at, first_position in database.rows(PROMISE_OF, {"id": str(id_)}):
        return None if promised_at is None else max(promised_at, first_position)
    return None


def commit_of(plan_commits: Iterable[Mapping[str, Any]], team_id: UUID) -> Mapping[str, Any] | None:
    """Return the commit of a cycle that has the plan of a team; None while there is none."""
    for each in plan_commits:
        if not each["teams"] or str(team_id) in each["teams"]:
            return each
    return None
