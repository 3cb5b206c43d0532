"""The handlers, one function for each command: load, let the aggregate decide, save."""

from okr_es.handlers import (
    approvals,
    calendar,
    cycles,
    goal_data,
    key_results,
    kpis,
    objectives,
    organisation,
    people,
    signing_keys,
)
from okr_es.handlers.registry import handle

__all__ = [
    "approvals", "calendar", "cycles", "goal_data", "handle", "key_results", "kpis",
    "objectives", "organisation", "people", "signing_keys",
]  # fmt: skip
