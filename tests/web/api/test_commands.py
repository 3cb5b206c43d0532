"""Every command over HTTP: the right address, the right answer, and what it records."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from okr_es import commands
from okr_es.application import Okr
from okr_es.evidence.signer import Signer
from tests.support.ids import cycle_uuid
from tests.support.tried import everything
from tests.web.conftest import (
    ADA,
    BO,
    METRIC,
    NOW,
    SPAN,
    Caller,
    FakeQueries,
    found_company,
    reading_value,
)
from web.api.commands import ROUTES, Route
from web.api.entrance import Mode
from web.app import PREFIX, create_app

WHY = {"reason": "The market moved."}
KPI = {
    "name": "Return on investment", "direction": "at_least", "unit": "%", "source": "Books",
    "cadence": "per_project", "owner_id": ADA, "target": SPAN | {"target": 10},
}  # fmt: skip

# Command -> its body, once the company stands. {name} stands for one of the company's ids.
BODIES: dict[type[commands.Command], dict[str, Any]] = {
    commands.RegisterPerson: {"name": "Bo", "email": "bo@example.com"},
    commands.RenamePerson: {"name": "Ada Lovelace"},
    commands.ReplaceEmail: {"email": "ada@example.com"},
    commands.NameDeputy: {
        "deputy_id": BO, "starts": "2025-09-01", "ends": "2025-09-30",
    },
    commands.DeactivatePerson: WHY | {"effective": "2025-08-01"},
    commands.ReactivatePerson: {"effective": "2025-08-14"},
    commands.ErasePerson: WHY | {"legal_ground": "Article 17"},
    commands.PlaceLegalHold: WHY | {"matter": "T 1234-25"},
    commands.LiftLegalHold: WHY | {"matter": "T 99-25"},
    commands.FormTeam: {"name": "Marketing", "kind": "department", "parent_id": "{team_id}"},
    commands.RenameTeam: {"name": "Acme Ltd"},
    commands.ReplaceTeamKind: {"kind": "department"},
    commands.MoveTeam: {"parent_id": "{other_team_id}"},
    commands.DisbandTeam: {},
    commands.ReinstateTeam: {},
    commands.OpenCycle: {"name": "fiscal-26", "starts": "2026-02-01", "ends": "2026-04-30"},
    commands.RenameCycle: {"name": "fiscal-25"},
    commands.RescheduleCycle: WHY | {"ends": "2025-10-15"},
    commands.CommitPlan: {"comment": "All agreed."},
    commands.CloseCycle: {},
    commands.ReopenCycle: WHY,
    commands.RequireApproval: {"of": ["closing", "plan_revisions"]},
    commands.ApproveRequest: {"comment": "Agreed."},
    commands.RefuseRequest: WHY,
    commands.WithdrawRequest: {},
    commands.DraftObjective: {
        "cycle_id": "2025-Q3", "team_id": "{team_id}", "owner_id": ADA, "title": "Be seen",
        "commitment": "aspirational", "due": "2025-09-15",
    },
    commands.CommitObjective: {},
    commands.RetitleObjective: WHY | {"title": "Lead every market"},
    commands.DescribeObjective: {"description": "In the north first."},
    commands.KeepConfidential: {},
    commands.OpenToAll: {},
    commands.RescheduleObjective: WHY | {"due": "2025-09-15"},
    commands.ReplaceObjectiveCommitment: WHY | {"commitment": "aspirational"},
    commands.ReassignObjective: WHY | {"team_id": "{other_team_id}", "effective": "2025-07-02"},
    commands.RealignObjective: WHY | {"aligned_to_objective_id": "{draft_id}", "weight": 0.5},
    commands.CorrectObjective: WHY | {"weight": "0.5"},
    commands.CarryOverObjective: {"into_cycle_id": "2025-Q4"},
    commands.GradeObjective: WHY | {"adjusted_grade": 0.75},
    commands.ReopenObjective: WHY,
    commands.AbandonObjective: WHY,
    commands.AddKeyResult: {
        "title": "Three networks", "measure": {"kind": "milestone", "steps": ["A", "B", "C"]},
        "weight": "2.5", "cadence": "monthly",
        "trajectory": [{"on": "2025-08-01", "share": "0.25"}, {"on": "2025-09-01", "share": 1}],
    },
    commands.RetargetKeyResult: {"measure": METRIC | {"target": 1200}, "trajectory": None},
    commands.RetitleKeyResult: {"title": "Customers who paid"},
    commands.DescribeKeyResult: {"description": "Those with a contract."},
    commands.ReassignKeyResult: {"owner_id": BO},
    commands.ReplaceKeyResultCadence: {"cadence": "monthly"},
    commands.CorrectKeyResult: WHY | {"measure": {"target": "1100"}},
    commands.ReweightKeyResult: {"weight": 2},
    commands.LinkKeyResult: {"kpi_id": "{kpi_id}"},
    commands.MoveKeyResult: {"to_objective_id": "{draft_id}"},
    commands.DropKeyResult: {},
    commands.ReinstateKeyResult: {},
    commands.CheckIn: {"as_of": "2025-08-15", "confidence": 7, "value": "410"},
    commands.DefineKpi: KPI,
    commands.SetKpiTarget: {
        "target": {"starts": "2025-10-01", "ends": "2025-12-31", "target": "1.5"}
    },
    commands.RetargetKpi: WHY | {"target": SPAN | {"target": "1"}},
    commands.CorrectKpiTarget: WHY | {"target": {"starts": SPAN["starts"], "target": "1"}},
    commands.ReplaceKpiSource: {"source": "Warehouse"},
    commands.ReplaceKpiCadence: {"cadence": "weekly"},
    commands.RedefineKpi: WHY | {"counts": "Answers within an hour, on working days."},
    commands.RenameKpi: {"name": "Answering time"},
    commands.ReassignKpi: {"team_id": "{other_team_id}"},
    commands.ReplaceKpiPurpose: {"purpose": "Nobody waits for long."},
    commands.CorrectKpi: WHY | {"baseline": "9"},
    commands.RetireKpi: {},
    commands.ReinstateKpi: WHY,
    commands.RecordReading: {"as_of": "2025-08-14", "value": 3},
    commands.RecordReadings: {
        "readings": [
            {"kpi_id": "{kpi_id}", "as_of": "2025-08-13", "value": "3.1"},
            {"kpi_id": "{kpi_id}", "as_of": "2025-08-14", "value": "2.9", "id": str(uuid4())},
        ]
    },
    commands.CorrectReading: WHY | {"value": "3.4"},
    commands.RetractReading: WHY,
    commands.AdoptScoringPolicy: WHY | {"on_track": "0.8"},
    commands.ChoosePeopleFigures: WHY | {"people_figures": "hr_too"},
    commands.GrantRole: WHY | {"person_id": BO, "role": "lead", "team_id": "{team_id}"},
    commands.RescheduleGrant: WHY | {"ends": "2025-12-31"},
    commands.EndGrant: WHY | {"effective": "2025-09-01"},
    commands.CreateApiKey: WHY | {
        "name": "Warehouse", "role": "ingest_key", "kpi_ids": ["{kpi_id}"], "ends": "2025-12-31",
    },
    commands.RevokeApiKey: WHY,
    commands.SetCalendar: WHY | {
        "working_days": ["monday", "friday"], "grace": {"weekly": 2},
        "add_holidays": [{"starts": "2025-12-24", "name": "Christmas Eve"}],
    },
    commands.RotateSigningKey: WHY,
    commands.AcceptClock: WHY,
    commands.SetRetention: WHY
    | {"person_texts_years": 3, "client_info_years": None, "access_log_years": 2},
    commands.RedactText: WHY | {"legal_ground": "unlawful"},
}  # fmt: skip

GRANT = "00000000-0000-4000-8000-00000000000f"
API_KEY = "00000000-0000-4000-8000-0000000000ae"
GIVEN = ("/grants", {"person_id": BO, "role": "hr", "id": GRANT})

# What must have happened before, and where the command is not about the first of its kind.
BEFORE: dict[type[commands.Command], tuple[str, dict[str, Any]]] = {
    commands.ReactivatePerson: (f"/people/{BO}/deactivate", {"effective": "2025-08-01"}),
    commands.RescheduleGrant: GIVEN,
    commands.EndGrant: GIVEN,
    commands.RevokeApiKey: ("/keys", {"name": "Lake", "role": "member", "id": API_KEY}),
    commands.RedactText: ("/teams/{other_team_id}/rename", {"name": "Other"}),
    commands.LiftLegalHold: ("/people/{person_id}/hold", {"matter": "T 99-25"}),
    commands.ReinstateKpi: ("/kpis/{kpi_id}/retire", {}),
    commands.ReinstateTeam: ("/teams/{other_team_id}/disband", {}),
    commands.ReopenCycle: ("/cycles/2025-Q3/close", {}),
    commands.CorrectKpi: ("/readings/{reading_id}/retract", {}),
    commands.CorrectObjective: (
        "/objectives/{objective_id}/realign",
        {"aligned_to_objective_id": "{draft_id}"},
    ),
    commands.ReopenObjective: ("/objectives/{objective_id}/abandon", {}),
    commands.OpenToAll: ("/objectives/{objective_id}/keep-confidential", {}),
    commands.ReinstateKeyResult: ("/key-results/{key_result_id}/drop", {}),
}
ABOUT: dict[type[commands.Command], dict[str, str]] = {
    commands.DeactivatePerson: {"person_id": BO},
    commands.ReactivatePerson: {"person_id": BO},
    commands.RescheduleGrant: {"grant_id": GRANT},
    commands.EndGrant: {"grant_id": GRANT},
    commands.RevokeApiKey: {"key_id": API_KEY},
    commands.DisbandTeam: {"team_id": "{other_team_id}"},
    commands.ReinstateTeam: {"team_id": "{other_team_id}"},
    commands.CommitObjective: {"objective_id": "{draft_id}"},
    commands.WithdrawRequest: {"approval_id": "{own_request_id}"},
}


def all_commands(cls: type = commands.Command) -> Iterator[type]:
    for each in cls.__subclasses__():
        yield each
        yield from all_commands(each)


def filled(value: Any, ids: dict[str, str]) -> Any:
    """The value with {name} replaced by the company's id of that name."""
    if isinstance(value, dict):
        return {key: filled(each, ids) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    return value.format(**ids) if isinstance(value, str) else value


def address(route: Route, ids: dict[str, str]) -> str:
    """The path of a route, about something of the company."""
    about = {"position": "1"} | ids | filled(ABOUT.get(route.command, {}), ids)
    path = route.path
    for name in route.in_path:
        path = re.sub(rf"<(cycle|uuid|int):{name}>", about[name], path)
    return path


def prepare(route: Route, caller: Caller, ids: dict[str, str], okr: Okr) -> None:
    """Let happen what the command of a route needs to have happened."""
    if route.command is commands.RotateSigningKey:
        Signer(okr).sign()
    if route.command in BEFORE:
        path, body = BEFORE[route.command]
        caller.done(filled(path, ids), WHY | filled(body, ids))
    ids["position"] = str(okr.log.head())  # of the last event


def send(route: Route, caller: Caller, ids: dict[str, str], okr: Okr) -> Any:
    """Send the command of a route as it should be."""
    prepare(route, caller, ids, okr)
    return caller.post(address(route, ids), filled(BODIES[route.command], ids))


named = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.command.__name__)


