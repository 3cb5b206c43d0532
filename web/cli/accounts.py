"""Accounts at providers of identity on the command line: listed, and disconnected."""

from __future__ import annotations

from uuid import UUID

import click

from web.cli.output import as_json, print_result
from web.cli.session import Session
from web.cli.things import PERSON

person_argument = click.argument("person", type=PERSON)


@click.command()
@person_argument
@as_json
@click.pass_obj
def accounts(session: Session, person: UUID, as_json: bool) -> None:
    """List the accounts by which a person signs in at providers of identity."""
    from okr_es.people.identities import Identities

    with session.okr() as okr:
        found = Identities(okr.directory).of(person)
    lines = [f"{each.subject}  at {each.issuer}" for each in found]
    print_result({"accounts": [each._asdict() for each in found]}, lines or ["none"], as_json)


@click.command()
@person_argument
@as_json
@click.pass_obj
def disconnect(session: Session, person: UUID, as_json: bool) -> None:
    """Disconnect a person from all their accounts; sessions that began by them go on.

    They can be connected again: by an invitation, or a verified e-mail address.
    """
    from okr_es.people.identities import Identities

    with session.okr() as okr:
        okr.access_log.record(None, "account_disconnected", {"person_id": str(person)})
        ended = Identities(okr.directory).disconnect(person)
    line = f"{ended} account{'' if ended == 1 else 's'} disconnected"
    print_result({"person_id": person, "disconnected": ended}, [line], as_json)


def add_to(group: click.Group) -> None:
    """Add the commands to the group of people."""
    for command in (accounts, disconnect):
        group.add_command(command)
