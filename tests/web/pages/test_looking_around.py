"""The tree, teams, people, search, requests, a replay, and what is refused in a browser."""

from __future__ import annotations

import pytest

from okr_es import commands as c
from okr_es.context import Context
from okr_es.domain.approval import approval_id
from tests.support.company_of_roles import HERE, THERE, id_of
from tests.web.pages.conftest import Pages, form_of
from tests.web.test_confidential import WORDS

ADDRESSES = (
    "/tree/2025-Q3", "/tree/2025-Q3?since=2025-08-15", "/teams", f"/teams/{HERE}",
    f"/people/{id_of('other')}", "/search?text=objective", "/approvals",
    "/replay/2025-Q3?day=2025-08-15",
)  # fmt: skip
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


def test_the_tree_says_what_moved_since_a_day(fresh_pages: Pages) -> None:
    before = fresh_pages.okr.log.head()
    align = c.RealignObjective(
        id_of("elsewhere", "draft"), aligned_to_objective_id=id_of("member", "objective")
    )
    fresh_pages.okr.execute(align, Context(id_of("other"), reason="It serves this."))
    page = fresh_pages.browser("other").get(f"/tree/2025-Q3?since={before}").text
    assert "1 move since" in page
    branch = page.partition("elsewhere draft</a>")[2].partition("</li>")[0]
    assert "was aligned to nothing" in branch


def test_a_team_shows_its_goals_and_kpis(pages: Pages) -> None:
    page = pages.browser("member").get(f"/teams/{THERE}").text
    for words in ("elsewhere objective", '<a href="/teams/', "Company", "2025-Q3"):
        assert words in page
    assert "member objective" not in page


@pytest.mark.parametrize("who", ["member", "hr", "auditor", "administrator", "lead of all"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_shows_words_that_are_not_for_who_looks(
    pages: Pages, who: str, address: str
) -> None:
    read = {"hr": {HERE, THERE}, "auditor": {HERE}, "lead of all": {HERE, THERE}}
    page = pages.browser(who).get(address)
    assert page.status_code in {200, 403}
    for team, word in WORDS.items():
        assert word not in page.text or team in read.get(who, set()), word


def test_search_finds_words_of_titles_and_names_whatever_their_case(pages: Pages) -> None:
    page = pages.browser("member").get("/search?text=AUDITOR OF ALL").text
    for words in ("auditor of all objective", f"/people/{id_of('auditor of all')}", "KPIs"):
        assert words in page
    assert "Nothing has these words" in pages.browser("member").get("/search?text=zzzz").text
    assert pages.browser("member").get("/search?text=%00").status_code == 422
    assert "Type a word" in pages.browser("member").get("/search").text


def test_a_request_is_approved_once_by_who_may(fresh_pages: Pages) -> None:
    request = approval_id(id_of("other", "plan"))
    address = f"/approvals/{request}"
    lead = fresh_pages.browser("lead of all")
    page = lead.get(address).text
    for words in ("Asked by", "Another", "Approve</button>"):
        assert words in page
    form = form_of(lead, address, deed="approve", reason="It fits.")
    answer = lead.post(f"{address}/decide", data=form)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, address)
    assert fresh_pages.queries.objective(id_of("other", "objective"))["title"] == "Another"
    assert "approved" in lead.get(address).text
    assert lead.post(f"{address}/decide", data=form).status_code == 303


def test_a_refusal_without_a_reason_says_so_and_decides_nothing(fresh_pages: Pages) -> None:
    address = f"/approvals/{approval_id(id_of('other', 'plan'))}"
    lead = fresh_pages.browser("lead of all")
    answer = lead.post(f"{address}/decide", data=form_of(lead, address, deed="refuse", reason=""))
    assert answer.status_code == 422
    assert 'aria-describedby="reason-wrong"' in answer.text
    wrong = lead.post(f"{address}/decide", data=form_of(lead, address, deed="praise"))
    assert wrong.status_code == 422


def test_who_asked_can_only_withdraw(pages: Pages) -> None:
    address = f"/approvals/{approval_id(id_of('other', 'plan'))}"
    page = pages.browser("other").get(address).text
    assert "Withdraw the request" in page
    assert "Approve</button>" not in page


def test_a_replay_shows_a_day_and_leads_to_the_next(pages: Pages) -> None:
    page = pages.browser("member").get("/replay/2025-Q3?day=2025-08-15").text
    for words in (
        "2025-Q3 on 15 Aug 2025",
        "member objective",
        "new goals",
        "The board of this day",
    ):
        assert words in page
    before = pages.browser("member").get("/replay/2025-Q3?day=2025-08-14").text
    assert "There were no goals yet" in before
    assert "/replay/2025-Q3?day=2025-08-15" in before
    for day in ("2025-01-01", "2026-01-01", "someday"):
        assert pages.browser("member").get(f"/replay/2025-Q3?day={day}").status_code == 422


def test_an_address_that_is_not_there_is_a_page_to_a_browser_and_a_problem_to_a_program(
    pages: Pages,
) -> None:
    browser = pages.app.test_client()
    page = browser.get("/nothing/here", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "There is no such page" in page.text
    for path, headers in (("/nothing/here", {}), ("/api/v1/nothing", BROWSER)):
        answer = browser.get(path, headers=headers)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_what_fails_says_so_with_the_number_of_the_request(
    fresh_pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = fresh_pages.browser("member")

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("of the test")

    monkeypatch.setattr(type(fresh_pages.queries), "board", fails)
    page = browser.get("/board/2025-Q3", environ_overrides={"okr_es.request_id": "4711ab"})
    assert (page.status_code, page.mimetype) == (500, "text/html")
    assert "Number of this request: 4711ab" in page.text
    assert "of the test" not in page.text
