"""Every answer to a command names its id, by which its receipt is found; keys are their actors'."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from okr_es.application import Okr
from okr_es.commands import FormTeam, RenameTeam
from okr_es.context import Context
from okr_es.domain.refusals import CommandIdIsTaken
from okr_es.log.in_doubt import OutcomeUnknown
from tests.web.conftest import ADA, BO, Caller
from web.app import PREFIX

TEAM = {"name": "Sales"}


def receipt(caller: Caller, command_id: str) -> TestResponse:
    return caller.client.get(f"{PREFIX}/commands/{command_id}")


def failing(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


# ---- named in every answer --------------------------------------------------------------


def test_a_receipt_names_it_also_without_a_key(ada: Caller) -> None:
    done = ada.post("/teams", TEAM)
    assert done.headers["Command-Id"] == done.json["command_id"]
    assert UUID(done.json["command_id"]) == uuid5(UUID(ADA), done.headers["Idempotency-Key"])
    again = ada.post("/teams", TEAM, Idempotency_Key=done.headers["Idempotency-Key"])
    assert again.json == done.json | {"repeated": True}


@pytest.mark.parametrize(
    ("status", "path", "body", "headers"),
    [
        (401, "/teams", TEAM, {"Okr-Actor": ""}),
        (403, "/teams", TEAM, {"Okr-Actor": str(UUID(int=7))}),
        (403, "/teams", TEAM, {"Origin": "https://elsewhere.example"}),
        (404, "/teams/7/rename", TEAM, {}),
        (409, "/cycles", {"name": "2025-Q3"}, {}),
        (415, "/teams", TEAM, {"Content-Type": "text/plain"}),
        (422, "/teams", {}, {}),
        (422, "/teams", TEAM, {"Okr-Actor": "me"}),
        (422, "/teams", TEAM, {"Idempotency-Key": "x" * 256}),
        (200, "/teams", TEAM | {"dry_run": True}, {}),
    ],
)
def test_so_does_every_other_answer(
    status: int, path: str, body: Any, headers: dict[str, str], ada: Caller
) -> None:
    if headers.get("Okr-Actor") == "":
        ada, headers = Caller(ada.client, None), {}
    response = ada.post(path, body, **headers)
    assert response.status_code == status, response.text
    assert UUID(response.headers["Command-Id"])
    assert response.headers["Idempotency-Key"]
    if status != 200:
        assert response.json["command_id"] == response.headers["Command-Id"]
    assert receipt(ada, response.headers["Command-Id"]).status_code == 404


def test_what_is_no_command_names_none(ada: Caller) -> None:
    assert "Command-Id" not in ada.client.get(f"{PREFIX}/cycles").headers
    assert "command_id" not in ada.client.get(f"{PREFIX}/nothing").json


# ---- the receipt, asked for -------------------------------------------------------------


def test_the_receipt_is_there_afterwards(ada: Caller) -> None:
    done = ada.done("/teams", TEAM)
    found = receipt(ada, done["command_id"])
    assert (found.status_code, found.headers["Cache-Control"]) == (200, "no-store")
    assert found.json == done | {"repeated": True}


def test_of_a_command_that_was_not_recorded_there_is_none(ada: Caller) -> None:
    command_id = str(uuid4())
    found = receipt(ada, command_id)
    assert (found.status_code, found.json["type"]) == (404, "/problems/command-is-not-recorded")
    assert found.json["command_id"] == command_id


@pytest.mark.parametrize("key", [None, "my order 7"])
def test_an_unknown_outcome_says_how_to_ask(
    key: str | None, okr: Okr, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_: Any, context: Context) -> None:
        raise OutcomeUnknown(context.command_id)

    sent = {} if key is None else {"Idempotency_Key": key}
    with monkeypatch.context() as patch:
        patch.setattr(okr, "execute", unknown)
        answer = ada.post("/teams", TEAM, **sent)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    problem = answer.json
    assert problem["type"] == "/problems/outcome-is-unknown"
    assert problem["command_id"] == answer.headers["Command-Id"]
    assert problem["idempotency_key"] == answer.headers["Idempotency-Key"]
    assert problem["ask_at"] == f"{PREFIX}/commands/{problem['command_id']}"
    assert ada.client.get(problem["ask_at"]).status_code == 404
    done = ada.done("/teams", TEAM, Idempotency_Key=problem["idempotency_key"])
    assert ada.client.get(problem["ask_at"]).json == done | {"repeated": True}


def test_a_database_that_is_away_denies_nothing_of_before(
    okr: Okr, ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = OperationalError("SELECT", {}, psycopg.OperationalError("cannot connect"))
    monkeypatch.setattr(okr, "execute", failing(away))
    answer = ada.post("/teams", TEAM)
    assert answer.json["detail"].startswith("This time nothing was recorded")
    assert answer.json["command_id"] == answer.headers["Command-Id"]


# ---- keys -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["7", "order/7", "x" * 255, "Bestellung Nr. 7 für Åsa", str(UUID(int=7)), '"in quotes"']
)
def test_any_text_is_a_key_and_belongs_to_its_actor(key: str, okr: Okr, ada: Caller) -> None:
    sent = key.encode().decode("latin-1")
    bo = Caller(ada.client, BO)
    first, others = (each.done("/teams", TEAM, Idempotency_Key=sent) for each in (ada, bo))
    assert first["command_id"] == str(uuid5(UUID(ADA), key.strip('"')))
    assert others["command_id"] == str(uuid5(UUID(BO), key.strip('"')))
    assert first["id"] != others["id"]
    assert ada.done("/teams", TEAM, Idempotency_Key=sent) == first | {"repeated": True}


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "a\tb"])
def test_a_key_that_cannot_be_used_is_refused(key: str, okr: Okr, ada: Caller) -> None:
    head = okr.log.head()
    refused = ada.post("/teams", TEAM, Idempotency_Key=key)
    assert (refused.status_code, refused.json["field"]) == (422, "Idempotency-Key")
    assert okr.log.head() == head


def test_keys_of_before_lead_to_their_receipts(okr: Okr, ada: Caller) -> None:
    """They were UUIDs, and the ids of their commands; they are their actors' alone now."""
    key = uuid4()
    first = okr.execute(FormTeam("Sales"), Context(UUID(ADA), command_id=key))
    assert ada.done("/teams", TEAM, Idempotency_Key=str(key))["id"] == str(first.id)
    other = ada.post("/teams", {"name": "Legal"}, Idempotency_Key=str(key))
    assert (other.status_code, other.json["type"]) == (409, f"/problems/{CommandIdIsTaken.slug}")
    bo = Caller(ada.client, BO)
    assert bo.done("/teams", TEAM, Idempotency_Key=str(key))["id"] != str(first.id)
    assert receipt(ada, str(key)).json["id"] == str(first.id)