def test_every_command_has_one_route():
    assert sorted(c.__name__ for c in all_commands()) == sorted(r.command.__name__ for r in ROUTES)


def test_every_path_leads_to_one_command():
    paths = [re.sub(r"<[^>]*>", "<>", route.path) for route in ROUTES]
    assert sorted(paths) == sorted(set(paths))


def test_a_command_without_a_route_is_noticed():
    """The planted violation of the rule above."""
    planted = type("Planted", (commands.Command,), {})
    assert planted in all_commands()
    assert planted not in {route.command for route in ROUTES}
    del planted
    import gc

    gc.collect(1)  # it is young; to look at all that the session holds would take seconds


@named
def test_a_command_is_carried_out_and_says_where_to_look(
    route: Route, okr: Okr, ada: Caller, company: dict[str, str]
):
    response = send(route, ada, company, okr)
    assert response.status_code == (201 if route.seen_at else 200), response.text
    receipt = response.json
    assert receipt["repeated"] is False
    assert receipt["last_position"] == okr.log.head() == int(response.headers["Position"])
    assert response.content_type == "application/json"
    assert ("Location" in response.headers) == (response.status_code == 201)
    if route.seen_at:
        assert ada.client.get(response.headers["Location"]).status_code == 200
        has_no_get = route.path in {"/grants", "/keys"}  # of one: the list is the place to look
        assert has_no_get or response.headers["Location"].endswith(f"/{receipt['id']}")


