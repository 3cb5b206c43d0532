"""The arithmetic of goals: examples that read as sentences, and properties that hold for all."""

from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from okr_es.scoring.formulas import (
    Policy,
    clamped,
    expected,
    hit_rate,
    kpi_met,
    kpi_progress,
    milestone_progress,
    ordinal_progress,
    weighted_mean,
    zone_of,
)
from tests.support.fraction_formulas import metric_progress
from tests.support.shares import fractions

POLICY = Policy()
JULY_1, SEPTEMBER_30 = date(2025, 7, 1), date(2025, 9, 30)
EVE = date(2025, 6, 30)

numbers = st.decimals(-(10**12), 10**12, places=6)
shares = st.decimals(0, 1, places=6)
scores = fractions(-3, 3)
weights = st.decimals(0, 1000, places=3)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
parts = st.lists(st.tuples(scores, weights), max_size=8)
measured_or_not = st.one_of(st.none(), scores)


def d(text: str) -> Decimal:
    return Decimal(text)


@st.composite
def kpis(draw: st.DrawFn) -> tuple[str, dict[str, Decimal]]:
    """Draw a direction with the bounds it needs."""
    direction = draw(st.sampled_from(["increase", "decrease", "at_least", "at_most", "within"]))
    if direction == "within":
        minimum, maximum = sorted([draw(numbers), draw(numbers)])
        return direction, {"minimum": minimum, "maximum": maximum}
    return direction, {"target": draw(numbers)}


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date]:
    starts = draw(days)
    return starts, starts + timedelta(draw(st.integers(0, 400)))


@st.composite
def rising_points(draw: st.DrawFn) -> list[tuple[date, Decimal]]:
    on = draw(st.lists(days, max_size=6, unique=True))
    planned = draw(st.lists(shares, min_size=len(on), max_size=len(on)))
    return list(zip(sorted(on), sorted(planned), strict=True))


class TestMetricProgress:
    def test_halfway_from_baseline_to_target_is_a_half(self) -> None:
        assert metric_progress(20, 40, 30) == Fraction(1, 2)

    def test_a_decrease_uses_the_same_formula(self) -> None:
        assert metric_progress(40, 20, 25) == Fraction(3, 4)

    def test_below_the_baseline_is_negative_and_beyond_the_target_above_one(self) -> None:
        assert metric_progress(20, 40, 10) == Fraction(-1, 2)
        assert metric_progress(20, 40, 50) == Fraction(3, 2)

    def test_baseline_equal_to_target_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no way to go"):
            metric_progress(d("5"), d("5.0"), 7)

    def test_a_tenth_and_two_tenths_make_exactly_three_tenths(self) -> None:
        assert metric_progress(0, d("0.3"), d("0.1") + d("0.2")) == 1

    def test_nineteen_digits_stay_exact(self) -> None:
        target = d("9999999999999999999")
        assert metric_progress(0, target, target - 1) == 1 - Fraction(1, 9999999999999999999)

    def test_the_decimal_context_does_not_matter(self) -> None:
        with localcontext(prec=2):
            assert metric_progress(0, d("1.23456789"), d("1.23456789")) == 1

    def test_a_float_is_refused(self) -> None:
        inexact: Any = 0.5
        with pytest.raises(TypeError, match="not an exact number"):
            metric_progress(0, 1, inexact)

    @pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
    def test_a_number_that_is_not_finite_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a finite number"):
            metric_progress(0, 1, d(text))

    @given(numbers, numbers)
    def test_the_baseline_is_nothing_and_the_target_everything(
        self, baseline: Decimal, target: Decimal
    ) -> None:
        assume(baseline != target)
        assert metric_progress(baseline, target, baseline) == 0
        assert metric_progress(baseline, target, target) == 1

    @given(numbers, numbers, numbers, st.fractions(), st.fractions())
    def test_a_change_of_unit_changes_nothing(
        self, baseline: Decimal, target: Decimal, actual: Decimal, a: Fraction, b: Fraction
    ) -> None:
        assume(baseline != target and a != 0)
        converted = [a * Fraction(x) + b for x in (baseline, target, actual)]
        assert metric_progress(*converted) == metric_progress(baseline, target, actual)

    @given(numbers, numbers, numbers)
    def test_a_decrease_mirrors_an_increase(
        self, baseline: Decimal, target: Decimal, actual: Decimal
    ) -> None:
        assume(baseline != target)
        mirrored = metric_progress(-baseline, -target, -actual)
        assert mirrored == metric_progress(baseline, target, actual)


