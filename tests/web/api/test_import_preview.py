"""What an import would record, over HTTP: rows by verdict, bad ones together, and nothing kept."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from okr_es.imports.mapping import LONGEST_MAP_BYTES
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.conftest import ADA, client_of
from web.api.entrance import Mode
from web.api.imports import PREVIEW_BYTES
from web.app import PREFIX, create_app

DATA = Path(__file__).parents[2] / "data"
PREVIEW = f"{PREFIX}/imports/kpis/preview"
ACTOR = {"Okr-Actor": ADA}
MAP = b"""
[columns]
name = "KPI"
year = "Year"
target = "Target"
actual = "Actual"
[defaults]
unit = "leads"
direction = "increase"
source = "CRM"
cadence = "yearly"
"""
FILE = "KPI,Year,Target,Actual\nLeads,2024,5,4\nCalls,2024,7,8\n"


@pytest.fixture
def client(okr: Okr) -> Iterator[FlaskClient]:
    """A client of the API on the real read side."""
    runner = Runner(okr)
    yield client_of(okr, Queries(okr, runner))
    runner.close()


def form(file: bytes | str = FILE, map_: bytes = MAP, **more: str) -> dict[str, Any]:
    content = file.encode() if isinstance(file, str) else file
    return {"file": (io.BytesIO(content), "k.csv"), "map": (io.BytesIO(map_), "k.toml"), **more}


def preview(client: FlaskClient, sent: dict[str, Any], status: int = 200) -> Any:
    response = client.post(PREVIEW, data=sent, headers=ACTOR)
    assert response.status_code == status, response.text
    return response.json


def test_rows_are_counted_by_what_becomes_of_them(client: FlaskClient, okr: Okr) -> None:
    before = okr.log.head()
    found = preview(client, form())
    assert (found["rows"], found["good_rows"], found["bad_rows"]) == (2, 2, 0)
    assert (found["kpis"], found["targets"], found["readings"]) == (2, 2, 2)
    assert (found["met"], found["judged"], found["refused"]) == (1, 2, False)
    assert {each["command"]: each["count"] for each in found["planned"]} == {
        "DefineKpi": 2, "RecordReading": 2,
    }  # fmt: skip
    assert found["position"] == okr.log.head() == before


def test_bad_rows_are_grouped_with_their_first_lines(client: FlaskClient) -> None:
    rows = [f"K{number},2024,x{number},1" for number in range(7)]
    found = preview(client, form("KPI,Year,Target,Actual\n" + "\n".join(rows)))
    (bad,) = found["bad"]
    assert (bad["column"], bad["count"], bad["lines"]) == ("Target", 7, [2, 3, 4, 5, 6])
    assert (found["bad_rows"], found["refused"], found["bad_left_out"]) == (7, True, 0)


def test_it_is_what_a_dry_run_says_on_the_machine(client: FlaskClient) -> None:
    dirty, map_ = (DATA / f"dirty_kpis.{kind}" for kind in ("csv", "toml"))
    found = preview(client, form(dirty.read_bytes(), map_.read_bytes(), keep_going="true"))
    assert {each["command"]: each["count"] for each in found["planned"]} == {
        "DefineKpi": 6, "RecordReading": 9, "SetKpiTarget": 5,
    }  # fmt: skip
    assert found["bad_rows"] == sum(each["count"] for each in found["bad"])
    assert found["refused"] is False


def test_the_map_may_be_a_text_of_the_form(client: FlaskClient) -> None:
    sent = form() | {"map": MAP.decode()}
    assert preview(client, sent)["rows"] == 2


def test_nothing_is_left_behind(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    preview(client, form())
    preview(client, form(map_=b"no map"), 422)
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"map": (io.BytesIO(MAP), "k.toml")}, "file"),
        ({"file": (io.BytesIO(b"x"), "k.csv")}, "map"),
        (form(map_=b"no map"), "map"),
        (form(map_=b"x = 1\n"), "x"),
        (form(map_=b"#" * (LONGEST_MAP_BYTES + 1)), "map"),
        (form("KPI,Year\nLeads,2024\n"), "columns.target"),
        (form(keep_going="perhaps"), "keep_going"),
        (form(more="x"), "more"),
    ],
    ids=["no-file", "no-map", "no-toml", "a-key", "a-long-map", "no-column", "a-word", "a-part"],
)
def test_what_cannot_be_read_is_refused_with_its_field(
    client: FlaskClient, sent: dict[str, Any], field: str
) -> None:
    assert preview(client, sent, 422)["field"] == field


def test_a_larger_body_is_refused_with_the_limit(client: FlaskClient) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="k.csv"\r\n\r\n'
    response = client.post(
        PREVIEW, data=part + b"x" * PREVIEW_BYTES + b"\r\n--x--\r\n", headers=ACTOR,
        content_type="multipart/form-data; boundary=x",
    )  # fmt: skip
    assert (response.status_code, response.json["most_bytes"]) == (413, PREVIEW_BYTES)


def test_a_form_of_thousands_of_parts_is_refused(client: FlaskClient) -> None:
    many = {f"part{number}": "x" for number in range(2_000)}
    assert client.post(PREVIEW, data=form() | many, headers=ACTOR).status_code in {413, 422}


def test_another_type_of_body_is_refused(client: FlaskClient) -> None:
    response = client.post(PREVIEW, data=FILE, content_type="text/csv", headers=ACTOR)
    assert response.status_code == 415


def test_nobody_gets_none(client: FlaskClient) -> None:
    assert client.post(PREVIEW, data=form()).status_code == 401


def test_it_is_for_those_who_may_import(okr: Okr) -> None:
    with closing(Runner(okr)) as runner:
        client = create_app(okr, Queries(okr, runner), mode=Mode.DEVELOPMENT).test_client()
        response = client.post(PREVIEW, data=form(), headers=ACTOR)
    assert (response.status_code, response.json["type"]) == (403, "/problems/not-allowed")
