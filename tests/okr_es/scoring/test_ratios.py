"""The fast arithmetic of whole boards says exactly what the plain functions say."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from okr_es.scoring import formulas, ratios
from okr_es.scoring.formulas import Policy
from okr_es.scoring.grades import grade_band
from okr_es.scoring.ratios import Ratio
from tests.support import fraction_formulas
from tests.support.shares import fractions

numbers = st.decimals(-(10**12), 10**12, places=6)
scores = fractions(-3, 3, 10**9)
shares = st.decimals(0, 1, places=6)
weights = st.decimals(0, 1000, places=3)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def unreduced(share: Fraction, factor: int) -> Ratio:
    """A ratio of that worth, not in lowest terms."""
    return share.numerator * factor, share.denominator * factor


def ratio_of(share: Fraction | None) -> Ratio | None:
    return None if share is None else unreduced(share, 6)


@given(numbers, numbers, numbers)
def test_progress_of_a_metric_is_the_same(baseline: Decimal, target: Decimal, actual: Decimal):
    assume(baseline != target)
    found = ratios.metric_progress(*(ratios.ratio(str(n)) for n in (baseline, target, actual)))
    assert found[1] > 0
    assert ratios.fraction(found) == fraction_formulas.metric_progress(baseline, target, actual)


def test_a_metric_without_a_way_to_go_is_refused():
    with pytest.raises(ValueError, match="no way to go"):
        ratios.metric_progress((1, 1), (2, 2), (3, 1))


@given(st.integers(0, 100).flatmap(lambda n: st.tuples(st.integers(0, n or 1), st.just(n))))
def test_progress_of_a_milestone_is_the_same(counts: tuple[int, int]):
    plain = formulas.milestone_progress(*counts)
    assert ratios.fraction(ratios.milestone_progress(*counts)) == plain


@pytest.mark.parametrize("zone", ["none", "fail", "commit", "target", "stretch"])
def test_progress_of_an_ordinal_is_the_same(zone: str):
    assert ratios.fraction(ratios.ordinal_progress(zone)) == formulas.ordinal_progress(zone)


@given(scores, st.integers(1, 50))
def test_clamping_is_the_same(share: Fraction, factor: int):
    found = ratios.clamped(unreduced(share, factor))
    assert ratios.fraction(found) == formulas.clamped(share)


@given(
    scores,
    fractions(0, 1),
    st.sampled_from([Fraction(1), Fraction(7, 10), Fraction(1, 3)]),
    st.tuples(shares, shares),
)
def test_pace_and_status_are_the_same(
    progress: Fraction, expected: Fraction, grade: Fraction, bounds: tuple[Decimal, Decimal]
):
    policy = Policy(on_track=max(bounds), at_risk=min(bounds))
    pace = ratios.pace(unreduced(progress, 6), unreduced(expected, 4), unreduced(grade, 2))
    plain = fraction_formulas.pace(progress, expected, grade)
    assert ratios.fraction(pace) == plain
    assert ratios.status(pace, ratios.thresholds(policy)) == fraction_formulas.status(plain, policy)


@given(st.decimals(0, 2, places=4), st.sampled_from([Decimal("0.9"), Decimal("0.7")]))
def test_a_pace_at_a_threshold_is_over_it(pace: Decimal, threshold: Decimal):
    for each in (pace, threshold):
        plain = fraction_formulas.status(Fraction(each), Policy())
        found = ratios.status(each.as_integer_ratio(), ratios.thresholds(Policy()))
        assert found == plain


@given(scores, st.sampled_from(["committed", "aspirational"]), st.lists(shares, min_size=2))
def test_an_outcome_goes_by_the_band_of_the_grade(
    final: Fraction, commitment: str, bounds: list[Decimal]
):
    yellow_from, *_, expected = sorted(bounds)
    policy = Policy(
        yellow_from=yellow_from, committed_expected=expected, aspirational_expected=expected
    )
    band = grade_band(final, commitment, policy)
    found = ratios.outcome(unreduced(final, 6), ratios.bands(commitment, policy))
    assert found == {"green": "met", "yellow": "partly_met", "red": "missed"}[band]


@given(st.lists(st.tuples(scores, weights), max_size=8))
def test_the_weighted_mean_is_the_same(parts: list[tuple[Fraction, Decimal]]):
    found = ratios.weighted_mean(
        [(unreduced(value, 6), weight.as_integer_ratio()) for value, weight in parts]
    )
    assert ratios.fraction(found) == formulas.weighted_mean(parts)


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="never negative"):
        ratios.weighted_mean([((1, 2), (-1, 2))])


@given(
    st.one_of(st.none(), scores),
    st.lists(st.tuples(st.one_of(st.none(), scores), weights), max_size=8),
)
def test_the_roll_up_is_the_same(
    own: Fraction | None, aligned: list[tuple[Fraction | None, Decimal]]
):
    found = ratios.rolled_up(
        ratio_of(own), [(ratio_of(value), weight.as_integer_ratio()) for value, weight in aligned]
    )
    assert ratios.fraction(found) == fraction_formulas.rolled_up(own, aligned)


@given(st.lists(st.tuples(st.one_of(st.none(), scores), weights), max_size=8))
def test_score_and_coverage_are_the_same(parts: list[tuple[Fraction | None, Decimal]]):
    found = ratios.mean_of(
        [(ratio_of(share), weight.as_integer_ratio()) for share, weight in parts]
    )
    assert tuple(map(ratios.fraction, found)) == tuple(fraction_formulas.mean_of(parts))
