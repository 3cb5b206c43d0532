"""Carrying an objective over: its successor, the key results that go on, and what follows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from uuid import UUID, uuid5

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.measure import Measure
from okr_es.domain.objective import Objective
from okr_es.domain.person import Person
from okr_es.domain.values import Kind, Zone
from okr_es.handlers.alignment import alignment_upwards
from okr_es.handlers.endings import has_ended
from okr_es.handlers.last_values import Asked, LastValue, bounds_of, last_values
from okr_es.handlers.references import aligned_to, key_results_below
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.scoring.span_values import MOST_DIGITS

REACHED_ZONES = (Zone.TARGET, Zone.STRETCH)


def is_reached(measure: Measure, last: LastValue | None) -> bool:
    """Return whether a key result has come to its target, or beyond; one to keep: is inside."""
    if last is None:
        return False
    match measure.kind:
        case Kind.METRIC:
            return last.value is not None and bounds_of(measure).is_inside(Fraction(last.value))
        case Kind.MILESTONE:
            return set(measure.steps) <= set(last.done) if measure.steps else last.value == 1
        case Kind.ORDINAL:
            return last.zone in REACHED_ZONES


def is_to_keep(measure: Measure) -> bool:
    """Return whether a metric is to stay at least, at most or within: it has no way to go."""
    return measure.direction is not None


def what_is_left(measure: Measure, last: LastValue | None) -> Measure:
    """Return what a key result promises where it goes on from what it came to.

    A metric begins there, unless that is at its target or nothing was measured. Fed by a sum it
    keeps its baseline, and what is missing becomes its target. One to keep stays as it is. Of a
    milestone the steps not done are left.
    """
    if last is None or last.value is None or is_reached(measure, last) or is_to_keep(measure):
        return measure
    if measure.kind != Kind.METRIC:
        left = tuple(step for step in measure.steps if step not in last.done)
        return replace(measure, steps=left)
    if last.is_sum:
        return replace(measure, target=missing(measure, last.value) or measure.target)
    return replace(measure, baseline=last.value)


def missing(measure: Measure, total: Decimal) -> Decimal | None:
    """Return what a metric to reach still misses of its target after a sum, in its unit.

    None where that is no target to go on to: it does not lie on the target's side of the baseline,
    or has another sign than the target.
    """
    target, baseline = measure.target, measure.baseline
    if target is None or baseline is None:
        return None
    with localcontext(prec=MOST_DIGITS):
        left = target - total
    is_on_its_side = left > baseline if target > baseline else left < baseline
    return left if is_on_its_side and left * target > 0 else None


def warn_of_what_stays(
    work: UnitOfWork, new: KeyResult, before: Measure, last: LastValue | None
) -> None:
    """Warn where a metric to reach goes on otherwise than from the value it came to."""
    if before.kind != Kind.METRIC or is_to_keep(before):
        return
    if last is None or last.value is None or is_reached(before, last):
        work.warn("baseline_kept", [new])
    elif last.is_sum and missing(before, last.value) is None:
        work.warn("target_kept", [new])
    elif last.is_sum:
        work.warn("target_is_what_is_missing", [new])


# ---- the successor ------------------------------------------------------------------------


def carried_key_results(
    work: UnitOfWork,
    old: Objective,
    new: Objective,
    cycle: Cycle,
    into: Cycle,
    *,
    with_reached: bool,
) -> list[KeyResult]:
    """Return the key results that go on from those of an objective; reached ones only if asked."""
    ids = sorted(work.living_children(old.id, KeyResult))
    work.fetch(set(ids))
    found = [work.load(KeyResult, id_, "key_result_id") for id_ in ids]
    values = last_values(work, (Asked(each, cycle) for each in found))
    reached = [each for each in found if is_reached(each.measure, values.get(each.id))]
    if reached and not with_reached:
        work.warn("reached_not_carried", reached)
        found = [each for each in found if each not in reached]
    return [carried(work, each, new, into, values.get(each.id)) for each in found]


def carried(
    work: UnitOfWork, old: KeyResult, objective: Objective, cycle: Cycle, last: LastValue | None
) -> KeyResult:
    """Return the key result that goes on from an old one. Its trajectory was the old cycle's."""
    new = KeyResult.add(
        id=successor_id(objective.id, old.id),
        objective=objective,
        cycle=cycle,
        title=old.title,
        measure=what_is_left(old.measure, last),
        weight=old.weight,
        cadence=old.cadence,
        carried_from=old.id,
        description=old.description,
        owner_id=carried_owner(work, old),
    )
    if new.owner_id != old.owner_id:
        work.warn("owner_not_carried", [new])
    work.warn("trajectory_not_carried", [new] if old.trajectory else [])
    warn_of_what_stays(work, new, old.measure, last)
    if old.kpi_id is None:
        return new
    kpi = work.load(Kpi, old.kpi_id, "kpi_id")
    if kpi.retired:
        work.warn("kpi_not_carried", [new, kpi], count=1)
    else:
        new.continue_feed(kpi.id)
    return new


