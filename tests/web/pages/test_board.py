"""The board: what stands on it for whom, on which day, and how it is narrowed."""

from __future__ import annotations

import re

import pytest

from tests.support.company_of_roles import HERE, THERE, id_of
from tests.web.pages.conftest import Pages
from tests.web.test_confidential import WORDS

BOARD = "/board/2025-Q3"
OBJECTIVE = re.compile(r'<tr class="objective">\s*<th scope="rowgroup"><a href="[^"]+">([^<]+)</a>')


def titles(page: str) -> list[str]:
    return OBJECTIVE.findall(page)


def test_a_board_shows_the_goals_with_team_owner_value_and_status(pages: Pages) -> None:
    page = pages.browser("member").get(BOARD).text
    assert "member objective" in titles(page)
    row = page.partition("member objective")[2].partition("</tbody>")[0]
    for words in ("Here", "member</a>", "Leads", "no value yet of 10", "not measured"):
        assert words in row


def test_the_address_of_no_cycle_leads_to_the_present_one(pages: Pages) -> None:
    answer = pages.browser("member").get("/board")
    assert (answer.status_code, answer.location) == (303, BOARD)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (f"team={THERE}", {"elsewhere objective", "elsewhere draft"}),
        (f"owner={id_of('hr')}", {"hr objective", "hr draft"}),
        ("text=AUDITOR of", {"auditor of all objective", "auditor of all draft"}),
        ("text=nothing like this", set()),
    ],
)
def test_filters_narrow_it_and_are_kept_when_a_day_is_chosen(
    pages: Pages, filters: str, found: set[str]
) -> None:
    page = pages.browser("member").get(f"{BOARD}?{filters}").text
    shown = {each for each in titles(page) if "confidential" not in each}
    assert shown - {"confidential"} == found
    name, _, value = filters.partition("=")
    assert f'<input type="hidden" name="{name}" value="{value}">' in page


def test_an_empty_field_of_the_form_is_no_filter(pages: Pages) -> None:
    browser = pages.browser("member")
    assert titles(browser.get(f"{BOARD}?team=&owner=&status=&sort=created&text=").text) == titles(
        browser.get(BOARD).text
    )


def test_on_an_earlier_day_it_shows_what_was_known_then_and_says_so(pages: Pages) -> None:
    page = pages.browser("member").get(f"{BOARD}?day=2025-06-01").text
    assert titles(page) == []
    page = pages.browser("member").get(f"{BOARD}?known_at=2025-08-15").text
    assert "As of 15 Aug 2025, as known then." in page
    assert f'<a href="{BOARD}?at=2025-08-15">As known now</a>' in page
    assert f'<a href="{BOARD}">Back to today</a>' in page


@pytest.mark.parametrize("who", ["member", "lead", "hr", "auditor of all", "administrator"])
def test_no_word_of_a_confidential_goal_stands_where_it_is_not_read(pages: Pages, who: str) -> None:
    read = {"lead": {HERE}, "hr": {HERE, THERE}, "auditor of all": {HERE, THERE}}
    for address in (BOARD, f"{BOARD}?at=2025-08-10", "/home"):
        page = pages.browser(who).get(address).text
        for team, word in WORDS.items():
            shown = word in page
            assert not shown or team in read.get(who, set()), (address, word)
    assert any(word in pages.browser("hr").get(BOARD).text for word in WORDS.values())


def test_a_title_is_no_markup(fresh_pages: Pages) -> None:
    from okr_es import commands as c
    from okr_es.context import Context

    evil = "<script>alert(1)</script>"
    rename = c.RetitleObjective(id_of("elsewhere", "draft"), evil)
    fresh_pages.okr.execute(rename, Context(id_of("other"), reason="So it is."))
    page = fresh_pages.browser("member").get(f"{BOARD}?text=alert").text
    assert evil not in page
