"""A review, line by line: what a total says."""

from __future__ import annotations

from typing import Any

import pytest

from web.cli.text.review import objectives_of

NOTHING = {"met": 0, "partly_met": 0, "missed": 0, "not_measured": 0}
NO_END = {"graded": 0, "abandoned": 0, "carried_over": 0, "ungraded": 0}


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ({}, "8 goals"),
        ({"outcomes": {"missed": 8}, "ended_by": {"carried_over": 8}},
         "8 goals, 8 missed, 8 carried over"),
        ({"added": 2, "outcomes": {"met": 3, "partly_met": 4}, "ended_by": {"ungraded": 1}},
         "8 goals, 2 added, 3 met, 4 partly met, 1 ungraded"),
    ],
)  # fmt: skip
def test_a_total_says_what_came_out_and_what_did_not_happen_is_left_out(
    of: dict[str, Any], said: str
) -> None:
    total: dict[str, Any] = {
        "objectives": 8,
        "not_measured": {"committed": 0, "ended": 0},
        "added": of.get("added", 0),
        "not_planned": 0,
        "given_up": 0,
        "outcomes": NOTHING | of.get("outcomes", {}),
        "ended_by": NO_END | of.get("ended_by", {}),
    }
    assert objectives_of(total) == said  # type: ignore[arg-type]
