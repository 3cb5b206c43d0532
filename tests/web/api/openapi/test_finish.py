"""The description as a whole: one path an address, reasons, examples that work, links that lead."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator

from okr_es.application import Okr
from tests.support import openapi_document
from tests.web.api.test_commands import BODIES, address, filled, prepare
from tests.web.conftest import Caller
from web.api.commands import ROUTES, Route
from web.api.openapi.finish import (
    IN_PATH,
    NEEDS_REASON,
    examples,
    one_path_per_address,
    operations,
)
from web.api.openapi.introduction import TAGS
from web.app import PREFIX

named = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.command.__name__)


@pytest.fixture
def page(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{PREFIX}/openapi.json").json
    return found


def of_command(page: dict[str, Any], route: Route) -> dict[str, Any]:
    name = route.command.__name__
    (found,) = [
        operation
        for _, _, operation in operations(page)
        if operation["operationId"] == name[0].lower() + name[1:]
    ]
    return found


def test_an_address_stands_once(page: dict[str, Any]) -> None:
    shapes = Counter(IN_PATH.sub("{}", path) for path in page["paths"])
    assert [shape for shape, count in shapes.items() if count > 1] == []
    assert set(page["paths"][f"{PREFIX}/kpis/{{kpi_id}}/readings"]) >= {"get", "post"}


def test_two_paths_of_one_address_become_one() -> None:
    """The planted violation, and what becomes of the names in it."""
    seen = {"get": {"parameters": [{"in": "path", "name": "id"}, {"in": "query", "name": "id"}]}}
    sent = {"post": {"parameters": [{"in": "path", "name": "kpi_id"}, "Okr-Actor"]}}
    merged = one_path_per_address({"/kpis/{id}/readings": seen, "/kpis/{kpi_id}/readings": sent})
    at_path = {"in": "path", "name": "kpi_id"}
    assert merged == {
        "/kpis/{kpi_id}/readings": {
            "get": {"parameters": [at_path, {"in": "query", "name": "id"}]}, **sent,
        }
    }  # fmt: skip


def test_every_parameter_in_a_path_is_described_and_no_other(page: dict[str, Any]) -> None:
    for path, _, operation in operations(page):
        shared = page["paths"][path].get("parameters", [])
        given = [*shared, *operation.get("parameters", [])]
        names = [each["name"] for each in given if each.get("in") == "path"]
        assert sorted(names) == sorted(IN_PATH.findall(path)), path


@named
def test_a_reason_is_mandatory_exactly_where_nothing_happens_without(
    route: Route, okr: Okr, ada: Caller, company: dict[str, str], page: dict[str, Any]
) -> None:
    """As far as this company goes: others need one too once a plan is committed."""
    prepare(route, ada, company, okr)
    body = filled(BODIES[route.command], company)
    body.pop("reason", None)
    response = ada.post(address(route, company), body)
    is_missing = response.json.get("type") == "/problems/reason-is-missing"
    assert (route.command in NEEDS_REASON) <= is_missing
    (content,) = of_command(page, route)["requestBody"]["content"].values()
    schema = page["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    assert ("reason" in schema.get("required", ())) == (route.command in NEEDS_REASON)


@named
def test_the_example_of_a_command_is_carried_out(
    route: Route, okr: Okr, ada: Caller, company: dict[str, str], page: dict[str, Any]
) -> None:
    """With the ids of this company in the place of those in the description."""
    prepare(route, ada, company, okr)
    operation = of_command(page, route)
    (content,) = operation["requestBody"]["content"].values()
    schema = {**content["schema"], "components": page["components"]}
    assert Draft202012Validator(schema).is_valid(content["example"])
    written = msgspec.json.encode(content["example"]).decode()
    for name, id_ in examples()["ids"].items():
        if name in company and isinstance(id_, str):
            written = written.replace(f'"{id_}"', f'"{company[name]}"')
    response = ada.post(address(route, company), msgspec.json.decode(written))
    assert response.status_code in {200, 201}, response.text
    ids = [each for each in operation["parameters"] if each.get("in") == "path"]
    assert all("example" in each for each in ids)


def test_what_begins_something_leads_to_all_that_is_about_it(page: dict[str, Any]) -> None:
    ids = {operation["operationId"]: path for path, _, operation in operations(page)}
    linked: dict[str, dict[str, Any]] = {}
    for _, method, operation in operations(page):
        for status, response in operation["responses"].items():
            for link in response.get("links", {}).values():
                assert link["operationId"] in ids
                (name,) = link["parameters"]
                assert f"{{{name}}}" in ids[link["operationId"]]
                assert (method, status) in {("post", "201"), ("post", "202")}
        begun = operation["responses"].get("201", {}).get("links", {})
        if "201" in operation["responses"] and method == "post":
            linked[operation["operationId"]] = begun
    assert [name for name, links in linked.items() if not links] == []
    assert {"commitObjective", "addKeyResult", "objectives_objective"} <= set(
        linked["draftObjective"]
    )
    assert {"correctReading", "readings_reading"} <= set(linked["recordReading"])
    waits = page["paths"][f"{PREFIX}/cycles/{{cycle_id}}/close"]["post"]["responses"]["202"]
    assert {"approveRequest", "refuseRequest", "withdrawRequest"} <= set(waits["links"])


def test_there_is_an_introduction_and_every_tag_says_what_it_is_about(page: dict[str, Any]) -> None:
    info = page["info"]
    for word in ("Idempotency-Key", "If-Match", "known_at", "problem+json", "order", "Deprecation"):
        assert word in info["description"], word
    assert page["servers"] == [{"url": "/", "description": "This server."}]
    assert [each for each in page["tags"] if each["name"] not in TAGS] == []
    assert all(re.search(r"\.$", each["description"]) for each in page["tags"])


def test_it_says_how_one_says_who_calls(page: dict[str, Any]) -> None:
    schemes = page["components"]["securitySchemes"]
    assert page["security"] == [{name: []} for name in schemes]
    assert {each["type"] for each in schemes.values()} == {"http", "apiKey"}
    assert {} in page["paths"][f"{PREFIX}/people"]["post"]["security"]


def parts_of(said: Any) -> Iterator[dict[str, Any]]:
    """All objects in a description."""
    if isinstance(said, dict):
        yield said
    for each in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        yield from parts_of(each)


def test_every_word_of_a_list_is_of_the_type_beside_it(page: dict[str, Any]) -> None:
    lists = [each for each in parts_of(page) if isinstance(each.get("enum"), list)]
    assert len(lists) > 50
    for each in lists:
        is_valid = Draft202012Validator({"type": each["type"]}).is_valid
        assert [word for word in each["enum"] if not is_valid(word)] == [], each


def test_a_number_has_one_bound_on_each_side(page: dict[str, Any]) -> None:
    for bound in ("minimum", "maximum"):
        both = {bound, f"exclusive{bound.capitalize()}"}
        assert [each for each in parts_of(page) if both <= each.keys()] == []


def test_what_the_linter_reads_is_the_page(
    page: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Not made exact by the way: numbers of examples are numbers in it."""
    openapi_document.main()
    printed = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert printed == page


def test_no_header_has_a_format_that_makes_a_client_send_no_text(page: dict[str, Any]) -> None:
    headers = page["components"]["parameters"].values()
    assert [each["name"] for each in headers if "format" in each["schema"]] == []
