"""Who acts, and under which command id: the headers of a command."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4, uuid5

from flask import current_app, request

from okr_es.application import Okr
from okr_es.commands import Command, RegisterPerson
from okr_es.context import Context, Receipt
from okr_es.domain.values import exact_id
from okr_es.dry_run import DryRun, dry_run
from web.api.parameters import accepted_language
from web.api.problems import Problem, invalid

ACTOR = "Okr-Actor"
KEY = "Idempotency-Key"
FIRST_PERSONS = UUID("5b0f6a53-0e6c-5d5e-9c1c-9a1c6a1f7c05")


def id_in_header(name: str) -> UUID | None:
    """Return the UUID in a header, bare or in quotes; None where the header is absent."""
    written = request.headers.get(name)
    if written is None:
        return None
    found = exact_id(written.strip('"'))
    if found is None:
        raise invalid({name: ["Not a UUID."]})
    return found


def context(by: UUID, command_id: UUID, common: dict[str, Any]) -> Context:
    """Return who acts, why, and from where."""
    return Context(
        by=by,
        origin="api",
        command_id=command_id,
        correlation_id=id_in_header("Correlation-Id"),
        causation_id=id_in_header("Causation-Id"),
        language=accepted_language(),
        **common,
    )


def carry_out(
    okr: Okr, command: Command, common: dict[str, Any], default_actor: UUID | None
) -> Receipt:
    """Execute a command for the person named in the headers.

    Raises a Problem where the header is missing, a Refusal where the command is refused.
    """
    command, asked = addressed(okr, command, common, default_actor)
    receipt = okr.execute(command, asked)
    note_client_info(okr, receipt, asked.by)
    return receipt


def try_out(
    okr: Okr, command: Command, common: dict[str, Any], default_actor: UUID | None
) -> DryRun:
    """Say what a command would record, for the person named in the headers; refuse as it would."""
    return dry_run(okr, *addressed(okr, command, common, default_actor))


def addressed(
    okr: Okr, command: Command, common: dict[str, Any], default_actor: UUID | None
) -> tuple[Command, Context]:
    """Return a command with its context: by the person named in the headers.

    Raises a Problem where the header is missing.
    """
    refuse_foreign_pages()
    command_id = id_in_header(KEY) or uuid4()
    by = id_in_header(ACTOR) or default_actor
    if by is not None:
        return command, context(by, command_id, common)
    if isinstance(command, RegisterPerson):
        return first_registration(okr, command, command_id, common)
    raise actor_is_missing()


def note_client_info(okr: Okr, receipt: Receipt, by: UUID) -> None:
    """Store the client info of a recorded command: the socket's address and the user agent.

    The address is never taken from a header. The command is recorded already, so an error here is
    logged and not raised.
    """
    if receipt.last_position is None:
        return
    client = request.headers.get("User-Agent", "")
    try:
        okr.client_info.note(receipt.command_id, by, request.remote_addr, client)
    except Exception:
        current_app.logger.exception("From where a command came could not be noted")


def reader(okr: Okr, default_actor: UUID | None) -> UUID | None:
    """Return who reads; None where nobody is named. Refuses someone unknown, as for commands."""
    by = id_in_header(ACTOR) or default_actor
    if by is not None:
        okr.require_person(by)
    return by


def first_registration(
    okr: Okr, command: RegisterPerson, command_id: UUID, common: dict[str, Any]
) -> tuple[Command, Context]:
    """Let the first person of an empty log register themself; also when it is sent twice."""
    by = command.id or uuid5(FIRST_PERSONS, command_id.hex)
    command = replace(command, id=by)
    asked = context(by, command_id, common)
    if okr.has_begun() and okr.earlier_receipt(command, asked) is None:
        raise actor_is_missing()
    return command, asked


def actor_is_missing() -> Problem:
    """Return the problem of a command without an acting person."""
    return Problem(
        "actor-is-missing",
        401,
        "The acting person is missing.",
        f"Name the acting person by their id in the header {ACTOR}.",
        field=ACTOR,
        headers={"WWW-Authenticate": ACTOR},
    )


def refuse_foreign_pages() -> None:
    """Refuse a command sent by a page of another site (cross-site request forgery)."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise Problem(
            "origin-is-foreign",
            403,
            "Pages of other sites may not send commands.",
            f"{origin} is not {request.host_url.rstrip('/')}.",
            field="Origin",
        )
