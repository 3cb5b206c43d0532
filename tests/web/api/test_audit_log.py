"""The audit log over HTTP and on the command line: filters, language, and from where."""

import errno
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import select

from okr_es.application import Okr
from okr_es.people.tables import client_info
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import ADA, Caller, client_of
from web.app import PREFIX
from web.cli.main import main

Company = dict[str, str]
MARKET = {"title": "Lead every market", "reason": "The market grew."}
IN_SWEDISH = "Ada ändrade titeln på målet ”Lead the market” till ”Lead every market” den 15 augusti"
IN_ENGLISH = "Ada retitled the objective “Lead the market” to “Lead every market” on 15 August 2025"


@pytest.fixture
def client(okr: Okr) -> Iterator[FlaskClient]:
    """A client of the API on the real read side."""
    runner = Runner(okr)
    yield client_of(okr, Queries(okr, runner))
    runner.close()


@pytest.fixture
def retitled(client: FlaskClient, company: Company) -> str:
    """The id of a command that retitled an objective, sent by a browser from an address."""
    return retitle(client, company, str(uuid4()))["command_id"]


def retitle(client: FlaskClient, company: Company, key: str, **environ: str) -> Any:
    headers = {"Okr-Actor": ADA, "Idempotency-Key": key, "User-Agent": "browser/1.0",
               "X-Forwarded-For": "203.0.113.9"}  # fmt: skip
    response = client.post(
        f"{PREFIX}/objectives/{company['objective_id']}/retitle", json=MARKET, headers=headers,
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"} | environ,
    )  # fmt: skip
    assert response.status_code == 200, response.text
    return response.json


def answer_of(client: FlaskClient, query: str = "", **headers: str) -> Any:
    response = client.get(f"{PREFIX}/audit-log{query}", headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    return response.json


def first(client: FlaskClient, query: str = "", **headers: str) -> Any:
    return answer_of(client, query, **headers)["entries"][0]


def test_the_record_shows_what_was_done_and_from_where(client: FlaskClient, retitled: str):
    entry = first(client)
    assert entry["sentence"] == (
        f"{IN_ENGLISH} at 12:00 UTC through the API from 192.0.2.7, with the reason “The market"
        " grew.”"
    )
    assert (entry["address"], entry["client"]) == ("192.0.2.7", "browser/1.0")
    assert (entry["command_id"], entry["by"]["name"]) == (retitled, "Ada")


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", None, "en"),
        ("?language=sv", None, "sv"),
        ("", "sv-SE,sv;q=0.9,en;q=0.5", "sv"),
        ("", "de, fr;q=0.5", "en"),
        ("", "de, sv;q=0.1", "sv"),
        ("?language=en", "sv", "en"),
        ("?limit=1", "sv", "sv"),
    ],
)
def test_the_language_is_the_one_asked_for(
    query: str, accepted: str | None, language: str, client: FlaskClient, retitled: str
):
    headers = {} if accepted is None else {"Accept-Language": accepted}
    page = answer_of(client, query, **headers)
    assert page["language"] == language
    expected = {"en": IN_ENGLISH, "sv": IN_SWEDISH}[language]
    assert page["entries"][0]["sentence"].startswith(expected)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("language=de", "language"),
        ("order=random", "order"),
        ("type=colour", "type"),
        ("type=objective.re", "type"),
        ("origin=elsewhere", "origin"),
        ("goal_id=5", "goal_id"),
        ("person_id=ada", "person_id"),
        ("team=", "team"),
        ("cycle=%20", "cycle"),
        ("recorded_from=yesterday", "recorded_from"),
        ("recorded_to=2025-08-15T12:00:00", "recorded_to"),
        ("recorded_from=2025-08-16&recorded_to=2025-08-15", "recorded_to"),
        ("about_from=2025-13-01", "about_from"),
        ("about_from=2025-08-02&about_to=2025-08-01", "about_to"),
        ("text=", "text"),
        ("text=%20", "text"),
        ("limit=1001", "limit"),
        ("before=0", "before"),
        ("after=x", "after"),
        ("colour=red", "colour"),
        ("language=sv&language=en", "language"),
    ],
)
def test_a_bad_filter_is_named(query: str, field: str, client: FlaskClient):
    response = client.get(f"{PREFIX}/audit-log?{query}")
    assert (response.status_code, response.json["field"]) == (422, field)
    assert field in response.json["errors"]


@pytest.mark.parametrize("name", ["goal_id", "team", "person_id", "cycle"])
def test_what_is_not_there_is_not_found(name: str, client: FlaskClient):
    response = client.get(f"{PREFIX}/audit-log?{name}={uuid4()}")
    assert (response.status_code, response.json["field"]) == (404, name)


def test_every_filter_is_heard(client: FlaskClient, company: Company, retitled: str):
    found = answer_of(
        client,
        f"?goal_id={company['objective_id']}&team={company['team_id']}&person_id={ADA}"
        "&cycle=2025-Q3&type=objective&recorded_from=2025-08-15&recorded_to=2025-08-15T12:00:00Z"
        "&origin=api&text=MARKET&order=oldest&limit=10&after=1&before=1000",
    )
    assert [entry["command_id"] for entry in found["entries"]] == [retitled]
    (reading,) = answer_of(client, "?about_from=2025-08-01&about_to=2025-08-01")["entries"]
    assert reading["type"] == "reading.recorded"


