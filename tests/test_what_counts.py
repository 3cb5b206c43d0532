"""The table of what counts names, beside each rule, a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "docs" / "explanation" / "what-counts.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(?:\w+::)?(\w+)`")


def named_tests() -> list[tuple[str, str]]:
    """The file and the function of every test the table names."""
    return NAMED.findall(TABLE.read_text())


def test_every_cell_about_tests_names_tests_and_nothing_else() -> None:
    rows = [line for line in TABLE.read_text().splitlines() if line.startswith("| ")]
    cells = [row.strip("| ").rpartition("|")[2].strip() for row in rows]
    wrong = [cell for cell in cells if "tests" in cell and NAMED.sub("", cell).strip(" ,")]

    assert rows
    assert wrong == []


@pytest.mark.parametrize(
    ("file", "function"), named_tests() or [("tests/test_what_counts.py", "named_tests")]
)
def test_a_test_that_the_table_names_exists(file: str, function: str) -> None:
    assert re.search(rf"^ *def {function}\(", (ROOT / file).read_text(), re.MULTILINE)
