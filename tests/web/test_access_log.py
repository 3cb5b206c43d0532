"""Recorded reads: each exactly once, under the person named, and no answer without it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from okr_es.access_log import ACCESSES, RECORDED, Access
from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.ids import cycle_uuid
from tests.web.conftest import ADA, NOW, Caller, client_of, found_company
from web.api.entrance import Mode
from web.api.given import for_access_log
from web.api.parameters import Parameter
from web.api.queries import ROUTES, Route
from web.app import PREFIX, create_app
from web.cli.main import main

Q3 = cycle_uuid("2025-Q3")
NOBODY = ADA.replace("6", "7")
AS_ADA = {"Okr-Actor": ADA}
ON_RECORD = [route for route in ROUTES if route.recorded]
NAMED = {
    "/people/<uuid:id>": f"/people/{ADA}",
    "/readings/<uuid:id>": "/readings/{reading_id}",
    "<uuid:id>": "{objective_id}",
    "/scoreboard": "/scoreboard?cycle=2025-Q3",
    "<cycle:id>": "2025-Q3",
}


class Company:
    """A small company with its API, on one of the engines."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.okr = Okr(url, clock=lambda: NOW)
        self.runner = Runner(self.okr)
        self.client = client_of(self.okr, Queries(self.okr, self.runner))
        ada = Caller(self.client)
        ada.done("/people", {"name": "Ada", "id": ADA})
        self.ids = found_company(ada)

    def address(self, route: Route, *, of_one: bool = True) -> str:
        """Where a question is asked, of one owner where only that is recorded."""
        path = route.path
        for pattern, name in NAMED.items():
            path = path.replace(pattern, name)
        asked = ["from=2025-Q3", "to=cycle:2025-Q3"] if route.question == "compare" else []
        if route.recorded_with is not None and of_one:
            asked.append(f"{route.recorded_with_name}={ADA}")
        return PREFIX + path.format(**self.ids) + ("?" + "&".join(asked) if asked else "")

    def reads(self) -> list[Access]:
        return self.okr.access_log.search()


@pytest.fixture
def company(database_url: str) -> Iterator[Company]:
    company = Company(database_url)
    yield company
    company.runner.close()
    company.okr.close()


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Company]:
    company = Company(sqlite_url)
    yield company
    company.runner.close()
    company.okr.close()


# ---- what is recorded ---------------------------------------------------------------------


def test_every_recorded_read_is_recorded_once_under_who_is_named(company: Company) -> None:
    for number, route in enumerate(ON_RECORD, 1):
        response = company.client.get(company.address(route), headers=AS_ADA)
        assert response.status_code == 200, response.text
        read, *before = company.reads()
        assert (read.position, len(before)) == (number, number - 1)
        assert (read.by, read.what) == (UUID(ADA), route.recorded)
        assert read.recorded_at == "2025-08-15T12:00:00.000000Z"
        assert read.about["position"] == response.headers["Position"]


def test_no_other_read_is_recorded(on_sqlite: Company) -> None:
    others = [route for route in ROUTES if not route.recorded or route.recorded_with]
    assert {"board", "tree", "objective", "replay", "compare"} <= {r.question for r in others}
    for route in others:
        address = on_sqlite.address(route, of_one=False)
        on_sqlite.client.get(address, headers={"Okr-Actor": NOBODY})
    assert on_sqlite.reads() == []


ONE_PERSON = {"person_id", "owner_id"}
# What is about one person and is no read of them: what anybody could do, by the table of rights.
OF_RIGHTS = {"who_could"}


def test_whatever_can_be_limited_to_one_person_is_recorded_then() -> None:
    limited = [
        (route, each.passed_as)
        for route in ROUTES
        for each in route.parameters
        if each.passed_as in ONE_PERSON
    ]
    assert {"compare", "objectives", "audit_log"} <= {route.question for route, _ in limited}
    unrecorded = {route.question for route, name in limited if not route.records({name: ADA})}
    assert unrecorded == OF_RIGHTS


