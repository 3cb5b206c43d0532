"""The registry of handlers, one for each command, and what many handlers need."""

from __future__ import annotations

from functools import singledispatch
from uuid import UUID

from okr_es.commands import Command
from okr_es.domain.base import Aggregate
from okr_es.domain.cycle import Cycle
from okr_es.domain.objective import Objective
from okr_es.domain.refusals import AlreadyExists
from okr_es.domain.team import Team
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.ids import ordered_id


@singledispatch
def handle(command: Command, work: UnitOfWork) -> UUID | None:
    """Run the handler of a command on a unit of work; return the id of what it began or changed.

    Loads, lets the aggregate decide, and saves. Each command has one handler, registered by
    its type; raises a Refusal when the command cannot be carried out.
    """
    raise TypeError(f"No handler for {type(command).__name__} by {work.context.by}")


def new_id(work: UnitOfWork, given: UUID | None) -> UUID:
    """Return the id for something new: the caller's, if it is free, else a UUID version 7."""
    if given is None:
        return ordered_id()
    work.fetch({given})
    if given in work.loaded:
        kind = type(work.loaded[given]).__name__
        raise AlreadyExists(f"There is a {kind} {given}.", field="id")
    return given


def living_team(work: UnitOfWork, team_id: UUID) -> UUID:
    """Return the id of a team; refuse one that was disbanded."""
    work.load(Team, team_id, "team_id").require_living("team_id")
    return team_id


def objective_and_cycle(work: UnitOfWork, objective_id: UUID) -> tuple[Objective, Cycle]:
    """Return an objective and the cycle it lives in."""
    objective = work.load(Objective, objective_id, "objective_id")
    return objective, work.load(Cycle, objective.cycle_id, "cycle_id")


def saved(work: UnitOfWork, aggregate: Aggregate) -> UUID:
    """Save an aggregate and return its id."""
    work.save(aggregate)
    return aggregate.id
