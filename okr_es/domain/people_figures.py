"""Which figures per person exist in answers: one decision for the organisation."""

from __future__ import annotations

from uuid import UUID

from okr_es.domain.base import Aggregate, Beginning, Change, event
from okr_es.domain.values import PeopleFigures, needs_reason

PEOPLE_FIGURES_ID = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c10")


class PeopleFiguresChoice(Aggregate):
    """Who sees figures per person; until it is chosen, people their own, and their leads."""

    TOPIC = "people_figures"

    class Chosen(Beginning):
        """Someone chose for the first time which figures per person exist, with a reason."""

        TOPIC = "people_figures.chosen"
        people_figures: PeopleFigures

    class Replaced(Change):
        """Someone chose again which figures per person exist, with a reason. Not raised for the
        same choice.
        """

        TOPIC = "people_figures.replaced"
        people_figures: PeopleFigures

    def __init__(self, people_figures: PeopleFigures) -> None:
        self.people_figures = people_figures

    @classmethod
    def choose(cls, people_figures: PeopleFigures, reason: str | None) -> PeopleFiguresChoice:
        """Choose for the first time; needs a reason."""
        needs_reason(reason, "choose which figures per person exist")
        return cls._create(cls.Chosen, id=PEOPLE_FIGURES_ID, people_figures=people_figures)

    def replace(self, people_figures: PeopleFigures, reason: str | None) -> None:
        """Choose again; needs a reason."""
        if people_figures != self.people_figures:
            needs_reason(reason, "choose which figures per person exist")
            self._replaced(people_figures)

    @event(Replaced)
    def _replaced(self, people_figures: PeopleFigures) -> None:
        self.people_figures = people_figures
