"""What each command does: load, let the aggregate decide, save. One function a command."""

from . import cycles, key_results, kpis, objectives, organisation, sealing
from .base import handle

__all__ = ["cycles", "handle", "key_results", "kpis", "objectives", "organisation", "sealing"]
