"""A cycle replayed, day by day or event by event, also scored by other thresholds.

By record a day is shown as it was known at its end; by the days things are about it is shown as it
is known at one position. Both move one state forward, and load no board. Nothing is recorded by a
replay, and what was published stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.refusals import Invalid
from projections.as_of.hierarchy import below_cycle
from projections.as_of.moments import Moment, require_year
from projections.as_of.references import cycle_answer
from projections.as_of.view import View
from projections.audit_log.history import History
from projections.goals.cycle_members import cycle_versions, members
from projections.goals.goal_history import GoalHistory
from projections.goals.timeline import Timeline
from projections.read_model.tables import Row
from projections.retrospect.event_replay import Shown, by_event, statuses
from projections.retrospect.replay_answers import (
    ReplayDay,
    ReplayedObjective,
    ReplayLine,
    StatusCounts,
    Step,
)
from projections.retrospect.threshold_overrides import Named, require_fit, to_dict

Progress = Callable[[int, int], None]

STEPS = ("day", "event")
BY = ("recorded", "as_of")
ONE_DAY = timedelta(days=1)
MOST_DAYS = 3_660  # ten years


class ReplaySpan(NamedTuple):
    """The part of a cycle that is replayed, with the position each of its days ended at.

    The eve of the first day is among them.
    """

    cycle: Row
    first: date
    last: date
    ends: dict[date, int]
    known: int | None  # the position at which all days are known; None: each at its own end
    entered: int | None = None  # the position by which it was entered, if that was after its end

    def at(self, day: date) -> Moment:
        """Return the moment that a day is shown as of."""
        plan = self.ends[day]
        if self.entered is not None and day.isoformat() >= self.cycle["starts"]:
            plan = max(plan, self.entered)
        return Moment(plan, plan if self.known is None else self.known, day, day)

    @property
    def before(self) -> int:
        """The position the eve ended at."""
        return self.ends[self.first - ONE_DAY]

    @property
    def days(self) -> list[date]:
        """The days, in order."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def replay(
    view: View,
    history: History,
    cycle_id: UUID,
    step: str,
    from_: date | None,
    to: date | None,
    overridden: Named,
    progress: Progress | None = None,
    by: str = "recorded",
) -> Iterator[ReplayLine]:
    """Return the steps of a cycle: a heading, then one row for each day or each event.

    `by` says what of a day is shown: what was `recorded` by its end, or what it was `as_of`, as
    known at the view's position: the board about that day. Days in a row without any objective are
    one row. By `as_of` the days of a cycle that was entered after its end have the plan it was
    entered with. The first step shows all objectives, the others those that changed. The span goes
    from the cycle's first day to its last closing, unless other days are given (`last_day`).
    Thresholds not overridden stay those of the policy valid at each step. Raises Invalid or
    NotFound at once, before the first step. By record, `view` is of now.
    """
    if step not in STEPS:
        raise Invalid("A step is a day or an event.", field="step")
    if by not in BY:
        raise Invalid("It is by what was recorded, or by as_of.", field="by")
    if by == "as_of" and step == "event":
        raise Invalid("Event by event it is by what was recorded.", field="step")
    versions = cycle_versions(view, cycle_id)
    span = span_of(view, versions[-1], from_, to)
    if by == "as_of":
        span = span._replace(known=view.moment.known, entered=entered_late(view, cycle_id))
    last = span.at(span.last)
    view = view.at(last)
    known = [row for row in versions if row["known_from"] <= last.plan]
    require_fit(view, overridden, known, span.before, last.plan)
    closure = below_cycle(view, span.cycle["id"])
    first = span.at(span.first - ONE_DAY)
    goals = GoalHistory(view, closure, first.plan, first.known, first.day)
    shown = Shown(Timeline(goals, first, overridden), span.cycle["id"])
    is_by_day = step == "day"
    steps = by_day(shown, span, progress) if is_by_day else by_event(shown, history, progress)
    return headed(
        span, view.calendars.zone_on(span.last), "day" if is_by_day else "event", overridden, steps
    )


