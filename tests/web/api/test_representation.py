"""Commands that answer with the thing, as its GET answers it to who calls."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from projections.queries import Queries
from tests.web.conftest import ADA, BO, Caller
from web.api.entrance import Mode
from web.api.representation import NO_ONE_THING
from web.app import PREFIX, create_app

WANTED = {"Prefer": "return=representation"}
WHY = {"reason": "The market moved."}


@pytest.fixture
def client(okr: Okr) -> FlaskClient:
    return create_app(okr, Queries(okr), mode=Mode.OPEN).test_client()


def got(ada: Caller, path: str) -> Any:
    return ada.client.get(PREFIX + path, headers={"Okr-Actor": ADA}).json


def reads(okr: Okr) -> int:
    return okr.access_log.head()


# ---- the thing is shown -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "seen_at"),
    [
        ("/objectives/{objective_id}/retitle", WHY | {"title": "Win"},
         "/objectives/{objective_id}"),
        ("/key-results/{key_result_id}/reweight", WHY | {"weight": 2},
         "/key-results/{key_result_id}"),
        ("/objectives/{objective_id}/key-results",
         {"title": "Fans", "measure": {"kind": "milestone", "steps": ["A"]}}, "/key-results/{new}"),
        ("/kpis/{kpi_id}/purpose", {"purpose": "Speed."}, "/kpis/{kpi_id}"),
        ("/kpis/{kpi_id}/readings", {"as_of": "2025-08-02", "value": "3"}, "/readings/{new}"),
        ("/key-results/{key_result_id}/check-ins", {"value": "3"}, "/readings/{new}"),
        ("/readings/{reading_id}/correct", WHY | {"value": "4"}, "/readings/{reading_id}"),
        ("/teams/{team_id}/rename", {"name": "Ours"}, "/teams/{team_id}"),
        ("/cycles", {"name": "2026-Q1"}, "/cycles/{new}"),
        ("/people/{person_id}/rename", {"name": "Ada L."}, "/people/{person_id}"),
        ("/cycles/2025-Q3/commit-plan", {}, "/cycles/2025-Q3"),
        ("/scoring-policy", WHY | {"on_track": "0.8"}, "/scoring-policy"),
        ("/approvals/{approval_id}/refuse", WHY, "/approvals/{approval_id}"),
        ("/cycles/2025-Q4/require-approval", WHY | {"of": []}, "/approvals/{waiting}"),
    ],
)  # fmt: skip
def test_the_answer_has_what_the_get_of_the_thing_answers(
    path: str, body: dict[str, Any], seen_at: str, ada: Caller, company: dict[str, str]
) -> None:
    response = ada.post(path.format(**company), body, **WANTED)
    assert response.status_code in {200, 201, 202}, response.text
    assert response.headers["Preference-Applied"] == "return=representation"
    assert "Prefer" in response.headers["Vary"]
    receipt = response.json
    named = company | {"new": receipt["id"], "waiting": receipt["approval_id"]}
    shown = receipt["representation"]
    assert shown == got(ada, seen_at.format(**named))
    assert shown["position"] >= receipt["last_position"]
    assert receipt["not_represented"] is None


def test_the_same_command_again_shows_the_thing_as_it_is_by_then(
    ada: Caller, company: dict[str, str]
) -> None:
    path = f"/teams/{company['team_id']}/rename"
    ada.post(path, {"name": "Ours"}, Idempotency_Key="once")
    ada.post(path, {"name": "Yours"})
    again = ada.post(path, {"name": "Ours"}, Idempotency_Key="once", **WANTED).json
    assert again["repeated"]
    assert again["representation"]["name"] == "Yours"


# ---- where it is not --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/readings", {"readings": [{"kpi_id": "{kpi_id}", "as_of": "2025-08-04", "value": 1}]}),
        ("/people-figures", WHY | {"people_figures": "off"}),
        ("/keys", WHY | {"name": "Lake", "role": "member"}),
    ],
)
def test_what_is_no_one_thing_or_has_no_get_is_not_shown(
    path: str, body: Any, ada: Caller, company: dict[str, str]
) -> None:
    for each in body.get("readings", ()):
        each["kpi_id"] = company["kpi_id"]
    response = ada.post(path, body, **WANTED)
    assert response.json["first_position"] is not None, response.text
    assert response.json["representation"] is None
    assert response.json["not_represented"] == NO_ONE_THING
    assert "Preference-Applied" not in response.headers


def test_what_who_calls_may_not_get_is_not_shown_and_that_is_said(
    ada: Caller, company: dict[str, str], okr: Okr
) -> None:
    key = WHY | {"name": "Lake", "role": "ingest_key", "kpi_ids": [company["kpi_id"]]}
    secret = ada.done("/keys", key)["secret"]
    lake = Caller(ada.client, None)
    path, reading = f"/kpis/{company['kpi_id']}/readings", {"as_of": "2025-08-02", "value": "3"}
    before = okr.log.head()
    done = lake.post(path, reading, Authorization=f"Bearer {secret}", **WANTED)
    assert (done.status_code, okr.log.head()) == (201, before + 1)
    assert done.json["representation"] is None
    assert "about its KPIs" in done.json["not_represented"]


@pytest.mark.parametrize(
    "preference",
    ["", "return=minimal", "respond-async, wait=5", "return",
     "handling=strict; return=representation", "return=minimal, return=representation",
     "returns=representation"],
)  # fmt: skip
def test_without_the_preference_the_receipt_is_all(
    preference: str, ada: Caller, company: dict[str, str]
) -> None:
    answer = ada.post(f"/teams/{company['team_id']}/rename", {"name": "x"}, Prefer=preference)
    assert "representation" not in answer.json
    assert "Preference-Applied" not in answer.headers


@pytest.mark.parametrize(
    "preference",
    ['return="representation"', "Return=Representation", "wait=5, return=representation; x=1"],
)
def test_it_is_understood_as_the_standard_writes_it(
    preference: str, ada: Caller, company: dict[str, str]
) -> None:
    answer = ada.post(f"/teams/{company['team_id']}/rename", {"name": "x"}, Prefer=preference)
    assert answer.json["representation"]["name"] == "x"


# ---- reads that are recorded ------------------------------------------------------------


def test_it_is_a_recorded_read_where_the_get_is_one(
    ada: Caller, company: dict[str, str], okr: Okr
) -> None:
    before = reads(okr)
    ada.done(f"/people/{BO}/rename", {"name": "Bo B."})
    ada.done(f"/people/{BO}/rename", {"name": "Bo C.", "dry_run": True}, **WANTED)
    ada.done(f"/teams/{company['team_id']}/rename", {"name": "Ours"}, **WANTED)
    assert reads(okr) == before
    ada.done(f"/people/{BO}/rename", {"name": "Bo C."}, **WANTED)
    assert reads(okr) == before + 1


def test_a_dry_run_shows_nothing(ada: Caller, company: dict[str, str]) -> None:
    body = {"name": "Ours", "dry_run": True}
    tried = ada.post(f"/teams/{company['team_id']}/rename", body, **WANTED)
    assert tried.json["count"] == 1
    assert "representation" not in tried.json
