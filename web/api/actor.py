"""Who acts, and under which command id: the headers of a command."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from flask import request

from okr_es.application import Okr
from okr_es.commands import Command, RegisterPerson
from okr_es.context import FIRST_PERSONS, Context, Receipt
from okr_es.domain.values import exact_id
from okr_es.dry_run import DryRun, dry_run
from web.api.command_ids import (
    ACTOR,
    KEY,
    LONGEST_KEY,
    idempotency_key,
    key_in_header,
    name_command,
)
from web.api.parameters import accepted_language
from web.api.problems import Problem, invalid
from web.api.signed_in import person_signed_in


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
    """Execute a command for who is signed in, or else named in the headers.

    Raises a Problem where the header is missing, a Refusal where the command is refused.
    """
    command, asked = addressed(okr, command, common, default_actor)
    receipt = okr.execute(command, asked)
    note_client_info(okr, receipt, asked.by)
    return receipt


def try_out(
    okr: Okr, command: Command, common: dict[str, Any], default_actor: UUID | None
) -> DryRun:
    """Say what a command would record, for who `addressed` finds; refuse as it would."""
    return dry_run(okr, *addressed(okr, command, common, default_actor))


def addressed(
    okr: Okr, command: Command, common: dict[str, Any], default_actor: UUID | None
) -> tuple[Command, Context]:
    """Return a command with its context: by who is signed in, or else named in the headers.

    Raises a Problem where the header is missing.
    """
    key = required_key()
    by = acting_person(default_actor)
    if by is not None:
        return command, context(by, name_command(command_id(okr, by, key)), common)
    if isinstance(command, RegisterPerson):
        return first_registration(okr, command, key, common)
    raise actor_is_missing()


def required_key() -> str:
    """Return the idempotency key of the command; refuse one that cannot be used."""
    if key_in_header() == "":
        raise invalid({KEY: [f"1 to {LONGEST_KEY} printable characters."]})
    return idempotency_key()


def command_id(okr: Okr, by: UUID, key: str) -> UUID:
    """Return the id of a person's command; only a key that was sent may have been used before."""
    return okr.command_id(by, key) if KEY in request.headers else uuid5(by, key)


def note_client_info(okr: Okr, receipt: Receipt, by: UUID) -> None:
    """Store the client info of a recorded command: the socket's address and the user agent.

    The address is never taken from a header.
    """
    if receipt.last_position is not None:
        client = request.headers.get("User-Agent", "")
        okr.client_info.note(receipt.command_id, by, request.remote_addr, client)


def reader(okr: Okr, default_actor: UUID | None) -> UUID | None:
    """Return who reads; None where nobody is named. Refuses someone unknown, as for commands."""
    by = acting_person(default_actor)
    if by is not None and by != person_signed_in():  # who is signed in was looked for already
        okr.require_person(by)
    return by


def acting_person(default_actor: UUID | None) -> UUID | None:
    """Return who is signed in, or else who is named; None where it is nobody.

    Who is signed in acts as nobody else: raises a Problem where the header names another.
    """
    person, named = person_signed_in(), id_in_header(ACTOR)
    if person is not None and named not in {None, person}:
        raise Problem(
            "actor-is-another",
            403,
            "Who is signed in acts as nobody else.",
            f"{ACTOR} names another person than the one who is signed in: leave it out.",
            field=ACTOR,
        )
    return person or named or default_actor


def first_registration(
    okr: Okr, command: RegisterPerson, key: str, common: dict[str, Any]
) -> tuple[Command, Context]:
    """Let the first person of an empty log register themself; also when it is sent twice."""
    for of_key in (key, *before_keys_had_actors(key)):
        by = command.id or uuid5(FIRST_PERSONS, of_key)
        own = replace(command, id=by)
        asked = context(by, name_command(command_id(okr, by, key)), common)
        if not okr.has_begun() or okr.earlier_receipt(own, asked) is not None:
            return own, asked
    raise actor_is_missing()


def before_keys_had_actors(key: str) -> list[str]:
    """Return what the id of a first person was made of while keys were UUIDs."""
    id_ = exact_id(key)
    return [] if id_ is None else [id_.hex]


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