def test_so_do_those_of_commands_that_changed_nothing(
    okr: Okr, ada: Caller, company: dict[str, str]
) -> None:
    key, team = uuid4(), company["team_id"]
    okr.execute(RenameTeam(UUID(team), "Acme"), Context(UUID(ADA), command_id=key))
    ada.done(f"/teams/{team}/rename", {"name": "Other"})
    again = ada.done(f"/teams/{team}/rename", {"name": "Acme"}, Idempotency_Key=str(key))
    assert (again["repeated"], again["last_position"]) == (True, None)


def test_the_id_of_a_command_is_a_key_to_it(ada: Caller) -> None:
    done = ada.done("/teams", TEAM)
    again = ada.done("/teams", TEAM, Idempotency_Key=done["command_id"])
    assert again == done | {"repeated": True}


def test_so_does_the_key_of_a_first_person_of_before(empty_okr: Okr, nobody: Caller) -> None:
    from okr_es.commands import RegisterPerson
    from okr_es.context import FIRST_PERSONS

    key = uuid4()
    first = uuid5(FIRST_PERSONS, key.hex)
    empty_okr.execute(RegisterPerson("Ada", id=first), Context(first, command_id=key))
    again = nobody.done("/people", {"name": "Ada"}, Idempotency_Key=str(key))
    assert (again["id"], again["repeated"]) == (str(first), True)