def test_days_of_changes_of_one_person_are_kept_by_no_browser(on_sqlite: Company) -> None:
    """Though their past is fixed: each look is recorded."""
    address = f"{PREFIX}/cycles/2025-Q3/changes-by-day?known_at=12"
    for more, kept in (("", "immutable"), (f"&owner={ADA}", "no-cache")):
        response = on_sqlite.client.get(address + more, headers=AS_ADA)
        assert response.json["fixed"]
        assert kept in response.headers["Cache-Control"]


def test_a_command_is_not_a_read(on_sqlite: Company) -> None:
    assert on_sqlite.okr.log.head() > 10
    assert on_sqlite.reads() == []


def test_it_names_ids_and_filters(on_sqlite: Company) -> None:
    ask, ids = on_sqlite.client.get, on_sqlite.ids
    ask(f"{PREFIX}/cycles/2025-Q3/review?person_id={ADA}&known_at=12", headers=AS_ADA)
    ask(f"{PREFIX}/goals/{ids['objective_id']}/history?limit=5", headers=AS_ADA)
    ask(f"{PREFIX}/access-log?cycle=2025-Q3&what=review&from=2025-08-01", headers=AS_ADA)
    ask(f"{PREFIX}/scoreboard?cycle=2025-Q3&cycle=2025-q3&person_id={ADA}", headers=AS_ADA)
    scoreboard, reads, history, review = on_sqlite.reads()
    assert review.about == {
        "cycle_id": str(Q3), "person_id": ADA, "known_at": "12", "position": "12",
        "people_seen": "1",
    }  # fmt: skip
    head = str(on_sqlite.okr.log.head())
    found = ask(f"{PREFIX}/access-log?cycle=2025-Q3&what=scoreboard", headers=AS_ADA).json
    (entry,) = found["entries"]
    cycles = [each for each in entry["about"] if each["parameter"] == "cycle"]
    assert [(each["id"], each["title"]) for each in cycles] == [(str(Q3), "2025-Q3")] * 2
    assert scoreboard.about == {
        "cycle": f"{Q3} {Q3}", "person_id": ADA, "position": str(on_sqlite.okr.log.head()),
        "people_seen": "1",
    }  # fmt: skip
    assert history.about == {"goal_id": ids["objective_id"], "limit": "5", "position": head}
    assert reads.about == {
        "cycle": str(Q3), "what": "review", "from": "2025-08-01", "position": head,
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/cycles/2025-Q3/review", "/cycles/2025-Q3/results"])
def test_people_an_answer_was_about_are_found_though_nobody_was_named(
    path: str, on_sqlite: Company
) -> None:
    Caller(on_sqlite.client).done("/cycles/2025-Q3/close")
    on_sqlite.client.get(PREFIX + path)
    found = on_sqlite.client.get(f"{PREFIX}/access-log?person_id={ADA}").json["entries"]
    (read,) = found
    seen = [each["asked"] for each in read["about"] if each["parameter"] == "people_seen"]
    assert (read["position"], seen) == (1, ["1"])


def test_words_searched_for_are_kept_out() -> None:
    free = Parameter("text", str, "words", {}, "text", is_free_text=True)
    plain = Parameter("from", str, "a day", {}, "from_")
    told = for_access_log([free, plain], {"text": "her illness", "from_": "2025-07-01"})
    assert told == {"text": "withheld", "from": "2025-07-01"}


# ---- who reads ------------------------------------------------------------------------------


def test_where_nobody_is_named_nobody_is_recorded(on_sqlite: Company) -> None:
    on_sqlite.client.get(f"{PREFIX}/people")
    assert [(each.by, each.what) for each in on_sqlite.reads()] == [(None, "people")]


def test_the_default_actor_reads_where_nobody_is_named(on_sqlite: Company) -> None:
    queries = Queries(on_sqlite.okr, on_sqlite.runner)
    client = create_app(
        on_sqlite.okr, queries, default_actor=UUID(ADA), mode=Mode.OPEN
    ).test_client()
    client.get(f"{PREFIX}/people")
    assert [each.by for each in on_sqlite.reads()] == [UUID(ADA)]


@pytest.mark.parametrize(("actor", "status"), [(NOBODY, 403), ("ada", 422)])
def test_an_unknown_reader_is_refused_and_sees_nothing(
    actor: str, status: int, on_sqlite: Company
) -> None:
    response = on_sqlite.client.get(f"{PREFIX}/people", headers={"Okr-Actor": actor})
    assert (response.status_code, response.json["field"]) == (status, "Okr-Actor")
    assert "Ada" not in response.text
    assert on_sqlite.reads() == []


def test_neither_is_someone_who_was_erased(on_sqlite: Company) -> None:
    ada = Caller(on_sqlite.client)
    bo = ada.done("/people", {"name": "Bo"})["id"]
    ada.done(f"/people/{bo}/erase", {"reason": "asked", "legal_ground": "Article 17"})
    response = on_sqlite.client.get(f"{PREFIX}/people", headers={"Okr-Actor": bo})
    assert (response.status_code, response.json["type"]) == (403, "/problems/person-is-unknown")


# ---- no answer without a record -----------------------------------------------------------


def test_what_cannot_be_recorded_is_not_shown(
    company: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ACCESSES, "update", "UPDATE nowhere SET position = :position")
    for route in ON_RECORD:
        response = company.client.get(company.address(route), headers=AS_ADA)
        assert (response.status_code, response.content_type) == (503, "application/problem+json")
        assert response.json["type"] == "/problems/read-is-not-recorded"
        assert "Retry-After" in response.headers
        assert "Ada" not in response.text
    assert len(caplog.records) == len(ON_RECORD)
    assert company.reads() == []
    board = company.client.get(f"{PREFIX}/cycles/2025-Q3/board")
    assert board.status_code == 200


def test_nor_is_it_on_the_command_line(on_sqlite: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ACCESSES, "update", "UPDATE nowhere SET position = :position")
    done = CliRunner().invoke(main, ["--database", on_sqlite.url, "people", "list"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Error: The database cannot be used: no such table: nowhere" in done.stderr


def test_what_is_not_found_was_not_read(on_sqlite: Company) -> None:
    for path in (f"/goals/{NOBODY}/history", "/cycles/2031/review", "/access-log?limit=0"):
        assert on_sqlite.client.get(PREFIX + path).status_code in {404, 422}
    assert on_sqlite.reads() == []


def test_an_answer_that_is_held_already_is_a_read_as_well(on_sqlite: Company) -> None:
    path = f"{PREFIX}/cycles/2025-Q3/review?known_at=12"
    first = on_sqlite.client.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.json["fixed"] is True
    held = on_sqlite.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert held.status_code == 304
    assert [each.position for each in on_sqlite.reads()] == [2, 1]


# ---- reading the reads ----------------------------------------------------------------------


def test_reads_are_read_page_by_page_and_that_is_recorded_too(company: Company) -> None:
    ask = company.client.get
    for _ in range(3):
        ask(f"{PREFIX}/people", headers=AS_ADA)
    first = ask(f"{PREFIX}/access-log?limit=2&what=people").json
    assert [each["position"] for each in first["entries"]] == [3, 2]
    assert (first["newest"], first["next_before"]) == (3, 2)
    last = ask(f"{PREFIX}/access-log?limit=2&what=people&before={first['next_before']}").json
    assert [each["position"] for each in last["entries"]] == [1]
    assert (last["newest"], last["next_before"]) == (4, None)
    assert last["entries"][0]["by"] == {"id": ADA, "name": "Ada"}
    assert [each.what for each in company.reads()] == ["access_log", "access_log", *["people"] * 3]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1]),
        (f"by={ADA}", [2]),
        (f"by={NOBODY}", []),
        ("cycle=2025-Q3", [1]),
        (f"cycle={Q3}&what=review", [1]),
        ("what=history", [2]),
        (f"person_id={ADA}", [1]),
        ("goal_id={objective_id}", [2]),
        ("team={team_id}", []),
        ("from=2025-08-15&to=2025-08-15", [2, 1]),
        ("from=2025-08-16", []),
        ("to=2025-08-14", []),
        ("before=2", [1]),
    ],
)
def test_reads_are_found_by_each_filter(query: str, found: list[int], on_sqlite: Company) -> None:
    ask = on_sqlite.client.get
    ask(f"{PREFIX}/cycles/2025-Q3/review")
    ask(f"{PREFIX}/goals/{on_sqlite.ids['objective_id']}/history", headers=AS_ADA)
    answer = ask(f"{PREFIX}/access-log?{query.format(**on_sqlite.ids)}").json
    assert [each["position"] for each in answer["entries"]] == found


