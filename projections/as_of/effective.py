"""Who held an objective, and below what a team was, on a day, by effective days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from okr_es.domain.effective_days import holders, on, parents
from projections.as_of.view import View
from projections.read_model.tables import Row

PARENTS = """
  SELECT id, known_from, parent_id, effective FROM team WHERE known_from <= :plan
  ORDER BY known_from
"""

# All versions of the objectives of which a hand-over that holds by the day was recorded after it.
RECORDED_LATER = """
  SELECT v.id, v.known_from, v.owner_id, v.team_id, v.effective, v.redated, e.recorded_at
  FROM objective v JOIN events e ON e.position = v.known_from
  WHERE v.known_from <= :known AND v.id IN (
    SELECT b.id FROM objective b
    WHERE b.effective <= :day AND b.known_from > :plan AND b.known_from <= :known
  ) ORDER BY v.known_from
"""
HAND_OVER = ("known_from", "owner_id", "team_id", "effective", "redated")


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
    for id_, *fields, recorded_at in view.rows(RECORDED_LATER, **day):
        row = dict(zip(HAND_OVER, fields, strict=True))
        versions[id_].append(row)
        position = row["known_from"]
        # Without a day of its own it holds from its position on, which had not come yet.
        is_to_come = row["effective"] is None and position > moment.plan
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


class Tree:
    """Which team was below which, from which day on.

    `plan` is the position after which a move without a day of its own has not come yet.
    """

    def __init__(self, view: View, plan: int | None = None) -> None:
        rows = view.rows(PARENTS, plan=view.moment.plan)
        days = view.days(row[1] for row in rows)
        for _, position, _, effective in rows:
            if plan is not None and effective is None and position > plan:
                days[position] = date.max
        versions: dict[str, list[Row]] = defaultdict(list)
        for id_, position, parent, effective in rows:
            row = {"known_from": position, "parent_id": parent, "effective": effective}
            versions[id_].append(row)
        self.parents = {id_: parents(each, days) for id_, each in versions.items()}
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
