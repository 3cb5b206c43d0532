"""Links to sign in by are mailed: to whom, over what, and what is said where it is not possible."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask import Flask

from okr_es import commands as c
from okr_es.access.links import MOST_ASKED_FOR, PAUSE
from tests.support.certificates import YEAR, made
from tests.support.mail_server import Kept, mail_server
from tests.web.conftest import ADA, BO
from tests.web.test_sign_in import Site, asked
from web import server
from web.cli.main import main
from web.mail import Mailer, MailFails, mailer_of
from web.pages import link_by_mail
from web.pages.frame import assets
from web.pages.link_by_mail import MOST_ASKED, Asked, Post
from web.settings import MAIL_FROM, SMTP, URL, Unusable

FROM = "okr-es@example.org"


@pytest.fixture(scope="module")
def running() -> Iterator[Kept]:
    with mail_server() as kept:
        yield kept


@pytest.fixture
def kept(running: Kept) -> Kept:
    """A server that took nothing yet."""
    running.messages.clear()
    return running


def url_of(kept: Kept) -> str:
    return f"smtp://127.0.0.1:{kept.port}?starttls=no"


@pytest.fixture
def site(sqlite_url: str, kept: Kept) -> Iterator[Site]:
    """Ada has an address, and who asks for a link gets one by mail."""
    mailer = mailer_of(url_of(kept), FROM)
    assert mailer is not None
    with closing(Site(sqlite_url, post=Post(mailer, "https://okr.example"))) as site:
        site.execute(c.ReplaceEmail(UUID(ADA), "ada@example.org"))
        yield site


def link_in(text: str) -> str:
    (line,) = (line for line in text.splitlines() if line.startswith("https://"))
    return line


def ask(site: Site, email: str, language: str = "en") -> str:
    """Ask for a link on the page; what it says, after all was sent that is to be sent."""
    headers = {"Accept-Language": language}
    answer = site.browser().post("/sign-in/link", data={"email": email}, headers=headers)
    assert answer.status_code == 200
    site.app.extensions["okr_es_links_by_mail"].waiting.join()
    return answer.text


# ---- asked for on the page ------------------------------------------------------------------


def test_who_asks_gets_a_link_that_signs_them_in(site: Site, kept: Kept) -> None:
    assert 'action="/sign-in/link"' in site.browser().get("/sign-in").text
    ask(site, " ADA@example.org")
    ((to, message),) = kept.messages
    assert (to, message["From"], message["To"]) == (["ada@example.org"], FROM, "ada@example.org")
    assert "Ada & <Co>" in message.get_content()
    link = link_in(message.get_content())
    assert link.startswith("https://okr.example/sign-in?link=")
    browser = site.browser()
    assert browser.post("/sign-in", data={"link": link.partition("=")[2]}).status_code == 303
    assert asked(browser).json["person_id"] == ADA
    assert site.recorded() == [(None, "link_made"), (ADA, "sign_in")]


def test_of_a_mail_nothing_is_kept_but_that_a_link_was_made(site: Site, kept: Kept) -> None:
    ask(site, "ada@example.org")
    ((_, message),) = kept.messages
    words = [
        "ada@example.org",
        message["Subject"],
        link_in(message.get_content()).partition("=")[2],
    ]
    files = list(site.okr.database.path.parent.glob("okr*"))
    assert len(files) > 3
    stored = b"".join(path.read_bytes() for path in files)
    assert [word for word in words if word.encode() in stored] == []
    assert site.recorded() == [(None, "link_made")]


def test_the_mail_speaks_the_language_of_the_page(site: Site, kept: Kept) -> None:
    page = ask(site, "ada@example.org", "sv")
    assert "en länk på väg" in page
    ((_, message),) = kept.messages
    assert message["Subject"] == "Logga in i okr-es"


def test_the_answer_is_the_same_whoever_asks(site: Site, kept: Kept) -> None:
    site.execute(c.ReplaceEmail(UUID(BO), "bo@example.org"))
    site.execute(c.DeactivatePerson(UUID(BO)), reason="They left.")
    pages = {ask(site, email) for email in ("ada@example.org", "bo@example.org", "no@example.org")}
    assert len(pages) == 1
    assert len(kept.messages) == 1
    assert site.recorded() == [(None, "link_made"), *[(None, "sign_in_refused")] * 2]


def test_an_address_of_two_people_gets_nothing(site: Site, kept: Kept) -> None:
    site.execute(c.ReplaceEmail(UUID(BO), "Ada@Example.org"))
    ask(site, "ada@example.org")
    assert kept.messages == []


def test_nobody_gets_more_than_some_links_and_loses_none(site: Site, kept: Kept) -> None:
    invitation = site.link(ADA)
    for _ in range(MOST_ASKED):
        ask(site, "ada@example.org")
    assert len(kept.messages) == MOST_ASKED_FOR - 1
    assert site.browser().get(f"/sign-in?link={invitation}").status_code == 200
    answer = site.browser().post("/sign-in/link", data={"email": "ada@example.org"})
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)


def test_a_flood_neither_ends_the_links_of_a_person_nor_locks_them_out(
    site: Site, kept: Kept
) -> None:
    for _ in range(MOST_ASKED):
        ask(site, "ada@example.org")
    for _, message in kept.messages:
        link = link_in(message.get_content())
        assert site.browser().get(f"/sign-in?{link.partition('?')[2]}").status_code == 200
    site.now += PAUSE
    desk = site.app.extensions["okr_es_links_by_mail"]
    desk.send(Asked("ada@example.org", "en", "192.0.2.9"))
    assert len(kept.messages) == MOST_ASKED_FOR + 1


def test_a_client_asks_so_often_in_an_hour(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_by_mail, "MOST_ASKED", 100)
    monkeypatch.setattr(link_by_mail, "MOST_IN_AN_HOUR", 2)
    app = Flask("pages", template_folder=str(Path(link_by_mail.__file__).parent / "templates"))
    post = site.app.extensions["okr_es_links_by_mail"].post
    app.register_blueprint(link_by_mail.blueprint(site.okr, site.sessions, post))
    app.jinja_env.globals["asset"] = assets.address
    answers = [app.test_client().post("/sign-in/link", data={"email": "x@example.org"})
               for _ in range(3)]  # fmt: skip
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 3_000


@pytest.mark.parametrize("email", ["", "x" * 300, "ada@example.org\r\nBcc: eve@example.org"])
def test_what_is_no_address_sends_nothing(site: Site, kept: Kept, email: str) -> None:
    ask(site, email)
    assert kept.messages == []


def test_a_server_that_refuses_is_logged_and_holds_nobody_up(
    site: Site, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.refuses = True
    try:
        ask(site, "ada@example.org")
    finally:
        kept.refuses = False
    assert "was not sent" in caplog.text
    assert "ada@" not in caplog.text
    ask(site, "ada@example.org")
    assert len(kept.messages) == 1


def test_without_mail_nobody_can_ask(sqlite_url: str) -> None:
    with closing(Site(sqlite_url)) as site:
        assert "/sign-in/link" not in site.browser().get("/sign-in").text
        assert site.browser().post("/sign-in/link").status_code == 404


# ---- on the command line ---------------------------------------------------------------------


@pytest.mark.parametrize("command", ["invite", "sign-in-link"])
def test_an_operator_mails_a_link(
    site: Site, kept: Kept, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv(SMTP, url_of(kept))
    monkeypatch.setenv(MAIL_FROM, FROM)
    words = ["--database", site.url, "people", command, ADA, "--mail", "--language", "sv"]
    done = CliRunner().invoke(main, [*words, "--at", "https://okr.example"])
    assert (done.exit_code, done.stdout.strip()) == (0, "The mail is sent.")
    ((_, message),) = kept.messages
    assert "loggar in dig" in message.get_content()
    secret = link_in(message.get_content()).partition("=")[2]
    site.now = datetime.now(UTC)
    assert site.browser().post("/sign-in", data={"link": secret}).status_code == 303


def test_what_cannot_be_mailed_is_said(
    site: Site, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(person: str = ADA) -> str:
        words = [
            "--database",
            site.url,
            "people",
            "invite",
            person,
            "--mail",
            "--at",
            "https://okr.example",
        ]
        done = CliRunner().invoke(main, words)
        assert (done.exit_code, done.stdout) == (1, "")
        return done.stderr

    monkeypatch.delenv(SMTP, raising=False)
    monkeypatch.delenv(MAIL_FROM, raising=False)
    assert "No mail is set up" in refused()
    monkeypatch.setenv(SMTP, url_of(kept))
    monkeypatch.setenv(MAIL_FROM, FROM)
    assert "The person has no e-mail address" in refused(BO)
    site.execute(c.ReplaceEmail(UUID(BO), "bo@example.org, eve@example.org"))
    assert "is no e-mail address" in refused(BO)
    monkeypatch.setattr(kept, "refuses", True)
    assert "does not take the mail: SMTPDataError. Nobody has the link" in refused()
    assert kept.messages == []


# ---- settings and TLS --------------------------------------------------------------------------


def test_the_server_of_mail_is_read_from_a_url() -> None:
    assert mailer_of(None, None) is None
    tls = mailer_of("smtps://ada:p%40ss@mail.example", FROM)
    assert isinstance(tls, Mailer)
    assert (tls.host, tls.port, tls.is_tls, tls.begins_tls) == ("mail.example", 465, True, False)
    assert (tls.user, tls.password, "p@ss" in repr(tls)) == ("ada", "p@ss", False)
    begins = mailer_of("smtp://mail.example:2525", FROM)
    assert isinstance(begins, Mailer)
    assert (begins.port, begins.is_tls, begins.begins_tls) == (2525, False, True)


UNUSABLE = {
    "one of both": (None, FROM, "both or neither"),
    "no sender": ("smtp://mail.example", None, "both or neither"),
    "a sender that is none": ("smtp://mail.example", "okr-es", f"{MAIL_FROM} is no e-mail address"),
    "two senders": ("smtp://mail.example", "a@b.c, d@e.f", f"{MAIL_FROM} is no e-mail address"),
    "another scheme": ("http://mail.example", FROM, f"{SMTP} is no smtp://"),
    "no host": ("smtp://", FROM, f"{SMTP} is no smtp://"),
    "no port": ("smtp://mail.example:port", FROM, f"{SMTP} is no smtp://"),
    "another option": ("smtp://mail.example?tls=no", FROM, f"{SMTP} is no smtp://"),
    "without TLS": ("smtp://mail.example?starttls=no", FROM, "on this machine alone"),
}


@pytest.mark.parametrize("which", UNUSABLE)
def test_a_setting_that_cannot_be_used_is_named_at_the_start(
    which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, sender, message = UNUSABLE[which]
    for name, value in ((SMTP, url), (MAIL_FROM, sender)):
        monkeypatch.setenv(name, value or "")
    monkeypatch.setenv(URL, "https://okr.example")
    with pytest.raises(Unusable, match=message) as raised:
        server.post()
    assert "PASS" not in str(raised.value).replace("USER:PASSWORD", "")


def trusting(certificate: Path) -> Callable[[], ssl.SSLContext]:
    return lambda: ssl.create_default_context(cafile=certificate)


def test_mail_goes_over_tls_with_a_certificate_that_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = made(tmp_path, begins=datetime.now(UTC) - YEAR)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with mail_server(tls_context=context, require_starttls=True) as kept:
        mailer = mailer_of(f"smtp://ada:p%40ss@127.0.0.1:{kept.port}", FROM)
        assert mailer is not None
        with pytest.raises(MailFails, match="SSLCertVerificationError"):
            mailer.send("ada@example.org", "Hi", "Hello")
        monkeypatch.setattr("web.mail.tls_context", trusting(certificate))
        mailer.send("ada@example.org", "Hi", "Hello")
        assert kept.users == ["ada"]
        assert len(kept.messages) == 1
    with mail_server() as kept:
        mailer = mailer_of(f"smtp://127.0.0.1:{kept.port}", FROM)
        assert mailer is not None
        with pytest.raises(MailFails):
            mailer.send("ada@example.org", "Hi", "Hello")
        assert kept.messages == []
