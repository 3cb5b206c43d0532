"""Where the server listens, and to which names it answers."""

import pytest

from web.serving.hosts import Hosts, answering_to
from web.serving.outside import Outside, address_to_listen
from web.serving.proxies import BY_PROXY
from web.settings import Unusable

NAMED = Hosts.of(
    {
        "OKR_ES_ALLOWED_HOSTS": "okr.example.org, 10.0.0.5, [2001:db8::1], other.example:8443",
        "OKR_ES_URL": "https://Goals.Example.org:444/",
    }
)
PROXY = {"OKR_ES_TRUSTED_PROXIES": "10.0.0.1"}
TLS = {"OKR_ES_TLS_CERTIFICATE": "/a.pem", "OKR_ES_TLS_KEY": "/a.key"}
NAME = {"OKR_ES_URL": "https://okr.example.org"}


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("127.1.2.3", "127.1.2.3"),
     ("::1", "::1"), ("[::1]", "::1")],
)  # fmt: skip
@pytest.mark.parametrize("asks_who", [True, False])
def test_it_listens_on_loopback(host: str, address: str, asks_who: bool):
    assert address_to_listen(host, Outside.of({}, asks_who=asks_who), asks_who=asks_who) == address


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.1.2", "10.0.0.1", "8.8.8.8", "example.com", "", "127.0.0.1.nip.io"],
)
@pytest.mark.parametrize("asks_who", [True, False])
def test_it_refuses_to_listen_for_others_without_settings(host: str, asks_who: bool):
    with pytest.raises(Unusable):
        address_to_listen(host, Outside.of({}, asks_who=asks_who), asks_who=asks_who)


@pytest.mark.parametrize("way", [PROXY, TLS], ids=["proxy", "tls"])
def test_it_listens_for_others_where_people_sign_in_over_tls_or_a_proxy(way: dict[str, str]):
    assert (
        address_to_listen("0.0.0.0", Outside.of(way | NAME, asks_who=True), asks_who=True)
        == "0.0.0.0"
    )


@pytest.mark.parametrize(
    ("environment", "asks_who", "missing"),
    [
        (TLS | PROXY | NAME, False, "nobody has to sign in"),
        (NAME, True, "OKR_ES_TLS_CERTIFICATE"),
        (TLS | PROXY, True, "OKR_ES_URL"),
        (TLS | {"OKR_ES_URL": "https://localhost"}, True, "OKR_ES_URL"),
    ],
    ids=["sign-in", "tls", "name", "only-loopback"],
)
def test_it_says_what_is_missing_to_listen_for_others(
    environment: dict[str, str], asks_who: bool, missing: str
):
    with pytest.raises(Unusable, match=missing):
        address_to_listen(
            "192.168.1.2", Outside.of(environment, asks_who=asks_who), asks_who=asks_who
        )


def test_where_nobody_signs_in_no_proxy_and_no_name_counts():
    found = Outside.of(PROXY | NAME | {"OKR_ES_ALLOWED_HOSTS": "a.example"}, asks_who=False)
    assert not found.hosts.answer_to("okr.example.org")
    assert not found.hosts.answer_to("a.example")
    assert not found.proxies.trust("10.0.0.1")


# ---- names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]", "LOCALHOST",
     "localhost."],
)  # fmt: skip
@pytest.mark.parametrize("hosts", [Hosts(), NAMED], ids=["none", "some"])
def test_it_answers_to_names_of_this_machine(host: str, hosts: Hosts):
    assert hosts.answer_to(host)


@pytest.mark.parametrize(
    "host",
    ["okr.example.org", "OKR.example.org:8000", "10.0.0.5:1", "[2001:db8::1]:8000",
     "other.example:8443", "goals.example.org", "goals.example.org:8000"],
)  # fmt: skip
def test_it_answers_to_names_it_was_given(host: str):
    assert NAMED.answer_to(host)
    assert not Hosts().answer_to(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example:8000", "localhost.evil.example", "10.0.0.1", "other.example",
     "other.example:443", "sub.okr.example.org", "okr.example.org.evil.example",
     "okr.example.org,evil.example", "okr.example.org@evil.example", "okr.example.org:80:80",
     "okr.example.org\\evil", " okr.example.org", "okr.example.org/", "127.1", "0x7f.0.0.1",
     "0.0.0.0", "[::]", "[::1", "localhost:x", "l\u1ecdcalhost"],
)  # fmt: skip
def test_it_answers_to_no_other_name(host: str):
    assert not NAMED.answer_to(host)


@pytest.mark.parametrize(
    ("name", "written"),
    [("OKR_ES_ALLOWED_HOSTS", "*"), ("OKR_ES_ALLOWED_HOSTS", "https://okr.example.org"),
     ("OKR_ES_ALLOWED_HOSTS", "a b"), ("OKR_ES_URL", "okr.example.org"), ("OKR_ES_URL", "ftp://a"),
     ("OKR_ES_URL", "https://"), ("OKR_ES_URL", "https://[::1")],
)  # fmt: skip
def test_a_name_that_is_none_is_refused_by_its_setting(name: str, written: str):
    with pytest.raises(Unusable, match=name):
        Hosts.of({name: written})


# ---- what is said in the open ----------------------------------------------------------------


def answer_of(**environ: object) -> str:
    """The status of a request from another machine, in a server that has a name."""
    asked = {"HTTP_HOST": "okr.example.org", "REMOTE_ADDR": "192.0.2.7", "wsgi.url_scheme": "http"}
    asked["REQUEST_METHOD"] = "GET"
    found: list[str] = []

    def app(_, start):
        start("200 OK", [])
        return []

    def start(status, headers, *_):
        found.append(status[:3])
        assert ("X-Content-Type-Options", "nosniff") in headers or status.startswith("200")

    answering_to(NAMED, app, plain_from_others=False)(asked | environ, start)
    return found[0]


def test_from_another_machine_it_answers_over_tls_or_by_a_proxy_alone():
    assert answer_of() == "403"
    assert answer_of(**{"wsgi.url_scheme": "https"}) == "200"
    assert answer_of(**{BY_PROXY: True}) == "200"
    assert answer_of(REMOTE_ADDR="127.0.0.1") == "200"
    assert answer_of(**{"wsgi.url_scheme": "https", "HTTP_HOST": "evil.example"}) == "421"
