"""Which key results the correction of the unit of a KPI takes along, for requests that wait."""

from __future__ import annotations

from typing import NamedTuple

from okr_es.domain.values import State, folded
from projections.as_of.rows import Pair, RowsAt
from projections.as_of.view import View
from projections.audit_log.answers import Subject
from projections.read_model.tables import Row

FED = "SELECT DISTINCT child_id, parent_id FROM links WHERE kind = 'kpi' AND child_id {}"


class Asked(NamedTuple):
    """A KPI whose unit shall be another with that of what it feeds, and the position compared."""

    kpi_id: str
    unit: str
    position: int


def corrected_along(view: View, asked: list[Asked]) -> dict[Asked, list[Subject]]:
    """Return the key results that are corrected along with each KPI: not those that are over."""
    if not asked:
        return {}
    kpi_ids = view.array(sorted({each.kpi_id for each in asked}))
    fed = view.rows(FED.format(view.dialect.in_array("kpis")), kpis=kpi_ids)
    pairs = {
        each: [(id_, each.position) for kpi_id, id_ in fed if kpi_id == each.kpi_id]
        for each in asked
    }
    loaded = RowsAt(view.database)
    every = {pair for each in pairs.values() for pair in each}
    loaded.load("key_result", every)
    for table, child in (("objective", "key_result"), ("cycle", "objective")):
        every = {
            (row[f"{table}_id"], position)
            for id_, position in every
            if (row := loaded.at(child, id_, position)) is not None
        }
        loaded.load(table, every)
    return {each: sorted(taken(loaded, each, pairs[each]), key=by_title) for each in asked}


def taken(loaded: RowsAt, asked: Asked, pairs: list[Pair]) -> list[Subject]:
    """Return those of some key results that are corrected."""
    rows = [loaded.at("key_result", *pair) for pair in pairs]
    return [
        {"kind": "key_result", "id": row["id"], "title": row["title"]}
        for row in rows
        if row is not None and is_taken(loaded, asked, row)
    ]


def is_taken(loaded: RowsAt, asked: Asked, row: Row) -> bool:
    """Return whether the KPI feeds a key result that has another unit and is not over."""
    if row["first_position"] > asked.position or row["kpi_id"] != asked.kpi_id:
        return False
    objective = loaded.at("objective", row["objective_id"], asked.position)
    cycle = objective and loaded.at("cycle", objective["cycle_id"], asked.position)
    if not objective or not cycle or cycle["closed"] or objective["graded"]:
        return False
    is_other = row["unit"] is not None and folded(row["unit"]) != folded(asked.unit)
    return is_other and objective["state"] != State.ABANDONED


def by_title(each: Subject) -> tuple[str, str]:
    """Return what sorts key results by their titles."""
    return each["title"] or "", str(each["id"])
