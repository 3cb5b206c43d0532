"""Lists of cycles, teams and people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from okr_es.domain.activity import Turn, active_on
from okr_es.domain.calendar import CALENDAR_ID
from okr_es.people.directory import FORMER_COLLEAGUE, Directory, Entry
from projections.as_of.references import cycle_answer, ref
from projections.as_of.view import View, as_of_fields
from projections.goals.loading import unpacked_cycle
from projections.organisation_answers import (
    CalendarAnswer,
    CyclesAnswer,
    PeopleAnswer,
    PersonAnswer,
    TeamAnswer,
    TeamsAnswer,
)
from projections.read_model.people import matters_in, turns_in
from projections.read_model.tables import Row


def calendar(view: View) -> CalendarAnswer:
    """Return the calendar valid on the day, and from when on all that are known are valid."""
    calendars = view.calendars
    number = calendars.number_on(view.moment.day)
    valid = calendars.versions[number].calendar
    return {
        **as_of_fields(view),
        "id": str(CALENDAR_ID),
        "version": number + 1,
        "valid_from": calendars.versions[number].valid_from,
        "working_days": list(valid.working_days),
        "holidays": [
            {"starts": each.starts, "ends": each.last, "name": each.name} for each in valid.holidays
        ],
        "first_month": valid.first_month,
        "two_weeks_from": valid.two_weeks_from,
        "grace": asdict(valid.grace),  # type: ignore[typeddict-item]
        "versions": [
            {"version": at, "valid_from": each.valid_from, "position": each.position or None}
            for at, each in enumerate(calendars.versions, 1)
        ],
    }


def cycles(view: View) -> CyclesAnswer:
    """Return all cycles by their first day."""
    rows = [cycle_answer(unpacked_cycle(row)) for row in view.all_rows("cycle")]
    rows.sort(key=lambda row: row["starts"])
    return {"position": view.moment.known, "cycles": rows}


def teams(view: View) -> TeamsAnswer:
    """Return all teams by name, each with the team it belongs to."""
    rows = [team_answer(row) for row in view.all_rows("team")]
    rows.sort(key=lambda row: row["name"])
    return {"position": view.moment.known, "teams": rows}


def team_answer(row: Row) -> TeamAnswer:
    """Return a team's row as the answer has it, with references."""
    return {
        "id": row["id"],
        "version": row["version"],
        "name": row["name"],
        "kind": row["kind"],
        "disbanded": row["disbanded"],
        "parent": ref(row["parent_id"]),
    }


def people(
    view: View, directory: Directory, is_shown: Callable[[str], bool] = lambda _: True
) -> PeopleAnswer:
    """Return all people, with name and e-mail where they were not erased.

    `is_shown` says of whom the legal holds are shown, and on which ground they were erased.

    Whether they were active on the day is answered by all turns that are known, also by those that
    were recorded after it.
    """
    entries = directory.entries()
    rows = sorted(view.all_rows("person"), key=lambda row: str(row["id"]))
    known = view.at(view.moment._replace(plan=view.moment.known))
    turns = {row["id"]: turns_in(row["turns"]) for row in known.all_rows("person")}
    found = [
        person_answer(row, entries.get(UUID(row["id"])), turns[row["id"]], view.moment.day)
        for row in rows
    ]
    shown = [each if is_shown(each["id"]) else without_texts(each) for each in found]
    return {**as_of_fields(view), "people": shown}


def without_texts(answer: PersonAnswer) -> PersonAnswer:
    """Return the answer about a person without what not everybody may see."""
    return {**answer, "legal_ground": None, "holds": None}


def person_answer(row: Row, entry: Entry | None, turns: Sequence[Turn], day: date) -> PersonAnswer:
    """Return a person on a day, with what the directory still has of them."""
    since = max((each.day for each in turns if each.day <= day), default=None)
    return {
        "id": row["id"],
        "version": row["version"],
        "legal_ground": row["legal_ground"],
        "holds": matters_in(row["holds"]),
        "erased": row["erased"],
        "active": active_on(turns, day),
        "since": since,
        "deputy": None
        if row["deputy_id"] is None
        else {
            "person": {"id": row["deputy_id"]},
            "starts": row["deputy_starts"],
            "ends": row["deputy_ends"],
        },
        "name": entry.name if entry else FORMER_COLLEAGUE,
        "email": entry.email if entry else None,
    }
