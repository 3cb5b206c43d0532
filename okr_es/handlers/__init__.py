"""The handlers, one function for each command: load, let the aggregate decide, save."""

from okr_es.handlers import (
    api_keys,
    approvals,
    calendar,
    corrections,
    cycle_corrections,
    cycles,
    goal_data,
    grants,
    key_results,
    kpi_corrections,
    kpis,
    objectives,
    organisation,
    people,
    readings,
    redactions,
    retention,
    signing_keys,
)
from okr_es.handlers.registry import handle

__all__ = [
    "api_keys", "approvals", "calendar", "corrections", "cycle_corrections", "cycles", "goal_data",
    "grants", "handle", "key_results", "kpi_corrections", "kpis", "objectives", "organisation",
    "people", "readings", "redactions", "retention", "signing_keys",
]  # fmt: skip
