"""What something is about, for the table of rights: whose own it is, and in which teams, on a day.

Owners and teams of objectives and moves of teams count from their effective days, as known at the
moment; what has no day of its own (owners of key results and KPIs) as it was recorded by the end of
the day.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from okr_es.access.rights import About
from okr_es.domain.effective_days import holders, on
from okr_es.domain.refusals import Invalid, NotFound
from projections.as_of.effective import Tree
from projections.as_of.view import GOAL, View


class Things(NamedTuple):
    """What a question is about: one of these, or the organisation."""

    goal_id: UUID | None
    team_id: UUID | None
    person_id: UUID | None


class Thing(NamedTuple):
    """A reference to what a question is about."""

    kind: str
    id: str


def as_known(view: View) -> View:
    """Return the view of all that is known at the moment, also what was recorded after the day."""
    return view.at(view.moment._replace(plan=view.moment.known))


def about_of(view: View, things: Things) -> tuple[About, Thing | None]:
    """Return whose own a thing is and in which teams on the day, and a reference to it."""
    named = {name: id_ for name, id_ in things._asdict().items() if id_ is not None}
    if len(named) > 1:
        raise Invalid("It is about one thing: a goal, a team or a person.", field=max(named))
    if things.team_id is not None:
        view.one("team", things.team_id, "team", "team_id")
        teams = teams_above(view, str(things.team_id))
        return About(teams=teams), Thing("team", str(things.team_id))
    if things.person_id is not None:
        view.one("person", things.person_id, "person", "person_id")
        owners = frozenset({things.person_id})
        return About(owners=owners), Thing("person", str(things.person_id))
    if things.goal_id is not None:
        return about_goal(view, things.goal_id)
    return About(), None


def about_goal(view: View, goal_id: UUID, field: str = "goal_id") -> tuple[About, Thing]:
    """Return who owned a goal on the day, and its teams; raise NotFound with the field."""
    found = view.rows(GOAL, id=str(goal_id), plan=view.moment.plan)
    if not found:
        raise NotFound(f"There is no goal {goal_id} by then.", field=field)
    kind = found[0][0]
    owners, team_id = OWNERS[kind](view, str(goal_id))
    about = About(
        owners=frozenset(map(UUID, owners)),
        teams=frozenset() if team_id is None else teams_above(view, team_id),
        kpi_id=goal_id if kind == "kpi" else None,
    )
    return about, Thing(kind, str(goal_id))


def of_objective(view: View, id_: str) -> tuple[set[str], str | None]:
    """Return who owned an objective on the day, and its team."""
    rows = as_known(view).versions("objective", [id_])
    held = holders(rows, view.days(row["known_from"] for row in rows))
    owner, team = (on(held[field], view.moment.day).value for field in ("owner_id", "team_id"))
    return {owner}, team


def of_key_result(view: View, id_: str) -> tuple[set[str], str | None]:
    """Return who owned a key result on the day or its objective, and the team of that."""
    row = view.one("key_result", UUID(id_), "key result", "goal_id")
    owners, team_id = of_objective(view, row["objective_id"])
    return owners | {each for each in [row["owner_id"]] if each is not None}, team_id


def of_kpi(view: View, id_: str) -> tuple[set[str], str | None]:
    """Return who owned a KPI by the end of the day, and its team, if it has one."""
    row = view.one("kpi", UUID(id_), "KPI", "goal_id")
    return {row["owner_id"]}, row["team_id"]


OWNERS = {"objective": of_objective, "key_result": of_key_result, "kpi": of_kpi}


def teams_above(view: View, team_id: str) -> frozenset[UUID]:
    """Return a team and all that were above it on the day."""
    return frozenset(map(UUID, Tree(as_known(view)).teams(team_id, view.moment.day)))


def team_of_all(view: View) -> frozenset[UUID]:
    """Return the team all others are below, if there is just one: all goals of cycles are in it."""
    top = [row["id"] for row in view.all_rows("team") if row["parent_id"] is None]
    return frozenset(map(UUID, top)) if len(top) == 1 else frozenset()
