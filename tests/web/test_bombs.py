"""Bodies and files at their limits and beyond: refused in words, in bounded memory."""

from pathlib import Path

import pytest

from tests.faults import bombs
from tests.web.conftest import client_of


def test_bodies_that_are_bombs_are_refused(tmp_path: Path):
    assert bombs.bodies(tmp_path, bombs.QUICK) == {}


@pytest.mark.parametrize(
    "name", ["a bundle of many files", "a bundle that lies", "a map of lists in lists"]
)
def test_files_that_are_bombs_are_refused(name: str, tmp_path: Path):
    (tmp_path / "files").mkdir()
    commands = {
        "a bundle of many files": lambda: [bombs.VERIFIER, str(bombs.many_files_zip(at))],
        "a bundle that lies": lambda: [bombs.VERIFIER, str(bombs.lying_zip(at))],
        "a map of lists in lists": lambda: bombs.deep_map(tmp_path),
    }
    at = tmp_path / "files/bomb.zip"
    assert bombs.read_by_program(tmp_path, commands[name]()) is None


@pytest.mark.parametrize(
    ("environ", "where"),
    [
        ({"PATH_INFO": "/api/v1/\xff"}, "The path"),
        ({"QUERY_STRING": "cycle=%ff"}, "The query string"),
        ({"QUERY_STRING": "cycle=\xff"}, "The query string"),
        ({"HTTP_USER_AGENT": "\xff"}, "The header User-Agent"),
        ({"HTTP_OKR_ACTOR": "\xc3"}, "The header Okr-Actor"),
    ],
)
def test_what_is_not_utf_8_is_refused_wherever_it_stands(okr, queries, environ, where: str):
    answer = client_of(okr, queries).get("/api/v1/teams", environ_overrides=environ)
    assert answer.status_code == 400
    assert answer.json["type"] == "/problems/not-utf-8"
    assert answer.json["detail"] == f"{where} is not UTF-8."


def test_of_many_errors_a_hundred_are_named_and_the_others_counted(okr, queries):
    rows = [{"value": "1"}] * 150 + [1] * 100
    answer = client_of(okr, queries).post("/api/v1/readings", json={"readings": rows})
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == 100
    assert answer.json["errors_left_out"] >= 150
    assert len(answer.data) < bombs.MOST_ANSWER


def test_too_many_rows_are_refused_by_name(okr, queries):
    rows = [{}] * 50_001
    answer = client_of(okr, queries).post("/api/v1/readings", json={"readings": rows})
    assert answer.json["errors"] == {"readings": ["At most 50000 go in one request."]}
