"""Who held an objective, and below what a team was, on each day: read from the log.

That takes one search through the few events of the streams asked about; it is done where a command
names an earlier day, and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.domain import effective_days
from okr_es.domain.effective_days import Held, Since, alone_since, on, parents
from okr_es.domain.objective import Objective
from okr_es.domain.team import Team
from okr_es.handlers.stream_events import day_of, events_of
from okr_es.handlers.unit_of_work import UnitOfWork

HAND_OVERS = ("objective.drafted", "objective.reassigned")
MOVES = ("team.formed", "team.moved")

Parents = dict[UUID, list[Since[str | None]]]


class Recorded(NamedTuple):
    """The versions of a stream, the oldest first, and the days their positions were recorded on."""

    rows: list[dict[str, Any]]
    days: dict[int, date]


def held_since(work: UnitOfWork, objective: Objective, named: Iterable[Held]) -> dict[Held, date]:
    """Return the days from which owner or team of an objective, as named, are who they are now.

    Where neither is named, of what was last handed over. `date.min`: they always were.
    """
    found = recorded(work, HAND_OVERS, [objective.id])[objective.id]
    return effective_days.held_since(found.rows, found.days, named)


def below_since(work: UnitOfWork, team: Team) -> date:
    """Return the day from which a team has been below what it is now; `date.min`: always."""
    found = recorded(work, MOVES, [team.id])[team.id]
    return alone_since(parents(found.rows, found.days))


def parents_of(work: UnitOfWork, team_ids: Iterable[UUID]) -> Parents:
    """Return what some teams, and all they were ever below, were below by days.

    One statement for each floor of the tree; the append guards that none of them is moved.
    """
    found: Parents = {}
    wanted = set(team_ids)
    while wanted:
        work.fetch(wanted)
        for id_, each in recorded(work, MOVES, wanted).items():
            found[id_] = parents(each.rows, each.days)
        above = {each.value for held in found.values() for each in held}
        wanted = {UUID(id_) for id_ in above if id_ is not None} - found.keys()
    return found


def looping_day(
    work: UnitOfWork, team: Team, above: Team | None, effective: date | None
) -> date | None:
    """Return the first day on which a team that is moved would be below itself; None: none.

    It holds from the day on: on each day from there on what was above then is looked at.
    """
    if above is None or effective is None or effective >= work.today:
        return None
    found = parents_of(work, {above.id})
    turns = {since.day for held in found.values() for since in held}
    days = [effective, *sorted(day for day in turns if effective < day <= work.today)]
    return next((day for day in days if team.id in upwards(found, above.id, day)), None)


def upwards(found: Parents, team_id: UUID, day: date) -> Iterator[UUID]:
    """Yield a team and all above it on a day, each once."""
    seen: set[UUID] = set()
    above: str | None = str(team_id)
    while above is not None and UUID(above) not in seen:
        id_ = UUID(above)
        seen.add(id_)
        yield id_
        above = on(found[id_], day).value


def recorded(work: UnitOfWork, types: tuple[str, ...], ids: Iterable[UUID]) -> dict[UUID, Recorded]:
    """Return what the events of some types in some streams say, and when they were recorded."""
    found: dict[UUID, Recorded] = defaultdict(lambda: Recorded([], {}))
    for event in events_of(work, types, ids):
        each = found[UUID(event.stream)]
        said = {"effective": None, "redated": None} | event.data
        each.rows.append(said | {"known_from": event.position})
        each.days[event.position] = day_of(work, event)
    return found