def span_of(view: View, cycle: Row, from_: date | None, to: date | None) -> ReplaySpan:
    """Return the part of a cycle to replay; raise Invalid for days that have not come."""
    today = view.moment.day
    first = from_ or date.fromisoformat(cycle["starts"])
    last = to or last_day(view, cycle)
    require_year(first, "from")
    if first > today:
        raise Invalid("It lies in the future: there is nothing to replay.", field="from")
    if last > today or last < first:
        raise Invalid(f"It lies outside {first} to {today}.", field="to")
    require_year(last, "to")
    if (last - first).days > MOST_DAYS:
        raise Invalid(f"At most {MOST_DAYS} days are replayed at once.", field="to")
    days = [first + timedelta(days=n) for n in range(-1, (last - first).days + 1)]
    ends = {day: min(end, view.moment.known) for day, end in view.dates.ends(days).items()}
    return ReplaySpan(cycle, first, last, ends, None)


def entered_late(view: View, cycle_id: UUID) -> int | None:
    """Return the position by which a cycle was entered, where all of it was after its last day.

    By then all its goals are there, each committed; its first closing is yet to come.
    """
    cycle, _, objectives, key_results = members(view, cycle_id)
    if not objectives or cycle["ends"] >= view.moment.day.isoformat():
        return None
    last = date.fromisoformat(cycle["ends"])
    if min(row["first_position"] for row in objectives.values()) <= view.dates.ends([last])[last]:
        return None
    committed = [row["committed_at"] or row["first_position"] for row in objectives.values()]
    by: int = max([*committed, *(row["first_position"] for row in key_results.values())])
    closed: list[int] = [closing["position"] - 1 for closing in cycle["closings"][:1]]
    return min([by, *closed])


def last_day(view: View, cycle: Row) -> date:
    """Return the last day that is replayed unless another is asked for: that of the last closing.

    Grades, corrections and the closing itself often come days after the end of the cycle. While it
    is open it is the cycle's last day, or today if that is earlier, and not before a closing. It is
    never after today, also where the clock of the server was put back since the closing.
    """
    today = view.moment.day
    closings = [closing["position"] for closing in cycle["closings"]]
    closed_on = view.days(closings)[closings[-1]] if closings else None
    if cycle["closed"] and closed_on is not None:
        return min(closed_on, today)
    last = min(date.fromisoformat(cycle["ends"]), today)
    return last if closed_on is None else min(max(last, closed_on), today)


def headed(
    span: ReplaySpan, zone: str, step: Step, overridden: Named, steps: Iterator[ReplayLine]
) -> Iterator[ReplayLine]:
    """Yield a heading, then the steps."""
    yield {
        "cycle": cycle_answer(span.cycle),
        "step": step,
        "by": "recorded" if span.known is None else "as_of",
        "known_at": span.known,
        "plan_from": span.entered,
        "from": span.first,
        "to": span.last,
        "zone": zone,
        "policy": to_dict(overridden),
    }
    yield from steps


def by_day(shown: Shown, span: ReplaySpan, progress: Progress | None) -> Iterator[ReplayDay]:
    """Yield the end of each day; days in a row without any objective together."""
    before, days, since = span.before, span.days, span.first
    for number, day in enumerate(days, 1):
        changed = shown.move(span.at(day))
        eve = day - ONE_DAY
        if shown.answers and since < day:  # the first day with any
            yield day_row(span, since, eve, before, statuses({}), [])
            before, since = span.ends[eve], day
        if shown.answers or day == span.last:
            yield day_row(span, since, day, before, statuses(shown.answers), changed)
            before, since = span.ends[day], day + ONE_DAY
        if progress is not None:
            progress(number, len(days))


def day_row(
    span: ReplaySpan,
    since: date,
    day: date,
    before: int,
    counted: StatusCounts,
    changed: list[ReplayedObjective],
) -> ReplayDay:
    """Return the row of days from one to another, after a position."""
    position = span.ends[day]
    return {
        "since": since,
        "day": day,
        "position": position,
        "statuses": counted,
        "changed": changed,
        "events": position - before,
    }
