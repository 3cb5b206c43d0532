"""`fields=` chooses what of an answer is sent, and changes nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from okr_es.application import Okr
from projections.queries import Queries
from projections.read_model.runner import Runner
from tests.web.api.test_queries import address
from tests.web.conftest import ADA, client_of
from web.api.queries import ROUTES
from web.api.selection import ALWAYS
from web.app import PREFIX

BOARD = f"{PREFIX}/cycles/2025-Q3/board"
WHOLE = [route for route in ROUTES if not route.streamed]


@pytest.fixture
def reader(okr: Okr) -> Iterator[FlaskClient]:
    """A client of the API on the real read side."""
    runner = Runner(okr)
    yield client_of(okr, Queries(okr, runner))
    runner.close()


def test_what_is_wanted_is_there_and_the_moment(reader: FlaskClient) -> None:
    whole = reader.get(BOARD).json
    found = reader.get(f"{BOARD}?fields=cycle.name,objectives.title,objectives.owner").json
    moment = {name: whole[name] for name in ALWAYS if name in whole}
    assert found == moment | {
        "cycle": {"name": "2025-Q3"},
        "objectives": [
            {"title": each["title"], "owner": {"id": ADA, "name": "Ada"}}
            for each in whole["objectives"]
        ],
    }


def test_the_order_of_names_and_doubles_make_no_difference(reader: FlaskClient) -> None:
    one = reader.get(f"{BOARD}?fields=cycle.name,objectives.title")
    other = reader.get(f"{BOARD}?fields=objectives.title,cycle.name,cycle.name")
    assert one.json == other.json
    assert one.headers["ETag"] == other.headers["ETag"]


def test_the_tag_is_one_of_the_fields_too(reader: FlaskClient) -> None:
    tags = [
        reader.get(BOARD + asked).headers["ETag"]
        for asked in ("", "?fields=cycle", "?fields=objectives", "?fields=objectives.title")
    ]
    assert len(set(tags)) == 4
    held = {"If-None-Match": tags[1]}
    assert reader.get(f"{BOARD}?fields=cycle", headers=held).status_code == 304
    assert reader.get(f"{BOARD}?fields=objectives", headers=held).status_code == 200


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ("colour", "colour"),
        ("objectives.colour", "objectives.colour"),
        ("cycle,objectives.owner.e_mail", "objectives.owner.e_mail"),
        ("objectives.title.text", "objectives.title.text"),
        ("", "'' is no field"),
        ("cycle,", "'' is no field"),
        ("cycle." * 500 + "x", "2000"),
    ],
)
def test_what_the_answer_does_not_have_is_refused_by_name(
    reader: FlaskClient, fields: str, named: str
) -> None:
    response = reader.get(BOARD, query_string={"fields": fields})
    assert (response.status_code, response.json["field"]) == (422, "fields")
    assert named in response.json["errors"]["fields"][0]


@pytest.mark.parametrize("route", WHOLE, ids=lambda route: route.path)
def test_of_every_answer_each_field_can_be_chosen(
    route: Any, reader: FlaskClient, company: dict[str, str]
) -> None:
    path = address(route.path, company)
    whole = reader.get(path).json
    beside = [name for name in whole if name not in ALWAYS]
    moment = {name for name in ALWAYS if name in whole}
    for name in beside:
        found = reader.get(f"{path}{'&' if '?' in path else '?'}fields={name}").json
        assert found.keys() == moment | {name}
        if route.question != "access_log":  # which has one read more
            assert found[name] == whole[name]


def test_a_stream_has_no_fields_to_choose(reader: FlaskClient) -> None:
    response = reader.get(f"{PREFIX}/cycles/2025-Q3/replay?fields=day")
    assert (response.status_code, response.json["field"]) == (422, "fields")
