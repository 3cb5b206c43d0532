"""Readings by pages, and numbers that a float would change, through to every answer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from okr_es import commands as c
from okr_es.domain.evidence import Evidence
from okr_es.domain.values import Zone
from tests.support.story import ANN, BEN, ZONES, Story, day, metric, shown, wanted

DOCUMENT = Evidence("https://example.org/7", "07" * 32)


def test_readings_come_the_last_recorded_first_and_page_by_page(story: Story) -> None:
    kpi = story.kpi("increase")
    for number in (43, 41, 45, 42, 44):
        story.reads(kpi, str(number), on=day(number))
    pages, before = [], None
    while True:
        page = story.queries.readings(kpi, limit=2, before=before)
        pages.append([row["value"] for row in page["readings"]])
        before = page["next_before"]
        if before is None:
            break
    assert pages == [["44", "42"], ["45", "41"], ["43"]]


def test_a_full_last_page_has_no_next(story: Story) -> None:
    kpi = story.kpi("increase")
    for number in (41, 42):
        story.reads(kpi, str(number), on=day(number))
    assert story.queries.readings(kpi, limit=2)["next_before"] is None


def test_corrected_and_retracted_readings_stay_and_say_so(story: Story) -> None:
    kpi = story.kpi("increase")
    first, second = story.reads(kpi, "1", on=day(40)), story.reads(kpi, "2", on=day(41))
    story.does(c.CorrectReading(first, Decimal(3)))
    story.does(c.RetractReading(second))
    found = story.queries.readings(kpi)["readings"]
    assert [(r["value"], r["retracted"], r["version"]) for r in found] == [
        ("2", True, 2),
        ("3", False, 2),
    ]
    assert found[0]["position"] > found[1]["position"]


def test_check_ins_have_zones_and_confidence(story: Story) -> None:
    brand = story.key_result(story.objective(), ZONES)
    story.checks_in(brand, Zone.COMMIT, confidence=4)
    found = story.queries.readings(brand)["readings"]
    assert [(r["zone"], r["value"], r["confidence"]) for r in found] == [("commit", None, 4)]


def test_a_reading_says_who_recorded_it_when_and_for_whom(story: Story) -> None:
    """Who corrected it is in its own answer; that it was corrected or taken back is said here."""
    kpi = story.kpi("increase")
    first = story.reads(kpi, "1", on=day(40))
    story.on(day(51))
    reading = c.RecordReading(kpi, day(41), Decimal(2), evidence=DOCUMENT)
    story.does(reading, by=BEN, on_behalf_of=ANN, comment="by hand", reason=None)
    story.does(c.CorrectReading(first, Decimal(3)), by=BEN)
    story.does(c.RetractReading(first), by=BEN)
    second, corrected = story.queries.readings(kpi)["readings"]
    assert (second["by"], second["on_behalf_of"], second["comment"]) == (
        {"id": BEN}, {"id": ANN}, "by hand",
    )  # fmt: skip
    assert second["recorded_at"].startswith("2025-02-20T12:00:00")
    assert second["evidence"] == {"link": DOCUMENT.link, "sha256": DOCUMENT.sha256}
    assert (second["corrected"], second["retracted"]) == (False, False)
    assert (corrected["by"], corrected["on_behalf_of"]) == ({"id": ANN}, None)
    assert corrected["recorded_at"].startswith("2025-02-19T12:00:00")
    assert (corrected["corrected"], corrected["retracted"]) == (True, True)
    taken_back = story.queries.readings(kpi, known_at=str(corrected["position"]))["readings"][0]
    assert (taken_back["corrected"], taken_back["retracted"]) == (False, False)


def test_a_reading_that_is_only_taken_back_is_not_corrected(story: Story) -> None:
    kpi = story.kpi("increase")
    story.does(c.RetractReading(story.reads(kpi, "1")))
    (found,) = story.queries.readings(kpi)["readings"]
    assert (found["corrected"], found["retracted"]) == (False, True)


def test_something_without_readings_has_an_empty_page(story: Story) -> None:
    for id_ in (story.kpi("increase"), story.key_result(story.objective())):
        found = story.queries.readings(id_)
        assert (found["readings"], found["next_before"]) == ([], None)
        assert found["position"] == story.okr.log.head()


DIGITS = ["0.30000000000000004", "1234567890.123456789", "1E-18"]


@pytest.mark.parametrize("digits", DIGITS)
def test_every_digit_comes_back(story: Story, digits: str) -> None:
    plain = format(Decimal(digits), "f")
    kpi = story.kpi("at_least", wanted(digits))
    story.reads(kpi, digits)
    leads = story.key_result(story.objective(), metric("0", digits))
    story.checks_in(leads, digits)
    found = story.queries.kpi(kpi)
    read, target = found["reading"]["value"], found["target"]["target"]
    assert (found["inside"], read, target) == (True, plain, plain)
    assert story.queries.readings(kpi)["readings"][0]["value"] == plain
    measured = story.queries.key_result(leads)
    assert (measured["target"], str(measured["progress"])) == (plain, "1.0000")
    change = story.queries.history(kpi)["entries"][0]["changes"]
    assert {"field": "value", "before": None, "after": plain} in change


def test_a_tenth_and_two_tenths_are_three_tenths(story: Story) -> None:
    kpi, goal = story.kpi("at_most", wanted("0.3")), story.objective()
    story.reads(kpi, str(Decimal("0.1") + Decimal("0.2")))
    assert story.queries.kpi(kpi)["inside"] is True
    story.reads(kpi, "0.300000000000000001")
    assert story.queries.kpi(kpi)["inside"] is False
    for weight, value in (("0.1", "100"), ("0.2", "100"), ("0.3", "0")):
        story.checks_in(story.key_result(goal, weight=weight), value)
    assert shown(story.board()["win"], "rolled_up", "pace") == ("0.5000", "1.0000")


def test_a_threshold_is_met_to_the_last_of_nineteen_digits(story: Story) -> None:
    target = "1000000000.000000001"
    goal = story.objective()
    leads = story.key_result(goal, metric("0", target))
    half = Decimal(target) / 2  # day 50 expects one half; on track from 0.9 of it
    story.checks_in(leads, str(half * Decimal("0.9")))
    assert story.queries.key_result(leads)["status"] == "on_track"
    story.checks_in(leads, str(half * Decimal("0.9") - Decimal("1E-12")))
    assert story.queries.key_result(leads)["status"] == "at_risk"
