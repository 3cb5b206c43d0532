"""What a commit of a plan names: teams, and the objectives of a cycle in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from okr_es import commands as c
from okr_es.database.dialect import Dialect
from okr_es.domain.base import Aggregate
from okr_es.domain.cycle import Cycle
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import Invalid
from okr_es.domain.team import Team
from okr_es.domain.values import State
from okr_es.handlers.registry import living_team
from okr_es.handlers.unit_of_work import JOINS, UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.log.schema import streams
from okr_es.log.stream_states import decode_aggregate

# What was committed and not abandoned, also where it was graded or carried over since.
PROMISING = (State.COMMITTED, State.CARRIED_OVER)

CHILDREN = select(streams.c.stream).where(
    streams.c.type == bindparam("type"),
    streams.c.parent.in_(bindparam("parents", expanding=True)),
)
TEAMS = select(streams.c.stream).where(streams.c.type == bindparam("type"))


class Plan(NamedTuple):
    """The objectives of some teams in a cycle that a commit finds: drafts, and what is promised."""

    promising: list[Objective]
    drafts: list[Objective]


def named_teams(work: UnitOfWork, command: c.CommitPlan) -> tuple[UUID, ...]:
    """Return the teams whose plan a command commits; refuse a team that was disbanded.

    The append guards that no other team comes to be below meanwhile.
    """
    if command.team_id is None:
        if not command.with_teams_below:
            raise Invalid("with_teams_below is about a team.", field="with_teams_below")
        return all_teams(work)
    team_id = living_team(work, command.team_id)
    if not command.with_teams_below:
        return (team_id,)
    work.guard_types.update(JOINS[Team])
    found, level = [team_id], [team_id]
    while level:
        level = sorted(ids_of(work, CHILDREN, {"type": topic_of(Team), "parents": level}))
        found += level
    return tuple(found)


def all_teams(work: UnitOfWork) -> tuple[UUID, ...]:
    """Return all teams, also those that were disbanded."""
    return tuple(sorted(ids_of(work, TEAMS, {"type": topic_of(Team)})))


def ids_of(work: UnitOfWork, statement: object, parameters: dict[str, object]) -> list[UUID]:
    """Return the streams a statement finds."""
    with work.database.reader.connect() as connection:
        return [row.stream for row in connection.execute(statement, parameters)]  # type: ignore[call-overload]


def plan_of(work: UnitOfWork, cycle_id: UUID, teams: Sequence[UUID]) -> Plan:
    """Return the objectives of a cycle that are in some teams now.

    One that is promised is loaded, so that the decision rests on it: while it stays as it is, the
    plan is not empty.
    """
    found = list(objectives_of(work, cycle_id, teams))
    promising = [each for each in found if each.state in PROMISING]
    work.fetch({each.id for each in promising[:1]})
    return Plan(promising, [each for each in found if each.state == State.DRAFT])


def committed_along(
    work: UnitOfWork, cycle: Cycle, teams: Sequence[UUID], plan: Plan, with_drafts: c.Drafts
) -> list[Objective]:
    """Commit the drafts of a plan that go along, and return them: all of them, or those named."""
    if with_drafts == "all":
        work.guard_types.update(JOINS[Objective])
        with_drafts = tuple(each.id for each in plan.drafts)
    along = dict.fromkeys(with_drafts)
    work.fetch(set(along))
    found = [work.load(Objective, id_, "with_drafts") for id_ in along]
    for each in found:
        if each.cycle_id != cycle.id or each.team_id not in teams:
            raise Invalid("It is no draft of this plan.", field="with_drafts")
        each.commit(cycle)
    return found


def objectives_of(work: UnitOfWork, cycle_id: UUID, teams: Sequence[UUID]) -> Iterable[Objective]:
    """Yield the objectives of a cycle in some teams, in the order of their ids."""
    dialect = work.database.dialect
    rows = work.database.rows(
        objectives_statement(dialect),
        {
            "type": topic_of(Objective),
            "teams": dialect.array(teams),
            "cycle": f'"cycle_id":"{cycle_id}"',
        },
    )
    for stream, version, state in rows:
        found: Aggregate = decode_aggregate(
            topic_of(Objective), UUID(stream), version, bytes(state)
        )
        if isinstance(found, Objective):
            yield found


@cache
def objectives_statement(dialect: Dialect) -> str:
    """Return the query of the states of all objectives in some teams and one cycle."""
    return f"""
      SELECT {dialect.id_as_text("stream")}, version, state FROM streams
      WHERE parent {dialect.in_array("teams", "uuid")} AND type = :type
      AND {dialect.contains("state", "cycle")} ORDER BY stream
    """
