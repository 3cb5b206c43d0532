"""Every query over HTTP, on the real read side."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from okr_es.domain.values import LONGEST_TEXT
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.ids import cycle_uuid
from tests.web.conftest import ADA, Caller, FakeQueries, client_of
from web.api.health import MOST_BEHIND
from web.api.queries import ROUTES
from web.api.tags import WHERE_THE_LOG_STOOD
from web.app import PREFIX


@pytest.fixture
def reader(okr: Okr) -> Iterator[FlaskClient]:
    """A client of the API on the real read side."""
    runner = Runner(okr)
    yield client_of(okr, Queries(okr, runner))
    runner.close()


def address(path: str, ids: dict[str, str]) -> str:
    """The path of a query, about something of the company."""
    about = {
        "objectives": "objective_id", "key-results": "key_result_id", "kpis": "kpi_id",
        "goals": "objective_id", "approvals": "approval_id",
        "people": "person_id", "teams": "team_id", "readings": "reading_id",
    }  # fmt: skip
    id_ = ids[about.get(path.split("/")[1], "cycle_id")]
    asked = "?from=17&to=18" if path.endswith(("/compare", "/explanation")) else ""
    asked = {"/who-could": "?may=see", "/scoreboard": "?cycle=2025-Q3"}.get(path, asked)
    return PREFIX + path.replace("<cycle:id>", "2025-Q3").replace("<uuid:id>", id_) + asked


WHOLE = [route for route in ROUTES if not route.streamed]
named = pytest.mark.parametrize("route", WHOLE, ids=lambda route: route.path)


@named
def test_a_query_is_answered(route: Any, okr: Okr, reader: FlaskClient, company: dict[str, str]):
    response = reader.get(address(route.path, company))
    assert response.status_code == 200, response.text
    assert response.content_type == "application/json"
    assert response.json["position"] == okr.log.head() == int(response.headers["Position"])
    version = f"{response.json['version'] or 0}." if "version" in response.json else ""
    tag = re.fullmatch(rf'"{re.escape(version)}[0-9a-f]{{16}}"', response.headers.get("ETag", ""))
    assert (tag is not None) == route.tagged


@pytest.mark.parametrize(
    "route", [route for route in WHOLE if route.tagged], ids=lambda route: route.path
)
def test_a_tag_stays_while_other_things_happen(
    route: Any, okr: Okr, reader: FlaskClient, company: dict[str, str]
):
    """A reading of a KPI that feeds nothing: only what shows that KPI is another answer."""
    path, shows_it = address(route.path, company), route.path.startswith(("/kpis", "/check-ins"))
    if route.path == "/objectives/<uuid:id>/plan-and-actual":
        return  # each day says where the log stood, also today
    first = reader.get(path)
    reading = {"as_of": "2025-08-14", "value": "3"}
    Caller(reader).done(f"/kpis/{company['kpi_id']}/readings", reading)
    held = {"If-None-Match": first.headers["ETag"]}
    for _ in range(3):  # made again, and then known to stand
        again = reader.get(path, headers=held)
        assert again.status_code == (200 if shows_it else 304)
        fresh = reader.get(path)
        assert again.headers["Position"] == fresh.headers["Position"]
        assert (fresh.headers["ETag"] == first.headers["ETag"]) != shows_it
        if not shows_it:
            stands = {name: fresh.json[name] for name in WHERE_THE_LOG_STOOD if name in first.json}
            assert fresh.json == first.json | stands


@pytest.mark.parametrize("path", ["/teams", "/teams?fields=next", "/kpis", "/objectives"])
def test_a_page_keeps_its_tag_until_it_is_another_or_the_last(
    path: str, reader: FlaskClient, company: dict[str, str]
):
    """Its cursor names the moment at which it was read, and is no other page for that."""
    caller, page = Caller(reader), f"{PREFIX}{path}{'&' if '?' in path else '?'}limit=1"
    drafted = {"cycle_id": "2025-Q3", "team_id": company["team_id"], "owner_id": ADA}
    for title in ("Second", "Third"):
        caller.done("/objectives", drafted | {"title": title})
        caller.done("/teams", {"name": f"Z {title}"})
    span = {"starts": "2025-07-01", "ends": "2025-09-30", "target": 9}
    kpi = {"direction": "increase", "unit": "u", "source": "CRM", "cadence": "monthly"}
    kpi |= {"owner_id": ADA, "target": span}
    caller.done("/kpis", kpi | {"name": "ZZ"})
    first = reader.get(page)
    held = {"If-None-Match": first.headers["ETag"]}
    caller.done("/cycles", {"name": "2027-Q1"})
    assert reader.get(page, headers=held).status_code == 304
    fresh = reader.get(page)
    assert fresh.headers["ETag"] == first.headers["ETag"]
    assert fresh.json["next"] != first.json["next"] is not None
    whole = page.replace("limit=1", "limit=500")
    assert reader.get(whole, headers=held).status_code == 200


@pytest.mark.parametrize(
    "route", [route for route in WHOLE if not route.tagged], ids=lambda route: route.path
)
def test_what_the_directory_has_a_say_in_is_never_kept(
    route: Any, reader: FlaskClient, company: dict[str, str]
):
    response = reader.get(address(route.path, company), headers={"If-None-Match": "*"})
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "route", [route for route in WHOLE if route.tagged], ids=lambda route: route.path
)
def test_a_browser_that_has_the_answer_gets_none_again(
    route: Any, reader: FlaskClient, company: dict[str, str]
):
    path = address(route.path, company)
    tag = reader.get(path).headers["ETag"]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = reader.get(path, headers={"If-None-Match": held})
        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == tag
    assert reader.get(path, headers={"If-None-Match": 'W/"1-2020-01-01"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/objectives/{}", "/key-results/{}", "/kpis/{}", "/goals/{}/history", "/cycles/{}/board",
     "/cycles/{}/tree"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(path: str, reader: FlaskClient):
    response = reader.get(PREFIX + path.format(uuid4()))
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert response.json["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/objectives/zz", "zz is not a UUID."),
        ("/kpis/5/readings", "5 is not a UUID."),
        ("/goals/zz/history", "zz is not a UUID."),
        ("/cycles/a%20b/board", "a b is neither the UUID nor the name of a cycle."),
    ],
)
def test_what_is_no_id_in_a_path_is_named(path: str, said: str, reader: FlaskClient):
    response = reader.get(PREFIX + path)
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert (response.json["field"], response.json["detail"]) == ("id", said)


def test_an_unknown_cycle_is_shown_as_it_was_written(reader: FlaskClient):
    for path in (
        "/cycles/2025-Q9/board", "/cycles/2025-Q9/tree", "/cycles/2025-Q9/plan",
        "/cycles/2025-Q9/results", "/cycles/2025-Q9/review", "/cycles/2025-Q9/replay",
        "/cycles/2025-Q9/patterns", "/approvals?cycle=2025-Q9", "/audit-log?cycle=2025-Q9",
        "/cycles/2025-Q3/board?known_at=2025-Q9:published", "/compare?from=5&to=6&cycle=2025-Q9",
        "/compare?from=2025-Q9:published&to=6", "/compare?from=5&to=cycle:2025-Q9",
    ):  # fmt: skip
        response = reader.get(PREFIX + path)
        assert response.status_code == 404
        assert "2025-Q9" in response.json["detail"]
    id_ = str(uuid4())
    assert id_ in reader.get(f"{PREFIX}/cycles/{id_}/board").json["detail"]


def test_a_cycle_goes_by_its_id_or_its_name_in_any_case(reader: FlaskClient):
    Caller(reader).done("/cycles/2025-q3/close")
    id_ = str(cycle_uuid("2025-Q3"))
    for path in (
        "/cycles/{}/board", "/cycles/{}/plan", "/cycles/{}/review", "/approvals?cycle={}",
        "/audit-log?cycle={}", "/cycles/2025-Q4/board?known_at={}:published",
        "/compare?from=5&to=6&cycle={}", "/compare?from={}:published-1&to=6",
    ):  # fmt: skip
        wanted, *others = (
            reader.get(PREFIX + path.format(ref)) for ref in (id_, "2025-Q3", "2025-q3")
        )
        assert wanted.status_code == 200
        for other in others:
            assert without_names(other.json) == without_names(wanted.json)
    for ref in (id_, "2025-Q3", "2025-q3"):
        assert reader.get(f"{PREFIX}/compare?from=5&to=cycle:{ref}").json["to"]["cycle"] == {
            "id": id_, "name": "2025-Q3",
        }  # fmt: skip


def without_names(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without the words its sides were asked for with."""
    return {name: value for name, value in answer.items() if name not in {"from", "to"}}


