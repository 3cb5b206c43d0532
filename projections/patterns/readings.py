"""Readings that came late, and those that were corrected or retracted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from okr_es.scoring.cadences import PER_PROJECT, Pause, Schedule, with_pauses
from projections.as_of.dates import in_calendar
from projections.goals.overdue import begun
from projections.patterns.cycle_data import CycleData, Facts, Finding
from projections.read_model.tables import Row
from projections.retrospect.discipline import days_done, values


class Measured(NamedTuple):
    """What readings are of: its versions, and how what was due of it is counted."""

    versions: list[Row]
    since: dict[int, date]  # by the position of a version: the day from which its cadence held
    ends: date | None  # the last day of the cycle; None for a KPI
    done: tuple[Pause, ...] = ()  # the days on which a milestone was done

    def at(self, position: int) -> Row:
        """Return the version in which the cadence began that held at a position."""
        then = [row for row in self.versions if row["known_from"] <= position]
        return begun(then or self.versions[:1])


def late_readings(data: CycleData) -> Iterable[Finding]:
    """Yield readings recorded after the day they were due by, or after the cycle was closed."""
    measured = everything_measured(data)
    for rows in data.readings.values():
        row = rows[0]
        if row["known_from"] != row["first_position"]:
            continue
        late = days_late(data, measured[row["measured_id"]], row)
        after_closing = data.is_closed_at(row["known_from"])
        if late or after_closing:
            facts: Facts = {"days_late": late, "after_closing": after_closing}
            yield Finding("late_reading", row["measured_id"], (row["known_from"],), facts)


def everything_measured(data: CycleData) -> dict[str, Measured]:
    """Return what the readings of the cycle are of, by id; days of KPIs by one statement."""
    begins = [row["known_from"] for rows in data.kpis.values() for row in rows]
    begins += [at for rows in data.key_results.values() for at in cadences_of(rows)]
    days = data.view.days(begins)
    found = {id_: Measured(rows, days, None) for id_, rows in data.kpis.items()}
    calendars, read = data.view.calendars, readings_of(data)
    for id_, rows in data.key_results.items():
        committed = data.members.above(data.members.key_results[id_])["committed_time"]
        times = (rows[0]["added_time"], committed)
        days_of_it = [in_calendar(calendars, each) for each in times if each is not None]
        starts = date.fromisoformat(data.members.cycle["starts"])
        first = max(starts, *days_of_it)
        since = {at: max(first, days[at]) for at in cadences_of(rows)}
        since[rows[0]["known_from"]] = first
        done = days_done(rows[-1], values(read[id_]), calendars)
        found[id_] = Measured(rows, since, data.ends, done)
    return found


def cadences_of(rows: list[Row]) -> list[int]:
    """Return the positions at which a key result got another cadence, from its versions."""
    return [
        after["known_from"]
        for before, after in pairwise(rows)
        if before["cadence"] != after["cadence"]
    ]


def readings_of(data: CycleData) -> dict[str, list[Row]]:
    """Return all versions of readings, by what they are of."""
    found: dict[str, list[Row]] = defaultdict(list)
    for rows in data.readings.values():
        found[rows[0]["measured_id"]] += rows
    return found


def days_late(data: CycleData, measured: Measured, reading: Row) -> int:
    """Return how many days after the day it was due by a reading was recorded; 0: in time.

    The last period of a key result is due by grading or closing, so nothing about it is late.
    """
    about, position = date.fromisoformat(reading["as_of"]), reading["known_from"]
    version, calendars = measured.at(position), data.view.calendars
    cadence = version["cadence"]
    if cadence == PER_PROJECT:
        return 0
    ends = measured.ends or calendars.period(cadence, about).last
    since = measured.since[version["known_from"]]
    schedule = Schedule(calendars, cadence, since, ends, has_usual_grace=measured.ends is None)
    due = with_pauses(schedule, measured.done).deadline_about(about)
    return 0 if due is None else max((data.day(position) - due).days, 0)


def changed_readings(data: CycleData) -> Iterable[Finding]:
    """Yield corrections and retractions."""
    for rows in data.readings.values():
        for row in rows:
            if row["known_from"] != row["first_position"]:
                facts: Facts = {"after_closing": data.is_closed_at(row["known_from"])}
                yield Finding("changed_reading", row["measured_id"], (row["known_from"],), facts)
