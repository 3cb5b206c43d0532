"""Steps of a milestone that were done, and are none of its steps any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.measure import Measure
from okr_es.domain.values import Kind
from okr_es.handlers.last_values import (
    LastValue,
    counting_of,
    last_check_in,
    measures_of,
    readings_of,
)
from okr_es.handlers.unit_of_work import UnitOfWork

NOTHING_RENAMED: Mapping[str, str] = MappingProxyType({})


def warn_of_lost_steps(
    work: UnitOfWork,
    key_result: KeyResult,
    cycle: Cycle,
    before: Measure,
    renamed: Mapping[str, str] = NOTHING_RENAMED,
) -> None:
    """Warn of steps that are done and count no longer; `before` is what it was measured by.

    `renamed` are steps with the names that were meant.
    """
    after, id_ = key_result.measure, key_result.id
    if before.kind != Kind.MILESTONE or before.steps == after.steps:
        return
    readings = counting_of(readings_of(work, [id_], cycle.starts, cycle.ends)[str(id_)], cycle)
    last = last_check_in(measures_of(work, [id_])[str(id_)], readings)
    if last is not None:
        named = [renamed.get(step, step) for step in before.steps]
        done = last._replace(done=tuple(renamed.get(step, step) for step in last.done))
        work.warn("done_steps_dropped", [key_result], count=steps_lost(done, named, after.steps))


def steps_lost(last: LastValue, before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many steps that counted as done do no longer.

    A milestone without steps is one step, done where all steps it had then were.
    """
    is_done = last.value == 1
    if not before:
        return int(is_done and not set(last.done) & set(after))
    counted = set(last.done) & set(before)
    return len(counted - set(after)) if after else len(counted) * (not is_done)
