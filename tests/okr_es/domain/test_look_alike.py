"""Which texts a reader takes for the same, and which not."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr_es.domain.look_alike import alike_cycles, dates_of_alike, look_alike

texts = st.text(max_size=30)


@pytest.mark.parametrize(
    "other",
    [
        "RENEWAL RATE",
        "  Renewal rate\t",
        "Renewal  rate",
        "Renewal\nrate",
        "Renewal\u00a0rate",
        "Renewal\u202frate",
        "Renewal\u2009rate",
        "Renewal\u2007rate",
        "Renewal\u3000rate",
        "Renewal\u2800rate",
        "Renewal \u00a0 rate",
        "Renewal rate\u200b",
        "\ufeffRenewal rate",
        "Re\u00adnewal rate",
    ],
)
def test_case_and_kinds_of_blanks_make_no_other_text(other: str) -> None:
    assert look_alike(other) == look_alike("Renewal rate")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zürich", "Zu\u0308rich"), ("ÅR", "a\u030ar"), ("Straße", "STRASSE"), ("ΣΑΣ", "σας")],
)
def test_the_way_a_letter_is_composed_makes_no_other_text(one: str, other: str) -> None:
    assert look_alike(one) == look_alike(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("år", "ar"),
        ("Zürich", "Zurich"),
        ("Renewal rate", "Renewalrate"),
        ("Renewal rate", "Renewal-rate"),
        ("Uptime 1", "Uptime 2"),
        ("Cost", "Costs"),
    ],
)
def test_another_letter_sign_or_word_makes_another_text(one: str, other: str) -> None:
    assert look_alike(one) != look_alike(other)


@given(texts)
def test_it_is_the_same_however_often_and_however_composed(text: str) -> None:
    once = look_alike(text)
    assert look_alike(once) == once
    assert look_alike(unicodedata.normalize("NFD", text)) == once
    assert look_alike(f" {text}\u00a0") == once


@pytest.mark.parametrize(
    "other",
    ["2026-q1", "2026Q1", "2026q1", "Q1-2026", "q1_2026", "2026.Q1", "2026--Q1", "2026-Q01"],
)
def test_cycles_look_alike_whatever_stands_between(other: str) -> None:
    assert alike_cycles(other) == alike_cycles("2026-Q1")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-Q1", "2026-Q2"),
        ("2026-Q1", "2027-Q1"),
        ("2026-Q1", "2026-H1"),
        ("2026-Q1", "2026"),
        ("2026-Q1", "2026-Q11"),
        ("2026-1-2", "2026-2-1"),
        ("P1-2", "P2-1"),
        ("spring", "autumn"),
    ],
)
def test_others_do_not(one: str, other: str) -> None:
    assert alike_cycles(one) != alike_cycles(other)


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("2029-Q4", (date(2029, 10, 1), date(2029, 12, 31))),
        ("q4.2029", (date(2029, 10, 1), date(2029, 12, 31))),
        ("2029h1", (date(2029, 1, 1), date(2029, 6, 30))),
        ("2029", (date(2029, 1, 1), date(2029, 12, 31))),
        ("2029-Q5", None),
        ("spring-2029", None),
        ("fiscal-26", None),
        ("17", None),
    ],
)
def test_the_days_a_name_stands_for(name: str, days: tuple[date, date] | None) -> None:
    assert dates_of_alike(name) == days
