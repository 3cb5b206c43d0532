"""No page breaks a rule of accessibility that axe knows, in either language and in either theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.support.example_pages import ExamplePages, choose
from tests.web.browser.conftest import listened_to

CORE = ("home", "board-id", "check-ins", "tree-id", "objectives-id")
RULES = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
CORE_VARIANTS = [("en-GB", "light"), ("sv-SE", "dark")]
OTHER_VARIANTS = [("en-GB", "dark"), ("sv-SE", "light")]


def broken_rules(page: Page) -> list[str]:
    """The rules that a page breaks, with where."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.fixture(params=[*CORE_VARIANTS], ids="-".join)
def mara(
    chromium: Browser, example: ExamplePages, request: pytest.FixtureRequest
) -> Iterator[Page]:
    yield from signed_in(chromium, example, *request.param)


@pytest.fixture(params=[*CORE_VARIANTS, *OTHER_VARIANTS], ids="-".join)
def variant(
    chromium: Browser, example: ExamplePages, request: pytest.FixtureRequest
) -> Iterator[Page]:
    yield from signed_in(chromium, example, *request.param)


def signed_in(chromium: Browser, example: ExamplePages, locale: str, theme: str) -> Iterator[Page]:
    """A browser of who may see most, with a language and a theme."""
    context = chromium.new_context(
        locale=locale, color_scheme="dark" if theme == "dark" else "light"
    )
    with listened_to(context) as page:
        choose(page, example.at, "Mara Lindqvist")
        yield page


def test_the_pages_of_every_day_break_no_rule(mara: Page, example: ExamplePages) -> None:
    assert found_on(mara, example, CORE) == {}


def test_every_page_is_there(mara: Page, example: ExamplePages) -> None:
    answers = {name: mara.request.get(example.at + at) for name, at in example.addresses.items()}
    assert {name: each.status for name, each in answers.items() if each.status != 200} == {}


@pytest.mark.variants
def test_no_page_breaks_a_rule(variant: Page, example: ExamplePages) -> None:
    assert found_on(variant, example, tuple(example.addresses)) == {}


def found_on(page: Page, example: ExamplePages, names: tuple[str, ...]) -> dict[str, list[str]]:
    """The rules that pages break, by page. What is downloaded is no page."""
    found = {}
    for name in names:
        address = example.at + example.addresses[name]
        if page.request.get(address).headers.get("content-type", "").startswith("text/html"):
            page.goto(address)
            found[name] = broken_rules(page)
    assert found, "no page was looked at"
    return {name: rules for name, rules in found.items() if rules}


def test_a_rule_that_is_broken_is_noticed(page: Page) -> None:
    page.set_content("<html lang=en><title>A page</title><main><h1>One</h1><input></main></html>")
    assert [each.partition(":")[0] for each in broken_rules(page)] == ["label"]
