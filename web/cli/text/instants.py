"""Instants as people read them: to the second, in the zone of the organisation."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import click

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def instant(written: str) -> str:
    """Return an instant to the second, with the offset of the zone; it can be asked about again."""
    at = datetime.fromisoformat(written).astimezone(ZoneInfo(zone()))
    return at.isoformat(timespec="seconds")


def day(written: str) -> str:
    """Return the day of an instant."""
    return instant(written)[:10]


def maybe_instant(text: str) -> str:
    """Return a text, to the second where it is an instant."""
    return instant(text) if INSTANT.fullmatch(text) else text


def zone() -> str:
    """Return the zone of the organisation that is asked; UTC where none is."""
    context = click.get_current_context(silent=True)
    return str(getattr(context and context.obj, "zone", None) or "UTC")
