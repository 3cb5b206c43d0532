"""Versions as corrected by a moment: what was meant all along, once that is known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from projections.read_model.tables import Row

Values = Mapping[str, Any]


@lru_cache(maxsize=1_024)
def corrections_in(corrected: str) -> tuple[tuple[int, Values], ...]:
    """Return the corrections of a version, the oldest first: since which position, and what."""
    return tuple(msgspec.json.decode(f"[{corrected}]", type=list[tuple[int, dict[str, Any]]]))


def meant_by(corrected: str | None, known: int) -> dict[str, Any]:
    """Return what was meant in a version, as known at a position; nothing where it was said."""
    found: dict[str, Any] = {}
    if corrected is not None:
        for position, meant in corrections_in(corrected):
            if position <= known:
                found |= meant
    return found


def row_as_known(row: Row, known: int) -> Row:
    """Return a row of a goal or of a KPI's target as corrected by a position."""
    corrected = row.get("corrected")
    return row if corrected is None else row | meant_by(corrected, known)
