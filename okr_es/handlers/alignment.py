"""What an objective is aligned to, directly or through others."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.handlers.unit_of_work import UnitOfWork


def maybe_objective(work: UnitOfWork, objective_id: UUID | None) -> Objective | None:
    """Return an objective it is aligned to, if one is."""
    if objective_id is None:
        return None
    return work.load(Objective, objective_id, "aligned_to_objective_id")


def alignment_upwards(work: UnitOfWork, objective: Objective | None) -> Iterator[Objective]:
    """Yield an objective and all it is aligned to, directly or through others."""
    while objective is not None:
        yield objective
        aligned_to = objective.aligned_to_objective_id
        if objective.aligned_to_key_result_id is not None:
            through = work.load(
                KeyResult, objective.aligned_to_key_result_id, "aligned_to_key_result_id"
            )
            aligned_to = through.objective_id
        objective = maybe_objective(work, aligned_to)
