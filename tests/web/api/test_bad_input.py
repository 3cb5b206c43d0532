"""Bad input of every kind gets a clear answer, the field named, and leaves the log as it was."""

import gzip
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from okr_es.application import Okr
from tests.web.conftest import ADA, METRIC, Caller
from web.api.json_bounds import keys_in

READING = {"as_of": "2025-08-14", "value": "1"}
OBJECTIVE = {"cycle_id": "2025-Q3", "owner_id": ADA, "title": "Be seen"}


@pytest.fixture
def refused(okr: Okr, ada: Caller, company: dict[str, str]) -> Callable[..., dict[str, Any]]:
    """Send what must be refused with that status; the log must stay as it was."""

    def send(status: int, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        head = okr.log.head()
        response = ada.post(path.format(**company), body, **headers)
        assert okr.log.head() == head
        assert (response.status_code, response.content_type) == (
            status,
            "application/problem+json",
        ), response.text
        problem = response.json
        assert problem["status"] == status
        assert set(problem) >= {"type", "title", "detail"}
        return problem

    return send


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ('"many"', "Not a number."),
        ("true", "Not a number."),
        ("null", "Field may not be null."),
        ("[1]", "Not a number."),
        ('"1_000"', "Not a number."),
        ('" 1"', "Not a number."),
        ('"NaN"', "Not a number."),
        ('"٣"', "Not a number."),
        ("NaN", "Not a finite number."),
        ("-Infinity", "Not a finite number."),
        ("1e999999999999999999999", "Not a finite number."),
        ('"1e99999999999999999999"', "Not a finite number."),
        ("1e30", "More than 24 digits before or 18 after the point."),
        ("1" * 25, "More than 24 digits before or 18 after the point."),
        ("9" * 5_000, "More than 24 digits before or 18 after the point."),
        ("0." + "1" * 19, "More than 24 digits before or 18 after the point."),
    ],
)
def test_a_value_that_is_no_exact_number_is_refused(bad: str, message: str, refused: Any):
    body = f'{{"as_of": "2025-08-14", "value": {bad}}}'.encode()
    problem = refused(422, "/kpis/{kpi_id}/readings", body)
    assert problem["type"] == "/problems/invalid"
    assert problem["field"] == "value"
    assert problem["errors"] == {"value": [message]}


@pytest.mark.parametrize(
    "bad", ["0000-01-01", "1899-12-31", "3000-01-01", "2025-02-30", "20250101", "2025-W01-1",
            "2025-08-14T00:00:00", "", 20250814, "\uff12025-08-14"]
)  # fmt: skip
def test_a_day_that_is_none_is_refused(bad: Any, refused: Any):
    problem = refused(422, "/kpis/{kpi_id}/readings", READING | {"as_of": bad})
    assert problem["field"] == "as_of"


@pytest.mark.parametrize("bad", ["a\x00b", "", "x" * 2_001, 7, ["a"], {}, None])
def test_text_that_cannot_be_kept_is_refused(bad: Any, refused: Any):
    assert refused(422, "/teams", {"name": bad})["field"] == "name"
    assert refused(422, "/teams/{team_id}/rename", {"name": bad})["field"] == "name"


@pytest.mark.parametrize("field", ["reason", "comment"])
def test_a_nul_in_a_reason_or_comment_is_refused(field: str, refused: Any):
    problem = refused(422, "/objectives/{objective_id}/abandon", {field: "because\x00"})
    assert problem["field"] == field


def test_half_a_character_is_refused(refused: Any):
    body = b'{"name": "\\ud800"}'
    assert refused(400, "/teams", body)["type"] == "/problems/json-is-malformed"


@pytest.mark.parametrize("bad", [True, "7", 7.5, 7.0, 10**30, -1, 11])
def test_a_confidence_that_is_no_whole_number_in_its_bounds_is_refused(bad: Any, refused: Any):
    body = {"as_of": "2025-08-14", "value": "1", "confidence": bad}
    problem = refused(422, "/key-results/{key_result_id}/check-ins", body)
    assert problem["field"] == "confidence"


@pytest.mark.parametrize("bad", ["nope", 7, ADA.replace("-", ""), f"{{{ADA}}}", "urn:uuid:" + ADA])
def test_an_id_that_is_none_is_refused(bad: Any, refused: Any):
    assert refused(422, "/teams", {"name": "A", "parent_id": bad})["field"] == "parent_id"


@pytest.mark.parametrize("bad", ["sometimes", "", 1, [], None])
def test_a_word_outside_the_list_is_refused(bad: Any, refused: Any):
    problem = refused(422, "/kpis/{kpi_id}/cadence", {"cadence": bad})
    assert problem["field"] == "cadence"


