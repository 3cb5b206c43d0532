"""Which key results and KPIs are overdue on a day: a flag beside their status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from okr_es.domain.values import Kind, State
from okr_es.scoring.cadences import Schedule, Spans, kpi_schedules
from okr_es.scoring.calendar import Calendars
from projections.as_of.dates import in_calendar
from projections.as_of.view import View
from projections.goals.done_days import CheckedIn, done_days
from projections.goals.key_result_scores import KeyResultRow, KeyResultScore, decoded
from projections.read_model.tables import Row

Span = tuple[str, str]
DAY = len("2025-07-01")
WHOLE = (1, 1)
RUNNING = (State.COMMITTED, State.CARRIED_OVER)


def overdue_kpis(
    view: View, spans: Mapping[str, Iterable[Span]], newest: Mapping[str, str]
) -> set[str]:
    """Return which KPIs are overdue at the moment, by two statements.

    Takes the first and the last day of the spans of each KPI, and the day its newest reading is
    about, where it has one.
    """
    return {
        id_
        for id_, schedules in schedules_of_kpis(view, spans).items()
        if schedules.is_overdue(
            view.moment.day, date.fromisoformat(newest[id_]) if id_ in newest else None
        )
    }


def schedules_of_kpis(view: View, spans: Mapping[str, Iterable[Span]]) -> dict[str, Spans]:
    """Return when KPIs that are not retired are to be read, by two statements.

    Takes the first and the last day of the spans of each. Before a KPI was defined, or got another
    cadence, nothing was due.
    """
    versions: dict[str, list[Row]] = {}
    for row in view.versions("kpi", list(spans)):
        versions.setdefault(row["id"], []).append(row)
    since = {id_: int(begun(rows)["known_from"]) for id_, rows in versions.items()}
    days = view.days(since.values())
    return {
        id_: kpi_schedules(
            view.calendars,
            rows[-1]["cadence"],
            days[since[id_]],
            [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in spans[id_]],
        )
        for id_, rows in versions.items()
        if not rows[-1]["retired"]
    }


def begun(versions: list[Row]) -> Row:
    """Return the version of a goal from which on it has had the cadence it has in the last one."""
    first = versions[0]
    for row in versions:
        if row["cadence"] != first["cadence"]:
            first = row
    return first


def cadence_time(row: KeyResultRow) -> str | None:
    """Return when a key result got the cadence it has; None where it always had it."""
    return decoded(row.earlier_cadences)[-1][0] if row.earlier_cadences else None


class OverdueFlags:
    """Says of key results whether they are overdue on a day, by the calendars known then."""

    def __init__(self, calendars: Calendars, day: date) -> None:
        self.calendars = calendars
        self.day = day
        self.needed: dict[tuple[str, str, str], str | None] = {}

    def is_overdue(
        self, objective: Row, cycle: Row, row: KeyResultRow, score: KeyResultScore
    ) -> bool:
        """Return whether the last due period of a key result has no reading, nor any later day.

        Nothing is due of a draft, nor after grading, abandoning or closing, nor while a milestone
        is done.
        """
        if objective["state"] not in RUNNING or objective["graded"] or cycle["closed"]:
            return False
        if row.kind == Kind.MILESTONE and score.clamped == WHOLE:
            return False
        needed = self.needed_from(row.cadence, self.starts(objective, cycle, row), cycle["ends"])
        return needed is not None and (row.as_of is None or row.as_of < needed)

    def starts(self, objective: Row, cycle: Row, row: KeyResultRow) -> str:
        """Return the day a key result begins to be read: the cycle's first, or a later one.

        That is the day it was added, committed, linked to what feeds it now, or got its cadence.
        """
        first: str = cycle["starts"]
        times = (row.added_time, row.linked_time, objective["committed_time"], cadence_time(row))
        for recorded_at in times:
            # In UTC; elsewhere it is a day later at most.
            if recorded_at is not None and recorded_at[:DAY] >= first:
                first = max(first, in_calendar(self.calendars, recorded_at).isoformat())
        return max(first, self.reopened(row))

    def reopened(self, row: KeyResultRow) -> str:
        """Return the day from which a milestone that was done by its last check-in is no more.

        Where it is not known to have been, it is empty: before any day.
        """
        if row.earlier_steps is None or row.value is None or row.as_of is None:
            return ""
        last = [CheckedIn(row.as_of, row.value, row.done)]
        done = done_days(row.steps, row.earlier_steps, last, self.calendars, row.renamed_steps)
        return done[-1].until.isoformat() if done and done[-1].until else ""

    def needed_from(self, cadence: str, starts: str, ends: str) -> str | None:
        """Return the first day of the last due period; None where nothing was due yet.

        Remembered, because a whole board asks for the same cadences and days.
        """
        key = cadence, starts, ends
        if key not in self.needed:
            first, last = date.fromisoformat(starts), date.fromisoformat(ends)
            due = Schedule(self.calendars, cadence, first, last).last_due(self.day)
            self.needed[key] = None if due is None else due.first.isoformat()
        return self.needed[key]
