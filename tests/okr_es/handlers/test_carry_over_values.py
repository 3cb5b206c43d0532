"""Carrying over what several readings make the value of, and what is to be kept.

CUSTOMERS of GROW, in 2025-Q3, is fed by the KPI SOLD, or is at_least, at_most or within; GROW is
carried over into 2025-Q4.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pytest

from okr_es.commands import (
    CommitObjective,
    CommitPlan,
    CorrectReading,
    DefineKpi,
    LinkKeyResult,
    RecordReading,
    RedefineKpi,
    RetargetKeyResult,
    RetractReading,
)
from okr_es.domain.kpi import Target
from okr_es.domain.measure import Measure
from okr_es.domain.values import Aggregation, Cadence, Direction, Kind
from tests.okr_es.handlers.test_carry_over import (
    AUGUST,
    JULY,
    OCTOBER,
    READING,
    carry,
    checks_in,
    codes,
    is_carried,
    measure,
    successor,
)
from tests.support.given import World, given
from tests.support.world import ANN, CUSTOMERS, NEW, Q3_ENDS, Q3_STARTS, Q4, THOUSAND, d

SOLD = UUID(int=0x73)


def to_keep(
    direction: Direction,
    target: str | None = None,
    bounds: tuple[str, str] | None = None,
    baseline: str | None = None,
) -> Measure:
    low, high = (None, None) if bounds is None else map(d, bounds)
    numbers = (each if each is None else d(each) for each in (baseline, target))
    return Measure(Kind.METRIC, *numbers, "leads", direction=direction, minimum=low, maximum=high)


AT_LEAST = to_keep(Direction.AT_LEAST, "80", baseline="50")
AT_MOST = to_keep(Direction.AT_MOST, "5")
WITHIN = to_keep(Direction.WITHIN, bounds=("10", "20"))


def sells(aggregation: Aggregation = Aggregation.SUM) -> DefineKpi:
    """A KPI whose readings become one value otherwise than by the last."""
    return DefineKpi(
        "Sold", Direction.AT_LEAST, "leads", "CRM", Cadence.WEEKLY, ANN,
        Target(Q3_STARTS, Q3_ENDS, d("100")), aggregation=aggregation, id=SOLD,
    )  # fmt: skip


def sold(value: str, on: date = JULY, subject: str | None = None, **more: Any) -> RecordReading:
    return RecordReading(SOLD, on, d(value), subject=subject, **more)


def fed(world: World, promise: Measure, *values: str, by: Aggregation = Aggregation.SUM) -> None:
    """Let the KPI feed CUSTOMERS, and record its readings of the days from 1 July on."""
    readings = (sold(value, date(2025, 7, 1 + day)) for day, value in enumerate(values))
    retargeted = [] if promise == THOUSAND else [RetargetKeyResult(CUSTOMERS, promise)]
    given(world, *retargeted, sells(by), LinkKeyResult(CUSTOMERS, SOLD), *readings)


class TestFedByASum:
    def test_what_is_missing_becomes_its_target_and_the_baseline_stays(
        self, world_on_both: World
    ) -> None:
        world = world_on_both
        fed(world, measure("1000", "100"), "300", "250")
        receipt = carry(world)
        assert [(each.code, each.count) for each in receipt.warnings] == [
            ("target_is_what_is_missing", 1)
        ]
        assert [each.id for each in receipt.warnings[0].things] == [uuid5(NEW, str(CUSTOMERS))]
        assert successor(world, CUSTOMERS).measure == measure("450", "100")
        assert successor(world, CUSTOMERS).kpi_id == SOLD

    def test_all_subjects_add_and_what_was_retracted_does_not(self, world_on_both: World) -> None:
        world = world_on_both
        fed(world, THOUSAND, "100")
        given(
            world, sold("200", subject="north"), sold("50.5", subject="south"),
            sold("400", subject="south", id=READING), RetractReading(READING),
        )  # fmt: skip
        carry(world)
        assert successor(world, CUSTOMERS).measure == measure("649.5")

    def test_only_days_of_the_old_cycle_count(self, world: World) -> None:
        fed(world, THOUSAND, "100")
        given(
            world, sold("7", date(2025, 6, 30)), date(2025, 10, 5), sold("20", Q3_ENDS),
            sold("9", date(2025, 10, 1)),
        )  # fmt: skip
        carry(world)
        assert successor(world, CUSTOMERS).measure == measure("880")

    def test_it_is_reached_by_all_readings_together(self, world: World) -> None:
        fed(world, THOUSAND, "600", "400")
        assert codes(carry(world)) == {"reached_not_carried"}
        assert not is_carried(world, CUSTOMERS)

    @pytest.mark.parametrize("values", [(), ("600", "500")], ids=["unmeasured", "reached"])
    def test_with_nothing_missing_or_measured_it_stays_as_it_was(
        self, values: tuple[str, ...], world: World
    ) -> None:
        fed(world, THOUSAND, *values)
        assert codes(carry(world, with_reached=True)) == {"baseline_kept"}
        assert successor(world, CUSTOMERS).measure == THOUSAND

    def test_one_that_falls_does_the_same(self, world: World) -> None:
        fed(world, measure("-50"), "-20", "-10")
        assert codes(carry(world)) == {"target_is_what_is_missing"}
        assert successor(world, CUSTOMERS).measure == measure("-20")

    @pytest.mark.parametrize(
        ("promise", "values"),
        [
            pytest.param(measure("100", "40"), ("60",), id="it would be the baseline"),
            pytest.param(measure("100", "50"), ("30", "40"), id="it would lie before it"),
            pytest.param(measure("50", "100"), ("70",), id="more came than was wanted"),
        ],
    )
    def test_where_what_is_missing_is_no_target_the_old_stays_and_it_is_said(
        self, promise: Measure, values: tuple[str, ...], world: World
    ) -> None:
        fed(world, promise, *values)
        assert codes(carry(world)) == {"target_kept"}
        assert successor(world, CUSTOMERS).measure == promise

    def test_no_digit_is_lost(self, world: World) -> None:
        fed(world, measure("1" + "0" * 22), "0.000000000000000001")
        carry(world)
        assert successor(world, CUSTOMERS).measure == measure(
            "9999999999999999999999.999999999999999999"
        )

    def test_it_is_fixed_when_the_plan_is_committed(self, world_on_both: World) -> None:
        world = world_on_both
        fed(world, THOUSAND, "300")
        carry(world)
        given(world, CommitObjective(NEW), OCTOBER, sold("120", Q3_ENDS))
        assert successor(world, CUSTOMERS).measure == measure("700")
        assert codes(world.execute(CommitPlan(Q4))) == {"target_is_what_is_missing"}
        given(world, sold("80", Q3_ENDS))
        assert successor(world, CUSTOMERS).measure == measure("580")

    def test_at_its_target_by_then_it_gets_the_old_target_back(self, world: World) -> None:
        fed(world, THOUSAND, "300")
        carry(world)
        given(world, CommitObjective(NEW), OCTOBER, sold("700", Q3_ENDS))
        assert codes(world.execute(CommitPlan(Q4))) == {"baseline_kept"}
        assert successor(world, CUSTOMERS).measure == THOUSAND

    @pytest.mark.parametrize(
        ("effective", "after"),
        [(Q3_STARTS, measure("450")), (OCTOBER, measure("1000", "250"))],
        ids=["in the old cycle", "after it"],
    )
    def test_the_definition_on_the_last_day_of_the_old_cycle_counts(
        self, effective: date, after: Measure, world_on_both: World
    ) -> None:
        world = world_on_both
        fed(world, THOUSAND, "300", "250", by=Aggregation.LAST)
        redefined = RedefineKpi(SOLD, aggregation=Aggregation.SUM, effective=effective)
        given(world, date(2025, 10, 5), redefined)
        carry(world)
        assert successor(world, CUSTOMERS).measure == after


class TestFedOtherwiseThanByTheLastReading:
    @pytest.mark.parametrize(
        ("by", "baseline"),
        [
            (Aggregation.LAST, "200"),
            (Aggregation.MEAN, "166.6667"),
            (Aggregation.WORST, "100"),
        ],
    )
    def test_it_begins_at_the_value_its_readings_came_to(
        self, by: Aggregation, baseline: str, world: World
    ) -> None:
        fed(world, THOUSAND, "100", "200", "200", by=by)
        assert codes(carry(world)) == set()
        assert successor(world, CUSTOMERS).measure == measure("1000", baseline)

    def test_a_corrected_subject_counts_as_what_it_is(self, world: World) -> None:
        fed(world, THOUSAND, by=Aggregation.LAST)
        given(
            world, sold("300", subject="nort", id=READING),
            CorrectReading(READING, subject="north"), sold("400", AUGUST, subject="north"),
        )  # fmt: skip
        carry(world)
        assert successor(world, CUSTOMERS).measure.baseline == d("400")

    def test_of_several_subjects_it_begins_at_the_worst(self, world: World) -> None:
        fed(world, THOUSAND, by=Aggregation.LAST)
        given(
            world, sold("300", subject="north"), sold("250", subject="south"),
            sold("400", AUGUST, subject="north"),
        )  # fmt: skip
        carry(world)
        assert successor(world, CUSTOMERS).measure.baseline == d("250")


class TestOneToKeep:
    @pytest.mark.parametrize(
        ("promise", "outside"),
        [(AT_LEAST, "79.9"), (AT_MOST, "5.1"), (WITHIN, "9"), (WITHIN, "21")],
    )
    def test_outside_it_is_carried_as_it_is(
        self, promise: Measure, outside: str, world_on_both: World
    ) -> None:
        world = world_on_both
        given(world, RetargetKeyResult(CUSTOMERS, promise), checks_in(outside))
        assert codes(carry(world)) == set()
        assert successor(world, CUSTOMERS).measure == promise

    @pytest.mark.parametrize(
        ("promise", "inside"),
        [(AT_LEAST, "80"), (AT_LEAST, "95"), (AT_MOST, "5"), (AT_MOST, "0"), (WITHIN, "10"),
         (WITHIN, "20")],
    )  # fmt: skip
    def test_inside_it_is_reached_and_carried_only_if_asked_for(
        self, promise: Measure, inside: str, world: World
    ) -> None:
        given(world, RetargetKeyResult(CUSTOMERS, promise), checks_in(inside))
        assert codes(carry(world)) == {"reached_not_carried"}
        assert not is_carried(world, CUSTOMERS)

    @pytest.mark.parametrize("promise", [AT_LEAST, AT_MOST, WITHIN])
    def test_asked_for_it_stays_as_it_is_without_a_warning(
        self, promise: Measure, world: World
    ) -> None:
        inside = {Direction.AT_LEAST: "80", Direction.AT_MOST: "5"}.get(
            promise.direction or Direction.WITHIN, "15"
        )
        given(world, RetargetKeyResult(CUSTOMERS, promise), checks_in(inside))
        assert codes(carry(world, with_reached=True)) == set()
        assert successor(world, CUSTOMERS).measure == promise

    @pytest.mark.parametrize("promise", [AT_LEAST, AT_MOST, WITHIN])
    def test_unmeasured_it_is_carried_as_it_is(self, promise: Measure, world: World) -> None:
        given(world, RetargetKeyResult(CUSTOMERS, promise))
        assert codes(carry(world)) == set()
        assert successor(world, CUSTOMERS).measure == promise

    def test_it_is_judged_by_the_last_reading(self, world: World) -> None:
        given(world, RetargetKeyResult(CUSTOMERS, AT_MOST), checks_in("4"), checks_in("6", AUGUST))
        carry(world)
        assert is_carried(world, CUSTOMERS)

    @pytest.mark.parametrize("value", ["4", "6"])
    def test_the_commit_of_the_plan_changes_nothing(self, value: str, world: World) -> None:
        given(world, RetargetKeyResult(CUSTOMERS, AT_MOST), checks_in("7"))
        carry(world)
        given(world, CommitObjective(NEW), OCTOBER, checks_in(value, Q3_ENDS))
        assert codes(world.execute(CommitPlan(Q4))) == set()
        assert successor(world, CUSTOMERS).measure == AT_MOST

    @pytest.mark.parametrize(("values", "is_inside"), [(("50", "20"), False), (("50", "30"), True)])
    def test_fed_by_a_sum_it_is_judged_by_the_sum_and_stays_as_it_is(
        self, values: tuple[str, str], is_inside: bool, world: World
    ) -> None:
        fed(world, AT_LEAST, *values)
        carry(world)
        assert is_carried(world, CUSTOMERS) != is_inside
        if not is_inside:
            assert successor(world, CUSTOMERS).measure == AT_LEAST