class TestKpiProgress:
    @pytest.mark.parametrize(
        ("actual", "progress"), [("0", "0"), ("40", "0.5"), ("80", "1"), ("90", "1"), ("-5", "0")]
    )
    def test_at_least_without_a_baseline_reaches_nothing_one_bound_below(
        self, actual: str, progress: str
    ) -> None:
        assert kpi_progress("at_least", d(actual), target=80) == Fraction(progress)

    @pytest.mark.parametrize(
        ("actual", "progress"), [("0", "1"), ("10", "1"), ("15", "0.5"), ("20", "0"), ("99", "0")]
    )
    def test_at_most_without_a_baseline_reaches_nothing_one_bound_above(
        self, actual: str, progress: str
    ) -> None:
        assert kpi_progress("at_most", d(actual), target=10) == Fraction(progress)

    def test_within_falls_on_either_side(self) -> None:
        assert kpi_progress("within", 15, minimum=20, maximum=40) == Fraction(3, 4)
        assert kpi_progress("within", 30, minimum=20, maximum=40) == 1
        assert kpi_progress("within", 50, minimum=20, maximum=40) == Fraction(3, 4)

    def test_with_a_baseline_nothing_is_reached_there(self) -> None:
        assert kpi_progress("at_least", 60, target=80, baseline=60) == 0
        assert kpi_progress("at_least", 75, target=80, baseline=60) == Fraction(3, 4)
        assert kpi_progress("at_most", 15, target=10, baseline=50) == Fraction(7, 8)
        assert kpi_progress("at_least", d("0.75"), target=1, baseline=d("0.5")) == Fraction(1, 2)

    def test_a_baseline_on_the_other_side_of_the_range_says_nothing(self) -> None:
        assert kpi_progress("within", 15, minimum=20, maximum=40, baseline=10) == Fraction(1, 2)
        assert kpi_progress("within", 50, minimum=20, maximum=40, baseline=10) == Fraction(3, 4)

    @pytest.mark.parametrize("baseline", [80, 95])
    def test_a_baseline_on_the_good_side_counts_as_none(self, baseline: int) -> None:
        assert kpi_progress("at_least", 60, target=80, baseline=baseline) == Fraction(3, 4)
        assert kpi_progress("increase", 60, target=80, baseline=baseline) == Fraction(3, 4)

    def test_from_a_bound_of_zero_the_distance_is_one_unit(self) -> None:
        assert kpi_progress("at_most", d("0.25"), target=0) == Fraction(3, 4)
        assert kpi_progress("at_most", 1, target=0) == 0
        assert kpi_progress("at_least", d("-0.25"), target=0) == Fraction(3, 4)

    def test_a_negative_bound_counts_its_distance_from_zero(self) -> None:
        assert kpi_progress("at_least", -15, target=-10) == Fraction(1, 2)

    def test_the_bound_may_be_called_minimum_or_maximum_and_the_target_goes_first(self) -> None:
        assert kpi_progress("at_least", 40, minimum=80) == Fraction(1, 2)
        assert kpi_progress("at_most", 15, maximum=10) == Fraction(1, 2)
        assert kpi_progress("at_least", 40, target=40, minimum=80) == 1
        assert kpi_progress("at_most", 15, target=15, maximum=10) == 1

    def test_a_target_of_zero_is_a_target(self) -> None:
        assert kpi_met("at_most", 5, target=0, maximum=10) is False

    @pytest.mark.parametrize("direction", ["increase", "decrease", "at_least", "at_most"])
    def test_a_missing_target_is_refused(self, direction: str) -> None:
        with pytest.raises(ValueError, match="needs a target"):
            kpi_progress(direction, 1)

    def test_a_range_that_is_open_or_upside_down_is_refused(self) -> None:
        with pytest.raises(ValueError, match="needs a minimum"):
            kpi_progress("within", 1, maximum=2)
        with pytest.raises(ValueError, match="needs a maximum"):
            kpi_progress("within", 1, minimum=2)
        with pytest.raises(ValueError, match="is above the maximum"):
            kpi_met("within", 1, minimum=3, maximum=2)

    def test_an_unknown_direction_is_refused(self) -> None:
        with pytest.raises(ValueError, match="'up' is not a direction"):
            kpi_progress("up", 1, target=2)

    @given(kpis(), numbers, st.one_of(st.none(), numbers))
    def test_progress_is_a_share_and_is_whole_exactly_when_the_kpi_is_met(
        self, kpi: tuple[str, dict[str, Decimal]], actual: Decimal, baseline: Decimal | None
    ) -> None:
        direction, bounds = kpi
        progress = kpi_progress(direction, actual, baseline=baseline, **bounds)
        assert 0 <= progress <= 1
        assert (progress == 1) == kpi_met(direction, actual, **bounds)

    @given(numbers, numbers, numbers)
    def test_from_a_baseline_an_increase_or_a_decrease_is_the_clamped_metric_progress(
        self, baseline: Decimal, target: Decimal, actual: Decimal
    ) -> None:
        assume(baseline != target)
        direction = "increase" if baseline < target else "decrease"
        progress = kpi_progress(direction, actual, target=target, baseline=baseline)
        assert progress == clamped(metric_progress(baseline, target, actual))

    @given(numbers, numbers)
    def test_without_a_baseline_an_increase_is_at_least_and_a_decrease_at_most(
        self, target: Decimal, actual: Decimal
    ) -> None:
        for relative, absolute in [("increase", "at_least"), ("decrease", "at_most")]:
            same = kpi_progress(absolute, actual, target=target)
            assert kpi_progress(relative, actual, target=target) == same

    @given(numbers, numbers, st.one_of(st.none(), numbers))
    def test_at_most_mirrors_at_least(
        self, target: Decimal, actual: Decimal, baseline: Decimal | None
    ) -> None:
        mirrored = None if baseline is None else -baseline
        assert kpi_progress("at_most", actual, target=target, baseline=baseline) == kpi_progress(
            "at_least", -actual, target=-target, baseline=mirrored
        )

    @given(numbers, numbers, numbers, st.one_of(st.none(), numbers))
    def test_a_better_value_never_makes_less_progress(
        self, target: Decimal, one: Decimal, other: Decimal, baseline: Decimal | None
    ) -> None:
        worse, better = sorted([one, other])
        assert kpi_progress("at_least", worse, target=target, baseline=baseline) <= kpi_progress(
            "at_least", better, target=target, baseline=baseline
        )


