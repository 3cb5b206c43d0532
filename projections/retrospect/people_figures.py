"""Which figures about people an answer has for the viewer who asks.

The choice of the organisation that is in force now decides, also about the past, as names are
always the present ones. Until there are rights, nobody is known to be a lead or of HR: a viewer
is shown their own figures, and with `hr_too` everyone who may ask is shown all.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from okr_es.domain.values import PeopleFigures
from projections.as_of.view import View
from projections.read_model.tables import FOREVER
from projections.retrospect.review_answers import HappenedCounts

# A team with fewer owners shows no discipline to others: its figures would be those of people.
FEWEST_OWNERS = 5
CHOSEN = f"SELECT people_figures FROM people_figures WHERE known_until = {FOREVER}"


class Shown(NamedTuple):
    """What a viewer is shown about people; None: nobody was named."""

    people_figures: PeopleFigures
    viewer: str | None

    def has_figures_of(self, person_id: str) -> bool:
        """Return whether the viewer is shown figures of a person."""
        match self.people_figures:
            case PeopleFigures.OFF:
                return False
            case PeopleFigures.HR_TOO:
                return True
        return person_id == self.viewer

    def has_discipline_of(self, owners: Collection[str]) -> bool:
        """Return whether the viewer is shown readings late or missing of a team of some owners."""
        return len(owners) >= FEWEST_OWNERS or self.viewer in owners


def without_discipline(counts: HappenedCounts) -> HappenedCounts:
    """Return counts without the readings that were due."""
    return {**counts, "discipline": None}


def shown(view: View) -> Shown:
    """Return what the viewer is shown about people, by the choice in force now."""
    chosen = view.rows(CHOSEN)
    viewer: UUID | None = view.viewer
    return Shown(
        PeopleFigures(chosen[0][0]) if chosen else PeopleFigures.OWN_AND_LEADS,
        None if viewer is None else str(viewer),
    )