@named
def test_a_bodiless_or_empty_command_never_crashes(
    route: Route, okr: Okr, ada: Caller, company: dict[str, str]
):
    response = ada.post(address(route, company))
    assert response.status_code < 500
    assert response.status_code < 300 or response.json["type"].startswith("/problems/")


def test_on_both_engines_a_company_is_founded(database_url: str):
    okr = Okr(database_url, clock=lambda: NOW)
    try:
        ada = Caller(create_app(okr, FakeQueries(okr), mode=Mode.OPEN).test_client())
        ada.done("/people", {"name": "Ada", "id": ADA})
        ids = found_company(ada)
        assert reading_value(okr, ids["reading_id"]) == Decimal("3.5")
    finally:
        okr.close()


@named
def test_any_command_sent_again_answers_as_before(
    route: Route, okr: Okr, ada: Caller, company: dict[str, str]
):
    prepare(route, ada, company, okr)
    body, key = filled(BODIES[route.command], company), str(uuid4())
    first = ada.done(address(route, company), body, Idempotency_Key=key)
    head = okr.log.head()
    assert ada.done(address(route, company), body, Idempotency_Key=key) == first | {
        "repeated": True,
        "secret": None,
    }
    assert okr.log.head() == head


@named
def test_any_command_can_be_tried_out_and_leaves_nothing(
    route: Route, okr: Okr, ada: Caller, company: dict[str, str]
):
    """What it would record is what it then does record; ids that nobody gave are not told."""
    prepare(route, ada, company, okr)
    path, body, key = address(route, company), filled(BODIES[route.command], company), str(uuid4())
    before = everything(okr)
    response = ada.post(path, body | {"dry_run": True}, Idempotency_Key=key)
    assert everything(okr) == before
    assert response.status_code == 200, response.text
    assert not {"Position", "Location"} & set(response.headers.keys())
    head = okr.log.head()
    receipt = ada.done(path, body | {"dry_run": False}, Idempotency_Key=key)
    assert not receipt["repeated"]
    rows = okr.log.rows(head, 100, ("type", "stream"))
    assert [each["type"] for each in response.json["would_record"]] == [row[1] for row in rows]
    for each, row in zip(response.json["would_record"], rows, strict=True):
        assert each["about"]["id"] in {None, row[2]}
    again = ada.post(path, body | {"dry_run": True}, Idempotency_Key=key).json
    assert again["would_record"] == []
    assert again["earlier_receipt"] == receipt | {"repeated": True, "secret": None}


