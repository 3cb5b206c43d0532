"""Which readings are due, on time, late, missing or overdue: the arithmetic of discipline.

The rules are those of DESIGN, section 5, *overdue*; they are pure functions of calendars, days and
readings.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from typing import Literal, NamedTuple

from okr_es.scoring.calendar import ONE_DAY, Calendars, Period

PER_PROJECT, DAILY = "per_project", "daily"
Timeliness = Literal["on_time", "late", "missing"]


class Due(NamedTuple):
    """A reading that was due: about any day from `first` to `last`, by the end of the day `by`."""

    first: date
    last: date
    by: date


class Read(NamedTuple):
    """A reading: the day it was recorded on, and the day it is about."""

    recorded_on: date
    about: date


class Pause(NamedTuple):
    """Days on which nothing was due: from the first to the eve of `until`; None: on and on."""

    first: date
    until: date | None


@dataclass(frozen=True)
class Schedule:
    """What is due of a goal by its cadence, from its first day to its last.

    `starts` is the later of definition, commitment and the first day of the span, `ends` the last
    day of the cycle or span. `settled` is the day of grading or closing, whichever came first:
    the last period is due then and nothing after; where `has_usual_grace` (a KPI), the last period
    is due like any other. From the day `stopped` on (milestone done, abandoned, dropped, retired)
    nothing is due.
    """

    calendars: Calendars
    cadence: str
    starts: date
    ends: date
    settled: date | None = None
    stopped: date | None = None
    has_usual_grace: bool = False

    def due_by(self, day: date) -> Iterator[Due]:
        """Yield what was due before a day, or by grading or closing on it, the oldest first."""
        for period in self.periods():
            if (found := self.due(period, day)) is not None:
                yield found

    def last_due(self, day: date) -> Due | None:
        """Return the last of what `due_by` yields, without a look at what was due long before."""
        at = min(day, self.last_day)
        while self.first_period is not None and at >= self.first_period.first:
            period = self.cut(self.calendars.period(self.cadence, at))
            if (found := self.due(period, day)) is not None:
                return found
            at = period.first - ONE_DAY
        return None

    def is_overdue(self, day: date, newest: date | None) -> bool:
        """Return whether, on a day, the last due period has no reading and no later day has one.

        `newest` is the day the newest reading is about. Nothing is overdue once it was settled or
        stopped: what was not read by then is missing.
        """
        if any(end is not None and end <= day for end in (self.settled, self.stopped)):
            return False
        last = self.last_due(day)
        return last is not None and (newest is None or newest < last.first)

    def deadline_about(self, day: date) -> date | None:
        """Return the day by which a reading about a day was due; None where it had no deadline.

        It has none before the first period, about a period without a working day, about the last
        period of a cycle, and once it was stopped.
        """
        if self.first_period is None or not self.first_period.first <= day <= self.last_day:
            return None
        period = self.cut(self.calendars.period(self.cadence, day))
        if period.last == self.last_day and not self.has_usual_grace:
            return None
        by = self.deadline(period)
        is_due = by != date.max and (self.stopped is None or by < self.stopped)
        return by if is_due else None

    # ---- periods ------------------------------------------------------------------------

    @cached_property
    def first_period(self) -> Period | None:
        """The first period, None for none; one that holds a cycle's last day is due in any case."""
        if self.cadence == PER_PROJECT or self.starts > self.last_day:
            return None
        first = self.calendars.first_period(self.cadence, self.starts)
        if first.first <= self.last_day:
            return first
        if self.has_usual_grace:
            return None
        return self.calendars.period(self.cadence, self.last_day)

    @cached_property
    def last_day(self) -> date:
        """The last day of the last period: daily, the last working day."""
        if self.cadence != DAILY:
            return self.ends
        days = (self.ends - timedelta(days=n) for n in range((self.ends - self.starts).days + 1))
        return next((each for each in days if self.calendars.is_working(each)), self.ends)

    def cut(self, period: Period) -> Period:
        """Return a period that ends with the last day at the latest."""
        return Period(period.first, min(period.last, self.last_day))

    def periods(self) -> Iterator[Period]:
        """Yield all periods, the last one cut."""
        period = self.first_period
        while period is not None:
            yield self.cut(period)
            after = period.last + ONE_DAY
            is_last = period.last >= self.last_day
            period = None if is_last else self.calendars.period(self.cadence, after)

    def due(self, period: Period, day: date) -> Due | None:
        """Return what of a period was due before a day; None where nothing was."""
        is_last = period.last == self.last_day
        if is_last and not self.has_usual_grace:
            by = self.settled
            is_due = by is not None and period.first <= by <= day
        else:
            by = self.deadline(period)
            is_due = by < day and (self.settled is None or by < self.settled)
        if by is None or not is_due or (self.stopped is not None and by >= self.stopped):
            return None
        return Due(*period, by)

    def deadline(self, period: Period) -> date:
        """Return the day a reading about a period is due by; `date.max` where none is due."""
        if not self.calendars.has_working_day(period):
            return date.max
        return self.calendars.due(self.cadence, period)


