"""A tree of keys: each leaf has a key of its own, made from that of the root, and can be destroyed.

A node has sixteen nodes below it, each with the SHA-256 of its key and one digit. A leaf is at the
end of a path of twelve digits, the beginning of the SHA-256 of its name. To destroy a leaf, the
nodes above it are replaced by all nodes beside the path: these make all other keys, as before, and
no way leads back to the one that is gone. So nothing else changes, whatever is written meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

DIGITS = "0123456789abcdef"
DEPTH = 12
ROOT = "/"


def path_of(name: str) -> str:
    """Return the path of a leaf: that of the root, and twelve hexadecimal digits."""
    return ROOT + sha256(name.encode()).hexdigest()[:DEPTH]


def places_above(paths: Iterable[str]) -> set[str]:
    """Return all places at which a node can lie from which these leaves are made."""
    return {place for path in paths for place in along(path)}


def leaf(nodes: Mapping[str, bytes], path: str) -> bytes | None:
    """Return the key of a leaf, made from a node on its path; None where it was destroyed."""
    above = node_above(nodes, path)
    if above is None:
        return None
    key = nodes[above]
    for digit in path[len(above) :]:
        key = below(key, digit)
    return key


def without(nodes: Mapping[str, bytes], path: str) -> tuple[str, dict[str, bytes]] | None:
    """Return the node to remove, and those to put in its place, so that a leaf is gone.

    None where it is gone already.
    """
    above = node_above(nodes, path)
    if above is None:
        return None
    key, beside = nodes[above], {}
    for at in range(len(above), len(path)):
        for digit in DIGITS:
            if digit != path[at]:
                beside[path[:at] + digit] = below(key, digit)
        key = below(key, path[at])
    return above, beside


def node_above(nodes: Mapping[str, bytes], path: str) -> str | None:
    """Return the place of the node on a path; there is one at most."""
    return next((place for place in along(path) if place in nodes), None)


def along(path: str) -> list[str]:
    """Return the places on a path, from the root to the leaf."""
    return [path[:end] for end in range(len(ROOT), len(path) + 1)]


def is_node(place: str) -> bool:
    """Return whether a place is one of the tree, and not the id of an event."""
    return place.startswith(ROOT)


def below(key: bytes, digit: str) -> bytes:
    """Return the key of a node below another, by its digit."""
    return sha256(key + digit.encode()).digest()
