"""Numbers as they are shown: never against the verdict, never 0 for what is not, parts that sum."""

from decimal import Decimal, localcontext
from fractions import Fraction

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from okr_es.scoring import ratios
from okr_es.scoring.formulas import Policy, kpi_met, kpi_progress, zone_of
from okr_es.scoring.grades import grade_band
from okr_es.scoring.shown import (
    allotted,
    cut_down,
    cut_up,
    difference,
    percent,
    places_of,
    plain,
    trimmed,
    value_text,
    written_out,
)
from tests.support import fraction_formulas
from tests.support.shares import fractions
from web.api.exact_json import encode

TINY = Fraction(1, 10**9)

thresholds = st.integers(1, 10_000).map(lambda n: Decimal(n) / 10_000)
near = fractions(-1, 1).map(TINY.__mul__)
# Any share, and above all those right beside a threshold, 0 or 1.
scores = st.one_of(
    fractions(-3, 3),
    st.builds(lambda t, by: Fraction(t) + by, st.integers(-1, 1) | thresholds, near),
)
numbers = st.decimals(-(10**12), 10**12, places=6)
amounts = fractions(-(10**6), 10**6)


class TestShares:
    @pytest.mark.parametrize(
        ("share", "text"),
        [
            (Fraction(2, 3), "0.6666"),
            (Fraction(699980, 1000000), "0.6999"),
            (Fraction(9999995, 10000000), "0.9999"),
            (Fraction(1), "1.0000"),
            (1 + TINY, "1.0000"),
            (Fraction(-1, 3), "-0.3334"),
            (-TINY, "-0.0001"),
            (Fraction(0), "0.0000"),
            (Fraction(3, 100_000), "0.00003"),
            (Fraction(1, 3_000_000), "0.0000003"),
            (Fraction(10**30, 3), "3" * 30 + ".3333"),
        ],
    )
    def test_of_what_is_good_less_is_shown(self, share: Fraction, text: str) -> None:
        assert str(cut_down(share)) == text

    @pytest.mark.parametrize(
        ("share", "text"),
        [
            (Fraction(1, 250), "0.0040"),
            (Fraction(1, 30_000), "0.0001"),
            (Fraction(2, 3), "0.6667"),
            (Fraction(0), "0.0000"),
            (Fraction(1), "1.0000"),
            (Fraction(-1, 30_000), "-0.00003"),
        ],
    )
    def test_of_what_is_bad_more_is_shown(self, share: Fraction, text: str) -> None:
        assert str(cut_up(share)) == text

    def test_what_is_not_measured_stays_so(self) -> None:
        assert (cut_down(None), cut_up(None), difference(None)) == (None, None, None)

    @given(scores, st.integers(1, 9))
    def test_a_ratio_is_shown_as_its_fraction(self, share: Fraction, factor: int) -> None:
        ratio = share.numerator * factor, share.denominator * factor
        assert repr(cut_down(ratio)) == repr(cut_down(share))
        assert repr(cut_up(ratio)) == repr(cut_up(share))

    @given(scores)
    def test_another_writing_of_the_rule_shows_the_same(self, share: Fraction) -> None:
        assert cut_down(share) == fraction_formulas.cut_down(share)
        assert cut_up(share) == fraction_formulas.cut_up(share)

    @given(scores)
    def test_it_is_on_the_worse_side_and_within_a_unit(self, share: Fraction) -> None:
        down, up = Fraction(cut_down(share)), Fraction(cut_up(share))
        assert down <= share <= up
        assert max(share - down, up - share) < Fraction(1, 10_000)

    @given(scores)
    def test_only_0_is_shown_as_0(self, share: Fraction) -> None:
        assert (cut_down(share) == 0) == (cut_up(share) == 0) == (share == 0)

    @given(scores, scores)
    def test_no_order_is_turned(self, one: Fraction, other: Fraction) -> None:
        low, high = sorted([one, other])
        assert cut_down(low) <= cut_down(high)
        assert cut_up(low) <= cut_up(high)

    @given(scores, thresholds)
    def test_it_is_on_its_side_of_every_threshold(self, share: Fraction, limit: Decimal) -> None:
        assert (cut_down(share) >= limit) == (share >= limit)
        assert (cut_up(share) > limit) == (share > limit)

    @given(scores, st.lists(thresholds, min_size=6, max_size=6))
    def test_status_band_and_zone_of_what_is_shown_are_those_of_the_share(
        self, share: Fraction, limits: list[Decimal]
    ) -> None:
        (at_risk, on_track), (yellow, green) = sorted(limits[:2]), sorted(limits[2:4])
        policy = Policy(on_track, at_risk, yellow, green)
        shown, judged = Fraction(cut_down(share)), ratios.thresholds(policy)
        assert ratios.status(shown.as_integer_ratio(), judged) == ratios.status(
            share.as_integer_ratio(), judged
        )
        assert grade_band(shown, "committed", policy) == grade_band(share, "committed", policy)
        assert zone_of(shown) == zone_of(share)

    @given(
        st.sampled_from(["increase", "decrease", "at_least", "at_most"]),
        numbers,
        numbers,
        st.none() | numbers,
    )
    @example("at_least", Decimal("999999.50"), Decimal(1_000_000), None)
    @example("at_most", Decimal("1000000.0001"), Decimal(1_000_000), Decimal(2_000_000))
    def test_a_kpi_shows_1_where_it_is_met_alone(
        self, direction: str, actual: Decimal, target: Decimal, baseline: Decimal | None
    ) -> None:
        met = kpi_met(direction, actual, target=target)
        progress = kpi_progress(direction, actual, target=target, baseline=baseline)
        assert (cut_down(progress) == 1) == met


