"""Signing in at a provider that others wrote, which runs as a process of its own."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import pytest
import requests

from okr_es import commands as c
from tests.support.identity_provider import query_of
from tests.support.mock_provider import mock_provider
from tests.web.conftest import ADA
from tests.web.test_sign_in import Site, asked
from web.oidc.exchange import Exchange
from web.oidc.providers import Provider

ADAS = {"sub": "ada", "name": "Ada", "email": "ada@example.org", "email_verified": True}
EVES = {"sub": "eve", "name": "Eve", "email": "ada@example.org", "email_verified": False}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with mock_provider(ADAS, EVES) as issuer:
        yield issuer


@pytest.fixture
def site(sqlite_url: str, issuer: str) -> Iterator[Site]:
    provider = Provider("mock", "Mock", issuer, "okr-es", "secret")
    exchange = Exchange(provider, "http://localhost/sign-in/oidc/mock", time.time)
    with closing(Site(sqlite_url, lambda _: {"mock": exchange})) as site:
        site.now = datetime.now(UTC)
        site.execute(c.ReplaceEmail(UUID(ADA), "ada@example.org"))
        yield site


def signed_in_as(site: Site, subject: str) -> tuple[int, int]:
    """The answers to who comes back, and to who asks for their sessions then."""
    browser = site.browser()
    there = browser.get("/sign-in/oidc/mock").headers["Location"]
    answer = requests.post(there, data={"sub": subject}, allow_redirects=False, timeout=10)
    back = query_of(answer.headers["Location"])
    done = browser.get("/sign-in/oidc/mock/callback", query_string=back)
    return done.status_code, asked(browser).status_code


def test_somebody_signs_in(site: Site) -> None:
    assert signed_in_as(site, "ada") == (303, 200)
    assert signed_in_as(site, "ada") == (303, 200)
    assert site.recorded() == [(ADA, "account_connected"), *[(ADA, "sign_in")] * 2]


def test_somebody_else_with_the_same_address_does_not(site: Site) -> None:
    assert signed_in_as(site, "eve") == (403, 401)


def test_who_says_no_at_the_provider_is_not_signed_in(site: Site) -> None:
    browser = site.browser()
    there = browser.get("/sign-in/oidc/mock").headers["Location"]
    answer = requests.post(there, data={"action": "deny"}, allow_redirects=False, timeout=10)
    assert "error=access_denied" in answer.headers["Location"]
    back = query_of(answer.headers["Location"])
    done = browser.get("/sign-in/oidc/mock/callback", query_string=back)
    assert done.status_code == 403
    assert site.recorded() == [(None, "sign_in_refused")]
