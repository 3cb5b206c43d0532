"""The roles of people, and who could do something on a day.

A grant holds from its first to its last day, as known at the moment, while its person is there.
Owners and teams of objectives, moves of teams and leavers count from their effective days, as known
at the moment; what has no day of its own (owners of key results and KPIs, deputies, erasures) as it
was recorded by the end of the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from okr_es.access.rights import MEMBER, About, Answer, Held, Line, Part, by_role, word_of
from okr_es.domain.activity import active_on
from okr_es.domain.refusals import Invalid
from okr_es.domain.values import PeopleFigures, Role
from projections.as_of.about import Thing, Things, about_of, as_known
from projections.as_of.effective import Tree
from projections.as_of.references import goal_ref, ref
from projections.as_of.view import View, as_of_fields
from projections.grants_answers import (
    AboutAnswer,
    GrantAnswer,
    GrantsAnswer,
    PersonAndRights,
    RightAnswer,
    WhoCouldAnswer,
)
from projections.read_model.people import turns_in
from projections.read_model.tables import Row


class Filters(NamedTuple):
    """Which grants are wanted; `holding`: only those that hold on the day."""

    person_id: UUID | None
    role: str | None
    team_id: UUID | None
    holding: bool


def grants(view: View, filters: Filters) -> GrantsAnswer:
    """Return grants by their first days; those of a team with those of the teams below it."""
    require_role(filters.role)
    there = ids_there(people(view), view.moment.day)
    rows = all_grants(view)
    if filters.person_id is not None:
        rows = [row for row in rows if row["person_id"] == str(filters.person_id)]
    if filters.role is not None:
        rows = [row for row in rows if row["role"] == filters.role]
    if filters.team_id is not None:
        view.one("team", filters.team_id, "team", "team_id")
        tree, team_id = Tree(as_known(view)), str(filters.team_id)
        rows = [row for row in rows if row["team_id"] is not None
                and team_id in tree.teams(row["team_id"], view.moment.day)]  # fmt: skip
    found = [grant_answer(row, there, view.moment.day) for row in rows]
    if filters.holding:
        found = [each for each in found if each["holds"]]
    return {**as_of_fields(view), "grants": found}


def who_could(view: View, may: str, part: str | None, things: Things) -> WhoCouldAnswer:
    """Return who could do what a line says, about a thing or the organisation, on the day."""
    line, part_of_it = line_and_part(may, part)
    about, thing = about_of(view, things)
    everybody = people(view)
    deputies = deputies_of(everybody, about.owners, view.moment.day)
    about = replace(about, part=part_of_it, deputies=deputies)
    if line == Line.FIGURES:
        about = replace(about, people_figures=chosen_figures(view))
    roles: dict[str, list[tuple[Held, Row | None]]] = {
        id_: [(Held(MEMBER), None)] for id_ in sorted(ids_there(everybody, view.moment.day))
    }
    for row in all_grants(view):
        if holds_on(row, view.moment.day) and row["person_id"] in roles:
            team_id = None if row["team_id"] is None else UUID(row["team_id"])
            roles[row["person_id"]].append((Held(row["role"], team_id), row))
    found = [rights_of(line, id_, held, about) for id_, held in roles.items()]
    return {
        **as_of_fields(view),
        "may": line,
        "part": part_of_it,
        "about": about_answer(thing),
        "people": [each for each in found if each["rights"]],
    }


def about_answer(thing: Thing | None) -> AboutAnswer | None:
    """Return what a question is about as it is answered."""
    return None if thing is None else goal_ref(thing.kind, thing.id)


def rights_of(
    line: Line, person_id: str, roles: Iterable[tuple[Held, Row | None]], about: About
) -> PersonAndRights:
    """Return the roles by which a person could do something."""
    rights: list[RightAnswer] = []
    for held, row in roles:
        allowed = by_role(line, UUID(person_id), held, about)
        if allowed != Answer.NO:
            rights.append(
                {
                    "role": held.role,
                    "grant": None if row is None else ref(row["id"]),
                    "team": None if row is None else ref(row["team_id"]),
                    "extent": word_of(line, held.role),
                    "alone": allowed == Answer.YES,
                }
            )
    return {"person": ref(person_id), "rights": rights}


def line_and_part(may: str, part: str | None) -> tuple[Line, Part | None]:
    """Return a line and a part of it; raise Invalid for what is none."""
    if may not in set(Line):
        raise Invalid(f"may is not one of {', '.join(Line)}.", field="may")
    if part is not None and part not in set(Part):
        raise Invalid(f"part is not one of {', '.join(Part)}.", field="part")
    return Line(may), None if part is None else Part(part)


def require_role(role: str | None) -> None:
    """Refuse what is no role that is granted."""
    if role is not None and role not in set(Role):
        raise Invalid(f"role is not one of {', '.join(Role)}.", field="role")


# ---- grants and people ----------------------------------------------------------------------


def all_grants(view: View) -> list[Row]:
    """Return the rows of all grants that are known, by their first days."""
    rows = as_known(view).all_rows("role_grant")
    return sorted(rows, key=lambda row: (row["starts"], row["id"]))


def holds_on(row: Row, day: date) -> bool:
    """Return whether a grant holds on a day."""
    return row["starts"] <= day.isoformat() and (
        row["ends"] is None or day.isoformat() <= row["ends"]
    )


def people(view: View) -> list[Row]:
    """Return everybody as recorded by the end of the day, with all turns that are known."""
    rows = view.all_rows("person")
    if view.moment.plan == view.moment.known:
        return rows
    turns = {row["id"]: row["turns"] for row in as_known(view).all_rows("person")}
    return [row | {"turns": turns[row["id"]]} for row in rows]


def ids_there(everybody: Iterable[Row], day: date) -> set[str]:
    """Return who was registered and not erased by the end of a day, and had not left by then."""
    return {
        row["id"]
        for row in everybody
        if not row["erased"] and active_on(turns_in(row["turns"]), day)
    }


def deputies_of(everybody: Iterable[Row], owners: frozenset[UUID], day: date) -> frozenset[UUID]:
    """Return who stood in for some people on a day."""
    return frozenset(
        UUID(row["deputy_id"])
        for row in everybody
        if UUID(row["id"]) in owners
        and row["deputy_id"] is not None
        and row["deputy_starts"] <= day.isoformat() <= row["deputy_ends"]
    )


def grant_answer(row: Row, there: set[str], day: date) -> GrantAnswer:
    """Return a grant as it is answered."""
    return {
        "id": row["id"],
        "version": row["version"],
        "person": ref(row["person_id"]),
        "role": row["role"],
        "team": ref(row["team_id"]),
        "starts": row["starts"],
        "ends": row["ends"],
        "purpose": row["purpose"],
        "holds": holds_on(row, day) and row["person_id"] in there,
    }


def chosen_figures(view: View) -> PeopleFigures:
    """Return which figures per person existed, by the choice in force on the day."""
    chosen = view.all_rows("people_figures")
    return PeopleFigures(chosen[0]["people_figures"]) if chosen else PeopleFigures.OWN_AND_LEADS