@pytest.mark.parametrize("bad", ["a b", "", "x" * 41, 7])
def test_a_cycle_that_cannot_be_named_so_is_refused(bad: Any, refused: Any):
    body = OBJECTIVE | {"team_id": ADA, "cycle_id": bad}
    assert refused(422, "/objectives", body)["field"] == "cycle_id"


def test_an_unknown_field_is_named(refused: Any):
    problem = refused(422, "/teams", {"name": "A", "colour": "red"})
    assert problem["errors"] == {"colour": ["Unknown field."]}


def test_every_bad_field_is_named_where_it_is(refused: Any):
    body = {
        "measure": {"kind": "metric", "baseline": "x", "size": 1},
        "trajectory": [{"on": "2025-08-01", "share": 1}, {"on": "soon"}],
    }
    problem = refused(422, "/objectives/{objective_id}/key-results", body)
    assert problem["errors"] == {
        "title": ["Missing data for required field."],
        "measure.baseline": ["Not a number."],
        "measure.size": ["Unknown field."],
        "trajectory.1.on": ["Not a day as YYYY-MM-DD in the years 1900 to 2999."],
        "trajectory.1.share": ["Missing data for required field."],
    }


def test_one_bad_reading_among_many_is_named_and_none_is_recorded(
    refused: Any, company: dict[str, str]
):
    good = READING | {"kpi_id": company["kpi_id"]}
    problem = refused(422, "/readings", {"readings": [good, good | {"value": "?"}, good]})
    assert problem["errors"] == {"readings.1.value": ["Not a number."]}
    problem = refused(422, "/readings", {"readings": [good, good | {"kpi_id": str(uuid4())}]})
    assert problem["field"] == "readings"


@pytest.mark.parametrize("body", [b"[1]", b'"text"', b"7", b"null", b"[[{}]]"])
def test_a_body_that_is_no_object_is_refused(body: bytes, refused: Any):
    assert refused(422, "/teams", body)["field"] == "body"


@pytest.mark.parametrize(
    "body", [b"{", b"{'name': 'A'}", b'{"name": "A"} x', b"\xff", b"[" * 100_000, b"\xef\xbb\xbf{}"]
)
def test_a_body_that_is_no_json_is_refused(body: bytes, refused: Any):
    assert refused(400, "/teams", body)["type"] == "/problems/json-is-malformed"


def test_a_body_of_10_mb_is_refused(refused: Any):
    body = b'{"name": "' + b"x" * 10_000_000 + b'"}'
    problem = refused(413, "/teams", body)
    assert problem["type"] == "/problems/request-entity-too-large"
    assert problem["most_bytes"] == 1024 * 1024
    assert problem["detail"].startswith("It may have 1048576 bytes: ")


def test_many_readings_may_be_big_but_not_endless(refused: Any):
    assert refused(422, "/readings", b'{"rows": [' + b" " * 2_000_000 + b"]}")
    endless = refused(413, "/readings", b" " * (32 * 1024 * 1024 + 1))
    assert endless["most_bytes"] == 16 * 1024 * 1024


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("/teams", b'{"name": "A", "name": "B"}', "name"),
        ("/teams", b'{"name": "A", "reason": "x: y", "na\\u006de": "A"}', "name"),
        ("/readings", b'{"readings": [{"value": "1"}, {"value": "1", "value": NaN}]}', "value"),
        ("/objectives/{objective_id}/key-results",
         b'{"title": "A", "measure": {"unit": "\\": {", "target": "1", "target": "1"}}', "target"),
    ],
)  # fmt: skip
def test_a_key_that_stands_there_twice_is_refused(path: str, body: bytes, key: str, refused: Any):
    problem = refused(400, path, body)
    assert (problem["type"], problem["field"]) == ("/problems/key-is-there-twice", key)


@pytest.mark.parametrize("name", ['a: "b": {c:', "\\", '\\\\": ', "::::"])
def test_colons_in_texts_are_no_keys(name: str, ada: Caller):
    ada.done("/teams", json.dumps({"name": name}).encode())
    assert keys_in(json.loads('{"a": [{"b": 1}, [{"c": {}}]], "d": ":"}')) == 4


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/json"])
def test_a_body_of_another_type_is_refused(kind: str, refused: Any):
    problem = refused(415, "/teams", b'{"name": "A"}', Content_Type=kind)
    assert problem["type"] == "/problems/unsupported-media-type"


def test_a_body_that_is_compressed_is_refused_and_the_answer_says_what_is_taken(ada: Caller):
    body = gzip.compress(b'{"name": "A"}')
    response = ada.post("/teams", body, Content_Encoding="gzip")
    assert (response.status_code, response.json["field"]) == (415, "Content-Encoding")
    assert response.headers["Accept-Encoding"] == "identity"
    assert ada.post("/teams", {"name": "A"}, Content_Encoding="Identity").status_code == 201


