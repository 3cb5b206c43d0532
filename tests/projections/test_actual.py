"""Plan against actual: trajectories first and revised, readings as believed and as known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from okr_es import commands as c
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Point
from tests.projections.story import NOW, Story, day, metric, wanted

Row = dict[str, Any]


def marks(answer: Row) -> list[tuple[str, Any]]:
    return [(each["what"], each["day"]) for each in answer["markers"]]


def test_a_key_result_tells_its_trajectory_as_promised_and_as_revised(story: Story) -> None:
    win = story.objective()
    customers = story.key_result(win)
    story.does(c.RetargetKeyResult(customers, metric("0", "200")))
    story.does(c.CommitPlan(NOW))
    story.on(day(60))
    curve = (Point(day(80), Decimal("0.2")),)
    story.does(c.RetargetKeyResult(customers, metric("0", "120"), curve))
    answer = story.queries.key_result_plan_and_actual(customers)
    original, revised = answer["planned"]
    assert (original["original"], original["target"], original["day"]) == (True, "200", day(50))
    assert (revised["original"], revised["target"], revised["day"]) == (False, "120", day(60))
    assert revised["points"] == [
        {"on": str(day(1)), "share": Decimal("0.0025"), "value": Decimal("0.3000")},
        {"on": str(day(80)), "share": Decimal("0.2000"), "value": Decimal("24.0000")},
        {"on": str(day(100)), "share": Decimal("1.0000"), "value": Decimal("120.0000")},
    ]
    assert marks(answer) == [("added", day(50)), ("retargeted", day(50)), ("retargeted", day(60))]


def test_readings_are_told_as_believed_then_and_as_known_now(story: Story) -> None:
    customers = story.key_result(story.objective())
    corrected, retracted = story.checks_in(customers, "40"), story.checks_in(customers, "41")
    story.on(day(60))
    story.does(c.CorrectReading(corrected, Decimal(30)))
    story.does(c.RetractReading(retracted))
    story.checks_in(customers, "50", on=day(45))
    answer = story.queries.key_result_plan_and_actual(customers)
    assert [
        (each["as_of"], each["recorded_on"], each["believed"]["value"],
         each["known"] and each["known"]["value"])
        for each in answer["readings"]
    ] == [
        (str(day(45)), day(60), "50", "50"),
        (str(day(50)), day(50), "40", "30"),
        (str(day(50)), day(50), "41", None),
    ]  # fmt: skip
    assert marks(answer)[1:] == [("corrected", day(60)), ("retracted", day(60))]


def test_an_objective_tells_its_progress_day_by_day(story: Story) -> None:
    win = story.objective()
    customers = story.key_result(win)
    story.does(c.CommitPlan(NOW))
    reading = story.checks_in(customers, "40")
    story.on(day(60))
    story.does(c.RetargetKeyResult(customers, metric("0", "80"), (Point(day(80), Decimal("0.2")),)))
    story.on(day(70))
    story.does(c.CorrectReading(reading, Decimal(20)))
    answer = story.queries.objective_plan_and_actual(win)
    assert [(each["day"], *(str(each[name]) for name in SERIES)) for each in answer["series"]] == [
        (day(50), "0.4000", "0.2000", "0.5000", "0.5000"),
        (day(60), "0.5000", "0.2500", "0.6000", "0.1500"),
        (day(70), "0.2500", "0.2500", "0.7000", "0.1750"),
    ]
    assert marks(answer)[-2:] == [("retargeted", day(60)), ("corrected", day(70))]


SERIES = ("believed", "known", "expected_original", "expected_revised")


def test_realignments_are_marked(story: Story) -> None:
    win, sell = story.objective(), story.objective("sell")
    story.on(day(55))
    story.aligns(sell, serves_objective_id=win)
    assert ("realigned", day(55)) in marks(story.queries.objective_plan_and_actual(sell))
    assert ("realigned", day(55)) in marks(story.queries.objective_plan_and_actual(win))


def test_a_kpi_tells_targets_given_and_moved_and_its_readings(story: Story) -> None:
    kpi = story.kpi("increase", wanted("80", 1, 60), wanted("90", 61, 100))
    reading = story.reads(kpi, "70", on=day(40))
    story.on(day(62))
    story.does(c.RetargetKpi(kpi, wanted("85", 61, 100)))
    story.does(c.CorrectReading(reading, Decimal(75)))
    answer = story.queries.kpi_plan_and_actual(kpi)
    assert [(each["starts"], each["target"], each["original"]) for each in answer["planned"]] == [
        (str(day(1)), "80", True),
        (str(day(61)), "90", True),
        (str(day(61)), "85", False),
    ]
    (told,) = answer["readings"]
    assert (told["believed"]["value"], told["known"]["value"]) == ("70", "75")
    assert [what for what, _ in marks(answer)] == [
        "target_set", "target_set", "retargeted", "corrected",
    ]  # fmt: skip


def test_it_is_told_as_known_at_a_moment(story: Story) -> None:
    customers = story.key_result(story.objective())
    story.checks_in(customers, "40")
    then = story.okr.log.head()
    story.does(c.RetargetKeyResult(customers, metric("0", "50")))
    story.checks_in(customers, "45")
    answer = story.queries.key_result_plan_and_actual(customers, known_at=str(then))
    assert (len(answer["planned"]), len(answer["readings"])) == (1, 1)
    assert answer["fixed"]


def test_what_is_not_there_is_not_found(story: Story) -> None:
    for ask in (
        story.queries.objective_plan_and_actual,
        story.queries.key_result_plan_and_actual,
        story.queries.kpi_plan_and_actual,
    ):
        with pytest.raises(NotFound):
            ask(NOW)
