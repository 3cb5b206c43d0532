"""Who asked, how, and under which name: a trusted proxy says it, and nobody else."""

from contextlib import closing
from uuid import UUID

import pytest

from tests.support.served import serving
from tests.web.conftest import ADA
from tests.web.test_sign_in import Site
from web.app import PREFIX
from web.serving.hosts import Hosts, answering_to
from web.serving.limits import Limits
from web.serving.proxies import Proxies
from web.settings import Unusable

TRUSTED = Proxies.of({"OKR_ES_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1, 2001:db8::/32"})
SAID = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "okr.example.org",
}
OTHERS = {
    "HTTP_FORWARDED": "for=203.0.113.9",
    "HTTP_X_REAL_IP": "203.0.113.9",
    "HTTP_X_FORWARDED_PORT": "443",
    "HTTP_X_FORWARDED_PREFIX": "/evil",
}


def seen(proxies: Proxies, peer: str, **headers: str) -> dict[str, str]:
    """What a request's environment says once the proxies have had their say."""
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "inside:8000"}
    environ |= headers
    proxies.apply(environ)
    return environ


def test_a_trusted_proxy_says_who_asked_how_and_for_which_host():
    found = seen(TRUSTED, "10.1.2.3", **SAID)
    assert found["REMOTE_ADDR"] == "203.0.113.9"
    assert found["wsgi.url_scheme"] == "https"
    assert found["HTTP_HOST"] == "okr.example.org"


@pytest.mark.parametrize("proxies", [TRUSTED, Proxies()], ids=["some", "none"])
def test_nobody_else_does(proxies: Proxies):
    found = seen(proxies, "192.0.2.7", **SAID)
    assert found["REMOTE_ADDR"] == "192.0.2.7"
    assert found["wsgi.url_scheme"] == "http"
    assert found["HTTP_HOST"] == "inside:8000"


@pytest.mark.parametrize("peer", ["10.1.2.3", "192.0.2.7"])
def test_no_header_of_proxies_is_left_for_the_application(peer: str):
    found = seen(TRUSTED, peer, **SAID, **OTHERS)
    assert not [name for name in found if name in SAID | OTHERS]


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.0.0.1, 10.0.0.2", "203.0.113.9"),
        ("10.9.9.9, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db9::7]:4711", "2001:db9::7"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("unknown, 10.0.0.2", "10.0.0.2"),
        ("<script>", "10.1.2.3"),
        ("", "10.1.2.3"),
    ],
)
def test_the_client_is_the_last_address_that_no_trusted_proxy_has(chain: str, client: str):
    assert seen(TRUSTED, "10.1.2.3", HTTP_X_FORWARDED_FOR=chain)["REMOTE_ADDR"] == client


def test_a_chain_without_end_is_read_from_its_end_only():
    chain = ", ".join(["10.0.0.1"] * 20_000)
    assert seen(TRUSTED, "10.1.2.3", HTTP_X_FORWARDED_FOR=chain)["REMOTE_ADDR"] == "10.0.0.1"
    chain = "203.0.113.9, " + chain
    assert seen(TRUSTED, "10.1.2.3", HTTP_X_FORWARDED_FOR=chain)["REMOTE_ADDR"] == "10.0.0.1"


@pytest.mark.parametrize("said", ["https,http", "HTTPS ", "javascript", "", "wss"])
def test_a_way_that_is_neither_http_nor_https_does_not_count(said: str):
    assert seen(TRUSTED, "10.1.2.3", HTTP_X_FORWARDED_PROTO=said)["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize("peer", ["::ffff:10.1.2.3", "2001:db8::1", "127.0.0.1"])
def test_a_proxy_is_known_by_each_form_of_its_address(peer: str):
    assert TRUSTED.trust(peer)


@pytest.mark.parametrize("peer", ["", "11.0.0.1", "127.0.0.2", "2001:db9::1", "proxy"])
def test_what_is_not_in_the_setting_is_not_trusted(peer: str):
    assert not TRUSTED.trust(peer)


@pytest.mark.parametrize("written", ["proxy.example.org", "10.0.0.1/8", "0.0.0.0/0", "::/0", "*"])
def test_what_is_no_address_or_would_be_everybody_is_refused(written: str):
    with pytest.raises(Unusable, match="OKR_ES_TRUSTED_PROXIES"):
        Proxies.of({"OKR_ES_TRUSTED_PROXIES": f"10.0.0.1, {written}"})


def test_a_header_with_an_underscore_is_no_header_of_a_proxy():
    """A proxy that replaces X-Forwarded-For may let X_Forwarded_For through."""

    def app(environ, start):
        body = f"{environ['REMOTE_ADDR']} {environ.get('HTTP_OKR_ACTOR')}".encode()
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    with serving(app, Limits(), proxies=Proxies.of({"OKR_ES_TRUSTED_PROXIES": "127.0.0.1"})) as at:
        head = at.head("/", X_Forwarded_For="203.0.113.9").replace(b"\r\n\r\n", b"\r\n")
        forged = b"X_Forwarded_For: 198.51.100.1\r\nOkr_Actor: ada\r\nConnection: close\r\n\r\n"
        assert at.send(head + forged).body == b"203.0.113.9 None"


def test_cookies_and_the_own_origin_follow_what_the_proxy_says(sqlite_url: str):
    """A page of the public name may send; the cookie is one of TLS alone."""
    with closing(Site(sqlite_url)) as site:
        app = answering_to(Hosts.of({"OKR_ES_URL": "https://okr.example.org"}), site.app.wsgi_app)
        with serving(app, Limits(), proxies=TRUSTED) as at:
            form = f"link={site.link()}".encode()
            named = {
                "Content_Type": "application/x-www-form-urlencoded",
                "X_Forwarded_Proto": "https",
                "X_Forwarded_Host": "okr.example.org",
            }
            foreign = at.ask("/sign-in", "POST", form, Origin="https://evil.example", **named)
            assert foreign.status == 403
            done = at.ask("/sign-in", "POST", form, Origin="https://okr.example.org", **named)
    assert done.status == 303
    assert done.headers["set-cookie"].startswith("__Host-okr-es-session=")
    assert "Secure" in done.headers["set-cookie"]
    assert "strict-transport-security" in done.headers


def test_client_info_has_the_address_of_who_asked(sqlite_url: str):
    with closing(Site(sqlite_url)) as site:
        with serving(site.app.wsgi_app, Limits(), proxies=TRUSTED) as at:
            said = {"X_Forwarded_For": "198.51.100.66, 203.0.113.9", "Okr_Actor": ADA}
            receipt = at.ask(f"{PREFIX}/teams", "POST", b'{"name": "A"}', **said).json
        (noted,) = site.okr.client_info.of_commands([UUID(receipt["command_id"])]).values()
        assert noted["address"] == "203.0.113.9"
