"""KPIs: the last reading against the target of its day, met or not, overdue or not."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Cadence
from tests.support.story import SALES, Story, day, wanted

ABOVE, BELOW = wanted("80"), wanted("2")
BETWEEN = wanted(minimum="20", maximum="30")


@pytest.mark.parametrize(
    ("direction", "target", "baseline", "value", "met", "progress"),
    [
        ("increase", ABOVE, "40", "80", True, "1.0000"),
        ("increase", ABOVE, "40", "60", False, "0.5000"),
        ("increase", ABOVE, None, "20", False, "0.2500"),
        ("decrease", BELOW, "4", "2", True, "1.0000"),
        ("decrease", BELOW, "4", "3.5", False, "0.2500"),
        ("decrease", BELOW, "4", "5", False, "0.0000"),
        ("at_least", ABOVE, None, "80", True, "1.0000"),
        ("at_least", ABOVE, None, "79.99", False, "0.9998"),
        ("at_most", BELOW, None, "2", True, "1.0000"),
        ("at_most", BELOW, None, "2.5", False, "0.7500"),
        ("within", BETWEEN, None, "20", True, "1.0000"),
        ("within", BETWEEN, None, "30", True, "1.0000"),
        ("within", BETWEEN, None, "15", False, "0.7500"),
        ("within", BETWEEN, None, "33", False, "0.9000"),
    ],
)
def test_each_direction_is_inside_or_outside(
    story_on_sqlite: Story,
    direction: str,
    target: Any,
    baseline: str | None,
    value: str,
    met: bool,
    progress: str,
) -> None:
    story = story_on_sqlite
    parts = {} if baseline is None else {"baseline": baseline}
    kpi = story.kpi(direction, target, **parts)
    story.reads(kpi, value)
    found = story.queries.kpi(kpi)
    assert (found["inside"], str(found["progress"])) == (met, progress)
    assert found["met"] is None
    story.on(day(101))
    found = story.queries.kpi(kpi)
    assert (found["met"], found["status"]) == (met, "met" if met else "missed")


def test_a_kpi_without_a_reading_is_neither_met_nor_missed(story: Story) -> None:
    found = story.queries.kpi(story.kpi("increase"))
    assert (found["reading"], found["inside"], found["progress"]) == (None, None, None)
    assert (found["status"], found["met"]) == ("not_measured", None)
    assert found["target"]["target"] == "80"


def test_a_kpi_that_was_never_read_is_overdue_once_its_cadence_has_passed(
    story_on_sqlite: Story,
) -> None:
    story = story_on_sqlite
    story.on(day(50))
    waiting = story.kpi("increase", wanted("80", 1, 100), cadence="weekly")
    for number, overdue in ((50, False), (57, False), (58, True)):  # defined on day 50
        story.on(day(number))
        assert story.queries.kpi(waiting)["overdue"] is overdue


def test_a_kpi_with_a_span_of_years_ago_is_not_overdue(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    past = Target(date(2011, 1, 1), date(2020, 12, 31), Decimal(80))
    kpi = story.kpi("increase", past, cadence="weekly")
    story.on(day(90))
    assert story.queries.kpi(kpi)["overdue"] is False


def test_over_adjoining_spans_periods_run_on_and_after_the_last_they_end(
    story_on_sqlite: Story,
) -> None:
    story = story_on_sqlite
    kpi = story.kpi("increase", wanted("80", 1, 62), wanted("85", 63, 74), cadence="weekly")
    story.reads(kpi, "80", on=day(50))
    story.on(day(64))
    story.reads(kpi, "81", on=day(61))  # the week from 62 to 68 lies in both spans
    for number, overdue in ((71, False), (72, True)):
        story.on(day(number))
        assert story.queries.kpi(kpi)["overdue"] is overdue
    story.reads(kpi, "81", on=day(68))
    story.on(day(77))  # the last week, cut on Saturday, day 74, is due by day 78
    story.on(day(78))
    assert story.queries.kpi(kpi)["overdue"] is False
    story.on(day(79))
    assert story.queries.kpi(kpi)["overdue"] is True
    story.reads(kpi, "81", on=day(73))
    story.on(day(300))
    assert story.queries.kpi(kpi)["overdue"] is False


def test_a_span_is_judged_by_the_readings_about_its_own_days(story: Story) -> None:
    """The quarter before is over and met; nothing is known of the one that runs."""
    first, second = wanted("80", 1, 40), wanted("90", 41, 100)
    kpi = story.kpi("increase", second, first)
    story.reads(kpi, "85", on=day(40))
    found = story.queries.kpi(kpi)
    assert (found["status"], found["target"]["target"]) == ("not_measured", "90")
    assert [(each["target"], each["status"]) for each in found["spans"]] == [
        ("80", "met"), ("90", "not_measured"),
    ]  # fmt: skip
    story.reads(kpi, "45", on=day(41))
    found = story.queries.kpi(kpi)
    assert (found["inside"], found["value"], found["reading"]["value"]) == (False, "45", "45")
    assert [each["value"] for each in found["spans"]] == ["85", "45"]
    story.does(c.RetargetKpi(kpi, wanted("45", 41, 100)))
    assert story.queries.kpi(kpi)["inside"] is True


def test_a_span_without_a_target_is_recorded_and_judged_by_nothing(story: Story) -> None:
    kpi = story.kpi("at_least", wanted("80", 1, 40), wanted(None, 41, 100))
    story.reads(kpi, "85", on=day(42))
    found = story.queries.kpi(kpi)
    assert (found["value"], found["status"], found["inside"]) == ("85", "no_target", None)
    assert (found["met"], found["progress"], found["hit_rate"]) == (None, None, None)
    assert found["target"]["target"] is None


def test_after_its_last_span_a_kpi_stays_met_or_missed(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    kpi = story.kpi("at_least", wanted("80", 1, 40))
    story.reads(kpi, "79", on=day(40))
    story.reads(kpi, "85", on=day(41))
    found = story.queries.kpi(kpi)
    assert (found["status"], found["value"], found["reading"]["value"]) == ("missed", "79", "85")
    before = story.kpi("at_least", wanted("80", 60, 70))
    story.reads(before, "79", on=day(41))
    assert story.queries.kpi(before)["target"] is None


@pytest.mark.parametrize(
    ("cadence", "due"),
    [
        (Cadence.DAILY, date(2025, 2, 21)),  # of Thursday, the 20th
        (Cadence.WEEKLY, date(2025, 3, 5)),
        (Cadence.EVERY_TWO_WEEKS, date(2025, 3, 12)),
        (Cadence.MONTHLY, date(2025, 4, 7)),
        (Cadence.QUARTERLY, date(2025, 7, 14)),
        (Cadence.HALF_YEARLY, date(2026, 1, 14)),
        (Cadence.YEARLY, date(2027, 1, 14)),
    ],
)
def test_a_kpi_is_overdue_a_day_after_its_last_period_was_due(
    story_on_sqlite: Story, cadence: Cadence, due: date
) -> None:
    story = story_on_sqlite
    kpi = story.kpi("increase", wanted("80", 1, 2_000), cadence=cadence)
    story.reads(kpi, "1", on=day(50))  # Wednesday, 19 February
    story.on(due)
    assert story.queries.kpi(kpi)["overdue"] is False
    assert story.queries.kpis(overdue=True)["kpis"] == []
    story.on(due + timedelta(1))
    assert story.queries.kpi(kpi)["overdue"] is True
    assert len(story.queries.kpis(overdue=True)["kpis"]) == 1
    assert story.queries.kpis(overdue=False)["kpis"] == []


def test_per_project_is_never_overdue_and_another_cadence_may_be(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    kpi = story.kpi("increase", wanted("80", 1, 2_000), cadence=Cadence.PER_PROJECT)
    story.reads(kpi, "1")
    story.on(day(1_000))  # a Tuesday
    assert story.queries.kpi(kpi)["overdue"] is False
    story.does(c.ReplaceKpiCadence(kpi, Cadence.DAILY))
    for number, overdue in ((1_000, False), (1_001, False), (1_002, True)):
        story.on(day(number))
        assert story.queries.kpi(kpi)["overdue"] is overdue


def test_a_retired_kpi_keeps_its_last_reading_and_is_not_overdue(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    kpi = story.kpi("increase")
    story.reads(kpi, "81")
    story.does(c.RetireKpi(kpi))
    story.on(day(90))
    found = story.queries.kpi(kpi)
    assert (found["retired"], found["overdue"], found["inside"]) == (True, False, True)


def test_corrected_and_retracted_readings_change_the_verdict(story_on_sqlite: Story) -> None:
    story = story_on_sqlite
    kpi = story.kpi("increase")
    story.reads(kpi, "70", on=day(40))
    reading = story.reads(kpi, "90", on=day(50))
    story.does(c.CorrectReading(reading, Decimal(79)))
    assert story.queries.kpi(kpi)["inside"] is False
    story.does(c.RetractReading(reading))
    assert story.queries.kpi(kpi)["reading"]["as_of"] == str(day(40))


def test_retracting_one_reading_after_another_brings_back_the_one_before(story: Story) -> None:
    kpi = story.kpi("increase")
    recorded = [story.reads(kpi, str(n), on=day(n)) for n in (40, 41, 42, 43)]
    for number in (42, 41, 40):
        story.does(c.RetractReading(recorded.pop()))
        assert story.queries.kpi(kpi)["reading"]["value"] == str(number)
    story.does(c.RetractReading(recorded.pop()))
    assert story.queries.kpi(kpi)["reading"] is None


def test_kpis_are_listed_by_name_and_by_team(story: Story) -> None:
    for name, team in (("speed", SALES), ("cost", None), ("reach", SALES)):
        story.kpi("increase", name=name, team_id=team)
    assert [kpi["name"] for kpi in story.queries.kpis()["kpis"]] == ["cost", "reach", "speed"]
    assert [kpi["name"] for kpi in story.queries.kpis(SALES)["kpis"]] == ["reach", "speed"]


def test_a_kpi_shows_its_four_parts_and_changes_of_them(story: Story) -> None:
    kpi = story.kpi("increase", purpose="to know", team_id=SALES)
    story.does(c.ReplaceKpiSource(kpi, "ERP"))
    found = story.queries.kpi(kpi)
    told = {name: found[name] for name in ("source", "cadence", "unit", "direction", "purpose")}
    assert told == {
        "source": "ERP", "cadence": "daily", "unit": "leads", "direction": "increase",
        "purpose": "to know",
    }  # fmt: skip
    assert (found["version"], found["position"]) == (3, story.okr.log.head())


def test_a_team_whose_kpis_are_asked_for_must_be_there(story: Story) -> None:
    before = str(story.okr.log.head())
    ops = story.does(c.FormTeam("Ops", id=UUID(int=0xB3)))
    assert story.queries.kpis(team_id=ops)["kpis"] == []
    for asked in ({"team_id": UUID(int=7)}, {"team_id": ops, "known_at": before}):
        with pytest.raises(NotFound, match="There is no team") as refused:
            story.queries.kpis(**asked)
        assert refused.value.field == "team_id"
