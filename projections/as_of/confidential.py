"""Confidential objectives: whose words a viewer is not shown, in answers about any day.

Who they are closed to, and that they are confidential, is asked of today, also for the past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.access.rights import About, Answer, Held, Line, Part, may
from okr_es.log.course import Seen
from projections.as_of.about import all_above
from projections.as_of.view import View
from projections.read_model.tables import FOREVER

# Fields of answers about goals on one day.
OF_TODAY = frozenset({"id", "objectives", "key_results", "readings", "reading"})
CONFIDENTIAL = f"""
  SELECT o.id, o.owner_id, o.team_id, k.id, k.owner_id FROM objective o
  LEFT JOIN key_result k ON k.objective_id = o.id AND k.known_until = {FOREVER}
  WHERE o.known_until = {FOREVER} AND o.confidential
"""
# Key results that are elsewhere now, and the position from which on each is.
MOVED_OUT = f"""
  SELECT o.id, o.owner_id, o.team_id, old.id, now.owner_id, max(old.known_until) FROM objective o
  JOIN key_result old ON old.objective_id = o.id
  JOIN key_result now ON now.id = old.id AND now.known_until = {FOREVER}
    AND now.objective_id <> o.id
  WHERE o.known_until = {FOREVER} AND o.confidential
  GROUP BY o.id, o.owner_id, o.team_id, old.id, now.owner_id
"""


Whose = tuple[str, str, str]  # the ids of an objective, its owner and its team


class Listed(NamedTuple):
    """A confidential objective with one of its key results, dropped or not; None: it has none."""

    id: str
    owner_id: str
    team_id: str
    key_result_id: str | None
    key_result_owner_id: str | None


class MovedOut(NamedTuple):
    """A key result that was below a confidential objective until it was moved, at a position."""

    id: str
    owner_id: str
    team_id: str
    key_result_id: str
    key_result_owner_id: str
    position: int


class Confidential:
    """What is confidential now. It is shared by all viewers, and asked once for each position."""

    def __init__(self) -> None:
        self.found: tuple[int, Seen, list[Listed], list[MovedOut]] | None = None

    def listed(self, view: View) -> tuple[list[Listed], list[MovedOut]]:
        """Return all that is confidential, and what was moved out of it; `view` is of today."""
        seen = view.dates.okr.course.seen
        if self.found is None or self.found[:2] != (view.head, seen):
            listed = [Listed(*row) for row in view.rows(CONFIDENTIAL)]
            moved = [MovedOut(*row) for row in view.rows(MOVED_OUT)] if listed else []
            self.found = (view.head, seen, listed, moved)
        return self.found[2:]


class Sight:
    """What one viewer is not shown, found once, when it is asked for.

    That is after the question has pinned its view: what becomes confidential before is closed.
    """

    def __init__(
        self,
        now: Callable[[], View],
        confidential: Confidential,
        viewer: UUID,
        roles: Callable[[View], tuple[Held, ...]],
    ) -> None:
        self.now = now
        self.confidential = confidential
        self.viewer = viewer
        self.roles = roles

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The ids of objectives and key results whose words are not for the viewer.

        Who owns a key result is shown what it promises, and its readings.
        """
        return frozenset(row.key_result_id for row in self.closed if row.key_result_id is not None
                         and row.key_result_owner_id != str(self.viewer)
                         ) | {row.id for row in self.closed}  # fmt: skip

    @cached_property
    def without_history(self) -> frozenset[str]:
        """The ids of all those, and of key results of the viewer's own below them.

        What was written with their events may have been said of the objective.
        """
        found = {each for row in self.closed for each in (row.id, row.key_result_id)}
        return frozenset(each for each in found if each is not None)

    @cached_property
    def closed(self) -> list[Listed]:
        """The confidential objectives that the viewer may not read, with all their key results."""
        return self.unreadable[0]

    @cached_property
    def moved_out(self) -> dict[str, int]:
        """The key results moved out of those objectives, with the position at which each was.

        It is that of the last move. What was said with their events up to then is withheld as what
        was said of the objective; what they promise since is not.
        """
        return self.moved(self.unreadable[1])

    @cached_property
    def moved_from_others(self) -> dict[str, int]:
        """The same without the viewer's own: who owns a key result is shown its past as well."""
        rows = self.unreadable[1]
        return self.moved(row for row in rows if row.key_result_owner_id != str(self.viewer))

    def moved(self, rows: Iterable[MovedOut]) -> dict[str, int]:
        """Return the last position of each key result that is below none of the objectives now."""
        there = {row.key_result_id for row in self.closed}
        by_position = sorted(rows, key=attrgetter("position"))
        return {row.key_result_id: row.position for row in by_position
                if row.key_result_id not in there}  # fmt: skip

    @cached_property
    def unreadable(self) -> tuple[list[Listed], list[MovedOut]]:
        """What is below the confidential objectives that the viewer may not read, and what was."""
        view = self.now()
        listed, moved = self.confidential.listed(view)
        if not listed:
            return [], []
        known = self.readable(view, {row[:3] for row in listed})
        return (
            [row for row in listed if not known[row[:3]]],
            [row for row in moved if not known[row[:3]]],
        )

    def hidden_in(self, answer: Any) -> frozenset[str]:
        """Return the ids of what is hidden in an answer: of one about the past also what moved out.

        Of entries of the log each is withheld by itself.
        """
        moved = self.moved_from_others
        if not moved or (isinstance(answer, dict) and "entries" in answer):
            return self.hidden
        past = {id_ for id_, at in moved.items() if not self.is_of_today(answer, at)}
        return self.hidden | past

    def is_of_today(self, answer: Any, since: int) -> bool:
        """Return whether an answer is about goals today, on a plan from a position on."""
        is_one = isinstance(answer, dict) and not OF_TODAY.isdisjoint(answer)
        if not is_one or "day" not in answer or "series" in answer:
            return False
        is_on_plan = min(answer["position"], answer["plan_position"]) >= since
        return is_on_plan and str(answer["day"]) == self.now().moment.day.isoformat()

    def readable(self, view: View, objectives: set[Whose]) -> dict[Whose, bool]:
        """Return of objectives whether the viewer is shown their words: as those of reviews."""
        roles = self.roles(view)
        is_bounded = any(held.team_id is not None for held in roles)
        above = all_above(view, {team_id for *_, team_id in objectives}) if is_bounded else {}

        def may_read(owner_id: str, team_id: str) -> bool:
            about = About(
                owners=frozenset({UUID(owner_id)}),
                teams=above.get(team_id, frozenset()),
                part=Part.READ,
            )
            return may(Line.REVIEWS, self.viewer, roles, about) == Answer.YES

        return {each: may_read(*each[1:]) for each in objectives}
