"""The root leads on, and each type of problem is explained at its address."""

from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from okr_es.domain.refusals import Refusal
from tests.web.api.test_problems import all_refusals
from tests.web.test_callers import Site, site  # noqa: F401  - a fixture
from web.api.entrance import Mode
from web.api.problem_types import problem_types
from web.app import PREFIX

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PROGRAM = {"Accept": "*/*"}


@pytest.mark.parametrize(
    ("mode", "page"),
    [(Mode.DEVELOPMENT, "/home"), (Mode.SIGN_IN, "/home"), (Mode.OPEN, f"{PREFIX}/docs/")],
)
def test_a_browser_is_led_on_and_a_program_is_told_where_everything_is(
    mode: Mode,
    page: str,
    site: Site,  # noqa: F811
) -> None:
    stranger = site.app(mode).test_client()
    for headers in (BROWSER, {}):
        led = stranger.get("/", headers=headers)
        assert (led.status_code, led.location) == (303, page)
    told = stranger.get("/", headers=PROGRAM)
    assert (told.status_code, told.json["api"], told.headers["Vary"]) == (200, PREFIX, "Accept")
    for name in ("api", "docs", "openapi", "health", "problems"):
        with stranger.get(told.json[name], headers=PROGRAM) as found:
            assert found.status_code == 200, name
    assert stranger.get(PREFIX, headers=PROGRAM).json == told.json
    assert stranger.get(PREFIX, headers=BROWSER).location == f"{PREFIX}/docs/"


def test_every_type_of_problem_is_explained_at_its_address(client: FlaskClient) -> None:
    listed = client.get("/problems").json["problems"]
    assert len(listed) > 90
    for each in listed:
        assert client.get(each["type"]).json == each
        page = client.get(each["type"], headers=BROWSER)
        assert page.mimetype == "text/html"
        assert each["title"] in unescape(page.text)
    page = unescape(client.get("/problems", headers=BROWSER).text)
    assert [each["title"] for each in listed if each["title"] not in page] == []


@pytest.mark.parametrize("refusal", all_refusals(), ids=lambda cls: cls.__name__)
def test_no_refusal_is_left_out(refusal: type[Refusal]) -> None:
    assert refusal.slug in problem_types()


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", f"{PREFIX}/nothing", {}),
        ("DELETE", f"{PREFIX}/teams", {}),
        ("GET", f"{PREFIX}/teams?colour=red", {}),
        ("POST", f"{PREFIX}/teams", {"data": "{", "content_type": "application/json"}),
        ("POST", f"{PREFIX}/teams", {"data": "name", "content_type": "text/plain"}),
        ("POST", f"{PREFIX}/teams", {"data": b" " * 2**21, "content_type": "application/json"}),
        ("POST", f"{PREFIX}/teams", {"json": {"name": "Web"}}),  # by nobody
        ("GET", f"{PREFIX}/goals/%00", {}),
    ],
)
def test_the_type_in_a_problem_leads_there(
    method: str, path: str, sent: dict[str, Any], client: FlaskClient
) -> None:
    problem = client.open(path, method=method, **sent)
    assert problem.content_type == "application/problem+json"
    told = client.get(problem.json["type"]).json
    assert (told["type"], told["status"]) == (problem.json["type"], problem.status_code)


def test_nobody_has_to_sign_in_for_it(site: Site) -> None:  # noqa: F811
    app: Flask = site.app(Mode.SIGN_IN)
    problem = app.test_client().get(f"{PREFIX}/teams").json
    assert app.test_client().get(problem["type"]).json["title"] == problem["title"]
