"""The KPIs of a scoreboard: what each came to in a cycle, and by how much it changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from okr_es.domain.values import Aggregation
from okr_es.scoring.shown import value_text
from projections.as_of.references import ref
from projections.as_of.view import View
from projections.goals.kpi_facts import (
    KpiFacts,
    KpiSpan,
    is_comparable,
    kpi_facts,
    policy_at,
    readings_of,
)
from projections.goals.kpis import Judged, frame_of, span_answer, verdict_answer
from projections.read_model.tables import Row
from projections.retrospect.scoreboard_answers import KpiChange, KpiFigures, KpiInColumns

Covers = Callable[[Row], bool]


class KpiInCycle(NamedTuple):
    """A KPI judged in its span of a cycle, as known up to a position."""

    known: int
    judged: Judged

    @property
    def row(self) -> Row:
        """The KPI."""
        return self.judged.facts.row

    @property
    def days(self) -> tuple[str, str]:
        """The first day of the span, and the last one that is judged."""
        return self.judged.span.starts, self.judged.last_day.isoformat()


def kpis_in_cycle(view: View, cycle: Row, covers: Covers) -> dict[str, KpiInCycle]:
    """Return the KPIs that are covered and have a span in a cycle, by id.

    It is the span that holds the last day of the cycle, or today while that is to come, else the
    last one that ends within. One that goes on after the cycle is judged as of that day.
    """
    moment = view.moment
    last = min(moment.day.isoformat(), cycle["ends"])
    spans = [
        (facts, span)
        for facts in kpi_facts(view)
        if covers(facts.row) and (span := span_in(facts, cycle, last)) is not None
    ]
    until = date.fromisoformat(last)
    at_end = view.at(moment._replace(day=until, read_until=min(moment.read_until, until)))
    views = [view if span.ends <= cycle["ends"] else at_end for _, span in spans]
    frames = [
        frame_of(then, facts.row["id"], span)
        for then, (facts, span) in zip(views, spans, strict=True)
    ]
    readings, policy = readings_of(view, frames), policy_at(view)
    found = [
        Judged(facts, span, readings.get(frame, []), then, policy)
        for then, frame, (facts, span) in zip(views, frames, spans, strict=True)
    ]
    return {each.facts.row["id"]: KpiInCycle(moment.known, each) for each in found}


def span_in(facts: KpiFacts, cycle: Row, last: str) -> KpiSpan | None:
    """Return the span of a KPI that holds a day, or the last one over; None: not in the cycle."""
    span = facts.span(last)
    return None if span is None or span.ends < cycle["starts"] else span


def in_columns(columns: Sequence[dict[str, KpiInCycle]]) -> list[KpiInColumns]:
    """Return the KPIs of some columns side by side, by name."""
    last: dict[str, KpiInCycle] = {}
    for each in columns:
        last |= each
    ids = sorted(last, key=lambda id_: (last[id_].row["name"].casefold(), id_))
    return [kpi(last[id_].row, [each.get(id_) for each in columns]) for id_ in ids]


def kpi(row: Row, columns: Sequence[KpiInCycle | None]) -> KpiInColumns:
    """Return a KPI side by side, by its row."""
    return {
        "kpi": {"id": row["id"], "name": row["name"]},
        "team": ref(row["team_id"]),
        "owner": ref(row["owner_id"]),
        "unit": row["unit"],
        "direction": row["direction"],
        "figures": [None if each is None else figures(each.judged) for each in columns],
        "changes": [None, *(change(*pair) for pair in pairwise(columns))],
    }


def figures(judged: Judged) -> KpiFigures:
    """Return what a KPI came to in its span."""
    return {
        **verdict_answer(judged),
        "span": span_answer(judged.span),
        "aggregation": Aggregation(judged.aggregation),
    }


def change(before: KpiInCycle | None, after: KpiInCycle | None) -> KpiChange | None:
    """Return by how much the value of a KPI changed; None where a column has none."""
    if before is None or after is None:
        return None
    is_alike = before.row["unit"] == after.row["unit"] and is_defined_alike(before, after)
    one, other = before.judged.verdict.value, after.judged.verdict.value
    by = None if one is None or other is None else value_text(other - one)
    return {"value": by if is_alike else None, "comparable": is_alike}


def is_defined_alike(one: KpiInCycle, other: KpiInCycle) -> bool:
    """Return whether a KPI was defined alike on all days of two spans, and between them.

    The one known later says when it was.
    """
    later = max(one, other, key=lambda each: each.known)
    first, last = min(one.days[0], other.days[0]), max(one.days[1], other.days[1])
    return is_comparable(later.judged.facts.definitions, first, last)
