"""Why an objective's score changed between two moments: a part for every event between them.

The events are taken in the order they were recorded; the part of each is the score right after
it less the score right before it, so the parts sum exactly to the whole. Those shown do so too:
what rounding leaves is allotted, to the key results first, then to the events of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeVar
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.scoring.shown import allotted, cut_down, difference, places_of
from projections.as_of.hierarchy import below_objectives
from projections.as_of.moments import LogPoint
from projections.as_of.view import View
from projections.audit_log.answers import Heading
from projections.audit_log.history import History
from projections.goals.goal_history import GoalHistory
from projections.goals.timeline import Timeline
from projections.retrospect.answers import (
    ExactChange,
    ExplainedEvent,
    ExplanationAnswer,
    MomentAnswer,
    MovedKeyResult,
)
from projections.retrospect.score_steps import Step, score_of, steps

T = TypeVar("T")

CAUSES = {
    "reading.recorded": "readings",
    "reading.checked_in": "readings",
    "reading.corrected": "corrections",
    "reading.subject_corrected": "corrections",
    "reading.retracted": "corrections",
    "key_result.corrected": "corrections",
    "objective.corrected": "corrections",
    "key_result.retargeted": "targets",
    "kpi.redefined": "targets",
    "key_result.rebased": "targets",
    "key_result.linked": "links",
    "key_result.unlinked": "links",
    "key_result.reweighted": "weights",
    "objective.realigned": "realignments",
    "key_result.moved": "realignments",
    "key_result.added": "added",
    "key_result.reinstated": "added",
    "objective.drafted": "added",
    "objective.reopened": "added",
    "key_result.dropped": "dropped",
    "objective.abandoned": "dropped",
    "objective.graded": "grading",
    "cycle.rescheduled": "dates",
    "cycle.closed": "grading",
    "cycle.reopened": "grading",
    "scoring_policy.adopted": "policy",
    "scoring_policy.revised": "policy",
}
OTHER = "other"
BY_TIME = "time"


class Moved(NamedTuple):
    """A step with its event; None for days that passed."""

    step: Step
    event: Heading | None

    @property
    def cause(self) -> str:
        """What kind of event it was."""
        return BY_TIME if self.event is None else CAUSES.get(self.event["type"], OTHER)


def explanation(
    view: View, history: History, id_: UUID, first: LogPoint, last: LogPoint
) -> ExplanationAnswer:
    """Return the change of an objective's score from one point to another, by key result.

    Each part names its events and their causes. A score that is not measured counts as 0 in the
    sum, and `before` or `after` says that it was not measured.
    """
    closure = below_objectives(view, [str(id_)])
    goals = GoalHistory(view, closure, first.position, first.position, first.day)
    timeline = Timeline(goals, first.moment)
    before = score_of(timeline, id_)
    found = steps(timeline, id_, first.position, last.moment)
    if timeline.goal(str(id_)) is None:
        raise NotFound(f"There is no objective {id_} by then.", field="id")
    after = score_of(timeline, id_)
    change = (after or Fraction(0)) - (before or Fraction(0))
    moved = with_events(history, found)
    by_key_result = grouped(moved, lambda each: (each.step.key_result_id, each.event is None))
    by_cause = dict(sorted(grouped(moved, lambda each: each.cause).items()))
    sums = [*map(summed, by_key_result.values()), *map(summed, by_cause.values())]
    whole = difference(change, places_of([change, *sums, *(each.change for each in found)]))
    return {  # type: ignore[typeddict-item]  # named later
        "position": last.position,
        "fixed": first.is_fixed and last.is_fixed,
        "id": str(id_),
        "from": moment_answer(view, first),
        "to": moment_answer(view, last),
        "before": cut_down(before),
        "after": cut_down(after),
        "change": number(change, whole),
        "key_results": [
            {
                "key_result": key_result_answer(timeline, each[0].step.key_result_id),
                "change": part,
                "events": event_answers(each, part["rounded"]),
            }
            for each, part in shares(by_key_result.values(), whole)
        ],
        "causes": [
            {"cause": each[0].cause, "change": part}
            for each, part in shares(by_cause.values(), whole)
        ],
    }


def with_events(history: History, found: list[Step]) -> list[Moved]:
    """Return steps, each with the heading of its event."""
    happened = history.headings([step.position for step in found if step.position is not None])
    return [
        Moved(step, None if step.position is None else happened[step.position]) for step in found
    ]


def grouped(moved: list[Moved], key: Callable[[Moved], T]) -> dict[T, list[Moved]]:
    """Return steps by a key, in the order in which each key came first."""
    found: dict[T, list[Moved]] = defaultdict(list)
    for each in moved:
        found[key(each)].append(each)
    return found


def summed(moved: list[Moved]) -> Fraction:
    """Return the changes of some steps added up."""
    return sum((each.step.change for each in moved), Fraction(0))


def shares(
    groups: Collection[list[Moved]], whole: Decimal
) -> Iterator[tuple[list[Moved], ExactChange]]:
    """Yield groups of steps with what each moved; those shown sum to the whole shown."""
    sums = [summed(each) for each in groups]
    for each, exact, shown in zip(groups, sums, allotted(whole, sums), strict=True):
        yield each, number(exact, shown)


def event_answers(moved: list[Moved], whole: Decimal) -> list[ExplainedEvent]:
    """Return the events of some steps; their changes as shown sum to the whole shown."""
    return [
        {**each.event, "cause": each.cause, "change": part}
        for (each,), part in shares([[one] for one in moved], whole)
        if each.event is not None
    ]


def key_result_answer(timeline: Timeline, id_: str | None) -> MovedKeyResult | None:
    """Return a reference to a key result, with its title."""
    return None if id_ is None else {"id": id_, "title": timeline.key_results[id_].row.title}


def moment_answer(view: View, point: LogPoint) -> MomentAnswer:
    """Return a point as the answer shows it."""
    zone = view.calendars.zone_on(point.day)
    return {"position": point.position, "day": point.day, "zone": zone}


def number(exact: Fraction, shown: Decimal) -> ExactChange:
    """Return a number exact, as numerator/denominator, and as it is shown."""
    return {"exact": f"{exact.numerator}/{exact.denominator}", "rounded": shown}
