"""What takes two about a person, over HTTP: asked for, shown to those it is for, and approved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from okr_es.application import Okr
from projections.queries import Queries
from tests.support.begun import Begun
from tests.support.company_of_roles import NOW, OTHER, begin_roles, id_of
from web.api.entrance import Mode
from web.app import PREFIX, create_app

ERASURE = {"legal_ground": "Article 17", "reason": "They asked for it."}
MEMBER = id_of("member")


class Site:
    """The company's server, where the rights of the person who is named hold."""

    def __init__(self, client: FlaskClient, okr: Okr) -> None:
        self.client, self.okr = client, okr

    def post(self, who: str, path: str, body: dict[str, Any] | None = None) -> TestResponse:
        headers = {"Okr-Actor": str(id_of(who))}
        return self.client.post(PREFIX + path, json=body or {}, headers=headers)

    def get(self, who: str, path: str) -> TestResponse:
        return self.client.get(PREFIX + path, headers={"Okr-Actor": str(id_of(who))})

    def asks(self, who: str, path: str, body: dict[str, Any]) -> str:
        """Let somebody ask; return the address of the request, below that of the API."""
        asked = self.post(who, path, body)
        assert asked.status_code == 202, asked.text
        return asked.headers["Location"].partition(PREFIX)[2]


@pytest.fixture
def site(begun_on_sqlite: Begun) -> Iterator[Site]:
    with (
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(Okr(url, clock=lambda: NOW)) as okr,
    ):
        queries = Queries(okr)
        yield Site(create_app(okr, queries, mode=Mode.DEVELOPMENT).test_client(), okr)
        queries.runner.close()


def test_an_erasure_is_asked_for_and_approved_by_somebody_else(site: Site) -> None:
    request = site.asks("hr", f"/people/{MEMBER}/erase", ERASURE)
    assert site.okr.directory.entries([MEMBER])
    assert site.post("hr", f"{request}/approve").json["type"] == "/problems/not-allowed"
    done = site.post("administrator", f"{request}/approve")
    assert done.status_code == 200, done.text
    assert not site.okr.directory.entries([MEMBER])
    assert site.get("hr", request).json["decision"] == "approved"


def test_a_request_says_whom_it_is_about_and_what_would_change(site: Site) -> None:
    found = site.get("hr", site.asks("hr", f"/people/{MEMBER}/erase", ERASURE)).json
    assert (found["cycle"], found["action"]) == (None, "about_person")
    assert found["subject"] == {"kind": "person", "id": str(MEMBER), "title": "member"}
    assert {each["field"]: each["after"] for each in found["changes"]} == {
        "erased": True, "legal_ground": "Article 17",
    }  # fmt: skip
    assert found["requested"]["reason"] == "They asked for it."


@pytest.mark.parametrize(
    ("path", "body", "changes"),
    [
        (f"/people/{MEMBER}/hold", {"matter": "T 1"}, [("holds", None, '["T 1"]')]),
        (f"/people/{id_of('gone')}/release", {"matter": "T 99-25"},
         [("holds", '["T 99-25"]', None)]),
        (f"/people/{MEMBER}/deactivate", {"effective": "2025-08-01"},
         [("active", True, False), ("effective", None, "2025-08-01")]),
        ("/texts/2/redact", {"legal_ground": "unlawful"}, []),
    ],
    ids=["hold", "release", "leaving", "redaction"],
)  # fmt: skip
def test_so_does_each_other(
    path: str, body: dict[str, str], changes: list[tuple[Any, ...]], site: Site
) -> None:
    request = site.asks("administrator", path, body | {"reason": "It is so."})
    found = site.get("hr", request).json
    shown = [(each["field"], each["before"], each["after"]) for each in found["changes"]]
    assert shown == changes
    assert (found["subject"] is None) == path.startswith("/texts/")
    assert site.post("hr", f"{request}/approve").status_code == 200


