"""What something is about, for the table of rights: whose own it is, and in which teams, on a day.

Owners and teams of objectives and moves of teams count from their effective days, as known at the
moment; what has no day of its own (owners of key results and KPIs) as it was recorded by the end of
the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from okr_es.access.rights import About
from okr_es.domain.effective_days import holders, on
from okr_es.domain.refusals import Invalid, NotFound
from projections.as_of.effective import Tree
from projections.as_of.view import NOUNS, View
from projections.read_model.tables import FOREVER, Row

KINDS = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, id FROM {kind} "
    f"WHERE id {{among}} AND known_until = {FOREVER} AND first_position <= :plan"
    for kind in NOUNS
)


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
    id_ = str(goal_id)
    found = about_goals(view, [id_])
    if id_ not in found:
        raise NotFound(f"There is no goal {goal_id} by then.", field=field)
    return found[id_]


def about_goals(view: View, ids: Iterable[str]) -> dict[str, tuple[About, Thing]]:
    """Return who owned each of some goals on the day, and its teams, without what is no goal.

    However many there are, it takes as many statements.
    """
    kinds = kinds_of(view, ids)
    owned = owned_on(view, kinds)
    above = all_above(view, {each.team_id for each in owned.values() if each.team_id is not None})
    return {
        id_: (
            About(
                owners=frozenset(map(UUID, owned[id_].owners)),
                teams=above.get(owned[id_].team_id or "", frozenset()),
                kpi_id=UUID(id_) if kind == "kpi" else None,
            ),
            Thing(kind, id_),
        )
        for id_, kind in kinds.items()
    }


def kinds_of(view: View, ids: Iterable[str]) -> dict[str, str]:
    """Return of which kind some goals are; what is none by then is left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    statement = KINDS.format(among=view.dialect.in_array("ids"))
    rows = view.rows(statement, ids=view.array(wanted), plan=view.moment.plan)
    return {id_: kind for kind, id_ in rows}


class Owned(NamedTuple):
    """Who owned a goal on the day, and its team, if it had one."""

    owners: frozenset[str]
    team_id: str | None


def owned_on(view: View, kinds: dict[str, str]) -> dict[str, Owned]:
    """Return who owned goals of these kinds on the day: a key result who owned its objective too.

    What has no day of its own counts as of the end of the day.
    """
    key_results = rows_of(view, "key_result", kinds)
    kpis = rows_of(view, "kpi", kinds)
    objectives = {id_ for id_, kind in kinds.items() if kind == "objective"}
    found = held_on(view, objectives | {row["objective_id"] for row in key_results})
    for row in key_results:
        above = found[row["objective_id"]]
        own = frozenset(each for each in [row["owner_id"]] if each is not None)
        found[row["id"]] = Owned(above.owners | own, above.team_id)
    return found | {row["id"]: Owned(frozenset({row["owner_id"]}), row["team_id"]) for row in kpis}


def rows_of(view: View, table: str, kinds: dict[str, str]) -> list[Row]:
    """Return the rows of what is of a kind, of which there is a table; no statement for none."""
    ids = sorted(id_ for id_, kind in kinds.items() if kind == table)
    if not ids:
        return []
    return view.all_rows(table, f"AND now.id {view.dialect.in_array('ids')}", ids=view.array(ids))


def held_on(view: View, ids: set[str]) -> dict[str, Owned]:
    """Return who held some objectives on the day, and in which team."""
    versions: dict[str, list[Row]] = defaultdict(list)
    for row in as_known(view).versions("objective", sorted(ids)) if ids else ():
        versions[row["id"]].append(row)
    days = view.days(row["known_from"] for rows in versions.values() for row in rows)
    found = {}
    for id_, rows in versions.items():
        held = holders(rows, days)
        owner, team = (on(held[field], view.moment.day).value for field in ("owner_id", "team_id"))
        found[id_] = Owned(frozenset({owner}), team)
    return found


def teams_above(view: View, team_id: str) -> frozenset[UUID]:
    """Return a team and all that were above it on the day."""
    return all_above(view, [team_id])[team_id]


def all_above(view: View, team_ids: Iterable[str]) -> dict[str, frozenset[UUID]]:
    """Return some teams, each with all that were above it on the day."""
    wanted = set(team_ids)
    if not wanted:
        return {}
    tree = Tree(as_known(view))
    return {
        team_id: frozenset(map(UUID, tree.teams(team_id, view.moment.day))) for team_id in wanted
    }


def team_of_all(view: View) -> frozenset[UUID]:
    """Return the team all others are below, if there is just one: all goals of cycles are in it."""
    top = [row["id"] for row in view.all_rows("team") if row["parent_id"] is None]
    return frozenset(map(UUID, top)) if len(top) == 1 else frozenset()
