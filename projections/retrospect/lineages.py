"""Which goal of one side of a comparison is which of the other: by its id, else by lineage."""

from __future__ import annotations

from collections.abc import Iterator

from projections.as_of.view import View
from projections.read_model.tables import FOREVER
from projections.retrospect.answers import PlannedKind
from projections.retrospect.diff import Lineage, Pair, Snapshot

GOALS: tuple[PlannedKind, ...] = ("objective", "key_result")


def lineages(view: View, before: Snapshot, after: Snapshot) -> Lineage:
    """Return which goal of the other side each goal goes on from, or is gone on with."""
    forth = lineage(view, after, before)
    return forth | {a: b for b, a in lineage(view, before, after).items()}


def matched(before: Snapshot, after: Snapshot, carried: Lineage) -> Iterator[Pair]:
    """Yield each goal of either side with its like on the other: by id, else by lineage."""
    continued = set(carried.values())
    for key in before:
        if key in after:
            yield key, key
        elif key not in continued:
            yield key, None
    for key in after:
        if key not in before:
            yield carried.get(key), key


def lineage(view: View, later: Snapshot, earlier: Snapshot) -> Lineage:
    """Return of which earlier goal each later one goes on, directly or through others."""
    found: Lineage = {}
    for kind in GOALS:
        wanted = {
            row["carried_from"]["id"]: key[1]
            for key, row in later.items()
            if key[0] == kind and row["carried_from"] is not None and key not in earlier
        }
        while wanted:
            gone = {i for i in wanted if (kind, i) in earlier and (kind, i) not in later}
            found |= {(kind, wanted[id_]): (kind, id_) for id_ in gone}
            missing = [id_ for id_ in wanted if id_ not in gone]
            before = carried_from(view, kind, missing) if missing else {}
            wanted = {before[id_]: wanted[id_] for id_ in before}
    return found


def carried_from(view: View, table: str, ids: list[str]) -> dict[str, str]:
    """Return what some goals were carried over from."""
    rows = view.rows(
        f"SELECT id, carried_from FROM {table} WHERE known_until = {FOREVER} "
        f"AND carried_from IS NOT NULL AND id {view.dialect.in_array('ids')}",
        ids=view.array(ids),
    )
    return {row[0]: row[1] for row in rows}
