"""The frame of all pages: who may come in, language, colours, places, and what is refused."""

from __future__ import annotations

import re

import pytest

from tests.web.pages.conftest import Pages, token_of
from web.pages.frame import assets
from web.pages.html import PAGE_POLICY


def places(page: str) -> list[str]:
    nav = page.partition("<nav")[2].partition("</nav>")[0]
    return re.findall(r">([^<>]+)</a>", nav)


def test_who_is_nobody_is_led_to_where_they_come_in_and_back(pages: Pages) -> None:
    stranger = pages.app.test_client()
    answer = stranger.get("/board/2025-Q3?status=at_risk")
    assert answer.status_code == 303
    assert answer.location == "/choose?next=%2Fboard%2F2025-Q3%3Fstatus%3Dat_risk"


def test_a_page_brings_nothing_from_elsewhere_and_runs_no_script_of_its_own(pages: Pages) -> None:
    answer = pages.browser("member").get("/home")
    assert answer.headers["Content-Security-Policy"] == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?! src=\"/static/)", answer.text)
    assert not re.search(r'(src|href|action)="(?!/|#)', answer.text)


def test_files_are_kept_for_ever_under_an_address_that_changes_with_them(pages: Pages) -> None:
    browser = pages.app.test_client()
    for name in assets.FILES:
        answer = browser.get(assets.address(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert browser.get("/static/000000000000/okr.css").status_code == 404
    assert b"sourceMappingURL" not in browser.get(assets.address("bootstrap.css")).data


@pytest.mark.parametrize(
    ("who", "theirs"),
    [("member", set()), ("hr", {"Review", "Audit", "Settings"}), ("auditor", {"Review", "Audit"}),
     ("administrator", {"Audit", "Settings"})],
)  # fmt: skip
def test_the_places_are_those_that_somebody_can_use(
    pages: Pages, who: str, theirs: set[str]
) -> None:
    found = set(places(pages.browser(who).get("/home").text))
    assert found & {"Review", "Audit", "Settings"} == theirs
    assert {"Home", "Board"} <= found


def test_the_language_that_somebody_chose_holds_whatever_the_browser_prefers(
    fresh_pages: Pages,
) -> None:
    browser = fresh_pages.browser("member")
    page = browser.get("/home").text
    assert '<html lang="en">' in page
    answer = browser.post(
        "/display",
        data={"csrf_token": token_of(page), "language": "sv", "next": "/board/2025-Q3?sort=title"},
    )
    assert (answer.status_code, answer.location) == (303, "/board/2025-Q3?sort=title")
    assert '<html lang="sv">' in fresh_pages.browser("member", "en").get("/home").text
    assert '<html lang="en">' in fresh_pages.browser("lead", "en").get("/home").text


def test_what_is_chosen_is_refused_without_the_token_of_the_session(fresh_pages: Pages) -> None:
    browser = fresh_pages.browser("member")
    for token in ({}, {"csrf_token": "0" * 64}):
        answer = browser.post("/display", data={"language": "sv", **token})
        assert answer.status_code == 403
    assert '<html lang="en">' in browser.get("/home").text


def test_nobody_is_led_elsewhere_by_a_form(fresh_pages: Pages) -> None:
    browser = fresh_pages.browser("member")
    token = token_of(browser.get("/home").text)
    for elsewhere in ("//evil.example", "https://evil.example/", "/\\evil.example"):
        sent = {"csrf_token": token, "theme": "dark", "next": elsewhere}
        assert browser.post("/display", data=sent).location == "/home"


def test_colours_are_kept_with_the_browser(fresh_pages: Pages) -> None:
    browser = fresh_pages.browser("member")
    page = browser.get("/home").text
    assert "data-bs-theme" not in page
    browser.post("/display", data={"csrf_token": token_of(page), "theme": "dark"})
    assert 'data-bs-theme="dark"' in browser.get("/home").text
    browser.post("/display", data={"csrf_token": token_of(page), "theme": ""})
    assert "data-bs-theme" not in browser.get("/home").text


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/board/nothing", 404, "There is no such page"),
        ("/key-results/6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2f01", 404, "There is no such page"),
        ("/key-results/no-id", 404, "There is no such page"),
        ("/board/2025-Q3?status=best", 422, "This cannot be shown"),
        ("/board/2025-Q3?known_at=someday", 422, "This cannot be shown"),
        ("/go?to=elsewhere&cycle=2025-Q3", 422, "This cannot be shown"),
    ],
)
def test_what_cannot_be_shown_is_said_on_a_page(
    pages: Pages, address: str, status: int, words: str
) -> None:
    answer = pages.browser("member").get(address)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert f"<h1>{words}</h1>" in answer.text
