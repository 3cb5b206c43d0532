"""Security headers: on every answer of every route, refused or not."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import NOW
from web.api.entrance import Mode
from web.api.security_headers import ALWAYS, OVER_TLS
from web.app import create_app

METHODS = ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE")


def clock() -> datetime:
    return NOW


@pytest.fixture
def app(sqlite_url: str) -> Iterator[Flask]:
    """The whole application, on a log without an event."""
    with (
        closing(Okr(sqlite_url, clock=clock)) as okr,
        closing(Runner(okr)) as runner,
        closing(Sessions(sqlite_url, clock)) as sessions,
    ):
        sessions.create()
        yield create_app(okr, Queries(okr, runner), sessions=sessions, mode=Mode.OPEN)


def paths(app: Flask) -> list[str]:
    """An address of every route, and some of none."""
    named = {f"{rule}" for rule in app.url_map.iter_rules()}
    found = {re.sub("<[^>]*>", "1" if "<int" in each else str(uuid4()), each) for each in named}
    return [*sorted(found), "/", "/nowhere", "/api/v1/nowhere", "/api/v1/goals/%00", "/%ff"]


def missing(answer: TestResponse, expected: list[tuple[str, str]]) -> list[str]:
    """The names of headers that an answer lacks or has twice."""
    return [name for name, _ in expected if len(answer.headers.getlist(name)) != 1]


def test_every_answer_of_every_route_has_them(app: Flask):
    browser = app.test_client()
    found = {}
    asked = paths(app)
    assert len(asked) > 100
    for path in asked:
        for method in METHODS:
            with browser.open(path, method=method) as answer:
                found[method, path] = missing(answer, ALWAYS)
                assert OVER_TLS[0] not in answer.headers
    assert {what: lacks for what, lacks in found.items() if lacks} == {}


def test_a_page_of_none_of_them_may_be_framed_or_run_what_is_inline(app: Flask):
    browser = app.test_client()
    for path in paths(app):
        with browser.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, path
        assert "base-uri 'none'" in policy, path
        assert policy.startswith("default-src 'none'"), path
        assert "'unsafe-inline'" not in policy.partition("style-src")[0], path


@pytest.mark.parametrize(
    ("at", "stays"),
    [("https://okr.example.org", True), ("https://localhost:8443", False), ("http://a.b", False)],
)
def test_over_tls_a_browser_comes_back_over_tls_but_not_to_localhost(
    app: Flask, at: str, stays: bool
):
    for path in ("/health/live", "/nowhere", "/api/v1/goals/x"):
        with app.test_client().get(path, base_url=at) as answer:
            assert answer.headers.getlist(OVER_TLS[0]) == [OVER_TLS[1]] * stays
