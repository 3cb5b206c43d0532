"""Goals on each day since they were due: by the plan that was in force, and as read by then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from projections.as_of.corrected import row_as_known
from projections.goals.key_result_scores import KeyResultRow, as_known
from projections.goals.roll_up import counting
from projections.read_model.tables import Row


class Version(NamedTuple):
    """What an objective or a key result was from a position on, and the day that was recorded.

    `row` is the fields of an objective, a `KeyResultRow`, or None of a key result once dropped.
    """

    day: str
    position: int
    id: str
    row: Any

    def as_known(self, known: int) -> Version:
        """Return the version as corrected by a position."""
        if isinstance(self.row, KeyResultRow):
            return self if self.row.corrected is None else self.with_row(as_known(self.row, known))
        if self.row is None or self.row["corrected"] is None:
            return self
        return self.with_row(row_as_known(self.row, known))

    def with_row(self, row: Any) -> Version:
        """Return the version with another row."""
        return self._replace(row=row)


class Plans:
    """All versions of some objectives and of all that ever was below them, the oldest first."""

    def __init__(self, objectives: Iterable[Version], key_results: Iterable[Version]) -> None:
        self.versions: dict[str, list[Version]] = {}
        self.own: dict[str, dict[str, None]] = defaultdict(dict)
        self.below: dict[str, dict[str, None]] = defaultdict(dict)
        for each in objectives:
            self.versions.setdefault(each.id, []).append(each)
            if (above := each.row["parent_objective_id"]) is not None:
                self.below[above][each.id] = None
        for each in key_results:
            self.versions.setdefault(each.id, []).append(each)
            if each.row is not None:
                self.own[each.row.objective_id][each.id] = None


class Readings(Protocol):
    """What is known of readings."""

    def by(self, row: KeyResultRow, cycle: Row, day: str) -> KeyResultRow:
        """Return a key result of a cycle as it was read by the end of a day."""

    def days(self, row: KeyResultRow, cycle: Row) -> Iterable[str]:
        """Return the days on which the value of a key result of a cycle may have turned."""


class Past:
    """Goals as they were by the end of a day, as known at a moment whose plan is at a position."""

    def __init__(self, plans: Plans, plan: int, known_at: int, readings: Readings) -> None:
        self.plans = plans
        self.plan = plan
        self.known_at = known_at
        self.readings = readings

    def known(self, id_: str) -> list[Version]:
        """Return the versions of an objective or a key result up to the position, as corrected."""
        found = (each for each in self.plans.versions.get(id_, ()) if each.position <= self.plan)
        return [each.as_known(self.known_at) for each in found]

    def on(self, id_: str, day: str) -> Any:
        """Return the row that was in force at the end of a day; None where none was."""
        return next((each.row for each in reversed(self.known(id_)) if each.day <= day), None)

    def committed_on(self, id_: str) -> str:
        """Return the day an objective was committed itself; no text where it never was."""
        days = (each.day for each in self.known(id_) if each.row["committed_at"] is not None)
        return next(days, "")

    def key_results(self, id_: str, day: str) -> list[KeyResultRow]:
        """Return the key results an objective had at the end of a day."""
        rows = [self.on(each, day) for each in self.plans.own[id_]]
        return [row for row in rows if row is not None and row.objective_id == id_]

    def scoring(self, objective: Row, day: str) -> Sequence[Row]:
        """Return the objectives of its own cycle that counted in one at the end of a day."""
        id_, cycle_id = objective["id"], objective["cycle_id"]
        rows = [self.on(each, day) for each in self.plans.below[id_]]
        aligned = [row for row in rows if row is not None and row["parent_objective_id"] == id_]
        ids = counting(aligned, {row.id for row in self.key_results(id_, day)})
        return [row for row in aligned if row["id"] in ids and row["cycle_id"] == cycle_id]

    def ids(self, id_: str) -> set[str]:
        """Return the ids of an objective and of all that ever was below it, as loaded."""
        found, waiting = set[str](), [id_]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found |= {each, *self.plans.own[each]}
                waiting += self.plans.below[each]
        return found

    def ever(self, id_: str) -> list[KeyResultRow]:
        """Return all that key results ever were of an objective and of all that was below it."""
        rows = (each.row for one in self.ids(id_) for each in self.known(one))
        return [row for row in rows if isinstance(row, KeyResultRow)]

    def turns(self, id_: str, cycle: Row) -> set[str]:
        """Return the days on which the score of an objective of a cycle may have turned."""
        planned = {each.day for one in self.ids(id_) for each in self.known(one)}
        return planned.union(*(self.readings.days(row, cycle) for row in self.ever(id_)))
