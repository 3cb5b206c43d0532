"""JSON and tag of an answer that is held are made once; a tag is that of what is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from projections.names.naming import Named
from web.api import tags
from web.api.exact_json import encode
from web.api.tags import tagged, tagged_once

ANSWER = {"position": 7, "plan_position": 7, "version": 3, "score": "0.5"}


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The answers that were encoded while the test ran."""
    found: list[Any] = []

    def noted(each: Any) -> bytes:
        if isinstance(each, dict) and "score" in each:
            found.append(each)
        return encode(each)

    monkeypatch.setattr(tags, "encode", noted)
    return found


def test_an_answer_that_is_held_is_encoded_once(encoded: list[Any]) -> None:
    held = Named(ANSWER, ANSWER | {"owner": {"name": "Ada"}})
    first, second = tagged_once(held), tagged_once(held)
    assert first is second
    assert json.loads(first.body) == held.answer
    assert len(encoded) == 1
    assert first == tagged(held.answer)


def test_another_one_that_is_equal_is_encoded_by_itself(encoded: list[Any]) -> None:
    assert tagged_once(Named(ANSWER, ANSWER)) == tagged_once(Named(ANSWER, ANSWER))
    assert len(encoded) == 2


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({"position": 9, "plan_position": 8}, True), ({"score": "0.6"}, False),
        ({"version": 4}, False), ({"day": "2025-08-15"}, False),
    ],
)  # fmt: skip
def test_a_tag_is_that_of_what_is_said(change: dict[str, Any], is_same: bool) -> None:
    assert (tagged(ANSWER).tag == tagged(ANSWER | change).tag) == is_same


def test_a_tag_begins_with_the_version() -> None:
    assert tagged(ANSWER).tag.startswith('"3.')
    assert tagged(ANSWER | {"version": None}).tag.startswith('"0.')
    assert "." not in tagged({"position": 1, "teams": []}).tag


def test_where_the_log_stood_for_the_sides_of_a_comparison_is_not_said() -> None:
    sides = {"from": {"position": 1, "day": "a"}, "to": {"position": 2, "day": "b"}}
    answer = {"position": 2, "changes": [], **sides}
    later = answer | {"position": 9, "to": {"position": 9, "day": "b"}}
    assert tagged(answer).tag == tagged(later).tag
    assert json.loads(tagged(later).body) == later
    other = later | {"to": {"position": 9, "day": "c"}}
    assert tagged(answer).tag != tagged(other).tag
