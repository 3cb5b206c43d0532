"""What an auditor asks, on the command line, of the example company."""

import pytest

from tests.web.cli.test_history import Asks, as_json, asks, output

__all__ = ["asks"]


def test_the_patterns_of_a_cycle_are_counted_and_shown(asks: Asks):
    first, *lines = output(asks, "audit", "patterns", "2025-Q3").splitlines()
    assert first.startswith("2025-Q3, as known at position")
    assert "   2  targets made easier after the plan was committed" in lines
    assert "   1  goals graded by their owner" in lines
    assert "  15 stories of customers  (by 3, 20.0 % of the way)" in lines
    assert any("Three customers withdrew their consent to be named." in line for line in lines)
    assert "        target: 15 → 12" in lines


def test_they_are_shown_as_known_at_a_moment_and_for_other_last_days(asks: Asks):
    before = as_json(asks, "audit", "patterns", "2025-Q3", "--known-at", "2025-08-15")
    assert before["counts"]["lowered_target"] == 1
    long = as_json(asks, "audit", "patterns", "2025-Q3", "--last-days", "90")
    assert (long["last_days"], long["counts"]["last_days"]) == (90, 5)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("2031",), 1, "There is no cycle"),
        (("2025-Q3", "--last-days", "0"), 2, "from 1 to 366"),
        (("2025-Q3", "--known-at", "2031-01-01"), 1, "known_at lies in the future"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_line(
    words: tuple[str, ...], code: int, said: str, asks: Asks
):
    result = asks("audit", "patterns", *words)
    assert result.exit_code == code
    assert said in result.stderr
