"""Signing in at a provider of identity: who is found, connected or registered, and what is kept."""

from contextlib import ExitStack, closing
from datetime import timedelta
from uuid import UUID

import pytest

from okr_es import commands as c
from okr_es.access.links import Links, Purpose
from okr_es.people.identities import Identities, Identity
from tests.support.identity_provider import DISCOVERY, KEYS, ECKey, IdentityProvider, query_of
from tests.web.conftest import ADA, BO
from tests.web.oidc.conftest import Signing
from tests.web.test_sign_in import asked, away, ended, formed, slug, token_of
from web.oidc import exchange
from web.oidc.exchange import Exchange
from web.pages.oidc import MOST_BEGUN
from web.pages.refusals import MOST_RECORDED

VERIFIED = {"email": "ada@example.org", "email_verified": True}


@pytest.fixture
def with_ada(signing: Signing) -> Signing:
    """Ada has an e-mail address."""
    signing.site.execute(c.ReplaceEmail(UUID(ADA), "Ada@Example.org"))
    return signing


def test_a_browser_is_sent_with_what_proves_later_that_it_comes_back(signing: Signing) -> None:
    answer = signing.site.browser().get("/sign-in/oidc/first")
    location = answer.headers["Location"]
    query = query_of(location)
    assert location.startswith(f"{signing.first.issuer}/authorize?")
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert query["redirect_uri"] == "http://localhost/sign-in/oidc/first/callback"
    assert query["scope"] == "openid email profile"
    assert len({query[each] for each in ("state", "nonce", "code_challenge")}) == 3
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("okr-es-session-begun=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    secret = cookie.partition("=")[2].partition(";")[0]
    assert secret not in location
    assert answer.headers["Cache-Control"] == "no-store"


def test_over_tls_no_other_host_can_set_the_cookie_of_an_attempt(signing: Signing) -> None:
    answer = signing.site.browser().get("/sign-in/oidc/first", base_url="https://localhost")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-okr-es-session-begun=")
    assert "Secure" in cookie


def test_where_to_come_back_to_is_never_what_a_request_names(signing: Signing) -> None:
    answer = signing.site.browser().get(
        "/sign-in/oidc/first", base_url="http://evil.example", headers={"X-Forwarded-Host": "evil"}
    )
    where = query_of(answer.headers["Location"])["redirect_uri"]
    assert where == "http://localhost/sign-in/oidc/first/callback"


def test_a_verified_address_connects_its_person_once(with_ada: Signing) -> None:
    browser = with_ada.site.browser()
    assert with_ada.signs_in("ada-1", browser, **VERIFIED).status_code == 303
    assert asked(browser).json["person_id"] == ADA
    assert asked(browser).json["sessions"][0]["how"] == "oidc:first"
    with_ada.site.execute(c.ReplaceEmail(UUID(ADA), None))
    assert with_ada.signs_in("ada-1").status_code == 303, "the address means nothing any more"
    assert with_ada.recorded() == [
        (ADA, "account_connected", "email"), (ADA, "sign_in", ""), (ADA, "sign_in", ""),
    ]  # fmt: skip


def test_who_signed_in_acts_as_themselves_with_the_token(with_ada: Signing) -> None:
    browser = with_ada.site.browser()
    with_ada.signs_in("ada-1", browser, **VERIFIED)
    assert slug(formed(browser)) == "csrf-token-is-missing"
    assert formed(browser, **token_of(browser)).status_code == 201


def test_two_providers_know_one_person(with_ada: Signing) -> None:
    for name, provider in with_ada.providers.items():
        browser = with_ada.site.browser()
        back = provider.send_back(with_ada.leaves(browser, name), "same subject", **VERIFIED)
        assert with_ada.comes_back(browser, back, name).status_code == 303
        assert asked(browser).json["person_id"] == ADA
    accounts = Identities(with_ada.site.okr.directory).of(UUID(ADA))
    assert accounts == sorted(
        Identity(each.issuer, "same subject") for each in with_ada.providers.values()
    )


def test_an_invitation_connects_the_account_of_who_opens_it(signing: Signing) -> None:
    link = signing.site.link(BO, Purpose.INVITATION)
    browser = signing.site.browser()
    page = browser.get(f"/sign-in?link={link}").text
    assert "Sign in with Second, and connect the account" in page
    assert f'href="http://localhost/sign-in/oidc/first?link={link}"' in page
    back = signing.first.send_back(signing.leaves(browser, link=link), "bo-1")
    assert signing.comes_back(browser, back).status_code == 303
    assert asked(browser).json["person_id"] == BO
    assert signing.site.browser().get(f"/sign-in?link={link}").status_code == 403, "it is used"
    other = signing.site.browser()
    assert signing.signs_in("bo-1", other).status_code == 303
    assert asked(other).json["person_id"] == BO


def test_an_invitation_connects_one_account_of_two_that_come_back_at_once(
    signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, use_up = signing.site.link(BO, Purpose.INVITATION), Links.use_up
    browsers = [signing.site.browser() for _ in range(2)]
    first, second = (
        signing.first.send_back(signing.leaves(browser, link=link), subject)
        for browser, subject in zip(browsers, ("bo-1", "somebody else"), strict=True)
    )

    def as_another_comes_back(links: Links, secret_hash: bytes) -> UUID | None:
        monkeypatch.setattr(Links, "use_up", use_up)
        assert signing.comes_back(browsers[1], second).status_code == 303
        return use_up(links, secret_hash)

    monkeypatch.setattr(Links, "use_up", as_another_comes_back)
    assert signing.comes_back(browsers[0], first).status_code == 403
    accounts = Identities(signing.site.okr.directory).of(UUID(BO))
    assert [each.subject for each in accounts] == ["somebody else"]


def test_an_invitation_that_is_over_connects_nobody(signing: Signing) -> None:
    link, browser = signing.site.link(BO), signing.site.browser()
    location = signing.leaves(browser, link=link)
    signing.site.link(BO)  # which ends the one before
    back = signing.first.send_back(location, "bo-1")
    assert signing.comes_back(browser, back).status_code == 403
    assert browser.get(f"/sign-in/oidc/first?link={link}").status_code == 403
    assert signing.recorded() == [(None, "sign_in_refused", "link")] * 2
    assert signing.signs_in("bo-1").status_code == 403


def test_the_account_of_one_person_is_not_given_to_another(with_ada: Signing) -> None:
    with_ada.signs_in("ada-1", **VERIFIED)
    link, browser = with_ada.site.link(BO), with_ada.site.browser()
    back = with_ada.first.send_back(with_ada.leaves(browser, link=link), "ada-1")
    assert with_ada.comes_back(browser, back).status_code == 403
    assert with_ada.recorded()[-1][2] == "account-of-another"
    assert with_ada.site.browser().get(f"/sign-in?link={link}").status_code == 200


@pytest.mark.parametrize(
    "command",
    [c.DeactivatePerson(UUID(ADA)), c.ErasePerson(UUID(ADA), "GDPR Article 17")],
    ids=["deactivated", "erased"],
)
def test_who_left_or_was_erased_signs_in_no_more(with_ada: Signing, command: c.Command) -> None:
    browser = with_ada.site.browser()
    with_ada.signs_in("ada-1", browser, **VERIFIED)
    with_ada.site.execute(command, reason="It was agreed.")
    assert ended(with_ada.site, browser)
    assert with_ada.signs_in("ada-1", **VERIFIED).status_code == 403
    assert with_ada.recorded()[-1][1] == "sign_in_refused"


def test_who_is_new_is_registered_where_the_provider_may(
    sqlite_url: str, providers: dict[str, IdentityProvider]
) -> None:
    signing = Signing(sqlite_url, providers, provision=True, email_domains=("example.org",))
    with closing(signing.site) as site:
        browser = site.browser()
        answer = signing.signs_in(
            "new", browser, name="Nia New", email="nia@example.org", email_verified=True
        )
        assert answer.status_code == 303
        person = UUID(asked(browser).json["person_id"])
        assert site.okr.directory.entries([person])[person][1:] == ("Nia New", "nia@example.org")
        ((by, origin),) = site.okr.database.rows(
            'SELECT "by", origin FROM events ORDER BY position DESC LIMIT 1', {}
        )
        assert (UUID(str(by)), origin) == (person, "page")
        assert signing.signs_in("new", name="Another Name").status_code == 303
        for email, verified in (("x@evil.example", True), ("x@example.org", False), (None, None)):
            claims = {"name": "X", "email": email, "email_verified": verified}
            assert signing.signs_in("x", **claims).status_code == 403
        assert len(site.okr.directory.entries()) == 3


def test_nobody_is_registered_twice_with_the_address_of_somebody(
    sqlite_url: str, providers: dict[str, IdentityProvider]
) -> None:
    signing = Signing(sqlite_url, providers, provision=True)
    with closing(signing.site) as site:
        site.execute(c.ReplaceEmail(UUID(ADA), "ada@example.org"))
        site.execute(c.DeactivatePerson(UUID(ADA)), reason="They left.")
        assert signing.signs_in("ada-1", name="Ada", **VERIFIED).status_code == 403
        assert signing.recorded()[-1] == (ADA, "sign_in_refused", "gone")


# ---- sessions and pages ---------------------------------------------------------------------


def test_the_page_has_a_button_for_each_provider(signing: Signing) -> None:
    page = signing.site.browser().get("/sign-in?next=/api/v1/docs%3Fa%3D1").text
    for name in ("first", "second"):
        address = f"http://localhost/sign-in/oidc/{name}?next=%2Fapi%2Fv1%2Fdocs%3Fa%3D1"
        assert f'<a href="{address}">Sign in with {name.title()}</a>' in page
    swedish = signing.site.browser().get("/sign-in", headers={"Accept-Language": "sv"}).text
    assert "Logga in med First" in swedish


def test_somebody_is_led_to_where_they_wanted_to_go(with_ada: Signing) -> None:
    browser = with_ada.site.browser()
    location = with_ada.leaves(browser, next="/api/v1/docs?a=1")
    back = with_ada.first.send_back(location, "ada-1", **VERIFIED)
    answer = with_ada.comes_back(browser, back)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/api/v1/docs?a=1")
    assert asked(browser).status_code == 200


def test_the_session_is_a_new_one_and_the_secret_of_the_attempt_is_gone(with_ada: Signing) -> None:
    browser = with_ada.site.browser()
    browser.set_cookie("okr-es-session", "fixed-by-somebody-else")
    with_ada.signs_in("ada-1", browser, **VERIFIED)
    first = browser.get_cookie("okr-es-session")
    assert first is not None
    assert first.value != "fixed-by-somebody-else"
    with_ada.signs_in("ada-1", browser)
    second = browser.get_cookie("okr-es-session")
    assert second is not None
    assert first.value != second.value
    assert len(asked(browser).json["sessions"]) == 1, "the one before is over"
    assert browser.get_cookie("okr-es-session-begun") is None


def test_there_is_no_way_to_a_provider_that_is_none(signing: Signing) -> None:
    for path in ("third", "third/callback", "..%2Ffirst"):
        assert signing.site.browser().get(f"/sign-in/oidc/{path}").status_code == 404


# ---- keys, clocks and outages ---------------------------------------------------------------


def test_a_key_that_is_new_is_fetched_once(with_ada: Signing) -> None:
    provider = with_ada.first
    assert with_ada.signs_in("ada-1", **VERIFIED).status_code == 303
    fetched = provider.asked[KEYS], provider.asked[DISCOVERY]
    assert with_ada.signs_in("ada-1").status_code == 303
    assert (provider.asked[KEYS], provider.asked[DISCOVERY]) == fetched, "they are remembered"
    provider.keys.append(ECKey.generate_key("P-256", {"kid": f"key {len(provider.keys)}"}))
    discovery = exchange_of(with_ada).discovery
    discovery.key_set.fetched_at -= 61
    assert with_ada.signs_in("ada-1").status_code == 303
    assert provider.asked[KEYS] == fetched[0] + 1


def exchange_of(signing: Signing) -> Exchange:
    """The exchange with the first provider that the site uses."""
    return signing.made["first"]


def test_keys_that_nobody_knows_are_looked_for_once_a_minute(with_ada: Signing) -> None:
    provider = with_ada.first
    with_ada.signs_in("ada-1", **VERIFIED)
    fetched = provider.asked[KEYS]
    kept, provider.keys = provider.keys, [ECKey.generate_key("P-256", {"kid": "unknown"})]
    try:
        for _ in range(5):
            assert with_ada.signs_in("ada-1").status_code == 403
    finally:
        provider.keys = kept
    assert provider.asked[KEYS] == fetched


def test_clocks_may_differ_by_a_minute(with_ada: Signing) -> None:
    now = int(with_ada.first.now())
    for claims in ({"exp": now - 59}, {"iat": now + 59}, {"nbf": now + 59}):
        assert with_ada.signs_in("ada-1", **VERIFIED, **claims).status_code == 303


def test_a_provider_that_is_away_is_said_to_be(
    with_ada: Signing, caplog: pytest.LogCaptureFixture
) -> None:
    with_ada.first.is_down = True
    try:
        answer = with_ada.site.browser().get("/sign-in/oidc/first")
    finally:
        with_ada.first.is_down = False
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "First cannot be reached" in answer.text
    assert "first fails" in caplog.text
    exchange_of(with_ada).discovery.metadata.failed_at -= 5
    assert with_ada.signs_in("ada-1", **VERIFIED).status_code == 303


def test_attempts_are_swept_with_the_sessions(signing: Signing) -> None:
    signing.leaves(signing.site.browser())
    signing.site.now += timedelta(minutes=11)
    signing.site.sessions.sweep()
    assert signing.site.sessions.database.rows("SELECT state_hash FROM attempts", {}) == []


def test_refusals_do_not_fill_the_access_log_and_have_to_wait(signing: Signing) -> None:
    for number in range(MOST_RECORDED + 5):
        answer = signing.comes_back(signing.site.browser(), {"state": "guessed"})
        assert answer.status_code == (403 if number < MOST_RECORDED else 429)
    assert int(answer.headers["Retry-After"]) <= 60
    assert len(signing.recorded()) == MOST_RECORDED


def test_who_begins_all_the_time_has_to_wait(signing: Signing) -> None:
    for _ in range(MOST_BEGUN):
        signing.leaves(signing.site.browser())
    assert signing.site.browser().get("/sign-in/oidc/first").status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    answer = signing.site.browser().get("/sign-in/oidc/first", environ_overrides=elsewhere)
    assert answer.status_code == 303


def test_a_provider_that_hangs_takes_not_all_places(
    with_ada: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "TURN_SECONDS", 0.01)
    browser = with_ada.site.browser()
    back = with_ada.first.send_back(with_ada.leaves(browser), "ada-1", **VERIFIED)
    with ExitStack() as hanging:
        for _ in range(exchange.MOST_AT_ONCE):
            hanging.enter_context(exchange.turn())
        assert with_ada.comes_back(browser, back).status_code == 503
    assert with_ada.signs_in("ada-1", **VERIFIED).status_code == 303


def test_nobody_signs_in_and_nothing_is_connected_where_that_cannot_be_recorded(
    with_ada: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = with_ada.site.browser()
    with monkeypatch.context() as patch:
        patch.setattr(with_ada.site.okr.access_log, "record", away)
        answer = with_ada.signs_in("ada-1", browser, **VERIFIED)
        assert (answer.status_code, slug(answer)) == (503, "read-is-not-recorded")
    assert asked(browser).status_code == 401
    assert Identities(with_ada.site.okr.directory).of(UUID(ADA)) == []
    assert with_ada.signs_in("ada-1", browser, **VERIFIED).status_code == 303
