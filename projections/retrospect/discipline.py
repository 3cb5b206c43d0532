"""Which readings of the goals of a cycle were due, on time, late and missing, and when.

A key result takes its readings from its own check-ins and from the KPIs that fed it: those of a KPI
that were recorded before its link ended, from the day of the link on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from okr_es.domain.values import Kind
from okr_es.scoring.cadences import (
    Due,
    Pause,
    Read,
    Schedule,
    Timeliness,
    first_recorded,
    timeliness,
    with_cadences,
    with_pauses,
)
from okr_es.scoring.calendar import Calendars
from projections.as_of.dates import in_calendar
from projections.as_of.hierarchy import Link
from projections.as_of.view import View
from projections.goals.cycle_members import Members
from projections.goals.done_days import CheckedIn, done_days
from projections.goals.key_result_scores import decoded
from projections.read_model.tables import Row

Readings = dict[str, list[Row]]
# What dues follow from: its cadence and those before, start, the days it was settled and stopped,
# and what paused it.
Cadences = tuple[tuple[date, str], ...]
Terms = tuple[str, Cadences, date, date | None, date | None, tuple[Pause, ...]]


class Reads:
    """What was read of the key results of a cycle, by what they measure and who fed them when.

    `ended` is when objectives were graded or abandoned, and key results dropped, by id.
    """

    def __init__(
        self,
        view: View,
        found: Members,
        links: list[Link],
        readings: Readings,
        ended: dict[str, str],
    ) -> None:
        self.view = view
        self.ended = ended
        self.calendars = view.calendars
        self.found = found
        self.links: dict[str, list[Link]] = defaultdict(list)
        for link in links:
            self.links[link.parent_id].append(link)
        self.linked_on = view.days({link.known_from for link in links})
        self.values = {id_: list(values(rows)) for id_, rows in readings.items()}
        self.schedules: dict[Terms, list[Due]] = {}
        self.day = view.moment.day
        self.starts = date.fromisoformat(found.cycle["starts"])
        self.ends = date.fromisoformat(found.cycle["ends"])
        self.closed = self.closing_day()
        ended_before = [row["known_from"] for row in found.rows if self.is_ended_before(row)]
        self.ended_days = view.days(ended_before)

    def closing_day(self) -> date | None:
        """Return the day the cycle was closed on, None while it is open."""
        cycle = self.found.cycle
        return self.day_of(cycle["closings"][-1]["at"]) if cycle["closed"] else None

    def day_of(self, recorded_at: str) -> date:
        """Return the day of a time of record."""
        return in_calendar(self.calendars, recorded_at)

    def is_ended_before(self, row: Row) -> bool:
        """Return whether a goal came to its end before any promise of the cycle was made."""
        is_ended = row["dropped"] if "dropped" in row else row["graded"] or is_abandoned(row)
        return bool(is_ended) and row["id"] not in self.ended

    def timeliness(self, row: Row) -> Iterator[tuple[Timeliness, date]]:
        """Yield of each reading that was due whether it was on time, with the day it was due by."""
        dues = self.dues(row)
        if not dues:
            return
        recorded = first_recorded(self.reads(row))
        for due in dues:
            yield timeliness(due, recorded), due.by

    def dues(self, row: Row) -> list[Due]:
        """Return what was due of a key result; nothing of a draft."""
        objective = self.found.above(row)
        if objective["committed_time"] is None:
            return []
        times = (row["added_time"], objective["committed_time"])
        starts = max(self.starts, *map(self.day_of, times))
        settled = self.closed
        if objective["graded"]:
            settled = earlier(settled, self.ended_on(objective))
        stopped = self.ended_on(row) if row["dropped"] else None
        if is_abandoned(objective):
            stopped = earlier(stopped, self.ended_on(objective))
        key = (row["cadence"], self.cadences(row), starts, settled, stopped, self.done(row))
        if key not in self.schedules:
            whole = Schedule(self.calendars, row["cadence"], starts, self.ends, settled, stopped)
            self.schedules[key] = [
                due
                for each in with_cadences(whole, key[1])
                for due in with_pauses(each, key[-1]).due_by(self.day)
            ]
        return self.schedules[key]

    def cadences(self, row: Row) -> Cadences:
        """Return the cadences a key result had before, each with the day until which it had it."""
        earlier = row["earlier_cadences"]
        return tuple((self.day_of(at), each) for at, each in decoded(earlier)) if earlier else ()

    def ended_on(self, row: Row) -> date:
        """Return the day a goal was graded, abandoned or dropped on."""
        time = self.ended.get(row["id"])
        return self.ended_days[row["known_from"]] if time is None else self.day_of(time)

    def reads(self, row: Row) -> Iterator[Read]:
        """Yield the readings of a key result: its check-ins, and those of KPIs that fed it."""
        for value in self.values.get(row["id"], ()):
            yield Read(self.day_of(value["recorded_at"]), date.fromisoformat(value["as_of"]))
        for link in self.links.get(row["id"], ()):
            linked_on = self.linked_on[link.known_from]
            for value in self.values.get(link.child_id, ()):
                if value["first_position"] < link.known_until:
                    recorded_on = max(self.day_of(value["recorded_at"]), linked_on)
                    yield Read(recorded_on, date.fromisoformat(value["as_of"]))

    def done(self, row: Row) -> tuple[Pause, ...]:
        """Return the days on which a milestone was done; none of other kinds."""
        return days_done(row, self.values.get(row["id"], ()), self.calendars)


def is_abandoned(objective: Row) -> bool:
    """Return whether an objective was given up."""
    return bool(objective["state"] == "abandoned")


def days_done(row: Row, read: Iterable[Row], calendars: Calendars) -> tuple[Pause, ...]:
    """Return the days on which a key result was done, by its check-ins: that is for a milestone."""
    if row["kind"] != Kind.MILESTONE:
        return ()
    checked = sorted(read, key=lambda each: (each["as_of"], each["first_position"]))
    check_ins = [CheckedIn(each["as_of"], each["value"], each["done"]) for each in checked]
    return done_days(row["steps"], row["earlier_steps"], check_ins, calendars, row["renamed_steps"])


def values(versions: list[Row]) -> Iterator[Row]:
    """Yield the readings with a value that were not retracted, each as it is known at last.

    `recorded_at` is when it was first recorded.
    """
    by_id: dict[str, list[Row]] = defaultdict(list)
    for row in versions:
        by_id[row["id"]].append(row)
    for first, *_, last in ([*each, each[-1]] for each in by_id.values()):
        has_value = last["value"] is not None or last["zone"] is not None
        if has_value and not last["retracted"]:
            yield last if last is first else {**last, "recorded_at": first["recorded_at"]}


def earlier(one: date | None, other: date) -> date:
    """Return the earlier of two days, the second where there is no first."""
    return other if one is None else min(one, other)
