"""Which readings are due in some days, and of whom: for a week's check-ins, and for what waits.

A reading is due in the days in which its period ends, or if it is overdue. What a KPI feeds is read
by its KPI.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.values import Kind
from okr_es.scoring.cadences import Schedule
from okr_es.scoring.calendar import ONE_DAY, Period
from projections.as_of.hierarchy import team_subtree
from projections.as_of.references import ref
from projections.as_of.view import View
from projections.goals.answers import KeyResultBody
from projections.goals.due_answers import DueIn, KeyResultToRead, KpiToRead
from projections.goals.goal import Goal
from projections.goals.key_result_scores import KeyResultRow
from projections.goals.kpi_answers import KpiBody
from projections.goals.kpi_facts import KpiFacts, kpi_facts
from projections.goals.kpis import judged_kpis
from projections.goals.loading import cycles_goals
from projections.goals.objectives import with_holders
from projections.goals.overdue import RUNNING, OverdueFlags, schedules_of_kpis
from projections.goals.scoring import Scoring


class Days(NamedTuple):
    """Days, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Whose:
    """Whose readings are wanted: of some people, of some teams; None: of all."""

    people: frozenset[str] | None = None
    teams: frozenset[str] | None = None

    @classmethod
    def of(cls, view: View, person_id: UUID | None, team_id: UUID | None) -> Whose:
        """Return those of a person and of a team with all below it; raise NotFound."""
        if person_id is not None:
            view.one("person", person_id, "person", "person_id")
        if team_id is not None:
            view.one("team", team_id, "team", "team_id")
        return cls(
            None if person_id is None else frozenset({str(person_id)}),
            None if team_id is None else team_subtree(view, team_id),
        )

    def has(self, person: str, team: str | None) -> bool:
        """Return whether what a person of a team has to read is wanted."""
        is_theirs = self.people is None or person in self.people
        return is_theirs and (self.teams is None or team in self.teams)


class Due(NamedTuple):
    """What is due in some days, and the goals of the cycles that are open, whose ever they are.

    `waits` has the period that is waited for, of each that is due by its id.
    """

    key_results: list[KeyResultToRead]
    kpis: list[KpiToRead]
    goals: list[Goal]
    waits: Mapping[str, DueIn]


def due_readings(view: View, days: Days, whose: Whose) -> Due:
    """Return the key results and KPIs that have to be read in some days, as of the view's day."""
    goals, waits = open_goals(view, days.last), dict[str, DueIn]()
    found = list(key_results(view, goals, days, whose, waits))
    return Due(found, kpis(view, days, whose, waits), goals, waits)


def open_goals(view: View, day: date) -> list[Goal]:
    """Return the goals of all cycles that have begun by a day and are not closed."""
    begun = [
        row["id"]
        for row in sorted(view.all_rows("cycle"), key=lambda row: (row["starts"], row["id"]))
        if not row["closed"] and row["starts"] <= day.isoformat()
    ]
    if not begun:
        return []
    _, goals = cycles_goals(view, begun)
    return [each for each in with_holders(view, goals).values() if each.row["cycle_id"] in begun]


# ---- key results ------------------------------------------------------------------------


def key_results(
    view: View, goals: Iterable[Goal], days: Days, whose: Whose, waits: dict[str, DueIn]
) -> Iterator[KeyResultToRead]:
    """Yield the key results of goals that have to be read, with what is due of each.

    The period that is waited for goes into `waits`.
    """
    scoring = Scoring(view.moment.day, view.calendars)
    flags = OverdueFlags(view.calendars, view.moment.day)
    for goal in goals:
        if goal.row["state"] not in RUNNING or goal.row["graded"]:
            continue
        wanted = {
            each.id: each
            for each in goal.key_results
            if each.kpi_id is None and whose.has(accountable(goal, each), goal.row["team_id"])
        }
        if not wanted:
            continue
        for body in scoring.answer(goal)["key_results"]:
            row = wanted.get(body["id"])
            if row is None or (row.kind == Kind.MILESTONE and (body["progress"] or 0) >= 1):
                continue
            schedule = schedule_of(view, flags, goal, row)
            due = due_in(schedule, days)
            if due is not None or body["overdue"]:
                recorded = is_read([schedule], days, view.moment.day, body, waits)
                yield {
                    **body,
                    "cycle": ref(goal.row["cycle_id"]),
                    "team": ref(goal.row["team_id"]),
                    "person": ref(accountable(goal, row)),
                    "due": due,
                    "late_since": late_since(view, [schedule]) if body["overdue"] else None,
                    "recorded": recorded,
                }


