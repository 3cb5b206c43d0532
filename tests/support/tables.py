"""The tables of a read model as they are, for comparing."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from projections.read_model.generations import Model
from projections.read_model.tables import FOREVER, metadata, plain

BOUNDS = ("known_from", "known_until", "node")
LISTS = (
    "steps", "zones", "trajectory", "holds", "approval_required", "fields", "done",
    "turns", "working_days", "holidays", "grace", "first_month",
)  # fmt: skip
# What stands for something else: the time of a position, the unit or zones of a key result, what
# was known of a version only later, title and description as they are searched.
STAND_INS = (
    "committed_time", "added_time", "linked_time", "definition", "earlier_steps",
    "earlier_cadences", "corrected", "corrects", "renamed_steps",
    "title_key", "words",
)  # fmt: skip
PLACES = ("plan_commits", "closings")  # lists of positions and times; times do not count
Row = dict[str, Any]


def tables(model: Model) -> dict[str, list[Row]]:
    """All rows of all tables, in one order."""
    with model.database.reader.connect() as connection:
        found = {
            str(table.name): [
                plain(str(table.name), row) for row in connection.execute(select(table))
            ]
            for table in metadata.tables.values()
        }
    for progress in found["progress"]:
        progress.pop("retired")
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def at(found: dict[str, list[Row]], position: int) -> dict[str, dict[str, Row]]:
    """The rows that hold at a position, by table and id, in the words of `plain.fold`."""
    return {
        name: {
            row["id"]: read(promised_by(row, position))
            for row in rows
            if row["known_from"] <= position < row["known_until"]
        }
        for name, rows in found.items()
        if name not in {"links", "progress"}
    }


def current(found: dict[str, list[Row]]) -> dict[str, dict[str, Row]]:
    """The rows that hold now."""
    return at(found, FOREVER - 1)


def promised_by(row: Row, position: int) -> Row:
    """A row as of a position: a promise stands on the version that holds when it is made."""
    if (row.get("promised_at") or 0) <= position:
        return row
    return row | {"promised_at": None, "covered_by": None}


def read(row: Row) -> Row:
    """A row without its bounds, its lists read."""
    return {
        name: value_of(name, value)
        for name, value in row.items()
        if name not in {"id", *BOUNDS, *STAND_INS}
    }


def value_of(name: str, value: Any) -> Any:
    """A value, a list read."""
    if name in PLACES:
        listed = msgspec.json.decode(value)
        for each in listed:
            each.pop("at")
        return listed if name == "plan_commits" else [each["position"] for each in listed]
    return msgspec.json.decode(value) if name in LISTS and value is not None else value
