"""Key results whose value several readings make: by the rule of their KPI, or to keep."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from okr_es import commands as c
from okr_es.domain.measure import Measure
from okr_es.domain.values import Aggregation, Cadence, Commitment, Direction, Kind
from tests.support.story import NOW, Story, day, metric, shown, wanted

SUM, MEAN, WORST = Aggregation.SUM, Aggregation.MEAN, Aggregation.WORST


def keep(
    direction: str, target: str | None = None, *, baseline: str | None = None, **bounds: str
) -> Measure:
    """A metric to keep, in percent."""
    numbers = {"target": target, "baseline": baseline} | bounds
    parts: dict[str, Any] = {n: Decimal(v) for n, v in numbers.items() if v is not None}
    return Measure(Kind.METRIC, unit="%", direction=Direction(direction), **parts)


def fed(story: Story, measure: Measure, **kpi: Any) -> tuple[UUID, UUID, UUID]:
    """An objective, its key result, and the KPI that feeds it."""
    fields = {"unit": measure.unit or "%"} | kpi
    kpi_id = story.kpi(str(fields.pop("direction", "increase")), wanted("99"), **fields)
    objective = story.objective()
    return objective, story.key_result(objective, measure, kpi_id=kpi_id), kpi_id


def everywhere(story: Story, objective: UUID, key_result: UUID) -> dict[str, Any]:
    """A key result on its own; board and timeline must say the same."""
    one = story.queries.key_result(key_result)
    (goal,) = [g for g in story.queries.board(NOW)["objectives"] if g["id"] == str(objective)]
    (on_board,) = [each for each in goal["key_results"] if each["id"] == str(key_result)]
    for name in ("value", "progress", "status", "hit_rate", "comparable"):
        assert on_board[name] == one[name], name
    for step in ("day", "event"):
        _, *lines = story.queries.replay(NOW, step, to=story.okr.today())
        changed = [row for line in lines for row in line["changed"] if row["id"] == str(objective)]
        assert (changed[-1]["rolled_up"], changed[-1]["status"]) == (
            goal["rolled_up"], goal["status"],
        )  # fmt: skip
    return dict(one)


@pytest.mark.parametrize(
    ("rule", "values", "value", "progress"),
    [
        (SUM, ("30", "35", "40"), "105", "1.0500"),
        (MEAN, ("80", "80", "86"), "82", "0.8200"),
        (WORST, ("80", "90", "86"), "80", "0.8000"),
        (Aggregation.LAST, ("80", "90", "86"), "86", "0.8600"),
    ],
)
def test_the_rule_of_the_kpi_makes_the_value_of_what_it_feeds(
    story: Story, rule: Aggregation, values: tuple[str, ...], value: str, progress: str
) -> None:
    objective, key_result, kpi = fed(story, metric("0", "100", "%"), aggregation=rule)
    for number, each in enumerate(values):
        story.reads(kpi, each, on=day(31 + number))
    found = everywhere(story, objective, key_result)
    assert shown(found, "value", "progress") == (value, progress)


def test_worst_is_the_highest_where_the_way_goes_down(story_on_sqlite: Story) -> None:
    objective, key_result, kpi = fed(story_on_sqlite, metric("100", "0", "%"), aggregation=WORST)
    for number, each in enumerate(("80", "20", "60")):
        story_on_sqlite.reads(kpi, each, on=day(31 + number))
    found = everywhere(story_on_sqlite, objective, key_result)
    assert shown(found, "value", "progress") == ("80", "0.2000")


@pytest.mark.parametrize(
    ("rule", "value"),
    [(SUM, "21"), (MEAN, "4"), (WORST, "1"), (Aggregation.LAST, "3")],
)
def test_readings_of_subjects_are_combined_first_by_subject(
    story: Story, rule: Aggregation, value: str
) -> None:
    """One reads 9 and 5, the other 1, 3 and 3: the worst of both last values is 3."""
    objective, key_result, kpi = fed(story, metric("0", "10", "%"), aggregation=rule)
    for number, (subject, each) in enumerate(
        (("north", "9"), ("south", "1"), ("south", "3"), ("north", "5"), ("south", "3"))
    ):
        story.does(c.RecordReading(kpi, day(31 + number), Decimal(each), uuid4(), subject=subject))
    found = everywhere(story, objective, key_result)
    assert found["value"] == {"4": MEAN_OF_MEANS}.get(value, value)


MEAN_OF_MEANS = "4.6667"  # of 7 and 7/3


def test_only_readings_about_days_of_the_cycle_are_added_up(story: Story) -> None:
    story.on(day(120))
    objective, key_result, kpi = fed(story, metric("0", "100", "%"), aggregation=SUM)
    for number in (0, 1, 100, 101):
        story.reads(kpi, "25", on=day(number))
    assert everywhere(story, objective, key_result)["value"] == "50"


def test_corrections_and_retractions_change_the_sum(story: Story) -> None:
    objective, key_result, kpi = fed(story, metric("0", "100", "%"), aggregation=SUM)
    ids = [story.reads(kpi, "30", on=day(number)) for number in (31, 32, 33)]
    known = str(story.okr.log.head())
    story.does(c.CorrectReading(ids[0], Decimal(3)))
    story.does(c.RetractReading(ids[1]))
    assert everywhere(story, objective, key_result)["value"] == "33"
    assert story.queries.key_result(key_result, known_at=known)["value"] == "90"


def test_a_rule_that_was_changed_holds_from_its_day_on(story: Story) -> None:
    objective, key_result, kpi = fed(story, metric("0", "100", "%"))
    for number in (31, 41):
        story.reads(kpi, "30", on=day(number))
    before = str(story.okr.log.head())
    story.does(c.RedefineKpi(kpi, "now all", SUM, day(40)))
    found = everywhere(story, objective, key_result)
    assert (found["value"], found["comparable"]) == ("60", False)
    known = story.queries.key_result(key_result, known_at=before)
    assert (known["value"], known["comparable"]) == ("30", True)
    parts = story.queries.explanation(objective, before, str(story.okr.log.head()))
    assert [each["type"] for part in parts["key_results"] for each in part["events"]] == [
        "kpi.redefined"
    ]


def test_without_a_reading_in_the_cycle_a_sum_is_not_measured(story: Story) -> None:
    objective, key_result, kpi = fed(story, metric("0", "100", "%"), aggregation=SUM)
    story.reads(kpi, "30", on=day(0))
    found = everywhere(story, objective, key_result)
    assert (found["value"], found["progress"], found["status"]) == (None, None, "not_measured")


# ---- to keep ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "value", "progress", "status"),
    [
        (keep("at_least", "80"), "80", "1.0000", "on_track"),
        (keep("at_least", "80"), "64", "0.8000", "at_risk"),
        (keep("at_least", "80"), "56", "0.7000", "at_risk"),
        (keep("at_least", "80"), "55.2", "0.6900", "off_track"),
        (keep("at_least", "80"), "-5", "0.0000", "off_track"),
        (keep("at_least", "80", baseline="60"), "75", "0.7500", "at_risk"),
        (keep("at_least", "80", baseline="90"), "64", "0.8000", "at_risk"),
        (keep("at_most", "2"), "2", "1.0000", "on_track"),
        (keep("at_most", "2"), "2.5", "0.7500", "at_risk"),
        (keep("at_most", "0"), "0.5", "0.5000", "off_track"),
        (keep("within", minimum="20", maximum="30"), "30", "1.0000", "on_track"),
        (keep("within", minimum="20", maximum="30"), "36", "0.8000", "at_risk"),
        (keep("within", minimum="20", maximum="30"), "12", "0.6000", "off_track"),
        (keep("within", minimum="20", maximum="30", baseline="40"), "36", "0.4000", "off_track"),
    ],
)
def test_what_is_to_be_kept_expects_all_of_it_from_its_first_day(
    story_on_sqlite: Story, measure: Measure, value: str, progress: str, status: str
) -> None:
    story = story_on_sqlite
    objective = story.objective()
    key_result = story.key_result(objective, measure)
    story.checks_in(key_result, value)
    found = everywhere(story, objective, key_result)
    assert shown(found, "progress", "expected", "pace") == (progress, "1.0000", progress)
    assert found["status"] == status


@pytest.mark.parametrize(
    ("percent", "permille"),
    [
        (keep("at_least", "80"), {"target": Decimal(800)}),
        (keep("at_most", "80"), {"target": Decimal(950)}),
        (keep("within", minimum="80", maximum="95"), {"minimum": Decimal(1), "maximum": 950}),
    ],
)
def test_check_ins_in_another_unit_count_in_no_value_and_no_hit_rate(
    story: Story, percent: Measure, permille: dict[str, Any]
) -> None:
    objective = story.objective()
    key_result = story.key_result(objective, percent, cadence=Cadence.MONTHLY)
    story.does(c.CommitPlan(NOW))
    for number, value in ((5, "70"), (40, "90")):
        story.checks_in(key_result, value, on=day(number))
    before = everywhere(story, objective, key_result)
    new = {name: Decimal(value) for name, value in permille.items()}
    story.does(c.RetargetKeyResult(key_result, replace(percent, unit="permille", **new)))
    found = everywhere(story, objective, key_result)
    assert (found["value"], found["status"], found["redefined"]) == (None, "not_measured", True)
    assert (found["hit_rate"]["inside"], found["hit_rate"]["periods"]) == (0, 0)
    story.checks_in(key_result, "900", on=day(45))
    found = everywhere(story, objective, key_result)
    assert (found["value"], found["status"]) == ("900", "on_track")
    assert (found["hit_rate"]["inside"], found["hit_rate"]["periods"]) == (1, 1)
    scores = story.queries.review(NOW)["goals"][0]["scores"]
    assert scores["committed"]["score"] == before["progress"]  # by 90 percent
    assert scores["ended"]["score"] == 1
    story.does(c.RetargetKeyResult(key_result, percent))
    after = everywhere(story, objective, key_result)
    names = ("value", "hit_rate", "progress", "status", "reading")
    assert [after[name] for name in names] == [before[name] for name in names]


def test_also_in_an_aspirational_objective_all_of_it_is_expected(story: Story) -> None:
    objective = story.objective(commitment=Commitment.ASPIRATIONAL)
    key_result = story.key_result(objective, keep("at_least", "80"))
    story.checks_in(key_result, "48", on=day(1))
    found = everywhere(story, objective, key_result)
    assert shown(found, "expected", "pace") == ("1.0000", "0.6000")
    assert found["status"] == "off_track"
    on_its_first = story.queries.key_result(key_result, at=str(day(1)))
    assert shown(on_its_first, "expected") == ("1.0000",)


def test_a_check_in_of_what_is_to_be_kept_counts_into_its_hit_rate(story: Story) -> None:
    objective = story.objective()
    key_result = story.key_result(objective, keep("at_least", "80"), cadence=Cadence.MONTHLY)
    for number, value in ((5, "70"), (20, "81"), (40, "79"), (45, "78")):
        story.checks_in(key_result, value, on=day(number))
    found = everywhere(story, objective, key_result)
    assert found["hit_rate"] == {
        "inside": 1, "periods": 2, "without_reading": 0, "share": Decimal("0.5000"),
    }  # fmt: skip
    assert (found["value"], found["reading"]["value"]) == ("78", "78")
    reach = story.key_result(objective, metric())
    story.checks_in(reach, "50")
    assert story.queries.key_result(reach)["hit_rate"] is None


def test_the_mean_of_a_kpi_is_kept_or_not_as_it_is_of_the_kpi(story: Story) -> None:
    """Twelve weeks at 80, then 86: the mean is 80.46, and the hit rate 1 of 13."""
    story.on(day(100))
    objective, key_result, kpi = fed(
        story, keep("at_least", "85"), aggregation=MEAN, cadence=Cadence.WEEKLY
    )
    for week in range(13):
        story.reads(kpi, "86" if week == 12 else "80", on=day(13 + 7 * week))
    found = everywhere(story, objective, key_result)
    assert found["value"].startswith("80.46")
    rate = found["hit_rate"]
    assert (rate["inside"], rate["periods"], rate["share"]) == (1, 13, Decimal("0.0769"))
    assert found["status"] == "at_risk"


def test_a_sum_that_is_kept_has_no_hit_rate(story_on_sqlite: Story) -> None:
    objective, key_result, kpi = fed(story_on_sqlite, keep("at_most", "100"), aggregation=SUM)
    for number in (31, 32):
        story_on_sqlite.reads(kpi, "60", on=day(number))
    found = everywhere(story_on_sqlite, objective, key_result)
    assert shown(found, "value", "progress", "hit_rate") == ("120", "0.8000", None)
