"""What was promised in a cycle: each goal as of its own promise, as corrected since."""

from __future__ import annotations

from collections import defaultdict

from projections.as_of.corrected import row_as_known
from projections.as_of.references import aligned_to, ref
from projections.as_of.rows import RowsAt
from projections.as_of.view import View
from projections.goals.cycle_members import Members
from projections.goals.key_result_answers import lists_of
from projections.read_model.tables import Row
from projections.retrospect.answers import Marked
from projections.retrospect.plan_answers import PromisedKeyResult, PromisedObjective


def promises(view: View, found: Members) -> list[PromisedObjective]:
    """Return the promised objectives of a cycle, in the order they were drafted.

    A key result that was moved since is in the objective that promised it. Two statements.
    """
    then = RowsAt(view.database)
    positions = {row["id"]: found.promised_at(row) for row in found.rows}
    rows: dict[str, list[Row]] = {}
    for table, each in (("objective", found.objectives), ("key_result", found.key_results)):
        pairs = [(id_, at) for id_ in each if (at := positions[id_]) is not None]
        then.load(table, pairs)
        stood = [row for pair in pairs if (row := then.at(table, *pair)) is not None]
        rows[table] = [row_as_known(row, view.moment.known) for row in stood]
    key_results: dict[str, list[PromisedKeyResult]] = defaultdict(list)
    for row in rows["key_result"]:
        promised = of_key_result(found, row, positions[row["id"]] or 0)
        key_results[row["objective_id"]].append(promised)
    return [
        of_objective(found, row, positions[row["id"]] or 0, key_results[row["id"]])
        for row in rows["objective"]
    ]


def of_objective(
    found: Members, row: Row, promised_at: int, key_results: list[PromisedKeyResult]
) -> PromisedObjective:
    """Return what an objective promised, from its row at the promise."""
    return {
        "id": row["id"],
        "promised_at": promised_at,
        **marks(found, found.objectives[row["id"]]),
        "title": row["title"],
        "team": ref(row["team_id"]),
        "owner": ref(row["owner_id"]),
        "commitment": row["commitment"],
        "due": row["due"],
        "weight": row["weight"],
        "aligned_to": aligned_to(row),
        "key_results": key_results,
    }


def of_key_result(found: Members, row: Row, promised_at: int) -> PromisedKeyResult:
    """Return what a key result promised, from its row at the promise."""
    return {
        "id": row["id"],
        "promised_at": promised_at,
        **marks(found, found.key_results[row["id"]]),
        "title": row["title"],
        "owner": ref(row["owner_id"]),
        "kind": row["kind"],
        "baseline": row["baseline"],
        "target": row["target"],
        "direction": row["direction"],
        "minimum": row["minimum"],
        "maximum": row["maximum"],
        "unit": row["unit"],
        "weight": row["weight"],
        "cadence": row["cadence"],
        "kpi": ref(row["kpi_id"]),
        **lists_of(row["steps"], row["zones"], row["trajectory"]),
    }


def marks(found: Members, row: Row) -> Marked:
    """Return what became of a goal since it was promised, from its row now."""
    return {
        "planned": found.is_planned(row),
        "added_mid_cycle": found.is_added(row),
        "dropped_mid_cycle": found.is_dropped(row),
    }
