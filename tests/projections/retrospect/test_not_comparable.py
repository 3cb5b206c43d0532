"""A changed definition of a KPI is a break: numbers on both sides are not comparable."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.domain.values import Aggregation
from tests.support.story import NEXT, NOW, Story, day, metric, wanted

MEAN = Aggregation.MEAN


def fed(story: Story) -> tuple[UUID, UUID, UUID]:
    """An objective, its key result, and the KPI that feeds it, read on days 20 and 45."""
    kpi = story.kpi("increase", wanted("80", 1, 40), wanted("80", 41, 100))
    objective = story.objective()
    key_result = story.key_result(objective, metric(), kpi_id=kpi)
    story.does(c.CommitPlan(NOW))
    for number, value in ((20, "30"), (45, "40")):
        story.reads(kpi, value, on=day(number))
    return objective, key_result, kpi


def redefine(story: Story, kpi: UUID, effective: date) -> int:
    story.does(c.RedefineKpi(kpi, "what is counted now", effective=effective))
    return story.okr.log.head()


def test_two_moments_on_both_sides_of_a_break_are_not_comparable(story: Story) -> None:
    objective, key_result, kpi = fed(story)
    story.on(day(60))
    redefine(story, kpi, day(55))
    story.reads(kpi, "50", on=day(60))
    story.on(day(70))
    story.reads(kpi, "60")
    answer = story.queries.compare(str(day(50)), str(story.okr.log.head()), cycle=NOW)
    found = {each["after"]["id"]: each["comparable"] for each in answer["entries"]}
    assert found == {str(objective): False, str(key_result): False}
    answer = story.queries.compare(str(day(60)), str(day(70)), cycle=NOW)
    assert {each["comparable"] for each in answer["entries"]} == {True}


def test_goals_that_no_kpi_feeds_stay_comparable(story: Story) -> None:
    _, _, kpi = fed(story)
    other = story.key_result(story.objective("sell"))
    story.checks_in(other, "10")
    story.on(day(60))
    redefine(story, kpi, day(55))
    story.checks_in(other, "20")
    answer = story.queries.compare(str(day(50)), str(day(60)), cycle=NOW)
    assert {
        each["title"]: each["comparable"]
        for each in answer["entries"]
        if each["kind"] == "objective"
    } == {"sell": True, "win": False}


def test_two_cycles_are_compared_by_the_days_their_readings_end_on(story: Story) -> None:
    objective, key_result, kpi = fed(story)
    story.on(day(130))
    new = story.does(c.CarryOverObjective(objective, NEXT))
    story.does(c.CommitObjective(new))
    story.does(c.SetKpiTarget(kpi, wanted("90", 101, 200)))
    redefine(story, kpi, day(110))
    story.reads(kpi, "70")
    answer = story.queries.compare("cycle:now", "cycle:next")
    by_kind = {each["kind"]: each["comparable"] for each in answer["entries"] if each["after"]}
    assert by_kind == {"objective": False, "key_result": False}
    assert str(key_result) in str(answer)


def test_plan_against_actual_names_the_breaks(story: Story) -> None:
    story.on(day(50))
    objective, key_result, kpi = fed(story)
    story.on(day(60))
    position = redefine(story, kpi, day(55))
    story.reads(kpi, "50", on=day(60))
    one = {"kpi": {"id": str(kpi)}, "effective": str(day(55)), "position": position}
    found = story.queries.kpi_plan_and_actual(kpi)
    assert found["breaks"] == [one]
    assert [each["comparable"] for each in found["planned"]] == [True, False]
    assert "redefined" in [each["what"] for each in found["markers"]]
    assert story.queries.key_result_plan_and_actual(key_result)["breaks"] == [one]
    found = story.queries.objective_plan_and_actual(objective)
    assert found["breaks"] == [one]
    assert {each["day"]: each["comparable"] for each in found["series"]} == {
        day(50): True, day(60): False,
    }  # fmt: skip


def test_a_break_outside_the_cycle_is_none_of_its_goals(story: Story) -> None:
    objective, key_result, kpi = fed(story)
    story.on(day(130))
    redefine(story, kpi, day(1))
    redefine(story, kpi, day(120))
    assert story.queries.key_result_plan_and_actual(key_result)["breaks"] == []
    assert story.queries.objective_plan_and_actual(objective)["breaks"] == []
    assert story.queries.key_result(key_result)["comparable"] is True


@pytest.mark.parametrize("between", [True, False])
def test_a_target_eased_together_with_the_definition_is_not_comparable(
    story: Story, between: bool
) -> None:
    _, _, kpi = fed(story)
    if between:
        redefine(story, kpi, day(50))
    story.does(c.RetargetKpi(kpi, wanted("60", 41, 100)))
    if not between:
        redefine(story, kpi, day(50))
    (found,) = [
        each for each in story.queries.patterns(NOW)["findings"] if each["kind"] == "lowered_target"
    ]
    assert (found["amount"], found["comparable"]) == ((None, False) if between else ("20", True))


def test_a_target_eased_from_a_day_on_is_found(story: Story) -> None:
    _, _, kpi = fed(story)
    story.does(c.RetargetKpi(kpi, wanted("60", 60, 100)))
    (found,) = [
        each for each in story.queries.patterns(NOW)["findings"] if each["kind"] == "lowered_target"
    ]
    assert (found["goal"]["id"], found["amount"], found["comparable"]) == (str(kpi), "20", True)


def test_a_target_that_is_taken_away_is_eased(story: Story) -> None:
    _, _, kpi = fed(story)
    story.does(c.RetargetKpi(kpi, wanted(None, 41, 100)))
    kinds = [each["kind"] for each in story.queries.patterns(NOW)["findings"]]
    assert "lowered_target" in kinds


def test_a_target_made_harder_from_a_day_on_is_no_finding(story: Story) -> None:
    _, _, kpi = fed(story)
    story.does(c.RetargetKpi(kpi, wanted("90", 60, 100)))
    kinds = [each["kind"] for each in story.queries.patterns(NOW)["findings"]]
    assert "lowered_target" not in kinds
