"""JSON of an object that a question returns again is made once, but for names of people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from projections.names.naming import HOLE
from web.api import tags
from web.api.exact_json import encode
from web.api.tags import CachedAnswers, tagged

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


def test_one_object_is_encoded_once(encoded: list[Any]) -> None:
    cached, answer = CachedAnswers(), dict(ANSWER)
    first, second = cached.tagged(answer, {}), cached.tagged(answer, {})
    assert first == second
    assert json.loads(first.body) == ANSWER
    assert len(encoded) == 1


def test_another_object_that_is_equal_is_encoded_by_itself(encoded: list[Any]) -> None:
    cached = CachedAnswers()
    assert cached.tagged(dict(ANSWER), {}) == cached.tagged(dict(ANSWER), {}) == tagged(ANSWER)
    assert len(encoded) == 3


def test_an_object_whose_place_in_memory_another_took_is_not_taken_for_it() -> None:
    cached = CachedAnswers()
    for number in range(3_000):  # far more than it keeps, each freed at once but for those
        made = cached.tagged({"position": number, "at": 1}, {})
        assert json.loads(made.body)["position"] == number
    assert len(cached.cached) == tags.MOST_WHOLE


def test_names_of_people_are_filled_in_each_time_and_kept_nowhere(encoded: list[Any]) -> None:
    """A name is JSON like any text; it stands where the hole is, and nowhere else."""
    cached, person = CachedAnswers(), "6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2f01"
    answer = ANSWER | {"owner": {"id": person, "name": f"{HOLE}{person}"}, "title": person}
    given = set()
    for name in ("Ada", 'Å "quoted"', "Cleo"):
        sent = cached.tagged(answer, {person: name})
        named = answer | {"owner": {"id": person, "name": name}}
        assert json.loads(sent.body) == named
        assert sent == tagged(named)
        given.add(sent.tag)
    assert len(given) == 3
    assert "Cleo" not in repr(cached.cached)


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
