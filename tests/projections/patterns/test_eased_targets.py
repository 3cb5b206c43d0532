"""Whether a change makes a target easier: by its direction, and by how much."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.patterns.eased_targets import exactly
from projections.retrospect.eased import Eased, eased_measure, eased_target, metric
from tests.support.fraction_formulas import metric_progress


def a_metric(baseline: str, target: str) -> dict[str, Any]:
    return {"kind": "metric", "baseline": baseline, "target": target}


def to_keep(direction: str, *bounds: str | None, baseline: str | None = None) -> dict[str, Any]:
    """At least or at most a target, or within a minimum and a maximum."""
    target, minimum, maximum = bounds if len(bounds) == 3 else (*bounds, None, None)
    return {
        "kind": "metric", "direction": direction, "baseline": baseline, "target": target,
        "minimum": minimum, "maximum": maximum,
    }  # fmt: skip


def a_milestone(steps: str | None) -> dict[str, Any]:
    return {"kind": "milestone", "steps": steps}


def an_ordinal(commit: str) -> dict[str, Any]:
    zones = f'{{"commit":"{commit}","stretch":"loved","target":"liked"}}'
    return {"kind": "ordinal", "zones": zones}


def a_target(
    target: str | None = None, minimum: str | None = None, maximum: str | None = None
) -> dict[str, Any]:
    return {"target": target, "minimum": minimum, "maximum": maximum}


@pytest.mark.parametrize(
    ("before", "after", "amount", "share"),
    [
        (a_metric("0", "100"), a_metric("0", "80"), "20", "1/5"),
        (a_metric("50", "100"), a_metric("50", "99.9"), "0.1", "1/500"),
        (a_metric("10", "2"), a_metric("10", "4"), "2", "1/4"),
        (a_metric("-10", "-20"), a_metric("-10", "-15"), "5", "1/2"),
        (a_metric("0", "100"), a_metric("-100", "100"), None, "1/2"),
        (a_metric("10", "2"), a_metric("14", "2"), None, "1/3"),
        (a_metric("0", "100"), a_metric("-100", "110"), None, "10/21"),
        (a_metric("0", "100"), a_metric("0", "-5"), "105", "21/20"),
        (a_metric("10", "2"), a_metric("1", "2"), None, None),
        (to_keep("at_least", "85"), to_keep("at_least", "80"), "5", None),
        (
            to_keep("at_least", "85", baseline="60"),
            to_keep("at_least", "80", baseline="60"),
            "5",
            "1/5",
        ),
        (to_keep("at_most", "2"), to_keep("at_most", "2.5"), "0.5", None),
        (to_keep("within", None, "2", "4"), to_keep("within", None, "1", "5"), "2", None),
        (
            to_keep("at_least", "85", baseline="80"),
            to_keep("at_least", "85", baseline="60"),
            None,
            None,
        ),
        (to_keep("at_most", "2"), to_keep("at_most", "2", baseline="9"), None, None),
        (a_metric("0", "85"), to_keep("at_least", "85"), None, None),
        (to_keep("at_least", "85"), a_metric("0", "85"), None, None),
        (to_keep("at_least", "85"), to_keep("at_most", "85"), None, None),
        (a_milestone('["a","b","c","d"]'), a_milestone('["a","b","x"]'), "1", "1/4"),
        (a_milestone('["a","b"]'), a_milestone(None), "1", "1/2"),
        (an_ordinal("known"), an_ordinal("heard of"), None, None),
        (a_metric("0", "100"), a_milestone(None), None, None),
    ],
)
def test_it_was_made_easier(
    before: dict[str, Any], after: dict[str, Any], amount: str | None, share: str | None
) -> None:
    wanted = (None if each is None else Fraction(each) for each in (amount, share))
    assert eased_measure(before, after) == Eased(*wanted)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (a_metric("0", "100"), a_metric("0", "120")),
        (to_keep("at_least", "85"), to_keep("at_least", "86")),
        (to_keep("at_least", "85"), to_keep("at_least", "85.0")),
        (
            to_keep("at_least", "85", baseline="60"),
            to_keep("at_least", "85", baseline="70"),
        ),
        (
            to_keep("at_least", "85", baseline="90"),
            to_keep("at_least", "85", baseline="99"),
        ),
        (to_keep("within", None, "2", "4"), to_keep("within", None, "2.5", "4")),
        (a_metric("0", "100"), a_metric("0", "100.0")),
        (a_metric("10", "2"), a_metric("10", "1")),
        (a_metric("0", "100"), a_metric("20", "100")),
        (a_metric("0", "100"), a_metric("20", "150")),
        (a_metric("5", "5"), a_metric("5", "4")),
        (a_metric("5", "6"), a_metric("5", "5")),
        (a_milestone('["a"]'), a_milestone('["a","b"]')),
        (a_milestone(None), a_milestone('["a"]')),
        (a_milestone('["a","b"]'), a_milestone('["c","d"]')),
        (an_ordinal("known"), an_ordinal("known")),
    ],
)
def test_it_was_not(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert eased_measure(before, after) is None


@pytest.mark.parametrize(
    ("direction", "before", "after", "amount", "share"),
    [
        ("increase", a_target("80"), a_target("70"), "10", "1/8"),
        ("at_least", a_target("80"), a_target("79.5"), "0.5", "1/160"),
        ("decrease", a_target("2"), a_target("3"), "1", "1/2"),
        ("at_most", a_target("2"), a_target("2.5"), "0.5", "1/4"),
        ("within", a_target(None, "2", "4"), a_target(None, "1", "4"), "1", None),
        ("within", a_target(None, "2", "4"), a_target(None, "2", "4.5"), "0.5", None),
        ("within", a_target(None, "2", "4"), a_target(None, "1", "6"), "3", None),
        ("within", a_target(None, "2", "4"), a_target(None, "3", "6"), "2", None),
    ],
)
def test_a_target_of_a_kpi_was_made_easier(
    direction: str, before: dict[str, Any], after: dict[str, Any], amount: str, share: str | None
) -> None:
    wanted = Eased(Fraction(amount), None if share is None else Fraction(share))
    assert eased_target(direction, "0", before, after) == wanted
    assert eased_target(direction, None, before, after) == Eased(Fraction(amount), None)


@pytest.mark.parametrize(
    ("direction", "before", "after"),
    [
        ("increase", a_target("80"), a_target("81")),
        ("at_least", a_target("80"), a_target("80.0")),
        ("decrease", a_target("2"), a_target("1")),
        ("at_most", a_target("2"), a_target("1.9")),
        ("within", a_target(None, "2", "4"), a_target(None, "2.5", "3")),
        ("within", a_target(None, "2", "4"), a_target("3")),
        ("increase", a_target(None, "2", "4"), a_target("3")),
    ],
)
def test_a_target_of_a_kpi_was_not(
    direction: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert eased_target(direction, "0", before, after) is None


numbers = st.decimals(-20, 20, places=2).map(str)


@given(numbers, numbers, numbers, numbers)
def test_easier_is_what_counts_for_more_somewhere_on_the_old_way(
    b0: str, t0: str, b1: str, t1: str
) -> None:
    """Judged by the arithmetic of scores: at the ends of the old way, where lines differ most."""
    if b0 == t0 or b1 == t1 or Decimal(b0) == Decimal(t0) or Decimal(b1) == Decimal(t1):
        return
    old, new = (Decimal(b0), Decimal(t0)), (Decimal(b1), Decimal(t1))
    turned = (old[1] > old[0]) != (new[1] > new[0])
    gains = any(metric_progress(*new, at) > metric_progress(*old, at) for at in old)
    found = metric(a_metric(b0, t0), a_metric(b1, t1))
    assert (found is not None) == (gains or turned)


@pytest.mark.parametrize("digits", ["0.1", "123456789012345678901234.000000000000000001", "0", "7"])
def test_an_amount_is_exact(digits: str) -> None:
    assert exactly(Fraction(digits)) == digits
