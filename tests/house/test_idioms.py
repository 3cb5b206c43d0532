"""Docstrings and comments are plain English, and every planted idiom is found."""

from pathlib import Path

import pytest

from tests.house import catalogue
from tests.house.idioms import IDIOMS, idioms, idioms_in

HEALTHY = '''"""A cache of boards."""

TELLER = "Whoever asks is told"  # a string is no prose of ours


class Board:
    """What changes: goals and their scores."""

    # Loaded by one statement.
    def load(self):
        """Return the goals."""
'''

# What stands in the healthy module, what is put in its place, and what must be found.
PLANTED = [
    ("A cache of", "Whoever asks for", "okr_es.log.board:1 has an idiom: whoever"),
    ("What changes", "What hangs together", "okr_es.log.board:7 has an idiom: hangs"),
    (
        "Return the goals.",
        "The caller\n        is told.",
        "okr_es.log.board:11 has an idiom: is told",
    ),
    ("Loaded by", "Built anew by", "okr_es.log.board:9 has an idiom: anew"),
    ("Loaded by", "Shown as it\n    # stood by", "okr_es.log.board:9 has an idiom: as it stood"),
    ("a string", "the door", "okr_es.log.board:3 has an idiom: the door"),
]


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """A module without idioms, in a project of its own."""
    path = tmp_path / "okr_es/log/board.py"
    path.parent.mkdir(parents=True)
    path.write_text(HEALTHY)
    return path


def test_the_real_tree_has_no_idioms() -> None:
    assert idioms(catalogue.ROOT) == []


def test_a_tree_in_plain_english_keeps_the_rule(board: Path) -> None:
    assert idioms(board.parents[2]) == []


@pytest.mark.parametrize(("plain", "idiom", "sentence"), PLANTED)
def test_a_planted_idiom_is_found(plain: str, idiom: str, sentence: str, board: Path) -> None:
    assert plain in HEALTHY
    board.write_text(HEALTHY.replace(plain, idiom))
    (found,) = idioms(board.parents[2])
    assert sentence in found


def test_a_tree_without_prose_says_so(board: Path) -> None:
    board.write_text("WORDS = 1\n")
    assert idioms(board.parents[2]) == [
        "There are neither docstrings nor comments: nothing to check."
    ]


@pytest.mark.parametrize("idiom", IDIOMS)
def test_every_idiom_is_found_in_any_case_and_only_as_a_word(idiom: str) -> None:
    assert idiom in idioms_in(f"So {idiom.upper()}, again.")
    assert idioms_in(f"x{idiom}x") == []
