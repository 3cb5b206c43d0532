"""Texts as a search compares them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.read_model.folding import TITLE_CHARACTERS, folded, title_key, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ålesund  WINS", "alesund wins"), ("A\u030alesund", "alesund"), ("STRASSE", "strasse"),
        ("Straße", "strasse"), ("ﬁsh & Łódź", "fish & lodz"), ("Ærø", "aero"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"), ("İstanbul \u0131s\u0131", "istanbul isi"),
        ("100 %_\\", "100 %_\\"), (" \t\n", ""),
    ],
)  # fmt: skip
def test_case_accents_and_composition_do_not_count(text: str, found: str) -> None:
    assert folded(text) == found


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(), st.sampled_from(["NFC", "NFD"]))
def test_how_letters_are_composed_does_not_count(text: str, form: str) -> None:
    assert folded(unicodedata.normalize(form, text)) == folded(text)


def test_title_and_description_are_lines_of_their_own() -> None:
    assert words("Win", None) == "win"
    assert words("Win", "A\nmarket") == "win\na market"
    assert len(title_key("ﷺ" * 200)) == TITLE_CHARACTERS
