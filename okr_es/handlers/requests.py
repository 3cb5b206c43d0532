"""Requests that wait for approval and name what ends: some of them are in vain now."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from okr_es.domain.approval import APPROVALS, Approval
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.log.mapper import topic_of
from okr_es.log.names import CYCLE
from okr_es.log.stream_states import decode_aggregate

WAITING = """
  SELECT {id}, version, state FROM streams
  WHERE (parent IN (SELECT stream FROM names WHERE kind = :kind) OR parent = {of_none})
    AND type = :type AND living
  ORDER BY stream
"""


def waiting(work: UnitOfWork) -> list[Approval]:
    """Return the requests that wait, of all cycles and of none.

    The one that is approved just now is not among them.
    """
    topic, dialect = topic_of(Approval), work.database.dialect
    statement = WAITING.format(id=dialect.id_as_text("stream"), of_none=dialect.as_id("of_none"))
    rows = work.database.rows(statement, {"kind": CYCLE, "type": topic, "of_none": str(APPROVALS)})
    found = [
        decode_aggregate(topic, UUID(stream), version, bytes(state))
        for stream, version, state in rows
    ]
    return [each for each in found if isinstance(each, Approval) and each.id not in work.changed]


def warn_of_requests(work: UnitOfWork, *ended: UUID) -> None:
    """Warn of the requests that wait and name something that ends."""
    work.warn("requests_name_it", [each for each in waiting(work) if names(each, ended)])


def names(request: Approval, ids: Collection[UUID]) -> bool:
    """Return whether what is asked for names one of some things."""
    return not {*map(str, ids)}.isdisjoint(map(str, request.fields.values()))
