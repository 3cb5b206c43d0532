"""What a KPI feeds that still runs: what its retirement takes the values from."""

from __future__ import annotations

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
        objective = self.objective
        is_over = objective.graded or objective.state == State.ABANDONED
        return not (self.key_result.dropped or is_over or self.cycle.closed)

    @property
    def is_promised(self) -> bool:
        """True if it is part of a committed plan."""
        return self.key_result.is_promised(self.objective, self.cycle)


def fed_and_running(work: UnitOfWork, kpi_id: UUID) -> list[Fed]:
    """Return the key results that a KPI feeds and that still run.

    The decision rests on them: the append guards that no other is linked meanwhile.
    """
    work.guard_types.add(LINKED)
    ids = {each.id for each in fed_by(work, [kpi_id])}
    work.fetch(ids)
    key_results = [work.load(KeyResult, id_, "kpi_id") for id_ in sorted(ids)]
    work.fetch({each.objective_id for each in key_results})
    objectives = [work.load(Objective, each.objective_id, "kpi_id") for each in key_results]
    work.fetch({each.cycle_id for each in objectives})
    cycles = [work.load(Cycle, each.cycle_id, "kpi_id") for each in objectives]
    found = map(Fed, key_results, objectives, cycles)
    return [each for each in found if each.still_runs]
