"""How much a body may say: counted before it is read, so that memory has a bound."""

from __future__ import annotations

import re

from web.api.problems import Problem

MOST_VALUES = 500_000
FEW_BYTES = 64 * 1024  # a body of this size holds few values in any case
STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def require_few_values(data: bytes) -> None:
    """Refuse JSON with too many values; what stands in texts does not count."""
    if len(data) <= FEW_BYTES or few_values(data) or few_values(STRINGS.sub(b"", data)):
        return
    raise Problem(
        "too-many-values",
        413,
        "The body has too many values.",
        f"It has more than {MOST_VALUES} values: send less, or in several requests.",
    )


def few_values(data: bytes) -> bool:
    """Return whether so many commas and brackets are within the bound."""
    return data.count(b",") + data.count(b"{") + data.count(b"[") <= MOST_VALUES
