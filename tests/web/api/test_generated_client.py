"""A Python client, made by openapi-python-client from the description, works against the API."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import ADA, client_of, reading_value
from web.api.commands import ROUTES
from web.app import PREFIX

NAME = "made_from_the_description"


@pytest.fixture
def reader(okr: Okr) -> Iterator[FlaskClient]:
    runner = Runner(okr)
    yield client_of(okr, Queries(okr, runner))
    runner.close()


@pytest.fixture
def made(reader: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the client, which can be imported; nothing else is asked of it."""
    (tmp_path / "openapi.json").write_bytes(reader.get(f"{PREFIX}/openapi.json").data)
    (tmp_path / "config.yaml").write_text("post_hooks: []\n")
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json",
         "--output-path", NAME, "--meta", "none", "--config", "config.yaml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / NAME


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_it_records_a_reading_and_reads_a_board(
    okr: Okr, reader: FlaskClient, company: dict[str, str], made: Path
) -> None:
    functions = {path.stem for path in made.glob("api/*/*.py")}
    assert [each for each in map(snake, commands()) if each not in functions] == []

    def imported(name: str) -> Any:
        return importlib.import_module(f"{NAME}.{name}")

    transport = httpx.WSGITransport(app=reader.application)
    client = imported("client").Client(
        "http://localhost", raise_on_unexpected_status=True, httpx_args={"transport": transport}
    )
    body = imported("models").RecordReading(as_of=date(2025, 8, 14), value="3.1")
    receipt = imported("api.kpis.record_reading").sync(
        UUID(company["kpi_id"]), client=client, body=body, okr_actor=ADA, idempotency_key="once"
    )
    assert reading_value(okr, str(receipt.id)) == Decimal("3.1")
    assert receipt.last_position == okr.log.head()
    board = imported("api.cycles.cycles_board").sync("2025-Q3", client=client)
    assert [each.title for each in board.objectives] == ["Lead the market", "Ship 2.0"]
    assert board.objectives[0].owner.name == "Ada"
    late = imported("api.kpis.record_reading").sync(
        UUID(company["kpi_id"]), client=client, body=body, okr_actor=ADA, if_match='"999"'
    )
    assert (late.type_, late.status) == ("/problems/precondition-failed", 412)


def commands() -> list[str]:
    names = [route.command.__name__ for route in ROUTES]
    return [name[0].lower() + name[1:] for name in names]