@pytest.mark.parametrize(
    "path",
    [
        "/teams/{id}/rename",
        "/objectives/{id}/retitle",
        "/key-results/{id}/reweight",
        "/kpis/{id}/source",
        "/kpis/{id}/readings",
        "/readings/{id}/retract",
        "/people/{id}/erase",
        "/cycles/1999-Q1/close",
        "/cycles/{id}/close",
    ],
)
def test_an_unknown_id_in_the_path_is_not_found(path: str, refused: Any):
    bodies = {
        "rename": {"name": "A"}, "retitle": {"title": "A"}, "reweight": {"weight": 1},
        "source": {"source": "A"}, "readings": READING, "retract": {"reason": "A"},
        "erase": {"legal_ground": "A", "reason": "A"}, "close": {},
    }  # fmt: skip
    body = bodies[path.rpartition("/")[2]]
    problem = refused(404, path.replace("{id}", str(uuid4())), body)
    assert problem["type"] == "/problems/not-found"
    assert problem["field"].endswith("_id")


def test_an_unknown_id_in_the_body_is_named(refused: Any, company: dict[str, str]):
    body = OBJECTIVE | {"team_id": str(uuid4())}
    assert refused(422, "/objectives", body)["field"] == "team_id"
    body = OBJECTIVE | {"team_id": company["team_id"], "owner_id": str(uuid4())}
    assert refused(422, "/objectives", body)["field"] == "owner_id"


def test_a_missing_reason_is_asked_for(refused: Any):
    problem = refused(422, "/objectives/{objective_id}/abandon")
    assert problem["type"] == "/problems/reason-is-missing"
    assert problem["field"] == "reason"
    assert "reason" in problem["errors"]


def test_a_broken_rule_is_a_conflict(refused: Any, company: dict[str, str]):
    served = {"aligned_to_objective_id": company["objective_id"]}
    problem = refused(409, "/objectives/{objective_id}/realign", served)
    assert problem["type"] == "/problems/alignment-loops"


def test_a_measure_that_contradicts_itself_is_invalid(refused: Any):
    body = {"title": "A", "measure": METRIC | {"target": "0"}}
    problem = refused(422, "/objectives/{objective_id}/key-results", body)
    assert problem["type"] == "/problems/target-equals-baseline"


def test_nobody_acts_without_a_name(refused: Any, ada: Caller):
    ada.actor = None
    problem = refused(401, "/teams", {"name": "A"})
    assert problem["type"] == "/problems/actor-is-missing"


def test_who_is_unknown_may_not_act(refused: Any, ada: Caller):
    ada.actor = str(uuid4())
    problem = refused(403, "/teams", {"name": "A"})
    assert problem["type"] == "/problems/person-is-unknown"
    assert problem["field"] == "Okr-Actor"


@pytest.mark.parametrize("header", ["Okr-Actor", "Correlation-Id", "Causation-Id"])
def test_a_header_that_is_no_id_is_named(header: str, refused: Any):
    assert refused(422, "/teams", {"name": "A"}, **{header: "me"})["field"] == header


def test_pages_of_other_sites_send_no_commands(refused: Any, ada: Caller):
    problem = refused(403, "/cycles/2025-Q3/commit-plan", Origin="https://evil.example")
    assert problem["type"] == "/problems/origin-is-foreign"
    assert ada.post("/cycles/2025-Q3/commit-plan", Origin="http://localhost").status_code == 200


def test_a_body_of_unknown_length_is_not_taken_for_none(refused: Any):
    problem = refused(411, "/cycles/2025-Q3/commit-plan", Transfer_Encoding="chunked")
    assert problem["type"] == "/problems/length-required"


def test_an_unknown_cycle_is_shown_as_it_was_written(refused: Any):
    said = "There is no cycle 2025-Q9."
    assert refused(404, "/cycles/2025-Q9/close")["detail"] == said
    body = OBJECTIVE | {"team_id": ADA, "cycle_id": "2025-Q9"}
    assert refused(422, "/objectives", body)["detail"] == said


def test_what_names_no_cycle_is_refused_in_the_same_words(refused: Any):
    said = "a b is neither the UUID nor the name of a cycle."
    assert refused(404, "/cycles/a%20b/close")["detail"] == said
    body = OBJECTIVE | {"team_id": ADA, "cycle_id": "a b"}
    assert refused(422, "/objectives", body)["errors"] == {"cycle_id": [said]}
    assert refused(422, "/objectives", body | {"cycle_id": 7})["field"] == "cycle_id"


def test_what_is_no_id_in_a_path_is_named(refused: Any):
    problem = refused(404, "/objectives/zz/commit")
    assert (problem["field"], problem["detail"]) == ("objective_id", "zz is not a UUID.")
