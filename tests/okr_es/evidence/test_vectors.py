"""The published test vectors hold, for the verifier and for the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from okr_es.evidence.okr_es_verify import (
    Failed,
    Key,
    is_consistent,
    leaf_hash,
    read_note,
    root_by_inclusion,
    unb64,
    verify,
)
from tests.support.vectors import FOLDER, note_vectors, tree_vectors


def vectors_in(name: str) -> Any:
    """What a file of vectors says."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_the_log_still_makes_the_trees_that_were_published() -> None:
    assert vectors_in("tree.json") == tree_vectors()


def test_the_verifier_agrees_with_every_tree() -> None:
    roots = {tree["size"]: unb64(tree["root"]) for tree in vectors_in("tree.json")}
    for tree in vectors_in("tree.json"):
        size, root = tree["size"], unb64(tree["root"])
        for number, path in tree["inclusion"].items():
            leaf = leaf_hash(number.encode())
            assert root_by_inclusion(leaf, int(number), size, list(map(unb64, path))) == root
        for earlier, proof in tree["consistency"].items():
            if int(earlier) in roots:
                known = roots[int(earlier)]
                assert is_consistent(int(earlier), known, size, root, list(map(unb64, proof)))


def test_notes_are_signed_as_they_were() -> None:
    found = vectors_in("notes.json")
    assert found == note_vectors()  # Ed25519 signs the same bytes the same way
    keys = [key(text) for text in found["keys"]]
    for each in found["notes"]:
        note = read_note(each["note"])
        assert [n for n, k in enumerate(keys) if note.is_signed_by(k)] == each["signed_by"]


def key(text: str) -> Key:
    """A key from how it is written down."""
    name, id_, public = text.split("+", 2)
    found = Key(name, unb64(public)[1:])
    assert found.id.hex() == id_
    return found


@pytest.mark.parametrize("name", sorted(vectors_in("bundles.json")))
def test_bundles_are_proven_or_not_as_expected(name: str) -> None:
    expected = vectors_in("bundles.json")[name]
    if expected is None:
        assert verify(FOLDER / name).texts == 4
        return
    with pytest.raises(Failed) as failed:
        verify(FOLDER / name)
    assert str(failed.value) == expected
