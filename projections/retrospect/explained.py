"""The goals of an explanation: what each stood at, at both moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from okr_es.scoring.shown import cut_down
from projections.as_of.answers import TitledKeyResult
from projections.as_of.hierarchy import Closure
from projections.as_of.references import ref
from projections.goals.key_result_scores import KeyResultRow, KeyResultScore
from projections.goals.timeline import Timeline
from projections.retrospect.explanation_answers import (
    ExactChange,
    ExplainedAligned,
    ExplainedEvent,
    ExplainedKeyResult,
    ExplainedKpi,
    KeyResultSide,
    Part,
)


class Standing(NamedTuple):
    """What an objective's key results, and objectives aligned to it, stood at, at a moment."""

    key_results: dict[str, KeyResultSide]
    scores: dict[str, Decimal | None]


def standing(timeline: Timeline, id_: str, closure: Closure) -> Standing:
    """Return what all below an objective stands at where its timeline has come to."""
    goal, score = timeline.goal(id_), timeline.score(id_)
    key_results = {}
    if goal is not None and score is not None:
        pairs = zip(goal.key_results, score.key_result_scores, strict=True)
        key_results = {row.id: side(row, each) for row, each in pairs}
    scores = {}
    for link in closure.links:
        if link.parent_id == id_ and link.kind == "objective":
            below = timeline.score(link.child_id)
            scores[link.child_id] = None if below is None else cut_down(below.exact)
    return Standing(key_results, scores)


def side(row: KeyResultRow, score: KeyResultScore) -> KeyResultSide:
    """Return what a key result promised and had come to."""
    return {
        "value": row.value if row.span is None else row.span.shown,
        "zone": row.zone,
        "progress": score.progress_shown,
        "baseline": row.baseline,
        "target": row.target,
        "minimum": row.minimum,
        "maximum": row.maximum,
        "weight": row.weight,
    }


class Sides:
    """What the goals of an explanation stood at, first and last, where its timeline has come to."""

    def __init__(self, timeline: Timeline, standings: tuple[Standing, Standing]) -> None:
        self.timeline = timeline
        self.first, self.last = standings

    def key_results(
        self, parts: Mapping[tuple[str, str], Part], nothing: ExactChange
    ) -> list[ExplainedKeyResult]:
        """Return the key results that moved a score, and the others it has or had on either side.

        `nothing` is the change of those.
        """
        moved = [id_ for kind, id_ in parts if kind == "key_results"]
        unmoved: Part = {"change": nothing, "events": []}
        ids = dict.fromkeys([*moved, *self.first.key_results, *self.last.key_results])
        return [self.explained(id_, parts.get(("key_results", id_), unmoved)) for id_ in ids]

    def explained(self, id_: str, part: Part) -> ExplainedKeyResult:
        """Return the part of a key result."""
        row = self.timeline.key_results[id_].row
        return {
            "key_result": ref(id_),
            "kind": row.kind,
            "unit": row.unit,
            "kpi": ref(row.kpi_id),
            "from": self.first.key_results.get(id_),
            "to": self.last.key_results.get(id_),
            **part,
        }

    def aligned(self, parts: Mapping[tuple[str, str], Part]) -> list[ExplainedAligned]:
        """Return the parts of objectives that are aligned to the one that is explained."""
        return [
            {
                "objective": ref(id_),
                "from": self.first.scores.get(id_),
                "to": self.last.scores.get(id_),
                **part,
            }
            for (kind, id_), part in parts.items()
            if kind == "aligned"
        ]

    def kpis(self, events: Iterable[ExplainedEvent]) -> list[ExplainedKpi]:
        """Return what came of KPIs, from the events of all parts, in the order they came first."""
        found: dict[str, list[ExplainedEvent]] = {}
        for event in events:
            if event["kpi"] is not None:
                found.setdefault(event["kpi"]["id"], []).append(event)
        return [
            {"kpi": ref(id_), "key_results": ways(theirs), "change": summed(theirs)}
            for id_, theirs in found.items()
        ]


def ways(events: Iterable[ExplainedEvent]) -> list[TitledKeyResult]:
    """Return the key results by way of which events moved a score, each once."""
    found = (event["key_result"] for event in events)
    return list({each["id"]: each for each in found if each is not None}.values())


def summed(events: list[ExplainedEvent]) -> ExactChange:
    """Return the changes of some events added up, exact and as they are shown."""
    exact = sum((Fraction(each["change"]["exact"]) for each in events), Fraction(0))
    shown = sum((each["change"]["rounded"] for each in events), Decimal(0))
    return {"exact": f"{exact.numerator}/{exact.denominator}", "rounded": shown}
