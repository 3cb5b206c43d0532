"""The log as it would read if everyone had said at once what was meant: from DESIGN alone.

A correction replaces what the named version said, in the event that set it and in those after it,
until another one revises it. Who named or counted the steps of a milestone did those meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from okr_es.domain.base import Change
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi
from okr_es.domain.objective import Objective
from okr_es.domain.reading import Reading

CORRECTIONS = (KeyResult.Corrected, Objective.Corrected, Kpi.TargetCorrected)


def as_meant(events: Sequence[Change]) -> list[Change]:
    """Some events, each as it was meant all along; corrections stay where they are."""
    meant = list(events)
    for correction in events:
        if isinstance(correction, CORRECTIONS):
            meant = [rewritten(each, correction) for each in meant]
    names = renamed(events)
    steps: dict[UUID, tuple[str, ...]] = {}
    measured: dict[UUID, UUID] = {}
    found = []
    for said, event in zip(events, meant, strict=True):
        if isinstance(said, KeyResult.Added | KeyResult.Retargeted | KeyResult.Rebased):
            steps[said.originator_id] = said.measure.steps
        elif isinstance(said, KeyResult.Corrected):
            steps[said.originator_id] = said.now.measure.steps
        elif isinstance(said, Reading.CheckedIn):
            measured[said.originator_id] = said.key_result_id
        found.append(with_steps(event, steps, measured, names))
    return found


def rewritten(event: Change, correction: Any) -> Change:
    """An event as a correction means it."""
    is_about = (
        event.originator_id == correction.originator_id
        and correction.since <= event.originator_version < correction.originator_version
        and (correction.until is None or event.originator_version < correction.until)
    )
    if not is_about:
        return event
    match correction, event:
        case Objective.Corrected(), Objective.Realigned() | Objective.Corrected():
            return replace(event, weight=correction.meant)
        case KeyResult.Corrected(), KeyResult.Corrected():
            now = with_promise(event.now, correction.what, correction.meant)
            return replace(event, now=now)
        case Kpi.TargetCorrected(), _:
            return with_numbers(event, correction.meant)
        case KeyResult.Corrected(), _:
            return with_promise(event, correction.what, correction.meant)
    return event


def with_promise(event: Any, what: Sequence[str], meant: Any) -> Any:
    """An event of a key result with some of what was meant, as far as it says any of that."""
    changes: dict[str, Any] = {}
    measured = {name: getattr(meant.measure, name) for name in what if hasattr(meant.measure, name)}
    if hasattr(event, "measure"):
        changes["measure"] = replace(event.measure, **measured)
    changes |= {
        name: getattr(meant, name)
        for name in ("trajectory", "weight")
        if name in what and hasattr(event, name)
    }
    return replace(event, **changes) if changes else event


def with_numbers(event: Any, meant: Any) -> Change:
    """An event of a KPI with the numbers that were meant for a span."""
    numbers = {name: getattr(meant, name) for name in ("target", "minimum", "maximum")}
    changes = {
        name: replace(getattr(event, name), **numbers)
        for name in ("before", "target", "now")
        if hasattr(event, name) and getattr(event, name).starts == meant.starts
    }
    return replace(event, **changes) if changes else event  # type: ignore[no-any-return]


def renamed(events: Sequence[Change]) -> dict[UUID, dict[str, str]]:
    """The steps of each milestone that go by another name now: as many were said as meant."""
    found: dict[UUID, dict[str, str]] = {}
    for event in events:
        if isinstance(event, KeyResult.Corrected) and "steps" in event.what:
            said, meant = event.said.measure.steps, event.meant.measure.steps
            names = found.setdefault(event.originator_id, {})
            if len(said) == len(meant):
                now = {a: b for a, b in zip(said, meant, strict=True)
                       if a not in meant and b not in said}  # fmt: skip
                for old, name in names.items():
                    names[old] = now.get(name, name)
                names |= now
    return found


def with_steps(
    event: Change,
    steps: dict[UUID, tuple[str, ...]],
    measured: dict[UUID, UUID],
    names: dict[UUID, dict[str, str]],
) -> Change:
    """A check-in that names the steps it means; a count means the first of those there were."""
    if not isinstance(event, Reading.CheckedIn | Reading.Corrected) or event.value is None:
        return event
    key_result = measured.get(event.originator_id)
    if key_result not in names:
        return event
    done = event.done_steps
    done = steps[key_result][: int(event.value)] if done is None else done
    return replace(event, done_steps=tuple(names[key_result].get(each, each) for each in done))
