"""All versions that were valid at a position, found by B-trees alone: the relational interval tree.

Positions form a binary tree whose node for a version is the one position between its first
and its last that is divisible by the highest power of two. A version that holds at a position
has its node on the path from the root to that position: at most one node for each bit. To the
left of the position a version of a node still holds if it ends later, to the right it holds
already if it began by then. So every row that is looked at is one of the answer, however long
the history (Kriegel, Pötke, Seidl: Managing Intervals Efficiently in Object-Relational Databases,
VLDB 2000). The current versions have no node; they have an index of their own.
"""

from __future__ import annotations

SHORT = 1_000_000  # what one import can add to a log while a question is answered


def node(first: int, last: int) -> int:
    """Return the node of a version that holds from one position to another, both included."""
    low = ((first - 1) ^ last).bit_length() - 1
    return (last >> low) << low


def path(position: int, head: int) -> tuple[list[int], list[int]]:
    """Return the nodes up to a position and those beyond it, of versions ended up to the head.

    There are more levels than that takes, for the head goes on while it is being looked: the log
    may grow to four times its length meanwhile, and a short one to more than four million.
    """
    levels = range(max(position, head, SHORT).bit_length() + 2)
    upto = [(position >> k) << k for k in levels if position >> k & 1]
    beyond = [((position >> k) | 1) << k for k in levels if not position >> k & 1]
    return upto, beyond