def accountable(goal: Goal, row: KeyResultRow) -> str:
    """Return who is accountable for a key result: its own owner, or that of its objective."""
    return row.owner_id or goal.row["owner_id"]


def schedule_of(view: View, flags: OverdueFlags, goal: Goal, row: KeyResultRow) -> Schedule:
    """Return when a key result of a running objective is to be read."""
    starts = date.fromisoformat(flags.starts(goal.row, goal.cycle, row))
    return Schedule(view.calendars, row.cadence, starts, date.fromisoformat(goal.cycle["ends"]))


# ---- KPIs -------------------------------------------------------------------------------


def kpis(view: View, days: Days, whose: Whose, waits: dict[str, DueIn]) -> list[KpiToRead]:
    """Return the KPIs that have to be read, by name, with what is due of each.

    The period that is waited for goes into `waits`.
    """
    found = [
        facts
        for facts in kpi_facts(view)
        if not facts.row["retired"] and whose.has(facts.row["owner_id"], facts.row["team_id"])
    ]
    if not found:
        return []
    schedules = schedules_of_kpis(view, spans_of(found))
    made = list[KpiToRead]()
    for body in judged_kpis(view, found):
        runs = schedules[body["id"]].schedules
        dues = [due_in(each, days) for each in runs]
        due = next((each for each in reversed(dues) if each is not None), None)
        if due is not None or body["overdue"]:
            late = late_since(view, runs) if body["overdue"] else None
            recorded = is_read(runs, days, view.moment.day, body, waits)
            made.append({**body, "due": due, "late_since": late, "recorded": recorded})
    return sorted(made, key=lambda each: (each["name"], each["id"]))


def spans_of(found: Iterable[KpiFacts]) -> Mapping[str, list[tuple[str, str]]]:
    """Return the first and the last day of the spans of KPIs, by id."""
    return {k.row["id"]: [(each.starts, each.ends) for each in k.spans] for k in found}


# ---- periods ----------------------------------------------------------------------------


def due_in(schedule: Schedule, days: Days) -> DueIn | None:
    """Return what of a schedule ends in some days; None: no period with a working day does.

    Several periods, as of a daily one, are one from the first day to the last. The last period of a
    cycle is due by grading or closing, whenever that comes: `by` is None.
    """
    ending = list(periods_in(schedule, days))
    if not ending:
        return None
    return {**as_due(schedule, ending[0]), "first": ending[-1].first}


def as_due(schedule: Schedule, period: Period) -> DueIn:
    """Return what is due of a period of a schedule."""
    is_open = period.last == schedule.last_day and not schedule.has_usual_grace
    by = None if is_open else schedule.deadline(period)
    return {"first": period.first, "last": period.last, "by": by}


def periods_in(schedule: Schedule, days: Days) -> Iterator[Period]:
    """Yield the periods with a working day that end in some days, the last one first."""
    begins = schedule.first_period
    day = min(days.last, schedule.last_day)
    while begins is not None and day >= max(days.first, begins.first):
        period = schedule.cut(schedule.calendars.period(schedule.cadence, day))
        if days.first <= period.last <= days.last and schedule.calendars.has_working_day(period):
            yield period
        day = period.first - ONE_DAY


def late_since(view: View, schedules: Sequence[Schedule]) -> date | None:
    """Return the first day on which the last reading that was due is late; None: none was due."""
    found = (each.last_due(view.moment.day) for each in reversed(schedules))
    last = next((each for each in found if each is not None), None)
    return None if last is None else last.by + ONE_DAY


def waited_for(schedules: Sequence[Schedule], days: Days, day: date) -> DueIn | None:
    """Return the period that is waited for; None: none with a working day ends in some days.

    Of the periods that end in them it is the last one that has begun by a day: of a daily one that
    day, and not those before.
    """
    found = [(runs, each) for runs in reversed(schedules) for each in periods_in(runs, days)]
    if not found:
        return None
    return as_due(*next((each for each in found if each[1].first <= day), found[-1]))


def is_read(
    schedules: Sequence[Schedule],
    days: Days,
    day: date,
    body: KeyResultBody | KpiBody,
    waits: dict[str, DueIn],
) -> bool:
    """Return whether the last reading is about the period that is waited for, or a later day.

    That period goes into `waits`.
    """
    period = waited_for(schedules, days, day)
    if period is None:
        return False
    waits[body["id"]] = period
    return body["reading"] is not None and body["reading"]["as_of"] >= period["first"].isoformat()
