"""Who owns what a decision changes, and so cannot approve it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from okr_es.domain.base import Change
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.values import Action
from okr_es.handlers.promises import fed_promises
from okr_es.handlers.retiring import fed_and_running
from okr_es.handlers.stream_events import PLACED, Event, of_each
from okr_es.handlers.unit_of_work import UnitOfWork

OWNED_BY_NOBODY = (Action.CLOSING, Action.REQUIREMENT, Action.ABOUT_PERSON)
GIVEN = (
    "objective.drafted", "objective.reassigned", "key_result.added", "key_result.reassigned",
    "kpi.defined", "kpi.reassigned",
)  # fmt: skip


def owners_of(action: Action, events: Iterable[Change], work: UnitOfWork, since: int) -> list[UUID]:
    """Return who owned what some events change, at a position or after it.

    That is the owner of the objective, and of the key result or KPI where it is about one; of what
    is about a whole cycle, or a person, nobody.
    """
    if action in OWNED_BY_NOBODY:
        return []
    changed = {id_ for event in events for id_ in changed_by(event, work)}
    work.fetch(changed)
    places = of_each(work, PLACED, changed).values()
    above = {UUID(each.data["objective_id"]) for own in places for each in from_on(own, since)}
    owned = of_each(work, GIVEN, changed | above).values()
    owners = {each.data["owner_id"] for own in owned for each in from_on(own, since)}
    return sorted(UUID(owner) for owner in owners if owner is not None)


def from_on(events: list[Event], since: int) -> list[Event]:
    """Return what some events say from a position on: the last one up to it, and those after it."""
    before = [each for each in events if each.position <= since]
    return [*before[-1:], *events[len(before) :]]


def changed_by(event: Change, work: UnitOfWork) -> Iterator[UUID]:
    """Yield what an event changes: also the key results that it ends, or takes the values from."""
    yield event.originator_id
    match event:
        case Objective.Committed() | Objective.Abandoned() | Objective.Reopened():
            yield from work.living_children(event.originator_id, KeyResult)
        case KeyResult.Added() | KeyResult.Moved():
            yield event.objective_id
        case Kpi.Retired() | Kpi.Reinstated():
            yield from (each.key_result.id for each in fed_and_running(work, event.originator_id))
        case Kpi.TargetCorrected():
            kpi = work.load(Kpi, event.originator_id, "kpi_id")
            yield from (each.key_result.id for each in fed_promises(work, kpi, event.said))
