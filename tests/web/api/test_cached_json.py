"""JSON of an object that a question returns again is made once."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from projections.names.naming import HOLE
from web.api import exact_json
from web.api.exact_json import CachedJson, encode


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was encoded while the test ran."""
    found: list[Any] = []

    def noted(each: Any) -> bytes:
        found.append(each)
        return encode(each)

    monkeypatch.setattr(exact_json, "encode", noted)
    return found


def test_one_object_is_encoded_once(encoded: list[Any]) -> None:
    cached, answer = CachedJson(), {"score": Decimal("0.5")}
    assert [cached.encode(answer, {}), cached.encode(answer, {})] == [b'{"score":"0.5"}'] * 2
    assert len(encoded) == 1


def test_another_object_that_is_equal_is_encoded_by_itself(encoded: list[Any]) -> None:
    cached = CachedJson()
    assert cached.encode({"score": 1}, {}) == cached.encode({"score": 1}, {}) == b'{"score":1}'
    assert len(encoded) == 2


def test_an_object_whose_place_in_memory_another_took_is_not_taken_for_it() -> None:
    cached = CachedJson()
    for number in range(3_000):  # far more than it keeps, each freed at once but for those
        assert cached.encode({"score": number}, {}) == b'{"score":%d}' % number
    assert len(cached.cached) == exact_json.MOST_CACHED


def test_names_of_people_are_filled_in_each_time_and_kept_nowhere(encoded: list[Any]) -> None:
    """A name is JSON like any text; it stands where the hole is, and nowhere else."""
    cached, person = CachedJson(), "6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2f01"
    answer = {"owner": {"id": person, "name": f"{HOLE}{person}"}, "title": person}
    for name in ("Ada", 'Å "quoted"', "Cleo"):
        sent = cached.encode(answer, {person: name})
        assert json.loads(sent) == {"owner": {"id": person, "name": name}, "title": person}
    assert [each for each in encoded if isinstance(each, dict)] == [answer]
    assert "Cleo" not in repr(cached.cached)
