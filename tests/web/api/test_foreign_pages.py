"""No page of another site reaches anything that records, exports or decides: over all routes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from tests.web.conftest import ADA, Caller
from web.api.queries import ROUTES
from web.app import PREFIX

EVIL = {"Origin": "https://evil.example"}
FROM_PAGES = [
    EVIL,
    {"Origin": "null"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Site": "sideways"},
]
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
OWN = [
    {},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
]
# The feed and samples have routes of their own.
RECORDED = {f"{PREFIX}/events", f"{PREFIX}/evidence/sample"} | {
    PREFIX + route.path for route in ROUTES if route.recorded and not route.recorded_with
}
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


def requests_of(client: FlaskClient) -> list[tuple[str, str, str]]:
    """Every method and address of the app, and the rule it belongs to."""
    found = []
    for rule in client.application.url_map.iter_rules():
        values: dict[str, Any] = {
            name: {"uuid": ADA, "cycle": "2025-Q3"}.get(kind, "1")
            for name, kind in kinds_of(rule).items()
        }
        with client.application.test_request_context():
            _, path = rule.build(values) or ("", "")
        found += [(method, path, rule.rule) for method in sorted(rule.methods or ())]
    return found


def kinds_of(rule: Any) -> dict[str, str]:
    """The name of each part of an address that varies, and what it is."""
    names = {"IdConverter": "uuid", "CycleConverter": "cycle"}
    return {name: names.get(type(each).__name__, "1") for name, each in rule._converters.items()}


def stands(okr: Okr) -> tuple[int, int, int]:
    return okr.log.head(), okr.access_log.head(), len(okr.client_info.command_ids())


@pytest.mark.parametrize("headers", FROM_PAGES, ids=str)
def test_pages_of_other_sites_reach_nothing(headers: dict[str, str], okr: Okr, ada: Caller) -> None:
    before, asked = stands(okr), requests_of(ada.client)
    assert len(asked) > 250
    for method, path, _ in asked:
        named = {"Okr-Actor": ADA, "Idempotency-Key": str(uuid4()), **headers}
        answer = ada.client.open(path, method=method, headers=named, json={})
        assert answer.status_code == 403, (method, path, answer.text)
        if method != "HEAD":
            assert answer.json["type"] == "/problems/origin-is-foreign"
    assert stands(okr) == before


def test_a_link_that_is_followed_reaches_what_is_not_recorded(okr: Okr, ada: Caller) -> None:
    before, refused = stands(okr), set()
    for method, path, rule in requests_of(ada.client):
        answer = ada.client.open(path, method=method, headers={"Okr-Actor": ADA, **LINK})
        if answer.status_code == 403:
            refused.add((method, rule))
    assert stands(okr) == before
    assert {rule for method, rule in refused if method == "GET"} == RECORDED
    changing = {(m, rule) for m, _, rule in requests_of(ada.client) if m in CHANGES}
    assert changing <= refused


def test_a_link_to_what_one_person_owns_is_refused(okr: Okr, ada: Caller) -> None:
    before, named = stands(okr), {"Okr-Actor": ADA, **LINK}
    for path in ("objectives", "key-results", "kpis"):
        assert ada.client.get(f"{PREFIX}/{path}", headers=named).status_code == 200
        assert ada.client.get(f"{PREFIX}/{path}?owner={ADA}", headers=named).status_code == 403
    for path in ("approvals", "grants"):
        assert ada.client.get(f"{PREFIX}/{path}", headers=named).status_code == 200
        assert ada.client.get(f"{PREFIX}/{path}?person_id={ADA}", headers=named).status_code == 403
    assert stands(okr) == before


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_our_own_pages_and_programs_are_answered(headers: dict[str, str], ada: Caller) -> None:
    assert ada.client.get(f"{PREFIX}/people", headers=headers).status_code == 200
    assert ada.post("/teams", {"name": "Web"}, **headers).status_code == 201


def test_a_form_of_another_site_sends_no_command(okr: Okr, ada: Caller) -> None:
    before = stands(okr)
    answer = ada.client.post(
        f"{PREFIX}/evidence", data="x", content_type="text/plain", headers=LINK | EVIL
    )
    assert (answer.status_code, answer.json["field"]) == (403, "Origin")
    assert stands(okr) == before
