"""What a body leaves out stays; null takes away, or is refused where nothing can be."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import ADA, Caller
from web.app import PREFIX

STAYS = "Nothing can be taken away here: leave it out, and it stays."


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/objectives/{objective_id}/reassign", {"owner_id": None}, "owner_id"),
        ("/objectives/{objective_id}/reassign", {"team_id": None, "owner_id": ADA}, "team_id"),
        ("/objectives/{objective_id}/realign", {"weight": None}, "weight"),
        ("/calendar", {"zone": None}, "zone"),
        ("/calendar", {"grace": None}, "grace"),
        ("/calendar", {"grace": {"weekly": None}}, "grace.weekly"),
    ],
)
def test_null_is_refused_where_nothing_can_be_taken_away(
    path: str, body: dict[str, Any], field: str, ada: Caller, company: dict[str, str]
):
    response = ada.post(path.format(**company), {"reason": "Agreed.", **body})
    assert (response.status_code, response.json["errors"]) == (422, {field: [STAYS]})


def test_null_empties_a_list(ada: Caller):
    day = {"starts": "2025-12-24", "name": "Christmas Eve"}
    ada.done("/calendar", {"holidays": [day], "reason": "Agreed."})
    response = ada.post("/calendar", {"holidays": None, "reason": "Agreed."})
    assert response.json["first_position"] is not None
    assert ada.done("/calendar", {"holidays": [], "reason": "Agreed."})["first_position"] is None
    response = ada.post("/calendar", {"working_days": None, "reason": "Agreed."})
    assert (response.status_code, response.json["field"]) == (422, "working_days")


def test_a_weight_alone_does_not_detach(ada: Caller, company: dict[str, str]):
    to = company["objective_id"]
    team = {"cycle_id": "2025-Q3", "team_id": company["team_id"], "owner_id": ADA, "title": "Grow"}
    path = f"/objectives/{ada.done('/objectives', team)['id']}/realign"
    ada.done(path, {"aligned_to_objective_id": to, "weight": "3"})
    recorded = ada.done(path, {"weight": "2", "reason": "Agreed."})
    assert recorded["first_position"] is not None
    same = {"aligned_to_objective_id": to, "weight": "2", "aligned_to_key_result_id": None}
    assert ada.done(path, same)["first_position"] is None


def test_a_key_is_for_one_of_absent_and_null(ada: Caller, company: dict[str, str]):
    path, key = f"/objectives/{company['objective_id']}/realign", str(uuid4())
    ada.done(path, {"weight": "1"}, Idempotency_Key=key)
    null = {"weight": "1", "aligned_to_objective_id": None}
    assert ada.post(path, null, Idempotency_Key=key).status_code == 409
    assert ada.done(path, {"weight": "1"}, Idempotency_Key=key)["repeated"]


def test_the_description_says_where_null_takes_away(client: FlaskClient):
    schemas = client.get(f"{PREFIX}/openapi.json").json["components"]["schemas"]

    def nullable(schema: str, field: str) -> bool:
        return "null" in schemas[schema]["properties"][field].get("type", ())

    assert nullable("RealignObjective", "aligned_to_objective_id")
    assert nullable("SetCalendar", "holidays")
    assert not nullable("RealignObjective", "weight")
    assert not nullable("ReassignObjective", "owner_id")
    assert not nullable("GraceChanges", "weekly")
    for schema in ("RealignObjective", "ReassignObjective", "SetCalendar"):
        assert "required" not in schemas[schema]
