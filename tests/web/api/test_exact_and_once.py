"""Numbers stay exact, and a command is carried out once, however often it arrives."""

from uuid import uuid4

import pytest

from okr_es.application import Okr
from tests.web.conftest import Caller, reading_value

EXACT = ["0.1", "0.30000000000000004", "1234567890123456789", "-0.50",
         "123456789012345678901234.123456789012345678"]  # fmt: skip


@pytest.mark.parametrize("written", EXACT)
@pytest.mark.parametrize("as_text", [True, False])
def test_a_number_stays_exact(
    written: str, as_text: bool, okr: Okr, ada: Caller, company: dict[str, str]
):
    value = f'"{written}"' if as_text else written
    body = f'{{"as_of": "2025-08-02", "value": {value}}}'.encode()
    receipt = ada.done(f"/kpis/{company['kpi_id']}/readings", body)
    assert str(reading_value(okr, receipt["id"])) == written


def test_what_a_float_would_spoil_adds_up(okr: Okr, ada: Caller, company: dict[str, str]):
    path = f"/kpis/{company['kpi_id']}/readings"
    ids = [
        ada.done(path, f'{{"as_of": "2025-08-02", "value": {value}}}'.encode())["id"]
        for value in ("0.1", "0.2")
    ]
    assert str(sum(reading_value(okr, each) for each in ids)) == "0.3"


def test_numbers_in_many_readings_stay_exact(okr: Okr, ada: Caller, company: dict[str, str]):
    id_ = str(uuid4())
    body = (
        f'{{"readings": [{{"kpi_id": "{company["kpi_id"]}", "as_of": "2025-08-02",'
        f' "id": "{id_}", "value": 9007199254740993.1}}]}}'
    )
    ada.done("/readings", body.encode())
    assert str(reading_value(okr, id_)) == "9007199254740993.1"


def test_the_same_key_twice_is_done_once(okr: Okr, ada: Caller, company: dict[str, str]):
    key = str(uuid4())
    first = ada.post("/teams", {"name": "Sales"}, Idempotency_Key=key)
    head = okr.log.head()
    second = ada.post("/teams", {"name": "Sales"}, Idempotency_Key=f'"{key}"')
    assert okr.log.head() == head
    assert second.json == first.json | {"repeated": True}
    assert second.status_code == first.status_code == 201
    assert second.headers["Location"] == first.headers["Location"]
    assert second.json["command_id"] == key


def test_a_key_used_for_another_command_is_refused(okr: Okr, ada: Caller):
    key = str(uuid4())
    ada.done("/teams", {"name": "Sales"}, Idempotency_Key=key)
    response = ada.post("/teams", {"name": "Legal"}, Idempotency_Key=key)
    assert response.status_code == 409
    assert response.json["type"] == "/problems/command-id-is-taken"
    assert response.json["field"] == "Idempotency-Key"


def test_of_two_writers_one_wins_and_the_other_can_act(
    okr: Okr, ada: Caller, company: dict[str, str]
):
    path = f"/teams/{company['team_id']}/rename"
    seen = {"expected_version": 1}
    assert ada.post(path, {"name": "One"} | seen).status_code == 200
    head = okr.log.head()
    late = ada.post(path, {"name": "Two"} | seen)
    assert late.status_code == 409
    assert late.json["type"] == "/problems/conflict"
    assert late.json["current_version"] == 2
    assert okr.log.head() == head
    assert ada.post(path, {"name": "Two", "expected_version": 2}).status_code == 200


def test_what_changes_nothing_says_so(okr: Okr, ada: Caller, company: dict[str, str]):
    head = okr.log.head()
    response = ada.post(f"/teams/{company['team_id']}/rename", {"name": "Acme"})
    assert (response.status_code, response.json["last_position"]) == (200, None)
    assert okr.log.head() == head


def test_the_first_person_sent_twice_is_registered_once(empty_okr: Okr, nobody: Caller):
    key = str(uuid4())
    first = nobody.done("/people", {"name": "Ada"}, Idempotency_Key=key)
    assert nobody.done("/people", {"name": "Ada"}, Idempotency_Key=key) == first | {
        "repeated": True
    }
    assert empty_okr.log.head() == 2


def test_a_command_sent_again_with_the_version_it_was_decided_on_answers_as_before(
    ada: Caller, company: dict[str, str]
):
    path, key = f"/teams/{company['team_id']}/rename", str(uuid4())
    body = {"name": "One", "expected_version": 1}
    first = ada.done(path, body, Idempotency_Key=key)
    assert ada.done(path, body, Idempotency_Key=key) == first | {"repeated": True}