class TestDifferences:
    @pytest.mark.parametrize(
        ("amount", "text"),
        [
            (Fraction(7, 10) - Fraction(69998, 100_000), "0.00002"),
            (Fraction(-1, 20_000), "-0.00005"),
            (Fraction(3, 20_000), "0.0002"),
            (Fraction(2, 3), "0.6667"),
            (-TINY, "-0.000000001"),
            (Fraction(0), "0.0000"),
        ],
    )
    def test_they_are_rounded_last(self, amount: Fraction, text: str) -> None:
        assert str(difference(amount)) == text

    @given(amounts)
    @example(TINY)
    @example(-TINY)
    def test_only_0_is_shown_as_0_and_no_sign_is_turned(self, amount: Fraction) -> None:
        shown = difference(amount)
        assert (shown > 0, shown < 0) == (amount > 0, amount < 0)
        assert abs(Fraction(shown) - amount) <= Fraction(1, 20_000)

    def test_nothing_depends_on_the_context(self) -> None:
        with localcontext(prec=3):
            assert str(difference(Fraction(123456789, 1000))) == "123456.7890"
            assert str(cut_down(Fraction(123456789, 1000))) == "123456.7890"
            assert percent("123456.7891") == "12345678.91 %"


class TestParts:
    def test_thirds_sum_to_one(self) -> None:
        third = Fraction(1, 3)
        shown = allotted(difference(Fraction(1)), [third] * 3)
        assert [str(each) for each in shown] == ["0.3334", "0.3333", "0.3333"]

    def test_a_small_part_gets_decimals_and_the_others_with_it(self) -> None:
        parts = [Fraction(1, 300_000), Fraction(1, 3)]
        places = places_of([sum(parts), *parts])
        shown = allotted(difference(sum(parts), places), parts)
        assert [str(each) for each in shown] == ["0.000003", "0.333334"]

    def test_what_is_missing_goes_to_the_part_that_lost_most(self) -> None:
        parts = [Fraction(each, 100_000) for each in (11_111, 22_228, 66_661)]
        shown = allotted(difference(Fraction(1)), parts)
        assert [str(each) for each in shown] == ["0.1111", "0.2223", "0.6666"]

    @given(st.lists(st.lists(scores, min_size=1, max_size=5), max_size=5))
    def test_what_is_shown_sums_and_nothing_becomes_0(self, groups: list[list[Fraction]]) -> None:
        sums = [sum(group, Fraction(0)) for group in groups]
        every = [part for group in groups for part in group]
        places = places_of([sum(sums), *sums, *every])
        whole = difference(sum(sums, Fraction(0)), places)
        of_groups = allotted(whole, sums)
        assert sum(map(Fraction, of_groups)) == Fraction(whole)
        for group, exact, shown in zip(groups, sums, of_groups, strict=True):
            parts = allotted(shown, group)
            assert sum(map(Fraction, parts)) == Fraction(shown)
            for one, part in zip([exact, *group], [shown, *parts], strict=True):
                assert abs(Fraction(part) - one) < 2 * Fraction(1, 10**places)
                assert (part > 0, part < 0) == (one > 0, one < 0)


