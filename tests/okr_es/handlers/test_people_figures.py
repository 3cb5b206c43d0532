"""Which figures per person exist is one decision of the organisation, with a reason."""

from __future__ import annotations

import pytest

from okr_es.commands import ChoosePeopleFigures
from okr_es.domain.people_figures import PEOPLE_FIGURES_ID, PeopleFiguresChoice
from okr_es.domain.refusals import ReasonIsMissing
from okr_es.domain.values import PeopleFigures
from tests.support.given import World, fact, given


@pytest.mark.parametrize("choice", PeopleFigures)
def test_it_is_chosen(choice: PeopleFigures, world: World) -> None:
    given(world).when(ChoosePeopleFigures(choice), reason="agreed with the works council").then(
        fact(PeopleFiguresChoice.Chosen, PEOPLE_FIGURES_ID, people_figures=choice)
    )


def test_and_chosen_again(world: World) -> None:
    given(world, ChoosePeopleFigures(PeopleFigures.HR_TOO)).when(
        ChoosePeopleFigures(PeopleFigures.OFF), reason="the agreement has ended"
    ).then(
        fact(PeopleFiguresChoice.Replaced, PEOPLE_FIGURES_ID, 2, people_figures=PeopleFigures.OFF)
    )


def test_what_is_chosen_is_no_news(world: World) -> None:
    given(world, ChoosePeopleFigures(PeopleFigures.OFF)).when(
        ChoosePeopleFigures(PeopleFigures.OFF)
    ).then_nothing()


@pytest.mark.parametrize("reason", [None, "", " "])
def test_not_without_a_reason(reason: str | None, world: World) -> None:
    given(world).when(ChoosePeopleFigures(PeopleFigures.HR_TOO), reason=reason).then_refused(
        ReasonIsMissing, field="reason"
    )
    given(world, ChoosePeopleFigures(PeopleFigures.OFF)).when(
        ChoosePeopleFigures(PeopleFigures.HR_TOO), reason=reason
    ).then_refused(ReasonIsMissing, field="reason")