@pytest.mark.parametrize(
    ("path", "field", "status"),
    [
        ("/cycles/a%20b/board", "id", 404),
        ("/approvals?cycle=a%20b", "cycle", 422),
        ("/cycles/2025-Q3/board?known_at=a%20b:published", "known_at", 422),
        ("/compare?from=a%20b&to=5", "from", 422),
        ("/compare?from=5&to=cycle:a%20b", "to", 422),
    ],
)
def test_what_names_no_cycle_is_refused_in_the_same_words(
    path: str, field: str, status: int, reader: FlaskClient
):
    response = reader.get(PREFIX + path)
    assert (response.status_code, response.json["field"]) == (status, field)
    assert response.json["detail"].endswith("a b is neither the UUID nor the name of a cycle.")


def test_the_one_who_wrote_sees_their_write(okr: Okr, reader: FlaskClient, company: dict[str, str]):
    ada = Caller(reader)
    path = f"/kpis/{company['kpi_id']}"
    ada.done(f"{path}/readings", b'{"as_of": "2025-08-10", "value": "0.30000000000000004"}')
    assert reader.get(PREFIX + path).json["reading"]["value"] == "0.30000000000000004"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/kpis?team=7", "team"),
        ("/kpis?overdue=maybe", "overdue"),
        ("/kpis?overdue=", "overdue"),
        ("/kpis?overdue=true&overdue=false", "overdue"),
        ("/kpis?colour=red", "colour"),
        ("/calendar?limit=1", "limit"),
        ("/cycles?limit=501", "limit"),
        ("/cycles?cycle=2025-Q3", "cycle"),
        ("/key-results?outcome=met", "outcome"),
        ("/objectives?after=%C3%A9", "after"),
        ("/objectives?sort=size", "sort"),
        ("/goals/{objective_id}/history?limit=0", "limit"),
        ("/goals/{objective_id}/history?limit=1001", "limit"),
        ("/goals/{objective_id}/history?before=-1", "before"),
        ("/goals/{objective_id}/history?before=99999999999999999999999", "before"),
        ("/goals/{objective_id}/history?before=%00", "before"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(
    path: str, field: str, reader: FlaskClient, company: dict[str, str]
):
    response = reader.get(PREFIX + path.format(**company))
    assert response.status_code == 422
    assert response.json["field"] == field


@pytest.mark.parametrize("text", ["", "x" * 20_001, "%00"])
def test_how_long_a_text_may_be_is_said(text: str, reader: FlaskClient):
    refused = reader.get(f"{PREFIX}/objectives?text={text}")
    assert (refused.status_code, refused.json["field"]) == (422, "text")
    assert refused.json["detail"] == f"text: Not text of 1 to {LONGEST_TEXT} characters."


def test_parameters_reach_the_read_side(client: FlaskClient, company: dict[str, str]):
    asked = client.get(f"{PREFIX}/kpis?team={company['team_id']}&overdue=true").json
    expected = {"team_id": company["team_id"], "overdue": True, "limit": 100}
    assert asked["parameters"] == expected
    asked = client.get(f"{PREFIX}/objectives?cycle=2025-Q3&cycle=2025-q4&text=a&limit=5").json
    cycles = [{"written": "2025-Q3"}, {"written": "2025-q4"}]
    assert asked["parameters"] == {"cycle": cycles, "text": "a", "limit": 5}
    asked = client.get(f"{PREFIX}/kpis/{ADA}/readings?limit=7&before=9").json
    assert (asked["about"], asked["parameters"]) == ([ADA], {"limit": 7, "before": 9})


def test_pages_of_a_history_follow_on_each_other(reader: FlaskClient, company: dict[str, str]):
    path = f"{PREFIX}/goals/{company['objective_id']}/history"
    whole = reader.get(path).json["entries"]
    first = reader.get(f"{path}?limit=1").json
    second = reader.get(f"{path}?limit=1&before={first['next_before']}").json
    assert [*first["entries"], *second["entries"]] == whole[:2]


def test_the_process_is_live(client: FlaskClient):
    assert client.get("/health/live").json == {"status": "live"}


def test_ready_means_the_read_model_is_near_the_log(client: FlaskClient, queries: FakeQueries):
    assert client.get("/health/ready").json["status"] == "ready"
    queries.behind = MOST_BEHIND + 1
    response = client.get("/health/ready")
    assert (response.status_code, response.json["type"]) == (503, "/problems/not-ready")


def test_without_a_database_it_is_live_but_not_ready(
    okr: Okr, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    from sqlalchemy.exc import OperationalError

    def away(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(okr.log, "head", away)
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503


def test_browsers_are_asked_to_make_nothing_more_of_it(client: FlaskClient):
    for path in ("/health/live", f"{PREFIX}/nothing", f"{PREFIX}/cycles"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none';")