def test_it_is_shown_to_those_it_is_for_and_not_found_by_others(site: Site) -> None:
    """Who asked, whom it is about, who decides, and who may read texts about people."""
    by_hr = site.asks("hr", f"/people/{MEMBER}/erase", ERASURE)
    by_administrator = site.asks(
        "administrator", f"/people/{MEMBER}/deactivate", {"reason": "They left."}
    )
    for request, who in (
        (by_hr, {"hr", "administrator", "second administrator", "member", "auditor of all"}),
        (by_administrator, {"hr", "administrator", "member", "auditor of all"}),
    ):
        everybody = {*who, "second administrator", "lead", "lead of all", "auditor", "deputy"}
        id_ = request.rpartition("/")[2]
        for each in everybody:
            status = 200 if each in who else 404
            assert site.get(each, request).status_code == status, each
            listed = {found["id"] for found in site.get(each, "/approvals").json["approvals"]}
            assert (id_ in listed) == (each in who), each


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_who_decides_is_shown_it_as_long_as_it_waits(decision: str, site: Site) -> None:
    hold = {"matter": "T 1", "reason": "A matter."}
    request = site.asks("hr", f"/people/{id_of('hr')}/hold", hold)
    history = f"/goals/{request.rpartition('/')[2]}/history"
    assert {site.get("administrator", each).status_code for each in (request, history)} == {200}
    decided = site.post("administrator", f"{request}/{decision}", {"reason": "It is so."})
    assert decided.status_code == 200, decided.text
    for who, status in (
        ("administrator", 404), ("second administrator", 404), ("hr", 200),
        ("auditor of all", 200),
    ):  # fmt: skip
        for address in (request, history):
            assert site.get(who, address).status_code == status, (who, address)


def test_why_a_text_went_is_shown_as_in_the_audit_log_and_not_to_an_administrator(
    site: Site,
) -> None:
    done = site.post("hr", "/texts/2/redact", {"legal_ground": "unlawful", "reason": "A name."})
    assert done.status_code in {200, 201}, done.text
    history = f"/goals/{done.json['id']}/history"
    assert site.get("auditor of all", history).json["entries"][0]["reason"] == "A name."
    assert site.get("administrator", history).status_code == 404
    assert site.get("administrator", "/audit-log?type=text").status_code == 403


def test_a_cycle_lists_no_request_about_a_person(site: Site) -> None:
    site.asks("hr", f"/people/{MEMBER}/erase", ERASURE)
    listed = site.get("hr", "/approvals?cycle=2025-Q3").json["approvals"]
    assert listed
    assert {each["cycle"] is None for each in listed} == {False}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "asked for approval"), ("sv", "bad om godkännande")],
)
def test_the_audit_log_says_it(language: str, sentence: str, site: Site) -> None:
    site.asks("hr", f"/people/{MEMBER}/erase", ERASURE)
    found = site.client.get(
        f"{PREFIX}/audit-log?person_id={MEMBER}&type=approval",
        headers={"Okr-Actor": str(MEMBER), "Accept-Language": language},
    )
    assert found.status_code == 200, found.text
    entry = found.json["entries"][0]
    assert sentence in entry["sentence"]
    assert entry["reason"] == "They asked for it."


def test_who_could_says_that_nobody_could_alone(site: Site) -> None:
    found = site.get("hr", f"/who-could?may=personal&part=erasure&person_id={OTHER}").json
    rights = {right["role"]: right["alone"] for each in found["people"] for right in each["rights"]}
    assert rights == {"hr": False, "administrator": False}
    own = site.get("hr", f"/who-could?may=personal&part=change&person_id={id_of('hr')}").json
    by_person = {each["person"]["id"]: each["rights"][0]["alone"] for each in own["people"]}
    assert by_person[str(id_of("hr"))] is False


def test_what_is_held_about_somebody_has_what_was_asked_for_about_them(site: Site) -> None:
    site.asks("administrator", f"/people/{MEMBER}/deactivate", {"reason": "They left early."})
    assert "They left early." in site.get("member", f"/people/{MEMBER}/held-data").text
