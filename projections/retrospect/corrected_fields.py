"""Which fields of a goal differ between two moments because what was meant was corrected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from projections.as_of.corrected import meant_by
from projections.goals.key_result_scores import KeyResultRow
from projections.read_model.tables import Row

# What is corrected; the answers have the same names.
CORRECTABLE = frozenset({
    "baseline", "target", "unit", "direction", "minimum", "maximum", "steps", "zones",
    "trajectory", "weight",
})  # fmt: skip
Stored = Row | KeyResultRow  # an objective or a key result as loaded


def corrected_fields(
    before: Stored, known_before: int, after: Stored, known_after: int
) -> Mapping[str, bool]:
    """Return the fields that were corrected between two positions, and whether that is all.

    It is not where the later one was revised as well. The positions may come in either order.
    """
    early, late, known = before, after, known_after
    if known_after < known_before:
        early, late, known = after, before, known_before
    if value(early, "corrected") is None:
        return {}
    return {
        name: meant == value(late, name)
        for name, meant in meant_by(value(early, "corrected"), known).items()
        if name in CORRECTABLE and meant != value(early, name)
    }


def value(row: Stored, name: str) -> Any:
    """Return a column of a row."""
    return getattr(row, name) if isinstance(row, KeyResultRow) else row[name]
