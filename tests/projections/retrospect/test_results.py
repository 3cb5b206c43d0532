"""Closing publishes a result; late readings show beside it; reopening keeps every closing."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from tests.support.story import ANN, COMPANY, NOW, Story, day


@pytest.fixture
def goals(story: Story) -> dict[str, UUID]:
    """One objective with one key result at 40 of 100, graded and published on day 102."""
    win = story.objective()
    customers = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    reading = story.checks_in(customers, "40")
    story.on(day(101))
    story.does(c.GradeObjective(win, Decimal("0.5")), reason="A hard quarter.")
    story.on(day(102))
    story.does(c.CloseCycle(NOW), comment="Well done.")
    return {"win": win, "customers": customers, "reading": reading}


def test_closing_publishes_position_policy_and_grades(story: Story, goals: dict[str, UUID]) -> None:
    (closing,) = story.queries.results(NOW)["closings"]
    assert closing["position"] == story.okr.log.head()
    assert (closing["day"], closing["by"], closing["comment"]) == (
        day(102),
        {"id": ANN},
        "Well done.",
    )
    assert closing["policy"]["on_track"] == "0.9"
    (win,) = closing["objectives"]
    assert (win["rolled_up"], win["status"]) == (Decimal("0.4000"), "off_track")
    assert win["grade"] == {
        "computed": Decimal("0.4000"), "adjusted": "0.5", "band": "yellow", "expected": "1",
        "coverage": Decimal("1.0000"), "not_measured": 0, "of": 1, "evidence": None,
    }  # fmt: skip


def test_an_open_cycle_has_published_nothing(story: Story) -> None:
    answer = story.queries.results(NOW)
    assert (answer["closings"], answer["restatement"]) == ([], None)


def test_a_late_reading_restates_and_never_changes_what_was_published(
    story: Story, goals: dict[str, UUID]
) -> None:
    before = story.queries.results(NOW)["closings"]
    assert story.queries.results(NOW)["restatement"]["objectives"] == []
    story.checks_in(goals["customers"], "90", on=day(99))
    answer = story.queries.results(NOW)
    assert answer["closings"] == before
    (restated,) = answer["restatement"]["objectives"]
    assert restated["id"] == str(goals["win"])
    assert restated["published"]["rolled_up"] == Decimal("0.4000")
    assert restated["restated"]["rolled_up"] == Decimal("0.9000")
    assert restated["restated"]["grade"]["computed"] == Decimal("0.9000")


def test_a_correction_restates_as_well(story: Story, goals: dict[str, UUID]) -> None:
    story.does(c.CorrectReading(goals["reading"], Decimal(10)), reason="A slip of the pen.")
    (restated,) = story.queries.results(NOW)["restatement"]["objectives"]
    assert restated["restated"]["rolled_up"] == Decimal("0.1000")


def test_a_policy_adopted_later_judges_no_closed_cycle(
    story: Story, goals: dict[str, UUID]
) -> None:
    before = story.queries.results(NOW)["closings"]
    story.does(c.AdoptScoringPolicy(yellow_from=Decimal("0.1"), committed_expected=Decimal("0.2")))
    assert story.queries.results(NOW)["closings"] == before


def test_reopening_keeps_every_earlier_closing_comment_included(
    story: Story, goals: dict[str, UUID]
) -> None:
    first = story.queries.results(NOW)["closings"]
    story.does(c.ReopenCycle(NOW), reason="A reading was forgotten.", comment="Sorry.")
    story.checks_in(goals["customers"], "80", on=day(98))
    story.on(day(104))
    story.does(c.CloseCycle(NOW), comment="Now it is.")
    one, other = story.queries.results(NOW)["closings"]
    reopened = one.pop("reopened")
    assert one == {k: v for k, v in first[0].items() if k != "reopened"}
    assert (reopened["reason"], reopened["comment"]) == ("A reading was forgotten.", "Sorry.")
    assert (one["number"], one["comment"]) == (1, "Well done.")
    assert (other["number"], other["comment"], other["reopened"]) == (2, "Now it is.", None)
    assert other["objectives"][0]["rolled_up"] == Decimal("0.8000")


def test_words_name_each_closing(story: Story, goals: dict[str, UUID]) -> None:
    first = story.okr.log.head()
    story.does(c.ReopenCycle(NOW))
    story.does(c.CloseCycle(NOW))
    second = story.okr.log.head()
    board = story.queries.board
    assert board(NOW, known_at="published-1")["position"] == first
    assert board(NOW, known_at="published")["position"] == second
    assert board(NOW, known_at="published-1")["fixed"]
    assert not board(NOW, known_at="published")["fixed"]


def test_results_are_shown_as_known_at_a_position(story: Story, goals: dict[str, UUID]) -> None:
    published = story.okr.log.head()
    story.does(c.ReopenCycle(NOW))
    answer = story.queries.results(NOW, known_at=str(published))
    assert answer["closings"][0]["reopened"] is None
    assert story.queries.results(NOW, known_at=str(published - 1))["closings"] == []
    with pytest.raises(NotFound):
        story.queries.results(COMPANY)
