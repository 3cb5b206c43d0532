"""Whether a goal somebody names is there to be answered about, and of which kind and cycle it is.

An answer about nothing would look like an answer: that nothing differs, that nothing was promised.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from okr_es.database.database import Database, Row
from okr_es.domain.refusals import NotFound
from projections.read_model.tables import FOREVER

NOUNS = {"objective": "an objective", "key_result": "a key result", "kpi": "a KPI"}
CYCLES = {"objective": "cycle_id", "key_result": "cycle_id", "kpi": "NULL"}
GOALS = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, {cycle} AS cycle_id FROM {kind} "
    f"WHERE id = :id AND known_until = {FOREVER} AND first_position <= :plan"
    for kind, cycle in CYCLES.items()
)
GOAL = f"""
  SELECT g.kind, g.cycle_id, c.name FROM ({GOALS}) AS g
  LEFT JOIN cycle c ON c.id = g.cycle_id AND c.known_until = {FOREVER}
"""


def require_goal(
    database: Database,
    id_: UUID,
    plan: int,
    field: str,
    kinds: Collection[str],
    cycles: Collection[UUID | None],
) -> None:
    """Refuse what is no goal of some kinds and cycles by a position; None stands for any cycle."""
    found = goal(database, id_, plan)
    nouns = " or ".join(NOUNS[kind].partition(" ")[2] for kind in kinds)
    if found is None:
        raise NotFound(f"There is no {nouns} {id_} by then.", field=field)
    kind, cycle, name = found
    if kind not in kinds:
        raise NotFound(f"{id_} is {NOUNS[kind]}, no {nouns}.", field=field)
    if None not in cycles and UUID(cycle) not in cycles:
        raise NotFound(f"{id_} is {NOUNS[kind]} of another cycle, {name}.", field=field)


def goal(database: Database, id_: UUID, plan: int) -> Row | None:
    """Return the kind of a goal, and the id and the name of its cycle; None if it was not there."""
    found = database.rows(GOAL, {"id": str(id_), "plan": plan})
    return found[0] if found else None
