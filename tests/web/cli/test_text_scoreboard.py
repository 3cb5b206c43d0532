"""Which figures of a scoreboard stand on the command line, and how."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from projections.retrospect.totals import Counted, ExactTotal, change, exact_total, shown
from web.cli.text.scoreboard import block, kpi_lines


def goal(score: Fraction | None, **more: Any) -> Counted:
    """A promise with a score of 0 to 1."""
    measured = score is not None
    parts = {"is_promised": True, "is_added": False, "is_abandoned": False} | more
    return Counted(
        score, score, is_committed_measured=measured, is_ended_measured=measured, **parts
    )


def lines(*columns: list[Counted]) -> list[str]:
    """The figures of some goals side by side, without spaces at the ends."""
    totals: list[ExactTotal] = [exact_total(each, [], has_discipline=True) for each in columns]
    changes = [change(*pair) for pair in pairwise(totals)]
    found = block("all", {"totals": [shown(each) for each in totals], "changes": [None, *changes]})
    return [" ".join(each.split()) for each in found]


def test_a_score_of_nothing_is_a_result_and_counts_of_nothing_are_left_out() -> None:
    text = lines([goal(Fraction(0))], [goal(Fraction(0))])
    assert "score as committed 0.0 % 0.0 %" in text
    assert "goals 1 1" in text
    assert not any(each.startswith(("given up", "outcomes met", "retargets")) for each in text)


def test_what_is_not_measured_in_any_column_is_left_out() -> None:
    text = lines([goal(None)], [goal(None)])
    assert not any(each.startswith("score as") for each in text)
    assert "not measured as ended 1 1" in text


def test_without_any_goal_that_is_said() -> None:
    assert lines([], []) == ["all", "goals 0 0"]


def test_a_change_stands_beside_the_figure_with_its_sign() -> None:
    text = lines([goal(Fraction(1, 3))], [goal(Fraction(1, 4)), goal(Fraction(0))])
    assert "goals 1 2 (+1)" in text
    assert "score as ended 33.33 % 12.5 % (-20.83 %)" in text


def kpi_text(*spans: tuple[str, str]) -> list[str]:
    """A KPI with the same value in its span of each of two quarters."""
    figures = [
        {
            "value": "3", "status": "inside", "comparable": True,
            "hit_rate": {"inside": 2, "periods": 3},
            "span": {"starts": starts, "ends": ends, "target": "2", "minimum": None,
                     "maximum": None},
        }
        for starts, ends in spans
    ]  # fmt: skip
    quarters = [("2025-01-01", "2025-03-31"), ("2025-04-01", "2025-06-30")]
    columns: Any = [{"cycle": {"starts": first, "ends": last}} for first, last in quarters]
    changes = [None, {"value": "0", "comparable": True}]
    kpi: Any = {"kpi": {"name": "Uptime"}, "unit": "%", "figures": figures, "changes": changes}
    return [" ".join(each.split()) for each in kpi_lines(kpi, columns)]


def test_days_of_a_span_that_is_not_the_cycle_are_said() -> None:
    """A hit rate since the first of January is none of the second quarter."""
    year = ("2025-01-01", "2025-12-31")
    text = kpi_text(year, year)
    assert text[-2:] == [
        "periods inside 2 of 3 2 of 3",
        "of the span 2025-01-01 to 2025-12-31 2025-01-01 to 2025-12-31",
    ]


def test_days_of_the_cycle_itself_are_not() -> None:
    text = kpi_text(("2025-01-01", "2025-03-31"), ("2025-04-01", "2025-06-30"))
    assert not any("of the span" in each for each in text)
