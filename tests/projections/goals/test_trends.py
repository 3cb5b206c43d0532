"""Trends: how progress of the key results of a cycle went, reading by reading."""

from __future__ import annotations

from decimal import Decimal

from okr_es import commands as c
from tests.support.story import NOW, Story, day


def trends(story: Story, **asked: str) -> dict[str, list[tuple[str, Decimal]]]:
    """The points of each key result, by its id."""
    return {
        str(each["key_result"]["id"]): [
            (str(point["day"]), Decimal(point["progress"])) for point in each["points"]
        ]
        for each in story.queries.trends(NOW, **asked)["trends"]
    }


def test_each_day_with_a_reading_has_the_progress_after_its_last_one(story: Story) -> None:
    number = story.key_result(story.objective())
    for on, value in ((20, "10"), (30, "25"), (30, "30")):
        story.on(day(on))
        story.checks_in(number, value)
    assert trends(story) == {
        str(number): [(str(day(20)), Decimal("0.1")), (str(day(30)), Decimal("0.3"))]
    }
    assert trends(story, at=str(day(20))) == {str(number): [(str(day(20)), Decimal("0.1"))]}


def test_a_reading_that_was_taken_back_is_no_part_of_it(story: Story) -> None:
    number = story.key_result(story.objective())
    story.on(day(20))
    story.checks_in(number, "10")
    (reading,) = story.queries.readings(number)["readings"]
    story.does(c.RetractReading(reading["id"]), reason="Typo.")
    assert trends(story) == {}


def test_its_end_is_the_progress_that_the_board_shows(story: Story) -> None:
    numbers = [story.key_result(story.objective(f"win {each}")) for each in range(3)]
    for on, number in enumerate(numbers, 20):
        story.on(day(on))
        story.checks_in(number, str(on))
    ends = {id_: points[-1][1] for id_, points in trends(story).items()}
    shown = {
        str(row["id"]): Decimal(str(row["progress"]))
        for objective in story.queries.board(NOW)["objectives"]
        for row in objective["key_results"]
    }
    assert ends == shown


def test_a_kpi_whose_readings_are_added_up_makes_no_trend(story: Story) -> None:
    for aggregation in ("last", "sum"):
        kpi = story.kpi(aggregation=aggregation)
        number = story.key_result(story.objective(aggregation), kpi_id=kpi)
        story.on(day(20))
        story.reads(kpi, "40")
        assert (str(number) in trends(story)) == (aggregation == "last")