def test_pages_go_on_where_they_ended(client: FlaskClient, retitled: str):
    newest = answer_of(client, "?limit=2")
    assert newest["next_after"] is None
    older = answer_of(client, f"?limit=2&before={newest['next_before']}")
    positions = [entry["position"] for entry in newest["entries"] + older["entries"]]
    assert positions == list(range(positions[0], positions[0] - 4, -1))


# ---- from where -------------------------------------------------------------------------


def noted(okr: Okr) -> int:
    okr.client_info.write()
    with okr.directory.database.reader.connect() as connection:
        return len(connection.execute(select(client_info.c.command_id)).all())


def test_a_command_sent_twice_is_noted_once(client: FlaskClient, okr: Okr, company: Company):
    before, command_id = noted(okr), str(uuid4())
    retitle(client, company, command_id)
    assert retitle(client, company, command_id, REMOTE_ADDR="198.51.100.1")["repeated"]
    assert noted(okr) == before + 1
    assert first(client)["address"] == "192.0.2.7"


def test_a_command_that_changed_nothing_is_not_noted(
    client: FlaskClient, okr: Okr, company: Company, retitled: str
):
    before = noted(okr)
    retitle(client, company, str(uuid4()))
    assert noted(okr) == before


def test_a_command_is_carried_out_though_nothing_can_be_noted(
    client: FlaskClient, okr: Okr, company: Company, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):  # fmt: skip
    def broken(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(okr.client_info, "insert", broken)
    with caplog.at_level(logging.ERROR):
        retitle(client, company, str(uuid4()))
        assert (first(client)["type"], first(client)["address"]) == ("objective.retitled", None)
    assert "unavailable for client info: [Errno 28]" in caplog.text


def test_nothing_of_it_is_in_an_event_and_it_goes_with_the_person(
    client: FlaskClient, okr: Okr, company: Company
):
    ada = Caller(client)
    ben = ada.done("/people", {"name": "Ben"})["id"]
    client.post(
        f"{PREFIX}/objectives/{company['objective_id']}/retitle", json=MARKET,
        headers={"Okr-Actor": ben, "User-Agent": "canary/1"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.99"},
    )  # fmt: skip
    for row in okr.log.rows(0, 1_000):
        assert not any("canary" in str(cell) or "192.0.2.99" in str(cell) for cell in row)
    assert first(client)["client"] == "canary/1"
    ada.done(f"/people/{ben}/erase", {"legal_ground": "their wish", "reason": "They left."})
    entry = first(client, "?type=objective.retitled")
    assert (entry["by"]["name"], entry["address"], entry["client"]) == (
        "former colleague",
        None,
        None,
    )
    assert (entry["reason"], entry["by"]["id"]) == ("The market grew.", ben)


def test_the_first_person_is_noted_as_well(empty_okr: Okr):
    client = client_of(empty_okr, Queries(empty_okr))
    client.post(f"{PREFIX}/people", json={"name": "Ada"}, headers={"User-Agent": "first/1"})
    assert noted(empty_okr) == 1


# ---- the command line -------------------------------------------------------------------

Asks = Callable[..., Result]


@pytest.fixture
def asks(okr: Okr, retitled: str) -> Asks:
    """Calls `okr-es audit log` with words, once the client info of before is written."""
    okr.client_info.write()
    url = okr.database.url.render_as_string(hide_password=False)

    def ask(*words: str) -> Result:
        return CliRunner().invoke(main, ["--database", url, "audit", "log", *words])

    return ask


def test_each_event_is_shown_in_a_line(asks: Asks):
    result = asks("--limit", "2")
    newest, _ = result.stdout.splitlines()
    position, recorded_at, sentence = newest.split("  ", 2)
    assert (int(position) > 1, recorded_at) == (True, "2025-08-15T12:00:00+00:00")
    assert sentence.startswith(IN_ENGLISH)
    assert result.stderr == f"there may be more: go on with --before {int(position) - 1}\n"


def test_filters_and_language_are_options(asks: Asks, company: Company):
    result = asks(
        "--goal", company["objective_id"], "--team", company["team_id"], "--person", ADA,
        "--cycle", "2025-Q3", "--type", "objective.retitled", "--recorded-from", "2025-08-15",
        "--recorded-to", "2025-08-15T12:00:00Z", "--origin", "api", "--text", "grew",
        "--language", "sv", "--oldest-first", "--after", "1", "--before", "1000",
    )  # fmt: skip
    (line,) = result.stdout.splitlines()
    assert IN_SWEDISH in line
    assert asks("--about-from", "2025-08-02", "--about-to", "2025-08-31").stdout.strip() == ""


def test_json_is_what_the_api_answers(asks: Asks, client: FlaskClient):
    assert json.loads(asks("--json", "--limit", "3").stdout) == answer_of(client, "?limit=3")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--language", "de"), 1, "The audit log is written in en or sv, not in de."),
        (("--type", "colour"), 1, "colour is neither a type of event nor"),
        (("--recorded-from", "soon"), 1, "recorded_from is neither a date nor an instant"),
        (("--goal", "5"), 1, "There is no objective, key result or KPI 5."),
        (("--cycle", "no cycle"), 2, "neither the UUID nor the name of a cycle"),
        (("--team", str(uuid4())), 1, "There is no team"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_line(
    words: tuple[str, ...], code: int, said: str, asks: Asks
):
    result = asks(*words)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output
