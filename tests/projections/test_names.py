"""Names in answers: of what, as of when, and by how few statements."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from projections.as_of.answers import (
    AlignedTo,
    Filled,
    Id,
    NamedHolder,
    NamedPerson,
    NamesAsOf,
    TitledGoal,
    TitledObjective,
)
from projections.names.naming import aligned_above, to_fill
from projections.names.shapes import References, shape_of
from projections.retrospect.answers import Difference


class Leaf(TypedDict):
    """An object without references."""

    colour: str


class Entry(TypedDict):
    """A goal of either kind that was another one before."""

    kind: str
    before: Annotated[TitledGoal | None, NamesAsOf("from", of_its_kind=True)]


class Tree(TypedDict):
    """An object that holds others of its kind."""

    id: Id
    title: Annotated[str, Filled("objective")]
    owner: NamedPerson | None
    to: NamedHolder | None
    above: AlignedTo | None
    leaf: Leaf
    below: list[Tree]
    earlier: Annotated[list[TitledObjective], NamesAsOf("from")]


OWNER = {"id": "p"}
BARE: dict[str, Any] = {
    "owner": None, "to": None, "above": None, "leaf": {"colour": "red"}, "below": [], "earlier": [],
}  # fmt: skip


def wanted(found: Any, of: Any = Tree) -> tuple[Any, list[tuple[str, str, int]]]:
    """What the walk makes of an answer, and what it wants to be named, each once, as of what."""
    references = References(9, {"from": 4})
    shape = shape_of(of)
    assert shape is not None
    made = shape(found, references)
    looked_up = [*to_fill(references), *aligned_above(references)]
    return made, [tuple(each[0]) for each in looked_up]


def test_what_refers_to_nothing_is_not_looked_at() -> None:
    assert shape_of(Leaf) is None
    assert shape_of(list[Leaf]) is None


def test_a_reference_is_found_however_deep_and_named_once() -> None:
    inner = {**BARE, "id": "b", "owner": OWNER, "earlier": [{"id": "a"}]}
    found = {**BARE, "id": "a", "owner": OWNER, "to": {"id": "t"}, "below": [inner]}
    made, names = wanted(found)
    assert sorted(names) == [
        ("holder", "t", 9), ("objective", "a", 4), ("objective", "a", 9), ("objective", "b", 9),
        ("person", "p", 9),
    ]  # fmt: skip
    assert made["owner"] is made["below"][0]["owner"]


def test_nothing_is_changed_in_place() -> None:
    inner = {**BARE, "id": "b", "owner": OWNER}
    found = {**BARE, "id": "a", "below": [inner]}
    made, _ = wanted(found)
    made["below"][0]["owner"]["name"] = "Ada"
    assert inner["owner"] is OWNER
    assert OWNER == {"id": "p"}
    assert "title" not in inner


def test_what_is_aligned_to_says_of_which_kind_it_is() -> None:
    found = {**BARE, "id": "a", "above": {"kind": "key_result", "id": "k"}}
    made, names = wanted(found)
    assert ("key_result", "k", 9) in names
    assert made["above"] == {"kind": "key_result", "id": "k", "title": None}


def test_what_is_of_the_kind_of_its_object_is_looked_up_as_that_alone() -> None:
    kinds = ("objective", "key_result")
    found = [{"kind": kind, "before": {"id": kind[0]}} for kind in kinds]
    found.append({"kind": "objective", "before": None})
    made, names = wanted(found, list[Entry])
    assert names == [("objective", "o", 4), ("key_result", "k", 4)]
    assert made[1] == {"kind": "key_result", "before": {"id": "k", "title": None}}
    assert made[2] == {"kind": "objective", "before": None}


def test_a_change_of_what_has_no_name_is_left_as_it_is() -> None:
    plain = {"field": "weight", "before": "1", "after": "2"}
    owner = {"field": "owner", "before": {"id": "p"}, "after": {"id": "q"}}
    made, names = wanted([plain, owner], list[Difference])
    assert made[0] is plain
    assert owner["after"] == {"id": "q"}
    assert sorted(names) == [("person", "p", 4), ("person", "q", 9)]
