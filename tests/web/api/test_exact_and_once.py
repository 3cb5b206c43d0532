"""Numbers stay exact, and a command is carried out once, however often it arrives."""

from uuid import UUID, uuid4, uuid5

import pytest

from okr_es.application import Okr
from tests.web.conftest import ADA, Caller, reading_value

EXACT = ["0.1", "-0.50", "0.300000000000001", "123456789012345", "1.50000000000000", "0.000",
         "123000000000000000000000", "0.000000000000000004"]  # fmt: skip
LONG = ["0.30000000000000004", "1234567890123456789", "-9007199254740993", "1.000000000000000",
        "123456789012345678901234.123456789012345678", "12345678901234.56"]  # fmt: skip


@pytest.mark.parametrize("value", [*EXACT, *(f'"{written}"' for written in (*EXACT, *LONG))])
def test_a_number_stays_exact(value: str, okr: Okr, ada: Caller, company: dict[str, str]):
    written = value.strip('"')
    body = f'{{"as_of": "2025-08-02", "value": {value}}}'.encode()
    receipt = ada.done(f"/kpis/{company['kpi_id']}/readings", body)
    assert format(reading_value(okr, receipt["id"]), "f") == written


def test_what_a_float_would_spoil_adds_up(okr: Okr, ada: Caller, company: dict[str, str]):
    path = f"/kpis/{company['kpi_id']}/readings"
    ids = [
        ada.done(path, f'{{"as_of": "2025-08-02", "value": {value}}}'.encode())["id"]
        for value in ("0.1", "0.2")
    ]
    assert str(sum(reading_value(okr, each) for each in ids)) == "0.3"


ADVICE = "A JSON number with more than 15 significant digits: send it as text, in quotation marks."


@pytest.mark.parametrize("written", [*LONG, "1.234567890123456e5", "1234567890123456E-5"])
def test_a_json_number_that_a_float_may_have_spoiled_is_refused(
    written: str, okr: Okr, ada: Caller, company: dict[str, str]
):
    head = okr.log.head()
    body = f'{{"as_of": "2025-08-02", "value": {written}}}'.encode()
    response = ada.post(f"/kpis/{company['kpi_id']}/readings", body)
    assert response.status_code == 422
    assert response.json["errors"] == {"value": [ADVICE]}
    assert okr.log.head() == head


@pytest.mark.parametrize(
    ("path", "field", "body"),
    [
        ("/readings", "readings.0.value",
         '{"readings": [{"kpi_id": "KPI", "as_of": "2025-08-02", "value": NUMBER}]}'),
        ("/kpis/KPI/targets", "target.target",
         '{"target": {"starts": "2030-01-01", "ends": "2030-12-31", "target": NUMBER}}'),
        ("/scoring-policy", "on_track", '{"on_track": NUMBER}'),
    ],
)  # fmt: skip
def test_so_is_one_in_any_other_command(
    path: str, field: str, body: str, ada: Caller, company: dict[str, str]
):
    filled = body.replace("KPI", company["kpi_id"]).replace("NUMBER", str(0.1 + 0.2))
    response = ada.post(path.replace("KPI", company["kpi_id"]), filled.encode())
    assert (response.status_code, response.json["errors"]) == (422, {field: [ADVICE]})


def test_numbers_in_many_readings_stay_exact(okr: Okr, ada: Caller, company: dict[str, str]):
    id_ = str(uuid4())
    body = (
        f'{{"readings": [{{"kpi_id": "{company["kpi_id"]}", "as_of": "2025-08-02",'
        f' "id": "{id_}", "value": "9007199254740993.1"}}]}}'
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
    assert second.json["command_id"] == str(uuid5(UUID(ADA), key))


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
