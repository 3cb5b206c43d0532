"""Two people who approved each other's requests, and nobody else's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from projections.patterns.cycle_data import CycleData, Finding
from projections.read_model.tables import Row

OFTEN = 2  # fewer may be chance


def approved_each_other(data: CycleData) -> Iterable[Finding]:
    """Yield pairs of whom each approved requests of the other alone, and at least two of them."""
    approved = approvals_by_person(data)
    for one, other in combinations(sorted(approved), 2):
        if are_all_from(approved[one], other) and are_all_from(approved[other], one):
            rows = [*approved[one], *approved[other]]
            both = ((row["first_position"], row["known_from"]) for row in rows)
            positions = tuple(sorted(position for each in both for position in each))
            yield Finding("approved_each_other", None, positions, {"times": len(rows)})


def approvals_by_person(data: CycleData) -> dict[str, list[Row]]:
    """Return the requests of the cycle that were approved, by who approved them."""
    found: dict[str, list[Row]] = defaultdict(list)
    for *_, last in data.approvals.values():
        by = data.events[last["known_from"]].by
        if last["decision"] == "approved" and by is not None:
            found[by].append(last)
    return found


def are_all_from(requests: list[Row], person: str) -> bool:
    """Return whether some requests are several, and all made by a person or on their behalf."""
    return len(requests) >= OFTEN and all(
        person in {row["asked_by"], row["asked_for"]} for row in requests
    )
