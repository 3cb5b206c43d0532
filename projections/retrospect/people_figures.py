"""Which figures about people an answer has for the viewer who asks.

The choice of the organisation that is in force now decides, also about the past, as names are
always the present ones, and so do the roles of the viewer. Where nobody asks the table of rights, a
viewer is shown their own figures, and with `hr_too` everyone who may ask is shown all.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from okr_es.access.rights import About, Answer, Line, may
from okr_es.domain.values import PeopleFigures
from projections.as_of.view import Rights, View
from projections.read_model.tables import FOREVER
from projections.retrospect.review_answers import HappenedCounts

# A team with fewer owners shows no discipline to others: its figures would be those of people.
FEWEST_OWNERS = 5
CHOSEN = f"SELECT people_figures FROM people_figures WHERE known_until = {FOREVER}"


class Shown(NamedTuple):
    """What a viewer is shown about people; None: nobody was named."""

    people_figures: PeopleFigures
    viewer: str | None
    rights: Rights | None = None

    def has_figures_of(self, person_id: str) -> bool:
        """Return whether the viewer is shown figures of a person."""
        if self.rights is not None:
            return may_see(self.rights, self.people_figures, frozenset({UUID(person_id)}))
        match self.people_figures:
            case PeopleFigures.OFF:
                return False
            case PeopleFigures.HR_TOO:
                return True
        return person_id == self.viewer

    @property
    def leads(self) -> bool:
        """The viewer is shown figures of everybody in the teams the answer is about."""
        return self.rights is not None and may_see(self.rights, self.people_figures, frozenset())

    def has_discipline_of(self, owners: Collection[str]) -> bool:
        """Return whether the viewer is shown readings late or missing of a team of some owners."""
        return len(owners) >= FEWEST_OWNERS or self.viewer in owners or self.leads


def may_see(rights: Rights, chosen: PeopleFigures, owners: frozenset[UUID]) -> bool:
    """Return whether the table gives somebody figures of some people, as was chosen."""
    about = About(owners, teams=rights.teams, people_figures=chosen)
    return may(Line.FIGURES, rights.viewer, rights.roles, about) == Answer.YES


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
        view.rights,
    )
