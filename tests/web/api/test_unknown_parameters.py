"""What stands behind the `?` of an address is taken or refused by its name, never passed over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.tried import everything
from tests.web.api.test_commands import BODIES, address, filled, prepare
from tests.web.api.test_foreign_pages import requests_of
from tests.web.conftest import ADA, Caller, client_of
from web.api.commands import ROUTES, Route
from web.app import PREFIX

BY = {"Okr-Actor": ADA}


@pytest.fixture
def ada(okr: Okr) -> Iterator[Caller]:
    """Ada, before the real read side."""
    runner = Runner(okr)
    yield Caller(client_of(okr, Queries(okr, runner)))
    runner.close()


def operations(client: FlaskClient) -> Iterator[tuple[str, str, str]]:
    """Method, path and rule of all that the description has."""
    for method, path, rule in requests_of(client):
        is_described = path.startswith(f"{PREFIX}/") and "/docs" not in path
        if is_described and "openapi.json" not in path and method not in {"HEAD", "OPTIONS"}:
            yield method, path, rule


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.command.__name__)
def test_a_command_that_is_to_be_tried_by_its_address_is_not_carried_out(
    route: Route, okr: Okr, ada: Caller, company: dict[str, str]
) -> None:
    """`POST /commands?dry_run=true` tries out; single commands have it in the body."""
    prepare(route, ada, company, okr)
    before, body = everything(okr), filled(BODIES[route.command], company)
    refused = ada.post(f"{address(route, company)}?dry_run=true", body)
    assert (refused.status_code, refused.json["field"]) == (422, "dry_run")
    assert "in its body" in refused.json["detail"]
    assert "Command-Id" in refused.headers
    assert everything(okr) == before


def test_no_address_passes_over_a_parameter(okr: Okr, ada: Caller) -> None:
    before, asked = everything(okr), list(operations(ada.client))
    assert len(asked) > 140
    for method, path, rule in asked:
        answer = ada.client.open(f"{path}?colour=red", method=method, headers=BY)
        if answer.status_code in {401, 403, 415}:
            assert "sessions" in rule or rule.endswith(("/commands", "/preview"))
            continue
        assert answer.status_code == 422, (method, path)
        assert "colour" in answer.json["errors"], (method, path)
    assert everything(okr) == before


@pytest.mark.parametrize(("written", "status"), [("&", 201), ("&&", 201), ("=", 422), ("x", 422)])
def test_separators_alone_are_no_parameters(written: str, status: int, ada: Caller) -> None:
    assert ada.post(f"/teams?{written}", {"name": "Web"}).status_code == status
