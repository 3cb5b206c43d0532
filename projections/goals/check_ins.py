"""A week's check-ins: the key results and KPIs to read in it, with their last values."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

from okr_es.domain.refusals import Invalid
from projections.as_of.view import as_of_fields
from projections.goals.due_answers import CheckInsAnswer
from projections.goals.due_readings import Days, Whose, due_readings
from projections.goals.reader import Reader

WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


def check_ins(
    reader: Reader,
    week: str | None,
    person_id: UUID | None,
    team_id: UUID | None,
    known_at: str | None,
) -> CheckInsAnswer:
    """Return what is to be read in an ISO week, by default this one, of a person or a team.

    Values are those of the last day of the week, or of today if that is earlier. Raises Invalid for
    what is no week, and NotFound.
    """
    today = reader.today()
    days = days_of(week) if week is not None else week_of(today)
    is_over = days.last < today
    view = reader.at(known_at, days.last.isoformat() if is_over or known_at else None)
    due = due_readings(view, days, Whose.of(view, person_id, team_id))
    year, number, _ = days.first.isocalendar()
    return {
        **as_of_fields(view),
        "week": f"{year:04}-W{number:02}",
        "first": days.first,
        "last": days.last,
        "key_results": due.key_results,
        "kpis": due.kpis,
    }


def days_of(week: str) -> Days:
    """Return the days of an ISO week such as 2025-W33; raise Invalid for any other text."""
    found = WEEK.fullmatch(week)
    try:
        if found is None:
            raise ValueError(week)
        return week_of(date.fromisocalendar(int(found[1]), int(found[2]), 1))
    except (ValueError, OverflowError):
        raise Invalid("It is no week of ISO 8601, such as 2025-W33.", field="week") from None


def week_of(day: date) -> Days:
    """Return the ISO week that holds a day."""
    monday = day - timedelta(days=day.weekday())
    return Days(monday, monday + timedelta(days=6))
