"""Lanes: which request waits with which others, and how large its body may be."""

from __future__ import annotations

from enum import StrEnum

from web.api.commands import BULK_BYTES, ROUTES
from web.api.evidence import LONGEST_NOTE
from web.api.exact_json import MIB
from web.api.imports import PREVIEW_BYTES

PREFIX = "/api/v1"
HEALTH, LIVE = "/health/", "/health/live"
METRICS = "/metrics"
EXPORT = f"{PREFIX}/evidence"
# What is sent by POST and records nothing, with the most bytes of its body.
ASKED = {
    EXPORT: LONGEST_NOTE,
    f"{EXPORT}/sample": LONGEST_NOTE,
    f"{PREFIX}/imports/kpis/preview": PREVIEW_BYTES,
}
BULK = {PREFIX + route.path: route.most_bytes for route in ROUTES if route.most_bytes > MIB}
BULK[f"{PREFIX}/commands"] = BULK_BYTES
BULK_FROM = 64 * 1024


class Lane(StrEnum):
    """What has places of its own."""

    COMMANDS = "commands"
    READS = "reads"
    BULK = "bulk"
    HEALTH = "health"


BULK_LANE, HEALTH_LANE = Lane.BULK, Lane.HEALTH


def lane_of(method: str, path: str, size: int) -> Lane:
    """Return the lane of a request whose body has so many bytes."""
    if path == METRICS or path.startswith(HEALTH):
        return Lane.HEALTH
    if method != "POST" or path in ASKED:
        return Lane.READS
    return Lane.BULK if path in BULK and size > BULK_FROM else Lane.COMMANDS


def body_limit(method: str, path: str) -> int:
    """Return how many bytes of a body are read; the application may want fewer."""
    if path in ASKED:
        return ASKED[path]
    return BULK.get(path, MIB) if method == "POST" else MIB