def first_recorded(readings: Iterable[Read]) -> dict[date, date]:
    """Return, for each day there is a reading about, the first day one was recorded on, by days."""
    found: dict[date, date] = {}
    for each in readings:
        found[each.about] = min(each.recorded_on, found.get(each.about, each.recorded_on))
    return dict(sorted(found.items()))


def timeliness(due: Due, recorded: Mapping[date, date]) -> Timeliness:
    """Return whether there was a reading about a period on time, or late, or none.

    Takes what `first_recorded` returns.
    """
    days = list(recorded)
    about = days[bisect_left(days, due.first) : bisect_right(days, due.last)]
    if not about:
        return "missing"
    return "on_time" if min(recorded[day] for day in about) <= due.by else "late"


class Spans(NamedTuple):
    """Schedules one after the other, the oldest first.

    A KPI has one for each run of adjoining spans, a milestone one for each time it was not done.
    """

    schedules: tuple[Schedule, ...]

    def due_by(self, day: date) -> Iterator[Due]:
        """Yield what was due before a day, the oldest first."""
        return chain.from_iterable(each.due_by(day) for each in self.schedules)

    def deadline_about(self, day: date) -> date | None:
        """Return the day by which a reading about a day was due; None where it had no deadline."""
        found = (each.deadline_about(day) for each in self.schedules)
        return next((each for each in found if each is not None), None)

    def is_overdue(self, day: date, newest: date | None) -> bool:
        """Return whether the last due period of all spans has no reading, nor any later day."""
        found = (each.last_due(day) for each in reversed(self.schedules))
        last = next((each for each in found if each is not None), None)
        return last is not None and (newest is None or newest < last.first)


def with_pauses(schedule: Schedule, pauses: Iterable[Pause]) -> Spans:
    """Return what is left of a schedule, with a start of its own after each pause.

    Once it was settled it does not start again.
    """
    schedules = []
    for first, until in pauses:
        stopped = first if schedule.stopped is None else min(first, schedule.stopped)
        schedules.append(replace(schedule, stopped=stopped))
        if until is None or (schedule.settled is not None and until > schedule.settled):
            return Spans(tuple(schedules))
        schedule = replace(schedule, starts=max(schedule.starts, until))
    return Spans((*schedules, schedule))


def with_cadences(schedule: Schedule, earlier: Iterable[tuple[date, str]]) -> list[Schedule]:
    """Return a schedule by days: each earlier cadence until its day, then its own.

    What was due by a day on which another cadence came is due no more.
    """
    schedules = []
    for until, cadence in earlier:
        stopped = until if schedule.stopped is None else min(until, schedule.stopped)
        schedules.append(replace(schedule, cadence=cadence, stopped=stopped))
        schedule = replace(schedule, starts=max(schedule.starts, until))
    return [*schedules, schedule]


def kpi_schedules(
    calendars: Calendars,
    cadence: str,
    defined: date,
    spans: Iterable[tuple[date, date]],
    stopped: date | None = None,
) -> Spans:
    """Return the schedules of a KPI from its spans (first and last day, in any order).

    `defined` is the day it was defined, or its cadence was last changed: before, nothing is due.
    """
    runs: list[tuple[date, date]] = []
    for first, last in sorted(spans):
        if runs and first <= runs[-1][1] + ONE_DAY:
            runs[-1] = runs[-1][0], max(last, runs[-1][1])
        else:
            runs.append((first, last))
    return Spans(
        tuple(
            Schedule(
                calendars, cadence, max(defined, first), last, stopped=stopped, has_usual_grace=True
            )
            for first, last in runs
        )
    )
