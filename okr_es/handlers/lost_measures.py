"""Objectives that lose what measured them: their own key results, or what is aligned to them.

One that loses its measure counts no longer in what it is aligned to either: that may lose its own.
A draft is still made: its commit warns.
"""

from __future__ import annotations

from uuid import UUID

from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.handlers.plans import PROMISING
from okr_es.handlers.references import aligned_to, key_results_below
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.handlers.unmeasured import Measures, counts, measures_in


def warn_of_no_weight(work: UnitOfWork, weighed: KeyResult | Objective) -> None:
    """Warn of a key result or an alignment without a weight."""
    if not weighed.weight:
        work.warn("has_no_weight", [weighed])


def warn_of_lost_weight(
    work: UnitOfWork, key_result: KeyResult, objective: Objective, to: Objective | None = None
) -> None:
    """Warn of an objective that lost its last key result with a weight, or the weight of that.

    `to` is the objective it was moved to.
    """
    if objective.state not in PROMISING:
        return
    others = (each for each in key_results_below(work, [objective.id]) if each.id != key_result.id)
    if any(each.weight > 0 and not each.dropped for each in others):
        return
    above = []
    if counts(objective) and objective.aligned_to_objective_id is not None:
        before = measures_in(work, objective.cycle_id)
        own = before.own | {objective.id: False}
        if to is not None:
            own[to.id] = own.get(to.id, False) or key_result.weight > 0
        after = Measures(before.objectives, own)
        above = [each for each in lost(before, after) if each.id != objective.id]
    work.warn("nothing_measures_it_now", [objective, *above])


def warn_of_lost_alignment(work: UnitOfWork, objective: Objective) -> None:
    """Warn of what an objective measured until it was abandoned, or aligned otherwise."""
    stored = work.as_loaded(Objective, objective.id)
    if stored is None or stored.aligned_to_objective_id is None or not counts(stored):
        return
    if key_results_below(work, [stored.aligned_to_objective_id]):
        return
    before = measures_in(work, objective.cycle_id)
    after = Measures(before.objectives | {objective.id: objective}, before.own)
    work.warn("nothing_measures_it_now", lost(before, after))


def warn_of_first_key_result(work: UnitOfWork, key_result: KeyResult, objective: Objective) -> None:
    """Warn of what measured an objective until it got its first key result, and does no longer."""
    if objective.state not in PROMISING:
        return
    if any(each.id != key_result.id for each in key_results_below(work, [objective.id])):
        return
    below = [each for each in aligned_to(work, [objective.id], []) if counts(each)]
    if not any(each.cycle_id == objective.cycle_id for each in below):
        return
    before = measures_in(work, objective.cycle_id)
    if objective.id in before.own:
        return
    measuring = before.measured & {each.id for each in below}
    work.warn("aligned_measure_it_no_more", [each for each in below if each.id in measuring])
    after = Measures(before.objectives, before.own | {objective.id: key_result.weight > 0})
    work.warn("nothing_measures_it_now", lost(before, after))


def lost(before: Measures, after: Measures) -> list[Objective]:
    """Return the objectives that something measured before and nothing does any more."""
    ids: set[UUID] = before.measured - after.measured
    found = (after.objectives[id_] for id_ in sorted(ids))
    return [each for each in found if each.state in PROMISING]
