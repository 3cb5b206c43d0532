"""Every error on one page: which refusal becomes which HTTP status, as application/problem+json."""

from __future__ import annotations

import re
import sqlite3
from itertools import islice
from typing import Annotated, Any, NotRequired, TypedDict
from uuid import UUID

import msgspec
import psycopg
from eventsourcing.persistence import PersistenceError
from flask import Flask, Response, current_app, request
from msgspec import Meta
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from okr_es.database.append_only import GapFound
from okr_es.database.outages import is_outage
from okr_es.domain import refusals as r
from okr_es.evidence.rehash import Tampered
from okr_es.evidence.signer import SigningKeyIsLost
from okr_es.log.in_doubt import OutcomeUnknown
from okr_es.people.shredding import NotShredded
from projections.read_model.generations import NotReady
from web.access_log import ReadNotRecorded
from web.api import outages
from web.api.command_ids import idempotency_key, named_command

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = "2"
LONGEST_ANSWER = 48 * 1024  # bytes of a problem; what is longer is cut short
LONGEST_TEXT, MOST_ENTRIES = 200, 50

# The first class found going up from the refusal's own decides.
STATUS: dict[type[r.Refusal], int] = {
    r.NotFound: 404,  # 422 where the body named it: see status_of
    r.Invalid: 422,
    r.Conflict: 409,
    r.PreconditionFailed: 412,
    r.RuleBroken: 409,
    r.ReasonIsMissing: 422,
    r.PersonIsUnknown: 422,  # 403 where the acting person is at fault, in any refusal
    r.NotAllowed: 403,
    r.ClockIsAhead: 503,
    r.TargetEqualsBaseline: 422,
    r.WeightIsNegative: 422,
    r.KindDoesNotFit: 422,
    r.ApiKeyMayNot: 403,
    r.ApiKeyNeedsApproval: 403,
}
HEADER_OF = {"by": "Okr-Actor", "command_id": "Idempotency-Key", "precondition": "If-Match"}

encode = msgspec.json.Encoder(enc_hook=str).encode


class ProblemAnswer(TypedDict):
    """RFC 9457; `type` ends in a stable slug. Some problems have further facts."""

    type: Annotated[str, Meta(pattern="^/problems/[a-z0-9-]+$", description="What it is.")]
    title: Annotated[str, Meta(description="What it is, in a sentence.")]
    status: Annotated[int, Meta(ge=400, le=599, description="The HTTP status.")]
    detail: Annotated[str, Meta(description="What is wrong this time.")]
    field: NotRequired[Annotated[str, Meta(description="The first field to blame.")]]
    errors: NotRequired[
        Annotated[dict[str, list[str]], Meta(description="By field, in sentences.")]
    ]


