"""Roles on the command line: the first administrator, grants, and who could do something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from web.cli.commands.asking import Asking
from web.cli.commands.groups import group
from web.cli.errors import OneLineErrors
from web.cli.output import as_json, print_result
from web.cli.receipts import executed, print_receipt, required_actor
from web.cli.session import Session, acting
from web.cli.text.goals import Names, name_of
from web.cli.text.values import id_column
from web.cli.things import PERSON

if TYPE_CHECKING:
    from projections.grants_answers import GrantAnswer, GrantsAnswer, RightAnswer, WhoCouldAnswer

person_argument = click.argument("person", type=PERSON)
why = click.option("--reason", required=True, help="Why. It is encrypted.")


@click.group(cls=OneLineErrors)
def admin() -> None:
    """What can be done on the machine alone: make the first administrator."""


grants = group(
    "grants", "Roles of people: list, give, change the last day, end; and who could do what."
)


@admin.command(name="grant")
@person_argument
@why
@acting
@as_json
@click.pass_obj
def first(session: Session, person: UUID, reason: str, by: UUID | None, as_json: bool) -> None:
    """Make a person administrator, from today on and without a last day.

    The first one is made by nobody else: it is recorded as their own act, on the machine. Later
    ones are made by somebody else, --by PERSON.
    """
    from web.cli.commands.carrying import call_of, carry_out

    body = {"person_id": str(person), "role": "administrator", "reason": reason}
    found = carry_out(session, call_of("GrantRole", body), by or person)
    print_receipt(found, as_json, lambda receipt: [f"grant {receipt.id}"])


@grants.command("end-orphaned")
@click.option(
    "--providers",
    "file",
    envvar="OKR_ES_OIDC",
    type=click.Path(exists=True, path_type=Path),
    help="The file of the providers of identity, as OKR_ES_OIDC names it.",
)
@click.option("--none", is_flag=True, help="There is no provider any more.")
@why
@acting
@as_json
@click.pass_obj
def end_orphaned(
    session: Session, file: Path | None, none: bool, reason: str, by: UUID | None, as_json: bool
) -> None:
    """End the roles that groups of a provider gave, and that no group gives any more.

    A provider was renamed or removed, or a rule of it. Exits with 1 if one could not be ended.
    """
    from okr_es.commands import EndGrant
    from okr_es.context import Context
    from okr_es.domain.refusals import Refusal
    from web.oidc.orphans import orphaned
    from web.oidc.providers import read_providers

    if none == (file is not None):
        raise click.UsageError("Name the file of the providers, or --none where there is none.")
    acts, ended, refused = required_actor(by), [], []
    with session.okr() as okr:
        providers = {} if file is None else read_providers(file)
        for grant in orphaned(okr.database, okr.today(), providers.values()):
            try:
                executed(session, okr, EndGrant(grant.id), Context(acts, reason), grant.id)
                ended.append(f"{grant.id}  {grant.role} of {grant.person_id}")
            except Refusal as refusal:
                refused.append(f"NOT ended: {grant.id}  {grant.role}: {refusal}")
    word = "would end" if session.dry_run else "ended"
    lines = [f"{word}: {each}" for each in ended] + refused
    print_result({"ended": ended, "refused": refused}, lines or ["nothing to end"], as_json)
    if refused:
        raise click.exceptions.Exit(1)


def grants_lines(found: GrantsAnswer, names: Names) -> Iterator[str]:
    """Yield a line for each grant."""
    short = id_column(found["grants"])
    for each in found["grants"]:
        yield f"{short(each)}  {grant_line(each, names)}"


def grant_line(each: GrantAnswer, names: Names) -> str:
    """Return who has which role, for what, and on which days."""
    to = "" if each["ends"] is None else f" to {each['ends']}"
    purpose = "" if each["purpose"] is None else f", for {each['purpose']}"
    holds = "" if each["holds"] else "  (does not hold)"
    of = scope_of(each, names)
    person = name_of(dict(each["person"]), names)
    return f"{person}: {each['role']} {of} from {each['starts']}{to}{purpose}{holds}"


def who_could_lines(found: WhoCouldAnswer, names: Names) -> Iterable[str]:
    """Yield a line for each person who could, with the roles by which they could."""
    for each in found["people"]:
        by = "; ".join(right_text(right, names) for right in each["rights"])
        yield f"{name_of(dict(each['person']), names)}: {by}"


def right_text(right: RightAnswer, names: Names) -> str:
    """Return a role by which somebody could, and how far it goes."""
    of = "" if right["grant"] is None else f" {scope_of(right, names)}"
    alone = "" if right["alone"] else ", only with somebody else"
    return f"{right['role']}{of} ({right['extent']}{alone})"


def scope_of(each: GrantAnswer | RightAnswer, names: Names) -> str:
    """Return for what a role is."""
    team = each["team"]
    return "of the organisation" if team is None else f"of {name_of(dict(team), names)}"


grants.add_command(
    Asking(
        "list", "grants", grants_lines,
        "List the roles of people; with --at those that hold on that day.",
    )
)  # fmt: skip
grants.add_command(
    Asking(
        "who-could", "who_could", who_could_lines,
        "Show who could do what a line of the table of rights says, on a day.",
    )
)  # fmt: skip


def add_to(above: click.Group) -> None:
    """Add both groups to another."""
    above.add_command(admin)
    above.add_command(grants)
