"""Effective days: who or what holds from which day on, whenever it was recorded.

A hand-over of an objective and the move of a team hold from a day of their own. What was recorded
last holds from its day on, in place of all that held from there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

Held = Literal["owner_id", "team_id"]
HELD: tuple[Held, ...] = ("owner_id", "team_id")

T = TypeVar("T")
Row = Mapping[str, Any]


class Since(NamedTuple, Generic[T]):
    """What holds from a day on, by an event at a position recorded on a day."""

    day: date
    value: T
    position: int
    recorded: date

    def recorded_later(self, first: date) -> date | None:
        """Return the day it was recorded, if that is after a day from which it is said to hold."""
        return self.recorded if self.day < self.recorded and first < self.recorded else None


def in_force(changes: Iterable[Since[T]]) -> list[Since[T]]:
    """Return what held from which day on, by days; `changes` are in the order they were recorded.

    Each takes the place of all that held from its own day on. One that takes the place of others
    stays, also where the same held before them: it was recorded when it was.
    """
    held: list[Since[T]] = []
    for each in changes:
        number = len(held)
        while held and held[-1].day >= each.day:
            held.pop()
        if len(held) < number or not held or held[-1].value != each.value:
            held.append(each)
    return held


def on(held: Sequence[Since[T]], day: date) -> Since[T]:
    """Return what held on a day; what held first held from the beginning."""
    return held[bisect_right(held, day, key=lambda each: each.day) - 1]


def alone_since(held: Sequence[Since[T]]) -> date:
    """Return the day from which what holds now has held without a break; `date.min`: always."""
    day = held[-1].day
    for each in reversed(held):
        if each.value != held[-1].value:
            break
        day = each.day
    return day


def what_stays(
    after: tuple[UUID, UUID],
    before: tuple[UUID, UUID],
    effective: date | None,
    since: Mapping[Held, date],
) -> tuple[str, ...]:
    """Return which of owner and team stay, and are to be so from an earlier day than they are.

    `since` are the days from which those named are owner or team; `date.min`: always.
    """
    if effective is None:
        return ()
    stay = [field for field, *both in zip(HELD, after, before, strict=True) if len({*both}) == 1]
    return tuple(field for field in stay if effective < since.get(field, date.min))


def passings(rows: Iterable[Row], recorded: Mapping[int, date]) -> dict[Held, list[Since[Any]]]:
    """Return what was passed on of an objective, owner or team, in the order of its versions.

    `recorded` are the days of their positions. A hand-over passes on what it changes, owner, team
    or both, and what it says to stay from another day on; before it said so, one that changes
    neither gives another day to what the one before passed on. Who held it first held it from the
    beginning.
    """
    changes: dict[Held, list[Since[Any]]] = {field: [] for field in HELD}
    passed_on = HELD
    for row in rows:
        changed = tuple(
            field for field in HELD if not changes[field] or changes[field][-1].value != row[field]
        )
        if changed or row["effective"] is not None:
            redated = row["redated"]
            if redated is None:
                passed_on = changed or passed_on
            else:
                passed_on = tuple(each for each in HELD if each in changed or each in redated)
            at, position = recorded[row["known_from"]], row["known_from"]
            for field in passed_on:
                day = day_of(row["effective"], at) if changes[field] else date.min
                changes[field].append(Since(day, row[field], position, at))
    return changes


def holders(rows: Iterable[Row], recorded: Mapping[int, date]) -> dict[Held, list[Since[Any]]]:
    """Return owner and team of an objective by days, from its versions, the oldest first."""
    return {field: in_force(each) for field, each in passings(rows, recorded).items()}


def held_since(
    rows: Iterable[Row], recorded: Mapping[int, date], named: Iterable[Held]
) -> dict[Held, date]:
    """Return the days from which owner or team of an objective, as named, are who they are.

    Where neither is named, of what was last passed on. `date.min`: they always were.
    """
    changes = passings(rows, recorded)
    last = max(each[-1].position for each in changes.values())
    fields = tuple(named) or [field for field in HELD if changes[field][-1].position == last]
    return {field: alone_since(in_force(changes[field])) for field in fields}


def parents(rows: Iterable[Row], recorded: Mapping[int, date]) -> list[Since[Any]]:
    """Return what a team was below by days, from its versions, the oldest first."""
    changes: list[Since[Any]] = []
    for row in rows:
        parent, effective = row["parent_id"], row["effective"]
        if not changes or effective is not None or changes[-1].value != parent:
            at = recorded[row["known_from"]]
            day = day_of(effective, at) if changes else date.min
            changes.append(Since(day, parent, row["known_from"], at))
    return in_force(changes)


def day_of(effective: str | None, recorded: date) -> date:
    """Return the day from which something holds."""
    return recorded if effective is None else date.fromisoformat(effective)
