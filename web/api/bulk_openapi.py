"""What OpenAPI says of many commands in one body."""

from __future__ import annotations

from web.api.bulk_answers import LineVerdict
from web.api.ndjson import NDJSON
from web.api.openapi.components import component_name
from web.api.openapi.operations import KEY, Document, problems
from web.api.parameters import ATOMIC, DRY_RUN

LINE: Document = {
    "type": "object",
    "description": "The body of a command, with its address. Each stands in a line of its own.",
    "properties": {
        "command": {
            "type": "string",
            "pattern": "^/",
            "description": "Its address below /api/v1, with ids, such as /kpis/ID/readings.",
        },
        "idempotency_key": {
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "description": "As the header; left out: that of the request, a slash, and the line.",
        },
    },
    "required": ["command"],
    "additionalProperties": True,
}
DOCUMENT: Document = {
    "operationId": "manyCommands",
    "description": (
        "Carried out in their order, each decided on what those before it decided, and recorded in "
        "chunks of at most 500. A line that is refused records nothing, and the others go on."
    ),
    "parameters": [
        "Okr-Actor", "Idempotency-Key", "CSRF-Token", "Correlation-Id", "Causation-Id",
        ATOMIC.document, DRY_RUN.document,
    ],
    "requestBody": {"required": True, "content": {NDJSON: {"schema": LINE}}},
    "responses": {
        200: {
            "description": "A verdict for each line, in their order.",
            "headers": {"Idempotency-Key": KEY},
            "content": {NDJSON: {"schema": component_name(LineVerdict)}},
        }
    }
    | problems(401, 403, 409, 413, 415, 422, 503),
}  # fmt: skip