class TestValues:
    @pytest.mark.parametrize(
        ("value", "bounds", "text"),
        [
            (Decimal("12.504"), [Decimal("12.50")], "12.504"),
            (Fraction(161, 2), [Decimal(85)], "80.5"),
            (Fraction(240), [], "240"),
            (Fraction(2, 3), [], "0.6667"),
            (Fraction(75_000_001, 6_000_000), [Decimal("12.5")], "12.5000002"),
            (Fraction(74_999_999, 6_000_000), [None, Decimal("12.5")], "12.4999998"),
            (Fraction(1, 300_000), [], "0.000003"),
            (Fraction(-1, 300_000), [], "-0.000003"),
            (Fraction(1, 3), [Fraction(1, 3)], "0.3333"),
        ],
    )
    def test_it_has_the_decimals_it_needs(
        self, value: Fraction, bounds: list[Decimal | None], text: str
    ) -> None:
        assert value_text(value, *bounds) == text

    @given(amounts, st.decimals(-(10**6), 10**6, places=3), st.integers(1, 10**9))
    def test_it_is_on_its_side_of_the_bound(
        self, amount: Fraction, bound: Decimal, apart: int
    ) -> None:
        for value in (amount, Fraction(bound) + Fraction(1, 3 * apart)):
            shown = Fraction(value_text(value, bound))
            assert (shown > bound, shown < bound) == (value > bound, value < bound)
            assert (shown == 0) == (value == 0)

    @given(numbers)
    def test_digits_that_end_are_all_shown(self, value: Decimal) -> None:
        assert Fraction(value_text(value)) == Fraction(value)


class TestTexts:
    @pytest.mark.parametrize(
        ("share", "text"),
        [
            ("0.6999", "69.99 %"),
            ("0.5000", "50.0 %"),
            ("1.0000", "100.0 %"),
            ("0.0040", "0.4 %"),
            ("0.00003", "0.003 %"),
            ("-0.0001", "-0.01 %"),
            ("1", "100.0 %"),
        ],
    )
    def test_a_percentage_has_the_digits_of_the_share(self, share: str, text: str) -> None:
        assert percent(Decimal(share)) == percent(share) == text

    def test_a_change_has_its_sign(self) -> None:
        assert percent("0.0500", sign="+") == "+5.0 %"
        assert percent("-0.0500", sign="+") == "-5.0 %"

    def test_a_pace_has_the_digits_it_is_judged_by(self) -> None:
        assert (trimmed("0.8999", least=2), trimmed("1.0000", least=2)) == ("0.8999", "1.00")

    @given(scores)
    def test_a_percentage_says_what_is_shown(self, share: Fraction) -> None:
        shown = cut_down(share)
        assert Fraction(percent(shown).removesuffix(" %")) == 100 * Fraction(shown)

    @given(st.integers(-100, 100), st.integers(0, 40))
    def test_json_has_no_exponent(self, units: int, places: int) -> None:
        assume(units)
        text = encode(plain(units, places)).decode().strip('"')
        assert "E" not in text
        assert Decimal(text) == plain(units, places)

    def test_nothing_else_is_written_as_text(self) -> None:
        with pytest.raises(TypeError, match="set"):
            msgspec.json.encode([object], enc_hook=lambda _: written_out({1}))
