"""What each command does: load, let the aggregate decide, save. One function a command."""

from . import approvals, cycles, key_results, kpis, objectives, organisation, sealing
from .base import handle

__all__ = [
    "approvals", "cycles", "handle", "key_results", "kpis", "objectives", "organisation",
    "sealing",
]  # fmt: skip
