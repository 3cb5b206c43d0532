"""The history of events that may lie anywhere in the log, about anything."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from projections.as_of.rows import relation
from projections.audit_log.field_changes import KPI_TARGETS, Statement, recounted
from projections.audit_log.history import Event, History
from projections.read_model.changes import CHANGES
from projections.read_model.projector import KPI_TARGETS as TARGET_EVENTS
from projections.read_model.tables import FOREVER


class Scattered(History):
    """Reads of each thing the versions an event began and ended, not all those in between."""

    def versions(self, table: str, streams: list[str], happened: list[Event]) -> Statement:
        """Return the statement of the versions that some events began and ended."""
        if table == "reading":
            return super().versions(table, streams, happened)
        pairs = [[event.stream, event.position] for event in happened if is_about(table, event)]
        listed = relation(self.okr.database, "pairs", id="text", position="bigint")
        asked: dict[str, Any] = {"pairs": json.dumps(pairs)}
        return table, begun_and_ended(table, listed), asked


def is_about(table: str, event: Event) -> bool:
    """Return whether an event began a version of a row of a table."""
    if table == KPI_TARGETS:
        return event.type in TARGET_EVENTS
    return event.type in CHANGES and CHANGES[event.type][0] == table


@cache
def begun_and_ended(table: str, pairs: str) -> str:
    """Return the statement of the versions that began or ended at an event of their thing."""
    if table == KPI_TARGETS:
        return (
            f"SELECT DISTINCT {recounted(table, 'v')} FROM {pairs} AS p JOIN {table} now "
            f"ON now.kpi_id = p.id AND now.known_until = {FOREVER} JOIN {table} v "
            "ON v.id = now.id AND (v.known_from = p.position OR v.known_until = p.position)"
        )
    before = (
        f"(SELECT max(u.known_from) FROM {table} u WHERE u.id = p.id AND u.known_from < p.position)"
    )
    return (
        f"SELECT DISTINCT {recounted(table, 'v')} FROM {pairs} AS p CROSS JOIN {table} AS v "
        f"WHERE v.id = p.id AND v.known_from IN (p.position, {before})"
    )
