"""Whatever goes wrong is told as application/problem+json, and nothing of the inside with it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from okr_es.application import Okr
from okr_es.domain import refusals
from okr_es.people.shredding import NotShredded
from tests.web.conftest import Caller
from web.api.problems import STATUS, status_of
from web.app import PREFIX


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", f"{PREFIX}/nothing", 404, "not-found"),
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/problems/nothing", 404, "not-found"),
        ("GET", f"{PREFIX}/objectives/7", 404, "not-found"),
        ("POST", f"{PREFIX}/cycles/a b/close", 404, "not-found"),
        ("DELETE", f"{PREFIX}/teams", 405, "method-not-allowed"),
        ("PUT", f"{PREFIX}/cycles/2025-Q3/close", 405, "method-not-allowed"),
    ],
)
def test_errors_of_route_and_method_are_problems_too(
    method: str, path: str, status: int, slug: str, client: Any
):
    response = client.open(path, method=method)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert response.json["type"] == f"/problems/{slug}"
    assert (status == 405) == ("Allow" in response.headers)


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def test_what_nobody_foresaw_shows_nothing_of_the_inside(
    okr: Okr, ada: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(okr, "execute", failing(ZeroDivisionError("secret")))
    response = ada.post("/teams", {"name": "A"})
    assert response.status_code == 500
    assert response.json["type"] == "/problems/unexpected"
    assert "secret" not in response.text
    assert "secret" in caplog.text


def test_a_database_that_is_away_asks_to_come_again(
    okr: Okr, ada: Caller, monkeypatch: pytest.MonkeyPatch
):
    away = OperationalError("SELECT secret", {}, Exception("cannot connect"))
    monkeypatch.setattr(okr, "execute", failing(away))
    response = ada.post("/teams", {"name": "A"})
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert response.json["type"] == "/problems/database-is-unavailable"
    assert "secret" not in response.text


def test_an_erasure_that_somebody_keeps_from_being_finished_asks_to_come_again(
    okr: Okr, ada: Caller, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(okr, "execute", failing(NotShredded("Somebody reads on.")))
    response = ada.post("/teams", {"name": "A"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert response.json["type"] == "/problems/erasure-is-unfinished"


def all_refusals(cls: type = refusals.Refusal) -> list[type[refusals.Refusal]]:
    return [each for sub in cls.__subclasses__() for each in (sub, *all_refusals(sub))]


@pytest.mark.parametrize("cls", all_refusals(), ids=lambda cls: cls.__name__)
def test_every_refusal_has_a_status_in_the_table(cls: type[refusals.Refusal]):
    assert any(base in STATUS for base in cls.__mro__)
    refusal = cls("edit") if cls is refusals.ReasonIsMissing else cls("No.")
    is_ours = cls is refusals.ClockIsAhead  # not the caller's fault
    assert 400 <= status_of(refusal, in_body=False) < 500 or is_ours
