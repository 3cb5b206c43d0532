"""Who comes back from a provider with something wrong is not signed in, and one line says why."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from okr_es import commands as c
from tests.support.identity_provider import query_of
from tests.web.oidc.conftest import NAMES, Signing
from tests.web.test_sign_in import asked

HOUR = 3_600


def refused(shared: Signing, browser: FlaskClient, query: dict[str, str], why: str) -> None:
    """The browser comes back, nobody is signed in by that, and it is recorded once."""
    before = shared.recorded()
    answer = shared.comes_back(browser, query)
    assert answer.status_code == 403
    assert "You are not signed in" in answer.text
    assert asked(browser).status_code == 401
    (line,) = shared.recorded()[len(before) :]
    assert line == (None, "sign_in_refused", why)


CLAIMS: dict[str, tuple[Callable[[Signing], dict[str, Any]], str]] = {
    "another issuer": (lambda _: {"iss": "https://evil.example"}, "token-iss"),
    "the issuer of another provider": (
        lambda each: {"iss": each.providers["second"].issuer}, "token-iss",
    ),
    "another audience": (lambda _: {"aud": "another"}, "token-aud"),
    "an audience of several, issued to another": (
        lambda _: {"aud": ["okr-es", "another"], "azp": "another"}, "token-azp",
    ),
    "an audience of several, issued to nobody": (
        lambda _: {"aud": ["okr-es", "another"]}, "token-azp",
    ),
    "no audience": (lambda _: {"aud": None}, "token-aud"),
    "expired": (lambda each: {"exp": each.first.now() - HOUR}, "token-exp"),
    "expired for longer than clocks may differ": (
        lambda each: {"exp": each.first.now() - 61}, "token-exp",
    ),
    "never expiring": (lambda _: {"exp": None}, "token-exp"),
    "not yet valid": (lambda each: {"nbf": each.first.now() + HOUR}, "token-nbf"),
    "issued tomorrow": (lambda each: {"iat": each.first.now() + 24 * HOUR}, "token-iat"),
    "another nonce": (lambda _: {"nonce": "of another attempt"}, "token-nonce"),
    "no nonce": (lambda _: {"nonce": None}, "token-nonce"),
    "no subject": (lambda _: {"sub": None}, "token-sub"),
    "an empty subject": (lambda _: {"sub": ""}, "token-sub"),
    "a subject that is a number": (lambda _: {"sub": 7}, "token-sub"),
    "a subject with a line feed": (lambda _: {"sub": "a\nb"}, "token-sub"),
    "an hour in words": (lambda _: {"exp": "tomorrow"}, "token-exp"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", CLAIMS)
def test_a_token_with_a_wrong_claim_proves_nothing(shared: Signing, wrong: str) -> None:
    (claims, why), browser = CLAIMS[wrong], shared.site.browser()
    back = shared.first.send_back(shared.leaves(browser), **claims(shared))
    refused(shared, browser, back, why)


def part(content: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def without_signature(shared: Signing, claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def with_the_public_key_as_a_secret(shared: Signing, claims: dict[str, Any]) -> str:
    key = shared.first.keys[-1]
    signed = f"{part({'alg': 'HS256', 'kid': key.kid})}.{part(claims)}"
    signature = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def by_a_key_of_its_own(shared: Signing, claims: dict[str, Any]) -> str:
    key = ECKey.generate_key("P-256", {"kid": shared.first.keys[-1].kid})
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


def by_a_key_in_its_header(shared: Signing, claims: dict[str, Any]) -> str:
    key = ECKey.generate_key("P-256", {"kid": "mine"})
    header = {"alg": "ES256", "kid": key.kid, "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key)


def by_a_key_nobody_knows(shared: Signing, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "ES256", "kid": "?"}, claims, ECKey.generate_key("P-256"))


def by_a_key_of_another_kind(shared: Signing, claims: dict[str, Any]) -> str:
    key = RSAKey.generate_key(2048, {"kid": shared.first.keys[-1].kid})
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def changed_afterwards(shared: Signing, claims: dict[str, Any]) -> str:
    header, _, signature = shared.first.signed(claims | {"sub": "another"}).split(".")
    return f"{header}.{part(claims)}.{signature}"


def nothing(shared: Signing, claims: dict[str, Any]) -> str:
    return ""


def a_list(shared: Signing, claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'ES256'})}.{urlsafe_b64encode(b'[]').decode()}.AA"


SIGNED = [
    without_signature, with_the_public_key_as_a_secret, by_a_key_of_its_own, by_a_key_in_its_header,
    by_a_key_nobody_knows, by_a_key_of_another_kind, changed_afterwards, nothing, a_list,
]  # fmt: skip


@pytest.mark.parametrize("signed", SIGNED, ids=lambda each: each.__name__)
def test_a_token_that_is_not_signed_by_the_provider_proves_nothing(
    shared: Signing, signed: Callable[[Signing, dict[str, Any]], str]
) -> None:
    browser = shared.site.browser()
    location = shared.leaves(browser)
    claims = shared.first.claims_for(location)
    back = shared.first.code_for(location, lambda: signed(shared, claims))
    refused(shared, browser, back, "token")


# ---- the way back ------------------------------------------------------------------------


def test_nobody_comes_back_twice(shared: Signing) -> None:
    shared.person("Twice", "twice@example.org")
    browser = shared.site.browser()
    back = shared.first.send_back(
        shared.leaves(browser), "twice", email="twice@example.org", email_verified=True
    )
    assert shared.comes_back(browser, back).status_code == 303
    browser.delete_cookie("okr-es-session")
    refused(shared, browser, back, "attempt")


def test_a_code_is_worth_something_once_and_to_its_browser_alone(shared: Signing) -> None:
    one, other = shared.site.browser(), shared.site.browser()
    back = shared.first.send_back(shared.leaves(one), "ada")
    stolen = {"code": back["code"], "state": query_of(shared.leaves(other))["state"]}
    refused(shared, other, stolen, "code")


def test_nobody_is_signed_in_by_the_way_back_of_another_browser(shared: Signing) -> None:
    """Else somebody could be signed in as who sends them an address."""
    attacker, victim = shared.site.browser(), shared.site.browser()
    back = shared.first.send_back(shared.leaves(attacker))
    refused(shared, victim, back, "attempt")
    shared.leaves(victim)
    refused(shared, victim, back, "attempt")


def test_the_way_back_of_one_provider_leads_from_no_other(shared: Signing) -> None:
    """Mix-up: a code of one provider is not shown to another."""
    browser = shared.site.browser()
    back = shared.first.send_back(shared.leaves(browser, "second"))
    refused(shared, browser, back, "attempt")


@pytest.mark.parametrize("named", [*NAMES, None])
def test_who_sends_somebody_back_is_who_they_were_sent_to(
    signing: Signing, monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    """A provider that names itself on the way back has to be the one, and to do so."""
    says_who_it_is = {"authorization_response_iss_parameter_supported": True}
    monkeypatch.setattr(signing.first, "more", says_who_it_is)
    browser = signing.site.browser()
    back = signing.first.send_back(signing.leaves(browser))
    if named is not None:
        back["iss"] = signing.providers[named].issuer
    refused(signing, browser, back, "email-not-verified" if named == "first" else "issuer")


@pytest.mark.parametrize("left_out", ["code", "state"])
def test_the_way_back_has_code_and_state(shared: Signing, left_out: str) -> None:
    browser = shared.site.browser()
    back = shared.first.send_back(shared.leaves(browser))
    del back[left_out]
    refused(shared, browser, back, "attempt" if left_out == "state" else "code")


def test_what_the_provider_refused_is_refused(shared: Signing) -> None:
    browser = shared.site.browser()
    back = {"state": query_of(shared.leaves(browser))["state"], "error": "access_denied"}
    refused(shared, browser, back, "provider")


def test_an_attempt_is_soon_over(signing: Signing) -> None:
    browser = signing.site.browser()
    back = signing.first.send_back(signing.leaves(browser))
    signing.site.now = signing.site.now.replace(minute=10)
    refused(signing, browser, back, "attempt")


# ---- whose account it is ------------------------------------------------------------------


def test_an_address_that_is_not_verified_connects_nobody(shared: Signing) -> None:
    shared.person("Una", "una@example.org")
    for verified in (False, None, "true", 1):
        browser = shared.site.browser()
        back = shared.first.send_back(
            shared.leaves(browser), "una", email="una@example.org", email_verified=verified
        )
        refused(shared, browser, back, "email-not-verified")


def test_an_address_of_two_people_connects_none(shared: Signing) -> None:
    for name in ("Tim", "Tom"):
        shared.person(name, "twins@example.org")
    browser = shared.site.browser()
    back = shared.first.send_back(
        shared.leaves(browser), "tim", email="TWINS@example.org", email_verified=True
    )
    refused(shared, browser, back, "email-of-several")


def test_who_is_unknown_and_who_left_read_the_same(shared: Signing) -> None:
    gone = shared.person("Gus", "gus@example.org")
    shared.site.execute(c.DeactivatePerson(gone), reason="They left.")
    pages = {
        shared.signs_in(name, email=f"{name}@example.org", email_verified=True).text
        for name in ("gus", "nobody")
    }
    assert len(pages) == 1
    assert shared.recorded()[-2:] == [
        (str(gone), "sign_in_refused", "gone"),
        (None, "sign_in_refused", "unknown"),
    ]


def test_another_account_with_the_address_of_a_person_is_not_theirs(shared: Signing) -> None:
    """The address may have been given to somebody else meanwhile."""
    kim = shared.person("Kim", "kim@example.org")
    about = {"email": "kim@example.org", "email_verified": True}
    assert shared.signs_in("kim", **about).status_code == 303
    assert shared.signs_in("kim of today", **about).status_code == 403
    assert shared.recorded()[-1] == (str(kim), "sign_in_refused", "connected-otherwise")


@pytest.mark.parametrize(
    "email",
    ["kri\u017f@example.org", "\u212aris@example.org"],
    ids=["long s", "sign of Kelvin"],
)
def test_an_address_that_only_looks_like_that_of_a_person_is_not_theirs(
    email: str, shared: Signing
) -> None:
    shared.person("Kris", "kris@example.org")
    assert shared.signs_in("another", email=email, email_verified=True).status_code == 403


ELSEWHERE = {
    "another site": "https://evil.example/",
    "another site by this one's scheme": "//evil.example",
    "what browsers read as two slashes": "/\\evil.example",
    "two backslashes": "\\\\evil.example",
    "no path": "evil",
    "a script": "javascript:alert(1)",
    "a tab, which browsers leave out": "/\t/evil.example",
    "a header": "/ok\r\nSet-Cookie: a=b",
    "a very long path": "/" + "x" * 500,
    "a scheme without a host": "http:/evil.example",
    "what is no ASCII": "/\u2215evil.example",
}


@pytest.mark.parametrize("next_", ELSEWHERE)
def test_nobody_is_led_elsewhere_afterwards(shared: Signing, next_: str) -> None:
    shared.person("Nell", f"{next_.replace(' ', '.')}@example.org")
    browser = shared.site.browser()
    location = shared.leaves(browser, next=ELSEWHERE[next_])
    email = f"{next_.replace(' ', '.')}@example.org"
    back = shared.first.send_back(location, next_, email=email, email_verified=True)
    answer = shared.comes_back(browser, back)
    assert (answer.status_code, answer.location) == (303, "/home")
