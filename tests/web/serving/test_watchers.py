"""Figures and positions are for this machine and whom the setting names, not for strangers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.test import Client

from tests.web.test_callers import Site, site  # noqa: F401  - the fixture
from web.api.entrance import Mode
from web.serving.outside import Outside
from web.serving.proxies import Proxies
from web.serving.watchers import WATCHED_FROM, Watchers, watched_by
from web.settings import Unusable

NAMED = {WATCHED_FROM: "10.9.0.0/16, 2001:db8::7"}
BY_PROXY = {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}


def reached(environ: dict[str, Any], proxies: Proxies) -> dict[str, Any]:
    """The environment of a request as the application gets it."""
    environ = {"wsgi.url_scheme": "http"} | environ
    proxies.apply(environ)
    return environ


@pytest.mark.parametrize(
    ("peer", "headers", "trusted", "watches"),
    [
        ("127.0.0.1", {}, "", True),
        ("::1", {}, "", True),
        ("::ffff:127.0.0.1", {}, "", True),
        ("10.9.1.2", {}, "", True),
        ("2001:db8::7", {}, "", True),
        ("192.0.2.7", {}, "", False),
        ("2001:db8::8", {}, "", False),
        ("127.0.0.1", BY_PROXY, "", False),  # a proxy that nobody trusts
        ("127.0.0.1", {"HTTP_FORWARDED": "for=_hidden"}, "", False),
        ("127.0.0.1", BY_PROXY, "127.0.0.1", False),
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, "127.0.0.1", False),
        ("127.0.0.1", {}, "127.0.0.1", False),  # a proxy that says of nobody who asks
        ("127.0.0.1", {}, "192.0.2.1", True),
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "10.9.1.2"}, "127.0.0.1", True),
        ("192.0.2.7", {"HTTP_X_FORWARDED_FOR": "10.9.1.2"}, "", False),
    ],
)
def test_this_machine_watches_and_who_is_named_but_nobody_behind_a_proxy(
    peer: str, headers: dict[str, str], trusted: str, watches: bool
) -> None:
    proxies = Proxies.of({"OKR_ES_TRUSTED_PROXIES": trusted})
    environ = reached({"REMOTE_ADDR": peer} | headers, proxies)
    assert Watchers.of(NAMED).are(environ) == watches
    assert not Watchers().are({"REMOTE_ADDR": "10.9.1.2"})


@pytest.mark.parametrize("written", ["prometheus", "0.0.0.0/0", "10.0.0.1/8"])
def test_what_is_no_address_is_refused_by_the_name_of_the_setting(written: str) -> None:
    with pytest.raises(Unusable, match=WATCHED_FROM):
        Watchers.of({WATCHED_FROM: f"127.0.0.1, {written}"})


def test_in_development_mode_nobody_else_watches() -> None:
    assert Outside.of(NAMED, asks_who=True).watchers.networks != ()
    assert Outside.of(NAMED, asks_who=False).watchers == Watchers()


def figures(environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [])
    return [b"okr_es_log_position 7"]


def test_a_stranger_gets_no_figures() -> None:
    client = Client(watched_by(Watchers.of(NAMED), figures))
    for address, status in (("127.0.0.1", 200), ("10.9.1.2", 200), ("192.0.2.7", 403)):
        answer = client.get("/metrics", environ_base={"REMOTE_ADDR": address})
        assert (answer.status_code, b"okr_es_log" in answer.data) == (status, status == 200)
    assert json.loads(answer.data)["type"] == "/problems/not-for-strangers"
    assert WATCHED_FROM in json.loads(answer.data)["detail"]


def test_a_stranger_is_told_whether_it_is_ready_and_no_more(
    site: Site,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client(watched_by(Watchers(), site.app(Mode.SIGN_IN).wsgi_app))
    stranger = {"REMOTE_ADDR": "192.0.2.7"}
    assert json.loads(client.get("/health/ready", environ_base=stranger).data) == {
        "status": "ready"
    }
    near = {"REMOTE_ADDR": "127.0.0.1"}
    here = json.loads(client.get("/health/ready", environ_base=near).data)
    assert (here["log"], here["behind"]) == (site.okr.log.head(), 0)
    monkeypatch.setattr("web.api.health.MOST_BEHIND", -1)
    for base, said in ((stranger, False), (near, True)):
        late = client.get("/health/ready", environ_base=base)
        assert late.status_code == 503
        assert ("position" in json.loads(late.data)) == said
        assert ("0 events" in json.loads(late.data)["detail"]) == said
