"""What an objective is aligned to, directly or through others."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from msgspec import UNSET

from okr_es.commands import RealignObjective
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.handlers.unit_of_work import UnitOfWork


def maybe_objective(work: UnitOfWork, objective_id: UUID | None) -> Objective | None:
    """Return an objective it is aligned to, if one is."""
    if objective_id is None:
        return None
    return work.load(Objective, objective_id, "aligned_to_objective_id")


def wanted_alignment(
    command: RealignObjective, objective: Objective
) -> tuple[UUID | None, UUID | None]:
    """Return the objective and the key result it is to be aligned to, one of them at most.

    What is left out stays, unless the other takes its place.
    """
    to_objective, to_key_result = command.aligned_to_objective_id, command.aligned_to_key_result_id
    if to_objective is UNSET:
        to_objective = None if to_key_result else objective.aligned_to_objective_id
    if to_key_result is UNSET:
        to_key_result = None if to_objective else objective.aligned_to_key_result_id
    return to_objective, to_key_result


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
