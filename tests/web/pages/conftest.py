"""The company of roles behind the pages, and a browser of each person in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.begun import OnSqlite
from tests.support.company_of_roles import NOW, OTHER, ROLES, id_of
from tests.web.test_confidential import begin_confidential
from web.api.entrance import Mode
from web.app import create_app

EVERYBODY = {name: id_of(name) for name in ROLES} | {"other": OTHER}


class Pages:
    """The pages of a server in development mode, where one chooses who one is."""

    def __init__(self, url: str) -> None:
        self.okr = Okr(url, clock=lambda: NOW)
        self.runner = Runner(self.okr)
        self.sessions = Sessions(url)
        self.sessions.create()
        self.queries = Queries(self.okr, self.runner)
        self.app = create_app(self.okr, self.queries, sessions=self.sessions, mode=Mode.DEVELOPMENT)

    def browser(self, who: str | UUID, language: str = "en") -> FlaskClient:
        """A browser of a person, by the name of their role or by their id."""
        made = self.app.test_client()
        made.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        person = EVERYBODY[who] if isinstance(who, str) else who
        assert made.post("/choose", data={"person_id": str(person)}).status_code == 303
        return made

    def close(self) -> None:
        self.runner.close()
        self.sessions.close()
        self.okr.close()


@contextmanager
def begun(begun_on_sqlite: OnSqlite) -> Iterator[Pages]:
    """The company as it was begun, with confidential goals."""
    with (
        begun_on_sqlite.fresh("confidential", begin_confidential) as url,
        closing(Pages(url)) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def pages(begun_on_sqlite: OnSqlite) -> Iterator[Pages]:
    """The company, to look at: all tests of a file share it."""
    with begun(begun_on_sqlite) as made:
        yield made


@pytest.fixture
def fresh_pages(begun_on_sqlite: OnSqlite) -> Iterator[Pages]:
    """The company for a test that changes something."""
    with begun(begun_on_sqlite) as made:
        yield made


def token_of(page: str) -> str:
    """The token that a form of a page sends beside the cookie."""
    return re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', page)[0]


def form_of(browser: FlaskClient, address: str, **typed: Any) -> dict[str, Any]:
    """The hidden fields of the form at an address, with what was typed into the others."""
    page = browser.get(address).text.partition("<main")[2]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    return hidden | typed
