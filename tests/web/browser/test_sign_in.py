"""A whole sign-in in a browser: to the provider, back, and out again."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser.conftest import Place, found_chromium
from tests.web.conftest import ADA, BO

SHOTS = os.environ.get("TEST_SHOTS")  # a folder, for who wants to look


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def sessions(page: Page, place: Place) -> tuple[int, Any]:
    """The answer to the browser's own question who is signed in."""
    answer = page.request.get(f"{place.at}/api/v1/sessions")
    return answer.status, answer.json()


def test_somebody_signs_in_at_a_provider_and_out_again(page: Page, place: Place) -> None:
    page.goto(f"{place.at}/sign-in?next=/api/v1/sessions")
    shot(page, "choose")
    page.get_by_role("link", name="Sign in with Mock").click()
    expect(page.get_by_text("Authorize Client")).to_be_visible()
    page.get_by_role("button", name="ada").click()
    page.wait_for_url(f"{place.at}/api/v1/sessions")
    assert json.loads(page.locator("body").inner_text())["person_id"] == ADA

    cookies = {each["name"]: each for each in page.context.cookies(place.at)}
    (name,) = cookies
    assert name.startswith("okr-es-session-")
    assert (cookies[name]["httpOnly"], cookies[name]["sameSite"]) == (True, "Lax")

    page.goto(f"{place.at}/sign-out")
    shot(page, "leaving")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    shot(page, "signed-out")
    assert sessions(page, place)[0] == 401
    page.get_by_role("link", name="Sign out of Mock as well").click()
    page.get_by_role("button", name="End session").click()
    page.wait_for_url(f"{place.at}/sign-in")


def test_who_opens_the_server_signs_in_and_is_shown_where_to_go(page: Page, place: Place) -> None:
    page.goto(f"{place.at}/")
    page.get_by_role("link", name="Sign in with Mock").click()
    page.get_by_role("button", name="ada").click()
    page.wait_for_url(f"{place.at}/home")
    expect(page.get_by_role("heading", name="Hello Ada")).to_be_visible()
    page.goto(f"{place.at}/me")
    expect(page.get_by_text("You are signed in as Ada.")).to_be_visible()
    expect(page.get_by_text("member: sees goals, KPIs and boards")).to_be_visible()
    shot(page, "me")
    page.reload()
    for name, words in (("Your sessions", '"csrf_token"'), ("Sign out", "Do you want to")):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_text(words)).to_be_visible()
        page.go_back()
    page.get_by_role("link", name="The API").click()
    page.wait_for_url(f"{place.at}/api/v1/docs/")


def test_who_is_invited_connects_an_account(page: Page, place: Place) -> None:
    page.goto(place.run("people", "invite", BO))
    expect(page.get_by_text("Sign in to okr-es as Bo?")).to_be_visible()
    shot(page, "invited")
    page.get_by_role("link", name="Sign in with Mock, and connect the account").click()
    page.get_by_role("button", name="bo", exact=True).click()
    expect(page.get_by_role("heading", name="Hello Bo")).to_be_visible()
    shot(page, "signed-in")
    assert sessions(page, place)[1]["person_id"] == BO
    assert place.run("people", "accounts", BO).startswith("bo  at http://127.0.0.1:")


def test_who_was_refused_at_the_provider_is_told_in_plain_words(page: Page, place: Place) -> None:
    page.goto(f"{place.at}/sign-in")
    page.get_by_role("link", name="Sign in with Mock").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("You are not signed in.")).to_be_visible()
    shot(page, "refused")
    assert sessions(page, place)[0] == 401


def test_a_link_signs_in_by_its_button_in_swedish(swedish: Page, place: Place) -> None:
    swedish.goto(place.run("people", "sign-in-link", BO))
    shot(swedish, "swedish")
    swedish.get_by_role("button", name="Logga in").click()
    expect(swedish.get_by_role("heading", name="Hej Bo")).to_be_visible()
    assert sessions(swedish, place)[1]["person_id"] == BO


def test_without_a_browser_these_tests_are_skipped_but_not_in_ci(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception):
        found_chromium()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(AssertionError, match="There is no chromium"):
        found_chromium()
