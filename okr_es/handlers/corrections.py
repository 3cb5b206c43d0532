"""Corrections of what is promised: which version was wrong, and until when nobody need approve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET

from okr_es import commands as c
from okr_es.changes import AnyTarget, named, numbers_without
from okr_es.domain.corrections import Versions, renamed_steps, values_of
from okr_es.domain.cycle import Cycle
from okr_es.domain.key_result import KeyResult
from okr_es.domain.kpi import Kpi, Target
from okr_es.domain.measure import Measure
from okr_es.domain.refusals import KindDoesNotFit
from okr_es.domain.values import Point
from okr_es.handlers.endings import (
    warn_of_alignment,
    warn_of_lost_weight,
    warn_of_no_weight,
)
from okr_es.handlers.key_results import with_objective
from okr_es.handlers.kpis import span_named
from okr_es.handlers.late_changes import warn_of_target
from okr_es.handlers.lost_steps import warn_of_lost_steps
from okr_es.handlers.promises import (
    fed_promises,
    promised_key_results,
    promised_objectives,
)
from okr_es.handlers.registry import handle, objective_and_cycle, saved
from okr_es.handlers.stream_events import Event, day_of
from okr_es.handlers.trajectories import warn_of_points
from okr_es.handlers.unit_of_work import LateCorrection, UnitOfWork
from okr_es.log.mapper import decode_plain

FREE_WORKING_DAYS = 5
TARGETS = ("kpi.target_set", "kpi.retargeted", "kpi.span_split")
BOUNDS = ("target", "minimum", "maximum")

Correction = c.CorrectKeyResult | c.CorrectObjective | c.CorrectKpiTarget


class Recorded(NamedTuple):
    """An event of a stream: its version in it, its type, and what it says."""

    version: int
    type: str
    data: dict[str, Any]


@handle.register
def _(command: c.CorrectKeyResult, work: UnitOfWork) -> UUID:
    key_result, objective, cycle = with_objective(work, command.key_result_id)
    stream = recorded(work, [key_result.id])[key_result.id]
    versions, kpi = versions_of_key_result(stream), None
    meant, before, weight = meant_of(key_result, command), key_result.measure, key_result.weight
    if key_result.kpi_id is not None and "unit" in meant:
        kpi = work.load(Kpi, key_result.kpi_id, "kpi_id")
    key_result.correct(meant, versions, command.version, objective, cycle, work.reason, kpi)
    if key_result.pending_events:
        if key_result.weight != weight and not key_result.weight:
            warn_of_no_weight(work, key_result)
            warn_of_lost_weight(work, key_result, objective)
        renamed = renamed_steps(before.steps, key_result.measure.steps)
        warn_of_lost_steps(work, key_result, cycle, before, renamed)
        warn_of_points(work, key_result, objective, cycle)
        promises = promised_key_results(work, [key_result.id]).values()
        wanted = of_version(command, stream[-1].version)
        note_if_late(work, wanted, [(cycle, each) for each in promises])
    return saved(work, key_result)


@handle.register
def _(command: c.CorrectObjective, work: UnitOfWork) -> UUID:
    objective, cycle = objective_and_cycle(work, command.objective_id)
    stream = recorded(work, [objective.id])[objective.id]
    versions = versions_of_alignment(stream)
    objective.correct(command.weight, versions, command.version, cycle, work.reason)
    if objective.pending_events:
        warn_of_alignment(work, objective)
        promises = promised_objectives(work, [objective.id]).values()
        wanted = of_version(command, stream[-1].version)
        note_if_late(work, wanted, [(cycle, each) for each in promises])
    return saved(work, objective)


@handle.register
def _(command: c.CorrectKpiTarget, work: UnitOfWork) -> UUID:
    kpi = work.load(Kpi, command.kpi_id, "kpi_id")
    span = span_named(kpi, command.target)
    stream = recorded(work, [kpi.id])[kpi.id]
    versions = versions_of_span(stream, span)
    then = versions.all[versions.place(command.version, kpi.version)].values["numbers"]
    meant = Target(span.starts, span.ends, *numbers_meant(then, command.target))
    kpi.correct_target(meant, versions, command.version, work.reason)
    if kpi.pending_events:
        promises = ((each.cycle, each.by) for each in fed_promises(work, kpi, span))
        of_span = replace(command, target=replace(command.target, starts=span.starts))
        note_if_late(work, of_version(of_span, stream[-1].version), promises)
        warn_of_target(work, kpi, meant, is_moved=True)
    return saved(work, kpi)


# ---- what was meant -----------------------------------------------------------------------


def meant_of(key_result: KeyResult, command: c.CorrectKeyResult) -> dict[str, Any]:
    """Return what a command names; with another direction go the numbers it has none of."""
    meant: dict[str, Any] = {}
    if command.measure is not UNSET:
        said = named(command.measure)
        if said.pop("kind", key_result.measure.kind) != key_result.measure.kind:
            raise KindDoesNotFit(f"The key result is a {key_result.measure.kind}.", field="kind")
        gone = numbers_without(said["direction"]) if "direction" in said else ()
        meant = {**dict.fromkeys(gone), **said}
    if command.trajectory is not UNSET:
        meant["trajectory"] = command.trajectory
    if command.weight is not UNSET:
        meant["weight"] = command.weight
    return meant


def numbers_meant(then: tuple[Decimal | None, ...], changes: AnyTarget) -> list[Decimal | None]:
    """Return target and bounds as they were meant: what is left out stays."""
    said = named(changes)
    return [said.get(name, before) for name, before in zip(BOUNDS, then, strict=True)]


# ---- which versions there are -------------------------------------------------------------


def recorded(work: UnitOfWork, streams: Iterable[UUID]) -> dict[UUID, list[Recorded]]:
    """Return the events of each of some streams, the oldest first, by one statement."""
    dialect = work.database.dialect
    found: dict[UUID, list[Recorded]] = defaultdict(list)
    rows = work.database.rows(
        f"SELECT {dialect.id_as_text('stream')}, version, type, schema_version, data FROM events "
        f"WHERE stream {dialect.in_array('streams', 'uuid')} ORDER BY stream, version",
        {"streams": dialect.array(streams)},
    )
    for stream, version, kind, schema, data in rows:
        event = Recorded(version, kind, decode_plain(kind, schema, bytes(data)))
        found[UUID(stream)].append(event)
    return found


def versions_of_key_result(stream: Iterable[Recorded]) -> Versions:
    """Return the versions of what a key result promises."""
    found = Versions()
    for each in stream:
        if each.type == "key_result.corrected":
            said = each.data
            found.correct(said["since"], said["until"], said["what"], promised_in(said["meant"]))
        elif values := promised_in(each.data):
            found.begin(each.version, values)
    return found


def promised_in(data: dict[str, Any]) -> dict[str, Any]:
    """Return what an event says a key result promises."""
    found: dict[str, Any] = {}
    if "measure" in data:
        found |= values_of(msgspec.convert(data["measure"], Measure, strict=False))
    if "trajectory" in data:
        points = msgspec.convert(data["trajectory"], tuple[Point, ...], strict=False)
        found["trajectory"] = points
    if "weight" in data:
        found["weight"] = Decimal(data["weight"])
    return found


def versions_of_alignment(stream: Iterable[Recorded]) -> Versions:
    """Return the versions of what an objective is aligned to, and of its weight."""
    found = Versions()
    for each in stream:
        if each.type == "objective.drafted":
            found.begin(each.version, {"aligned_to": None, "weight": Decimal(1)})
        elif each.type == "objective.realigned":
            above = each.data["aligned_to_objective_id"] or each.data["aligned_to_key_result_id"]
            values = {"aligned_to": above, "weight": Decimal(each.data["weight"])}
            is_moved = found.all[-1].values["aligned_to"] != above
            found.begin(each.version, values, ["weight"] if is_moved else ())
        elif each.type == "objective.corrected":
            meant = {"weight": Decimal(each.data["meant"])}
            found.correct(each.data["since"], each.data["until"], meant, meant)
    return found


def versions_of_span(stream: Iterable[Recorded], span: Target) -> Versions:
    """Return the versions of the target of a span of a KPI."""
    found = Versions()
    for each in stream:
        if each.type == "kpi.target_corrected":
            meant = target_in(each.data["meant"])
            if meant.starts == span.starts:
                numbers = {"numbers": meant.numbers}
                found.correct(each.data["since"], each.data["until"], numbers, numbers)
        elif each.type in TARGETS:
            for name in ("before", "target"):
                if name in each.data and (of := target_in(each.data[name])).starts == span.starts:
                    found.begin(each.version, {"numbers": of.numbers})
    return found


def target_in(data: dict[str, Any]) -> Target:
    """Return a target of an event."""
    return msgspec.convert(data, Target, strict=False)


# ---- until when nobody need approve -------------------------------------------------------


def of_version(command: Correction, last: int) -> Correction:
    """Return a correction that names the version that was wrong, the last if it names none."""
    return command if command.version is not None else replace(command, version=last)


def note_if_late(
    work: UnitOfWork, wanted: c.Command, promises: Iterable[tuple[Cycle, Event]]
) -> None:
    """Let a correction wait for approval where it comes late for something that is promised.

    `promises` are cycles, each with the event by which that came to its plan. What is asked for
    names the version that was wrong, and of a KPI the span. One that was approved waits no more.
    """
    if work.approved is not None:
        return
    for cycle, promise in promises:
        last = work.calendars.after(day_of(work, promise), FREE_WORKING_DAYS)
        if work.today > last:
            work.late_correction = LateCorrection(cycle.id, wanted)
            work.warn("correction_is_late", [cycle], until=last)
            return
