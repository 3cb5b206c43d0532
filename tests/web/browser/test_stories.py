"""What a team lead does on the pages, in a browser: with JavaScript and without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.example_pages import ExamplePages, choose
from tests.web.browser.conftest import listened_to

PAST = "2026-01-20"


@pytest.fixture
def at(example: ExamplePages) -> str:
    return example.at


@contextmanager
def tomas(chromium: Browser, at: str, *, scripts: bool) -> Iterator[Page]:
    """A browser in which the lead of Marketing has signed in."""
    context = chromium.new_context(locale="en-GB", java_script_enabled=scripts)
    with listened_to(context) as page:
        choose(page, at, "Tomas Bergholt")
        yield page


with_and_without_scripts = pytest.mark.parametrize("scripts", [True, False], ids=["js", "no-js"])


@with_and_without_scripts
def test_the_board_of_a_past_day_and_back(chromium: Browser, at: str, *, scripts: bool) -> None:
    with tomas(chromium, at, scripts=scripts) as page:
        page.get_by_role("link", name="Board", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Board of 2026-Q1")
        expect(page.get_by_text("As of")).to_have_count(0)
        page.get_by_label("Show the day").fill(PAST)
        page.get_by_role("button", name="Show", exact=True).first.click()
        expect(page.get_by_text("As of 20 Jan 2026, as known then.")).to_be_visible()
        page.get_by_role("link", name="As known now").click()
        expect(page.get_by_text("As of 20 Jan 2026, as known now.")).to_be_visible()
        page.get_by_role("link", name="Back to today").click()
        expect(page.get_by_role("link", name="Back to today")).to_have_count(0)
        page.wait_for_url(f"{at}/board/2026-Q1")


@with_and_without_scripts
def test_a_check_in_keeps_what_was_typed_until_it_is_right(
    chromium: Browser, at: str, *, scripts: bool
) -> None:
    with tomas(chromium, at, scripts=scripts) as page:
        page.goto(f"{at}/board/2026-Q1")
        page.get_by_role("link", name="40 pages in French").click()
        page.goto(f"{page.url}/check-in")
        page.get_by_label("Value").fill("much")
        page.get_by_label("Comment").fill("Kept as <typed>.")
        page.get_by_role("button", name="Check in").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was recorded.")
        expect(page.get_by_label("Value")).to_have_value("much")
        expect(page.get_by_label("Comment")).to_have_value("Kept as <typed>.")
        page.get_by_label("Value").fill("7")
        page.get_by_role("button", name="Check in").click()
        expect(page.get_by_text("Recorded.", exact=True)).to_be_visible()
        expect(page.get_by_text("Kept as <typed>.").first).to_be_visible()


@with_and_without_scripts
def test_a_week_is_saved_on_one_page(chromium: Browser, at: str, *, scripts: bool) -> None:
    with tomas(chromium, at, scripts=scripts) as page:
        page.get_by_role("link", name="Check-ins", exact=True).click()
        if scripts:
            page.get_by_label("Value of 5,000 visitors a month from France").fill("8")
        else:
            zones = page.get_by_label("Zone of What the French trade press says of us")
            zones.select_option("it names us")
        page.get_by_role("button", name="Save all").click()
        expect(page.get_by_role("status")).to_contain_text("1 recorded")
        expect(page.get_by_text("recorded now")).to_have_count(1)


@with_and_without_scripts
def test_a_language_and_colours_hold(chromium: Browser, at: str, *, scripts: bool) -> None:
    with tomas(chromium, at, scripts=scripts) as page:
        page.locator("summary", has_text="Tomas").click()
        page.get_by_role("button", name="Dark").click()
        page.locator("summary", has_text="Tomas").click()
        page.get_by_role("button", name="Svenska").click()
        page.goto(f"{at}/board")
        whole = page.locator("html")
        expect(whole).to_have_attribute("lang", "sv")
        expect(whole).to_have_attribute("data-bs-theme", "dark")
        page.locator("summary", has_text="Tomas").click()
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
