"""A leaf that was destroyed cannot be made from what is left, and every other one can."""

from __future__ import annotations

import os
import random

import pytest

from okr_es.people.key_tree import DEPTH, ROOT, below, leaf, path_of, places_above, without

NAMES = [f"command {number}" for number in range(300)]


def cut(nodes: dict[str, bytes], name: str) -> dict[str, bytes]:
    """The nodes without a leaf."""
    found = without(nodes, path_of(name))
    assert found is not None
    above, beside = found
    return {place: key for place, key in nodes.items() if place != above} | beside


def keys(nodes: dict[str, bytes]) -> dict[str, bytes | None]:
    return {name: leaf(nodes, path_of(name)) for name in NAMES}


def test_one_leaf_after_the_other_goes_and_the_others_stay_as_they_are() -> None:
    nodes = {ROOT: os.urandom(32)}
    before = keys(nodes)
    assert len(set(before.values())) == len(NAMES)
    gone: set[str] = set()
    for name in random.Random(1).sample(NAMES, 40):
        nodes = cut(nodes, name)
        gone.add(name)
        assert without(nodes, path_of(name)) is None
        assert keys(nodes) == {n: None if n in gone else key for n, key in before.items()}


def test_no_node_that_is_left_lies_above_what_was_destroyed() -> None:
    nodes = {ROOT: os.urandom(32)}
    for name in NAMES[:20]:
        nodes = cut(nodes, name)
    for name in NAMES[:20]:
        assert not places_above([path_of(name)]) & nodes.keys()
    assert len(nodes) <= 20 * DEPTH * 15


def test_a_leaf_is_found_from_the_nodes_above_it_alone() -> None:
    nodes = cut({ROOT: os.urandom(32)}, NAMES[0])
    for name in NAMES[1:20]:
        above = {place: nodes[place] for place in places_above([path_of(name)]) & nodes.keys()}
        assert len(above) == 1
        assert leaf(above, path_of(name)) == leaf(nodes, path_of(name))


@pytest.mark.parametrize("digit", ["0", "f"])
def test_a_key_says_nothing_of_the_one_beside_it(digit: str) -> None:
    key = os.urandom(32)
    assert below(key, digit) != below(key, "7")
    assert len(below(key, digit)) == 32
