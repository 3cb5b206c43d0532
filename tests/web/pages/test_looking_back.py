"""Comparing cycles and reviewing one: what stands on the pages, for whom, and as a workbook."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.support.company_of_roles import HERE, id_of
from tests.web.pages.conftest import Pages
from tests.web.test_confidential import WORDS
from web.pages.compare import FIGURES, line

BOTH = "/compare?cycle=2025-Q3&cycle=2025-Q4"


def test_who_may_read_reviews_sees_scores_side_by_side(pages: Pages) -> None:
    page = pages.browser("lead of all").get(BOTH).text
    for words in (
        "2025-Q3 · 2025-Q4",
        "Scores",
        "Here",
        "There",
        "KPIs",
        "Goals, those",
    ):
        assert words in page
    for figure in FIGURES:
        assert f'<th scope="row">{figure.words}</th>' in page


def test_who_reads_no_reviews_sees_own_scores_and_which_goals_differ(pages: Pages) -> None:
    page = pages.browser("administrator").get(BOTH).text
    assert "not in the other cycle" in page
    scores = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert re.findall(r'<a href="/([a-z]+)/', scores) == ["people"]
    assert f"/people/{id_of('administrator')}" in scores


def test_without_a_choice_the_shortest_cycles_that_ended_last_are_compared(pages: Pages) -> None:
    page = pages.browser("lead of all").get("/compare").text
    assert "2025-Q3 · 2025-Q4" in page
    assert pages.browser("lead of all").get("/compare?cycle=nothing").status_code in {404, 422}


@pytest.mark.parametrize("address", [f"{BOTH}&format=xlsx", "/review/2025-Q3?format=xlsx"])
def test_it_comes_as_a_workbook_whose_texts_are_no_formulas(pages: Pages, address: str) -> None:
    answer = pages.browser("lead of all").get(address)
    assert answer.status_code == 200
    assert ".xlsx" in answer.headers["Content-Disposition"]
    with ZipFile(BytesIO(answer.data)) as book:
        assert all(b"<f>" not in book.read(name) for name in book.namelist())


def test_a_review_says_what_was_promised_and_what_came_of_it(pages: Pages) -> None:
    page = pages.browser("lead").get(f"/review/2025-Q3?team={HERE}").text
    for words in ("Review of 2025-Q3", "member objective", "Changed on the way", "People"):
        assert words in page
    assert pages.browser("lead").get("/review").status_code == 303


def test_a_review_is_refused_to_whom_it_is_not_for_and_is_a_recorded_read(
    fresh_pages: Pages,
) -> None:
    administrator = fresh_pages.browser("administrator")
    address = f"/review/2025-Q3?person_id={id_of('member')}"
    assert administrator.get(address).status_code == 403
    assert fresh_pages.browser("hr").get(address).status_code == 200
    reads = [*fresh_pages.okr.access_log.search(what="review")]
    assert [each.by for each in reads] == [id_of("hr")]


@pytest.mark.parametrize("who", ["member", "auditor", "administrator"])
def test_no_page_of_looking_back_shows_confidential_words(pages: Pages, who: str) -> None:
    for address in (BOTH, "/review/2025-Q3", f"/review/2025-Q3?team={HERE}"):
        page = pages.browser(who).get(address)
        assert page.status_code in {200, 403}
        for team, word in WORDS.items():
            assert word not in page.text or (who == "auditor" and team == HERE), address


def test_a_small_line_leaves_out_what_is_not_there() -> None:
    assert line([None, "0.5", "1.1"]) == [(45.0, 11.8), (85.0, 2.0)]
    assert line([]) == []
