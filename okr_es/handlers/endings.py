"""What a command ends or moves while other things need it, or are measured by it: each is named."""

from __future__ import annotations

from collections.abc import Iterable

from okr_es.domain.base import Aggregate
from okr_es.domain.cycle import Cycle
from okr_es.domain.grant import Grant
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.team import Team
from okr_es.domain.values import State
from okr_es.handlers.holdings import naming, still_held
from okr_es.handlers.plans import PROMISING
from okr_es.handlers.references import aligned_to, below, key_results_below
from okr_es.handlers.requests import warn_of_requests
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.handlers.unmeasured import Measures, counts_above, measures_in


def warn_of_drop(work: UnitOfWork, key_result: KeyResult, objective: Objective) -> None:
    """Warn of what is aligned to a dropped key result, and of an objective nothing measures now."""
    work.warn("aligned_to_what_ends", counting(aligned_to(work, [], [key_result.id])))
    warn_of_lost_weight(work, key_result, objective)
    warn_of_requests(work, key_result.id)


def warn_of_key_result_moved(
    work: UnitOfWork, key_result: KeyResult, source: Objective, target: Objective
) -> None:
    """Warn of what is aligned to a key result that is another objective's now, and of both.

    In a draft it counts nowhere.
    """
    work.warn("aligned_to_what_moves", counting(aligned_to(work, [], [key_result.id])))
    if target.state == State.DRAFT and source.state != State.DRAFT:
        work.warn("moved_into_draft", [key_result])
    warn_of_lost_weight(work, key_result, source, target)
    warn_of_first_key_result(work, key_result, target)


def warn_of_abandonment(work: UnitOfWork, objective: Objective) -> None:
    """Warn of what is aligned to an abandoned objective, what it went on from, and requests."""
    key_results = [each.id for each in key_results_below(work, [objective.id])]
    work.warn("aligned_to_what_ends", counting(aligned_to(work, [objective.id], key_results)))
    if objective.carried_from is not None and objective.state_before != State.DRAFT:
        work.warn("predecessor_does_not_return", work.states([objective.carried_from]))
    warn_of_lost_alignment(work, objective)
    warn_of_requests(work, objective.id, *key_results)


def warn_of_reopening(work: UnitOfWork, objective: Objective) -> None:
    """Warn of a disbanded team, and of what ended meanwhile of what an objective is aligned to."""
    team = work.load(Team, objective.team_id, "team_id")
    if team.disbanded:
        work.warn("team_is_disbanded", [team])
    aligned = (objective.aligned_to_objective_id, objective.aligned_to_key_result_id)
    work.warn(
        "aligned_to_what_ended",
        [each for each in work.states(id_ for id_ in aligned if id_) if has_ended(each)],
    )


def has_ended(goal: Aggregate) -> bool:
    """Return whether nothing rolls up to an objective, or through a key result, any more."""
    if isinstance(goal, KeyResult):
        return goal.dropped
    return isinstance(goal, Objective) and goal.state == State.ABANDONED


def warn_of_disbanding(work: UnitOfWork, team: Team) -> None:
    """Warn of the KPIs of a disbanded team, its goals in open cycles, requests, and roles."""
    work.warn("kpis_stay_with_it", [each for each in below(work, Kpi, [team.id]) if each.is_living])
    goals = counting(below(work, Objective, [team.id]))
    cycles = work.states({each.cycle_id for each in goals}) if goals else []
    open_cycles = {each.id for each in cycles if isinstance(each, Cycle) and not each.closed}
    stay = [each for each in goals if each.cycle_id in open_cycles]
    work.warn("objectives_stay_with_it", stay)
    warn_of_requests(work, team.id)
    work.warn("roles_stay_with_it", still_held(work, naming(work, team.id, [Grant])))


def warn_of_requests_about(work: UnitOfWork, objective: Objective) -> None:
    """Warn of the requests about an objective that is graded now."""
    key_results = [each.id for each in key_results_below(work, [objective.id])]
    warn_of_requests(work, objective.id, *key_results)


def counting(objectives: Iterable[Objective]) -> list[Objective]:
    """Return those of some objectives that were not abandoned."""
    return [each for each in objectives if each.state != State.ABANDONED]


# ---- what loses its measure ---------------------------------------------------------------
#
# One that does counts no longer in what it is aligned to either: that may lose its own. A draft is
# still made: its commit warns.


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
    if counts_above(objective) and objective.aligned_to_objective_id is not None:
        before = measures_in(work, objective.cycle_id)
        own = before.own | {objective.id: False}
        if to is not None:
            own[to.id] = own.get(to.id, False) or key_result.weight > 0
        after = Measures(before.objectives, own)
        above = [each for each in newly_unmeasured(before, after) if each.id != objective.id]
    work.warn("nothing_measures_it_now", [objective, *above])


def warn_of_alignment(work: UnitOfWork, objective: Objective) -> None:
    """Warn of what a change of an alignment takes its measure, and of one without a weight."""
    warn_of_lost_alignment(work, objective)
    if objective.is_aligned:
        warn_of_no_weight(work, objective)


def warn_of_lost_alignment(work: UnitOfWork, objective: Objective) -> None:
    """Warn of what an objective measured until it was abandoned, or aligned otherwise."""
    stored = work.as_loaded(Objective, objective.id)
    if stored is None or stored.aligned_to_objective_id is None or not counts_above(stored):
        return
    if key_results_below(work, [stored.aligned_to_objective_id]):
        return
    before = measures_in(work, objective.cycle_id)
    after = Measures(before.objectives | {objective.id: objective}, before.own)
    work.warn("nothing_measures_it_now", newly_unmeasured(before, after))


def warn_of_first_key_result(work: UnitOfWork, key_result: KeyResult, objective: Objective) -> None:
    """Warn of what measured an objective until it got its first key result, and does no longer."""
    if objective.state not in PROMISING:
        return
    if any(each.id != key_result.id for each in key_results_below(work, [objective.id])):
        return
    below = [each for each in aligned_to(work, [objective.id], []) if counts_above(each)]
    if not any(each.cycle_id == objective.cycle_id for each in below):
        return
    before = measures_in(work, objective.cycle_id)
    if objective.id in before.own:
        return
    measuring = before.measured & {each.id for each in below}
    work.warn("aligned_measure_it_no_more", [each for each in below if each.id in measuring])
    after = Measures(before.objectives, before.own | {objective.id: key_result.weight > 0})
    work.warn("nothing_measures_it_now", newly_unmeasured(before, after))


def newly_unmeasured(before: Measures, after: Measures) -> list[Objective]:
    """Return the objectives that something measured before and nothing does any more."""
    found = (after.objectives[id_] for id_ in sorted(before.measured - after.measured))
    return [each for each in found if each.state in PROMISING]
