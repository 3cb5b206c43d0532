"""The parts of an explanation, whatever they are of: together they are the whole."""

from __future__ import annotations

from typing import Any


def every_part(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of key results, of aligned objectives, and the others."""
    return [*answer["key_results"], *answer["aligned"], *answer["others"]]
