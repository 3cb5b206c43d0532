"""Four eyes over HTTP: 202 and where the request is, and who may not decide."""

from typing import Any

import pytest

from okr_es.application import Okr
from tests.web.conftest import BO, METRIC, Caller
from web.app import PREFIX

LESS = {"measure": METRIC | {"target": "800"}, "reason": "The market shrank."}


@pytest.fixture
def bo(ada: Caller) -> Caller:
    """Bo, who is registered too."""
    return Caller(ada.client, BO)


@pytest.fixture
def path(ada: Caller, company: dict[str, str]) -> str:
    """Where a key result of a committed plan is retargeted, which needs approval."""
    ada.done("/cycles/2025-Q3/commit-plan")
    ada.done("/cycles/2025-Q3/require-approval", {"of": ["plan_revisions"]})
    return f"/key-results/{company['key_result_id']}/retarget"


def test_what_waits_is_answered_with_202_and_where_it_is(path: str, okr: Okr, ada: Caller):
    response = ada.post(path, LESS)
    receipt = response.json
    assert response.status_code == 202
    assert response.headers["Location"] == f"{PREFIX}/approvals/{receipt['approval_id']}"
    assert receipt["id"] == receipt["approval_id"]
    (warning,) = receipt["warnings"]
    assert warning["code"] == "waits_for_approval"
    assert warning["things"] == [{"kind": "approval", "id": receipt["approval_id"]}]
    assert receipt["last_position"] == okr.log.head() == int(response.headers["Position"])


def test_sent_again_it_is_answered_with_202_again(path: str, ada: Caller):
    key = "0a6d3c5e-7c1f-4d2a-9a51-0d8a3f6d2fff"
    first, again = (ada.post(path, LESS, Idempotency_Key=key) for _ in range(2))
    assert (again.status_code, again.headers["Location"]) == (202, first.headers["Location"])
    assert again.json == first.json | {"repeated": True}


def test_what_is_done_has_no_request(ada: Caller, company: dict[str, str]):
    assert (
        ada.done(f"/key-results/{company['key_result_id']}/retarget", LESS)["approval_id"] is None
    )


def test_someone_else_approves_it(path: str, ada: Caller, bo: Caller):
    request = ada.done(path, LESS)["approval_id"]
    receipt = bo.done(f"/approvals/{request}/approve", {"comment": "Agreed."})
    assert receipt["last_position"] - receipt["first_position"] == 1


@pytest.mark.parametrize(("decision", "body"), [("approve", {}), ("refuse", {"reason": "No."})])
def test_the_one_who_asked_may_not_decide(
    decision: str, body: dict[str, Any], path: str, ada: Caller
):
    request = ada.done(path, LESS)["approval_id"]
    response = ada.post(f"/approvals/{request}/{decision}", body)
    assert (response.status_code, response.json["type"]) == (403, "/problems/request-is-your-own")
    assert response.json["field"] == "Okr-Actor"


def test_nobody_decides_for_the_one_who_asked(path: str, ada: Caller, bo: Caller):
    request = ada.done(path, LESS)["approval_id"]
    body = {"on_behalf_of": ada.actor}
    response = bo.post(f"/approvals/{request}/approve", body)
    assert (response.status_code, response.json["field"]) == (409, "on_behalf_of")


def test_nobody_else_withdraws_it(path: str, ada: Caller, bo: Caller):
    request = ada.done(path, LESS)["approval_id"]
    response = bo.post(f"/approvals/{request}/withdraw")
    assert (response.status_code, response.json["type"]) == (403, "/problems/request-is-not-yours")


def test_it_is_decided_once(path: str, ada: Caller, bo: Caller):
    request = ada.done(path, LESS)["approval_id"]
    bo.done(f"/approvals/{request}/refuse", {"reason": "No."})
    response = bo.post(f"/approvals/{request}/approve")
    assert (response.status_code, response.json["type"]) == (409, "/problems/request-is-decided")


@pytest.mark.parametrize("of", [["everything"], "closing", [1], None])
def test_what_cannot_be_controlled_is_named(of: Any, ada: Caller):
    response = ada.post("/cycles/2025-Q3/require-approval", {"of": of})
    assert response.status_code == 422
    assert response.json["field"].startswith("of")


@pytest.mark.parametrize("asked", ["state=done", "person_id=5", "cycle=%20", "limit=0", "at=5"])
def test_a_filter_that_cannot_be_is_named(asked: str, ada: Caller):
    response = ada.client.get(f"{PREFIX}/approvals?{asked}")
    assert (response.status_code, response.json["field"]) == (422, asked.partition("=")[0])


@pytest.mark.parametrize("asked", ["last_days=0", "last_days=367", "last_days=x", "at=5"])
def test_a_report_that_cannot_be_is_refused_by_name(asked: str, ada: Caller):
    response = ada.client.get(f"{PREFIX}/cycles/2025-Q3/patterns?{asked}")
    assert (response.status_code, response.json["field"]) == (422, asked.partition("=")[0])


@pytest.fixture
def cy(ada: Caller) -> Caller:
    """Cy, who is registered too."""
    id_ = "0a6d3c5e-7c1f-4d2a-9a51-0d8a3f6d2c1c"
    ada.done("/people", {"name": "Cy", "id": id_})
    return Caller(ada.client, id_)


def test_its_owner_may_not_approve_it_and_sees_who_cannot(
    path: str, ada: Caller, bo: Caller, cy: Caller
):
    receipt = bo.done(path, LESS)
    (owners,) = (each for each in receipt["warnings"] if each["code"] == "owners_cannot_approve")
    assert owners["things"] == [{"kind": "person", "id": ada.actor}]
    request = receipt["approval_id"]
    response = ada.post(f"/approvals/{request}/approve")
    assert response.status_code == 403
    assert response.json["type"] == "/problems/goal-is-your-own"
    assert sorted(response.json["cannot_approve"]) == sorted([ada.actor, BO])
    cy.done(f"/approvals/{request}/approve")


@pytest.mark.parametrize(("decision", "body"), [("approve", {}), ("refuse", {"reason": "No."})])
def test_nobody_decides_in_anyones_name(
    decision: str, body: dict[str, Any], path: str, ada: Caller, bo: Caller, cy: Caller
):
    request = ada.done(path, LESS)["approval_id"]
    named = body | {"on_behalf_of": cy.actor}
    response = bo.post(f"/approvals/{request}/{decision}", named)
    assert (response.status_code, response.json["type"], response.json["field"]) == (
        409, "/problems/nobody-decides-for-another", "on_behalf_of",
    )  # fmt: skip
