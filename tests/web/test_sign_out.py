"""Signing out, on a page: the session is over, and it is said where there may be another one."""

from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import pytest
from click.testing import CliRunner

from okr_es import commands as c
from tests.support.identity_provider import IdentityProvider, identity_provider
from tests.web.conftest import ADA, BO, NOW
from tests.web.oidc.conftest import Signing
from tests.web.test_sign_in import Site, asked
from web.cli.main import main

VERIFIED = {"email": "ada@example.org", "email_verified": True}


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with closing(Site(sqlite_url)) as site:
        yield site


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """A provider that has an address to sign out at."""
    with identity_provider(NOW.timestamp) as provider:
        provider.more = {"end_session_endpoint": f"{provider.issuer}/leave?way=1"}
        yield provider


@pytest.fixture
def signing(sqlite_url: str, provider: IdentityProvider) -> Iterator[Signing]:
    signing = Signing(sqlite_url, {"first": provider})
    with closing(signing.site):
        signing.site.execute(c.ReplaceEmail(UUID(ADA), "ada@example.org"))
        yield signing


def token_in(page: str) -> str:
    return page.partition('name="token" value="')[2].partition('"')[0]


def test_who_is_signed_in_signs_out_by_a_button(site: Site) -> None:
    browser = site.browser()
    browser.post("/sign-in", data={"link": site.link()})
    page = browser.get("/me").text
    assert 'href="/sign-out">Sign out<' in page
    token = token_in(browser.get("/sign-out").text)
    assert asked(browser).status_code == 200, "to look signs nobody out"
    done = browser.post("/sign-out", data={"token": token})
    assert "You are signed out" in done.text
    assert browser.get_cookie("okr-es-session") is None
    assert site.sessions.of(UUID(ADA)) == []
    assert site.recorded()[-1] == (ADA, "sign_out")


def test_somebody_signs_out_everywhere(site: Site) -> None:
    browser, other, bos = site.signed_in(), site.signed_in(), site.signed_in(BO)
    assert "Your sessions (2)" in browser.get("/me").text
    token = token_in(browser.get("/sign-out").text)
    done = browser.post("/sign-out", data={"token": token, "everywhere": "1"})
    assert "You are signed out" in done.text
    assert [asked(each).status_code for each in (browser, other, bos)] == [401, 401, 200]
    assert site.okr.access_log.search()[0].about == {"sessions": "2"}


def test_nobody_else_signs_somebody_out(site: Site) -> None:
    browser = site.signed_in()
    for token in ("", "guessed", token_in(site.signed_in().get("/sign-out").text)):
        assert browser.post("/sign-out", data={"token": token}).status_code == 403
    assert asked(browser).status_code == 200
    foreign = {"Origin": "https://evil.example"}
    token = token_in(browser.get("/sign-out").text)
    assert browser.post("/sign-out", data={"token": token}, headers=foreign).status_code == 403


def test_where_nobody_is_signed_in_nothing_is_done(site: Site) -> None:
    assert "Nobody is signed in" in site.browser().get("/sign-out").text
    assert "Nobody is signed in" in site.browser().post("/sign-out").text
    assert site.recorded() == []


def test_who_signed_in_at_a_provider_can_sign_out_there_too(
    signing: Signing, provider: IdentityProvider
) -> None:
    browser = signing.site.browser()
    signing.signs_in("ada", browser, **VERIFIED)
    token = token_in(browser.get("/sign-out").text)
    page = browser.post("/sign-out", data={"token": token}).text
    back = "http%3A%2F%2Flocalhost%2Fsign-in"
    about = f"way=1&amp;client_id=okr-es&amp;post_logout_redirect_uri={back}"
    assert f'<a href="{provider.issuer}/leave?{about}">Sign out of First as well</a>' in page
    by_link = signing.site.signed_in()
    token = token_in(by_link.get("/sign-out").text)
    assert "First" not in by_link.post("/sign-out", data={"token": token}).text


def test_signing_out_waits_for_no_provider(signing: Signing, provider: IdentityProvider) -> None:
    browser = signing.site.browser()
    signing.signs_in("ada", browser, **VERIFIED)
    token = token_in(browser.get("/sign-out").text)
    signing.made["first"].discovery.metadata.value = None
    provider.is_down = True
    try:
        page = browser.post("/sign-out", data={"token": token}).text
    finally:
        provider.is_down = False
    assert "You are signed out" in page
    assert asked(browser).status_code == 401


def run(site: Site, *words: str) -> str:
    found = CliRunner().invoke(main, ["--database", site.url, "people", *words])
    assert found.exit_code == 0, found.output
    return found.stdout.strip()


def test_an_operator_sees_the_accounts_of_a_person_and_disconnects_them(
    signing: Signing, provider: IdentityProvider
) -> None:
    signing.signs_in("ada-1", **VERIFIED)
    assert run(signing.site, "accounts", ADA) == f"ada-1  at {provider.issuer}"
    assert run(signing.site, "disconnect", ADA) == "1 account disconnected"
    assert run(signing.site, "accounts", ADA) == "none"
    assert signing.recorded()[-1][:2] == (None, "account_disconnected")
    assert signing.signs_in("ada-1").status_code == 403
    assert signing.signs_in("ada-2", **VERIFIED).status_code == 303, "another one is connected"
