"""Why an objective's score changed between two moments: a part for every event between them.

The events are taken in the order they were recorded; the part of each is the score right after
it less the score right before it, so the parts sum exactly to the whole. They are grouped by key
result, by what is aligned to an objective without any, and by what else happened. Those shown sum
to the whole shown too: what rounding leaves is allotted, to the groups first, then to the events
of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, TypeVar
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.scoring.shown import allotted, cut_down, difference, places_of
from projections.as_of.hierarchy import Closure, below_objectives
from projections.as_of.moments import LogPoint
from projections.as_of.references import ref
from projections.as_of.view import View
from projections.audit_log.answers import Heading
from projections.audit_log.history import History
from projections.goals.goal_history import GoalHistory
from projections.goals.timeline import Timeline
from projections.retrospect.explained import Sides, standing
from projections.retrospect.explanation_answers import (
    ExactChange,
    ExplainedEvent,
    ExplanationAnswer,
    MomentAnswer,
    Part,
)
from projections.retrospect.score_steps import Step, score_of, steps

T = TypeVar("T")
Group = tuple[str, str]  # key_results, aligned or others; and an id, or a word

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
OTHERS: tuple[Literal["objective", "cycle", "scoring_policy", "days"], ...] = (
    "objective", "cycle", "scoring_policy", "days",
)  # fmt: skip
OTHER = "other"
BY_TIME = "time"


class Moved(NamedTuple):
    """A step with its event, None for days that passed, and the group of steps that it is in."""

    step: Step
    event: Heading | None
    group: Group

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
    own = own_key_results(closure, id_)
    before, at_first = score_of(timeline, id_), standing(timeline, str(id_), closure)
    found = steps(timeline, id_, first.position, last.moment)
    if timeline.goal(str(id_)) is None:
        raise NotFound(f"There is no objective {id_} by then.", field="id")
    after = score_of(timeline, id_)
    standings = (at_first, standing(timeline, str(id_), closure))
    change = (after or Fraction(0)) - (before or Fraction(0))
    moved = with_events(view, history, found, own)
    groups = grouped(moved, lambda each: each.group)
    by_cause = dict(sorted(grouped(moved, lambda each: each.cause).items()))
    sums = [*map(summed, groups.values()), *map(summed, by_cause.values())]
    whole = difference(change, places_of([change, *sums, *(each.change for each in found)]))
    sides = Sides(timeline, standings)
    parts = {
        group: part_answer(each, part)
        for group, (each, part) in zip(groups, shares(groups.values(), whole), strict=True)
    }
    return {  # type: ignore[typeddict-item]  # named later
        "position": last.position,
        "fixed": first.is_fixed and last.is_fixed,
        "id": str(id_),
        "from": moment_answer(view, first),
        "to": moment_answer(view, last),
        "before": cut_down(before),
        "after": cut_down(after),
        "change": number(change, whole),
        "key_results": sides.key_results(parts, nothing(whole)),
        "aligned": sides.aligned(parts),
        "others": [
            {"what": word, **parts["others", word]} for word in OTHERS if ("others", word) in parts
        ],
        "kpis": sides.kpis([each for part in parts.values() for each in part["events"]]),
        "causes": [
            {"cause": each[0].cause, "change": part}
            for each, part in shares(by_cause.values(), whole)
        ],
    }


def own_key_results(closure: Closure, id_: UUID) -> frozenset[str]:
    """Return the key results that were ever an objective's own."""
    return frozenset(
        link.child_id
        for link in closure.links
        if link.kind == "key_result" and link.parent_id == str(id_)
    )


def with_events(
    view: View, history: History, found: list[Step], own: frozenset[str]
) -> list[Moved]:
    """Return steps, each with the heading of its event and its group."""
    positions = [step.position for step in found if step.position is not None]
    happened = history.headings(view, positions)
    moved = []
    for step in found:
        event = None if step.position is None else happened[step.position]
        moved.append(Moved(step, event, group_of(step, event, own)))
    return moved


def group_of(step: Step, event: Heading | None, own: frozenset[str]) -> Group:
    """Return the group of a step: a key result, an objective aligned to it, or a word."""
    if step.key_result_id in own:
        return "key_results", str(step.key_result_id)
    if step.aligned_id is not None:
        return "aligned", step.aligned_id
    noun = "days" if event is None else event["type"].partition(".")[0]
    return "others", noun if noun in OTHERS else "objective"


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


def part_answer(moved: list[Moved], part: ExactChange) -> Part:
    """Return a part with its events; their changes as shown sum to that of the part."""
    events: list[ExplainedEvent] = [
        {
            **each.event,
            "cause": each.cause,
            "key_result": ref(each.step.key_result_id),
            "kpi": ref(each.step.kpi_id),
            "value_before": each.step.before,
            "value_after": each.step.after,
            "change": own,
        }
        for (each,), own in shares([[one] for one in moved], part["rounded"])
        if each.event is not None
    ]
    return {"change": part, "events": events}


def moment_answer(view: View, point: LogPoint) -> MomentAnswer:
    """Return a point as the answer shows it."""
    zone = view.calendars.zone_on(point.day)
    return {"position": point.position, "day": point.day, "zone": zone}


def number(exact: Fraction, shown: Decimal) -> ExactChange:
    """Return a number exact, as numerator/denominator, and as it is shown."""
    return {"exact": f"{exact.numerator}/{exact.denominator}", "rounded": shown}


def nothing(whole: Decimal) -> ExactChange:
    """Return no change at all, with the decimals of a whole."""
    (shown,) = allotted(whole - whole, [Fraction(0)])
    return number(Fraction(0), shown)