class TestKpiMet:
    @pytest.mark.parametrize("direction", ["increase", "at_least"])
    def test_upwards_the_target_itself_is_met(self, direction: str) -> None:
        met = [kpi_met(direction, d(actual), target=5) for actual in ("4.9", "5", "5.1")]
        assert met == [False, True, True]

    @pytest.mark.parametrize("direction", ["decrease", "at_most"])
    def test_downwards_the_target_itself_is_met(self, direction: str) -> None:
        met = [kpi_met(direction, d(actual), target=5) for actual in ("4.9", "5", "5.1")]
        assert met == [True, True, False]

    def test_both_ends_of_a_range_are_within(self) -> None:
        met = [kpi_met("within", d(a), minimum=2, maximum=3) for a in ("1.9", "2", "3", "3.1")]
        assert met == [False, True, True, False]

    def test_a_range_of_one_value_is_met_there(self) -> None:
        assert kpi_met("within", 2, minimum=2, maximum=2)


class TestHitRate:
    def test_two_hits_in_three_periods_are_two_thirds(self) -> None:
        assert hit_rate([True, False, True]) == Fraction(2, 3)

    def test_without_periods_there_is_no_rate(self) -> None:
        assert hit_rate([]) is None

    @given(st.lists(st.booleans(), min_size=1))
    def test_hits_and_misses_make_up_the_whole(self, met: list[bool]) -> None:
        hits, misses = hit_rate(met), hit_rate(not one for one in met)
        assert hits is not None
        assert misses is not None
        assert hits + misses == 1


class TestMilestoneProgress:
    def test_three_of_four_steps_are_three_quarters(self) -> None:
        assert milestone_progress(3, 4) == Fraction(3, 4)

    def test_without_steps_it_is_done_or_not(self) -> None:
        assert [milestone_progress(done, 0) for done in (0, 1)] == [0, 1]

    @pytest.mark.parametrize(("done", "steps"), [(-1, 4), (5, 4), (2, 0), (0, -1), (-1, -1)])
    def test_impossible_counts_are_refused(self, done: int, steps: int) -> None:
        with pytest.raises(ValueError, match="impossible"):
            milestone_progress(done, steps)

    @given(st.integers(1, 10**6), st.data())
    def test_each_step_counts_the_same_and_all_make_the_whole(
        self, steps: int, data: st.DataObject
    ) -> None:
        done = data.draw(st.integers(0, steps - 1))
        assert 0 <= milestone_progress(done, steps) < 1
        step = milestone_progress(done + 1, steps) - milestone_progress(done, steps)
        assert step == Fraction(1, steps)
        assert milestone_progress(steps, steps) == 1


