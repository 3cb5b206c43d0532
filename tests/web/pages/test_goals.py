"""The pages of goals: what stands on them for whom and when, and the forms that change goals."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from okr_es import commands as c
from okr_es.context import Context
from tests.support.company_of_roles import HERE, THERE, id_of
from tests.web.pages.conftest import Pages, form_of
from tests.web.test_confidential import WORDS
from web.pages.frame import charts, drawings

OBJECTIVE, KEY_RESULT = id_of("member", "objective"), id_of("member", "key result")
GOAL, RESULT = f"/objectives/{OBJECTIVE}", f"/key-results/{KEY_RESULT}"


def send(pages: Pages, address: str, who: str = "member", **typed: str) -> TestResponse:
    browser = pages.browser(who)
    return browser.post(address, data=form_of(browser, address, **typed))


def head(pages: Pages) -> int:
    return pages.okr.log.head()


def actions(page: str) -> set[str]:
    return set(re.findall(r'href="/(?:objectives|key-results)/[0-9a-f-]{36}/([a-z-]+)"', page))


def test_a_goal_tells_its_story_in_the_language_of_who_reads(pages: Pages) -> None:
    english = pages.browser("member").get(GOAL).text
    swedish = pages.browser("member", "sv").get(GOAL).text
    assert "drafted the objective “member objective”" in english
    assert "skrev ett utkast till målet ”member objective”" in swedish


def test_the_story_of_an_earlier_day_ends_on_it(pages: Pages) -> None:
    day = "2025-08-10"
    page = pages.browser("member").get(f"{GOAL}?known_at={day}")
    if page.status_code == 200:
        days = re.findall(r'<ol class="story".*?</ol>', page.text, re.S)
        assert all(
            each <= day for each in re.findall(r'datetime="(\d{4}-\d\d-\d\d)', "".join(days))
        )
        assert actions(page.text) <= {"explanation"}


@pytest.mark.parametrize(
    ("who", "theirs"),
    [("member", {"retitle", "re-align"}), ("lead", {"retitle", "hand-over"}), ("other", set()),
     ("auditor", set()), ("hr", set())],
)  # fmt: skip
def test_who_may_do_something_has_a_button_for_it(pages: Pages, who: str, theirs: set[str]) -> None:
    found = actions(pages.browser(who).get(GOAL).text) - {"explanation"}
    assert theirs <= found
    assert bool(theirs) == bool(found)


@pytest.mark.parametrize("who", ["member", "hr", "administrator"])
def test_no_page_shows_a_word_of_a_goal_that_is_confidential(pages: Pages, who: str) -> None:
    read = {"hr": {HERE, THERE}}
    browser = pages.browser(who)
    board = browser.get("/board/2025-Q3").text
    for address in re.findall(r'href="(/(?:objectives|key-results)/[0-9a-f-]{36})"', board):
        page = browser.get(address)
        assert page.status_code == 200, address
        for team, word in WORDS.items():
            assert word not in page.text or team in read.get(who, set()), (address, word)


def test_a_form_changes_a_goal_once_and_leads_back(fresh_pages: Pages) -> None:
    browser = fresh_pages.browser("member")
    form = form_of(browser, f"{RESULT}/cadence", cadence="monthly", comment="Often enough.")
    first = browser.post(f"{RESULT}/cadence", data=form)
    after = head(fresh_pages)
    assert browser.post(f"{RESULT}/cadence", data=form).location == first.location
    assert (first.status_code, head(fresh_pages)) == (303, after)
    page = browser.get(first.location).text
    assert "Recorded." in page
    assert "Often enough." in page
    assert fresh_pages.queries.key_result(KEY_RESULT)["cadence"] == "monthly"


def test_what_waits_for_approval_says_so(fresh_pages: Pages) -> None:
    answer = send(fresh_pages, f"{RESULT}/retarget", reason="Left.", **{"measure.target": "12"})
    page = fresh_pages.browser("member").get(answer.location).text
    assert "It waits for approval by somebody else." in page
    assert "<h2>Waits for approval</h2>" in page


def test_what_cannot_be_recorded_keeps_what_was_typed(fresh_pages: Pages) -> None:
    before = head(fresh_pages)
    answer = send(fresh_pages, f"{RESULT}/retarget", **{"measure.target": "many <b>"})
    assert answer.status_code == 422
    assert 'value="many &lt;b&gt;"' in answer.text
    assert 'aria-describedby="measure.target-wrong"' in answer.text
    assert head(fresh_pages) == before


def test_what_was_changed_meanwhile_stands_beside_what_was_typed(fresh_pages: Pages) -> None:
    browser = fresh_pages.browser("member")
    form = form_of(browser, f"{GOAL}/describe", description="mine")
    theirs = c.DescribeObjective(OBJECTIVE, "theirs")
    fresh_pages.okr.execute(theirs, Context(id_of("lead")))
    before = head(fresh_pages)
    answer = browser.post(f"{GOAL}/describe", data=form)
    assert answer.status_code == 409
    assert ">mine</textarea>" in answer.text
    assert "<dd>theirs</dd>" in answer.text
    assert head(fresh_pages) == before


def test_what_cannot_be_undone_says_first_what_would_be_recorded(fresh_pages: Pages) -> None:
    before = head(fresh_pages)
    page = fresh_pages.browser("member").get(f"{RESULT}/drop").text
    assert "What would be recorded" in page
    assert re.search(r"<li>(dropped|request for approval)\b", page)
    assert head(fresh_pages) == before
    assert send(fresh_pages, f"{RESULT}/drop", reason="Not needed.").status_code == 303
    assert head(fresh_pages) > before


def test_who_may_not_do_it_is_refused_and_nothing_is_recorded(fresh_pages: Pages) -> None:
    before = head(fresh_pages)
    answer = send(fresh_pages, f"{GOAL}/retitle", "auditor", title="other", reason="So.")
    assert answer.status_code == 403
    assert head(fresh_pages) == before


def test_a_reading_is_corrected_and_both_values_can_be_seen(fresh_pages: Pages) -> None:
    send(fresh_pages, f"{RESULT}/check-in", value="3")
    reading = fresh_pages.queries.readings(KEY_RESULT)["readings"][0]["id"]
    answer = send(fresh_pages, f"/readings/{reading}/correct", "lead", value="4", reason="Typo.")
    assert answer.status_code == 303
    assert answer.location.startswith(f"{RESULT}?done=")
    page = fresh_pages.browser("member").get(RESULT).text
    assert "corrected" in page
    assert "Typo." in page


def test_a_second_view_of_a_chart_draws_nothing(
    fresh_pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(fresh_pages, f"{RESULT}/check-in", value="3")
    calls = list[str]()
    draw = charts.draw
    monkeypatch.setattr(charts, "draw", lambda *given: calls.append(given[0]) or draw(*given))
    charts.drawn.cache_clear()
    browser = fresh_pages.browser("member")
    first = browser.get(RESULT).text
    drawn = len(calls)
    assert drawn > 0
    assert '<svg class="chart" role="img"' in first
    again = browser.get(RESULT).text
    other = fresh_pages.browser("lead").get(RESULT).text
    assert (len(calls), "<svg class=\"chart\"" in again, "<svg class=\"chart\"" in other) == (
        drawn, True, True,
    )  # fmt: skip
    assert not re.search(r"\sstyle=|<style", first)


def test_a_sparkline_is_short_however_many_values_it_has() -> None:
    values = [(number / 999, number / 500) for number in range(1000)]
    line = drawings.spark(values, (0, 1))
    assert len(line.encode()) <= 400
    assert drawings.spark([], (0, 1)) == ""
    last = re.findall(r'points="[^"]* ([0-9]+,[0-9]+)"', line)
    assert last == [",".join(re.findall(r'c[xy]="([0-9]+)"', line))]


def test_the_board_has_a_line_for_each_key_result_with_readings(fresh_pages: Pages) -> None:
    before = fresh_pages.browser("member").get("/board/2025-Q3").text.count('class="spark"')
    send(fresh_pages, f"{RESULT}/check-in", value="3")
    page = fresh_pages.browser("member").get("/board/2025-Q3").text
    assert page.count('class="spark"') == before + 1


def test_a_change_of_score_is_explained_by_its_parts(fresh_pages: Pages) -> None:
    send(fresh_pages, f"{RESULT}/check-in", value="3")
    page = fresh_pages.browser("member").get(f"{GOAL}/explanation").text
    assert "Why the score changed" in page
    assert "Nothing moved the score" in page or "Together" in page


def test_kpis_are_listed_filtered_and_shown(pages: Pages) -> None:
    browser = pages.browser("member")
    page = browser.get("/kpis").text
    for address in re.findall(r'href="(/kpis/[0-9a-f-]{36})"', page):
        assert browser.get(address).status_code == 200
    assert "No KPI meets these filters." in browser.get("/kpis?text=nothing+like+this").text
