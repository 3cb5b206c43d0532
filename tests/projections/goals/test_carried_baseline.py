"""A carried key result begins at the very value the score shows about the old cycle's last day.

Each case is told once; the cycle ends with day 100, and it is carried over on day 103.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID, uuid4, uuid5

import pytest

from okr_es import commands as c
from okr_es.domain.measure import Measure, Zones
from okr_es.domain.values import Aggregation, Direction, Kind, Zone
from tests.support.story import NEXT, ZONES, Story, day, metric, steps

SUM, MEAN, WORST, LAST = (Aggregation(word) for word in ("sum", "mean", "worst", "last"))


class Told(NamedTuple):
    """A story, the goal it is about, a KPI in its unit and one in percent, how it is measured."""

    story: Story
    objective: UUID
    id: UUID
    kpi: UUID
    percent: UUID
    made: Callable[[str], Measure] = partial(metric, "0", "100")

    def checks_in(self, value: str, on: int) -> None:
        self.story.checks_in(self.id, value, day(on))

    def reads(
        self, value: str, on: int, subject: str | None = None, kpi: UUID | None = None
    ) -> UUID:
        reading = c.RecordReading(
            kpi or self.kpi, day(on), Decimal(value), subject=subject, id=uuid4()
        )
        return self.story.does(reading)

    def links(self, kpi: UUID | None) -> None:
        self.story.does(c.LinkKeyResult(self.id, kpi))

    def is_in(self, unit: str) -> None:
        self.story.does(c.RetargetKeyResult(self.id, self.made(unit)))


def by_check_ins(it: Told) -> None:
    it.checks_in("10", 20)
    it.checks_in("40", 60)
    it.checks_in("30", 50)


def corrected_and_retracted(it: Told) -> None:
    first = it.story.checks_in(it.id, "10", day(20))
    it.story.does(c.RetractReading(it.story.checks_in(it.id, "40", day(30))))
    it.story.does(c.CorrectReading(first, Decimal(12)))


def confidence_alone_at_last(it: Told) -> None:
    it.checks_in("10", 20)
    it.story.does(c.CheckIn(it.id, day(40), 3))


def before_and_after_the_cycle(it: Told) -> None:
    it.links(it.kpi)
    it.story.on(day(102))
    it.reads("7", 0)
    it.reads("20", 100)
    it.reads("9", 101)


def fed_by(rule: Aggregation, *subjects: str | None) -> Callable[[Told], None]:
    def tell(it: Told) -> None:
        it.story.does(c.RedefineKpi(it.kpi, aggregation=rule, effective=day(1)))
        it.links(it.kpi)
        for number, value in enumerate(("10", "9", "5", "16.1", "2")):
            it.reads(value, 20 + number, subjects[number % len(subjects)])

    return tell


def rule_changed_later(it: Told) -> None:
    it.links(it.kpi)
    it.reads("10", 20)
    it.reads("20", 30)
    it.story.on(day(102))
    it.story.does(c.RedefineKpi(it.kpi, aggregation=SUM, effective=day(101)))


def rule_changed_on_the_last_day(it: Told) -> None:
    it.links(it.kpi)
    it.reads("10", 20)
    it.reads("20", 30)
    it.story.on(day(102))
    it.story.does(c.RedefineKpi(it.kpi, aggregation=MEAN, effective=day(100)))


def linked_mid_cycle(it: Told) -> None:
    it.checks_in("60", 70)
    it.reads("35", 40)
    it.links(it.kpi)


def linked_and_read_again(it: Told) -> None:
    linked_mid_cycle(it)
    it.reads("45", 90)


def linked_mid_cycle_and_unread(it: Told) -> None:
    it.checks_in("60", 70)
    it.links(it.kpi)


def unlinked_mid_cycle(it: Told) -> None:
    it.checks_in("60", 30)
    it.links(it.kpi)
    it.reads("35", 40)
    it.links(None)


def unlinked_and_never_checked_in(it: Told) -> None:
    it.links(it.kpi)
    it.reads("35", 40)
    it.links(None)


def unit_changed(it: Told) -> None:
    it.checks_in("60", 30)
    it.is_in("%")


def unit_changed_and_checked_in(it: Told) -> None:
    unit_changed(it)
    it.checks_in("20", 25)


def unit_changed_and_back(it: Told) -> None:
    it.checks_in("60", 30)
    it.is_in("%")
    it.checks_in("20", 40)
    it.is_in("leads")


def unit_changed_then_linked(it: Told) -> None:
    it.checks_in("60", 30)
    it.reads("44", 50, kpi=it.percent)
    it.is_in("%")
    it.links(it.percent)


def linked_to_another(it: Told) -> None:
    it.links(it.kpi)
    it.reads("35", 40)
    it.links(None)
    it.reads("44", 50, kpi=it.percent)
    it.is_in("%")
    it.links(it.percent)
    it.reads("55", 45, kpi=it.percent)


def unit_in_other_letters_while_fed(it: Told) -> None:
    it.links(it.kpi)
    it.reads("35", 40)
    it.is_in("LEADS")


def unlinked_then_another_unit(it: Told) -> None:
    it.checks_in("20", 20)
    unlinked_mid_cycle(it)
    it.is_in("%")


METRICS = {
    "by check-ins": by_check_ins,
    "corrected and retracted": corrected_and_retracted,
    "confidence alone at last": confidence_alone_at_last,
    "readings about days outside the cycle": before_and_after_the_cycle,
    "fed by the last reading": fed_by(LAST, None),
    "fed by a mean": fed_by(MEAN, None),
    "fed by the worst": fed_by(WORST, None),
    "fed by the last of two subjects": fed_by(LAST, "north", "south"),
    "fed by the mean of two subjects": fed_by(MEAN, "north", "south"),
    "fed by the worst of two subjects": fed_by(WORST, "north", None),
    "fed by a rule that is another after the cycle": rule_changed_later,
    "fed by a rule that is another from the last day": rule_changed_on_the_last_day,
    "linked mid-cycle": linked_mid_cycle,
    "linked mid-cycle and read again": linked_and_read_again,
    "linked mid-cycle and never read": linked_mid_cycle_and_unread,
    "unlinked mid-cycle": unlinked_mid_cycle,
    "unlinked and never checked in": unlinked_and_never_checked_in,
    "another unit": unit_changed,
    "another unit and a check-in": unit_changed_and_checked_in,
    "another unit and back": unit_changed_and_back,
    "another unit, then linked": unit_changed_then_linked,
    "another unit, then linked to another KPI": linked_to_another,
    "the unit in other letters": unit_in_other_letters_while_fed,
    "unlinked, then another unit": unlinked_then_another_unit,
}


def told(story: Story, tell: Callable[[Told], None], measure: Measure | None = None) -> Told:
    """Tell a case on day 99; then it is day 103."""
    objective = story.objective()
    kpi, percent = story.kpi(), story.kpi(name="share", unit="%")
    it = Told(story, objective, story.key_result(objective, measure), kpi, percent)
    story.on(day(99))
    tell(it)
    story.on(day(103))
    return it


def shown(it: Told) -> dict[str, Any]:
    """What the score shows about the last day of the cycle."""
    return dict(it.story.queries.key_result(it.id, at=str(day(100))))


def successors(it: Told, **more: Any) -> Iterator[dict[str, Any]]:
    """The successor as it is carried over, and again once its plan is committed."""
    new = it.story.does(c.CarryOverObjective(it.objective, NEXT, uuid4(), **more))
    ids = {each["id"] for each in it.story.queries.objective(new)["key_results"]}
    if (id_ := uuid5(new, str(it.id))) and str(id_) in ids:
        yield dict(it.story.queries.key_result(id_))
        it.story.does(c.CommitObjective(new))
        it.story.does(c.CommitPlan(NEXT))
        yield dict(it.story.queries.key_result(id_))


@pytest.mark.parametrize("tell", METRICS.values(), ids=METRICS)
def test_a_metric_begins_at_what_the_score_shows(
    story_on_sqlite: Story, tell: Callable[[Told], None]
) -> None:
    it = told(story_on_sqlite, tell)
    value = shown(it)["value"]
    assert value is None or Decimal(value) > 0
    assert [each["baseline"] for each in successors(it)] == [value or "0"] * 2


@pytest.mark.parametrize("subjects", [(None,), ("north", "south")], ids=["without", "with"])
def test_a_sum_goes_on_to_what_the_score_shows_to_be_missing(
    story_on_sqlite: Story, subjects: tuple[str | None, ...]
) -> None:
    it = told(story_on_sqlite, fed_by(SUM, *subjects))
    missing = Decimal(100) - Decimal(shown(it)["value"])
    assert missing == Decimal("57.9")
    assert [Decimal(each["target"]) for each in successors(it)] == [missing] * 2


@pytest.mark.parametrize("tell", METRICS.values(), ids=METRICS)
@pytest.mark.parametrize("direction", ["at_least", "at_most"])
def test_one_to_keep_is_reached_where_the_score_shows_it_inside(
    story_on_sqlite: Story, direction: str, tell: Callable[[Told], None]
) -> None:
    def kept(it: Told) -> None:
        tell(it._replace(made=lambda unit: to_keep(direction, unit)))

    it = told(story_on_sqlite, kept, to_keep(direction, "leads"))
    assert bool(list(successors(it))) != (shown(it)["progress"] == 1)


def to_keep(direction: str, unit: str) -> Measure:
    return Measure(Kind.METRIC, None, Decimal(25), unit, direction=Direction(direction))


# ---- zones and steps ------------------------------------------------------------------------

OTHER_WORDS = Measure(Kind.ORDINAL, zones=Zones("seen", "wanted", "bought"))
ZONED: dict[str, list[Zone | Measure]] = {
    "below its target": [Zone.COMMIT],
    "at its target": [Zone.COMMIT, Zone.TARGET],
    "of other words": [Zone.TARGET, OTHER_WORDS],
    "of other words, read again": [Zone.COMMIT, OTHER_WORDS, Zone.STRETCH],
    "of other words and back": [Zone.TARGET, OTHER_WORDS, Zone.COMMIT, ZONES],
}


@pytest.mark.parametrize("said", ZONED.values(), ids=ZONED)
def test_an_ordinal_is_reached_in_the_zone_the_score_shows(
    story_on_sqlite: Story, said: list[Zone | Measure]
) -> None:
    def tell(it: Told) -> None:
        for number, each in enumerate(said):
            if isinstance(each, Measure):
                it.story.does(c.RetargetKeyResult(it.id, each))
            else:
                it.story.checks_in(it.id, each, day(20 + number))

    it = told(story_on_sqlite, tell, ZONES)
    reading = shown(it)["reading"]
    is_reached = reading is not None and reading["zone"] in {"target", "stretch"}
    assert bool(list(successors(it))) != is_reached


STEPS = ("design", "build", "test", "sell")
STEPPED: dict[str, list[tuple[str, ...] | int | Measure]] = {
    "the first two": [2],
    "two by name": [("build", "sell")],
    "none": [0],
    "never read": [],
    "two, then one more is wanted": [("build", "sell"), steps(*STEPS, "repair")],
    "two, then in another order": [2, steps("sell", "test", "build", "design")],
    "two, one of which is no longer wanted": [2, steps("build", "test", "sell")],
    "all that are left": [("build", "sell"), steps("build", "sell")],
    "all, then one more is wanted": [4, steps(*STEPS, "repair")],
    "all": [4],
}


@pytest.mark.parametrize("said", STEPPED.values(), ids=STEPPED)
def test_a_milestone_goes_on_with_the_steps_the_score_shows_to_be_left(
    story_on_sqlite: Story, said: list[tuple[str, ...] | int | Measure]
) -> None:
    def tell(it: Told) -> None:
        for number, each in enumerate(said):
            if isinstance(each, Measure):
                it.story.does(c.RetargetKeyResult(it.id, each))
            elif isinstance(each, int):
                it.story.checks_in(it.id, str(each), day(20 + number))
            else:
                it.story.checks_in(it.id, on=day(20 + number), done_steps=each)

    it = told(story_on_sqlite, tell, steps(*STEPS))
    found = shown(it)
    done = found["reading"]["done_steps"] if found["reading"] else []
    left = [step for step in found["steps"] if step not in done]
    assert [each["steps"] for each in successors(it)] == ([left] * 2 if left else [])
