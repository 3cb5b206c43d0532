"""What KPIs feed, and what of it still runs: that is what a retirement takes the values from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.domain.values import State
from okr_es.handlers.references import fed_by
from okr_es.handlers.unit_of_work import UnitOfWork

LINKED = "key_result.linked"


class Fed(NamedTuple):
    """A key result that a KPI feeds, with its objective and its cycle."""

    key_result: KeyResult
    objective: Objective
    cycle: Cycle

    @property
    def still_runs(self) -> bool:
        """True in an open cycle, while it is neither dropped, abandoned nor graded."""
        return not (self.key_result.dropped or self.is_over)

    @property
    def is_over(self) -> bool:
        """True in a closed cycle, and once its objective was abandoned or graded."""
        objective = self.objective
        return objective.graded or objective.state == State.ABANDONED or self.cycle.closed

    @property
    def is_promised(self) -> bool:
        """True if it is part of a committed plan."""
        return self.key_result.is_promised(self.objective, self.cycle)


def fed(work: UnitOfWork, kpi_ids: Iterable[UUID]) -> list[Fed]:
    """Return the key results that KPIs feed, by their ids, as they are stored; also dropped ones.

    The decision does not rest on them. What lives in a cycle that was opened just now is left out:
    that makes the decision stale.
    """
    key_results = fed_by(work, kpi_ids)
    if not key_results:
        return []
    stored = work.states({each.objective_id for each in key_results})
    objectives = {each.id: each for each in stored if isinstance(each, Objective)}
    cycles = {each.id: each for each in work.cycles()}
    pairs = [(each, objectives[each.objective_id]) for each in key_results]
    return [
        Fed(each, objective, cycles[objective.cycle_id])
        for each, objective in pairs
        if objective.cycle_id in cycles
    ]


def fed_and_running(work: UnitOfWork, kpi_id: UUID) -> list[Fed]:
    """Return the key results that a KPI feeds and that still run.

    The decision rests on them: the append guards that no other is linked meanwhile.
    """
    work.guard_types.add(LINKED)
    found = fed(work, [kpi_id])
    work.fetch({thing.id for each in found for thing in each})
    return [each for each in found if each.still_runs]
