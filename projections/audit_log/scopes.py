"""The scopes of a search: a goal, a team or a cycle, each with all that was ever below it.

Two statements find them, however many are wanted: one for what is there, with the goals of teams
and cycles, and one for all that was ever linked below these goals.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from okr_es.database.database import Database
from okr_es.domain.refusals import NotFound
from projections.as_of.hierarchy import BEGINNING, Link, Span, spread
from projections.read_model.tables import FOREVER

# What can be wanted, in the order in which what is not there is refused.
NOUNS = {
    "person_id": "person",
    "acted_by": "person",
    "goal_id": "goal",
    "team_id": "team",
    "cycle": "cycle",
}
NOW = f"known_until = {FOREVER}"

# A team, and all teams that were ever below it.
TEAMS = f"""
  WITH RECURSIVE teams(id) AS (
    SELECT id FROM team WHERE id = :team_id AND {NOW}
    UNION
    SELECT t.id FROM teams JOIN team t ON t.parent_id = teams.id
  )
"""
THEM = "(SELECT teams.id FROM teams)"
OF_TEAMS = f"WHERE team_id IN {THEM}"
WITH_PLANS = f"WHERE plan_committed AND EXISTS {THEM}"
PERSON = f"'person', NULL, id, {BEGINNING}, {FOREVER} FROM person WHERE id = {{}} AND {NOW}"
# The columns of Found, of what is wanted by each field.
QUERIES = {
    "person_id": (PERSON,),
    "acted_by": (PERSON,),
    "goal_id": tuple(
        f"'{kind}', NULL, id, {BEGINNING}, {FOREVER} FROM {kind} WHERE id = {{}} AND {NOW}"
        for kind in ("objective", "key_result", "kpi")
    ),
    "team_id": (
        f"'team', parent_id, id, known_from, known_until FROM team WHERE id IN {THEM}",
        f"'objective', team_id, id, known_from, known_until FROM objective {OF_TEAMS}",
        f"'kpi', team_id, id, known_from, known_until FROM kpi {OF_TEAMS}",
        f"'cycle', plan_commits, id, known_from, known_from FROM cycle {WITH_PLANS}",
    ),
    "cycle": (
        f"'cycle', NULL, id, {BEGINNING}, {FOREVER} FROM cycle WHERE id = {{}} AND {NOW}",
        *(
            f"'{kind}', NULL, id, first_position, {FOREVER} FROM {kind} "
            f"WHERE cycle_id = {{}} AND {NOW}"
            for kind in ("objective", "key_result")
        ),
    ),
}  # fmt: skip
# All that was ever below goals, of these kinds. An objective that is aligned to one of a team or a
# cycle is of a team and a cycle of its own; and the key results of a cycle are its goals already.
BELOW = {"goal_id": ("objective", "key_result", "kpi"), "team_id": ("key_result", "kpi"),
         "cycle": ("kpi",)}  # fmt: skip
FOLLOWED = " OR ".join(
    f"(ids.field = '{field}' AND b.kind IN ({', '.join(map(repr, kinds))}))"
    for field, kinds in BELOW.items()
)
LINKS = f"""
  WITH RECURSIVE ids(field, id) AS (
    SELECT g.field, {{id}} FROM {{goals}} AS g
    UNION
    SELECT ids.field, b.child_id FROM ids JOIN links b ON b.parent_id = ids.id AND ({FOLLOWED})
  )
  SELECT ids.field, b.parent_id, b.child_id, b.kind, b.known_from, b.known_until
  FROM ids JOIN links b ON b.parent_id = ids.id AND ({FOLLOWED})
