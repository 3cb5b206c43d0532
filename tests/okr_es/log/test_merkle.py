"""The Merkle tree says what RFC 6962 says, what another implementation says, and proves it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_es.evidence import okr_es_verify as verifier
from okr_es.log.merkle import HEIGHT, WIDTH, Frontier, Tree, root_of

# The leaves and roots every implementation of RFC 6962 is checked with.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


class Memory:
    """Hashes kept in memory, as the log keeps them in tables."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels: dict[int, dict[int, bytes]] = {0: dict(enumerate(leaves))}
        self.frontier = Frontier()
        for leaf in leaves:
            self.frontier.append(leaf)
        for level, number, found in self.frontier.full_blocks:
            self.levels.setdefault(level, {})[number] = found

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return them."""
        return [self.levels[level][number] for number in range(first, first + count)]


def leaf(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def leaves(count: int) -> list[bytes]:
    """Return the hashes of so many leaves."""
    return [leaf(b"%d" % n) for n in range(count)]


LOG = Memory(leaves(WIDTH * WIDTH + 3 * WIDTH + 77))
SIZES = st.one_of(
    st.integers(1, 600),
    st.integers(1, LOG.frontier.size),
    st.sampled_from([WIDTH * WIDTH + n for n in range(-2, 3)]),
)


@pytest.mark.parametrize("count", range(1, 9))
def test_the_published_roots(count: int) -> None:
    hashes = [leaf(data) for data in INPUTS[:count]]
    assert root_of(hashes).hex() == ROOTS[count - 1]
    assert Memory(hashes).frontier.root.hex() == ROOTS[count - 1]


def test_the_root_of_nothing() -> None:
    assert Frontier().root == Tree(Memory([]), 0).root == sha256().digest()


def test_all_small_trees_agree_with_another_implementation() -> None:
    other = pymerkle.InmemoryTree(algorithm="sha256")
    ours, kept = Frontier(), Memory(leaves(70))
    for n in range(70):
        other.append_entry(b"%d" % n)
        ours.append(leaf(b"%d" % n))
        assert ours.root == other.get_root() == Tree(kept, n + 1).root


@given(SIZES, st.data())
def test_a_leaf_is_proven_and_no_other(size: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, size - 1))
    tree = Tree(LOG, size)
    path = tree.inclusion(number)
    found = LOG.levels[0][number]
    assert verifier.root_by_inclusion(found, number, size, path) == tree.root
    assert verifier.root_by_inclusion(leaf(b"forged"), number, size, path) != tree.root


@given(SIZES, st.data())
def test_a_tree_begins_with_every_earlier_one(size: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, size))
    now, before = Tree(LOG, size), Tree(LOG, earlier)
    proof = now.consistency(earlier)
    assert verifier.is_consistent(earlier, before.root, size, now.root, proof)
    forged = leaf(b"forged")
    assert not verifier.is_consistent(earlier, forged, size, now.root, proof)
    if earlier < size:
        assert not verifier.is_consistent(earlier, before.root, size, forged, proof)


@given(st.integers(1, 70), st.data())
def test_proofs_agree_with_another_implementation(size: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, size - 1))
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for n in range(size):
        other.append_entry(b"%d" % n)
    theirs = other.prove_inclusion(number + 1, size).path[1:]
    assert Tree(LOG, size).inclusion(number) == theirs


@given(st.lists(st.integers(0, 700), max_size=8))
def test_a_frontier_grows_alike_by_any_number_of_leaves(counts: list[int]) -> None:
    one, other, done = Frontier(), Frontier(), 0
    for count in counts:
        some = [LOG.levels[0][n] for n in range(done, done + count)]
        one.extend(some)
        for each in some:
            other.append(each)
        done += count
        assert (one.root, one.size) == (other.root, other.size)
        assert sorted(one.full_blocks) == sorted(other.full_blocks)


@given(st.integers(0, LOG.frontier.size))
def test_a_frontier_goes_on_from_what_is_kept(size: int) -> None:
    resumed = Frontier.of(Tree(LOG, size))
    for number in range(size, min(size + 300, LOG.frontier.size)):
        resumed.append(LOG.levels[0][number])
    assert resumed.root == Tree(LOG, resumed.size).root


@pytest.mark.parametrize(("size", "number"), [(0, 0), (5, 5), (5, -1)])
def test_what_is_not_in_the_tree_has_no_proof(size: int, number: int) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        Tree(LOG, size).inclusion(number)


def test_a_proof_reads_a_few_hundred_hashes_however_large_the_log() -> None:
    read = 0

    class Counting(Memory):
        def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
            nonlocal read
            read += count
            assert level % HEIGHT == 0
            return super().hashes(level, first, count)

    kept = Counting([])
    kept.levels = LOG.levels
    Tree(kept, LOG.frontier.size).inclusion(12_345)
    assert read <= 2 * WIDTH * 3
