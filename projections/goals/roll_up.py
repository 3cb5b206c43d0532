"""Which of the objectives that are aligned to another count in its roll-up."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from projections.read_model.tables import Row

COUNTING = frozenset({"committed", "carried_over"})


def counting(aligned: Sequence[Row], key_results: Collection[str]) -> set[str]:
    """Return the ids of the aligned objectives that count.

    Takes the rows of all that are aligned to one objective, and the ids of the key results that it
    has and did not drop. A draft counts nowhere, nothing counts that was abandoned or is aligned to
    a dropped key result, and of a goal and its successors, by carrying over, one does: the last one
    that was committed.
    """
    last: dict[str, int] = {}
    for row in aligned:
        if row["committed_at"] is not None:
            lineage, first = row["lineage"], row["first_position"]
            last[lineage] = max(last.get(lineage, 0), first)
    above = {None, *key_results}
    return {
        row["id"]
        for row in aligned
        if row["state"] in COUNTING
        and row["first_position"] == last.get(row["lineage"])
        and row["aligned_to_key_result_id"] in above
    }
