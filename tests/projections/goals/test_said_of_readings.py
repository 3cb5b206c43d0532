"""What a check-in says beside its value, and the document of a grade, as answers show them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from okr_es import commands as c
from okr_es.domain.evidence import Evidence
from tests.support.story import BEN, Story, day

DIGEST = "0123456789abcdef" * 4
DOCUMENT = Evidence("https://files.example.org/7", DIGEST)
SHOWN = {"link": "https://files.example.org/7", "sha256": DIGEST}


def only_reading(story: Story, of: Any, **when: Any) -> dict[str, Any]:
    (found,) = story.queries.readings(of, **when)["readings"]
    return dict(found)


def on_board(story: Story, goal: UUID) -> dict[str, Any]:
    (found,) = (each for each in story.board().values() if each["id"] == str(goal))
    return found


def test_the_comment_of_a_reading_is_shown_as_corrected_and_as_it_was_then(story: Story) -> None:
    number = story.key_result(story.objective())
    reading = story.does(c.CheckIn(number, day(40), 7, Decimal(2)), comment="the suplier is late")
    then = str(story.okr.log.head())
    story.does(c.CorrectReading(reading, comment="the supplier is late"))
    assert only_reading(story, number)["comment"] == "the supplier is late"
    assert only_reading(story, number, known_at=then)["comment"] == "the suplier is late"
    story.does(c.CorrectReading(reading, comment=None))
    assert only_reading(story, number)["comment"] is None
    history = story.queries.audit_log(limit=3)["entries"]
    assert [each["comment"] for each in history] == [
        None, "the supplier is late", "the suplier is late",
    ]  # fmt: skip


def test_a_comment_stays_when_its_author_is_erased(story: Story) -> None:
    number = story.key_result(story.objective())
    story.does(c.CheckIn(number, day(40), 7, Decimal(2)), comment="late", by=BEN)
    story.does(c.ErasePerson(BEN, "GDPR Article 17"))
    found = only_reading(story, number)
    assert (found["value"], found["comment"]) == ("2", "late")


def test_a_corrected_confidence_is_the_one_that_counts(story: Story) -> None:
    number = story.key_result(story.objective())
    reading = story.checks_in(number, "2", day(40), confidence=7)
    assert story.queries.key_result(number)["confidence"] == 7
    story.does(c.CorrectReading(reading, confidence=3))
    shown = story.queries.key_result(number)
    assert (shown["confidence"], shown["value"]) == (3, "2")
    story.does(c.CorrectReading(reading, confidence=None))
    assert story.queries.key_result(number)["confidence"] is None
    (last, *_) = story.queries.audit_log(limit=1)["entries"]
    (change,) = last["changes"]
    assert (change["field"], change["before"], change["after"]) == ("confidence", 3, None)


def test_the_document_of_a_check_in_is_shown_wherever_the_reading_is(story: Story) -> None:
    goal = story.objective()
    number = story.key_result(goal)
    reading = story.checks_in(number, "2", day(40), evidence=DOCUMENT)
    assert only_reading(story, number)["evidence"] == SHOWN
    assert story.queries.key_result(number)["reading"]["evidence"] == SHOWN
    assert on_board(story, goal)["key_results"][0]["reading"]["evidence"] == SHOWN
    then = str(story.okr.log.head())
    story.does(c.CorrectReading(reading, evidence=None))
    assert story.queries.key_result(number)["reading"]["evidence"] is None
    past = story.queries.key_result(number, known_at=then)
    assert past["reading"]["evidence"] == SHOWN


def test_a_later_confidence_alone_leaves_the_document_of_the_value(story: Story) -> None:
    number = story.key_result(story.objective())
    story.checks_in(number, "2", day(40), evidence=DOCUMENT)
    story.checks_in(number, on=day(41), confidence=1)
    shown = story.queries.key_result(number)
    assert (shown["confidence"], shown["reading"]["evidence"]) == (1, SHOWN)


def test_the_document_of_a_grade_is_shown_until_it_is_reopened(story: Story) -> None:
    goal = story.objective()
    story.checks_in(story.key_result(goal), "2", day(40))
    story.does(c.GradeObjective(goal, evidence=DOCUMENT))
    assert on_board(story, goal)["grade"]["evidence"] == SHOWN
    assert story.queries.objective(goal)["grade"]["evidence"] == SHOWN
    story.does(c.ReopenObjective(goal))
    story.does(c.GradeObjective(goal, Decimal("0.5")))
    assert on_board(story, goal)["grade"]["evidence"] is None


def test_a_corrected_subject_moves_a_value_to_another(story: Story) -> None:
    kpi = story.kpi("increase")
    reading = story.does(c.RecordReading(kpi, day(40), Decimal(5), subject="Nort"))
    story.does(c.CorrectReading(reading, subject="North"))
    assert [each["subject"] for each in story.queries.kpi(kpi)["subjects"]] == ["North"]
    assert only_reading(story, kpi)["subject"] == "North"
