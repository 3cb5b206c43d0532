"""The file of the providers: what it may hold, and which field is named where it cannot be used."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.identity_provider import CLIENT, IdentityProvider, identity_provider
from web import server
from web.oidc import discovery
from web.oidc.discovery import Discovery, ProviderFails
from web.oidc.providers import Provider, read_providers
from web.settings import OIDC, URL, Unusable

WHOLE = """
[providers.corp]
title = "The company's"
issuer = "https://login.example/realms/corp"
client_id = "okr-es"
client_secret_file = "secret"
scopes = ["openid", "email"]
email_domains = ["Example.org"]
provision = true

[providers.other]
issuer = "http://127.0.0.1:9000"
client_id = "okr"
"""
LEAST = 'issuer = "https://a.example"\nclient_id = "b"\n'


def written(folder: Path, text: str) -> Path:
    (folder / "secret").write_text("s3cret\n")
    file = folder / "providers.toml"
    file.write_text(text)
    return file


def test_providers_are_read_from_a_file(tmp_path: Path) -> None:
    corp, other = read_providers(written(tmp_path, WHOLE)).values()
    assert corp == Provider(
        "corp", "The company's", "https://login.example/realms/corp", "okr-es", "s3cret",
        ("openid", "email"), ("example.org",), True,
    )  # fmt: skip
    assert (other.title, other.client_secret, other.provision) == ("other", None, False)
    assert "s3cret" not in repr(corp)
    assert corp.takes("ada@EXAMPLE.ORG")
    assert not corp.takes("ada@example.org.evil.example")


REFUSED = {
    "": r"has \[providers.NAME\] for each provider",
    "providers = 1": r"has \[providers.NAME\]",
    "[providers]": r"has \[providers.NAME\]",
    "x = 1\n[providers.a]\n" + LEAST: "and nothing else",
    "[providers.a": "is no TOML",
    "[providers.Corp]\n" + LEAST: "a name of a-z",
    '[providers."a/b"]\n' + LEAST: "a name of a-z",
    '[providers.a]\nclient_id = "b"': r"providers\.a\.issuer must be",
    '[providers.a]\nissuer = "https://a.example"': r"providers\.a\.client_id must be",
    '[providers.a]\nissuer = "http://a.example"\nclient_id = "b"': "issuer must be an https URL",
    '[providers.a]\nissuer = "https://a.example?b"\nclient_id = "b"': r"a\.issuer must be",
    '[providers.a]\nissuer = "https://u:p@a.example"\nclient_id = "b"': r"a\.issuer must be",
    "[providers.a]\n" + LEAST + 'scopes = ["email"]': r"a\.scopes must be a list that has openid",
    "[providers.a]\n" + LEAST + 'scopes = "openid"': r"a\.scopes must be a list of texts",
    "[providers.a]\n" + LEAST + 'provision = "yes"': r"a\.provision must be true or false",
    "[providers.a]\n" + LEAST + "provison = true": r"a\.provison must be left out",
    "[providers.a]\n" + LEAST + 'client_secret_file = "none"': "client_secret_file must be a file",
    "[providers.a]\n" + LEAST + 'client_secret = "a"\nclient_secret_file = "secret"':
        r"a\.client_secret_file must be left out",
    "[providers.a]\n" + LEAST + 'title = "a\\nb"': r"a\.title must be",
}  # fmt: skip


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    for text, message in REFUSED.items():
        with pytest.raises(Unusable, match=message):
            read_providers(written(tmp_path, text))
    with pytest.raises(Unusable, match="cannot be read"):
        read_providers(tmp_path / "nowhere")


def test_a_server_says_at_its_start_what_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.exchanges() == {}
    monkeypatch.setenv(OIDC, str(written(tmp_path, WHOLE)))
    monkeypatch.delenv(URL, raising=False)
    with pytest.raises(Unusable, match=f"{URL} must say where the server answers"):
        server.exchanges()
    for url in ("http://okr.example", "https://okr.example/at", "okr.example"):
        monkeypatch.setenv(URL, url)
        with pytest.raises(Unusable, match=r"is no https URL|is no URL"):
            server.exchanges()
    monkeypatch.setenv(URL, "https://okr.example/")
    made = server.exchanges()["corp"]
    assert made.redirect_uri == "https://okr.example/sign-in/oidc/corp/callback"


# ---- what a provider says of itself ---------------------------------------------------------


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider(lambda: 0.0) as made:
        yield made


def discovery_of(provider: IdentityProvider, clock: Callable[[], float] = lambda: 0.0) -> Discovery:
    return Discovery(Provider("a", "A", provider.issuer, CLIENT), clock)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"issuer": "https://another.example"}, "calls itself"),
        ({"token_endpoint": "http://another.example"}, "token_endpoint is no https URL"),
        ({"jwks_uri": 7}, "jwks_uri is no https URL"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "no algorithm"),
    ],
    ids=["issuer", "endpoint", "keys", "algorithm"],
)  # fmt: skip
def test_a_provider_that_says_what_cannot_be_true_is_not_used(
    provider: IdentityProvider, more: dict[str, object], message: str
) -> None:
    provider.more = more
    with pytest.raises(ProviderFails, match=message):
        discovery_of(provider).metadata.get()


def test_an_answer_may_not_be_endless(
    provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "LARGEST", 10)
    with pytest.raises(ProviderFails, match="does not answer"):
        discovery_of(provider).metadata.get()


def test_what_is_known_is_used_on_for_a_day_where_a_provider_is_away(
    provider: IdentityProvider,
) -> None:
    now = 0.0
    found = discovery_of(provider, lambda: now)
    known = found.metadata.get()
    provider.is_down = True
    now = 3_601.0
    assert found.metadata.get() is known
    asked = provider.asked.total()
    assert found.metadata.get() is known
    assert provider.asked.total() == asked, "what failed is not tried again at once"
    now = 86_401.0
    with pytest.raises(ProviderFails):
        found.metadata.get()
    provider.is_down = False
    now += 5
    assert found.metadata.get() == known