class Problem(Exception):
    """An error of the request itself: a stable slug, an HTTP status, title and detail."""

    def __init__(
        self,
        slug: str,
        status: int,
        title: str,
        detail: str,
        *,
        field: str | None = None,
        errors: dict[str, list[str]] | None = None,
        headers: dict[str, str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(detail)
        self.slug, self.status, self.title, self.detail = slug, status, title, detail
        self.field, self.errors = field, errors
        self.headers = headers or {}
        self.facts = facts


def invalid(errors: dict[str, list[str]], left_out: int = 0) -> Problem:
    """Return the problem of fields that cannot be used; it has the slug of `Invalid`.

    `left_out` is how many further fields, or rows, are bad and not named.
    """
    field, messages = next(iter(errors.items()))
    detail = f"{field}: {messages[0]}"
    return Problem(
        r.Invalid.slug,
        422,
        title_of(r.Invalid),
        detail,
        field=field,
        errors=errors,
        errors_left_out=left_out or None,
    )


def too_large(most_bytes: int) -> Problem:
    """Return the problem of a body that has more bytes than its address accepts."""
    return Problem(
        "request-entity-too-large",
        413,
        "The body is larger than this address accepts.",
        f"It may have {most_bytes} bytes: send less, or in several requests.",
        most_bytes=most_bytes,
    )


def status_of(refusal: r.Refusal, *, in_body: bool) -> int:
    """Return the status of a refusal; `in_body` says that its field was named in the body."""
    if refusal.field == "by":
        return 403
    status = next(STATUS[cls] for cls in type(refusal).__mro__ if cls in STATUS)
    return 422 if status == 404 and in_body else status


def title_of(cls: type[Exception]) -> str:
    """Return the sentence a refusal's docstring begins with."""
    return (cls.__doc__ or cls.__name__).partition("\n")[0]


def slug_of(name: str) -> str:
    """Return the name of an HTTP error in kebab case."""
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")


def answer(problem: Problem) -> Response:
    """Return a problem as application/problem+json; fields that are None are left out."""
    body = body_of(problem, named_command())
    encoded = encode(body)
    if len(encoded) > LONGEST_ANSWER:
        encoded = encode(shortened(body))
    return Response(encoded, problem.status, problem.headers, content_type=PROBLEM_JSON)


def body_of(problem: Problem, command_id: UUID | None) -> dict[str, Any]:
    """Return a problem as it is answered, of the command with an id; fields that are None go."""
    body = (
        {"command_id": command_id}
        | problem.facts
        | {
            "type": f"/problems/{problem.slug}",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
            "field": problem.field,
            "errors": problem.errors,
        }
    )
    return {key: value for key, value in body.items() if value is not None}


def shortened(body: dict[str, Any]) -> dict[str, Any]:
    """Return a problem whose texts are cut short, and whose lists have few entries."""
    return {key: shorter(value) for key, value in body.items()}


def shorter(value: Any) -> Any:
    """Return a value without most of it: a text, a list or the entries of an object."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]} …"
    if isinstance(value, list | tuple):
        return [shorter(each) for each in value[:MOST_ENTRIES]]
    if isinstance(value, dict):
        some = islice(value.items(), MOST_ENTRIES)
        return {shorter(key): shorter(each) for key, each in some}
    return value


def refused(refusal: r.Refusal) -> Response:
    """Answer a refusal of the domain."""
    return answer(problem_of(refusal))


def problem_of(refusal: r.Refusal) -> Problem:
    """Return a refusal of the domain as a problem of the request that brought it."""
    in_body = request.method == "POST" and refusal.field not in (request.view_args or {})
    field = refusal.field and HEADER_OF.get(refusal.field, refusal.field)
    if refusal.field == "by" and "Authorization" in request.headers:
        field = "Authorization"
    return problem_by(refusal, field, in_body=in_body)


def problem_by(refusal: r.Refusal, field: str | None, *, in_body: bool) -> Problem:
    """Return a refusal of the domain as a problem; the field is named as who sent it knows it."""
    problem = Problem(
        refusal.slug,
        status_of(refusal, in_body=in_body),
        title_of(type(refusal)),
        refusal.message,
        field=field,
        errors={field: [refusal.message]} if field else None,
    )
    problem.facts = refusal.facts
    return problem


def http_error(error: HTTPException) -> Response:
    """Answer an error of routing or of the request's shape."""
    if isinstance(error, RequestEntityTooLarge) and request.max_content_length is not None:
        return answer(too_large(request.max_content_length))
    kept = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return answer(
        Problem(
            slug_of(error.name),
            error.code or 500,
            error.name,
            error.description or error.name,
            headers=dict(kept),
        )
    )


def not_ready(error: NotReady) -> Response:
    """Answer that there is no read model yet that could answer."""
    return answer(being_made_ready(str(error)))


def being_made_ready(why: str, **facts: Any) -> Problem:
    """Return the problem that the read model is not ready."""
    return Problem(
        "not-ready",
        503,
        "The read model cannot answer yet.",
        why,
        headers={"Retry-After": RETRY_AFTER_SECONDS},
        **facts,
    )


def database_error(error: Exception) -> Response:
    """Answer that the database cannot be reached; a broken statement is an error of ours."""
    if not is_outage(error):
        return unexpected(error)
    outages.note_outage(error)
    return answer(unavailable())


def unavailable() -> Problem:
    """Return the problem of a database that cannot be reached."""
    return Problem(
        "database-is-unavailable",
        503,
        "The database is unavailable.",
        "This time nothing was recorded: send it again, a command under the same key.",
        headers={"Retry-After": RETRY_AFTER_SECONDS},
    )


def not_recorded(error: ReadNotRecorded) -> Response:
    """Answer that a read cannot be recorded, without any part of the answer."""
    outages.note_outage(error.__cause__ or error)
    return answer(
        Problem(
            "read-is-not-recorded",
            503,
            "This read cannot be recorded, so there is no answer.",
            "The access log is unavailable; ask again later.",
            headers={"Retry-After": RETRY_AFTER_SECONDS},
        )
    )


def unknown(error: OutcomeUnknown) -> Response:
    """Answer that nobody knows yet whether a command was recorded, and how to ask."""
    current_app.logger.error("%s", error)
    if isinstance(cause := error.__context__, Exception):  # the database's, which broke off
        outages.note_outage(cause)
    request.environ["okr_es.outcome"] = "unknown"
    said = "The database broke off."
    return answer(unknown_outcome(said, error.command_id, idempotency_key()))


def unknown_outcome(why: str, command_id: UUID | None, key: str | None) -> Problem:
    """Return the problem of a command of which nobody knows whether it was recorded."""
    return Problem(
        "outcome-is-unknown",
        503,
        "Whether the command was recorded is not known yet.",
        f"{why} Ask for its receipt, or send it again with the same key: it is executed once.",
        headers={"Retry-After": RETRY_AFTER_SECONDS},
        command_id=command_id,
        idempotency_key=key,
        ask_at=None if command_id is None else f"/api/v1/commands/{command_id}",
    )


def unfinished(error: NotShredded) -> Response:
    """Answer that an erasure is recorded, but some of its bytes are still in use."""
    current_app.logger.error("An erasure is not finished: %s", error)
    return answer(erasure_unfinished())


def erasure_unfinished() -> Problem:
    """Return the problem of an erasure of which some bytes are still in use."""
    return Problem(
        "erasure-is-unfinished",
        503,
        "The bytes of the erased person are still in use.",
        "The erasure is recorded and in force; send it again, under any key, to finish it.",
        headers={"Retry-After": RETRY_AFTER_SECONDS},
    )


def log_was_changed(error: Exception) -> Response:
    """Answer that the log is not as it was recorded, so no answer can be relied on."""
    current_app.logger.critical("The log is not as it was recorded: %s", error)
    return answer(
        Problem(
            "log-was-changed",
            500,
            "The log is not as it was recorded.",
            "Its operator can see what was changed with `okr-es audit verify`.",
        )
    )


def unexpected(error: Exception) -> Response:
    """Answer an unexpected error: log it, and show no details."""
    current_app.logger.error("Unexpected error", exc_info=error)
    return answer(unexpected_problem())


def unexpected_problem() -> Problem:
    """Return the problem of an error of ours."""
    return Problem(
        "unexpected", 500, "Something went wrong here.", "It was logged; not your fault."
    )


def register(app: Flask) -> None:
    """Let every error of an app be answered here."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(r.Refusal, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(NotShredded, unfinished)
    app.register_error_handler(OutcomeUnknown, unknown)
    app.register_error_handler(NotReady, not_ready)
    app.register_error_handler(ReadNotRecorded, not_recorded)
    outages.register(app)
    for cls in (PersistenceError, DBAPIError, PoolTimeout, sqlite3.Error, psycopg.Error, OSError):
        app.register_error_handler(cls, database_error)
    for changed in (Tampered, GapFound, SigningKeyIsLost):
        app.register_error_handler(changed, log_was_changed)
    app.register_error_handler(Exception, unexpected)
