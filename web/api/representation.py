"""Commands that answer with the thing: `Prefer: return=representation` (RFC 7240).

What is shown is what the thing's own GET answers to who calls, asked within the same request: with
their rights, and recorded as a read where that GET is.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Any, get_args

import msgspec
from flask import Response, current_app, request
from msgspec import Meta
from werkzeug.http import parse_list_header, parse_options_header

from okr_es.context import Receipt
from okr_es.dry_run import DryRun
from projections.audit_log.answers import ApprovalAnswer, RetentionAnswer
from projections.goals.answers import KeyResultAnswer, ObjectiveAnswer
from projections.goals.kpi_answers import KpiAnswer
from projections.one_reading_answers import OneReadingAnswer
from projections.organisation_answers import (
    CalendarAnswer,
    OneCycleAnswer,
    PersonAnswer,
    ScoringPolicyAnswer,
    TeamAnswer,
)

PREFER, APPLIED = "Prefer", "Preference-Applied"
REPRESENTATION = "return=representation"
# Where the GET of a thing lies, by the last collection that the path of a command names; None: what
# it is about has no GET of its own.
SEEN_AT: dict[str, str | None] = {
    "approvals": "/approvals/{id}",
    "calendar": "/calendar",
    "check-ins": "/readings/{id}",
    "cycles": "/cycles/{id}",
    "key-results": "/key-results/{id}",
    "kpis": "/kpis/{id}",
    "objectives": "/objectives/{id}",
    "people": "/people/{id}",
    "readings": "/readings/{id}",
    "retention": "/retention",
    "scoring-policy": "/scoring-policy",
    "teams": "/teams/{id}",
}  # fmt: skip
OF_THE_CALL = ("HTTP_", "REMOTE_", "SERVER_", "wsgi.")  # what a question takes over from a request
NOT_OF_A_QUESTION = frozenset({
    "HTTP_ACCEPT_ENCODING", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE", "HTTP_PREFER", "HTTP_RANGE", "HTTP_TRANSFER_ENCODING",
})  # fmt: skip
Thing = (
    ApprovalAnswer
    | CalendarAnswer
    | OneCycleAnswer
    | KeyResultAnswer
    | KpiAnswer
    | ObjectiveAnswer
    | PersonAnswer
    | OneReadingAnswer
    | RetentionAnswer
    | ScoringPolicyAnswer
    | TeamAnswer
)
NO_ONE_THING = "It is about no one thing that could be shown."


@dataclass(frozen=True)
class ReceiptWithThing(Receipt):
    """The receipt of a command, with the thing as it is now: on request, by `Prefer`.

    Where the thing cannot be shown to who calls, the command is done all the same.
    """

    representation: Annotated[
        Any,  # of a union of so many types msgspec makes no schema
        Meta(
            description="What its GET answers now; null: see `not_represented`.",
            extra_json_schema={
                "anyOf": [*({"$ref": each.__name__} for each in get_args(Thing)), {"type": "null"}]
            },
        ),
    ] = None
    not_represented: Annotated[
        str | None, Meta(description="Why the thing is not shown; null: it is.")
    ] = None


Done = Receipt | ReceiptWithThing
Outcome = Receipt | ReceiptWithThing | DryRun  # of a command that may be a dry run


def is_wanted() -> bool:
    """Return whether the request prefers to be answered with the thing.

    Preferences that are not known are ignored; of one that comes twice the first counts.
    """
    for each in parse_list_header(request.headers.get(PREFER, "")):
        name, _, value = parse_options_header(each)[0].partition("=")
        if name.strip().lower() == "return":
            return value.strip().strip('"').lower() == "representation"
    return False


def with_thing(receipt: Receipt, path: str, prefix: str) -> ReceiptWithThing:
    """Return a receipt with what its command, of this path, was about.

    Of one that waits for approval that is the request.
    """
    seen_at = SEEN_AT["approvals"] if receipt.approval_id else seen_by(path)
    id_ = receipt.approval_id or receipt.id
    if seen_at is None or ("{id}" in seen_at and id_ is None):
        return ReceiptWithThing(**vars(receipt), not_represented=NO_ONE_THING)
    found = answer_of(prefix + seen_at.format(id=id_))
    shown: Any = msgspec.Raw(found.get_data())
    if found.status_code == 200:
        return ReceiptWithThing(**vars(receipt), representation=shown)
    return ReceiptWithThing(**vars(receipt), not_represented=msgspec.json.decode(shown)["detail"])


def seen_by(path: str) -> str | None:
    """Return where what a command is about can be seen, by the path of the command."""
    named = [each for each in path.split("/") if each in SEEN_AT]
    return SEEN_AT[named[-1]] if named else None


def answer_of(path: str) -> Response:
    """Return what a GET of a path answers to who calls now."""
    taken_over = {
        name: value
        for name, value in request.environ.items()
        if name.startswith(OF_THE_CALL) and name not in NOT_OF_A_QUESTION
    }
    environ = taken_over | {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "wsgi.input": BytesIO(),
    }
    with current_app.request_context(environ):
        return current_app.full_dispatch_request()
