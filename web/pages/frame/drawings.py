"""Small drawings as SVG, without an engine: a bar of progress, and a sparkline.

They are drawn by attributes and classes alone: a page has no style of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

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


# ---- sparklines: a polyline of at most 400 bytes ----------------------------------------------

SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 120, 24, 3
MOST_POINTS = 24
HIGHEST = 1.25  # what goes beyond is cut off here
SPARK = Markup(
    '<svg class="spark" viewBox="0 0 120 24" aria-hidden="true">'
    '<path class="expected" d="M0 {} L120 {}"/><polyline points="{}"/>'
    '<circle cx="{}" cy="{}" r="2"/></svg>'
)


def spark(values: Sequence[tuple[float, float]], expected: tuple[float, float]) -> Markup:
    """Return progress as a line: each value at its share of the days, 0 to 1, the last one marked.

    `expected` is what is expected on the first and the last day. Of many values some are left out.
    """
    if not values:
        return Markup("")
    kept = thinned(values)
    drawn_ = [(round(x * (SPARK_WIDTH - SPARK_EDGE)), height_of(y)) for x, y in kept]
    line = " ".join(f"{x},{y}" for x, y in drawn_)
    return SPARK.format(*map(height_of, expected), line, *drawn_[-1])


def thinned(values: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return at most so many values as a line has room for, the first and the last among them."""
    if len(values) <= MOST_POINTS:
        return list(values)
    step = (len(values) - 1) / (MOST_POINTS - 1)
    return [values[round(number * step)] for number in range(MOST_POINTS)]


def height_of(share: float) -> int:
    """Return how far down a progress lies."""
    inside = max(0.0, min(share, HIGHEST)) / HIGHEST
    return round(SPARK_HEIGHT - SPARK_EDGE - inside * (SPARK_HEIGHT - 2 * SPARK_EDGE))
