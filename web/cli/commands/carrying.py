"""Calls of commands: a body as the API takes it, carried out here or by a server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID, uuid5

import click

from web.api.command_schemas import COMMON, flat, schema_of
from web.api.commands import ROUTES, Route
from web.cli.commands.fields import CONVERTER, leaves_of
from web.cli.commands.naming import option_of
from web.cli.receipts import executed, required_actor
from web.cli.session import Session

if TYPE_CHECKING:
    from okr_es.application import Okr
    from okr_es.commands import Command
    from okr_es.dry_run import Outcome

BY_NAME = {route.command.__name__: route for route in ROUTES}


@dataclass(frozen=True)
class Call:
    """A command as the API takes it: its address, what the address names, and the body."""

    route: Route
    path: dict[str, Any]
    body: dict[str, Any]

    @property
    def address(self) -> str:
        """The path, with what it names."""
        return CONVERTER.sub(lambda part: quote(str(self.path[part[2]])), self.route.path)


def call_of(name: str, body: dict[str, Any], **path: Any) -> Call:
    """Return the call of a command by its name in the API."""
    return Call(BY_NAME[name], path, body)


def carry_out(
    session: Session,
    call: Call,
    by: UUID | None,
    *,
    dry_run: bool | None = None,
    one_of: object = None,
) -> Outcome:
    """Have a call carried out for someone, or tried out; as the session says, if not named.

    `one_of`: which of several calls it is; each has a key of its own.
    """
    tries = session.dry_run if dry_run is None else dry_run
    if session.server is not None:
        return sent(session, call, by, tries=tries, one_of=one_of)
    command, common = loaded(call)
    begins = call.route.command.__name__ == "RegisterPerson"
    with session.okr(begins=begins and not tries) as okr:
        if begins:
            command, by = first_of(session, okr, command, by)
        return carried_out(session, okr, command, by, common, tries=tries, one_of=one_of)


def carried_out(
    session: Session,
    okr: Okr,
    command: Command,
    by: UUID | None,
    common: dict[str, Any],
    *,
    tries: bool,
    one_of: object = None,
) -> Outcome:
    """Execute a command on a database that is open, or try it out."""
    from okr_es.context import Context

    context = Context(required_actor(by), **common)
    return executed(session, okr, command, context, one_of, tries=tries)


def sent(
    session: Session, call: Call, by: UUID | None, *, tries: bool, one_of: object = None
) -> Outcome:
    """Have a server carry a call out, or try it out; id and key are printed first, as here."""
    server, key = session.remote(by), session.key_of(one_of)
    acts = required_actor(server.acts)
    if not tries:
        click.echo(f"command {uuid5(acts, key)}, key {key}", err=True)
    return server.send(call.address, call.body, key, dry_run=tries)


def loaded(call: Call) -> tuple[Command, dict[str, Any]]:
    """Return the command of a call, and what goes with it; refuse what its schema refuses."""
    from marshmallow import ValidationError

    command = call.route.command
    try:
        given = schema_of(command, call.route.in_path).load(call.body)
    except ValidationError as error:
        raise click.UsageError(refusal_of(call.route, flat(error.messages))) from error
    names = set(COMMON) - {each.name for each in fields(command)}
    common = {name: given.pop(name) for name in names if name in given}
    return command(**call.path, **given), common


def refusal_of(route: Route, errors: Iterable[tuple[str, list[str]]]) -> str:
    """Return what is wrong, by the options to blame."""
    options = options_by_field(route)
    lines = []
    for name, messages in errors:
        field, _, rest = name.partition(".")
        option = options.get(name) or options.get(field) or f"--{option_of(field)}"
        row = f" ({rest})" if rest and name not in options else ""
        lines.append(f"{option}{row}: {' '.join(messages)}")
    return "\n".join(lines)


def options_by_field(route: Route) -> dict[str, str]:
    """Return the options of a command as they are written, by the fields they give."""
    leaves = leaves_of(route.command, route.in_path)
    return {".".join(leaf.path): f"--{leaf.option}" for leaf in leaves}


def first_of(
    session: Session, okr: Okr, command: Any, by: UUID | None
) -> tuple[Command, UUID | None]:
    """Return a registration and who does it: the first person of a log registers themself."""
    from okr_es.context import FIRST_PERSONS

    if okr.has_begun():
        return command, by
    acts = by or command.id or uuid5(FIRST_PERSONS, session.command_key())
    return replace(command, id=acts), acts
