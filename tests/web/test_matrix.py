"""The table of rights in short, where the tests of commands and questions do not ask: as api keys.

`make faults` asks everything as everybody.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from okr_es.access.rights import Line
from tests.faults.matrix import World, changed, confidential, decided_by, keys, pages, world, wrong
from tests.support.begun import Begun
from tests.support.company_of_roles import begin_roles

EACH = 7  # of what is asked


@pytest.fixture(scope="module")
def of(begun_on_sqlite: Begun) -> Iterator[World]:
    with begun_on_sqlite.fresh("company of roles", begin_roles) as url, world(url) as found:
        yield found


def test_api_keys_are_answered_as_the_table_says(of: World) -> None:
    tries = list(keys(of))[::EACH]
    assert len(tries) > 300
    assert wrong(tries) == []


def test_the_words_of_confidential_objectives_are_read_as_the_table_says(of: World) -> None:
    tries = list(confidential(of))
    assert len(tries) > 150
    assert {each.expected() for each in tries if each.who == "lead"} == {0, 2}
    assert wrong(tries) == []


@pytest.mark.parametrize(
    ("role", "word"), [("member", "yes"), ("lead", "no"), ("hr", "no"), ("auditor", "yes")]
)
def test_a_wrong_cell_of_who_reads_them_is_found(role: str, word: str, of: World) -> None:
    decided = decided_by(list(confidential(of)), "reviews", role, word)[:3]
    assert wrong(decided) == []
    with changed(Line.REVIEWS, role, word):
        assert len(wrong(decided)) == len(decided) > 0


@pytest.mark.parametrize(
    ("line", "role", "word"),
    [("cycles", "auditor", "yes"), ("readings", "ingest_key", "no"), ("see", "ingest_key", "no"),
     ("audit", "hr", "no"), ("personal", "lead", "yes")],
)  # fmt: skip
def test_a_wrong_cell_is_found_by_api_keys(line: str, role: str, word: str, of: World) -> None:
    decided = decided_by(list(keys(of)), line, role, word)[:3]
    assert wrong(decided) == []
    with changed(Line(line), role, word):
        assert wrong(decided) != []


def test_nobody_is_answered_what_is_not_open_to_all_and_no_page_differs_by_role(of: World) -> None:
    assert wrong(list(pages(of))) == []
