"""The context of a command: who calls, under which command id, and the headers beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from flask import g, request

from okr_es.application import Okr
from okr_es.commands import Command, RegisterPerson
from okr_es.context import FIRST_PERSONS, Context, Receipt
from okr_es.domain.values import exact_id
from okr_es.dry_run import DryRun, dry_run
from web.api.caller import actor_is_missing, caller, caller_is_missing, id_in_header
from web.api.command_ids import (
    KEY,
    LONGEST_KEY,
    idempotency_key,
    is_key_sent,
    key_in_header,
    name_command,
)
from web.api.entrance import entrance
from web.api.if_match import precondition_of
from web.api.parameters import accepted_language
from web.api.problems import invalid

ORIGIN = "origin"  # in the globals of a request: where its command comes from, if not the API


def context(by: UUID, command_id: UUID, common: dict[str, Any]) -> Context:
    """Return who acts, why, and from where."""
    return Context(
        by=by,
        origin=g.get(ORIGIN, "api"),
        command_id=command_id,
        correlation_id=id_in_header("Correlation-Id"),
        causation_id=id_in_header("Causation-Id"),
        language=accepted_language(),
        precondition=precondition_of(common.get("expected_version")),
        **common,
    )


def carry_out(okr: Okr, command: Command, common: dict[str, Any]) -> Receipt:
    """Execute a command for who calls.

    Raises a Problem where nobody does, a Refusal where the command is refused.
    """
    command, asked = addressed(okr, command, common)
    receipt = okr.execute(command, asked)
    note_client_info(okr, receipt, asked.by)
    return receipt


def try_out(okr: Okr, command: Command, common: dict[str, Any]) -> DryRun:
    """Say what a command would record, for who calls; refuse as it would."""
    return dry_run(okr, *addressed(okr, command, common))


def addressed(okr: Okr, command: Command, common: dict[str, Any]) -> tuple[Command, Context]:
    """Return a command with its context: by who calls. Raises a Problem where nobody does."""
    key, found, mode = required_key(), caller(), entrance().mode
    if found is not None:
        asked = context(found.id, name_command(command_id(okr, found.id, key)), common)
        enforced = mode.enforces and not (mode.believes and is_first(okr, command, found.id))
        return command, replace(asked, enforced=enforced, key_roles=found.key_roles)
    if mode.believes and isinstance(command, RegisterPerson):
        return first_registration(okr, command, key, common)
    raise caller_is_missing(mode)


def required_key() -> str:
    """Return the idempotency key of the command; refuse one that cannot be used."""
    if key_in_header() == "":
        raise invalid({KEY: [f"1 to {LONGEST_KEY} printable characters."]})
    return idempotency_key()


def command_id(okr: Okr, by: UUID, key: str) -> UUID:
    """Return the id of a person's command; only a key that was sent may have been used before."""
    return okr.command_id(by, key) if is_key_sent() else uuid5(by, key)


def note_client_info(okr: Okr, receipt: Receipt, by: UUID) -> None:
    """Store the client info of a recorded command: the client's address and the user agent.

    The address is that of the connection, or what a trusted proxy says; no other header counts.
    """
    if receipt.last_position is not None:
        client = request.headers.get("User-Agent", "")
        okr.client_info.note(receipt.command_id, by, request.remote_addr, client)


def is_first(okr: Okr, command: Command, by: UUID) -> bool:
    """Return whether the first person of an empty log registers themself, with an id of theirs."""
    is_own = isinstance(command, RegisterPerson) and command.id == by
    return is_own and not okr.has_begun()


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
