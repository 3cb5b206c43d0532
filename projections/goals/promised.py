"""The plan of a cycle as it was committed: each objective as of the position of its promise.

A plan is committed team by team, so it is no state of one moment: every objective has the key
results, weights and alignments of its own promise, as corrected since.
"""

from __future__ import annotations

from functools import cache
from uuid import UUID

from okr_es.database.dialect import Dialect
from projections.as_of.view import View
from projections.goals.goal import Goal
from projections.goals.key_result_scores import KeyResultRow, as_known
from projections.goals.loading import (
    FIRST_POSITION,
    align,
    cycles_and_others,
    goals_of,
)
from projections.goals.loading_sql import (
    key_result_columns,
    measured,
    objective_columns,
)
from projections.goals.more_readings import complete_readings
from projections.goals.span_readings import combine_readings
from projections.read_model.tables import FOREVER

# Objectives of some cycles and some others whose promise was made by the view's position. They are
# two queries: for one with an OR, PostgreSQL would look at all versions of all objectives.
PROMISED = f"""
  SELECT id, promised_at FROM objective
  WHERE cycle_id {{cycles}} AND known_until = {FOREVER} AND promised_at <= :plan
  UNION ALL
  SELECT id, promised_at FROM objective
  WHERE id {{others}} AND known_until = {FOREVER} AND promised_at <= :plan
"""


def promised_goals(view: View, cycle_id: UUID) -> dict[str, Goal]:
    """Return the promised objectives of a cycle, each as of its promise, by id.

    Objectives of other cycles that are aligned to them are included. Readings are those known by
    the view's moment.
    """
    cycles, others, frame = cycles_and_others(view, [str(cycle_id)])
    parameters = {
        "plan": view.moment.plan,
        "known": view.moment.known,
        "since": frame[0],
        "day": frame[1],
        "cycles": view.array([str(cycle_id)]),
        "others": view.array(others),
    }
    objectives = view.rows(objectives_statement(view.dialect), **parameters)
    goals = goals_of(view, objectives, cycles)
    rows = view.rows(key_results_statement(view.dialect), **parameters)
    for key_result in sorted(map(KeyResultRow._make, rows), key=FIRST_POSITION):
        own = goals[key_result.objective_id].key_results
        own.append(as_known(key_result, view.moment.known))
    complete_readings(view, goals, frame, with_past=False)
    combine_readings(view, goals)
    return align(goals)


@cache
def promised_ids(dialect: Dialect) -> str:
    """Return the query of ids and positions of promises."""
    return PROMISED.format(cycles=dialect.in_array("cycles"), others=dialect.in_array("others"))


def then(alias: str) -> str:
    """Return the SQL of whether a version or a link was valid at the promise."""
    return f"{alias}.known_from <= p.promised_at AND {alias}.known_until > p.promised_at"


# Of a key result: it becomes a promise with its objective, for the first time.
FIRST_PROMISED = f"NOT k.dropped AND k.promised_at IS NULL AND {then('k')}"


@cache
def objectives_statement(dialect: Dialect) -> str:
    """Return the statement of objectives as of their promise."""
    return f"""
      SELECT {objective_columns("k")} FROM ({promised_ids(dialect)}) AS p
      {dialect.for_each("k", "objective", f"k.id = p.id AND {then('k')}")}
      ORDER BY k.first_position
    """


@cache
def key_results_statement(dialect: Dialect) -> str:
    """Return the statement of their key results as of the promise, with readings.

    One that was moved here with a promise of its own counts where that was made, and only there.
    """
    return f"""
      SELECT {key_result_columns(":day", ":since")} FROM ({promised_ids(dialect)}) AS p
      JOIN links b ON b.parent_id = p.id AND b.kind = 'key_result' AND {then("b")}
      {dialect.for_each("k", "key_result", f"k.id = b.child_id AND {FIRST_PROMISED}")}
      {measured(dialect, ":day", ":since")}
    """