class TestOrdinalProgress:
    def test_each_zone_scores_where_it_begins(self) -> None:
        scored = [ordinal_progress(zone) for zone in ("none", "commit", "target", "stretch")]
        assert scored == [0, Fraction(3, 10), Fraction(7, 10), 1]

    def test_an_unknown_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="'great' is not a zone"):
            ordinal_progress("great")

    @pytest.mark.parametrize(
        ("score", "zone"),
        [
            ("-1", "fail"),
            ("0.2999999999999999999", "fail"),
            ("0.3", "commit"),
            ("0.6999999999999999999", "commit"),
            ("0.7", "target"),
            ("0.9999999999999999999", "target"),
            ("1", "stretch"),
            ("1.5", "stretch"),
        ],
    )
    def test_zones_are_half_open(self, score: str, zone: str) -> None:
        assert zone_of(d(score)) == zone

    @pytest.mark.parametrize("zone", ["fail", "commit", "target", "stretch"])
    def test_a_zone_scores_within_itself(self, zone: str) -> None:
        assert zone_of(ordinal_progress(zone)) == zone

    @given(scores)
    def test_no_score_is_below_the_zone_it_stands_in(self, score: Fraction) -> None:
        assert ordinal_progress(zone_of(score)) <= max(score, Fraction(0))


class TestClamped:
    @given(scores)
    def test_only_what_lies_outside_is_moved_and_only_to_the_edge(self, x: Fraction) -> None:
        assert clamped(x) == (0 if x < 0 else min(x, 1))

    @given(scores)
    def test_twice_is_once(self, x: Fraction) -> None:
        assert clamped(clamped(x)) == clamped(x)


