"""Since when goals are promised, as the log has it, wherever they were moved since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.values import State, overlap
from okr_es.handlers.plans import PROMISING, all_teams, objectives_of
from okr_es.handlers.references import key_results_below
from okr_es.handlers.stream_events import PLACED, Event, day_of, of_each
from okr_es.handlers.unit_of_work import UnitOfWork

COMMIT = "cycle.plan_committed"
STANDING = (
    "objective.drafted", "objective.committed", "objective.reassigned", "objective.reopened",
    "objective.abandoned",
)  # fmt: skip
DROPPED = "key_result.dropped"
LIVED = (*PLACED, DROPPED, "key_result.reinstated")
LINKS = ("key_result.linked", "key_result.unlinked")


class Promised(NamedTuple):
    """A key result that is promised, its cycle, and the event by which it is."""

    key_result: KeyResult
    cycle: Cycle
    by: Event


def promised_objectives(work: UnitOfWork, objectives: Iterable[UUID]) -> dict[UUID, Event]:
    """Return the event by which each objective came to a plan: a commit, or its coming to it."""
    own = of_each(work, STANDING, objectives)
    cycles = {id_: UUID(each[0].data["cycle_id"]) for id_, each in own.items()}
    commits = of_each(work, (COMMIT,), cycles.values())
    found = {
        id_: came_to_plan(sorted([*own[id_], *commits.get(cycle_id, [])]))
        for id_, cycle_id in cycles.items()
    }
    return {id_: event for id_, event in found.items() if event is not None}


def came_to_plan(story: Iterable[Event]) -> Event | None:
    """Return the first event after which an objective is committed in a team whose plan is."""
    team, is_promising, committed = None, False, []
    for event in story:
        data = event.data
        if event.type == COMMIT:
            committed.append(data["teams"])
        elif event.type == "objective.reopened":
            is_promising = State(data["state"]) in PROMISING
        else:
            team = data.get("team_id", team)
            is_promising = event.type == "objective.committed" or (
                is_promising and event.type != "objective.abandoned"
            )
        if is_promising and any(not teams or team in teams for teams in committed):
            return event
    return None


def promised_key_results(work: UnitOfWork, key_results: Iterable[UUID]) -> dict[UUID, Event]:
    """Return the event by which each key result came to a plan, in the first objective it did."""
    stories = of_each(work, LIVED, key_results)
    moves = (each.data for own in stories.values() for each in own if "objective_id" in each.data)
    objectives = promised_objectives(work, {UUID(each["objective_id"]) for each in moves})
    found = {id_: first_promise(own, objectives) for id_, own in stories.items()}
    return {id_: event for id_, event in found.items() if event is not None}


def first_promise(story: list[Event], objectives: dict[UUID, Event]) -> Event | None:
    """Return the event by which a key result was first promised, by where it was one by one.

    While it is dropped, nothing is promised of it.
    """
    objective_id = ""
    for event, after in zip_longest(story, story[1:]):
        objective_id = event.data.get("objective_id", objective_id)
        promise = objectives.get(UUID(objective_id))
        if promise is None or event.type == DROPPED:
            continue
        came = max(event, promise)
        if after is None or came < after:
            return came
    return None


def fed_promises(work: UnitOfWork, kpi: Kpi, span: Target) -> list[Promised]:
    """Return the promised key results that a KPI feeds on some days of a span, or fed meanwhile.

    The append guards that no plan is committed and nothing linked at the same time.
    """
    work.guard_types.update((COMMIT, *LINKS))
    cycles = [each for each in work.cycles() if overlap(each, span)]
    if not cycles:
        return []
    teams = all_teams(work)
    cycle_of = {each.id: cycle for cycle in cycles for each in objectives_of(work, cycle.id, teams)}
    key_results = {each.id: each for each in key_results_below(work, cycle_of)}
    links = of_each(work, LINKS, key_results)
    promises = promised_key_results(work, links)
    return [
        Promised(key_results[id_], cycle_of[key_results[id_].objective_id], by)
        for id_, by in promises.items()
        if any(is_since(work, end, by, span) for end in ends_of(links[id_], kpi))
    ]


def ends_of(links: list[Event], kpi: Kpi) -> Iterator[Event | None]:
    """Yield where a KPI ceased to feed a key result, each time it fed it; None: it feeds it."""
    for link, after in zip_longest(links, links[1:]):
        if link.data.get("kpi_id") == str(kpi.id):
            yield after


def is_since(work: UnitOfWork, end: Event | None, promise: Event, span: Target) -> bool:
    """Return whether something that ended lasted into a promise, and into the days of a span."""
    return end is None or (promise < end and span.starts <= day_of(work, end))
