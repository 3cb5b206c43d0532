"""Why an objective's progress changed between two moments: a part for every event between them.

The events are taken in the order they were recorded; the part of each is the progress right after
it less the progress right before it, so the parts sum exactly to the whole. Those shown do so too:
what rounding leaves is allotted, to the causes first, then to the events of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from okr_es.domain.refusals import NotFound
from okr_es.scoring.shown import allotted, cut_down, difference, places_of
from projections.as_of.hierarchy import below_objectives
from projections.as_of.moments import Moment, Point
from projections.as_of.view import View
from projections.audit_log.answers import Heading
from projections.audit_log.history import History
from projections.goals.goal_history import STRETCH, GoalHistory
from projections.goals.timeline import Timeline
from projections.retrospect.answers import Cause, ExactChange, ExplanationAnswer, MomentAnswer

CAUSES = {
    "reading.recorded": "readings",
    "reading.checked_in": "readings",
    "reading.corrected": "corrections",
    "reading.retracted": "corrections",
    "key_result.retargeted": "targets",
    "kpi.redefined": "targets",
    "key_result.rebased": "targets",
    "key_result.linked": "links",
    "key_result.unlinked": "links",
    "key_result.reweighted": "weights",
    "objective.realigned": "realignments",
    "key_result.moved": "realignments",
    "key_result.added": "added",
    "objective.drafted": "added",
    "objective.reopened": "added",
    "key_result.dropped": "dropped",
    "objective.abandoned": "dropped",
}
OTHER = "other"
BY_TIME = "time"

Part = tuple[int | None, Fraction]
EventPart = tuple[Heading | None, Fraction]


def explanation(
    view: View, history: History, id_: UUID, first: Point, last: Point
) -> ExplanationAnswer:
    """Return the change of an objective's rolled-up progress from one point to another.

    Each part names its cause and its events. Progress that is not measured counts as 0 in the
    sum, and `before` or `after` says that it was not measured.
    """
    closure = below_objectives(view, [str(id_)])
    goals = GoalHistory(view, closure, first.position, first.position, first.day)
    timeline = Timeline(goals, first.moment)
    before = progress(timeline, id_)
    parts = list(steps(timeline, id_, first, last.moment))
    if timeline.goal(str(id_)) is None:
        raise NotFound(f"There is no objective {id_} by then.", field="id")
    after = progress(timeline, id_)
    change = (after or Fraction(0)) - (before or Fraction(0))
    by_cause = grouped(history, parts)
    whole = difference(change, places_of([change, *all_parts(by_cause)]))
    return {
        "position": last.position,
        "fixed": first.is_fixed and last.is_fixed,
        "id": str(id_),
        "from": moment_answer(view, first),
        "to": moment_answer(view, last),
        "before": cut_down(before),
        "after": cut_down(after),
        "change": number(change, whole),
        "causes": causes(by_cause, whole),
    }


def moment_answer(view: View, point: Point) -> MomentAnswer:
    """Return a point as the answer shows it."""
    zone = view.calendars.zone_on(point.day)
    return {"position": point.position, "day": point.day, "zone": zone}


def progress(timeline: Timeline, id_: UUID) -> Fraction | None:
    """Return the exact rolled-up progress of an objective; None for not measured or not there."""
    score = timeline.score(str(id_))
    return None if score is None else score.whole


def steps(timeline: Timeline, id_: UUID, first: Point, last: Moment) -> list[Part]:
    """Return by how much each event moved the progress; those that did not are left out.

    All steps are taken on the last day, so that a day that passes has a part of its own, without
    an event; it is none unless a reading was about a day in the future.
    """
    parts: list[Part] = []
    before = progress(timeline, id_) or Fraction(0)
    for position in (None, *positions(timeline.history, first.position, last.known)):
        known = first.position if position is None else position
        timeline.move(Moment(known, known, last.day, last.read_until))
        after = progress(timeline, id_) or Fraction(0)
        if after != before:
            parts.append((position, after - before))
        before = after
    timeline.move(last)
    return parts


def positions(history: GoalHistory, first: int, last: int) -> list[int]:
    """Return the positions of all events that may have moved it, behind one, up to another."""
    return [
        position
        for start in range(first, last, STRETCH)
        for position in history.positions(start, min(start + STRETCH, last))
    ]


def grouped(history: History, parts: list[Part]) -> dict[str, list[EventPart]]:
    """Return the parts of each cause, by its name."""
    happened = history.headings([position for position, _ in parts if position is not None])
    found: dict[str, list[EventPart]] = defaultdict(list)
    for position, part in parts:
        event = None if position is None else happened[position]
        found[BY_TIME if event is None else CAUSES.get(event["type"], OTHER)].append((event, part))
    return dict(sorted(found.items()))


def all_parts(by_cause: dict[str, list[EventPart]]) -> Iterator[Fraction]:
    """Yield what is shown beside the whole: the part of each cause and of each event."""
    for each in by_cause.values():
        yield summed(each)
        yield from (part for _, part in each)


def summed(parts: list[EventPart]) -> Fraction:
    """Return the parts of some events added up."""
    return sum((part for _, part in parts), Fraction(0))


def causes(by_cause: dict[str, list[EventPart]], whole: Decimal) -> list[Cause]:
    """Return the parts by cause, each with its events; those shown sum to the whole shown."""
    sums = [summed(each) for each in by_cause.values()]
    found: list[Cause] = []
    for (cause, each), exact, shown in zip(
        by_cause.items(), sums, allotted(whole, sums), strict=True
    ):
        parts_shown = allotted(shown, [part for _, part in each])
        found.append({
            "cause": cause,
            "change": number(exact, shown),
            "events": [
                {**event, "change": number(part, part_shown)}
                for (event, part), part_shown in zip(each, parts_shown, strict=True)
                if event
            ],
        })  # fmt: skip
    return found


def number(exact: Fraction, shown: Decimal) -> ExactChange:
    """Return a number exact, as numerator/denominator, and as it is shown."""
    return {"exact": f"{exact.numerator}/{exact.denominator}", "rounded": shown}
