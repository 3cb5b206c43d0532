"""What OpenAPI says of operations: headers, receipts, answers and problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from okr_es.dry_run import DryRun
from web.api.exact_json import JSON
from web.api.fields import Id
from web.api.ndjson import NDJSON
from web.api.openapi.components import AnswerType, component_name
from web.api.problems import PROBLEM_JSON, ProblemAnswer
from web.api.representation import APPLIED, PREFER, Done, Outcome

Document = dict[str, Any]

ID = dict(Id.openapi)
# In a header without a format: what generates clients makes UUIDs of that, which no header takes.
ID_IN_HEADER: Document = {
    "type": "string",
    "pattern": '^"?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"?$',
}
COUNT: Document = {"type": "integer", "minimum": 0}
READER = "Okr-Actor"

PARAMETERS: dict[str, Document] = {
    "Okr-Actor": {"description": "The person who acts, or reads.", "schema": ID_IN_HEADER},
    "Idempotency-Key": {
        "description": "Any text, the actor's own: sent twice, the command is done once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "CSRF-Token": {
        "description": "With the cookie of a session: the csrf_token of GET /sessions.",
        "schema": {"type": "string"},
    },
    PREFER: {
        "description": "`return=representation`: the answer has the thing as well (RFC 7240).",
        "schema": {"type": "string"},
    },
    "Correlation-Id": {"description": "What this belongs to.", "schema": ID_IN_HEADER},
    "Causation-Id": {"description": "What caused this.", "schema": ID_IN_HEADER},
    "If-Match": {
        "description": (
            "Tags of what the command is sent to, whose versions count, or *: else 412."
        ),
        "schema": {"type": "string"},
    },
    "If-None-Match": {"description": "An ETag you hold.", "schema": {"type": "string"}},
}
COMMAND_HEADERS = [
    "Okr-Actor", "Idempotency-Key", "CSRF-Token", PREFER, "Correlation-Id", "Causation-Id",
    "If-Match",
]  # fmt: skip

POSITION: Document = {"description": "The position of the log.", "schema": COUNT}
LOCATION: Document = {"description": "Where it can be seen.", "schema": {"type": "string"}}
COMMAND_ID: Document = {"description": "The command's id: ask by it.", "schema": ID}
PREFERENCE: Document = {"description": "What of Prefer was done.", "schema": {"type": "string"}}
KEY: Document = {"description": "To send it again under.", "schema": {"type": "string"}}
ETAG: Document = {"description": "Changes with the answer.", "schema": {"type": "string"}}

STATUSES = {
    401: "Nobody is known to call.",
    403: "Who calls is unknown, or may not do or see this.",
    404: "There is no such thing.",
    409: "A rule forbids it now, or someone was faster.",
    412: "It is at none of the versions that If-Match names.",
    413: "The body is too big.",
    415: "The body is not JSON.",
    422: "A field cannot be used.",
    503: "The read cannot be recorded, so there is no answer.",
}
COMMAND_STATUSES = [status for status in STATUSES if status < 500]


PROBLEM: Document = {PROBLEM_JSON: {"schema": component_name(ProblemAnswer)}}


def component(status: int) -> str:
    """Return the name of the component that documents an error."""
    return f"Problem{status}"


RESPONSES: dict[str, Document] = {
    component(status): {"description": description, "content": PROBLEM}
    for status, description in STATUSES.items()
}
DEFAULT: Document = {"description": "Any other problem.", "content": PROBLEM}


def problems(*statuses: int) -> dict[int, str]:
    """Return references to the documented errors."""
    return {status: component(status) for status in statuses}


def command_document(name: str, schema: Schema, *, creates: bool, waits: bool = False) -> Document:
    """Return what OpenAPI says of a command's route."""
    named = {"Command-Id": COMMAND_ID, "Idempotency-Key": KEY}
    headers = {"Position": POSITION, APPLIED: PREFERENCE, **named}
    headers |= {"Location": LOCATION} if creates else {}
    done = {
        "description": "Done, or done before.",
        "headers": headers,
        "content": {JSON: {"schema": component_name(Done)}},
    }
    waiting = done | {
        "description": "Not done: it waits for approval by someone else, as a request.",
        "headers": {"Position": POSITION, "Location": LOCATION, **named},
    }
    tried = {
        "description": "Nothing was done: what a dry run would record.",
        "headers": named,
        "content": {JSON: {"schema": component_name(DryRun)}},
    }
    done_or_tried = done | {
        "description": "Done, or done before; of a dry run what it would record.",
        "content": {JSON: {"schema": component_name(Outcome)}},
    }
    needs_body = any(field.required for field in schema.fields.values())
    return {
        "operationId": name[0].lower() + name[1:],
        "parameters": list(COMMAND_HEADERS),
        "requestBody": {"required": needs_body, "content": {JSON: {"schema": schema}}},
        "responses": ({200: tried, 201: done} if creates else {200: done_or_tried})
        | ({202: waiting} if waits else {})
        | problems(*COMMAND_STATUSES),
    }


def query_document(
    name: str, answer: AnswerType, parameters: list[Document], *, tagged: bool
) -> Document:
    """Return what OpenAPI says of a query's route."""
    found: Document = {
        "description": "The answer.",
        "headers": {"Position": POSITION},
        "content": {JSON: {"schema": component_name(answer)}},
    }
    document: Document = {
        "operationId": name,
        "parameters": parameters,
        "responses": {200: found} | problems(401, 403, 404, 422),
    }
    if tagged:
        found["headers"]["ETag"] = ETAG
        document["parameters"] = ["If-None-Match", *parameters]
        unchanged = {"description": "Not modified.", "headers": {"ETag": ETAG}}
        document["responses"][304] = unchanged
    return document


def stream_document(name: str, line: AnswerType, parameters: list[Document]) -> Document:
    """Return what OpenAPI says of a query's route that answers line by line."""
    found = {
        "description": "A line of JSON for each step, the first of them a heading.",
        "content": {NDJSON: {"schema": component_name(line)}},
    }
    return {
        "operationId": name,
        "parameters": parameters,
        "responses": {200: found} | problems(401, 403, 404, 422),
    }


def with_reader(document: Document, parameter: str | None = None) -> Document:
    """Return what OpenAPI says of a route whose reads are recorded: all, or with a parameter."""
    which = "Each read" if parameter is None else f"A read with `{parameter}`"
    return document | {
        "description": f"{which} is recorded, under the person named in Okr-Actor.",
        "parameters": [READER, *document["parameters"]],
        "responses": document["responses"] | problems(503),
    }


def describe(view: Callable[..., Any], summary: str | None, document: Document) -> None:
    """Give a view its documentation, where flask-smorest looks for it.

    Its own decorators would do that too, but wrap the view; that costs time in each request.
    """
    view.__doc__ = summary
    vars(view)["_apidoc"] = {"manual_doc": document}