def test_a_dry_run_says_what_would_change_and_warns(ada: Caller, company: dict[str, str]):
    path = f"/objectives/{company['objective_id']}/retitle"
    tried = ada.done(path, {"title": "Lead every market", "dry_run": True})
    assert tried == {
        "would_record": [
            {
                "type": "objective.retitled",
                "about": {
                    "kind": "objective", "id": company["objective_id"], "name": "Lead every market",
                },
                "fields": {"title": "Lead every market"},
            }
        ],
        "count": 1,
        "warnings": [],
        "waits_for_approval": False,
        "earlier_receipt": None,
    }  # fmt: skip
    long = {"name": "long", "starts": "2025-01-01", "ends": "2026-12-31", "dry_run": True}
    (warning,) = ada.done("/cycles", long)["warnings"]
    assert (warning["code"], warning["count"], warning["things"]) == ("cycle_is_long", 1, [])


def test_a_dry_run_is_refused_as_the_command_would_be(ada: Caller, company: dict[str, str]):
    for path, body in (
        ("/cycles", {"name": "2025-Q3"}),
        (f"/kpis/{company['kpi_id']}/readings", {"as_of": "2025-08-14", "value": 1,
                                                 "id": company["reading_id"]}),
        (f"/teams/{company['team_id']}/rename", {"name": " "}),
        (f"/objectives/{uuid4()}/commit", {}),
        (f"/objectives/{company['objective_id']}/abandon", {}),
    ):  # fmt: skip
        tried, done = ada.post(path, body | {"dry_run": True}), ada.post(path, body)
        assert tried.status_code == done.status_code >= 400
        assert tried.json | {"command_id": ""} == done.json | {"command_id": ""}


def test_the_first_person_can_be_tried_out(nobody: Caller, empty_okr: Okr):
    before = everything(empty_okr)
    tried = nobody.done("/people", {"name": "Ada", "dry_run": True})
    assert tried["would_record"][0]["about"] == {"kind": "person", "id": None, "name": None}
    assert everything(empty_okr) == before
    assert nobody.done("/people", {"name": "Ada"})["version"] == 1


def test_warnings_come_with_the_receipt(ada: Caller):
    long = {"name": "long", "starts": "2025-01-01", "ends": "2026-12-31"}
    receipt = ada.done("/cycles", long)
    assert receipt["warnings"] == [
        {
            "code": "cycle_is_long",
            "text": "The cycle is longer than a year.",
            "count": 1,
            "things": [{"kind": "cycle", "id": receipt["id"]}],
        }
    ]


