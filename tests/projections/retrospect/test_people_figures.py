"""Which figures about people a review has, and for whom."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Cadence, PeopleFigures
from tests.support.story import ANN, BEN, NOW, SALES, Story, day

Row = dict[str, Any]
OFF, OWN, HR = PeopleFigures
OTHERS = [UUID(int=0xC0 + number) for number in range(4)]


@pytest.fixture
def handed_over(story: Story) -> Story:
    """Ann's objective of sales, weekly and overdue, became Ben's."""
    win = story.objective(team_id=SALES)
    story.key_result(win, cadence=Cadence.WEEKLY)
    story.does(c.CommitPlan(NOW))
    story.on(day(80))
    story.does(c.ReassignObjective(win, BEN))
    story.on(day(101))
    return story


def review(story: Story, viewer: UUID | None, **limits: UUID) -> Row:
    queries = story.queries if viewer is None else story.queries.for_viewer(viewer)
    return dict(queries.review(NOW, **limits))


def people(answer: Row) -> list[UUID]:
    return [UUID(each["person"]["id"]) for each in answer["people"]]


def whose_days(answer: Row) -> list[UUID]:
    """The owners of whose days it is shown what happened in them."""
    owners = [each for goal in answer["goals"] for each in goal["owners"]]
    return [UUID(each["owner"]["id"]) for each in owners if each["counts"] is not None]


@pytest.mark.parametrize(
    ("choice", "viewer", "shown"),
    [
        (None, None, []), (None, ANN, [ANN]), (None, BEN, [BEN]),
        (OWN, None, []), (OWN, BEN, [BEN]),
        (OFF, None, []), (OFF, ANN, []),
        (HR, None, [ANN, BEN]), (HR, ANN, [ANN, BEN]),
    ],
)  # fmt: skip
def test_the_choice_decides_what_exists_per_person(
    handed_over: Story, choice: PeopleFigures | None, viewer: UUID | None, shown: list[UUID]
) -> None:
    if choice is not None:
        handed_over.does(c.ChoosePeopleFigures(choice))
    answer = review(handed_over, viewer)
    assert answer["people_figures"] == (choice or OWN)
    assert (people(answer), whose_days(answer)) == (shown, shown)
    alone = review(handed_over, viewer, person_id=ANN)
    assert people(alone) == [each for each in shown if each == ANN]
    assert len(alone["goals"]) == 1
    assert [each["owner"]["id"] for each in answer["goals"][0]["owners"]] == [str(ANN), str(BEN)]


def test_the_present_choice_decides_about_the_past_too(handed_over: Story) -> None:
    story = handed_over
    story.does(c.ChoosePeopleFigures(HR))
    story.does(c.CloseCycle(NOW))
    closed = story.okr.log.head()
    assert people(review(story, None)) == [ANN, BEN]
    story.does(c.ChoosePeopleFigures(OFF))
    then = story.queries.review(NOW, known_at=str(closed))
    assert (people(review(story, None)), people(dict(then))) == ([], [])


def overdue(answer: Row) -> list[Row | None]:
    """Readings due of each team, and of the cycle."""
    rows = [*answer["teams"], answer["total"]]
    return [each["counts"]["discipline"] for each in rows]


def test_a_team_of_few_owners_shows_no_discipline_outside(handed_over: Story) -> None:
    story = handed_over
    stranger = story.does(c.RegisterPerson("Cy Example"))
    for viewer in (None, stranger):
        answer = review(story, viewer)
        assert overdue(answer) == [None, None, None]
        assert answer["goals"][0]["teams"][0]["counts"]["discipline"] is None
        (ended,) = answer["teams"][0]["ended_with"]
        assert ended["intervals"][0]["counts"]["discipline"] is None
    for viewer in (ANN, BEN):
        found = review(story, viewer)
        assert all(overdue(found))
        assert found["goals"][0]["teams"][0]["counts"]["discipline"]


def test_a_team_of_five_owners_does(handed_over: Story) -> None:
    """Ann and Ben had a goal of it, and others come one by one."""
    story = handed_over
    for number, id_ in enumerate(OTHERS, 3):
        story.does(c.RegisterPerson("Someone", id=id_))
        story.objective(f"goal {number}", team_id=SALES, owner_id=id_)
        shown = overdue(review(story, None))
        assert all(shown) if number >= 5 else shown == [None, None, None]


@pytest.mark.parametrize("values", [("10", "90"), ("90", "10")])
def test_nothing_is_sorted_by_a_person_s_score(story: Story, values: tuple[str, str]) -> None:
    story.does(c.ChoosePeopleFigures(HR))
    for owner, value in zip((BEN, ANN), values, strict=True):
        win = story.objective(f"{owner}", owner_id=owner)
        story.checks_in(story.key_result(win), value)
    answer = review(story, None)
    assert people(answer) == [ANN, BEN]
    assert {each["scores"]["ended"] for each in answer["people"]} == {
        Decimal("0.1"),
        Decimal("0.9"),
    }
