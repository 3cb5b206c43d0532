"""Every command with its address, on one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Receipt
from okr_es.handlers.approval_gate import REQUESTABLE
from web.api.actor import carry_out, try_out
from web.api.command_ids import COMMANDS, with_command_id
from web.api.command_schemas import COMMON, load, schema_of
from web.api.exact_json import JSON, MIB, body, encode
from web.api.openapi.operations import command_document, describe
from web.api.representation import (
    APPLIED,
    PREFER,
    REPRESENTATION,
    ReceiptWithThing,
    is_wanted,
    with_thing,
)

COMMAND_BYTES = 1 * MIB
BULK_BYTES = 16 * MIB


@dataclass(frozen=True)
class Route:
    """POST to this path carries out this command; what it begins can be seen at `seen_at`."""

    path: str
    command: type[c.Command]
    seen_at: str | None = None
    most_bytes: int = COMMAND_BYTES

    @property
    def in_path(self) -> frozenset[str]:
        """The fields of the command that its path names."""
        return frozenset(re.findall(r"<\w+:(\w+)>", self.path))


ROUTES = (
    Route("/people", c.RegisterPerson, "/people/{id}"),
    Route("/people/<uuid:person_id>/rename", c.RenamePerson),
    Route("/people/<uuid:person_id>/email", c.ReplaceEmail),
    Route("/people/<uuid:person_id>/deputy", c.NameDeputy),
    Route("/people/<uuid:person_id>/deactivate", c.DeactivatePerson),
    Route("/people/<uuid:person_id>/reactivate", c.ReactivatePerson),
    Route("/people/<uuid:person_id>/erase", c.ErasePerson),
    Route("/people/<uuid:person_id>/hold", c.PlaceLegalHold),
    Route("/people/<uuid:person_id>/release", c.LiftLegalHold),
    Route("/texts/<int:position>/redact", c.RedactText),
    Route("/grants", c.GrantRole, "/grants"),
    Route("/grants/<uuid:grant_id>/reschedule", c.RescheduleGrant),
    Route("/grants/<uuid:grant_id>/end", c.EndGrant),
    Route("/keys", c.CreateApiKey, "/keys"),
    Route("/keys/<uuid:key_id>/revoke", c.RevokeApiKey),
    Route("/teams", c.FormTeam, "/teams/{id}"),
    Route("/teams/<uuid:team_id>/rename", c.RenameTeam),
    Route("/teams/<uuid:team_id>/kind", c.ReplaceTeamKind),
    Route("/teams/<uuid:team_id>/move", c.MoveTeam),
    Route("/teams/<uuid:team_id>/disband", c.DisbandTeam),
    Route("/teams/<uuid:team_id>/reinstate", c.ReinstateTeam),
    Route("/cycles", c.OpenCycle, "/cycles/{id}"),
    Route("/cycles/<cycle:cycle_id>/rename", c.RenameCycle),
    Route("/cycles/<cycle:cycle_id>/reschedule", c.RescheduleCycle),
    Route("/cycles/<cycle:cycle_id>/commit-plan", c.CommitPlan),
    Route("/cycles/<cycle:cycle_id>/close", c.CloseCycle),
    Route("/cycles/<cycle:cycle_id>/reopen", c.ReopenCycle),
    Route("/cycles/<cycle:cycle_id>/require-approval", c.RequireApproval),
    Route("/approvals/<uuid:approval_id>/approve", c.ApproveRequest),
    Route("/approvals/<uuid:approval_id>/refuse", c.RefuseRequest),
    Route("/approvals/<uuid:approval_id>/withdraw", c.WithdrawRequest),
    Route("/objectives", c.DraftObjective, "/objectives/{id}"),
    Route("/objectives/<uuid:objective_id>/commit", c.CommitObjective),
    Route("/objectives/<uuid:objective_id>/retitle", c.RetitleObjective),
    Route("/objectives/<uuid:objective_id>/describe", c.DescribeObjective),
    Route("/objectives/<uuid:objective_id>/keep-confidential", c.KeepConfidential),
    Route("/objectives/<uuid:objective_id>/open-to-all", c.OpenToAll),
    Route("/objectives/<uuid:objective_id>/reschedule", c.RescheduleObjective),
    Route("/objectives/<uuid:objective_id>/commitment", c.ReplaceObjectiveCommitment),
    Route("/objectives/<uuid:objective_id>/reassign", c.ReassignObjective),
    Route("/objectives/<uuid:objective_id>/realign", c.RealignObjective),
    Route("/objectives/<uuid:objective_id>/correct", c.CorrectObjective),
    Route("/objectives/<uuid:objective_id>/carry-over", c.CarryOverObjective, "/objectives/{id}"),
    Route("/objectives/<uuid:objective_id>/grade", c.GradeObjective),
    Route("/objectives/<uuid:objective_id>/reopen", c.ReopenObjective),
    Route("/objectives/<uuid:objective_id>/abandon", c.AbandonObjective),
    Route("/objectives/<uuid:objective_id>/key-results", c.AddKeyResult, "/key-results/{id}"),
    Route("/key-results/<uuid:key_result_id>/retitle", c.RetitleKeyResult),
    Route("/key-results/<uuid:key_result_id>/describe", c.DescribeKeyResult),
    Route("/key-results/<uuid:key_result_id>/reassign", c.ReassignKeyResult),
    Route("/key-results/<uuid:key_result_id>/cadence", c.ReplaceKeyResultCadence),
    Route("/key-results/<uuid:key_result_id>/retarget", c.RetargetKeyResult),
    Route("/key-results/<uuid:key_result_id>/correct", c.CorrectKeyResult),
    Route("/key-results/<uuid:key_result_id>/reweight", c.ReweightKeyResult),
    Route("/key-results/<uuid:key_result_id>/link", c.LinkKeyResult),
    Route("/key-results/<uuid:key_result_id>/move", c.MoveKeyResult),
    Route("/key-results/<uuid:key_result_id>/drop", c.DropKeyResult),
    Route("/key-results/<uuid:key_result_id>/reinstate", c.ReinstateKeyResult),
    Route("/key-results/<uuid:key_result_id>/check-ins", c.CheckIn, "/readings/{id}"),
    Route("/kpis", c.DefineKpi, "/kpis/{id}"),
    Route("/kpis/<uuid:kpi_id>/rename", c.RenameKpi),
    Route("/kpis/<uuid:kpi_id>/reassign", c.ReassignKpi),
    Route("/kpis/<uuid:kpi_id>/purpose", c.ReplaceKpiPurpose),
    Route("/kpis/<uuid:kpi_id>/correct", c.CorrectKpi),
    Route("/kpis/<uuid:kpi_id>/redefine", c.RedefineKpi),
    Route("/kpis/<uuid:kpi_id>/targets", c.SetKpiTarget),
    Route("/kpis/<uuid:kpi_id>/retarget", c.RetargetKpi),
    Route("/kpis/<uuid:kpi_id>/targets/correct", c.CorrectKpiTarget),
    Route("/kpis/<uuid:kpi_id>/source", c.ReplaceKpiSource),
    Route("/kpis/<uuid:kpi_id>/cadence", c.ReplaceKpiCadence),
    Route("/kpis/<uuid:kpi_id>/retire", c.RetireKpi),
    Route("/kpis/<uuid:kpi_id>/reinstate", c.ReinstateKpi),
    Route("/kpis/<uuid:kpi_id>/readings", c.RecordReading, "/readings/{id}"),
    Route("/readings", c.RecordReadings, most_bytes=BULK_BYTES),
    Route("/readings/<uuid:reading_id>/correct", c.CorrectReading),
    Route("/readings/<uuid:reading_id>/retract", c.RetractReading),
    Route("/calendar", c.SetCalendar),
    Route("/scoring-policy", c.AdoptScoringPolicy),
    Route("/people-figures", c.ChoosePeopleFigures),
    Route("/retention", c.SetRetention),
    Route("/signing-keys/rotate", c.RotateSigningKey),
    Route("/clock/accept", c.AcceptClock),
)


def blueprint(okr: Okr, prefix: str) -> Blueprint:
    """Return the routes of all commands."""
    made = Blueprint(COMMANDS, __name__, url_prefix=prefix)
    made.after_request(with_command_id)
    for route in ROUTES:
        made.add_url_rule(
            route.path,
            route.command.__name__,
            view(okr, route, prefix),
            methods=["POST"],
            tags=[route.path.split("/")[1]],
        )
    return made


def view(okr: Okr, route: Route, prefix: str) -> Callable[..., Response]:
    """Return what answers a POST to the route."""
    schema = schema_of(route.command, route.in_path)
    seen_at = route.seen_at and prefix + route.seen_at
    common_names = set(COMMON) - {each.name for each in fields(route.command)}

    def carried_out(**path: UUID) -> Response:
        given = load(schema, body(route.most_bytes))
        common = {name: given.pop(name) for name in common_names if name in given}
        command = route.command(**path, **given)
        if common.pop("dry_run", False):
            tried = try_out(okr, command, common)
            return Response(encode(tried), content_type=JSON)
        receipt = carry_out(okr, command, common)
        if is_wanted():
            receipt = with_thing(receipt, route.path, prefix)
        if receipt.approval_id is not None:
            return answer(receipt, f"{prefix}/approvals/{receipt.approval_id}", 202)
        location = seen_at and seen_at.format(**{"id": receipt.id, **path})
        return answer(receipt, location, 200 if location is None else 201)

    name, creates = route.command.__name__, route.seen_at is not None
    document = command_document(name, schema, creates=creates, waits=name in REQUESTABLE)
    describe(carried_out, route.command.__doc__, document)
    return carried_out


def answer(receipt: Receipt, location: str | None, status: int) -> Response:
    """Return a receipt as a response: 201 with the place to look where something began.

    202 has the place of the request that waits for approval by someone else.
    """
    headers: dict[str, Any] = {"Vary": PREFER}
    if isinstance(receipt, ReceiptWithThing) and receipt.representation is not None:
        headers[APPLIED] = REPRESENTATION
    if receipt.last_position is not None:
        headers["Position"] = str(receipt.last_position)
    if location is not None:
        headers["Location"] = location
    return Response(encode(receipt), status, headers, content_type=JSON)