def carried_owner(work: UnitOfWork, key_result: KeyResult) -> UUID | None:
    """Return the owner of its own that a key result keeps; None for one who left or was erased."""
    if key_result.owner_id is None:
        return None
    person = work.find(Person, key_result.owner_id)
    return key_result.owner_id if person is not None and person.is_there else None


def successor_id(objective_id: UUID, key_result_id: UUID) -> UUID:
    """Return the id of the key result of a successor that goes on from an old one."""
    return uuid5(objective_id, str(key_result_id))


# ---- alignment ----------------------------------------------------------------------------


def align_successor(work: UnitOfWork, old: Objective, new: Objective, into: Cycle) -> None:
    """Align the new objective to the successor of what the old one was aligned to.

    While that was not carried over, it stays aligned to a goal of another cycle; to one of its own
    cycle it is aligned once that is carried over too.
    """
    aligned_to = next((o for o in alignment_upwards(work, old) if o.id != old.id), None)
    if aligned_to is None:
        return
    successor = successor_in(work, aligned_to, into)
    if successor is not None:
        align_to(work, new, old, successor, into)
    elif aligned_to.cycle_id == old.cycle_id:
        if has_ended(aligned_to):
            work.warn("aligned_to_what_ended", [aligned_to])
        else:
            work.warn("alignment_not_carried", [aligned_to])
    else:
        new.realign(
            aligned_to_objective_id=old.aligned_to_objective_id,
            aligned_to_key_result_id=old.aligned_to_key_result_id,
            weight=old.weight,
            above=set(),
            cycle=into,
            reason=None,
        )


def successor_in(work: UnitOfWork, objective: Objective, into: Cycle) -> Objective | None:
    """Return what an objective was carried over to, directly or through others.

    That is the one in the cycle, or else the last; None where it was not carried over.
    """
    found = None
    while objective.carried_to is not None and (found is None or found.cycle_id != into.id):
        found = objective = work.load(Objective, objective.carried_to, "objective_id")
    return found


def align_to(
    work: UnitOfWork, new: Objective, old: Objective, successor: Objective, cycle: Cycle
) -> None:
    """Align an objective to the successor of what its predecessor was aligned to.

    Through a key result it is aligned to that key result's successor; where that was not carried
    over, to the objective, with a warning.
    """
    key_result = None
    if old.aligned_to_key_result_id is not None:
        key_result = successor_key_result(work, successor, old.aligned_to_key_result_id)
        if key_result is None:
            work.warn("aligned_to_objective", [new])
    new.follow(successor, None if key_result is None else key_result.id, old.weight, cycle)


def successor_key_result(
    work: UnitOfWork, successor: Objective, key_result_id: UUID
) -> KeyResult | None:
    """Return the living key result of a successor that goes on from an old one, however often."""
    lineage = [successor.id]
    objective = successor
    while objective.carried_from is not None:
        lineage.append(objective.carried_from)
        objective = work.load(Objective, objective.carried_from, "objective_id")
    id_ = key_result_id
    owner = work.load(KeyResult, key_result_id, "aligned_to_key_result_id").objective_id
    if owner not in lineage:
        return None
    for objective_id in reversed(lineage[: lineage.index(owner)]):
        id_ = successor_id(objective_id, id_)
    found = work.find(KeyResult, id_)
    return None if found is None or found.dropped else found


def follow_to(work: UnitOfWork, old: Objective, new: Objective, into: Cycle) -> list[Objective]:
    """Align to a new objective what waits for it since its own carrying over.

    What is promised already is left as it is, with a warning: its alignment is part of a plan. So
    is what the new objective is aligned to itself.
    """
    above = {each.id for each in alignment_upwards(work, new)}
    followed = []
    for child, before in left_behind(work, old, into):
        cycle = work.load(Cycle, child.cycle_id, "cycle_id")
        if child.is_promised(cycle) or child.id in above:
            work.warn("alignment_not_followed", [child])
        else:
            align_to(work, child, before, new, cycle)
            followed.append(child)
    return followed


def left_behind(
    work: UnitOfWork, old: Objective, into: Cycle
) -> Iterator[tuple[Objective, Objective]]:
    """Yield what waits for the successor of an objective, each with the alignment it had.

    That is a successor in the new cycle that is aligned to nothing since its own carrying over, or
    one that is still aligned to the old objective in a cycle that begins no earlier than the new.
    """
    below = aligned_to(work, [old.id], [each.id for each in key_results_below(work, [old.id])])
    work.fetch({id_ for each in below for id_ in (each.id, each.carried_to) if id_ is not None})
    for found in below:
        child = each = work.load(Objective, found.id, "objective_id")
        if each.carried_to is not None:
            child = work.load(Objective, each.carried_to, "objective_id")
            is_waiting = child.cycle_id == into.id and not child.is_aligned
        else:
            cycle = work.load(Cycle, each.cycle_id, "cycle_id")
            is_waiting = each.carried_from is not None and cycle.starts >= into.starts
        if is_waiting and child.is_living:
            yield child, each