"""


class Found(NamedTuple):
    """A thing that is wanted by a field, or belongs to it: while it was, and whose it was."""

    field: str
    kind: str
    parent_id: str | None
    id: str
    first: int
    last: int

    @property
    def span(self) -> Span:
        """The thing, while it was."""
        return Span(self.kind, self.id, self.first, self.last)


class Scope(NamedTuple):
    """A team with those below it or a cycle, and the goals that are theirs or are wanted."""

    themselves: list[Span]
    goals: list[Span]


def scopes_of(database: Database, wanted: Mapping[str, UUID]) -> tuple[list[Span], ...]:
    """Return the spans of a goal, a team and a cycle, as far as they are wanted.

    `wanted` are ids by the fields of NOUNS; a person has no spans, but has to be there. Raises
    NotFound with the field at fault.
    """
    found = things(database, wanted) if wanted else {}
    scopes = {
        field: SCOPES[field](found[field], str(wanted[field]))
        for field in SCOPES
        if field in wanted
    }
    below = links(database, scopes) if scopes else {}
    return tuple(
        [*scope.themselves, *spread(scope.goals, below[field])] for field, scope in scopes.items()
    )


def things(database: Database, wanted: Mapping[str, UUID]) -> dict[str, list[Found]]:
    """Return what is wanted, with the teams below it and the goals, by field; raise NotFound."""
    queries = [
        f"SELECT '{field}', {query.format(f':{field}')}"
        for field in wanted
        for query in QUERIES[field]
    ]
    statement = (TEAMS if "team_id" in wanted else "") + " UNION ALL ".join(queries)
    found: dict[str, list[Found]] = defaultdict(list)
    for row in database.rows(statement, {field: str(id_) for field, id_ in wanted.items()}):
        found[row[0]].append(Found(*row))
    for field, noun in NOUNS.items():
        if field in wanted and not found[field]:
            raise NotFound(f"There is no {noun} {wanted[field]}.", field=field)
    return found


def links(database: Database, scopes: Mapping[str, Scope]) -> dict[str, dict[str, list[Span]]]:
    """Return what was ever linked below the goals of each scope, by the ids of the parents."""
    dialect = database.dialect
    goals = dialect.relation("goals", field="text", id="text")
    ids = sorted({(field, span.id) for field, scope in scopes.items() for span in scope.goals})
    below: dict[str, dict[str, list[Span]]] = {field: defaultdict(list) for field in scopes}
    statement = LINKS.format(goals=goals, id=dialect.bytewise("g.id"))
    for field, *row in database.rows(statement, {"goals": json.dumps(ids)}):
        link = Link(*row)
        below[field][link.parent_id].append(link.span)
    return below


# ---- what belongs to what -------------------------------------------------------------------


def of_goal(found: list[Found], _: str) -> Scope:
    """Return a goal."""
    return Scope([], [each.span for each in found])


def of_cycle(found: list[Found], id_: str) -> Scope:
    """Return a cycle, and its objectives and key results, none of which ever leaves it."""
    spans = [each.span for each in found]
    return Scope(
        [span for span in spans if span.id == id_], [span for span in spans if span.id != id_]
    )


def of_team(found: list[Found], id_: str) -> Scope:
    """Return a team and all below it, the goals of each, while they were theirs, and the commits
    that named the plan of one of them.
    """
    below, theirs = (
        by_parent(each for each in found if each.kind in kinds)
        for kinds in (("team",), ("objective", "kpi"))
    )
    teams = spread([Span("team", id_, BEGINNING, FOREVER)], below)
    goals = [each.within(team) for team in teams for each in theirs[team.id]]
    return Scope([*teams, *commits_of(teams, found)], goals)


def commits_of(teams: list[Span], found: list[Found]) -> list[Span]:
    """Return the commits that named the plan of one of some teams: of a cycle, where it was.

    What is found of cycles are their versions, each with the commits up to it as its parent.
    """
    spans = []
    for each in found:
        if each.kind == "cycle":
            last = json.loads(each.parent_id or "[]")[-1]
            if last["position"] == each.first and any(
                team.id in last["teams"] and team.first <= each.first <= team.last for team in teams
            ):
                spans.append(each.span)
    return spans


def by_parent(found: Iterable[Found]) -> dict[str, list[Span]]:
    """Return spans by parent, those of one thing that adjoin as one."""
    spans: dict[str, list[Span]] = defaultdict(list)
    for each in sorted(found, key=lambda each: (each.parent_id or "", each.id, each.first)):
        of_parent = spans[each.parent_id or ""]
        if of_parent and (of_parent[-1].id, of_parent[-1].last) == (each.id, each.first):
            of_parent[-1] = of_parent[-1]._replace(last=each.last)
        else:
            of_parent.append(each.span)
    return spans


SCOPES = {"goal_id": of_goal, "team_id": of_team, "cycle": of_cycle}
