"""Figures for Prometheus, and the lines of the log: by route, without anything personal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.faults import bombs
from tests.support.administering import make_administrator
from tests.web.conftest import ADA
from tests.web.test_server import free_port
from web.serving.metrics import GAUGES, outcome_of

WORD = "kanarienvogel"


class Served:
    """A server with a line of log for each request."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.errors = folder / "errors"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", bombs.CLI, "serve", "--development",
                 "--port", str(self.port)],
                env=bombs.environment(folder) | {"OKR_ES_LOG_REQUESTS": "1"},
                cwd=folder, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline()

    def ask(self, path: str, body: dict | None = None) -> tuple[int, str, str | None]:
        """Status, text and id of the request."""
        headers = {"Okr-Actor": ADA, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            request = Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
            with urlopen(request, timeout=30) as response:
                return response.status, response.read().decode(), response.headers["Request-Id"]
        except HTTPError as error:
            with error:
                return error.code, error.read().decode(), error.headers["Request-Id"]

    def figures(self) -> dict[str, float]:
        """All figures by name and labels."""
        lines = self.ask("/metrics")[1].splitlines()
        pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
        return {name: float(value) for name, _, value in pairs}

    def lines(self) -> list[dict]:
        """The lines of the log."""
        first, *lines = self.errors.read_text().splitlines()
        assert first.startswith("Development mode")
        return [json.loads(line) for line in lines]

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("measured")
    made = Served(folder)
    made.ask("/api/v1/people", {"name": f"Ada {WORD}", "id": ADA})
    make_administrator(f"sqlite:///{folder}/okr.db", ADA)
    made.ask("/api/v1/teams", {"name": WORD})
    made.ask("/api/v1/teams", {})
    made.ask(f"/api/v1/access-log?what={WORD}")
    made.ask(f"/api/v1/objectives/{ADA}")
    made.ask(f"/{WORD}")
    yield made
    made.stop()


def test_requests_are_counted_by_route_and_status(served: Served):
    found = served.figures()
    requests = 'okr_es_requests_total{method="%s",route="%s",status="%s"}'
    assert found[requests % ("POST", "/api/v1/people", 201)] == 1
    assert found[requests % ("POST", "/api/v1/teams", 422)] == 1
    assert found[requests % ("GET", "/api/v1/objectives/<uuid:id>", 404)] == 1
    assert found[requests % ("GET", "other", 404)] == 1
    assert found['okr_es_request_seconds_count{route="/api/v1/teams"}'] == 2


def test_commands_are_counted_by_kind_and_outcome(served: Served):
    found = served.figures()
    assert found['okr_es_commands_total{kind="RegisterPerson",outcome="done"}'] == 1
    assert found['okr_es_commands_total{kind="FormTeam",outcome="refused"}'] == 1


def test_log_read_model_places_and_outages_are_shown(served: Served):
    served.ask("/api/v1/teams")
    found = served.figures()
    assert (
        found["okr_es_log_position"] == found["okr_es_read_model_position"] == 4
    )  # with the calendar, and the role
    assert found["okr_es_read_model_behind"] == 0
    assert found['okr_es_places{lane="commands"}'] == 8
    assert found['okr_es_outage{work="commands"}'] == 0
    shown = {name.partition("{")[0] for name in found}
    assert set(GAUGES) <= shown


def test_a_line_of_the_log_names_request_command_and_route(served: Served):
    status, answer, request_id = served.ask("/api/v1/teams", {"name": "Another"})
    assert status == 201
    time.sleep(0.2)
    (line,) = [each for each in served.lines() if each.get("request_id") == request_id]
    assert line["command_id"] == json.loads(answer)["command_id"]
    assert (line["route"], line["status"]) == ("/api/v1/teams", 201)
    assert re.fullmatch(r"[0-9a-f]{16}", request_id or "")


def test_neither_figures_nor_logs_have_a_name_or_an_address(served: Served):
    assert WORD not in served.ask("/metrics")[1]
    assert WORD not in served.errors.read_text()
    assert served.lines()


@pytest.mark.parametrize(
    ("method", "status"), [("OPTIONS", 200), ("HEAD", 200), ("POST", 405), ("DELETE", 405)]
)
def test_figures_are_read_and_nothing_else(method: str, status: int, served: Served):
    asked = Request(f"http://127.0.0.1:{served.port}/metrics", method=method)
    try:
        with urlopen(asked, timeout=30) as response:
            found, text, headers = response.status, response.read().decode(), response.headers
    except HTTPError as error:
        with error:
            found, text, headers = error.code, error.read().decode(), error.headers
    assert (found, "okr_es_" in text) == (status, False)
    if method != "HEAD":
        assert headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "done"), (201, "done"), (202, "waiting"), (409, "refused"), (503, "unavailable"),
     (500, "failed")],
)  # fmt: skip
def test_what_came_of_a_command_is_a_word(status: int, outcome: str):
    assert outcome_of(status) == outcome
