"""People on the command line, and the list of erasures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from web.cli import accounts, sign_in
from web.cli.commands.groups import group
from web.cli.held_data import export
from web.cli.output import print_text
from web.cli.session import Session
from web.cli.text.goals import Names
from web.cli.text.values import id_column

if TYPE_CHECKING:
    from projections.organisation_answers import PeopleAnswer, PersonBody

people = group(
    "people", "People: register, list, correct, name a deputy, leave, return, hold, erase; sign in."
)


def add_to(above: click.Group) -> None:
    """Add the group to another."""
    sign_in.add_to(people)
    accounts.add_to(people)
    people.add_command(export)
    above.add_command(people)


def people_lines(found: PeopleAnswer, _: Names) -> Iterator[str]:
    """Yield a line for each person."""
    short = id_column(found["people"])
    yield from (f"{short(row)}  {person_line(row)}" for row in found["people"])


def person_line(row: PersonBody) -> str:
    """Return a person in one line: name, address, whether they left, deputy, legal holds."""
    address = f" <{row['email']}>" if row["email"] else ""
    held = f", held for {', '.join(row['holds'])}" if row["holds"] else ""
    left = "" if row["active"] else f", left on {row['since']}"
    erased = f", erased: {row['legal_ground']}" if row["erased"] else ""
    return f"{row['name']}{address}{left}{stand_in(row)}{held}{erased}"


def stand_in(row: PersonBody) -> str:
    """Return who stands in for a person, and when, as a part of their line."""
    deputy = row["deputy"]
    if deputy is None:
        return ""
    name = deputy["person"]["name"]
    return f", deputy {name} from {deputy['starts']} to {deputy['ends']}"


@people.command()
@click.pass_obj
def erasures(session: Session) -> None:
    """Print the list of erasures, one JSON object a line, without personal data.

    Keep it outside: `okr-es restore --erasures` erases these people again.
    """
    import msgspec

    from okr_es.evidence.kept_lists import ERASURES

    with session.okr() as okr:
        for each in ERASURES.in_log(okr.database):
            print_text(msgspec.json.encode(each).decode())
