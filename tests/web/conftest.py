"""The API on a fresh log, and a small company to ask about."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from okr_es.application import Okr
from projections.names.naming import Named
from tests.support.ids import cycle_uuid
from web.api.entrance import Mode
from web.app import PREFIX, create_app

NOW = datetime(2025, 8, 15, 12, tzinfo=UTC)
ADA = "6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2f01"
BO = "6a0c5f0e-5b1c-4d53-9a51-0d8a3f6d2f02"
METRIC = {"kind": "metric", "baseline": "0", "target": "1000", "unit": "customers"}
SPAN = {"starts": "2025-07-01", "ends": "2025-09-30"}


class CurrentOkr:
    """Stands for the application of the test that runs, so that all tests share one Flask app."""

    it: Okr | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.it, name)


class CurrentQueries:
    """Stands for the read side of the test that runs."""

    it: Any = None

    def __getattr__(self, name: str) -> Any:
        if self.it is not None:
            return getattr(self.it, name)

        def ask(*about: Any, **asked: Any) -> Any:  # the app is made: there is no test yet
            return getattr(self.it, name)(*about, **asked)

        return ask


@cache
def shared_app() -> tuple[Flask, CurrentOkr, CurrentQueries]:
    """An app, made once: making it costs more than most tests."""
    okr, queries = CurrentOkr(), CurrentQueries()
    return create_app(okr, queries, mode=Mode.OPEN), okr, queries


def client_of(okr: Okr, queries: Any) -> FlaskClient:
    """A client of the API; one that was made before asks the same from now on."""
    app, current_okr, current_queries = shared_app()
    current_okr.it, current_queries.it = okr, queries
    return app.test_client()


class FakeQueries:
    """Stands in for the read side: answers with what it was asked."""

    def __init__(self, okr: Any) -> None:
        self.okr = okr
        self.behind = 0

    def __getattr__(self, question: str) -> Callable[..., dict[str, Any]]:
        def answer(*about: Any, **parameters: Any) -> dict[str, Any]:
            asked = {"question": question, "about": about, "parameters": parameters}
            return {"position": self.okr.log.head(), **asked}

        return answer

    hides = False

    def named(self, _: str, found: Any) -> Any:
        return found

    def held(self, found: Any) -> Named:
        return Named(found, found)

    def with_ids(self, asked: dict[str, Any]) -> dict[str, Any]:
        return asked

    def position(self) -> dict[str, int]:
        head = self.okr.log.head()
        return {"log": head, "read_model": head - self.behind, "behind": self.behind}


class Caller:
    """Calls the API as one person."""

    def __init__(self, client: FlaskClient, actor: str | None = ADA) -> None:
        self.client = client
        self.actor = actor

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a command; underscores in header names become dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.actor is not None:
            named.setdefault("Okr-Actor", self.actor)
        data = body if isinstance(body, bytes | None) else msgspec.json.encode(body)
        kind = named.pop("Content-Type", "application/json" if data is not None else None)
        return self.client.post(PREFIX + path, data=data, content_type=kind, headers=named)

    def done(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Send a command that must be carried out; return its receipt."""
        response = self.post(path, body, **headers)
        assert response.status_code in {200, 201, 202}, response.text
        return response.json


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with the log of a small company, and its ids: made once, copied for each test."""
    folder = tmp_path_factory.mktemp("founded")
    okr = Okr(f"sqlite:///{folder}/okr.db", clock=lambda: NOW)
    ada = Caller(client_of(okr, FakeQueries(okr)))
    ada.done("/people", {"name": "Ada", "id": ADA})
    ids = found_company(ada)
    okr.close()
    return folder, ids


@pytest.fixture
def okr(tmp_path: Path, founded: tuple[Path, dict[str, str]]) -> Iterator[Okr]:
    """The application on the log of a small company."""
    shutil.copytree(founded[0], tmp_path / "company")
    app = Okr(f"sqlite:///{tmp_path}/company/okr.db", clock=lambda: NOW)
    yield app
    app.close()


@pytest.fixture
def company(founded: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """The ids of the company."""
    return dict(founded[1])


@pytest.fixture
def empty_okr(sqlite_url: str) -> Iterator[Okr]:
    """The application on an empty log."""
    app = Okr(sqlite_url, clock=lambda: NOW)
    yield app
    app.close()


@pytest.fixture
def queries(okr: Okr) -> FakeQueries:
    return FakeQueries(okr)


@pytest.fixture
def client(okr: Okr, queries: FakeQueries) -> FlaskClient:
    return client_of(okr, queries)


@pytest.fixture
def ada(client: FlaskClient) -> Caller:
    """Ada, who is registered."""
    return Caller(client)


@pytest.fixture
def nobody(empty_okr: Okr) -> Caller:
    """Someone who names nobody, before an empty log."""
    return Caller(client_of(empty_okr, FakeQueries(empty_okr)), actor=None)


def found_company(ada: Caller) -> dict[str, Any]:
    """Teams, cycles, two objectives (one a draft), key results, a KPI, a reading: their ids.

    In the end two requests wait for approval, one of Bo's and one of Ada's own.
    """
    ids: dict[str, Any] = {"cycle_id": "2025-Q3", "person_id": ADA}
    begin = lambda path, body: ada.done(path, body)["id"]  # noqa: E731
    for name in ("2025-Q3", "2025-Q4"):
        begin("/cycles", {"name": name, "id": str(cycle_uuid(name))})
    ids["team_id"] = begin("/teams", {"name": "Acme", "kind": "company"})
    ids["other_team_id"] = begin("/teams", {"name": "Web"})
    objective = {"cycle_id": "2025-Q3", "team_id": ids["team_id"], "owner_id": ADA}
    ids["objective_id"] = begin("/objectives", objective | {"title": "Lead the market"})
    ids["draft_id"] = begin("/objectives", objective | {"title": "Ship 2.0"})
    key_result = {"title": "New customers", "measure": METRIC}
    ids["key_result_id"] = begin(f"/objectives/{ids['objective_id']}/key-results", key_result)
    ids["other_key_result_id"] = begin(f"/objectives/{ids['draft_id']}/key-results", key_result)
    ada.done(f"/objectives/{ids['objective_id']}/commit")
    kpi = {
        "name": "Lead time", "direction": "decrease", "unit": "customers", "source": "CRM",
        "cadence": "daily", "owner_id": ADA, "target": SPAN | {"target": "2"}, "baseline": "4",
    }  # fmt: skip
    ids["kpi_id"] = begin("/kpis", kpi)
    reading = {"as_of": "2025-08-01", "value": "3.5"}
    ids["reading_id"] = begin(f"/kpis/{ids['kpi_id']}/readings", reading)
    begin("/people", {"name": "Bo", "id": BO})
    ada.done("/cycles/2025-Q4/require-approval", {"of": ["closing"]})
    nothing = {"of": [], "reason": "We are five."}
    for name, caller in (("approval_id", Caller(ada.client, BO)), ("own_request_id", ada)):
        ids[name] = caller.done("/cycles/2025-Q4/require-approval", nothing)["approval_id"]
    return ids


def reading_value(okr: Okr, reading_id: str) -> Any:
    """The value of a reading, folded from its events."""
    return okr.repository.get(UUID(reading_id)).value
