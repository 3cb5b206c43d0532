"""Confidential objectives: whose words a viewer is not shown, in answers about any day.

Who they are closed to, and that they are confidential, is asked of today, also for the past.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from okr_es.access.rights import About, Answer, Held, Line, Part, may
from okr_es.log.course import Seen
from projections.as_of.about import teams_above
from projections.as_of.view import View
from projections.read_model.tables import FOREVER

CONFIDENTIAL = f"""
  SELECT o.id, o.owner_id, o.team_id, k.id, k.owner_id FROM objective o
  LEFT JOIN key_result k ON k.objective_id = o.id AND k.known_until = {FOREVER}
  WHERE o.known_until = {FOREVER} AND o.confidential
"""
MARK_DIGITS = 8


class Listed(NamedTuple):
    """A confidential objective with one of its key results, dropped or not; None: it has none."""

    id: str
    owner_id: str
    team_id: str
    key_result_id: str | None
    key_result_owner_id: str | None


class Confidential:
    """What is confidential now. It is shared by all viewers, and asked once for each position."""

    def __init__(self) -> None:
        self.found: tuple[int, Seen, list[Listed]] | None = None

    def listed(self, view: View) -> list[Listed]:
        """Return all that is confidential; `view` is of today."""
        seen = view.dates.okr.course.seen
        if self.found is None or self.found[:2] != (view.head, seen):
            self.found = (view.head, seen, [Listed(*row) for row in view.rows(CONFIDENTIAL)])
        return self.found[2]


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
        view = self.now()
        listed = self.confidential.listed(view)
        if not listed:
            return []
        roles = self.roles(view)
        known = {row[:3]: False for row in listed}
        known |= {each: self.may(view, roles, *each) for each in known}
        return [row for row in listed if not known[row[:3]]]

    def may(self, view: View, roles: tuple[Held, ...], _: str, owner_id: str, team_id: str) -> bool:
        """Return whether the viewer is shown the words of an objective: as those of reviews."""
        is_bounded = any(held.team_id is not None for held in roles)
        about = About(
            owners=frozenset({UUID(owner_id)}),
            teams=teams_above(view, team_id) if is_bounded else frozenset(),
            part=Part.READ,
        )
        return may(Line.REVIEWS, self.viewer, roles, about) == Answer.YES

    @property
    def mark(self) -> str:
        """What is part of the tag of an answer that lacks words; empty where it lacks none."""
        if not self.hidden:
            return ""
        return hashlib.sha256(" ".join(sorted(self.hidden)).encode()).hexdigest()[:MARK_DIGITS]
