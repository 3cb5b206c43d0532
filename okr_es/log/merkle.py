"""The Merkle tree over the log: roots and proofs (RFC 6962, section 2; RFC 9162, section 2.1).

Leaf number n is the event at position n + 1. The hash of a whole subtree never changes once it
is full, so the roots of every 256 leaves, of every 256 of those, and so on, are stored beside the
log (`StoredHashes`); everything else is hashed again from a few hundred of them. So a proof costs
the same whether the log has a thousand events or a million.

A verifier of proofs needs none of this: see `okr_es/evidence/okr_es_verify.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Protocol

HEIGHT = 8  # a stored hash stands for this many levels: 256 hashes of the level it is made from
WIDTH = 1 << HEIGHT
MOST_CACHED = 256  # blocks
EMPTY = sha256().digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes of equal height: MTH of RFC 6962, from the leaf hashes on."""
    level = list(hashes)
    if not level:
        return EMPTY
    while len(level) > 1:
        paired = [node_hash(*level[n : n + 2]) for n in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


class StoredHashes(Protocol):
    """Where hashes are stored: those of the leaves (level 0), and of full subtrees above them."""

    def hashes(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return so many hashes of a level (a multiple of HEIGHT), from a number on."""


class Tree:
    """The tree over the first leaves of a log."""

    def __init__(self, stored: StoredHashes, size: int) -> None:
        self.stored = stored
        self.size = size
        self.cached: dict[tuple[int, int], Sequence[bytes]] = {}
        self.roots: dict[tuple[int, int], bytes] = {}

    @property
    def root(self) -> bytes:
        """The hash a checkpoint is signed over."""
        return self.over(0, self.size)

    def inclusion(self, leaf: int) -> list[bytes]:
        """Return the audit path of a leaf: PATH(m, D[n]), the nearest to the leaf first."""
        if not 0 <= leaf < self.size:
            raise ValueError(f"leaf {leaf} is not in a tree of {self.size}")
        path, first, end = [], 0, self.size
        while end - first > 1:
            middle = first + split(end - first)
            if leaf < middle:
                path.append(self.over(middle, end))
                end = middle
            else:
                path.append(self.over(first, middle))
                first = middle
        return path[::-1]

    def consistency(self, earlier: int) -> list[bytes]:
        """Return the proof that the tree begins with an earlier one: PROOF(m, D[n])."""
        if not 0 < earlier <= self.size:
            raise ValueError(f"a tree of {self.size} has no earlier one of {earlier}")
        path, first, end, is_whole = [], 0, self.size, True
        while earlier != end - first:
            middle = split(end - first)
            if earlier <= middle:
                path.append(self.over(first + middle, end))
                end = first + middle
            else:
                path.append(self.over(first, first + middle))
                earlier, first, is_whole = earlier - middle, first + middle, False
        if not is_whole:
            path.append(self.over(first, end))
        return path[::-1]

    def over(self, first: int, end: int) -> bytes:
        """Return the hash over a span of leaves that begins where a subtree of its size does."""
        count = end - first
        if count & (count - 1) == 0 and count:
            return self.full(first, count)
        if not count:
            return EMPTY
        found = None
        for start, size in reversed(list(whole_subtrees(first, end))):
            part = self.full(start, size)
            found = part if found is None else node_hash(part, found)
        assert found is not None  # noqa: S101  - a span that is not empty has a subtree
        return found

    def full(self, first: int, count: int) -> bytes:
        """Return the hash of a full subtree."""
        found = self.roots.get((first, count))
        if found is None:
            level = (count.bit_length() - 1) // HEIGHT * HEIGHT
            number, width = first >> level, count >> level
            block, offset = divmod(number, WIDTH)
            found = root_of(self.block(level, block)[offset : offset + width])
            self.roots[first, count] = found
        return found

    def block(self, level: int, number: int) -> Sequence[bytes]:
        """Return the hashes of a block, cached; the cache is emptied when it is full."""
        found = self.cached.get((level, number))
        if found is None:
            if len(self.cached) >= MOST_CACHED:
                self.cached.clear()
                self.roots.clear()
            there = (self.size >> level) - number * WIDTH
            found = self.stored.hashes(level, number * WIDTH, min(WIDTH, there))
            self.cached[level, number] = found
        return found


def split(count: int) -> int:
    """Return the largest power of two below a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)


def whole_subtrees(first: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the full subtrees a span of leaves consists of, the largest first."""
    while first < end:
        size = 1 << ((end - first).bit_length() - 1)
        yield first, size
        first += size


class Frontier:
    """A tree that grows leaf by leaf; only the full subtrees at its right edge are in memory.

    `full_blocks` collects the hashes that are to be stored, as (level, number, hash).
    """

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        self.size = size
        self.edge = list(edge)
        self.full_blocks: list[tuple[int, int, bytes]] = []

    @classmethod
    def of(cls, tree: Tree) -> Frontier:
        """Return the frontier of a stored tree."""
        spans = whole_subtrees(0, tree.size)
        return cls(tree.size, [tree.full(first, count) for first, count in spans])

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.push([leaf], 0)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add the hashes of many leaves; where they make up whole subtrees, level by level."""
        done = 0
        while done < len(leaves):
            fits = (self.size & -self.size) or 1 << 62
            count = min(fits, 1 << ((len(leaves) - done).bit_length() - 1))
            self.push(leaves[done : done + count], count.bit_length() - 1)
            done += count

    def push(self, hashes: Sequence[bytes], height: int) -> None:
        """Add a whole subtree, which begins where one of its size does, by its leaves."""
        for level in range(1, height + 1):
            one, other = hashes[::2], hashes[1::2]
            hashes = [sha256(b"\x01" + a + b).digest() for a, b in zip(one, other, strict=True)]
            if level % HEIGHT == 0:
                first = self.size >> level
                self.full_blocks += [(level, first + n, each) for n, each in enumerate(hashes)]
        (node,), size, level = hashes, self.size >> height, height
        self.size += 1 << height
        while size & 1:
            node = node_hash(self.edge.pop(), node)
            size >>= 1
            level += 1
            if level % HEIGHT == 0:
                self.full_blocks.append((level, size, node))
        self.edge.append(node)

    @property
    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.edge:
            return EMPTY
        found = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            found = node_hash(left, found)
        return found
