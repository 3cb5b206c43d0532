"""Who calls is known: by a session, or by a header where that is enough; strangers get nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from okr_es import commands as c
from okr_es.access.links import Links, Purpose
from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.context import Context
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import ADA, BO
from web.api.entrance import Mode
from web.app import PREFIX, create_app

NUMBER_IN_PATH, IN_PATH = re.compile(r"<int[^>]+>"), re.compile(r"<[^>]+>")
NEEDS_NOBODY = re.compile(
    rf"/$|/me$|/static/|/problems|/health/|/sign-(in|out)|{PREFIX}(/openapi.json|/docs|$)"
)


class Site:
    """One log behind one application for each mode."""

    def __init__(self, url: str) -> None:
        self.okr = Okr(url)
        self.runner = Runner(self.okr)
        self.sessions = Sessions(url)
        self.sessions.create()
        for id_, name in ((ADA, "Ada"), (BO, "Bo")):
            self.okr.execute(c.RegisterPerson(name, id=UUID(id_)), Context(UUID(ADA)))

    def app(self, mode: Mode, default_actor: str | None = None) -> Flask:
        return create_app(
            self.okr, Queries(self.okr, self.runner), sessions=self.sessions, mode=mode,
            default_actor=None if default_actor is None else UUID(default_actor),
        )  # fmt: skip

    def signed_in(self, app: Flask, person: str) -> FlaskClient:
        browser = app.test_client()
        link = Links(self.sessions).make(UUID(person), Purpose.SIGN_IN)
        assert browser.post("/sign-in", data={"link": link}).status_code == 303
        return browser

    def close(self) -> None:
        self.runner.close()
        self.sessions.close()
        self.okr.close()


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with closing(Site(sqlite_url)) as site:
        yield site


def slug(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix("/problems/")


def routes(app: Flask) -> list[tuple[str, str]]:
    """Every method and path, an id or a number in each place for one."""
    return [
        (method, IN_PATH.sub(str(uuid4()), NUMBER_IN_PATH.sub("1", rule.rule)))
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST", "DELETE"}
    ]


def test_a_stranger_is_answered_nothing_on_any_route(site: Site) -> None:
    app = site.app(Mode.SIGN_IN, default_actor=ADA)
    stranger, head = app.test_client(), site.okr.log.head()
    asked = [each for each in routes(app) if not NEEDS_NOBODY.match(each[1])]
    assert len(asked) > 100
    of_pages = [each for each in asked if not each[1].startswith(PREFIX)]
    for method, path in of_pages:
        answer = stranger.open(path, method=method, headers={"Okr-Actor": ADA})
        assert (answer.status_code, answer.location[:14]) == (303, "/sign-in?next="), path
    answers = {
        (method, path): slug(stranger.open(path, method=method, headers={"Okr-Actor": ADA}))
        for method, path in asked
        if path.startswith(PREFIX)
    }
    assert set(answers.values()) == {(401, "nobody-is-signed-in")}
    assert site.okr.log.head() == head


def test_what_a_stranger_may_see_is_documentation_health_and_the_door(site: Site) -> None:
    app = site.app(Mode.SIGN_IN)
    stranger = app.test_client()
    for path in (f"{PREFIX}/openapi.json", f"{PREFIX}/docs/", "/health/ready", "/sign-in"):
        assert stranger.get(path).status_code == 200, path
    beginning = stranger.get("/")
    assert (beginning.status_code, beginning.location) == (303, "/home")
    assert stranger.get("/me").location == "/sign-in?next=%2Fme"


def test_nobody_registers_over_http_as_the_first_who_comes(sqlite_url: str) -> None:
    with closing(Okr(sqlite_url)) as okr, closing(Runner(okr)) as runner:
        strict, trusting = (
            create_app(okr, Queries(okr, runner), mode=mode).test_client()
            for mode in (Mode.SIGN_IN, Mode.DEVELOPMENT)
        )
        body = {"name": "Ada", "id": ADA}
        assert slug(strict.post(f"{PREFIX}/people", json=body))[1] == "nobody-is-signed-in"
        assert trusting.post(f"{PREFIX}/people", json=body).status_code == 201
        assert slug(trusting.post(f"{PREFIX}/people", json=body))[1] == "actor-is-missing"


def test_who_is_signed_in_calls_and_nobody_else(site: Site) -> None:
    app = site.app(Mode.SIGN_IN, default_actor=BO)
    browser = site.signed_in(app, ADA)
    assert browser.get(f"{PREFIX}/people").status_code == 200
    assert site.okr.access_log.search()[0].by == UUID(ADA)
    other = browser.get(f"{PREFIX}/people", headers={"Okr-Actor": BO})
    assert slug(other) == (403, "actor-is-another")


def test_in_development_a_header_says_who_calls(site: Site) -> None:
    browser = site.app(Mode.DEVELOPMENT).test_client()
    assert browser.get(f"{PREFIX}/teams", headers={"Okr-Actor": BO}).status_code == 200
    assert slug(browser.get(f"{PREFIX}/teams")) == (401, "actor-is-missing")
    unknown = browser.get(f"{PREFIX}/people", headers={"Okr-Actor": str(uuid4())})
    assert slug(unknown) == (403, "person-is-unknown")


def test_in_development_a_default_actor_calls_where_nobody_is_named(site: Site) -> None:
    browser = site.app(Mode.DEVELOPMENT, default_actor=BO).test_client()
    assert browser.get(f"{PREFIX}/people").status_code == 200
    assert site.okr.access_log.search()[0].by == UUID(BO)
