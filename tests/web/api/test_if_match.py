"""`If-Match`: a command is carried out only where its thing is at a version named there."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from okr_es.application import Okr
from okr_es.commands import AddKeyResult, CheckIn, RecordReading, RenameTeam
from okr_es.context import Context
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.support.tried import everything
from tests.web.api.test_commands import BODIES, address, filled, prepare
from tests.web.conftest import ADA, Caller, client_of
from web.api.commands import ROUTES, Route
from web.api.exact_json import decode, encode
from web.api.if_match import versions_in
from web.api.problems import Problem


@pytest.fixture
def ada(okr: Okr) -> Iterator[Caller]:
    """Ada, before the real read side."""
    runner = Runner(okr)
    yield Caller(client_of(okr, Queries(okr, runner)))
    runner.close()


def renaming(company: dict[str, str]) -> str:
    return f"/teams/{company['team_id']}/rename"


@pytest.mark.parametrize(
    "sent", ['"1.0a1b"', '"1"', '"7.aa", "1.bb"', ' "1.x" , ', "*", '"9","1.a,b"']
)
def test_a_version_that_is_named_lets_the_command_through(
    sent: str, ada: Caller, company: dict[str, str]
):
    assert ada.post(renaming(company), {"name": "One"}, If_Match=sent).status_code == 200


@pytest.mark.parametrize(
    "sent", ['"999"', '"2.0a1b"', 'W/"1.0a1b"', '"1x"', '"x.1"', '""', '"0.1", W/"1"', '"01"']
)
def test_any_other_is_412_with_the_thing_as_it_is_now(
    sent: str, okr: Okr, ada: Caller, company: dict[str, str]
):
    before = everything(okr)
    response = ada.post(renaming(company), {"name": "One"}, If_Match=sent)
    assert (response.status_code, response.json["type"]) == (412, "/problems/precondition-failed")
    assert response.json["field"] == "If-Match"
    assert response.json["current_version"] == 1
    assert response.json["current_at"] == f"/api/v1/teams/{company['team_id']}"
    assert response.json["current"] == ada.client.get(response.json["current_at"]).json
    assert everything(okr) == before


@pytest.mark.parametrize("sent", ["1", "", '"1', '"1" "2"', 'w/"1"', '*, "1"', ", " * 5_000])
def test_what_is_no_list_of_tags_is_named(sent: str, ada: Caller, company: dict[str, str]):
    response = ada.post(renaming(company), {"name": "One"}, If_Match=sent)
    assert (response.status_code, response.json["field"]) == (422, "If-Match")


def test_header_and_body_may_not_name_different_versions(ada: Caller, company: dict[str, str]):
    body = {"name": "One", "expected_version": 1}
    response = ada.post(renaming(company), body, If_Match='"2.a"')
    assert (response.status_code, response.json["field"]) == (422, "expected_version")
    assert ada.post(renaming(company), body, If_Match='"2.a", "1.b"').status_code == 200


@pytest.mark.parametrize("command", [AddKeyResult, CheckIn, RecordReading])
def test_the_expected_version_of_what_something_begins_below_is_kept_to(
    command: Any, ada: Caller, company: dict[str, str], okr: Okr
):
    route = next(each for each in ROUTES if each.command is command)
    path, body = address(route, company), filled(BODIES[command], company)
    seen, before = path.rpartition("/")[0], okr.log.head()
    version = ada.client.get(f"/api/v1{seen}").json["version"]
    refused = ada.post(path, body | {"expected_version": version + 1})
    assert (refused.status_code, refused.json["field"]) == (409, "expected_version")
    assert refused.json["current_version"] == version
    line = body | {"command": path, "expected_version": version + 1}
    many = ada.post("/commands", msgspec.json.encode(line), Content_Type="application/x-ndjson")
    assert msgspec.json.decode(many.data)["status"] == 409
    assert okr.log.head() == before
    assert ada.post(path, body | {"expected_version": version}).status_code == 201


def test_the_expected_version_of_a_body_is_409_as_ever(ada: Caller, company: dict[str, str]):
    body = {"name": "One", "expected_version": 2}
    response = ada.post(renaming(company), body, If_Match="*")
    assert (response.status_code, response.json["type"]) == (409, "/problems/conflict")


def test_a_cycle_is_known_by_its_name_as_well(ada: Caller, company: dict[str, str]):
    version = ada.client.get("/api/v1/cycles/2025-Q4").json["version"]
    path, why = "/cycles/2025-Q4/reschedule", {"reason": "A late start."}
    for stale in (version - 1, version + 1):
        assert ada.post(path, why, If_Match=f'"{stale}"').status_code == 412
        assert ada.post(path, why | {"expected_version": stale}).status_code == 409
    body = why | {"ends": "2026-01-15", "expected_version": version}
    assert ada.post(path, body, If_Match=f'"{version}"').status_code == 200


def test_a_key_result_is_added_to_the_objective_that_was_seen(ada: Caller, company: dict[str, str]):
    path = f"/objectives/{company['draft_id']}/key-results"
    body = {"title": "Users", "measure": {"kind": "milestone"}}
    seen = ada.client.get(f"/api/v1/objectives/{company['draft_id']}").json["version"]
    stale = ada.post(path, body | {"expected_version": seen + 1})
    assert (stale.status_code, stale.json["current_version"]) == (409, seen)
    assert ada.post(path, body | {"expected_version": seen}).status_code == 201


def test_so_it_is_in_a_line_of_many(okr: Okr, ada: Caller, company: dict[str, str]):
    line = {"command": f"/kpis/{company['kpi_id']}/readings", "as_of": "2025-08-14", "value": "3"}
    before = okr.log.head()
    answer = ada.post(
        "/commands", encode(line | {"expected_version": 999}), Content_Type="application/x-ndjson"
    )
    assert decode(answer.data)["problem"]["field"] == "expected_version", answer.text
    assert okr.log.head() == before


def test_the_same_command_again_is_answered_as_before(ada: Caller, company: dict[str, str]):
    sent = {"If_Match": '"1.a"', "Idempotency_Key": str(uuid4())}
    first = ada.done(renaming(company), {"name": "One"}, **sent)
    assert ada.done(renaming(company), {"name": "One"}, **sent) == first | {"repeated": True}


def test_a_dry_run_is_refused_as_the_command_would_be(ada: Caller, company: dict[str, str]):
    body = {"name": "One", "dry_run": True}
    assert ada.post(renaming(company), body, If_Match='"2.a"').status_code == 412
    assert ada.post(renaming(company), body, If_Match='"1.a"').status_code == 200


def test_a_reading_is_recorded_for_the_kpi_that_was_seen(ada: Caller, company: dict[str, str]):
    path = f"/kpis/{company['kpi_id']}/readings"
    body = {"as_of": "2025-08-14", "value": "3"}
    response = ada.post(path, body, If_Match='"999"')
    assert (response.status_code, response.json["current"]["id"]) == (412, company["kpi_id"])
    seen = ada.client.get(response.json["current_at"]).json["version"]
    assert ada.post(path, body, If_Match=f'"{seen}"').status_code == 201


def test_a_reading_has_versions_too_but_is_not_shown_in_passing(
    ada: Caller, company: dict[str, str]
):
    """Whoever looks at a reading is recorded as having looked."""
    path = f"/readings/{company['reading_id']}/correct"
    body = {"value": "3.4", "reason": "A slip."}
    response = ada.post(path, body, If_Match='"2"')
    assert (response.status_code, response.json["current_version"]) == (412, 1)
    assert "current" not in response.json
    assert ada.post(path, body, If_Match='"1"').status_code == 200


def test_of_what_there_is_one_needs_no_id(ada: Caller):
    policy = {"on_track": "0.8", "reason": "Too strict."}
    response = ada.post("/scoring-policy", policy, If_Match='"1.a"')
    assert response.status_code == 412
    assert response.json["current"] == ada.client.get("/api/v1/scoring-policy").json
    assert ada.post("/scoring-policy", policy, If_Match='"0.a"').status_code == 200
    calendar = {"grace": {"weekly": 2}, "reason": "Holidays."}
    assert ada.post("/calendar", calendar, If_Match='"2.a"').status_code == 412
    assert ada.post("/calendar", calendar, If_Match='"1.a"').status_code == 200


def test_a_list_has_no_version(ada: Caller):
    response = ada.post("/teams", {"name": "Sales"}, If_Match='"1.a"')
    assert (response.status_code, "current_at" in response.json) == (412, False)
    assert ada.post("/teams", {"name": "Sales"}, If_Match="*").status_code == 201


def test_what_is_not_there_is_still_not_found(ada: Caller):
    response = ada.post(f"/teams/{uuid4()}/rename", {"name": "One"}, If_Match='"1.a"')
    assert response.status_code == 404


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.command.__name__)
def test_no_command_is_carried_out_on_a_version_that_nothing_has(
    route: Route, okr: Okr, ada: Caller, company: dict[str, str]
):
    prepare(route, ada, company, okr)
    before, body = okr.log.head(), filled(BODIES[route.command], company)
    response = ada.post(address(route, company), body, If_Match='"999.a"')
    assert (response.status_code, response.json["field"]) == (412, "If-Match")
    assert okr.log.head() == before


@pytest.mark.parametrize("expected", [999, -1])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.command.__name__)
def test_nor_on_one_that_its_body_expects(
    route: Route, expected: int, okr: Okr, ada: Caller, company: dict[str, str]
):
    prepare(route, ada, company, okr)
    before, body = okr.log.head(), filled(BODIES[route.command], company)
    response = ada.post(address(route, company), body | {"expected_version": expected})
    assert response.json.get("field") == "expected_version", response.text
    assert response.status_code == (409 if expected > 0 else 422)
    assert okr.log.head() == before


def test_a_header_of_many_commas_is_looked_at_quickly():
    with pytest.raises(Problem):
        versions_in('"1"' + " ," * 50_000 + "!")


def test_two_who_saw_the_same_are_one_too_many(okr: Okr, ada: Caller, company: dict[str, str]):
    """What somebody else records between decision and append counts too."""
    append, others = okr.log.append, iter([RenameTeam(UUID(company["team_id"]), "Two")])

    def overtaken(*what: Any) -> Any:
        if (command := next(others, None)) is not None:
            okr.execute(command, Context(UUID(ADA)))
        return append(*what)

    okr.log.append = overtaken  # type: ignore[method-assign]
    response = ada.post(renaming(company), {"name": "One"}, If_Match='"1.a"')
    assert response.status_code == 412, response.text
    assert response.json["current_version"] == 2
