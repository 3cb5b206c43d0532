"""What is aligned to goals, below them, and fed by KPIs: as it is stored, found by an index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from okr_es.domain.base import Aggregate
from okr_es.domain.key_result import KeyResult
from okr_es.domain.objective import Objective
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.log.references import REFERENCES, referring_statement
from okr_es.log.schema import streams
from okr_es.log.stream_states import decode_aggregate

A = TypeVar("A", bound=Aggregate)


def aligned_to(
    work: UnitOfWork, objectives: Iterable[UUID], key_results: Iterable[UUID]
) -> list[Objective]:
    """Return the objectives that are aligned to some objectives or key results, by their ids."""
    found = [
        *referring(work, "aligned_to_objective_id", objectives),
        *referring(work, "aligned_to_key_result_id", key_results),
    ]
    return sorted((each for each in found if isinstance(each, Objective)), key=by_id)


def fed_by(work: UnitOfWork, kpi_ids: Iterable[UUID]) -> list[KeyResult]:
    """Return the key results that KPIs feed, by their ids; also the dropped ones."""
    found = referring(work, "kpi_id", kpi_ids)
    return sorted((each for each in found if isinstance(each, KeyResult)), key=by_id)


def key_results_below(work: UnitOfWork, objectives: Iterable[UUID]) -> list[KeyResult]:
    """Return the key results of some objectives, by their ids; also the dropped ones."""
    return below(work, KeyResult, objectives)


def below(work: UnitOfWork, cls: type[A], parents: Iterable[UUID]) -> list[A]:
    """Return the things of a kind below some parents, by their ids; also what ended."""
    dialect, kind = work.database.dialect, topic_of(cls)
    rows = work.database.rows(
        f"SELECT {dialect.id_as_text('stream')}, version, state FROM {streams.name} "
        f"WHERE parent {dialect.in_array('parents', 'uuid')} AND type = :type ORDER BY stream",
        {"parents": dialect.array(parents), "type": kind},
    )
    found: Iterable[Aggregate] = (
        decode_aggregate(kind, UUID(stream), version, bytes(state))
        for stream, version, state in rows
    )
    return [each for each in found if isinstance(each, cls)]


def referring(work: UnitOfWork, field: str, ids: Iterable[UUID]) -> list[Objective | KeyResult]:
    """Return what names one of some streams in a field."""
    wanted = list(ids)
    if not wanted:
        return []
    dialect = work.database.dialect
    rows = work.database.rows(referring_statement(dialect, field), {"ids": dialect.array(wanted)})
    return [
        decode_aggregate(REFERENCES[field], UUID(stream), version, bytes(state))  # type: ignore[misc]
        for stream, version, state in rows
    ]


def by_id(each: Objective | KeyResult) -> str:
    """Return what sorts things by their ids."""
    return str(each.id)
