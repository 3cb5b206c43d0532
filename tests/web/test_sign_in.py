"""Signing in by a link, what a session may do, and how it ends: through the whole application."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from okr_es import commands as c
from okr_es.access.leaving import sign_out_leavers
from okr_es.access.links import Links, Purpose
from okr_es.access.sessions import Limits, Sessions
from okr_es.application import Okr
from okr_es.context import Context
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.begun import Begun, OnSqlite
from tests.web.conftest import ADA, BO, NOW
from web.api.entrance import Mode
from web.api.throttle import MOST
from web.app import PREFIX, create_app
from web.cli.main import answers_at, main
from web.pages.frame import assets
from web.pages.refusals import MOST_RECORDED
from web.settings import URL

if TYPE_CHECKING:
    from web.oidc.exchange import Exchange
    from web.pages.link_by_mail import Post

PEOPLE = {ADA: "Ada & <Co>", BO: "Bo"}
HIDDEN = re.compile(r'name="link" value="([^"]+)"')


class Site:
    """The application with its sessions, and a clock that is moved."""

    def __init__(
        self,
        url: str,
        exchanges: "Callable[[Callable[[], datetime]], dict[str, Exchange]]" = lambda _: {},
        post: "Post | None" = None,
        mode: Mode = Mode.OPEN,
    ) -> None:
        self.url, self.now = url, NOW
        self.okr = Okr(url, clock=self.clock)
        self.okr.on_commit.append(sign_out_leavers(url, self.clock))
        self.runner = Runner(self.okr)
        self.sessions = Sessions(url, self.clock)
        self.sessions.create()
        self.app = create_app(
            self.okr, Queries(self.okr, self.runner), sessions=self.sessions,
            exchanges=exchanges(self.clock), post=post, mode=mode,
        )  # fmt: skip
        if not self.okr.log.head():
            for id_, name in PEOPLE.items():
                self.execute(c.RegisterPerson(name, id=UUID(id_)))

    def clock(self) -> datetime:
        return self.now

    def execute(self, command: c.Command, **context: Any) -> None:
        self.okr.execute(command, Context(UUID(ADA), **context))

    def link(self, person: str = ADA, purpose: Purpose = Purpose.SIGN_IN) -> str:
        return Links(self.sessions).make(UUID(person), purpose)

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def signed_in(self, person: str = ADA) -> FlaskClient:
        browser = self.browser()
        assert browser.post("/sign-in", data={"link": self.link(person)}).status_code == 303
        return browser

    def recorded(self) -> list[tuple[str | None, str]]:
        found = reversed(self.okr.access_log.search())
        return [(each.by and str(each.by), each.what) for each in found]

    def close(self) -> None:
        self.runner.close()
        self.sessions.close()
        self.okr.close()


def begin_site(url: str) -> None:
    Site(url).close()


@pytest.fixture
def site(begun: Begun) -> Iterator[Site]:
    with begun.fresh("site", begin_site) as url, closing(Site(url)) as site:
        yield site


@pytest.fixture
def on_sqlite(begun_on_sqlite: OnSqlite) -> Iterator[Site]:
    with begun_on_sqlite.fresh("site", begin_site) as url, closing(Site(url)) as site:
        yield site


def asked(browser: FlaskClient) -> TestResponse:
    return browser.get(f"{PREFIX}/sessions")


def formed(browser: FlaskClient, **headers: str) -> TestResponse:
    return browser.post(f"{PREFIX}/teams", json={"name": str(uuid4())}, headers=headers)


def token_of(browser: FlaskClient) -> dict[str, str]:
    return {"CSRF-Token": asked(browser).json["csrf_token"]}


def slug(answer: TestResponse) -> str:
    return answer.json["type"].removeprefix("/problems/")


# ---- by a link --------------------------------------------------------------------------


def test_a_link_is_looked_at_as_often_as_one_likes_and_signs_in_once(site: Site) -> None:
    link, browser = site.link(), site.browser()
    for _ in range(3):
        page = browser.get(f"/sign-in?link={link}")
        assert page.status_code == 200
        assert "Ada &amp; &lt;Co&gt;" in page.text
        assert asked(browser).status_code == 401, "to look signs nobody in"
    (hidden,) = HIDDEN.findall(page.text)
    answer = browser.post("/sign-in", data={"link": hidden})
    assert (answer.status_code, answer.location) == (303, "/home")
    assert "You are signed in as Ada &amp; &lt;Co&gt;." in browser.get("/me").text
    assert asked(browser).json["person_id"] == ADA
    other = site.browser()
    assert other.get(f"/sign-in?link={link}").status_code == 403
    assert other.post("/sign-in", data={"link": link}).status_code == 403
    assert asked(other).status_code == 401
    assert site.recorded() == [(ADA, "sign_in"), *[(None, "sign_in_refused")] * 2]


def test_the_page_speaks_the_languages_of_the_browser(on_sqlite: Site) -> None:
    swedish = {"Accept-Language": "sv"}
    page = on_sqlite.browser().get(f"/sign-in?link={on_sqlite.link()}", headers=swedish)
    assert 'lang="sv"' in page.text
    assert "Vill du logga in" in page.text


def test_the_page_runs_nothing_is_framed_nowhere_and_is_kept_nowhere(on_sqlite: Site) -> None:
    page = on_sqlite.browser().get(f"/sign-in?link={on_sqlite.link()}")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers.getlist("Referrer-Policy") == ["same-origin"]
    (hidden,) = HIDDEN.findall(page.text)
    as_browsers_send = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    sent = on_sqlite.browser().post("/sign-in", data={"link": hidden}, headers=as_browsers_send)
    assert sent.status_code == 303
    assert re.findall("<script.*?>", page.text) == [f'<script src="{assets.address("theme.js")}">']


def test_without_a_link_the_page_asks_for_one_and_records_nothing(on_sqlite: Site) -> None:
    assert on_sqlite.browser().get("/sign-in").status_code == 200
    assert on_sqlite.recorded() == []


def test_a_page_of_another_site_signs_nobody_in(on_sqlite: Site) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        link, browser = on_sqlite.link(), on_sqlite.browser()
        assert browser.post("/sign-in", data={"link": link}, headers=headers).status_code == 403
        assert asked(browser).status_code == 401
        assert browser.post("/sign-in", data={"link": link}).status_code == 303, "it is not used up"


def test_links_that_are_guessed_do_not_fill_the_access_log(on_sqlite: Site) -> None:
    browser = on_sqlite.browser()
    answers = [
        browser.post("/sign-in", data={"link": f"{number}"}) for number in range(MOST_RECORDED + 10)
    ]
    assert [each.status_code for each in answers] == [403] * MOST + [429] * 10
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert len(on_sqlite.recorded()) == MOST_RECORDED
    assert browser.post("/sign-in", data={"link": on_sqlite.link()}).status_code == 303


@pytest.mark.parametrize(
    ("body", "status"),
    [("link=" + "x" * 5_000, 413), ("link=%ff%fe", 403), ("", 403), ("other=1", 403)],
)
def test_a_form_that_is_none_of_ours_signs_nobody_in(
    on_sqlite: Site, body: str, status: int
) -> None:
    answer = on_sqlite.browser().post(
        "/sign-in", data=body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == status
    assert status != 413 or "1024 bytes" in answer.text


def test_a_link_is_not_used_up_where_nothing_can_be_recorded(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, browser = on_sqlite.link(), on_sqlite.browser()
    with monkeypatch.context() as patch:
        patch.setattr(on_sqlite.okr.access_log, "record", away)
        answer = browser.post("/sign-in", data={"link": link})
        assert (answer.status_code, slug(answer)) == (503, "read-is-not-recorded")
    assert browser.post("/sign-in", data={"link": link}).status_code == 303


def away(*_: Any) -> None:
    raise OperationalError("", None, sqlite3.OperationalError("unable to open database file"))


def test_who_left_is_recorded_as_refused_however_many_guesses_there_are(on_sqlite: Site) -> None:
    for number in range(MOST_RECORDED + 1):
        address = {"REMOTE_ADDR": f"192.0.2.{number}"}
        on_sqlite.browser().get(f"/sign-in?link={number}", environ_base=address)
    on_sqlite.execute(c.DeactivatePerson(UUID(BO)), reason="They left.")
    on_sqlite.browser().get(f"/sign-in?link={on_sqlite.link(BO)}")
    assert on_sqlite.recorded()[-1] == (BO, "sign_in_refused")


def test_refusals_of_one_client_are_recorded_so_often_and_the_rest_is_counted(
    on_sqlite: Site,
) -> None:
    """Also those that are about somebody, such as the link of who left, opened again and again."""
    on_sqlite.execute(c.DeactivatePerson(UUID(BO)), reason="They left.")
    link = on_sqlite.link(BO)
    for _ in range(MOST_RECORDED + 7):
        on_sqlite.browser().get(f"/sign-in?link={link}")
    assert on_sqlite.recorded() == [(BO, "sign_in_refused")] * MOST_RECORDED
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    on_sqlite.browser().get(f"/sign-in?link={link}", environ_base=elsewhere)
    (last, before, *_) = on_sqlite.okr.access_log.search()
    assert (last.about, before.about) == ({"how": "link", "left_out": "7"}, {"how": "link"})


def test_servers_of_one_database_share_nothing_else(database_url: str) -> None:
    """A session that began at one of them, its token, and its end are known to the other."""
    with closing(Site(database_url)) as one:
        browser = one.signed_in()
        sessions = Sessions(database_url, one.clock)
        other = create_app(
            one.okr, Queries(one.okr, one.runner), sessions=sessions, mode=Mode.OPEN
        ).test_client()
        cookie = browser.get_cookie("okr-es-session")
        assert cookie is not None
        other.set_cookie("okr-es-session", cookie.value)
        token = token_of(browser)
        assert formed(other, **token).status_code == 201
        assert browser.delete(f"{PREFIX}/sessions", headers=token).status_code in {200, 204}
        assert asked(other).status_code == 401
        sessions.close()


# ---- what a session may do ----------------------------------------------------------------


def test_who_is_signed_in_acts_as_themselves_with_the_token_alone(site: Site) -> None:
    browser = site.signed_in(BO)
    assert slug(formed(browser)) == "csrf-token-is-missing"
    other = token_of(site.signed_in(BO))
    assert slug(formed(browser, **other)) == "csrf-token-is-missing", "it is another session's"
    done = formed(browser, **token_of(browser))
    assert done.status_code == 201
    (entry, *_) = browser.get(f"{PREFIX}/audit-log").json["entries"]
    assert entry["by"] == {"id": BO, "name": "Bo"}
    named = formed(browser, **token_of(browser), **{"Okr-Actor": ADA})
    assert (named.status_code, slug(named)) == (403, "actor-is-another")
    assert formed(browser, **token_of(browser), **{"Okr-Actor": BO}).status_code == 201


def test_what_is_read_is_recorded_under_who_is_signed_in(site: Site) -> None:
    browser = site.signed_in(BO)
    assert browser.get(f"{PREFIX}/people").status_code == 200
    assert site.recorded()[-1] == (BO, "people")


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(on_sqlite: Site) -> None:
    answer = on_sqlite.browser().post("/sign-in", data={"link": on_sqlite.link()})
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("okr-es-session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    over_tls = on_sqlite.browser().post(
        "/sign-in", data={"link": on_sqlite.link()}, base_url="https://localhost"
    )
    (cookie,) = over_tls.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-okr-es-session=")
    assert "Secure" in cookie


def test_a_cookie_that_was_there_before_is_never_taken_over(on_sqlite: Site) -> None:
    browser = on_sqlite.browser()
    browser.set_cookie("okr-es-session", "fixed-by-somebody-else")
    browser.post("/sign-in", data={"link": on_sqlite.link()})
    assert browser.get_cookie("okr-es-session").value != "fixed-by-somebody-else"  # type: ignore[union-attr]
    assert asked(browser).status_code == 200


def test_another_sign_in_of_a_browser_ends_the_session_before_it(on_sqlite: Site) -> None:
    browser = on_sqlite.signed_in()
    browser.post("/sign-in", data={"link": on_sqlite.link()})
    assert len(asked(browser).json["sessions"]) == 1


def test_a_session_goes_on_while_anything_is_asked(on_sqlite: Site) -> None:
    browser = on_sqlite.signed_in()
    for _ in range(4):
        on_sqlite.now += Limits().idle * 0.75
        assert browser.get(f"{PREFIX}/teams").status_code == 200
    assert not ended(on_sqlite, browser)
    on_sqlite.now += Limits().idle
    assert slug(browser.get(f"{PREFIX}/teams")) == "session-is-over"


def test_a_refused_command_is_named_as_it_would_be_recorded(on_sqlite: Site) -> None:
    browser = on_sqlite.signed_in(BO)
    headers = {**token_of(browser), "Idempotency-Key": "one"}
    refused = browser.post(f"{PREFIX}/teams", json={}, headers=headers)
    done = formed(browser, **headers)
    assert (refused.status_code, done.status_code) == (422, 201)
    assert refused.headers["Command-Id"] == done.headers["Command-Id"]


def test_servers_on_one_machine_have_cookies_of_their_own(on_sqlite: Site) -> None:
    names = set()
    for port in ("", ":8000", ":8080"):
        where = f"http://localhost{port}"
        done = on_sqlite.browser().post("/sign-in", data={"link": on_sqlite.link()}, base_url=where)
        names.add(done.headers["Set-Cookie"].partition("=")[0])
    assert names == {"okr-es-session", "okr-es-session-8000", "okr-es-session-8080"}


# ---- how it ends --------------------------------------------------------------------------


def ended(site: Site, browser: FlaskClient) -> bool:
    """Whether the session of a browser is over: said once, and the cookie is gone."""
    answer = asked(browser)
    if answer.status_code == 200:
        return False
    assert (answer.status_code, slug(answer)) == (401, "session-is-over")
    assert browser.get_cookie("okr-es-session") is None
    return slug(asked(browser)) == "nobody-is-signed-in"


def test_it_ends_by_itself(site: Site) -> None:
    browser = site.signed_in()
    site.now += Limits().idle - timedelta(seconds=1)
    assert not ended(site, browser)
    site.now += Limits().idle
    assert slug(formed(browser, **{"Okr-Actor": ADA})) == "session-is-over"
    assert formed(browser, **{"Okr-Actor": ADA}).status_code == 201, "the cookie is gone"


def test_a_person_ends_one_or_all_of_their_own(site: Site) -> None:
    first, second, bos = site.signed_in(), site.signed_in(), site.signed_in(BO)
    listed = asked(second).json
    assert [each["id"] == listed["current"] for each in listed["sessions"]] == [True, False]
    others = asked(bos).json["current"]
    token = token_of(second)
    refused = second.delete(f"{PREFIX}/sessions/{others}", headers=token)
    assert (refused.status_code, slug(refused)) == (404, "not-found")
    assert second.delete(f"{PREFIX}/sessions/{asked(first).json['current']}").status_code == 403
    first_id = asked(first).json["current"]
    for path in ("", f"/{first_id}"):
        tagged = second.delete(f"{PREFIX}/sessions{path}", headers=token | {"If-Match": '"1"'})
        assert (tagged.status_code, slug(tagged)) == (412, "precondition-failed")
    assert second.delete(f"{PREFIX}/sessions/{first_id}", headers=token).status_code == 204
    assert ended(site, first)
    assert not ended(site, second)
    third = site.signed_in()
    assert second.delete(f"{PREFIX}/sessions", headers=token).status_code == 204
    assert asked(second).status_code == 401
    assert ended(site, third)
    assert not ended(site, bos)
    assert [each for each in site.recorded() if each[1] == "sign_out"] == [(ADA, "sign_out")] * 2


@pytest.mark.parametrize(
    "command",
    [c.DeactivatePerson(UUID(BO)), c.ErasePerson(UUID(BO), "GDPR Article 17")],
    ids=["deactivated", "erased"],
)
def test_who_leaves_or_is_erased_is_signed_out(site: Site, command: c.Command) -> None:
    browser, link = site.signed_in(BO), site.link(BO)
    site.execute(command, reason="It was agreed.")
    assert ended(site, browser)
    assert site.browser().post("/sign-in", data={"link": link}).status_code == 403
    again = site.link(BO)
    assert site.browser().get(f"/sign-in?link={again}").status_code == 403
    assert site.browser().post("/sign-in", data={"link": again}).status_code == 403


def test_a_link_that_was_sent_to_an_address_ends_as_that_is_corrected(site: Site) -> None:
    browser, link, of_another = site.signed_in(BO), site.link(BO), site.link(ADA)
    site.execute(c.ReplaceEmail(UUID(BO), "bo@example.org"))
    assert site.browser().post("/sign-in", data={"link": link}).status_code == 403
    assert not ended(site, browser)
    assert site.browser().post("/sign-in", data={"link": of_another}).status_code == 303


def test_who_left_is_signed_out_even_if_nothing_was_done_about_it(on_sqlite: Site) -> None:
    browser = on_sqlite.signed_in(BO)
    on_sqlite.okr.on_commit.clear()
    on_sqlite.execute(c.DeactivatePerson(UUID(BO)), reason="They left.")
    assert ended(on_sqlite, browser)
    on_sqlite.execute(c.ReactivatePerson(UUID(BO)), reason="They are back.")
    assert on_sqlite.sessions.of(UUID(BO)) == []


def test_what_cannot_be_ended_at_once_undoes_nothing(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Sessions, "end_all", away)
    on_sqlite.execute(c.ErasePerson(UUID(BO), "GDPR Article 17"), reason="They asked for it.")
    assert "was not signed out at once" in caplog.text


def test_nobody_signs_in_where_there_are_no_sessions(on_sqlite: Site) -> None:
    browser = create_app(
        on_sqlite.okr, Queries(on_sqlite.okr, on_sqlite.runner), mode=Mode.OPEN
    ).test_client()
    assert browser.get("/sign-in").status_code == 404
    browser.set_cookie("okr-es-session", "anything")
    assert slug(asked(browser)) == "nobody-is-signed-in"


# ---- on the command line --------------------------------------------------------------------


def run(site: Site, *words: str) -> str:
    found = CliRunner().invoke(main, ["--database", site.url, "people", *words])
    assert found.exit_code == 0, found.output
    return found.stdout.strip()


@pytest.mark.parametrize("command", ["invite", "sign-in-link"])
def test_an_operator_makes_a_link_that_signs_in(on_sqlite: Site, command: str) -> None:
    link = run(on_sqlite, command, BO, "--at", "https://okr.example/")
    assert link.startswith("https://okr.example/sign-in?link=")
    on_sqlite.now = datetime.now(NOW.tzinfo)
    assert on_sqlite.recorded() == [(None, "link_made")]
    browser = on_sqlite.browser()
    assert browser.post("/sign-in", data={"link": link.partition("link=")[2]}).status_code == 303
    assert asked(browser).json["person_id"] == BO


@pytest.mark.parametrize("command", ["invite", "sign-in-link"])
def test_a_link_leads_to_where_the_server_is_said_to_answer_or_is_not_made(
    on_sqlite: Site, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--database", on_sqlite.url, "people", command, BO]
    monkeypatch.delenv(URL, raising=False)
    unknown = CliRunner().invoke(main, words)
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "set OKR_ES_URL, or give --at URL" in unknown.stderr
    for address in ("okr.example", "ftp://okr.example", "http://", "https://okr.example/?a=1"):
        monkeypatch.setenv(URL, address)
        refused = CliRunner().invoke(main, words)
        assert (refused.exit_code, "is no URL such as" in refused.stderr) == (1, True), address
    assert on_sqlite.recorded() == [], "none was made"
    monkeypatch.setenv(URL, "http://127.0.0.1:8010/")
    assert run(on_sqlite, command, BO).startswith("http://127.0.0.1:8010/sign-in?link=")


def test_a_server_says_where_people_sign_in_and_where_links_have_to_lead() -> None:
    at, url = "http://127.0.0.1:8010", "https://okr.example.org/"
    assert answers_at(at, None, signs_in=True).splitlines() == [
        f"okr-es answers at {at}/api/v1/docs",
        f"People sign in at {at}/sign-in (links need --at {at}, or OKR_ES_URL)",
    ]
    assert answers_at(at, url, signs_in=True).splitlines()[1:] == [
        "People sign in at https://okr.example.org/sign-in"
    ]
    assert "sign in" not in answers_at(at, url, signs_in=False)


def test_an_operator_sees_and_ends_sessions(on_sqlite: Site) -> None:
    on_sqlite.now = datetime.now(NOW.tzinfo)
    browser = on_sqlite.signed_in(BO)
    current = asked(browser).json["current"]
    assert run(on_sqlite, "sessions", BO).startswith(f"{current}  by link")
    assert run(on_sqlite, "sessions", ADA) == "nobody is signed in"
    assert run(on_sqlite, "sign-out", ADA) == "0 sessions ended"
    as_json = json.loads(run(on_sqlite, "sign-out", ADA, "--json"))
    assert as_json == {"person_id": ADA, "ended": 0}
    assert run(on_sqlite, "sign-out", BO, "--session", current) == "1 session ended"
    assert ended(on_sqlite, browser)
    assert on_sqlite.recorded()[-1] == (None, "sign_out")


def test_no_link_is_made_for_who_is_not_there(on_sqlite: Site) -> None:
    at = ("--at", "https://okr.example")
    words = ["--database", on_sqlite.url, "people", "invite", str(uuid4()), *at]
    found = CliRunner().invoke(main, words)
    assert (found.exit_code, "There is no person" in found.stderr) == (1, True)
