"""Development mode: who one is, is chosen from a list; each answer says that it is so."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from okr_es import commands as c
from okr_es.context import Context
from okr_es.domain.values import Role, TeamKind
from tests.web.conftest import ADA, BO
from tests.web.test_callers import Site, site, slug  # noqa: F401  - the fixture
from web.api.entrance import Mode
from web.app import PREFIX

BUTTON = re.compile(
    r'name="person_id" value="([^"]+)">.*?<button type="submit">([^<]+)</button>\s+</form>\s+'
    r"<ul>(.+?)</ul>",
    re.S,
)
ROLE = re.compile(r"<strong>(.+?)</strong>: (.+?)</li>")
NOTE = re.compile(r'<p role="note">([^<]+)</p>')


@pytest.fixture
def browser(site: Site) -> FlaskClient:  # noqa: F811
    return site.app(Mode.DEVELOPMENT).test_client()


def listed(page: str) -> list[tuple[str, str, str]]:
    """Each person on the page: id, button, and roles."""
    return [
        (id_, button, ", ".join(title for title, _ in ROLE.findall(roles)))
        for id_, button, roles in BUTTON.findall(page)
    ]


def chosen(browser: FlaskClient, person: str) -> int:
    return browser.post("/choose", data={"person_id": person}).status_code


def test_everybody_who_is_there_is_on_the_list_with_their_roles(
    site: Site,  # noqa: F811
    browser: FlaskClient,
) -> None:
    team, eve = uuid4(), uuid4()
    for command in (
        c.FormTeam("Sales & <Co>", TeamKind.TEAM, id=team),
        c.GrantRole(UUID(ADA), Role.ADMINISTRATOR),
        c.GrantRole(UUID(BO), Role.LEAD, team),
        c.RegisterPerson("Eve", id=eve),
        c.DeactivatePerson(eve),
    ):
        site.okr.execute(command, Context(UUID(ADA), reason="They begin.", origin="cli"))
    for path in ("/", "/choose"):
        page = browser.get(path, follow_redirects=True)
        assert listed(page.text) == [
            (ADA, "Be Ada", "administrator"),
            (BO, "Be Bo", "leads Sales &amp; &lt;Co&gt;"),
        ]
    swedish = browser.get("/choose", headers={"Accept-Language": "sv"}).text
    assert (BO, "Var Bo", "leder Sales &amp; &lt;Co&gt;") in listed(swedish)


def test_who_was_chosen_calls_from_then_on(site: Site, browser: FlaskClient) -> None:  # noqa: F811
    assert slug(browser.get(f"{PREFIX}/teams")) == (401, "actor-is-missing")
    for person in (BO, ADA):
        assert chosen(browser, person) == 303
        found = browser.get(f"{PREFIX}/sessions").json
        assert (found["person_id"], found["sessions"][0]["how"]) == (person, "development")
        assert len(found["sessions"]) == 1
    recorded = [(each.by, each.what, each.about.get("how")) for each in
                site.okr.access_log.search(what="sign_in")]  # fmt: skip
    assert recorded == [(UUID(each), "sign_in", "development") for each in (ADA, BO)]


def test_who_is_not_there_cannot_be_chosen(site: Site, browser: FlaskClient) -> None:  # noqa: F811
    site.okr.execute(c.DeactivatePerson(UUID(BO)), Context(UUID(ADA)))
    for nobody in (BO, str(uuid4()), "", "Ada"):
        answer = browser.post("/choose", data={"person_id": nobody})
        assert (answer.status_code, "<ul>" in answer.text) == (403, False)
    assert site.sessions.of(UUID(BO)) == []


def test_every_answer_says_that_it_is_development_mode(browser: FlaskClient) -> None:
    for path in (
        "/choose",
        "/sign-in",
        f"{PREFIX}/docs/",
        f"{PREFIX}/teams",
        "/health/live",
        "/nowhere",
    ):
        answer = browser.get(path)
        assert answer.headers["Okr-Mode"] == "development", path
        assert bool(NOTE.findall(answer.text)) == (answer.mimetype == "text/html"), path


@pytest.mark.parametrize("mode", [Mode.OPEN, Mode.SIGN_IN])
def test_elsewhere_nobody_chooses(mode: Mode, site: Site) -> None:  # noqa: F811
    browser = site.app(mode).test_client()
    assert browser.get("/").status_code != 200
    assert browser.get("/choose").status_code == 404
    assert chosen(browser, ADA) == 404
    answer = browser.get(f"{PREFIX}/docs/")
    assert "Okr-Mode" not in answer.headers
    assert not NOTE.findall(answer.text)


def test_who_was_chosen_is_signed_out_where_people_sign_in(site: Site) -> None:  # noqa: F811
    """The same database may be served in earnest afterwards."""
    begun = site.sessions.begin(UUID(ADA), "development")
    link = site.sessions.begin(UUID(ADA), "link")
    browser = site.app(Mode.SIGN_IN).test_client()
    for secret, status in ((begun.secret, 401), (link.secret, 200)):
        browser.set_cookie("okr-es-session", secret)
        assert browser.get(f"{PREFIX}/teams").status_code == status
