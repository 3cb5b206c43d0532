"""People on the command line: registration, list, legal holds, erasure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import click

from web.cli.output import as_json, print_result
from web.cli.receipts import carried_out, executed, print_receipt, required_actor
from web.cli.session import OneLineErrors, Session, acting, reading, recording_reads

if TYPE_CHECKING:
    from okr_es.commands import Command
    from projections.organisation_answers import PeopleAnswer

person_argument = click.argument("person", type=click.UUID)
why = click.option(
    "--reason", required=True, help="Why. It is encrypted under the key of the acting person."
)
MATTER = click.option(
    "--matter", required=True, help="A reference, such as T 1234-25. It stays for ever: no names."
)


@click.group(cls=OneLineErrors)
def people() -> None:
    """People: register, list, hold, erase."""


def add_to(group: click.Group) -> None:
    """Add the group to another."""
    group.add_command(people)


@people.command(name="list")
@reading
@as_json
@click.pass_obj
def list_(session: Session, by: UUID | None, as_json: bool) -> None:
    """List all people, with the matters that hold them."""
    with session.queries(by) as queries, recording_reads(queries, by, "people") as record:
        found = record(queries.people())
    print_result(found, list(people_lines(found)), as_json)


def people_lines(found: PeopleAnswer) -> Iterator[str]:
    """Yield a line for each person."""
    for row in found["people"]:
        address = f" <{row['email']}>" if row["email"] else ""
        held = f", held for {', '.join(row['holds'])}" if row["holds"] else ""
        erased = f", erased: {row['legal_ground']}" if row["erased"] else ""
        yield f"{row['id']}  {row['name']}{address}{held}{erased}"


@people.command()
@click.argument("name")
@click.option("--email", help="The e-mail address.")
@acting
@as_json
@click.pass_obj
def register(
    session: Session, name: str, email: str | None, by: UUID | None, as_json: bool
) -> None:
    """Register a person. The first one of a log registers themself."""
    from uuid import uuid4

    from okr_es.commands import RegisterPerson
    from okr_es.context import Context

    with session.okr(begins=not session.dry_run) as okr:
        is_first = not okr.has_begun()
        acts = uuid4() if by is None and is_first else required_actor(by, "registers them")
        command = RegisterPerson(name, email, acts if is_first else None)
        found = executed(session, okr, command, Context(acts))
    print_receipt(found, as_json, lambda receipt: [str(receipt.id)])


@people.command()
@person_argument
@click.option(
    "--legal-ground", required=True, help="Such as: GDPR Article 17. It stays for ever: no names."
)
@why
@acting
@as_json
@click.pass_obj
def erase(
    session: Session, person: UUID, legal_ground: str, reason: str, by: UUID | None, as_json: bool
) -> None:
    """Erase a person: destroy their key, and with it their name and everything they wrote.

    Their goals and numbers stay, and read as a former colleague's. This cannot be undone.
    """
    from okr_es.commands import ErasePerson

    done = "erased; what backups still hold, only their expiry removes"
    carry_out(session, ErasePerson(person, legal_ground), by, reason, as_json, done)


@people.command()
@person_argument
@MATTER
@why
@acting
@as_json
@click.pass_obj
def hold(
    session: Session, person: UUID, matter: str, reason: str, by: UUID | None, as_json: bool
) -> None:
    """Keep a person from being erased while a matter is open."""
    from okr_es.commands import PlaceLegalHold

    carry_out(session, PlaceLegalHold(person, matter), by, reason, as_json, f"held for {matter}")


@people.command()
@person_argument
@MATTER
@why
@acting
@as_json
@click.pass_obj
def release(
    session: Session, person: UUID, matter: str, reason: str, by: UUID | None, as_json: bool
) -> None:
    """Lift the legal hold of a matter. Holds of other matters stay."""
    from okr_es.commands import LiftLegalHold

    done = f"no longer held for {matter}"
    carry_out(session, LiftLegalHold(person, matter), by, reason, as_json, done)


@people.command()
@click.argument("choice", type=click.Choice(["off", "own_and_leads", "hr_too"]))
@why
@acting
@as_json
@click.pass_obj
def figures(session: Session, choice: str, reason: str, by: UUID | None, as_json: bool) -> None:
    """Choose which figures per person exist in reviews.

    off: none; own_and_leads: people their own, and their leads; hr_too: HR as well.
    """
    from okr_es.commands import ChoosePeopleFigures
    from okr_es.domain.values import PeopleFigures

    command = ChoosePeopleFigures(PeopleFigures(choice))
    carry_out(session, command, by, reason, as_json, f"figures per person: {choice}")


def carry_out(
    session: Session, command: Command, by: UUID | None, reason: str, as_json: bool, done: str
) -> None:
    """Execute a command, or try it out, and print what came of it."""
    carried_out(session, lambda _: command, by, as_json, lambda _: [done], reason=reason)
