"""What became of a command, asked by its id: the receipt, or that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from okr_es.application import Okr
from okr_es.context import Receipt
from web.api.asking import ask
from web.api.exact_json import JSON, encode
from web.api.openapi.components import component_name
from web.api.openapi.operations import Document, describe, problems
from web.api.parameters import accepted_language
from web.api.problems import Problem

if TYPE_CHECKING:
    from projections.queries import Queries

FOUND: Document = {
    "description": "It was recorded, and this is its receipt.",
    "content": {JSON: {"schema": component_name(Receipt)}},
}
DOCUMENT: Document = {
    "operationId": "receipt",
    "parameters": [],
    "responses": {200: FOUND} | problems(401, 404),
}


def blueprint(okr: Okr, queries: Queries, prefix: str) -> Blueprint:
    """Return the route of receipts."""
    made = Blueprint("receipts", __name__, url_prefix=prefix)

    def receipt(command_id: UUID) -> Response:
        found = okr.receipt(command_id, accepted_language())
        if found is None or not is_shown(command_id):
            raise not_there(command_id)
        return Response(encode(found), 200, {"Cache-Control": "no-store"}, content_type=JSON)

    def is_shown(command_id: UUID) -> bool:
        """Return whether who calls sent a command, or may read the whole audit log.

        Of one that changed nothing, the log does not say who sent it: its id is secret enough.
        """
        sender = okr.log.sender_of(command_id)
        if sender is None or sender.by is None:
            return True
        asked = ask(okr, queries, "proof", None, {}, recorded=False)
        return asked.by == sender.by or asked.queries.shows_event(sender.by, command_id)

    describe(receipt, "The receipt of a command, by its id.", DOCUMENT)
    made.add_url_rule("/commands/<uuid:command_id>", "receipt", receipt, tags=["commands"])
    return made


def not_there(command_id: UUID) -> Problem:
    """Return the problem of a command that was not recorded."""
    facts: dict[str, Any] = {"command_id": command_id}
    return Problem(
        "command-is-not-recorded",
        404,
        "No command of that id is recorded.",
        f"Nothing is recorded under {command_id} up to now. If it is not known what became of the "
        "command, send it again with the same key: it is executed once.",
        field="command_id",
        **facts,
    )
