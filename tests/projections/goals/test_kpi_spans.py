"""A KPI's spans: values by its rule, subjects, status, later records, splits and breaks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from okr_es import commands as c
from okr_es.domain.evidence import Evidence
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Aggregation, Cadence, Direction, Kind
from tests.support.story import SALES, Story, day, shown, wanted

SUM, MEAN, WORST, LAST = (Aggregation(word) for word in ("sum", "mean", "worst", "last"))
SITE = "https://files.example.org/"
DIGEST = "0123456789abcdef" * 4


def reads_all(story: Story, kpi: UUID, *values: str, first: int = 1, step: int = 1) -> None:
    for number, value in enumerate(values):
        story.reads(kpi, value, on=day(first + step * number))


def of_subjects(story: Story, kpi: UUID, *readings: tuple[str, str]) -> None:
    for number, (subject, value) in enumerate(readings):
        on = day(1 + number)
        story.does(c.RecordReading(kpi, on, Decimal(value), uuid4(), subject=subject))


# ---- the value of a span ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "direction", "value", "inside"),
    [
        (LAST, "at_least", "86", True),
        (SUM, "at_least", "246", True),
        (MEAN, "at_least", "82", False),
        (WORST, "at_least", "80", False),
        (WORST, "at_most", "86", False),
        (WORST, "decrease", "86", False),
        (WORST, "increase", "80", False),
    ],
)
def test_the_readings_of_a_span_become_its_value_by_the_rule(
    story: Story, rule: Aggregation, direction: str, value: str, inside: bool
) -> None:
    target = wanted("85" if direction in ("at_least", "increase") else "70")
    kpi = story.kpi(direction, target, aggregation=rule)
    reads_all(story, kpi, "80", "80", "86")
    found = story.queries.kpi(kpi)
    assert (found["value"], found["inside"]) == (value, inside)
    assert (found["aggregation"], found["reading"]["value"]) == (rule, "86")


def test_worst_within_bounds_is_what_lies_farthest_outside(story_on_sqlite: Story) -> None:
    bounds = wanted(minimum="20", maximum="30")
    kpi = story_on_sqlite.kpi("within", bounds, aggregation=WORST)
    reads_all(story_on_sqlite, kpi, "25", "36", "15", "28")
    assert shown(story_on_sqlite.queries.kpi(kpi), "value", "progress") == ("15", "0.7500")
    nothing = story_on_sqlite.kpi("within", wanted(), aggregation=WORST)
    reads_all(story_on_sqlite, nothing, "25", "36")
    assert story_on_sqlite.queries.kpi(nothing)["status"] == "not_measured"


@pytest.mark.parametrize(
    ("rule", "value"), [(SUM, "21"), (MEAN, "4.6667"), (WORST, "1"), (LAST, "3")]
)
def test_subjects_are_combined_after_the_readings_of_each(
    story: Story, rule: Aggregation, value: str
) -> None:
    kpi = story.kpi("at_least", wanted("4"), aggregation=rule)
    of_subjects(
        story, kpi, ("north", "9"), ("south", "1"), ("south", "3"), ("north", "5"), ("south", "3")
    )
    found = story.queries.kpi(kpi)
    assert found["value"] == value
    each = {row["subject"]: row["value"] for row in found["subjects"]}
    expected = {
        SUM: ("14", "7"), MEAN: ("7", "2.3333"), WORST: ("5", "1"), LAST: ("5", "3"),
    }  # fmt: skip
    assert (each["north"], each["south"]) == expected[rule]


def test_a_reading_names_its_subject_and_its_document(story: Story) -> None:
    kpi = story.kpi("at_least")
    evidence = Evidence(" https://files.example.org/1\t2 ", DIGEST.upper())
    command = c.RecordReading(kpi, day(3), Decimal(1), uuid4(), "site A\\B", evidence)
    story.does(command)
    said = {"link": "https://files.example.org/1\t2", "sha256": DIGEST}
    found = story.queries.kpi(kpi)["reading"]
    assert (found["subject"], found["evidence"]) == ("site A\\B", said)
    (read,) = story.queries.readings(kpi)["readings"]
    assert (read["subject"], read["evidence"]) == ("site A\\B", said)


def test_many_readings_with_words_of_people_come_back_as_they_were_written(story: Story) -> None:
    """So many that they are copied in bulk; what ends a cell or a line there is written out."""
    kpi = story.kpi("at_least")
    words = [f"a\\b\tc {number} \\N" for number in range(40)]
    readings = [
        c.RecordReading(kpi, day(3), Decimal(1), uuid4(), word, Evidence(f"{SITE}{word}", DIGEST))
        for word in words
    ]
    story.execute(c.RecordReadings(tuple(readings)))
    found = story.queries.readings(kpi)["readings"]
    assert sorted(each["subject"] or "" for each in found) == sorted(words)
    assert {each["evidence"]["link"] for each in found if each["evidence"]} == {
        f"{SITE}{word}" for word in words
    }


# ---- status -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "rule", "baseline", "value", "status"),
    [
        ("increase", LAST, "0", "36", "on_track"),  # 0.45 of 0.5 expected on day 50
        ("increase", LAST, "0", "28", "at_risk"),
        ("increase", LAST, "0", "27", "off_track"),
        ("increase", LAST, "40", "58", "on_track"),
        ("decrease", LAST, "100", "91", "on_track"),
        ("decrease", LAST, "100", "95", "off_track"),
        ("at_least", SUM, None, "36", "on_track"),
        ("at_least", SUM, "79", "36", "on_track"),  # from 0, whatever the baseline
        ("at_least", SUM, "79", "27", "off_track"),
        ("at_least", LAST, None, "79", "outside"),
        ("at_least", MEAN, None, "80", "inside"),
        ("at_most", SUM, None, "81", "outside"),
        ("at_most", SUM, None, "80", "inside"),
    ],
)
def test_on_the_way_what_is_to_be_reached_has_a_pace_and_what_is_kept_is_inside_or_outside(
    story_on_sqlite: Story,
    direction: str,
    rule: Aggregation,
    baseline: str | None,
    value: str,
    status: str,
) -> None:
    story = story_on_sqlite
    parts: dict[str, Any] = {} if baseline is None else {"baseline": baseline}
    kpi = story.kpi(direction, aggregation=rule, **parts)
    story.reads(kpi, value)
    found = story.queries.kpi(kpi)
    assert (found["status"], found["met"]) == (status, None)
    is_way = status not in ("inside", "outside")
    assert shown(found, "expected") == ("0.5000" if is_way else None,)
    assert (found["hit_rate"] is None) == (is_way or rule == SUM)


def test_150_of_500_a_month_before_the_end_is_missed_only_when_the_span_is_over(
    story: Story,
) -> None:
    kpi = story.kpi("increase", wanted("500"), baseline="0", cadence=Cadence.MONTHLY)
    story.on(day(70))
    story.reads(kpi, "150")
    assert story.queries.kpi(kpi)["status"] == "off_track"
    story.on(day(100))
    assert story.queries.kpi(kpi)["status"] == "off_track"
    story.on(day(101))
    found = story.queries.kpi(kpi)
    assert (found["status"], found["met"]) == ("missed", False)
    story.reads(kpi, "500", on=day(100))
    assert story.queries.kpi(kpi)["status"] == "met"


def test_thresholds_of_the_policy_judge_a_kpi(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    kpi = story.kpi("increase", baseline="0")
    story.reads(kpi, "36")
    assert story.queries.kpi(kpi)["status"] == "on_track"
    story.does(c.AdoptScoringPolicy(on_track=Decimal("0.95"), at_risk=Decimal("0.91")))
    assert story.queries.kpi(kpi)["status"] == "off_track"


# ---- hit rate ---------------------------------------------------------------------------


def test_twelve_weeks_below_and_one_above_are_one_of_thirteen(story: Story) -> None:
    story.on(day(100))
    kpi = story.kpi("at_least", wanted("85", 6, 96), aggregation=MEAN, cadence=Cadence.WEEKLY)
    reads_all(story, kpi, *["80"] * 12, "86", first=6, step=7)
    found = story.queries.kpi(kpi)
    assert (found["status"], found["value"][:5]) == ("missed", "80.46")
    assert found["hit_rate"] == {
        "inside": 1, "periods": 13, "without_reading": 0, "share": Decimal("0.0769"),
    }  # fmt: skip


def test_the_last_reading_of_a_period_counts_and_due_ones_without_stand_beside(
    story: Story,
) -> None:
    kpi = story.kpi("at_most", wanted("5", 1, 90), cadence=Cadence.MONTHLY)
    reads_all(story, kpi, "9", "4", first=1, step=20)
    story.on(day(80))
    found = story.queries.kpi(kpi)["hit_rate"]
    assert (found["inside"], found["periods"], found["without_reading"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("rule", "readings", "inside"),
    [
        (LAST, [(8, "a", "70"), (9, "b", "90")], 0),
        (LAST, [(8, "a", "70"), (9, "b", "90"), (10, "a", "85")], 1),
        (WORST, [(8, "a", "70"), (9, "b", "90"), (10, "a", "85")], 1),
        (MEAN, [(8, "a", "74"), (9, "b", "90")], 1),
        (MEAN, [(8, "a", "95"), (9, "b", "70"), (10, "a", "80")], 0),
    ],
)
def test_of_several_subjects_the_last_of_each_is_combined_in_a_period(
    story: Story, rule: Aggregation, readings: list[tuple[int, str, str]], inside: int
) -> None:
    """They are read in one week; of the KPI and of what it feeds at least 80 is wanted."""
    kpi = story.kpi("at_least", aggregation=rule, cadence=Cadence.WEEKLY)
    keep = Measure(Kind.METRIC, target=Decimal(80), unit="leads", direction=Direction.AT_LEAST)
    fed = story.key_result(story.objective(), keep, kpi_id=kpi)
    for on, subject, value in readings:
        reading = c.RecordReading(kpi, day(on), Decimal(value), subject=subject, id=uuid4())
        story.does(reading)
    for found in (story.queries.kpi(kpi), story.queries.key_result(fed)):
        assert (found["hit_rate"]["inside"], found["hit_rate"]["periods"]) == (inside, 1)


def test_per_project_has_no_periods_so_each_subject_counts_once(story: Story) -> None:
    kpi = story.kpi("at_most", wanted("5", 1, 90), cadence=Cadence.PER_PROJECT)
    of_subjects(story, kpi, ("a", "9"), ("b", "4"), ("a", "3"), ("c", "8"))
    found = story.queries.kpi(kpi)
    assert (found["hit_rate"]["inside"], found["hit_rate"]["periods"]) == (2, 3)
    assert (found["hit_rate"]["without_reading"], found["overdue"]) == (0, False)
    assert (found["value"], found["status"]) == ("8", "outside")


# ---- later records ----------------------------------------------------------------------


def of_2016(story: Story) -> UUID:
    """Readings of ten years, brought in today."""
    spans = [
        Target(date(year, 1, 1), date(year, 12, 31), Decimal(year)) for year in range(2011, 2021)
    ]
    kpi = story.kpi("at_least", *spans, cadence=Cadence.YEARLY, team_id=SALES)
    for year in range(2011, 2021):
        story.reads(kpi, str(year + (year % 2)), on=date(year, 12, 30))
    return kpi


def test_years_that_were_brought_in_later_answer_for_themselves(story: Story) -> None:
    kpi = of_2016(story)
    found = story.queries.kpi(kpi, at="2016-12-31")
    assert (found["target"]["starts"], found["target"]["target"]) == ("2016-01-01", "2016")
    assert (found["reading"]["as_of"], found["value"]) == ("2016-12-30", "2016")
    assert (found["inside"], found["status"]) == (True, "inside")
    for marked in (found, found["target"], found["reading"]):
        assert marked["recorded_later"] is True
    assert [each["starts"][:4] for each in found["targets"]] == [
        str(year) for year in range(2011, 2017)
    ]
    listed = story.queries.kpis(SALES, at="2016-12-31")["kpis"]
    assert [each["id"] for each in listed] == [str(kpi)]
    now = story.queries.kpi(kpi)
    assert not now["recorded_later"]
    assert not now["reading"]["recorded_later"]
    assert {each["met"] for each in now["spans"]} == {True}
    with pytest.raises(NotFound):
        story.queries.kpi(kpi, at="2010-12-31")
    with pytest.raises(NotFound):
        story.queries.kpi(kpi, known_at="2016-12-31")


def test_its_readings_and_its_course_answer_about_those_years_too(story: Story) -> None:
    kpi = of_2016(story)
    found = story.queries.readings(kpi, at="2016-12-31")["readings"]
    assert found
    assert all(each["as_of"] <= "2016-12-31" for each in found)
    course = story.queries.kpi_plan_and_actual(kpi, at="2016-12-31")
    assert "2016-12-30" in {each["as_of"] for each in course["readings"]}
    assert "2016-01-01" in {each["starts"] for each in course["planned"]}


def test_a_target_in_force_on_a_day_stays_that_of_the_day(story: Story) -> None:
    kpi = story.kpi("increase", wanted("80"))
    story.on(day(60))
    story.does(c.RetargetKpi(kpi, wanted("60")))
    assert story.queries.kpi(kpi, at=str(day(55)))["target"]["target"] == "80"
    assert story.queries.kpi(kpi, at=str(day(60)))["target"]["target"] == "60"


# ---- a span that is split ---------------------------------------------------------------


def test_a_span_is_split_from_a_day_on_and_july_is_judged_by_its_own_target(story: Story) -> None:
    kpi = story.kpi("at_least", wanted("10"))
    reads_all(story, kpi, "8", "9", first=5, step=10)
    before = str(story.okr.log.head())
    story.does(c.RetargetKpi(kpi, wanted("5", 40, 100)))
    story.reads(kpi, "6", on=day(45))
    found = story.queries.kpi(kpi)
    assert [(each["starts"], each["ends"], each["target"]) for each in found["targets"]] == [
        (str(day(1)), str(day(39)), "10"), (str(day(40)), str(day(100)), "5"),
    ]  # fmt: skip
    assert [(each["value"], each["status"]) for each in found["spans"]] == [
        ("9", "missed"), ("6", "inside"),
    ]  # fmt: skip
    (july,) = story.queries.kpi(kpi, known_at=before)["targets"]
    assert (july["ends"], july["target"]) == (str(day(100)), "10")


def test_a_split_recorded_later_holds_for_its_own_days(story: Story) -> None:
    kpi = story.kpi("at_least", wanted("10"))
    story.on(day(70))
    story.does(c.RetargetKpi(kpi, wanted("5", 60, 100)))
    then = story.queries.kpi(kpi, at=str(day(55)))
    assert (then["target"]["target"], then["target"]["ends"]) == ("10", str(day(100)))
    then = story.queries.kpi(kpi, at=str(day(65)))
    assert (then["target"]["target"], then["target"]["recorded_later"]) == ("5", True)
    assert then["targets"][0]["ends"] == str(day(59))


# ---- a changed definition ---------------------------------------------------------------


def test_a_changed_definition_is_a_dated_break_and_not_comparable(story: Story) -> None:
    kpi = story.kpi("at_least", wanted("10", 1, 30), wanted("10", 31, 100), counts="all leads")
    reads_all(story, kpi, "8", "9", "12", first=5, step=20)
    story.does(c.RedefineKpi(kpi, "leads that answered", effective=day(41)))
    found = story.queries.kpi(kpi)
    assert (found["counts"], found["comparable"]) == ("leads that answered", False)
    (one,) = found["breaks"]
    assert (one["effective"], one["counts"]) == (str(day(41)), "leads that answered")
    assert [each["comparable"] for each in found["spans"]] == [True, False]
    then = story.queries.kpi(kpi, at=str(day(50)), known_at=str(one["position"] - 1))
    assert (then["counts"], then["comparable"], then["breaks"]) == ("all leads", True, [])


def test_a_definition_holds_for_its_own_days_in_whatever_order_they_are_recorded(
    story: Story,
) -> None:
    kpi = story.kpi("at_least", wanted("10", 1, 40), wanted("10", 41, 100))
    reads_all(story, kpi, "8", "9", first=35, step=2)
    story.does(c.RedefineKpi(kpi, aggregation=MEAN, effective=day(41)))
    story.does(c.RedefineKpi(kpi, aggregation=SUM, effective=day(1)))
    found = story.queries.kpi(kpi)
    assert [each["value"] for each in found["spans"]] == ["17", None]
    assert found["aggregation"] == MEAN
    story.does(c.RedefineKpi(kpi, aggregation=LAST, effective=day(1)))
    found = story.queries.kpi(kpi)
    assert [each["value"] for each in found["spans"]] == ["9", None]
    assert len(found["breaks"]) == 2
