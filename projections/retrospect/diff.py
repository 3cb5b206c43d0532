"""What changed of each goal between two states, field by field, and as words.

A comparison is complete: applied to the state on one side it gives the state on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from itertools import compress
from operator import itemgetter, ne
from typing import Any

from projections.as_of.references import ref
from projections.retrospect.answers import (
    CompareBody,
    ComparedAnswer,
    Difference,
    PlannedKind,
    StatusMove,
    WhatCount,
)

Key = tuple[PlannedKind, str]
Record = Mapping[str, Any]  # an objective or a key result, as an answer shows it
Snapshot = dict[Key, Record]
Lineage = dict[Key, Key]
Pair = tuple[Key | None, Key | None]  # a goal with its like on the other side

NOT_COMPARED = ("id", "version", "key_results", "aligned")
# Field -> the word for its change; a field that is not here is part of the score.
WORDS = {
    "objective": {
        "title": "retitled",
        "description": "described",
        "commitment": "commitment_replaced",
        "owner": "reassigned",
        "team": "reassigned",
        "aligned_to": "realigned",
        "weight": "reweighted",
        "state": "state_changed",
        "grade": "graded",
        "due": "rescheduled",
        "outcome": "outcome_moved",
        "status": "status_moved",
    },
    "key_result": {
        "title": "retitled",
        "description": "described",
        "owner": "reassigned",
        "cadence": "cadence_replaced",
        "objective": "moved",
        "weight": "reweighted",
        "kpi": "linked",
        "status": "status_moved",
        **dict.fromkeys(
            ("baseline", "target", "unit", "direction", "minimum", "maximum"), "retargeted"
        ),
        **dict.fromkeys(("steps", "zones", "trajectory"), "retargeted"),
    },
}
for fields in WORDS.values():
    fields.update(dict.fromkeys(("progress", "score", "rolled_up"), "score_moved"))
NOT_IN_THE_OTHER = "not_in_the_other_cycle"
ENDED_STATES = {"carried_over": "carried_over", "abandoned": "dropped"}
# Fields that refer to a goal above.
ABOVE = frozenset({"objective", "aligned_to"})
FIELD = itemgetter("field")


def entry(
    before: Snapshot,
    after: Snapshot,
    one: Key | None,
    other: Key | None,
    carried: Lineage,
    *,
    corrected: Mapping[str, bool],
    comparable: bool = True,
    apart: bool = False,
) -> ComparedAnswer | None:
    """Return what became of a goal, field by field; None where nothing did.

    `corrected` are the fields of which what was meant was corrected, and whether that is all.
    `apart`: the sides are two cycles, so a goal that is on one of them was not dropped by that.
    """
    old, new = before[one] if one else None, after[other] if other else None
    changes = [] if old is new else difference(old, new)
    key = one or other
    if key is None or (one == other and not changes):
        return None
    kind, either = key[0], new or old or {}
    is_alone = apart and (one is None or other is None)
    return {
        "kind": kind,
        "before": one and ref(one[1]),
        "after": other and ref(other[1]),
        "objective": ref(either["id"]) if kind == "objective" else either["objective"],
        "title": either["title"],
        "what": words_of_one_alone(either)
        if is_alone
        else words(kind, one, other, changes, carried, corrected),
        "comparable": comparable,
        "changes": changes,
    }


def difference(old: Record | None, new: Record | None) -> list[Difference]:
    """Return the fields that differ; of what was added all of them."""
    if new is None:
        return []
    if old is None:
        return [
            {"field": name, "before": None, "after": value} for name, value in compared(new).items()
        ]
    names, values = fields_of(tuple(new))
    olds, news = values(old), values(new)
    return [
        {"field": name, "before": was, "after": is_}
        for name, was, is_ in compress(zip(names, olds, news, strict=True), map(ne, olds, news))
    ]


@cache
def fields_of(names: tuple[str, ...]) -> tuple[list[str], Callable[[Record], tuple[Any, ...]]]:
    """Return the fields of a goal that are compared, and what picks their values."""
    found = [name for name in names if name not in NOT_COMPARED]
    return found, itemgetter(*found)


def words(
    kind: str,
    one: Key | None,
    other: Key | None,
    changes: list[Difference],
    carried: Lineage,
    corrected: Mapping[str, bool],
) -> list[str]:
    """Return the words for what became of a goal.

    A goal that was carried over together with its parent did not change that. What was corrected
    was not revised by that.
    """
    if one is None or other is None:
        return ["added" if one is None else "dropped"]
    if corrected and not corrected.keys().isdisjoint(map(FIELD, changes)):
        revised = [each for each in changes if not corrected.get(each["field"])]
        return sorted({"corrected", *words(kind, one, other, revised, carried, {})})
    fields = tuple(map(FIELD, changes))
    more = {"carried_over"} if one != other else set()
    for change in map(changes.__getitem__, by_value(fields)):
        field = change["field"]
        if field in ABOVE and not went_along(change, carried):
            more.add(WORDS[kind][field])
        elif field == "state" and change["after"] in ENDED_STATES:
            more.add(ENDED_STATES[change["after"]])
    return list(sorted_words(kind, fields, frozenset(more)))


def words_of_one_alone(record: Record) -> list[str]:
    """Return the words for a goal of one of two cycles that none of the other goes with."""
    return [*(["dropped"] if record.get("state") == "abandoned" else []), NOT_IN_THE_OTHER]


def by_lineage(entries: list[ComparedAnswer]) -> list[ComparedAnswer]:
    """Return the entries of two cycles: first goals of a lineage, then those of one cycle alone.

    An objective stands before its key results.
    """
    places: dict[str, int] = {}
    for each in entries:
        places.setdefault(each["objective"]["id"], len(places))

    def place(each: ComparedAnswer) -> tuple[bool, bool, int, bool]:
        is_alone = each["before"] is None or each["after"] is None
        is_later = is_alone and each["before"] is None
        return is_alone, is_later, places[each["objective"]["id"]], each["kind"] != "objective"

    return sorted(entries, key=place)


@lru_cache(maxsize=4096)
def by_value(fields: tuple[str, ...]) -> list[int]:
    """Return which of changed fields have words by their values."""
    return [n for n, name in enumerate(fields) if name in ABOVE or name == "state"]


@lru_cache(maxsize=4096)
def sorted_words(kind: str, fields: tuple[str, ...], more: frozenset[str]) -> list[str]:
    """Return the words for changed fields, and others, in order."""
    found = {WORDS[kind][name] for name in fields if name in WORDS[kind] and name not in ABOVE}
    return sorted(found | more)


def went_along(change: Difference, carried: Lineage) -> bool:
    """Return whether a field refers to another goal, which was carried over as well."""
    before, after = change["before"], change["after"]
    if before is None or after is None:
        return False
    kind = before.get("kind", "objective")
    return carried.get((kind, after["id"])) == (kind, before["id"])


def what_counts(entries: list[ComparedAnswer]) -> list[WhatCount]:
    """Return how many goals each word was said of."""
    words_said = Counter(word for each in entries for word in each["what"])
    return [{"what": word, "goals": count} for word, count in sorted(words_said.items())]


def moves(before: Snapshot, after: Snapshot, pairs: Iterable[Pair]) -> list[StatusMove]:
    """Return how many goals moved from which status to which."""
    counted = Counter(
        (one[0], old, new)
        for one, other in pairs
        if one and other and (old := before[one]["status"]) != (new := after[other]["status"])
    )
    return [
        {"kind": kind, "before": old, "after": new, "goals": count}
        for (kind, old, new), count in sorted(counted.items(), key=str)
    ]


def applied(state: Snapshot, comparison: CompareBody) -> Snapshot:
    """Return the state on the other side: a comparison applied to the state on the one."""
    found: Snapshot = {key: compared(record) for key, record in state.items()}
    made: Snapshot = {}
    for each in comparison["entries"]:
        kind = each["kind"]
        before, after = each["before"], each["after"]
        record = found.pop((kind, before["id"]), {}) if before else {}
        if after:
            changed = {change["field"]: change["after"] for change in each["changes"]}
            made[kind, after["id"]] = {**record, **changed}
    return found | made


def compared(record: Record) -> Record:
    """Return the fields of a goal that a comparison looks at."""
    return {name: value for name, value in record.items() if name not in NOT_COMPARED}
