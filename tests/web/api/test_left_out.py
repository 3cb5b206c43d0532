"""What a body leaves out stays; null takes away, or is refused where nothing can be."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator

from okr_es.application import Okr
from projections.queries import Queries
from tests.web.conftest import ADA, METRIC, NOW, SPAN, Caller
from web.app import PREFIX

STAYS = "Nothing can be taken away here: leave it out, and it stays."


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/objectives/{objective_id}/reassign", {"owner_id": None}, "owner_id"),
        ("/objectives/{objective_id}/reassign", {"team_id": None, "owner_id": ADA}, "team_id"),
        ("/objectives/{objective_id}/realign", {"weight": None}, "weight"),
        ("/key-results/{key_result_id}/retarget", {"measure": None}, "measure"),
        ("/key-results/{key_result_id}/retarget", {"measure": {"kind": None}}, "measure.kind"),
        ("/kpis/{kpi_id}/retarget", {"target": SPAN | {"ends": None}}, "target.ends"),
        ("/kpis/{kpi_id}/redefine", {"aggregation": None}, "aggregation"),
        ("/scoring-policy", {"at_risk": None}, "at_risk"),
        ("/scoring-policy", {"not_measured": None}, "not_measured"),
        ("/calendar", {"zone": None}, "zone"),
        ("/readings/{reading_id}/correct", {"value": None}, "value"),
        ("/readings/{reading_id}/correct", {"zone": None}, "zone"),
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


def test_a_target_alone_keeps_the_rest_of_a_promise(ada: Caller, company: dict[str, str]):
    path = f"/key-results/{company['key_result_id']}/retarget"
    way = [{"on": "2025-08-15", "share": "0.4"}]
    ada.done(path, {"trajectory": way})
    ada.done(path, {"measure": {"target": "900"}})
    again = {"measure": METRIC | {"target": "900"}, "trajectory": way}
    assert ada.done(path, again)["first_position"] is None
    ada.done(path, {"measure": {"unit": None}, "trajectory": None})
    bare = {"measure": {"unit": None, "target": "900"}, "trajectory": []}
    assert ada.done(path, bare)["first_position"] is None


def test_a_target_of_a_kpi_alone_keeps_its_span(ada: Caller, company: dict[str, str]):
    path = f"/kpis/{company['kpi_id']}/retarget"
    moved = {"target": {"starts": SPAN["starts"], "target": "3"}, "reason": "Agreed."}
    assert ada.done(path, moved)["first_position"] is not None
    whole = {"target": SPAN | {"target": "3"}, "reason": "Agreed."}
    assert ada.done(path, whole)["first_position"] is None
    from_there = {"target": {"starts": "2025-08-16", "target": None}, "reason": "Agreed."}
    assert ada.done(path, from_there)["first_position"] is not None


def test_thresholds_that_are_not_named_stay(ada: Caller):
    ada.done("/scoring-policy", {"on_track": "0.85", "yellow_from": "0.3", "reason": "Agreed."})
    assert ada.post("/scoring-policy", {"at_risk": "0.6"}).json["field"] == "reason"
    ada.done("/scoring-policy", {"at_risk": "0.6", "reason": "Agreed."})
    all_of_it = {"on_track": "0.85", "yellow_from": "0.3", "at_risk": "0.6"}
    assert ada.done("/scoring-policy", all_of_it)["first_position"] is None


def test_a_key_is_for_one_of_absent_and_null(ada: Caller, company: dict[str, str]):
    path, key = f"/objectives/{company['objective_id']}/realign", str(uuid4())
    ada.done(path, {"weight": "1"}, Idempotency_Key=key)
    null = {"weight": "1", "aligned_to_objective_id": None}
    assert ada.post(path, null, Idempotency_Key=key).status_code == 409
    assert ada.done(path, {"weight": "1"}, Idempotency_Key=key)["repeated"]


def test_the_description_takes_null_where_the_api_does(client: FlaskClient):
    page = client.get(f"{PREFIX}/openapi.json").json["components"]
    schema = {**page["schemas"]["MeasureChanges"], "components": page}
    fits = Draft202012Validator(schema).is_valid
    for field in ("baseline", "unit", "direction", "zones", "steps"):
        assert fits({field: None}), field
    assert fits({})
    assert not fits({"kind": None})


def test_the_description_says_where_null_takes_away(client: FlaskClient):
    schemas = client.get(f"{PREFIX}/openapi.json").json["components"]["schemas"]

    def nullable(schema: str, field: str) -> bool:
        return "null" in schemas[schema]["properties"][field].get("type", ())

    assert nullable("RealignObjective", "aligned_to_objective_id")
    assert nullable("SetCalendar", "holidays")
    assert nullable("RetargetKeyResult", "trajectory")
    assert nullable("MeasureChanges", "unit")
    assert nullable("MeasureChanges", "steps")
    assert nullable("TargetChanges", "target")
    assert nullable("RedefineKpi", "counts")
    assert not nullable("RedefineKpi", "aggregation")
    assert not nullable("TargetChanges", "ends")
    assert not nullable("AdoptScoringPolicy", "on_track")
    assert not nullable("RealignObjective", "weight")
    assert not nullable("ReassignObjective", "owner_id")
    assert not nullable("GraceChanges", "weekly")
    for schema in ("RealignObjective", "RetargetKeyResult", "MeasureChanges", "SetCalendar"):
        needs = {"reason"} if schema == "SetCalendar" else set()
        assert set(schemas[schema].get("required", ())) == needs


def newest_reading(okr: Okr, of: str) -> dict[str, Any]:
    return dict(Queries(okr).readings(UUID(of))["readings"][0])


def test_parts_of_a_check_in_are_corrected_and_taken_away(
    okr: Okr, ada: Caller, company: dict[str, str]
):
    document = {"link": "https://files.example.org/7", "sha256": "07" * 32}
    said = {"confidence": 7, "comment": "late", "value": "1", "evidence": document}
    at = f"/key-results/{company['key_result_id']}"
    path = f"/readings/{ada.done(f'{at}/check-ins', said)['id']}/correct"
    ada.done(path, {"comment": "in time", "reason": "The wrong one."})
    newest = newest_reading(okr, company["key_result_id"])
    assert {name: newest[name] for name in said} == said | {"comment": "in time"}
    nothing = dict.fromkeys(("confidence", "comment", "evidence"))
    ada.done(path, nothing | {"reason": "Not ours to say."})
    newest = newest_reading(okr, company["key_result_id"])
    assert {name: newest[name] for name in said} == nothing | {"value": "1"}


def test_a_reading_needs_no_day_but_a_value(okr: Okr, ada: Caller, company: dict[str, str]):
    path = f"/kpis/{company['kpi_id']}/readings"
    ada.done(path, {"value": 3})
    assert newest_reading(okr, company["kpi_id"])["as_of"] == str(NOW.date())
    response = ada.post(path, {"as_of": "2025-08-14"})
    assert response.json["errors"] == {"value": ["Missing data for required field."]}