@pytest.mark.parametrize(
    ("query", "field"),
    [("what=gossip", "what"), ("by=ada", "by"), ("from=soon", "from"), ("colour=red", "colour")],
)
def test_what_cannot_be_asked_is_named(query: str, field: str, on_sqlite: Company) -> None:
    response = on_sqlite.client.get(f"{PREFIX}/access-log?{query}")
    assert (response.status_code, response.json["field"]) == (422, field)


def test_the_command_line_records_reads_too(company: Company) -> None:
    def call(*words: str) -> Any:
        done = CliRunner().invoke(main, ["--database", company.url, *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    call("history", company.ids["objective_id"], "--by", ADA)
    for question in ("review", "results", "plan"):
        call(question, "2025-Q3", "--by", ADA, "--json")
    call("people", "list")
    call("board", "2025-Q3")
    lines = call("audit", "access-log", "--by", ADA).splitlines()
    assert [line.split("  ")[2:] for line in lines[:2]] == [
        ["nobody named", f"people: position {company.okr.log.head()}"],
        ["Ada", f"plan: cycle 2025-Q3, position {company.okr.log.head()}"],
    ]
    told = json.loads(
        call("audit", "access-log", "--cycle", "2025-Q3", "--what", "review", "--json")
    )
    (read,) = told["entries"]
    (cycle,) = [each for each in read["about"] if each["parameter"] == "cycle_id"]
    assert (read["by"], cycle["id"]) == ({"id": ADA, "name": "Ada"}, str(Q3))
    assert cycle["title"] == "2025-Q3"
    assert [each.what for each in reversed(company.reads())] == [
        "history", "review", "results", "plan", "people", "access_log", "access_log",
    ]  # fmt: skip


def test_so_is_one_reading_on_the_command_line_with_its_corrections(on_sqlite: Company) -> None:
    about = on_sqlite.ids["reading_id"]
    asked = ["--database", on_sqlite.url, "readings", "show", about, "--by", ADA]
    assert CliRunner().invoke(main, asked).exit_code == 0
    (read,) = on_sqlite.reads()
    assert (read.by, read.what) == (UUID(ADA), "history")
    assert read.about["reading_id"] == on_sqlite.ids["reading_id"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("history", "2025-Q3", "--by", NOBODY), 1, "There is no person"),
        (("review", "2025-Q3", "--by", NOBODY), 1, "There is no person"),
        (("audit", "access-log", "--what", "gossip"), 2, "not one of people"),
        (("audit", "access-log", "--to", "9999-12-31"), 1, "to is outside the years"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(
    words: tuple[str, ...], code: int, said: str, on_sqlite: Company
) -> None:
    done = CliRunner().invoke(main, ["--database", on_sqlite.url, *words])
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert on_sqlite.reads() == []


# ---- on one page ----------------------------------------------------------------------------


def test_every_recorded_route_has_a_word_that_the_documentation_explains() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/access-log.md").read_text()
    assert {route.recorded for route in ON_RECORD} <= set(RECORDED)
    for word, said in RECORDED.items():
        assert f"| `{word}` | {said} |" in page


def test_the_database_that_is_away_keeps_the_answer_back(
    on_sqlite: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("away"))

    monkeypatch.setattr(on_sqlite.okr.access_log, "record", away)
    assert on_sqlite.client.get(f"{PREFIX}/people").status_code == 503
