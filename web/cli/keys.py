"""Api keys of programs on the command line: make, list, revoke."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from web.cli.options import DAY, at, day_of, known_at, made
from web.cli.output import as_json
from web.cli.receipts import carried_out
from web.cli.session import OneLineErrors, Session, acting
from web.cli.text.goals import Names, name_of

if TYPE_CHECKING:
    from okr_es.context import Receipt
    from projections.api_keys_answers import ApiKeyAnswer, ApiKeysAnswer

ROLES = ["ingest_key", "member", "lead", "hr", "auditor", "administrator"]
why = click.option(
    "--reason", required=True, help="Why. It is encrypted under the key of the acting person."
)


@click.group(cls=OneLineErrors)
def keys() -> None:
    """Api keys of programs: make one, list them, revoke one."""


@keys.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="ingest_key", show_default=True)
@click.option("--kpi", "kpi_ids", type=click.UUID, multiple=True, help="For its readings; several.")
@click.option("--team", "team_id", type=click.UUID, help="For a team and all teams below it.")
@click.option(
    "--to", "ends", type=DAY, help="The last day, YYYY-MM-DD, within a year: 90 days if left out."
)
@why
@acting
@as_json
@click.pass_obj
def create(
    session: Session,
    name: str,
    role: str,
    kpi_ids: tuple[UUID, ...],
    team_id: UUID | None,
    ends: datetime | None,
    reason: str,
    by: UUID | None,
    as_json: bool,
) -> None:
    """Make an api key for a program, and print its secret: this once, and never again.

    NAME says which program it is for. On the machine every role can be given.
    """
    from okr_es.commands import CreateApiKey
    from okr_es.domain.api_key import KeyRole

    command = CreateApiKey(name, KeyRole(role), team_id, kpi_ids, day_of(ends))
    carried_out(session, lambda _: command, by, as_json, made_lines, reason=reason, origin="cli")


@keys.command()
@click.argument("key_id", metavar="KEY", type=click.UUID)
@why
@acting
@as_json
@click.pass_obj
def revoke(session: Session, key_id: UUID, reason: str, by: UUID | None, as_json: bool) -> None:
    """Revoke an api key for ever: it works no more."""
    from okr_es.commands import RevokeApiKey

    carried_out(session, lambda _: RevokeApiKey(key_id), by, as_json, reason=reason, origin="cli")


def made_lines(found: Receipt) -> list[str]:
    """Return the id of a new key and its secret, or that this was shown before."""
    if found.secret is None:
        shown = "its secret was shown when it was made; revoke it if that is lost"
    else:
        shown = f"secret {found.secret}"
    return [f"key {found.id}", shown]


def keys_lines(found: ApiKeysAnswer, names: Names) -> Iterator[str]:
    """Yield a line for each api key."""
    for each in found["keys"]:
        yield f"{each['id']}  {key_line(each, names)}"


def key_line(each: ApiKeyAnswer, names: Names) -> str:
    """Return what an api key is for, what it may, until when, and who made it."""
    team = "" if each["team"] is None else f" of {name_of(dict(each['team']), names)}"
    count = len(each["kpis"])
    kpis = "" if not count else " of 1 KPI" if count == 1 else f" of {count} KPIs"
    by = name_of(dict(each["created_by"]), names)
    state = "" if each["works"] else "  (revoked)" if each["revoked"] else "  (over)"
    used = f"used last at {each['last_used']}" if each["last_used"] else "not used"
    used += ", idle for over 90 days: is it needed?" if each["idle"] else ""
    of = f"{each['name']}: {each['role']}{team}{kpis}"
    return f"{of} to {each['ends']}, made by {by}, {used}{state}"


keys.add_command(
    made(
        "list", "List the api keys of programs.", lambda queries, **asked: queries.keys(**asked),
        keys_lines, known_at, at,
    )
)  # fmt: skip


def add_to(group: click.Group) -> None:
    """Add the group to another."""
    group.add_command(keys)
