"""Effective days: who or what holds from which day on, whenever it was recorded.

A hand-over of an objective and the move of a team hold from a day of their own. What was recorded
last holds from its day on, in place of all that held from there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Generic, Literal, NamedTuple, TypeVar

from projections.as_of.view import View
from projections.read_model.tables import Row

Held = Literal["owner_id", "team_id"]
HELD: tuple[Held, ...] = ("owner_id", "team_id")
PARENTS = """
  SELECT id, known_from, parent_id, effective FROM team WHERE known_from <= :plan
  ORDER BY known_from
"""

# All versions of the objectives of which a hand-over that holds by the day was recorded after it.
RECORDED_LATER = """
  SELECT v.id, v.known_from, v.owner_id, v.team_id, v.effective, e.recorded_at
  FROM objective v JOIN events e ON e.position = v.known_from
  WHERE v.known_from <= :known AND v.id IN (
    SELECT b.id FROM objective b
    WHERE b.effective <= :day AND b.known_from > :plan AND b.known_from <= :known
  ) ORDER BY v.known_from
"""

T = TypeVar("T")


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


def holders(rows: Iterable[Row], recorded: Mapping[int, date]) -> dict[Held, list[Since[str]]]:
    """Return owner and team of an objective by days, from its versions, the oldest first.

    `recorded` are the days of their positions. A hand-over passes on what it changes, owner, team
    or both; one that changes neither gives another day to what the one before passed on. Who held
    it first held it from the beginning.
    """
    changes: dict[Held, list[Since[str]]] = {field: [] for field in HELD}
    passed_on = HELD
    for row in rows:
        changed = tuple(
            field for field in HELD if not changes[field] or changes[field][-1].value != row[field]
        )
        if changed or row["effective"] is not None:
            passed_on = changed or passed_on
            at, position = recorded[row["known_from"]], row["known_from"]
            for field in passed_on:
                day = day_of(row["effective"], at) if changes[field] else date.min
                changes[field].append(Since(day, row[field], position, at))
    return {field: in_force(each) for field, each in changes.items()}


class HeldThen(NamedTuple):
    """Who held an objective on a day on which others were believed to hold it."""

    owner_id: str
    team_id: str
    recorded_later: date


def held_then(view: View) -> dict[str, HeldThen]:
    """Return who held objectives on the view's day where that was recorded after it, by id."""
    moment = view.moment
    if moment.plan >= moment.known:
        return {}
    day = {"day": moment.day.isoformat(), "plan": moment.plan, "known": moment.known}
    versions: dict[str, list[Row]] = defaultdict(list)
    recorded: dict[int, date] = {}
    for id_, position, owner, team, effective, recorded_at in view.rows(RECORDED_LATER, **day):
        row = {"known_from": position, "owner_id": owner, "team_id": team, "effective": effective}
        versions[id_].append(row)
        # Without a day of its own it holds from its position on, which had not come yet.
        is_to_come = effective is None and position > moment.plan
        recorded[position] = date.max if is_to_come else view.dates.day_of(recorded_at)
    found = {}
    for id_, rows in versions.items():
        held = {field: on(each, moment.day) for field, each in holders(rows, recorded).items()}
        believed = [row for row in rows if row["known_from"] <= moment.plan]
        later = [
            since.recorded for field, since in held.items()
            if believed and believed[-1][field] != since.value
        ]  # fmt: skip
        if later:
            found[id_] = HeldThen(held["owner_id"].value, held["team_id"].value, max(later))
    return found


def day_of(effective: str | None, recorded: date) -> date:
    """Return the day from which something holds."""
    return recorded if effective is None else date.fromisoformat(effective)


class Tree:
    """Which team was below which, from which day on."""

    def __init__(self, view: View) -> None:
        rows = view.rows(PARENTS, plan=view.moment.plan)
        days = view.days(row[1] for row in rows)
        changes: dict[str, list[Since[str | None]]] = defaultdict(list)
        for id_, position, parent, effective in rows:
            before = changes[id_]
            if not before or effective is not None or before[-1].value != parent:
                recorded = days[position]
                day = day_of(effective, recorded) if before else date.min
                before.append(Since(day, parent, position, recorded))
        self.parents = {id_: in_force(each) for id_, each in changes.items()}
        self.days = sorted({each.day for held in self.parents.values() for each in held[1:]})

    def teams(self, team_id: str, day: date) -> tuple[str, ...]:
        """Return a team and all above it on a day, from below."""
        found: list[str] = []
        above: str | None = team_id
        while above is not None and above not in found:
            found.append(above)
            held = self.parents.get(above)
            above = on(held, day).value if held else None
        return tuple(found)
