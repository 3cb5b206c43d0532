"""What came out: scores with what is not measured, statuses, bands, outcomes and days late."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_es.scoring import ratios
from okr_es.scoring.formulas import Policy
from okr_es.scoring.grades import days_late, ended_by, expected_grade, grade_band
from tests.support.shares import fractions

POLICY = Policy()
ONE = (1, 1)
HALF = (1, 2)
shares = st.decimals(0, 1, places=6)
commitments = st.sampled_from(["committed", "aspirational"])


def d(text: str) -> Decimal:
    return Decimal(text)


def status(progress: str, planned: ratios.Ratio, grade: ratios.Ratio, policy: Policy = POLICY):
    pace = ratios.pace(ratios.ratio(progress), planned, grade)
    return ratios.status(pace, ratios.thresholds(policy))


class TestStatus:
    def test_pace_is_progress_over_what_was_expected_times_the_expected_grade(self) -> None:
        assert Fraction(*(ratios.pace((1, 4), HALF) or ONE)) == Fraction(1, 2)
        assert Fraction(*(ratios.pace((7, 20), HALF, (7, 10)) or HALF)) == 1

    def test_while_nothing_is_expected_there_is_no_pace_and_it_is_on_track(self) -> None:
        assert ratios.pace((1, 4), (0, 1)) is None
        assert status("-1", (0, 1), ONE) == "on_track"

    @pytest.mark.parametrize(
        ("progress", "grade", "answer"),
        [
            ("1.2", "1", "on_track"),
            ("0.45", "1", "on_track"),
            ("0.4499999999999999999", "1", "at_risk"),
            ("0.35", "1", "at_risk"),
            ("0.3499999999999999999", "1", "off_track"),
            ("-1", "1", "off_track"),
            ("0.315", "0.7", "on_track"),
            ("0.3149999999999999999", "0.7", "at_risk"),
            ("0.245", "0.7", "at_risk"),
            ("0.2449999999999999999", "0.7", "off_track"),
        ],
    )
    def test_the_thresholds_belong_to_the_better_status(
        self, progress: str, grade: str, answer: str
    ) -> None:
        assert status(progress, HALF, ratios.ratio(grade)) == answer

    def test_another_policy_gives_another_status(self) -> None:
        lenient = Policy(on_track=d("0.5"), at_risk=d("0.1"))
        assert status("0.5", ONE, ONE, lenient) == "on_track"
        assert status("0.1", ONE, ONE, lenient) == "at_risk"


class TestScore:
    def test_what_is_not_measured_is_left_out_counted_as_nothing_and_shown(self) -> None:
        mean = ratios.mean_of([((9, 10), ONE), (None, ONE)])
        assert [Fraction(*each) for each in mean if each] == [
            Fraction(9, 10), Fraction(9, 20), Fraction(1, 2),
        ]  # fmt: skip

    def test_weights_count_in_coverage_and_a_weight_of_nothing_leaves_out(self) -> None:
        mean = ratios.mean_of([(HALF, (3, 1)), (None, ONE), (None, (0, 1)), (ONE, (0, 1))])
        assert [Fraction(*each) for each in mean if each] == [
            Fraction(1, 2), Fraction(3, 8), Fraction(3, 4),
        ]  # fmt: skip

    @pytest.mark.parametrize("parts", [[], [(None, ONE)], [(ONE, (0, 1))], [(None, (0, 1))]])
    def test_where_nothing_that_weighs_is_measured_there_is_no_score(
        self, parts: list[tuple[ratios.Ratio | None, ratios.Ratio]]
    ) -> None:
        assert ratios.mean_of(parts) == (None, (0, 1), (0, 1))


class TestRolledUp:
    def test_its_own_score_has_weight_one_beside_the_aligned(self) -> None:
        assert ratios.fraction(ratios.rolled_up(HALF, [(ONE, (3, 1))])) == Fraction(7, 8)

    def test_what_is_not_measured_is_left_out(self) -> None:
        assert ratios.fraction(ratios.rolled_up(None, [(HALF, (2, 1)), (None, ONE)])) == 0.5
        assert ratios.fraction(ratios.rolled_up(HALF, [(None, (5, 1))])) == 0.5

    def test_with_nothing_measured_it_is_not_measured(self) -> None:
        assert ratios.rolled_up(None, []) is None
        assert ratios.rolled_up(None, [(None, ONE), (ONE, (0, 1))]) is None


class TestBands:
    @pytest.mark.parametrize(
        ("score", "commitment", "band"),
        [
            ("0", "committed", "red"),
            ("0.3999999999999999999", "committed", "red"),
            ("0.4", "committed", "yellow"),
            ("0.7", "committed", "yellow"),
            ("0.9999999999999999999", "committed", "yellow"),
            ("1", "committed", "green"),
            ("0.4", "aspirational", "yellow"),
            ("0.6999999999999999999", "aspirational", "yellow"),
            ("0.7", "aspirational", "green"),
            ("-0.1", "committed", "red"),
            ("1.1", "committed", "green"),
        ],
    )
    def test_bands_are_half_open_and_green_begins_at_the_expected_grade(
        self, score: str, commitment: str, band: str
    ) -> None:
        assert grade_band(Fraction(score), commitment, POLICY) == band

    @given(fractions(0, 1), shares, shares, commitments)
    def test_bands_part_the_whole_range_under_any_policy(
        self, score: Fraction, one: Decimal, other: Decimal, commitment: str
    ) -> None:
        yellow_from, green_from = sorted([one, other])
        policy = Policy(
            yellow_from=yellow_from,
            committed_expected=green_from,
            aspirational_expected=green_from,
        )
        bands = {
            "red": 0 <= score < yellow_from,
            "yellow": yellow_from <= score < green_from,
            "green": green_from <= score <= 1,
        }
        found = grade_band(score, commitment, policy)
        assert [band for band, holds in bands.items() if holds] == [found]

    def test_committed_is_expected_whole_and_aspirational_at_seven_tenths(self) -> None:
        assert expected_grade("committed", POLICY) == 1
        assert expected_grade("aspirational", POLICY) == d("0.7")

    def test_the_policy_says_what_is_expected(self) -> None:
        policy = Policy(committed_expected=d("0.95"), aspirational_expected=d("0.6"))
        assert expected_grade("committed", policy) == d("0.95")
        assert expected_grade("aspirational", policy) == d("0.6")

    def test_an_unknown_commitment_is_refused(self) -> None:
        with pytest.raises(ValueError, match="'hoped' is not a commitment"):
            expected_grade("hoped", POLICY)


class TestOutcome:
    @pytest.mark.parametrize(
        ("final", "commitment", "what"),
        [
            ("1", "committed", "met"),
            ("0.9999", "committed", "partly_met"),
            ("0.7", "aspirational", "met"),
            ("0.6999", "aspirational", "partly_met"),
            ("0.4", "committed", "partly_met"),
            ("0.3999", "aspirational", "missed"),
            ("0", "committed", "missed"),
        ],
    )
    def test_it_goes_by_the_final_grade(self, final: str, commitment: str, what: str) -> None:
        bands = ratios.bands(commitment, POLICY)
        assert ratios.outcome(ratios.ratio(final), bands) == what

    def test_without_a_final_grade_it_is_not_measured(self) -> None:
        assert ratios.outcome(None, ratios.bands("committed", POLICY)) == "not_measured"

    @pytest.mark.parametrize(
        ("state", "graded", "closed", "what"),
        [
            ("draft", False, True, None),
            ("committed", False, False, None),
            ("committed", True, False, "graded"),
            ("committed", True, True, "graded"),
            ("committed", False, True, "ungraded"),
            ("carried_over", True, True, "carried_over"),
            ("carried_over", False, False, "carried_over"),
            ("abandoned", False, True, "abandoned"),
        ],
    )
    def test_by_what_it_has_ended(
        self, state: str, graded: bool, closed: bool, what: str | None
    ) -> None:
        assert ended_by(state, graded=graded, closed=closed) == what


DUE = date(2025, 8, 15)


def after(days: int) -> date:
    return DUE + timedelta(days)


class TestDaysLate:
    @pytest.mark.parametrize(
        ("scores", "late"),
        [
            ([(0, 1)], 0),
            ([(0, 1), (9, 1)], 0),
            ([(0, None), (9, 1)], 9),
            ([(0, 0), (3, 1), (5, Fraction(1, 2)), (9, 1)], 9),
            ([(0, 1), (5, 0), (6, 1), (8, 1)], 6),
            ([(0, 0), (36, 1), (40, Fraction(11, 10))], 36),
        ],
    )
    def test_they_run_to_the_day_from_which_the_score_stayed(
        self, scores: list[tuple[int, int | Fraction | None]], late: int
    ) -> None:
        assert days_late(DUE, 1, [(after(days), score) for days, score in scores]) == late