@pytest.mark.parametrize(
    ("accepts", "text"),
    [
        ("sv, en;q=0.5", "Cykeln är längre än ett år."),
        ("de, en;q=0.5", "The cycle is longer than a year."),
        ("de", "The cycle is longer than a year."),
    ],
)
def test_they_are_written_in_the_language_the_request_prefers(accepts: str, text: str, ada: Caller):
    """Also those of a receipt that was first answered in another language."""
    long = {"name": "long", "starts": "2025-01-01", "ends": "2026-12-31"}
    key = str(uuid4())
    for language in ("en", "sv"):
        ada.done("/cycles", long, Idempotency_Key=key, Accept_Language=language)
    again = ada.done("/cycles", long, Idempotency_Key=key, Accept_Language=accepts)
    assert [each["text"] for each in again["warnings"]] == [text]


def test_a_cycle_goes_by_name_or_by_id(ada: Caller, company: dict[str, str]):
    assert ada.done(f"/cycles/{cycle_uuid('2025-Q3')}/commit-plan")
    ada.done(f"/objectives/{company['objective_id']}/carry-over", {"into_cycle_id": "2025-q4"})
    closed = ada.done("/cycles/2025-q3/close")
    assert closed["id"] == str(cycle_uuid("2025-Q3"))


def test_a_plan_is_committed_for_a_team_alone_or_with_those_below(
    ada: Caller, company: dict[str, str]
):
    team, path = company["team_id"], "/cycles/2025-Q3/commit-plan"
    receipt = ada.done(path, {"team_id": team, "with_teams_below": False})
    assert [each["code"] for each in receipt["warnings"]] == ["drafts_left_out"]
    assert ada.post(path, {"team_id": team}).json["type"] == "/problems/plan-is-committed"
    assert ada.post(path).json["type"] == "/problems/plan-is-empty"


@pytest.mark.parametrize("drafts", ["all", "named"])
def test_a_plan_takes_drafts_along(drafts: str, ada: Caller, company: dict[str, str]):
    body = {"cycle_id": "2025-Q4", "team_id": company["team_id"], "owner_id": ADA, "title": "sell"}
    draft = ada.done("/objectives", body)["id"]
    receipt = ada.done(
        "/cycles/2025-Q4/commit-plan", {"with_drafts": [draft] if drafts == "named" else drafts}
    )
    assert receipt["last_position"] - receipt["first_position"] == 1


@pytest.mark.parametrize("drafts", ["none", 1, None, ["x"], [1], {"all": True}, "", [None]])
def test_the_drafts_are_all_or_ids(drafts: object, ada: Caller, company: dict[str, str]):
    problem = ada.post("/cycles/2025-Q3/commit-plan", {"with_drafts": drafts})
    assert (problem.status_code, problem.json["field"]) == (422, "with_drafts")


@pytest.mark.parametrize("word", ["yes", 1, "false", None])
def test_whether_teams_below_are_in_it_is_true_or_false(
    word: object, ada: Caller, company: dict[str, str]
):
    body = {"team_id": company["team_id"], "with_teams_below": word}
    problem = ada.post("/cycles/2025-Q3/commit-plan", body)
    assert (problem.status_code, problem.json["field"]) == (422, "with_teams_below")


def test_events_tell_who_why_and_whereby(okr: Okr, ada: Caller, company: dict[str, str]):
    key, cause, whole = (str(uuid4()) for _ in range(3))
    ada.done(
        f"/teams/{company['team_id']}/rename",
        {"name": "New", "reason": "Merger", "on_behalf_of": ADA},
        Idempotency_Key=key, Correlation_Id=whole, Causation_Id=cause,
    )  # fmt: skip
    wanted = ("by", "on_behalf_of", "origin", "command_id", "correlation_id", "causation_id")
    (row,) = okr.log.rows(okr.log.head() - 1, 1, wanted)
    found = [str(UUID(str(each))) if each != "api" else each for each in row[1:]]
    assert found == [ADA, ADA, "api", str(uuid5(UUID(ADA), key)), whole, cause]


def test_the_first_person_registers_themself(nobody: Caller):
    response = nobody.post("/people", {"name": "Ada"})
    assert response.status_code == 201
    person = response.json["id"]
    assert Caller(nobody.client, person).done("/teams", {"name": "Acme"})
    assert nobody.post("/people", {"name": "Eve"}).status_code == 401


def test_a_default_actor_acts_where_nobody_is_named(okr: Okr, ada: Caller, queries: FakeQueries):
    client = create_app(okr, queries, default_actor=UUID(ADA), mode=Mode.OPEN).test_client()
    assert client.post(f"{PREFIX}/teams", json={"name": "Acme"}).status_code == 201