class TestExpected:
    def test_nothing_is_expected_on_the_eve_and_everything_on_the_last_day(self) -> None:
        assert expected(JULY_1, SEPTEMBER_30, EVE) == 0
        assert expected(JULY_1, SEPTEMBER_30, SEPTEMBER_30) == 1

    def test_the_first_day_of_a_quarter_is_one_of_its_92_days(self) -> None:
        assert expected(JULY_1, SEPTEMBER_30, JULY_1) == Fraction(1, 92)

    def test_half_of_a_quarter_is_expected_after_half_of_its_days(self) -> None:
        assert expected(JULY_1, SEPTEMBER_30, date(2025, 8, 15)) == Fraction(1, 2)

    def test_a_period_of_one_day_expects_everything_on_it(self) -> None:
        assert expected(JULY_1, JULY_1, JULY_1) == 1
        assert expected(JULY_1, JULY_1, EVE) == 0

    def test_it_goes_straight_from_point_to_point(self) -> None:
        points = [(date(2025, 8, 31), d("0.8")), (date(2025, 7, 31), d("0.2"))]
        assert expected(JULY_1, SEPTEMBER_30, date(2025, 7, 31), points) == Fraction(1, 5)
        assert expected(JULY_1, SEPTEMBER_30, date(2025, 8, 10), points) == Fraction(
            1, 5
        ) + Fraction(3, 5) * Fraction(10, 31)
        assert expected(JULY_1, SEPTEMBER_30, date(2025, 8, 31), points) == Fraction(4, 5)
        assert expected(JULY_1, SEPTEMBER_30, date(2025, 9, 15), points) == Fraction(9, 10)

    def test_a_point_on_the_last_day_takes_the_place_of_the_whole(self) -> None:
        points = [(SEPTEMBER_30, d("0.9"))]
        assert expected(JULY_1, SEPTEMBER_30, SEPTEMBER_30, points) == Fraction(9, 10)
        assert expected(JULY_1, SEPTEMBER_30, date(2025, 10, 1), points) == Fraction(9, 10)
        assert expected(JULY_1, SEPTEMBER_30, date(2030, 1, 1), points) == Fraction(9, 10)

    def test_a_point_on_the_first_day_counts(self) -> None:
        points = [(JULY_1, d("0.5"))]
        assert expected(JULY_1, SEPTEMBER_30, EVE, points) == 0
        assert expected(JULY_1, SEPTEMBER_30, JULY_1, points) == Fraction(1, 2)

    def test_points_outside_the_period_are_left_aside(self) -> None:
        points = [(EVE, d("0.5")), (date(2025, 10, 1), d("0.5"))]
        for day in (EVE, JULY_1, date(2025, 8, 15), SEPTEMBER_30, date(2025, 10, 1)):
            straight = expected(JULY_1, SEPTEMBER_30, day)
            assert expected(JULY_1, SEPTEMBER_30, day, points) == straight

    def test_a_plan_may_dip(self) -> None:
        points = [(date(2025, 7, 31), d("0.5")), (date(2025, 8, 31), d("0.25"))]
        assert expected(JULY_1, SEPTEMBER_30, date(2025, 8, 31), points) == Fraction(1, 4)

    def test_the_first_day_of_the_calendar_has_an_eve(self) -> None:
        assert expected(date.min, date(1, 1, 2), date.min) == Fraction(1, 2)

    def test_a_period_that_ends_before_it_starts_is_refused(self) -> None:
        with pytest.raises(ValueError, match="before it starts"):
            expected(JULY_1, EVE, JULY_1)

    @pytest.mark.parametrize("share", ["-0.1", "1.1"])
    def test_a_point_that_is_no_share_is_refused_on_any_day(self, share: str) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            expected(JULY_1, SEPTEMBER_30, EVE, [(JULY_1, d(share))])

    def test_two_points_on_one_day_are_refused(self) -> None:
        with pytest.raises(ValueError, match="on one day"):
            expected(JULY_1, SEPTEMBER_30, JULY_1, [(JULY_1, d("0.1")), (JULY_1, d("0.2"))])

    @given(periods(), days, days, rising_points())
    def test_it_never_falls_and_stays_a_share_when_its_points_rise(
        self,
        period: tuple[date, date],
        one: date,
        other: date,
        points: list[tuple[date, Decimal]],
    ) -> None:
        sooner, later = sorted([one, other])
        assert 0 <= expected(*period, sooner, points) <= expected(*period, later, points) <= 1

    @given(periods(), rising_points().flatmap(st.permutations))
    def test_it_meets_each_point_of_the_period_in_whatever_order_they_come(
        self, period: tuple[date, date], points: list[tuple[date, Decimal]]
    ) -> None:
        for on, share in points:
            if period[0] <= on <= period[1]:
                assert expected(*period, on, points) == Fraction(share)

    @given(periods(), days)
    def test_a_point_on_the_straight_line_changes_nothing(
        self, period: tuple[date, date], day: date
    ) -> None:
        starts, ends = period
        assume((ends - starts).days % 2 == 1)
        halfway = starts + timedelta((ends - starts).days // 2)
        assert expected(starts, ends, day, [(halfway, d("0.5"))]) == expected(starts, ends, day)


class TestWeightedMean:
    def test_a_double_weight_counts_twice(self) -> None:
        assert weighted_mean([(Fraction(1), d("2")), (Fraction(1, 4), d("1"))]) == Fraction(3, 4)

    def test_with_nothing_left_there_is_no_mean(self) -> None:
        assert weighted_mean([]) is None
        assert weighted_mean([(Fraction(1), d("0")), (Fraction(0), d("0.000"))]) is None

    def test_a_negative_weight_is_refused_even_where_weights_cancel_out(self) -> None:
        with pytest.raises(ValueError, match="never negative"):
            weighted_mean([(Fraction(1), d("1")), (Fraction(0), d("-1"))])

    @given(parts)
    def test_it_lies_between_the_least_and_the_greatest_that_count(
        self, weighed: list[tuple[Fraction, Decimal]]
    ) -> None:
        counted = [value for value, weight in weighed if weight > 0]
        mean = weighted_mean(weighed)
        if mean is None:
            assert counted == []
        else:
            assert min(counted) <= mean <= max(counted)

    @given(parts, scores, st.integers(0, 8))
    def test_weight_zero_is_as_good_as_absent(
        self, weighed: list[tuple[Fraction, Decimal]], value: Fraction, place: int
    ) -> None:
        with_it = [*weighed[:place], (value, d("0")), *weighed[place:]]
        assert weighted_mean(with_it) == weighted_mean(weighed)

    @given(parts, st.integers(1, 1000))
    def test_only_the_proportion_of_weights_counts(
        self, weighed: list[tuple[Fraction, Decimal]], factor: int
    ) -> None:
        scaled = [(value, weight * factor) for value, weight in weighed]
        assert weighted_mean(scaled) == weighted_mean(weighed)

    @given(parts)
    def test_the_order_does_not_count(self, weighed: list[tuple[Fraction, Decimal]]) -> None:
        assert weighted_mean(reversed(weighed)) == weighted_mean(weighed)

    @given(parts, parts)
    def test_parts_may_be_taken_together_first(
        self, some: list[tuple[Fraction, Decimal]], others: list[tuple[Fraction, Decimal]]
    ) -> None:
        mean = weighted_mean(some)
        together = sum((weight for _, weight in some), d("0"))
        joined = [] if mean is None else [(mean, together)]
        assert weighted_mean([*joined, *others]) == weighted_mean([*some, *others])
