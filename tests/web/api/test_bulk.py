"""Many commands in one body: each line is the body of an address, and gets the same answer."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.chunks import running
from okr_es.chunks.recording import Recording
from okr_es.context import Context
from okr_es.log.in_doubt import OutcomeUnknown
from projections.queries import Queries
from tests.support.begun import Begun
from tests.support.company_of_roles import NOW as ROLES_NOW
from tests.support.company_of_roles import begin_roles, id_of
from tests.web.api.test_commands import BODIES, address, filled
from tests.web.conftest import ADA, BO, Caller
from web.api import bulk_lines
from web.api.bulk_lines import MOST_LINES
from web.api.commands import ROUTES
from web.api.entrance import Mode
from web.app import PREFIX, create_app

LINES = "application/x-ndjson"
TEAM = {"command": "/teams", "name": "Sales"}


def send(caller: Caller, *lines: Any, ask: str = "", **headers: str) -> TestResponse:
    texts = [each if isinstance(each, bytes) else msgspec.json.encode(each) for each in lines]
    headers = {"Content-Type": LINES} | headers
    return caller.post(f"/commands{ask}", b"\n".join(texts), **headers)


def verdicts(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert response.content_type == LINES
    return [msgspec.json.decode(line) for line in response.data.splitlines()]


def statuses(response: TestResponse) -> list[int]:
    return [each["status"] for each in verdicts(response)]


# ---- a line is the body of an address ---------------------------------------------------


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.command.__name__)
def test_a_line_is_answered_as_at_the_address_of_its_command(
    route: Any, ada: Caller, company: dict[str, str], okr: Okr
) -> None:
    path, body = address(route, company), filled(BODIES[route.command], company)
    key = {"idempotency_key": "as a line"}
    (found,) = verdicts(send(ada, {"command": path, **body} | key))
    alone = ada.post(path, body, Idempotency_Key="as a line")
    if "receipt" in found:
        assert alone.json == found["receipt"] | {"repeated": True, "secret": None}
        assert (found["status"], found["location"]) == (
            alone.status_code,
            alone.headers.get("Location"),
        )
    else:
        assert found["problem"] == alone.json
        assert found["status"] == alone.status_code


def test_a_refused_line_refuses_itself_alone(ada: Caller, company: dict[str, str]) -> None:
    web = str(uuid4())
    response = send(
        ada,
        TEAM | {"id": web},
        b"{not json",
        {"command": f"/teams/{web}/rename"},
        b"",
        {"command": f"/teams/{web}/rename", "name": "Net"},
        {"command": f"/teams/{web}/renam", "name": "Net"},
        {"command": "/teams/7/rename", "name": "Net"},
        {"name": "Net"},
        TEAM | {"dry_run": True},
        TEAM | {"idempotency_key": ""},
        TEAM | {"expected_version": 1, "colour": "red"},
        b"[1]",
        {"command": f"/teams/{uuid4()}/rename", "name": "x"},
        {"command": f"/teams/{web}/move", "parent_id": company["team_id"]},
    )
    found = verdicts(response)
    assert [each["line"] for each in found] == [1, 2, 3, *range(5, 15)]
    assert [each["status"] for each in found] == [
        201, 400, 422, 200, 422, 422, 422, 422, 422, 422, 422, 404, 200,
    ]  # fmt: skip
    problems = {each["line"]: each["problem"] for each in found if "problem" in each}
    assert problems[2]["type"] == "/problems/json-is-malformed"
    assert problems[3]["errors"] == {"name": ["Missing data for required field."]}
    assert {problems[n]["field"] for n in (6, 7, 8)} == {"command"}
    assert "not a UUID" in problems[7]["detail"]
    assert problems[9]["field"] == "dry_run"
    assert problems[10]["field"] == "idempotency_key"
    assert problems[11]["errors"] == {"colour": ["Unknown field."]}
    assert all("command_id" in problems[n] for n in (13,))


# ---- once -------------------------------------------------------------------------------


def test_the_same_body_again_gets_the_same_receipts_and_appends_nothing(
    ada: Caller, okr: Okr
) -> None:
    body = [TEAM, TEAM | {"idempotency_key": "mine"}, {"command": "/teams"}]
    first = send(ada, *body, Idempotency_Key='"a body"')
    head = okr.log.head()
    again = send(ada, *body, Idempotency_Key='"a body"')
    assert okr.log.head() == head
    assert again.headers["Idempotency-Key"] == '"a body"'
    for one, other in zip(verdicts(first), verdicts(again), strict=True):
        if "receipt" in one:
            one["receipt"]["repeated"] = True
        assert one == other
    keys = [each["idempotency_key"] for each in verdicts(first)]
    assert keys == ["a body/1", "mine", "a body/3"]
    alone = ada.post("/teams", {"name": "Sales"}, Idempotency_Key="a body/1")
    assert alone.json == verdicts(again)[0]["receipt"]


def test_without_a_key_the_answer_names_one_to_send_it_again_under(ada: Caller, okr: Okr) -> None:
    first = send(ada, TEAM)
    head = okr.log.head()
    again = send(ada, TEAM, Idempotency_Key=first.headers["Idempotency-Key"])
    assert verdicts(again)[0]["receipt"]["repeated"]
    assert okr.log.head() == head


def test_keys_of_lines_belong_to_their_actor(ada: Caller, okr: Okr) -> None:
    bo = Caller(ada.client, BO)
    one, other = (send(each, TEAM, Idempotency_Key="same") for each in (ada, bo))
    receipts = [verdicts(each)[0]["receipt"] for each in (one, other)]
    assert receipts[0]["command_id"] != receipts[1]["command_id"]
    assert not receipts[1]["repeated"]


def test_a_key_that_is_the_id_of_an_old_command_is_that_command(ada: Caller, okr: Okr) -> None:
    old = uuid4()  # of before keys belonged to their actors
    okr.execute(c.FormTeam("Sales"), Context(UUID(ADA), command_id=old))
    (found,) = verdicts(send(ada, TEAM | {"idempotency_key": str(old)}))
    assert found["receipt"]["repeated"]


# ---- one value for one day --------------------------------------------------------------


def test_two_values_of_one_day_are_both_refused_and_both_named(
    ada: Caller, company: dict[str, str], okr: Okr
) -> None:
    kpi, key_result = company["kpi_id"], company["key_result_id"]
    read, check = f"/kpis/{kpi}/readings", f"/key-results/{key_result}/check-ins"
    found = verdicts(
        send(
            ada,
            {"command": read, "value": 1},
            {"command": read, "value": 2, "as_of": "2025-08-15"},
            {"command": read, "value": 2, "subject": "Kiruna"},
            {"command": read, "value": 2, "as_of": "2025-08-14"},
            {"command": "/readings", "readings": [
                {"kpi_id": kpi, "as_of": "2025-08-14", "value": 3},
                {"kpi_id": kpi, "as_of": "2025-08-13", "value": 3},
            ]},
            {"command": check, "value": 3},
            {"command": check, "value": 3, "as_of": "2025-08-15"},
            {"command": check, "confidence": 3},
            {"command": check, "value": 3, "as_of": "2025-08-14"},
        )
    )  # fmt: skip
    assert [each["status"] for each in found] == [422, 422, 201, 422, 422, 422, 422, 201, 201]
    named = [each["problem"]["lines"] for each in found if "problem" in each]
    assert named == [[1, 2], [1, 2], [4, 5], [4, 5], [6, 7], [6, 7]]
    assert "Lines 1 and 2" in found[0]["problem"]["detail"]
    assert found[0]["problem"]["type"] == "/problems/two-values-of-one-day"


def test_a_subject_in_other_letters_is_the_same_subject(
    ada: Caller, company: dict[str, str]
) -> None:
    read = f"/kpis/{company['kpi_id']}/readings"
    found = verdicts(
        send(
            ada,
            {"command": read, "value": 1, "subject": "Malm\u00f6"},
            {"command": read, "value": 2, "subject": "Malmo\u0308 "},
        )
    )
    assert [each["status"] for each in found] == [422, 422]


def test_the_same_line_twice_under_one_key_is_one_command(
    ada: Caller, company: dict[str, str]
) -> None:
    line = {"command": f"/kpis/{company['kpi_id']}/readings", "value": 1, "idempotency_key": "k"}
    assert [each["receipt"]["repeated"] for each in verdicts(send(ada, line, line))] == [
        False, True,
    ]  # fmt: skip


# ---- rights -----------------------------------------------------------------------------


def test_a_key_does_in_each_line_what_it_may_alone(
    ada: Caller, company: dict[str, str], okr: Okr
) -> None:
    key = {"name": "Lake", "role": "ingest_key", "kpi_ids": [company["kpi_id"]], "reason": "So."}
    secret = ada.done("/keys", key)["secret"]
    lake = Caller(ada.client, None)
    found = send(
        lake,
        {"command": f"/kpis/{company['kpi_id']}/readings", "value": 1},
        {"command": f"/teams/{company['team_id']}/rename", "name": "Ours"},
        {"command": f"/key-results/{company['key_result_id']}/check-ins", "value": 1},
        Authorization=f"Bearer {secret}",
    )
    assert statuses(found) == [201, 403, 403]


def test_each_line_is_allowed_or_refused_by_the_table_of_rights(begun_on_sqlite: Begun) -> None:
    with (
        begun_on_sqlite.fresh("company of roles", begin_roles) as url,
        closing(Okr(url, clock=lambda: ROLES_NOW)) as okr,
    ):
        app = create_app(okr, Queries(okr), mode=Mode.DEVELOPMENT)
        member = Caller(app.test_client(), str(id_of("member")))
        own, others = (id_of(name, "objective") for name in ("member", "other"))
        answer = send(
            member,
            *({"command": f"/objectives/{id_}/retitle", "title": "x", "reason": "It is so."}
              for id_ in (own, others, own)),
        )  # fmt: skip
        found = verdicts(answer)
        assert found[1]["problem"]["type"] == "/problems/not-allowed"
        assert [each["status"] < 300 for each in found] == [True, False, True]


# ---- limits -----------------------------------------------------------------------------


def test_what_is_too_much_is_refused_whole_and_says_the_limit(
    ada: Caller, okr: Okr, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = okr.log.head()
    many = send(ada, *[b"{}"] * (MOST_LINES + 1))
    assert (many.status_code, many.json["most_lines"]) == (413, MOST_LINES)
    large = send(ada, b" " * (16 * 1024 * 1024 + 1))
    assert (large.status_code, large.json["most_bytes"]) == (413, 16 * 1024 * 1024)
    assert send(ada, b"").status_code == 422
    assert send(ada, b"\n \n").status_code == 422
    assert send(ada, TEAM, **{"Content-Type": "application/json"}).status_code == 415
    assert send(ada, TEAM, ask="?atomic=perhaps").status_code == 422
    assert send(ada, TEAM, Idempotency_Key="x" * 250).status_code == 422
    for ask in ("?atomic=true", "?dry_run=true"):
        refused = send(ada, *[b"{}"] * 2_001, ask=ask)
        assert (refused.status_code, refused.json["most_lines"]) == (413, 2_000)
    assert okr.log.head() == head


def test_a_line_has_the_limit_of_its_address(ada: Caller) -> None:
    (found,) = verdicts(send(ada, TEAM | {"name": "x" * 1_100_000}))
    assert (found["status"], found["problem"]["most_bytes"]) == (413, 1024 * 1024)


def test_somebody_has_to_call(ada: Caller) -> None:
    assert send(Caller(ada.client, None), TEAM).status_code == 401
    assert send(Caller(ada.client, str(uuid4())), TEAM).status_code == 403


# ---- all or none ------------------------------------------------------------------------


def test_all_or_none(ada: Caller, okr: Okr) -> None:
    web, head = str(uuid4()), okr.log.head()
    body = [TEAM | {"id": web}, {"command": f"/teams/{web}/rename", "name": "Net"}]
    bad = {"command": f"/teams/{uuid4()}/rename", "name": "x"}
    response = send(ada, *body, bad, bad, ask="?atomic=true", Idempotency_Key="all")
    assert response.status_code == 422
    problem = response.json
    assert problem["type"] == "/problems/lines-are-refused"
    assert [each["line"] for each in problem["refused"]] == [3, 4]
    assert problem["refused"][0]["problem"]["type"] == "/problems/not-found"
    malformed = send(ada, *body, {"command": "/teams"}, ask="?atomic=true", Idempotency_Key="all")
    assert (malformed.status_code, malformed.json["refused"][0]["line"]) == (422, 3)
    assert okr.log.head() == head
    done = send(ada, *body, ask="?atomic=true", Idempotency_Key="all")
    assert statuses(done) == [201, 200]
    assert okr.log.head() == head + 2
    again = verdicts(send(ada, *body, ask="?atomic=true", Idempotency_Key="all"))
    assert all(each["receipt"]["repeated"] for each in again)


# ---- dry runs ---------------------------------------------------------------------------


def test_a_dry_run_says_of_each_line_what_it_would_record(ada: Caller, okr: Okr) -> None:
    web, head = str(uuid4()), okr.log.head()
    body = [TEAM | {"id": web}, {"command": "/teams"},
            {"command": f"/teams/{web}/rename", "name": "Net"}]  # fmt: skip
    found = verdicts(send(ada, *body, ask="?dry_run=true"))
    assert [each["status"] for each in found] == [200, 422, 200]
    assert found[2]["dry_run"]["would_record"][0]["about"]["name"] == "Net"
    assert okr.log.head() == head
    assert send(ada, *body, ask="?dry_run=true&atomic=true").status_code == 422


# ---- approval, client info --------------------------------------------------------------


def test_what_waits_for_approval_says_so(ada: Caller, company: dict[str, str]) -> None:
    line = {"command": "/cycles/2025-Q4/require-approval", "of": [], "reason": "Why not?"}
    (found,) = verdicts(send(ada, line))
    assert found["status"] == 202
    assert found["location"] == f"{PREFIX}/approvals/{found['receipt']['approval_id']}"


def test_where_it_came_from_is_noted_for_each_line(ada: Caller, okr: Okr) -> None:
    found = verdicts(send(ada, TEAM, TEAM, User_Agent="feeder/1"))
    ids = [UUID(each["receipt"]["command_id"]) for each in found]
    noted = okr.client_info.of_commands(ids)
    assert [noted[each]["client"] for each in ids] == ["feeder/1"] * 2


# ---- broken off -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "slug"),
    [
        (OperationalError("COMMIT", None, Exception("gone")), "database-is-unavailable"),
        (OutcomeUnknown(UUID(int=7)), "outcome-is-unknown"),
        (ZeroDivisionError("ours"), "unexpected"),
    ],
)
def test_what_fails_later_on_says_of_each_line_what_is_known(
    error: Exception, slug: str, ada: Caller, okr: Okr, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = [TEAM, TEAM, TEAM, TEAM, {"command": "/teams"}, TEAM]
    monkeypatch.setattr(running, "MOST_IN_CHUNK", 2)
    with monkeypatch.context() as broken:
        fail_from(broken, 2, error)
        found = verdicts(send(ada, *body, Idempotency_Key="cut"))
    assert [each["status"] for each in found[:2]] == [201, 201]
    assert {each["problem"]["type"] for each in found[2:4]} == {f"/problems/{slug}"}
    assert found[4]["problem"]["errors"] == {"name": ["Missing data for required field."]}
    assert found[5]["problem"]["type"] == f"/problems/{slug}"
    again = verdicts(send(ada, *body, Idempotency_Key="cut"))
    assert [each["status"] for each in again] == [201, 201, 201, 201, 422, 201]
    repeated = [each["receipt"]["repeated"] for each in again if "receipt" in each]
    assert repeated == [True, True, False, False, False]


def test_what_fails_at_once_is_an_answer_to_all(
    ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_from(monkeypatch, 1, OperationalError("BEGIN", None, Exception("gone")))
    assert send(ada, TEAM, TEAM).status_code in {500, 503}


def fail_from(monkeypatch: pytest.MonkeyPatch, number: int, error: Exception) -> None:
    """Let the chunk of that number, and all after it, fail."""
    count, all_of = 0, Recording.all

    def fails(self: Recording, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count >= number:
            raise error
        return all_of(self, *arguments)

    monkeypatch.setattr(Recording, "all", fails)


def test_every_route_has_its_schema() -> None:
    assert len(bulk_lines.ROUTES_BY_NAME) == len(ROUTES) == len(BODIES)
