"""A browser of this machine that reaches this machine alone, and a server to sign in at."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context
from tests.support.begun import OnSqlite, begin_example
from tests.support.example_pages import ExamplePages, served
from tests.support.mock_provider import mock_provider
from tests.web.conftest import ADA, BO
from tests.web.test_server import CLI, ROOT, free_port

PROGRAMS = ("chromium", "chromium-browser")
NOWHERE_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
ADAS = {"sub": "ada", "name": "Ada", "email": "ada@example.org", "email_verified": True}
BOS = {"sub": "bo", "name": "Bo"}
PROVIDERS = """
[providers.mock]
title = "Mock"
issuer = "{issuer}"
client_id = "okr-es"
client_secret = "secret"
"""


def found_chromium() -> str:
    """Where Chromium is. Where there is none the tests are skipped, but in CI that is a failure."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        missing = "There is no chromium: `apt-get install chromium`."
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    return program


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    program = found_chromium()
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", NOWHERE_ELSE]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def example(chromium: Browser, begun_on_sqlite: OnSqlite) -> Iterator[ExamplePages]:
    """The pages of the example company; where there is no browser, nothing is built."""
    assert chromium.is_connected()
    with begun_on_sqlite.fresh("example", begin_example) as url, served(url) as pages:
        yield pages


class Place:
    """Where the server answers, and its database."""

    def __init__(self, at: str, url: str) -> None:
        self.at, self.url = at, url

    def run(self, *words: str) -> str:
        """What the command line prints."""
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OKR_ES_URL": self.at}
        done = subprocess.run(
            [*CLI, "--database", self.url, *words],
            env=environment, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        return done.stdout.strip()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """`okr-es serve` with a provider of identity, both of them programs of their own.

    They are on hosts with different names, so that a browser takes one for foreign to the other.
    """
    folder, port = tmp_path_factory.mktemp("place"), str(free_port())
    url, at = f"sqlite:///{folder}/okr.db", f"http://localhost:{port}"
    begin(url)
    with mock_provider(ADAS, BOS) as issuer:
        file = folder / "providers.toml"
        file.write_text(PROVIDERS.format(issuer=issuer))
        settings = {"OKR_ES_OIDC": str(file), "OKR_ES_URL": at, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [*CLI, "--database", url, "serve", "--port", port],
            env=os.environ | settings, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline(), process.communicate()
        yield Place(at, url)
        process.terminate()
        process.communicate(timeout=20)


def begin(url: str) -> None:
    """Register two people."""
    with closing(Okr(url)) as okr:
        for person, name, email in ((ADA, "Ada", "ada@example.org"), (BO, "Bo", None)):
            command = c.RegisterPerson(name, email, UUID(person))
            okr.execute(command, Context(UUID(ADA)))


@contextmanager
def fresh_page(chromium: Browser, locale: str) -> Iterator[Page]:
    """A page of a browser that was never here."""
    with listened_to(chromium.new_context(locale=locale)) as page:
        yield page


@contextmanager
def listened_to(context: BrowserContext) -> Iterator[Page]:
    """A page of a browser; where our policy of content is broken, it fails."""
    context.set_default_timeout(10_000)
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert [each for each in said if "Failed to load resource" not in each] == []


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with fresh_page(chromium, "en-GB") as page:
        yield page


@pytest.fixture
def swedish(chromium: Browser) -> Iterator[Page]:
    with fresh_page(chromium, "sv-SE") as page:
        yield page
