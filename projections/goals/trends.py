"""How progress went in a cycle: of each key result that after each of its readings.

It is worked out for small drawings, of all readings of a cycle in one statement, by what key
results promise at the moment. Where a KPI feeds one and its readings are added up, or come of
several subjects, no single reading says where it stands: it has no trend.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from okr_es.scoring import ratios
from okr_es.scoring.ratios import Ratio
from okr_es.scoring.shown import cut_down
from projections.as_of.references import cycle_answer
from projections.as_of.view import View, as_of_fields
from projections.goals.key_result_scores import milestone_progress
from projections.goals.loading import unpacked_cycle
from projections.goals.loading_sql import WITH_VALUE
from projections.goals.trends_answers import TrendPoint, TrendsAnswer

READ = f"""
  SELECT k.id, k.kind, k.baseline, k.target, k.direction, k.minimum, k.maximum, k.steps,
         k.renamed_steps, r.as_of, r.value, r.zone, r.done
  FROM key_result k
  JOIN reading r ON r.measured_id = coalesce(k.kpi_id, k.id)
  LEFT JOIN kpi p ON p.id = k.kpi_id AND p.known_from <= :plan AND p.known_until > :plan
  WHERE k.cycle_id = :of_cycle AND k.known_from <= :plan AND k.known_until > :plan
    AND NOT k.dropped AND r.as_of BETWEEN :first AND :last
    AND r.known_from <= :known AND r.known_until > :known AND NOT r.retracted
    AND {WITH_VALUE} AND r.subject IS NULL
    AND (k.kpi_id IS NOT NULL OR r.definition = k.definition)
    AND (p.aggregation IS NULL OR p.aggregation = 'last')
  ORDER BY k.id, r.as_of, r.first_position
"""


class Read(NamedTuple):
    """A reading, with what its key result promises."""

    id: str
    kind: str
    baseline: str | None
    target: str | None
    direction: str | None
    minimum: str | None
    maximum: str | None
    steps: str | None
    renamed_steps: str | None
    as_of: str
    value: str | None
    zone: str | None
    done: str | None


def trends(view: View, cycle_id: UUID) -> TrendsAnswer:
    """Return the trends of the key results of a cycle, by their ids."""
    cycle = unpacked_cycle(view.one("cycle", cycle_id, "cycle"))
    moment = view.moment
    rows = view.rows(
        READ, of_cycle=cycle["id"], plan=moment.plan, known=moment.known,
        first=cycle["starts"], last=min(cycle["ends"], moment.day.isoformat()),
    )  # fmt: skip
    by_key_result: dict[str, list[Read]] = defaultdict(list)
    for row in rows:
        read = Read(*row)
        by_key_result[read.id].append(read)
    return {
        **as_of_fields(view),
        "cycle": cycle_answer(cycle),
        "trends": [
            {"key_result": {"id": id_}, "points": points(found)}  # type: ignore[typeddict-item]
            for id_, found in by_key_result.items()
        ],
    }


def points(found: Iterable[Read]) -> list[TrendPoint]:
    """Return progress by day; of a day with several readings that after the last one."""
    by_day = {each.as_of: progress(each) for each in found}
    return [{"day": day, "progress": cut_down(share)} for day, share in by_day.items()]


def progress(read: Read) -> Ratio:
    """Return the progress that a key result had come to with a reading."""
    if read.zone is not None:
        return ratios.ordinal_progress(read.zone)
    if read.value is None:
        raise ValueError(f"A reading of {read.id} has neither value nor zone.")
    if read.kind == "milestone":
        return milestone_progress(read.steps, read.done, read.value, read.renamed_steps)
    value = ratios.ratio(read.value)
    if read.direction is None:
        baseline, target = ratios.ratio(read.baseline or ""), ratios.ratio(read.target or "")
        return ratios.metric_progress(baseline, target, value)
    bounds = (read.target, read.minimum, read.maximum, read.baseline)
    return ratios.progress_to_keep(read.direction, value, *bounds)
