"""Small drawings as SVG, without an engine: a bar of progress, and the line of a time bar.

They are drawn by attributes and classes alone: a page has no style of its own.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

FULL = 100  # units: what was promised
LONGEST = 125  # units: what goes beyond is cut off here


class Bar(NamedTuple):
    """A bar of progress in units: how far, how far it should be by now (None: nothing is due)."""

    done: float
    beyond: float
    tick: float | None


def bar(progress: str | None, expected: str | None) -> Bar:
    """Return the bar of a progress, 0 to 1 and beyond; what lies below 0 is empty."""
    share = min(float(Decimal(progress or 0)) * FULL, LONGEST)
    tick = None if expected is None else round(min(float(Decimal(expected)) * FULL, FULL), 1)
    return Bar(round(max(0.0, min(share, FULL)), 1), round(max(0.0, share - FULL), 1), tick)
