"""What KPIs came to in the cycle of a scoreboard's column, and by how much that changed.

Spans, readings and verdicts are those of `oracle.py`; nothing of projections.
"""

from __future__ import annotations

from copy import copy
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tests.support import kpi_oracle
from tests.support.oracle import View
from tests.support.plain import Row
from tests.support.scoreboard_oracle import CycleOracle

SPAN = ("starts", "ends", "target", "minimum", "maximum", "recorded_later")


class KpiInCycle(NamedTuple):
    """What a KPI is said to have come to, its exact value, its unit, and the days it is about."""

    view: View
    figures: Row
    exact: Fraction | None
    unit: str
    first: str
    last: str


def in_cycle(column: CycleOracle) -> dict[str, KpiInCycle]:
    """The KPIs with a span in a cycle: that of its last day or today, or the last one before."""
    view, cycle, found = column.view, column.cycle, {}
    last = min(view.day.isoformat(), cycle["ends"])
    for id_ in view.kpis():
        begun = [each for each in view.targets(id_) if each["starts"] <= last]
        span = max(begun, key=lambda each: (last <= each["ends"], each["ends"]), default=None)
        if span is not None and span["ends"] >= cycle["starts"]:
            then = view if span["ends"] <= cycle["ends"] else about(view, last)
            found[id_] = judged(then, id_, span)
    return found


def about(view: View, day: str) -> View:
    """What is known, about another day."""
    then = copy(view)
    then.day, then.read_until = date.fromisoformat(day), min(view.read_until, day)
    return then


def judged(view: View, id_: str, span: Row) -> KpiInCycle:
    row = view.kpi_row(id_)
    rule, readings = view.in_span(id_, span)
    best = kpi_oracle.better(row["direction"], span, row["baseline"])
    figures = {
        **view.verdict(id_, row, span),
        "span": {name: span[name] for name in SPAN},
        "aggregation": rule,
    }
    last = min(span["ends"], view.day.isoformat())
    exact = kpi_oracle.combined(rule, readings, best)
    return KpiInCycle(view, figures, exact, row["unit"], span["starts"], last)


def change(id_: str, one: KpiInCycle | None, other: KpiInCycle | None) -> Row | None:
    """By how much a value changed; not comparable if a day of either was defined otherwise."""
    if one is None or other is None:
        return None
    known = max(one.view, other.view, key=lambda view: view.standing["position"])
    days = min(one.first, other.first), max(one.last, other.last)
    is_alike = one.unit == other.unit and known.is_comparable(id_, *days)
    is_there = None not in (one.exact, other.exact)
    by = other.exact - one.exact if is_there else None  # type: ignore[operator]
    return {"value": by if is_alike else None, "comparable": is_alike}
