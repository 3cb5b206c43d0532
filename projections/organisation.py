"""Cycles and people, all of them or one; the calendar, and the scoring policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from okr_es.domain.activity import Turn, active_on
from okr_es.domain.calendar import CALENDAR_ID
from okr_es.domain.policy import POLICY_ID
from okr_es.people.directory import FORMER_COLLEAGUE, Directory, Entry
from projections.as_of.about import as_known
from projections.as_of.answers import NamedRef
from projections.as_of.pages import Walk
from projections.as_of.references import cycle_answer, named_ref
from projections.as_of.rows import columns
from projections.as_of.team_names import team_names
from projections.as_of.view import View, as_of_fields
from projections.goals.finding import require_text
from projections.goals.loading import unpacked_cycle
from projections.goals.scoring import BUILT_IN
from projections.organisation_answers import (
    CalendarAnswer,
    CycleBody,
    CyclesAnswer,
    OneCycleAnswer,
    PeopleAnswer,
    PersonAnswer,
    PersonBody,
    ScoringPolicyAnswer,
)
from projections.read_model.folding import folded, title_key
from projections.read_model.people import matters_in, turns_in
from projections.read_model.tables import Row, plain

POLICIES = (
    f"SELECT {columns('scoring_policy')} FROM scoring_policy WHERE known_from <= :known "
    "ORDER BY known_from"
)


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


def scoring_policy(view: View) -> ScoringPolicyAnswer:
    """Return the scoring policy in force at the moment, and where all known were recorded."""
    stored = view.rows(POLICIES, known=view.moment.known)
    rows = [plain("scoring_policy", row) for row in stored]
    days = view.days(row["known_from"] for row in rows)
    in_force = [row for row in rows if row["known_from"] <= view.moment.plan]
    policy = in_force[-1] if in_force else built_in()
    return {
        **as_of_fields(view),
        "id": str(POLICY_ID),
        "version": policy["version"],
        "on_track": policy["on_track"],
        "at_risk": policy["at_risk"],
        "yellow_from": policy["yellow_from"],
        "committed_expected": policy["committed_expected"],
        "aspirational_expected": policy["aspirational_expected"],
        "not_measured": policy["not_measured"],
        "versions": [
            {
                "version": row["version"],
                "position": row["known_from"],
                "day": days[row["known_from"]],
            }
            for row in rows
        ],
    }


def built_in() -> Row:
    """Return the policy that holds until one is adopted, as a row has it."""
    return {"version": None} | {name: str(each) for name, each in asdict(BUILT_IN).items()}


def cycles(
    view: View, walk: Walk, state: str | None = None, text: str | None = None
) -> CyclesAnswer:
    """Return a page of the cycles in a state and with a text in the name."""
    require_text(text)
    rows, following = walk.page_of(
        view.moment,
        (
            unpacked_cycle(row)
            for row in view.all_rows("cycle")
            if (state is None or row["closed"] == (state == "closed"))
            and (text is None or folded(text) in folded(row["name"]))
        ),
        lambda row: row["starts"] if walk.sort.name == "starts" else title_key(row["name"]),
        lambda row: row["id"],
    )
    names = committed_names(view, rows)
    found = [cycle_body(row, names) for row in rows]
    return {**as_of_fields(view), "cycles": found, "next": following}


def cycle(view: View, id_: UUID) -> OneCycleAnswer:
    """Return one cycle; raise NotFound."""
    row = unpacked_cycle(view.one("cycle", id_, "cycle"))
    return {**as_of_fields(view), **cycle_body(row, committed_names(view, [row]))}


def committed_names(view: View, cycles: Sequence[Row]) -> Mapping[str, str]:
    """Return the names of teams of the day, if the plan of one alone was committed."""
    of_teams = any(each["team_id"] for row in cycles for each in row["plan_commits"])
    return team_names(view) if of_teams else {}


def cycle_body(cycle: Row, names: Mapping[str, str]) -> CycleBody:
    """Return a cycle, with the names of teams in its commits."""
    commits = cycle["plan_commits"]
    return {
        **cycle_answer(cycle),
        "plan_commits": [
            {
                "position": each["position"],
                "at": each["at"],
                "team": named_ref(each["team_id"], names),
                "with_teams_below": each["with_teams_below"],
            }
            for each in commits
        ],
    }


def people(
    view: View,
    walk: Walk,
    directory: Directory,
    is_shown: Callable[[str], bool] = lambda _: True,
    state: str | None = None,
    text: str | None = None,
) -> PeopleAnswer:
    """Return a page of people, with name and e-mail where they were not erased.

    `state` is active, gone or erased, `text` is looked for in name and e-mail.

    `is_shown` says of whom the legal holds are shown, and on which ground they were erased.

    Whether they were active on the day is answered by all turns that are known, also by those that
    were recorded after it.
    """
    entries = directory.entries()
    require_text(text)
    rows = view.all_rows("person")
    known = rows if is_as_known(view) else as_known(view).all_rows("person")
    turns = {row["id"]: turns_in(row["turns"]) for row in known}
    bodies = (person_body(row, entries, turns[row["id"]], view.moment.day) for row in rows)
    found, following = walk.page_of(
        view.moment,
        (each for each in bodies if is_found(each, state, text)),
        lambda each: each["id"] if walk.sort.name == "id" else title_key(each["name"]),
        lambda each: each["id"],
    )
    shown = [each if is_shown(each["id"]) else without_texts(each) for each in found]
    return {**as_of_fields(view), "people": shown, "next": following}


def is_found(body: PersonBody, state: str | None, text: str | None) -> bool:
    """Return whether a person is in a state, and a text in the name or the e-mail."""
    now = "erased" if body["erased"] else "active" if body["active"] else "gone"
    said = [folded(each) for each in (body["name"], body["email"]) if each is not None]
    return (state is None or now == state) and (
        text is None or any(folded(text) in each for each in said)
    )


def person(
    view: View, directory: Directory, id_: UUID, is_shown: Callable[[str], bool] = lambda _: True
) -> PersonAnswer:
    """Return one person, as `people` does; raise NotFound."""
    row = view.one("person", id_, "person")
    known = row if is_as_known(view) else as_known(view).one("person", id_, "person")
    turns = turns_in(known["turns"])
    named = {UUID(each) for each in (row["id"], row["deputy_id"]) if each is not None}
    found = person_body(row, directory.entries(named), turns, view.moment.day)
    return {**as_of_fields(view), **(found if is_shown(row["id"]) else without_texts(found))}


def is_as_known(view: View) -> bool:
    """Return whether all that is known was recorded by the day."""
    return view.moment.plan == view.moment.known


def without_texts(body: PersonBody) -> PersonBody:
    """Return the answer about a person without what not everybody may see."""
    return {**body, "legal_ground": None, "holds": None}


def person_body(
    row: Row, entries: Mapping[UUID, Entry], turns: Sequence[Turn], day: date
) -> PersonBody:
    """Return a person on a day, with what the directory still has of them."""
    since = max((each.day for each in turns if each.day <= day), default=None)
    entry = entries.get(UUID(row["id"]))
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
            "person": person_ref(row["deputy_id"], entries),
            "starts": row["deputy_starts"],
            "ends": row["deputy_ends"],
        },
        "name": entry.name if entry else FORMER_COLLEAGUE,
        "email": entry.email if entry else None,
    }


def person_ref(id_: str, entries: Mapping[UUID, Entry]) -> NamedRef:
    """Return a reference to a person, or to what has an api key, by the present name."""
    entry = entries.get(UUID(id_))
    return {"id": id_, "name": entry.name if entry else FORMER_COLLEAGUE}
