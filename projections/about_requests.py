"""What requests for approval are about, for the table of rights: by which line somebody decides.

Whose own that is, in which teams, and which roles who asked for it has today. However many requests
there are, it takes as many statements.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.access.rights import MEMBER, About, Held, Line
from okr_es.handlers.about import line_of_request
from projections.as_of.about import about_goals
from projections.as_of.rows import columns
from projections.as_of.view import View
from projections.goals.key_result_scores import decoded
from projections.read_model.tables import FOREVER, Row, plain

GOALS = ("objective_id", "key_result_id", "kpi_id")
ROLES = f"""
  SELECT person_id, role, team_id FROM role_grant WHERE person_id {{}} AND known_until = {FOREVER}
    AND starts <= :day AND (ends IS NULL OR ends >= :day)
"""
OF_ONE = ROLES.format("= :person")
SOME = f"SELECT {columns('approval')} FROM approval WHERE id {{}} AND known_until = {FOREVER}"


class Decided(NamedTuple):
    """The line of the table by which a request is decided, and what it is about."""

    line: Line
    about: About


class AboutRequests:
    """What requests are about, as of a view of today; each is looked up once."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.found: dict[str, Decided] = {}

    def of(self, rows: Iterable[Row]) -> dict[str, Decided]:
        """Return what requests are about, by their ids."""
        wanted = list(rows)
        missing = [row for row in wanted if row["id"] not in self.found]
        if missing:
            self.found |= decided(self.view, missing)
        return {row["id"]: self.found[row["id"]] for row in wanted}

    def rows(self, ids: Collection[str]) -> list[Row]:
        """Return the rows of some requests."""
        view = self.view
        stored = view.rows(SOME.format(view.dialect.in_array("ids")), ids=view.array(ids))
        return [plain("approval", row) for row in stored]


def decided(view: View, rows: list[Row]) -> dict[str, Decided]:
    """Return what requests are about, by their ids; of what is there no more nobody is the owner.

    Of those about a person the roles of who asked are there too.
    """
    fields = {row["id"]: decoded(row["fields"]) for row in rows}
    goals = {id_: goal for id_, each in fields.items() if (goal := goal_named(each)) is not None}
    about = about_goals(view, goals.values())
    lines = {row["id"]: line_of_request(row["action"], row["command"]) for row in rows}
    personal = {row["asked_by"] for row in rows if lines[row["id"]][0] == Line.PERSONAL}
    roles = roles_there(view, personal)

    def of(row: Row) -> Decided:
        id_, (line, part) = row["id"], lines[row["id"]]
        found, _ = about.get(goals.get(id_, ""), (of_person(fields[id_]), None))
        asked_as = roles[row["asked_by"]] if line == Line.PERSONAL else None
        return Decided(line, replace(found, asked_by=parties_of(row), asked_as=asked_as, part=part))

    return {row["id"]: of(row) for row in rows}


def goal_named(fields: Mapping[str, Any]) -> str | None:
    """Return the goal that a command names first; None where it is about a person, or neither."""
    if fields.get("person_id") is not None:
        return None
    return next((str(fields[name]) for name in GOALS if fields.get(name) is not None), None)


def of_person(fields: Mapping[str, Any]) -> About:
    """Return what a command is about that is about no goal: a person, if it names one."""
    person_id = fields.get("person_id")
    return About() if person_id is None else About(owners=frozenset({UUID(person_id)}))


def parties_of(row: Row) -> frozenset[UUID]:
    """Return who asked, and for whom."""
    return frozenset(UUID(row[name]) for name in ("asked_by", "asked_for") if row[name])


# ---- roles ------------------------------------------------------------------------------


def roles_of(view: View, person_id: UUID) -> tuple[Held, ...]:
    """Return the roles of a person today, also that of a member."""
    rows = view.rows(OF_ONE, person=str(person_id), day=view.moment.day.isoformat())
    return (Held(MEMBER), *(held(role, team_id) for _, role, team_id in rows))


def held(role: str, team_id: str | None) -> Held:
    """Return a role somebody has, from its grant."""
    return Held(role, None if team_id is None else UUID(team_id))


def roles_there(view: View, people: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the roles that people were given, of each those of today; none of who is gone."""
    found: dict[str, frozenset[str]] = dict.fromkeys(people, frozenset())
    if not people:
        return found
    among, ids = view.dialect.in_array("people"), view.array(sorted(people))
    there = {
        row["id"]
        for row in view.all_rows("person", f"AND now.id {among}", people=ids)
        if row["active"] and not row["erased"]
    }
    day = view.moment.day.isoformat()
    for person_id, role, _ in view.rows(ROLES.format(among), people=ids, day=day):
        if person_id in there:
            found[person_id] |= {role}
    return found
