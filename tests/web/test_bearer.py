"""Programs call by their api keys: what lets them in, as whom they act, and what holds them off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from okr_es import commands as c
from okr_es.access.key_uses import KeyUses
from okr_es.access.links import Links, Purpose
from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.context import Context
from okr_es.domain.api_key import KeyRole
from okr_es.domain.kpi import Target
from okr_es.domain.values import Cadence, Direction, TeamKind
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import ADA, BO, NOW
from web.api.entrance import Mode
from web.api.throttle import MOST
from web.app import PREFIX, create_app

KPI, OTHER_KPI, TEAM = (UUID(int=0xE1 + n) for n in range(3))
READ = {"as_of": "2025-08-14", "value": "3"}
PER_MINUTE = 30


class Site:
    """The application as it is served, with two KPIs, and programs that have keys."""

    def __init__(self, url: str) -> None:
        self.now = NOW
        self.okr = Okr(url, clock=lambda: self.now)
        self.runner = Runner(self.okr)
        self.queries = Queries(self.okr, self.runner)
        self.sessions = Sessions(url, lambda: self.now)
        self.sessions.create()
        self.app = create_app(
            self.okr, self.queries, sessions=self.sessions, mode=Mode.SIGN_IN,
            key_uses=KeyUses(self.sessions.database, lambda: self.now, PER_MINUTE),
        )  # fmt: skip
        for id_ in (ADA, BO):
            self.execute(c.RegisterPerson("Ada", id=UUID(id_)))
        self.execute(c.FormTeam("Acme", TeamKind.COMPANY, id=TEAM))
        span = Target(NOW.date(), NOW.date() + timedelta(days=30))
        for kpi in (KPI, OTHER_KPI):
            self.execute(
                c.DefineKpi("Answers", Direction.INCREASE, "%", "CRM", Cadence.WEEKLY, UUID(ADA),
                            span, team_id=TEAM, id=kpi)
            )  # fmt: skip

    def execute(self, command: c.Command) -> Any:
        return self.okr.execute(command, Context(UUID(ADA), "so it is", origin="cli"))

    def key(self, role: KeyRole = KeyRole.INGEST_KEY, **fields: Any) -> Program:
        kpis = (KPI,) if role == KeyRole.INGEST_KEY else ()
        made = self.execute(c.CreateApiKey("Warehouse", role, kpi_ids=kpis, **fields))
        return Program(self.app.test_client(), made.id, made.secret)

    def close(self) -> None:
        self.runner.close()
        self.sessions.close()
        self.okr.close()


class Program:
    """A program with its key."""

    def __init__(self, client: FlaskClient, id_: UUID, secret: str) -> None:
        self.client, self.id, self.secret = client, id_, secret

    def headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"} | more

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(PREFIX + path, headers=self.headers(headers))

    def post(self, path: str, body: dict[str, Any], **headers: str) -> TestResponse:
        return self.client.post(PREFIX + path, json=body, headers=self.headers(headers))


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with closing(Site(sqlite_url)) as found:
        yield found


def problem(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.json["type"].removeprefix("/problems/")


def test_what_a_program_records_is_by_its_key(site: Site) -> None:
    program = site.key()
    receipt = program.post(f"/kpis/{KPI}/readings", READ | {"comment": "night of 14 July"})
    assert receipt.status_code == 201, receipt.text
    (row,) = site.okr.log.rows(site.okr.log.head() - 1, 1, ["by", "on_behalf_of", "origin"])
    assert row[1:] == (str(program.id), None, "api")
    (entry,) = site.queries.audit_log(limit=1)["entries"]
    assert str(entry["sentence"]).startswith("Warehouse recorded")
    assert entry["comment"] == "night of 14 July"
    assert "127.0.0.1" in str(entry["sentence"])


def test_the_same_again_is_answered_as_before(site: Site) -> None:
    program, path = site.key(), f"/kpis/{KPI}/readings"
    first = program.post(path, READ, **{"Idempotency-Key": "14"}).json
    assert program.post(path, READ, **{"Idempotency-Key": "14"}).json == first | {"repeated": True}


def test_a_program_finds_out_what_became_of_its_commands_and_of_no_others(site: Site) -> None:
    program, other, path = site.key(), site.key(), f"/kpis/{KPI}/readings"
    recorded = program.post(path, READ, **{"Idempotency-Key": "14"}).json
    found = program.get(f"/commands/{recorded['command_id']}")
    assert (found.status_code, found.json["id"]) == (200, recorded["id"]), found.text
    assert other.get(f"/commands/{recorded['command_id']}").status_code == 404


def test_a_new_key_is_shown_to_who_asks_and_to_nobody_later(site: Site) -> None:
    program = site.key(KeyRole.ADMINISTRATOR)
    refused = program.post("/keys", {"name": "x", "role": "member", "reason": "x"})
    assert problem(refused) == (403, "api-key-may-not")
    assert refused.json["field"] == "Authorization"


@pytest.mark.parametrize(
    "path",
    [f"/kpis/{KPI}", f"/kpis/{KPI}/readings", f"/kpis/{KPI}/plan-and-actual", "/openapi.json"],
    ids=["kpi", "readings", "plan-and-actual", "description"],
)
def test_an_ingest_key_sees_its_kpis(path: str, site: Site) -> None:
    assert site.key().get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [f"/kpis/{OTHER_KPI}", f"/kpis/{OTHER_KPI}/readings", "/kpis", "/people", "/audit-log",
     "/keys", "/access-log", "/checkpoints", f"/goals/{KPI}/history", f"/readings/{KPI}",
     "/sessions"],
    ids=lambda path: path.replace(str(OTHER_KPI), "other").replace(str(KPI), "own"),
)  # fmt: skip
def test_and_nothing_else(path: str, site: Site) -> None:
    program = site.key()
    assert problem(program.get(path)) == (403, "api-key-may-not")
    elsewise_written = {"PATH_INFO": f"/{PREFIX}{path}"}  # routes are found with two slashes, too
    asked = program.client.get("/", headers=program.headers({}), environ_overrides=elsewise_written)
    assert problem(asked) == (403, "api-key-may-not")


def test_nor_does_it_record_anything_else(site: Site) -> None:
    program = site.key()
    for path, body in (
        (f"/kpis/{OTHER_KPI}/readings", READ),
        (f"/teams/{TEAM}/rename", {"name": "Ours"}),
        (f"/kpis/{KPI}/readings", READ | {"on_behalf_of": ADA}),
    ):
        slug = "api-key-may-not" if "on_behalf_of" in body else "not-allowed"
        assert problem(program.post(path, body)) == (403, slug), path


def test_another_role_sees_what_people_see(site: Site) -> None:
    assert site.key(KeyRole.MEMBER).get("/teams").json["teams"][0]["name"] == "Acme"


def unknown(site: Site, program: Program) -> None:
    program.secret = program.secret[:-43] + "A" * 43


def of_nobody(site: Site, program: Program) -> None:
    program.secret = "okres_" + "A" * 65


def no_key_at_all(site: Site, program: Program) -> None:
    program.secret = "open sesame"


def revoked(site: Site, program: Program) -> None:
    site.execute(c.RevokeApiKey(program.id))


def over(site: Site, program: Program) -> None:
    site.now += timedelta(days=91)


@pytest.mark.parametrize("spoil", [unknown, of_nobody, no_key_at_all, revoked, over])
def test_whatever_is_wrong_with_a_key_the_answer_is_the_same(spoil: Any, site: Site) -> None:
    program = site.key()
    assert program.get(f"/kpis/{KPI}").status_code == 200
    spoil(site, program)
    answer = program.get(f"/kpis/{KPI}")
    assert problem(answer) == (401, "api-key-is-unknown")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="okr-es"'
    assert answer.json["detail"] == (
        "It may be written wrongly, revoked, or over; ask an administrator for another."
    )


def test_another_scheme_is_no_key(site: Site) -> None:
    program = site.key()
    found = program.get(f"/kpis/{KPI}", Authorization=f"Basic {program.secret}")
    assert problem(found) == (401, "api-key-is-unknown")


def test_a_key_and_a_session_at_once_are_refused(site: Site) -> None:
    program = site.key()
    link = Links(site.sessions).make(UUID(BO), Purpose.SIGN_IN)
    assert program.client.post("/sign-in", data={"link": link}).status_code == 303
    assert problem(program.get(f"/kpis/{KPI}")) == (400, "known-twice")


def test_a_key_needs_no_token_and_names_nobody_else(site: Site) -> None:
    program = site.key()
    path = f"/kpis/{KPI}/readings"
    assert program.post(path, READ, **{"Okr-Actor": str(program.id)}).status_code == 201
    assert problem(program.post(path, READ, **{"Okr-Actor": ADA})) == (403, "actor-is-another")


def test_too_many_requests_have_to_wait_and_those_of_others_do_not(site: Site) -> None:
    program, other = site.key(), site.key()
    for _ in range(PER_MINUTE):
        assert program.get(f"/kpis/{KPI}").status_code == 200
    late = program.get(f"/kpis/{KPI}")
    assert problem(late) == (429, "too-many-requests")
    assert late.headers["Retry-After"] == "60"
    assert other.get(f"/kpis/{KPI}").status_code == 200
    site.now += timedelta(seconds=60)
    assert program.get(f"/kpis/{KPI}").status_code == 200


def test_who_guesses_has_to_wait_and_a_right_key_does_not(site: Site) -> None:
    program, guess = site.key(), site.key()
    unknown(site, guess)
    answers = [guess.get("/teams").status_code for _ in range(MOST + 2)]
    assert answers == [*[401] * MOST, 429, 429]
    assert program.get(f"/kpis/{KPI}").status_code == 200


def test_when_it_was_used_is_shown_to_the_minute(site: Site) -> None:
    program, _ = site.key(), site.key()
    site.now += timedelta(hours=1, seconds=30)
    program.get(f"/kpis/{KPI}")
    used = {each["id"]: each["last_used"] for each in site.queries.keys()["keys"]}
    assert sorted(used.values(), key=str) == ["2025-08-15T13:00:00.000000Z", None]
    assert used[str(program.id)] is not None


def test_one_that_nobody_used_for_long_is_idle(site: Site) -> None:
    program = site.key(ends=NOW.date() + timedelta(days=200))
    program.get(f"/kpis/{KPI}")
    for days, idle in ((90, False), (1, True), (110, False)):  # in the end it works no more
        site.now += timedelta(days=days)
        (found,) = site.queries.keys()["keys"]
        assert found["idle"] is idle, days


def test_a_key_of_a_lead_may_what_a_lead_may_in_their_teams(site: Site) -> None:
    other = site.execute(c.FormTeam("Web")).id
    path = f"/kpis/{KPI}/readings"
    assert site.key(KeyRole.LEAD, team_id=TEAM).post(path, READ).status_code == 201
    elsewhere = site.key(KeyRole.LEAD, team_id=other)
    assert problem(elsewhere.post(path, READ)) == (403, "not-allowed")
    assert problem(site.key(KeyRole.ADMINISTRATOR).post(path, READ)) == (403, "not-allowed")


def test_the_secret_is_in_no_file(site: Site) -> None:
    program = site.key()
    program.post(f"/kpis/{KPI}/readings", READ)
    path = site.okr.database.path
    assert path is not None
    secret = program.secret[-43:].encode()
    files = [each for each in path.parent.rglob("*") if each.is_file()]
    assert files
    assert not [each for each in files if secret in each.read_bytes()]
