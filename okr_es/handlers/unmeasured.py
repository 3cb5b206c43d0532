"""Objectives that nothing can measure, from the start or any longer.

An objective is measured by its key results with a weight. One that never had a key result is
measured by what is aligned to it in its own cycle and counts there: with a weight, committed and
not abandoned, and measured by something itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.domain.team import Team
from okr_es.handlers.plans import PROMISING, TEAMS, ids_of, objectives_of
from okr_es.handlers.stream_events import MOVED, PLACED, events_of, of_each
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.log.schema import streams


class Measures(NamedTuple):
    """The objectives of a cycle, and of those that ever had a key result, whether one has a weight.

    Key results that were dropped have none.
    """

    objectives: dict[UUID, Objective]
    own: dict[UUID, bool]

    @property
    def measured(self) -> set[UUID]:
        """The objectives that something can measure."""
        found = {id_ for id_, has_weight in self.own.items() if has_weight}
        left = list(found)
        while left:
            below = self.objectives[left.pop()]
            above = below.aligned_to_objective_id
            if (
                counts_above(below)
                and above in self.objectives
                and above not in self.own.keys() | found
            ):
                found.add(above)
                left.append(above)
        return found


def warn_of_unmeasured(work: UnitOfWork, cycle_id: UUID, covered: Iterable[Objective]) -> None:
    """Warn of those objectives of a plan that nothing can measure.

    It looks at other goals only where one of the plan has no key result with a weight.
    """
    plan = list(covered)
    by_key_results = weighed(work, [each.id for each in plan])
    lacking = [each for each in plan if not by_key_results.get(each.id, False)]
    if not lacking:
        return
    measured = measures_in(work, cycle_id, plan).measured
    if unmeasured := [each for each in lacking if each.id not in measured]:
        work.warn("nothing_measures_it", unmeasured)


def measures_in(work: UnitOfWork, cycle_id: UUID, covered: Iterable[Objective] = ()) -> Measures:
    """Return what measures the objectives of a cycle; `covered` as they are now, others stored."""
    teams = ids_of(work, TEAMS, {"type": topic_of(Team)})
    found = {each.id: each for each in objectives_of(work, cycle_id, teams)}
    found |= {each.id: each for each in covered}
    had_some = dict.fromkeys(moved_from(work, found), False)
    return Measures(found, had_some | weighed(work, found))


def counts_above(objective: Objective) -> bool:
    """Return whether an objective counts in that which it is aligned to, once it is measured."""
    return objective.state in PROMISING and objective.weight > 0


def weighed(work: UnitOfWork, objectives: Iterable[UUID]) -> dict[UUID, bool]:
    """Return whether a key result with a weight is left, of each objective that has any.

    Those that have none but dropped ones are among them.
    """
    dialect = work.database.dialect
    rows = work.database.rows(
        f"SELECT DISTINCT {dialect.id_as_text('parent')}, "
        f"living AND CAST({dialect.json_text('state', 'weight')} AS numeric) > 0 "
        f"FROM {streams.name} "
        f"WHERE parent {dialect.in_array('objectives', 'uuid')} AND type = :type",
        {"objectives": dialect.array(objectives), "type": topic_of(KeyResult)},
    )
    found: dict[UUID, bool] = {}
    for objective, has_weight in rows:
        id_ = UUID(objective)
        found[id_] = found.get(id_, False) or bool(has_weight)
    return found


def moved_from(work: UnitOfWork, objectives: Iterable[UUID]) -> set[UUID]:
    """Return the objectives that had a key result once that was moved to another of these."""
    dialect = work.database.dialect
    rows = work.database.rows(
        f"SELECT {dialect.id_as_text('stream')} FROM {streams.name} "
        f"WHERE parent {dialect.in_array('objectives', 'uuid')} AND type = :type AND version > 1",
        {"objectives": dialect.array(objectives), "type": topic_of(KeyResult)},
    )
    moved = of_each(work, MOVED, [stream for (stream,) in rows])
    return {UUID(each.data["objective_id"]) for each in events_of(work, PLACED, moved)}
