"""A site where people sign in at two providers of identity on this machine."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from okr_es import commands as c
from tests.support.identity_provider import CLIENT, IdentityProvider, identity_provider
from tests.web.conftest import NOW
from tests.web.test_sign_in import Site
from web.api.throttle import Failures
from web.oidc.exchange import Exchange
from web.oidc.providers import Provider
from web.pages import oidc, refusals

NAMES = ("first", "second")


class Signing:
    """The site, its providers, and browsers that go from one to the other and back."""

    def __init__(self, url: str, providers: dict[str, IdentityProvider], **settled: Any) -> None:
        self.providers = providers
        self.settled = settled
        self.made: dict[str, Exchange] = {}
        self.site = Site(url, self.exchanges)

    def exchanges(self, clock: Callable[[], datetime]) -> dict[str, Exchange]:
        self.made = {
            name: Exchange(
                Provider(name, name.title(), each.issuer, CLIENT, "secret", **self.settled),
                f"http://localhost/sign-in/oidc/{name}",
                lambda: clock().timestamp(),
            )
            for name, each in self.providers.items()
        }
        return self.made

    @property
    def first(self) -> IdentityProvider:
        return self.providers["first"]

    def person(self, name: str = "Eve", email: str | None = None) -> UUID:
        """A further person, perhaps with an e-mail address."""
        person = uuid4()
        self.site.execute(c.RegisterPerson(name, email, person))
        return person

    def leaves(self, browser: FlaskClient, provider: str = "first", **query: str) -> str:
        """Where a browser is sent that chooses a provider."""
        answer = browser.get(f"/sign-in/oidc/{provider}", query_string=query)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def comes_back(
        self, browser: FlaskClient, query: dict[str, str], provider: str = "first"
    ) -> TestResponse:
        return browser.get(f"/sign-in/oidc/{provider}/callback", query_string=query)

    def signs_in(
        self, subject: str, browser: FlaskClient | None = None, **claims: Any
    ) -> TestResponse:
        """A whole sign-in by an account of the first provider."""
        browser = browser or self.site.browser()
        return self.comes_back(
            browser, self.first.send_back(self.leaves(browser), subject, **claims)
        )

    def recorded(self) -> list[tuple[str | None, str, str]]:
        """What was recorded: who, what, and in a word how or why."""
        return [
            (each.by and str(each.by), each.what, each.about.get("why", each.about.get("by", "")))
            for each in reversed(self.site.okr.access_log.search(limit=1_000))
        ]


@pytest.fixture(scope="module")
def providers() -> Iterator[dict[str, IdentityProvider]]:
    """Two providers, whose clocks are right."""
    now = NOW.timestamp
    with identity_provider(now) as first, identity_provider(now) as second:
        yield dict(zip(NAMES, (first, second), strict=True))


@pytest.fixture
def signing(sqlite_url: str, providers: dict[str, IdentityProvider]) -> Iterator[Signing]:
    """A site of its own for a test."""
    signing = Signing(sqlite_url, providers)
    with closing(signing.site):
        yield signing


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, providers: dict[str, IdentityProvider]
) -> Iterator[Signing]:
    """A site for tests that only look at what they did themselves; it records all refusals."""
    url = f"sqlite:///{tmp_path_factory.mktemp('site')}/okr.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refusals, "MOST_RECORDED", 10_000)
        patch.setattr(oidc, "Failures", lambda most=0: Failures(10_000))
        signing = Signing(url, providers)
        with closing(signing.site):
            yield signing
