"""Ids in tables: as short as they can be told from each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

FEWEST = 8  # characters of an id in a table


def shortened(ids: Iterable[object]) -> Callable[[object], str]:
    """Return what shortens each of some ids: to 8 characters, or more where another begins so."""
    known = sorted({str(each) for each in ids})
    alike = dict.fromkeys(known, FEWEST - 1)
    for one, other in pairwise(known):
        same = next(i for i in range(len(one) + 1) if one[: i + 1] != other[: i + 1])
        alike[one], alike[other] = max(alike[one], same), max(alike[other], same)

    def short(id_: object) -> str:
        return str(id_)[: alike.get(str(id_), FEWEST - 1) + 1].rstrip("-")

    return short
