"""Answers about goals, line by line: words for each part of an answer."""

from typing import Any

import pytest

from web.cli.text.goals import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("0.5", "0.5"),
        (True, "yes"),
        ([], "–"),
        (["Build", "Test"], "Build; Test"),
        ([{"on": "2025-08-01", "share": "0.4"}], "on 2025-08-01, share 0.4"),
        ({"commit": "a", "target": "b", "stretch": "c"}, "commit a, target b, stretch c"),
        (
            {"inside": 1, "periods": 2, "without_reading": 3, "share": "0.5"},
            "1 of 2 periods inside",
        ),
        ({"id": "1", "as_of": "2025-02-03", "value": "90", "zone": None}, "90 2025-02-03"),
    ],
)
def test_both_sides_of_a_change_are_shown_by_their_main_part(value: Any, text: str):
    assert shown(value, {}) == text
