"""Limits of fields: what the description says is enforced, one step beyond and not one before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from tests.support.tried import everything
from tests.web.api.test_commands import BODIES, address, filled, prepare
from tests.web.conftest import Caller
from web.api.commands import ROUTES, Route
from web.api.fields import BIGGEST_INTEGER
from web.api.limits import OF_LISTS, OF_NUMBERS, OF_ONE, OF_TEXTS
from web.app import PREFIX

# Parts of a command that its body does not have yet, with what they need.
PARTS: dict[str, dict[str, Any]] = {
    "Evidence": {"link": "https://example.org/report", "sha256": "0" * 64},
    "Holiday": {"starts": "2025-12-06", "name": "Independence Day"},
    "Measure": {"kind": "milestone"},
    "MeasureChanges": {},
    "Point": {"on": "2025-08-20", "share": "0.5"},
    "TargetChanges": {"starts": "2025-07-01"},
    "GraceChanges": {},
    "Zones": {"commit": "A", "target": "B", "stretch": "C"},
}
HUNDRED = [str(each) for each in range(100)]


@pytest.fixture
def page(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{PREFIX}/openapi.json").json
    return found


def beyond(said: dict[str, Any]) -> Iterator[Any]:
    """Values that are one step beyond what is said of a field."""
    if said.get("maxLength", 2_000) < 2_000:
        yield "x" * (said["maxLength"] + 1)
    if "minimum" in said and said["minimum"] > -BIGGEST_INTEGER:
        yield said["minimum"] - 1
    if "maximum" in said and said["maximum"] < BIGGEST_INTEGER:
        yield said["maximum"] + 1
    if said.get("exclusiveMinimum") == 0:
        yield 0
    elif "exclusiveMaximum" in said:
        yield said["exclusiveMaximum"]
    if not isinstance(said.get("type"), list) and said.get("pattern", "^(19")[:4] != "^(19":
        yield "?"


def lists_beyond(said: dict[str, Any]) -> Iterator[list[Any]]:
    """Lists that are one step beyond what is said of a field."""
    items = said.get("items", {})
    if "maxItems" in said:
        yield [item(items, number) for number in range(said["maxItems"] + 1)]
    if "minItems" in said:
        yield []
    if said.get("uniqueItems"):
        yield [items.get("enum", ["twice"])[0]] * 2
    if items.get("maxLength", 2_000) < 2_000:
        yield ["x" * (items["maxLength"] + 1)]


def item(said: dict[str, Any], number: int) -> Any:
    """An item of a list, unlike all others."""
    if "$ref" in said:
        day = date(2000, 1, 1) + timedelta(days=number)
        return {"starts": str(day), "name": f"Day {number}"}
    return str(uuid4()) if said.get("format") == "uuid" else f"Step {number}"


def bodies_beyond(
    page: dict[str, Any], name: str, body: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:  # fmt: skip
    """Bodies like a good one, each with one value of one field beyond its limit."""
    schemas = page["components"]["schemas"]
    for field, said in schemas[name]["properties"].items():
        for value in chain(beyond(said), lists_beyond(said)):
            yield f"{name}.{field} = {str(value)[:40]}", body | {field: value}
        refs = [said, *said.get("anyOf", []), said.get("items", {})]
        for ref in (each["$ref"].rpartition("/")[2] for each in refs if "$ref" in each):
            if ref not in PARTS:
                continue
            has = body.get(field) or PARTS[ref]
            part = has[0] if isinstance(has, list) else has
            for named, inner in bodies_beyond(page, ref, part):
                yield named, body | {field: [inner] if said.get("items") else inner}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.command.__name__)
def test_one_step_beyond_a_limit_is_refused(
    route: Route, okr: Okr, ada: Caller, company: dict[str, str], page: dict[str, Any]
) -> None:
    prepare(route, ada, company, okr)
    before, good = everything(okr), filled(BODIES[route.command], company)
    tried = list(bodies_beyond(page, route.command.__name__, good))
    assert tried, "the version that is expected has a limit everywhere"
    for named, body in tried:
        response = ada.post(address(route, company), body)
        assert response.status_code in {409, 422}, (named, response.text)
    assert everything(okr) == before


def test_every_limit_of_the_tables_is_said(page: dict[str, Any]) -> None:
    """None is left over of a field that was renamed."""
    said = [
        (name, field)
        for name, schema in page["components"]["schemas"].items()
        for field in schema.get("properties", {})
    ]
    fields = {field for _, field in said}
    assert {*OF_TEXTS, *OF_NUMBERS, *OF_LISTS} - fields == set()
    assert {(cls.__name__, field) for cls, field in OF_ONE} - set(said) == set()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/teams", {"name": "x" * 200}),
        ("/people", {"name": "x" * 200, "email": "y" * 200}),
        ("/cycles", {"name": "c" * 40, "starts": "2026-01-01", "ends": "2026-03-31"}),
        ("/key-results/{key_result_id}/check-ins", {"as_of": "2025-08-14", "confidence": 10}),
        ("/key-results/{key_result_id}/check-ins", {"as_of": "2025-08-14", "confidence": 0}),
        ("/key-results/{key_result_id}/reweight", {"weight": 0}),
        ("/calendar", {"grace": {"weekly": 60, "daily": 0}, "reason": "Holidays."}),
        ("/retention", {"person_texts_years": 100, "client_info_years": 1, "reason": "The law."}),
        ("/kpis/{kpi_id}/readings",
         {"as_of": "2025-08-14", "value": "9" * 24, "subject": "s" * 200}),
        ("/objectives/{objective_id}/key-results",
         {"title": "t" * 2_000, "measure": {"kind": "milestone", "steps": HUNDRED}}),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)  # fmt: skip
def test_at_the_limit_it_is_taken(
    path: str, body: dict[str, Any], ada: Caller, company: dict[str, str]
) -> None:
    response = ada.post(path.format(**company), body)
    assert response.status_code in {200, 201}, response.text
