"""Plan against actual: trajectories first and revised, readings as believed and as known."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st

from okr_es import commands as c
from okr_es.domain.reading import Reading
from okr_es.domain.refusals import NotFound
from okr_es.domain.values import Point
from projections.queries import Queries
from tests.support.as_of_answers import oracle_of
from tests.support.plain import Rows
from tests.support.random_history import Told, perhaps, these, values, weighted
from tests.support.story import NOW, Story, day, metric, wanted

Every = Callable[..., None]
Row = dict[str, Any]


def marks(answer: Row) -> list[tuple[str, Any]]:
    return [(each["what"], each["day"]) for each in answer["markers"]]


ON_READINGS = {"corrected", "retracted"}


def on_readings(answer: Row) -> list[Any]:
    """The days on which readings were corrected or retracted."""
    return [on for what, on in marks(answer) if what in ON_READINGS]


def test_a_key_result_shows_its_trajectory_as_promised_and_as_revised(story: Story) -> None:
    story.on(day(50))
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


def test_readings_are_shown_as_believed_then_and_as_known_now(story: Story) -> None:
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


def test_an_objective_shows_its_progress_day_by_day(story: Story) -> None:
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
        (day(1), "None", "None", "0.0100", "0.0100"),
        (day(50), "0.4000", "0.2000", "0.5000", "0.5000"),
        (day(60), "0.5000", "0.2500", "0.6000", "0.1500"),
        (day(70), "0.2500", "0.2500", "0.7000", "0.1750"),
    ]
    assert marks(answer)[-2:] == [("retargeted", day(60)), ("corrected", day(70))]


SERIES = ("believed", "known", "expected_original", "expected_revised")


def test_realignments_are_marked(story: Story) -> None:
    win, sell = story.objective(), story.objective("sell")
    story.on(day(55))
    story.aligns(sell, aligned_to_objective_id=win)
    assert ("realigned", day(55)) in marks(story.queries.objective_plan_and_actual(sell))
    assert ("realigned", day(55)) in marks(story.queries.objective_plan_and_actual(win))


def test_readings_of_a_kpi_are_marked_from_its_link_until_its_unlink(story: Story) -> None:
    kpi = story.kpi()
    reading = story.reads(kpi, "70", on=day(40))
    story.does(c.CorrectReading(reading, Decimal(71)))
    story.on(day(55))
    win, sell = story.objective(), story.objective("sell")
    customers = story.key_result(sell)
    story.does(c.CorrectReading(reading, Decimal(72)))
    story.on(day(60))
    story.does(c.LinkKeyResult(customers, kpi))
    story.does(c.CorrectReading(reading, Decimal(73)))
    story.on(day(65))
    story.aligns(sell, aligned_to_objective_id=win)
    story.does(c.CorrectReading(reading, Decimal(74)))
    story.on(day(70))
    story.does(c.LinkKeyResult(customers, None))
    story.does(c.RetractReading(reading))
    ask = story.queries
    corrected = {
        "sell": [day(60), day(65)],
        "win": [day(65)],
        "customers": [day(60), day(65)],
        "kpi": [day(50), day(55), day(60), day(65), day(70)],
    }
    assert {
        "sell": on_readings(ask.objective_plan_and_actual(sell)),
        "win": on_readings(ask.objective_plan_and_actual(win)),
        "customers": on_readings(ask.key_result_plan_and_actual(customers)),
        "kpi": on_readings(ask.kpi_plan_and_actual(kpi)),
    } == corrected
    first = ask.objective_plan_and_actual(sell)["series"][0]
    assert first["day"] == day(55)


def test_readings_of_a_dropped_key_result_are_marked_until_it_was_dropped(story: Story) -> None:
    kpi, win = story.kpi(), story.objective()
    reading = story.reads(kpi, "70", on=day(40))
    customers = story.key_result(win)
    story.does(c.LinkKeyResult(customers, kpi))
    story.on(day(60))
    story.does(c.CorrectReading(reading, Decimal(71)))
    story.does(c.DropKeyResult(customers))
    story.on(day(70))
    story.does(c.CorrectReading(reading, Decimal(72)))
    answer = story.queries.objective_plan_and_actual(win)
    assert marks(answer)[-2:] == [("corrected", day(60)), ("dropped", day(60))]
    assert on_readings(story.queries.key_result_plan_and_actual(customers)) == [day(60)]


def test_what_is_changed_is_marked_where_it_hung_at_the_time(story: Story) -> None:
    win, sell = story.objective(), story.objective("sell")
    customers = story.key_result(win)
    story.on(day(55))
    story.does(c.RetargetKeyResult(customers, metric("0", "200")))
    story.on(day(60))
    story.does(c.MoveKeyResult(customers, sell))
    story.on(day(65))
    story.does(c.RetargetKeyResult(customers, metric("0", "300")))
    moved = ("moved", day(60))
    assert marks(story.queries.objective_plan_and_actual(win))[-2:] == [
        ("retargeted", day(55)), moved,
    ]  # fmt: skip
    assert marks(story.queries.objective_plan_and_actual(sell)) == [
        moved, ("retargeted", day(65)),
    ]  # fmt: skip


CHANGES_OF_READINGS = (
    Reading.Corrected, Reading.ConfidenceCorrected, Reading.CommentCorrected,
    Reading.EvidenceCorrected, Reading.SubjectCorrected, Reading.Retracted,
)  # fmt: skip


def test_readings_are_marked_for_the_goals_they_measured_then(every_history: Every) -> None:
    def holds(told: Told, more: list[c.Command]) -> None:
        for command in more:
            told.tries(command)
        queries, oracle = Queries(told.okr, told.runner), oracle_of(told)
        wanted: dict[str, list[int]] = {
            id_: [] for id_ in oracle.rows(len(oracle.log))["objective"]
        }
        for fact in oracle.log:
            if isinstance(fact.event, CHANGES_OF_READINGS):
                for id_ in measured_then(oracle.rows(fact.position), str(fact.event.originator_id)):
                    wanted[id_].append(fact.position)
        for id_, positions in wanted.items():
            answer = queries.objective_plan_and_actual(UUID(id_))
            assert [
                m["position"]
                for m in answer["markers"]
                if m["what"] in ON_READINGS and m["type"].startswith("reading.")
            ] == positions

    every_history(holds, more=st.lists(hung_and_corrected, min_size=5, max_size=20))


# These alone decide which goals a correction is about.
hung_and_corrected = weighted(
    (4, st.builds(c.CorrectReading, these, values)),
    (1, st.builds(c.RetractReading, these)),
    (2, st.builds(c.LinkKeyResult, these, perhaps)),
    (1, st.builds(c.MoveKeyResult, these, these)),
    (1, st.builds(c.DropKeyResult, these)),
    (1, st.builds(c.RealignObjective, these, perhaps)),
)


def measured_then(rows: Rows, reading: str) -> set[str]:
    """The objectives a reading was about, also through key results and what served them then."""
    measured = rows["reading"][reading]["measured_id"]
    found = {
        row["objective_id"]
        for id_, row in rows["key_result"].items()
        if measured in {id_, row["kpi_id"]} and not row["dropped"]
    }
    above = found
    while above:
        above = {rows["objective"][id_]["parent_objective_id"] for id_ in above} - {None} - found
        found = found | above
    return found


def test_a_kpi_shows_targets_given_and_moved_and_its_readings(story: Story) -> None:
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


def test_it_is_shown_as_known_at_a_moment(story: Story) -> None:
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
