"""The page that says who is signed in, and the way on from a sign-in: within this server alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from okr_es import commands as c
from okr_es.domain.values import Role, TeamKind
from tests.web.conftest import ADA, BO
from tests.web.test_sign_in import HIDDEN, Site, asked
from web.api.entrance import Mode

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "evil",
    "/a b",
    "/" * 600,
)


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with closing(Site(sqlite_url)) as site:
        yield site


def signs_in(site: Site, next_: str) -> str | None:
    """Where somebody is led who opens a link and presses its button."""
    browser, link = site.browser(), site.link()
    page = browser.get("/sign-in", query_string={"link": link, "next": next_}).text
    assert HIDDEN.findall(page) == [link]
    _, _, kept = page.partition('name="next" value="')
    return browser.post("/sign-in", data={"link": link, "next": kept.partition('"')[0]}).location


def test_the_page_says_who_one_is_and_which_roles_one_has(site: Site) -> None:
    team = uuid4()
    site.execute(c.FormTeam("Sales & <Co>", TeamKind.TEAM, id=team))
    site.execute(c.GrantRole(UUID(ADA), Role.ADMINISTRATOR), reason="Begin.", origin="cli")
    site.execute(c.GrantRole(UUID(BO), Role.LEAD, team), reason="Begin.", origin="cli")
    page = site.signed_in(BO).get("/me")
    assert "You are signed in as Bo." in page.text
    assert "<strong>leads Sales &amp; &lt;Co&gt;</strong>: changes goals and commits" in page.text
    assert "administrator" not in page.text, "it is another's"
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for address in ("/api/v1/docs/", "/api/v1/sessions", "/sign-out"):
        assert f'<a href="{address}">' in page.text
    swedish = site.signed_in(BO).get("/me", headers={"Accept-Language": "sv"}).text
    assert "<strong>leder Sales &amp; &lt;Co&gt;</strong>: ändrar mål" in swedish


def test_who_signs_in_is_led_to_where_they_were_going(site: Site) -> None:
    assert signs_in(site, "/api/v1/docs/?a=1") == "/api/v1/docs/?a=1"
    assert signs_in(site, "") == "/home"


@pytest.mark.parametrize("next_", ELSEWHERE, ids=lambda each: each[:12])
def test_nobody_is_led_elsewhere_by_a_link(site: Site, next_: str) -> None:
    assert signs_in(site, next_) == "/home"
    forged = site.browser().post("/sign-in", data={"link": site.link(), "next": next_})
    assert forged.location == "/home"


def end(site: Site, browser: FlaskClient, how: str) -> None:
    """Let nobody be signed in: nobody was, the session ended, or its person left."""
    if how == "ended":
        site.sessions.end_all(UUID(BO))
    if how == "left":
        site.okr.on_commit.clear()
        site.execute(c.DeactivatePerson(UUID(BO)), reason="They left.")


@pytest.mark.parametrize("how", ["nobody", "ended", "left"])
def test_who_is_not_signed_in_is_led_to_where_they_sign_in(site: Site, how: str) -> None:
    browser = site.browser() if how == "nobody" else site.signed_in(BO)
    end(site, browser, how)
    answer = browser.get("/me")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=%2Fme")


def test_who_was_chosen_from_the_list_is_led_on_and_can_be_somebody_else(sqlite_url: str) -> None:
    with closing(Site(sqlite_url, mode=Mode.DEVELOPMENT)) as site:
        browser = site.browser()
        assert browser.get("/me").location == "/choose?next=%2Fme"
        assert 'name="next" value="/me"' in browser.get("/choose?next=/me").text
        for next_, to in (("/api/v1/docs/", "/api/v1/docs/"), ("//evil.example", "/home")):
            done = browser.post("/choose", data={"person_id": BO, "next": next_})
            assert (done.status_code, done.location) == (303, to)
        assert '<a href="/choose">Be somebody else</a>' in browser.get("/me").text
        assert asked(browser).json["person_id"] == BO
