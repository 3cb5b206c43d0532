"""People on the command line: registration, list, names, deputies, leavers, holds, erasure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import click

from web.cli import accounts, sign_in
from web.cli.held_data import export
from web.cli.options import DAY, at, day_of, known_at
from web.cli.output import as_json, print_result, print_text
from web.cli.receipts import carried_out, executed, print_receipt, required_actor, sent
from web.cli.session import OneLineErrors, Session, acting, reading, recording_reads

if TYPE_CHECKING:
    from okr_es.commands import Command
    from projections.organisation_answers import PeopleAnswer, PersonBody

person_argument = click.argument("person", type=click.UUID)
why = click.option("--reason", required=True, help="Why. It is encrypted.")
GROUNDS = ("not_needed", "consent_withdrawn", "objection", "unlawful", "legal_duty")
MATTER = click.option(
    "--matter", required=True, help="A reference, such as T 1234-25. It stays for ever: no names."
)


effective = click.option(
    "--effective", type=DAY, help="From which day on, YYYY-MM-DD: today if left out."
)


@click.group(cls=OneLineErrors)
def people() -> None:
    """People: register, list, correct, name a deputy, leave, return, hold, erase; sign in."""


def add_to(group: click.Group) -> None:
    """Add the group to another."""
    sign_in.add_to(people)
    accounts.add_to(people)
    people.add_command(export)
    group.add_command(people)


@people.command(name="list")
@known_at
@at
@reading
@as_json
@click.pass_obj
def list_(
    session: Session, known_at: str | None, at: str | None, by: UUID | None, as_json: bool
) -> None:
    """List all people: who left, who stands in for whom, which matters hold them."""
    with session.queries(by) as queries, recording_reads(queries, by, "people") as record:
        found = record(queries.people(known_at, at), known_at=known_at, at=at)
    print_result(found, list(people_lines(found)), as_json)


def people_lines(found: PeopleAnswer) -> Iterator[str]:
    """Yield a line for each person."""
    yield from (person_line(row) for row in found["people"])


def person_line(row: PersonBody) -> str:
    """Return a person in one line: name, address, whether they left, deputy, legal holds."""
    address = f" <{row['email']}>" if row["email"] else ""
    held = f", held for {', '.join(row['holds'])}" if row["holds"] else ""
    left = "" if row["active"] else f", left on {row['since']}"
    erased = f", erased: {row['legal_ground']}" if row["erased"] else ""
    return f"{row['id']}  {row['name']}{address}{left}{stand_in(row)}{held}{erased}"


def stand_in(row: PersonBody) -> str:
    """Return who stands in for a person, and when, as a part of their line."""
    deputy = row["deputy"]
    if deputy is None:
        return ""
    name = deputy["person"]["name"]
    return f", deputy {name} from {deputy['starts']} to {deputy['ends']}"


@people.command()
@click.argument("name")
@click.option("--email", help="The e-mail address.")
@acting
@as_json
@click.pass_obj
def register(
    session: Session, name: str, email: str | None, by: UUID | None, as_json: bool
) -> None:
    """Register a person and print their id. The first one of a log registers themself.

    Warnings go to standard error, so that a script gets the id alone.
    """
    from okr_es.commands import RegisterPerson
    from okr_es.context import FIRST_PERSONS, Context

    if session.server is not None:
        found = sent(session, RegisterPerson(name, email), by)
        print_receipt(found, as_json, lambda receipt: [str(receipt.id)], warns_aside=True)
        return
    with session.okr(begins=not session.dry_run) as okr:
        is_first = not okr.has_begun()
        first = uuid5(FIRST_PERSONS, session.command_key())
        acts = first if by is None and is_first else required_actor(by, "registers them")
        command = RegisterPerson(name, email, acts if is_first else None)
        found = executed(session, okr, command, Context(acts))
    print_receipt(found, as_json, lambda receipt: [str(receipt.id)], warns_aside=True)


@people.command()
@person_argument
@click.argument("name")
@acting
@as_json
@click.pass_obj
def rename(session: Session, person: UUID, name: str, by: UUID | None, as_json: bool) -> None:
    """Correct the name of a person. The log says only that it was corrected."""
    from okr_es.commands import RenamePerson

    carry_out(session, RenamePerson(person, name), by, None, as_json, "the name is corrected")


@people.command()
@person_argument
@click.argument("address", required=False)
@click.option("--none", is_flag=True, help="Take the address out.")
@acting
@as_json
@click.pass_obj
def email(
    session: Session, person: UUID, address: str | None, none: bool, by: UUID | None, as_json: bool
) -> None:
    """Correct the e-mail of a person. The log says only that it was corrected."""
    from okr_es.commands import ReplaceEmail

    if none == (address is not None):
        raise click.UsageError("Give an address, or --none to take it out.")
    carry_out(session, ReplaceEmail(person, address), by, None, as_json, "the e-mail is corrected")


@people.command()
@person_argument
@click.argument("deputy_id", metavar="DEPUTY", type=click.UUID, required=False)
@click.option("--from", "starts", type=DAY, help="The first day, YYYY-MM-DD: today if left out.")
@click.option("--to", "ends", type=DAY, help="The last day, YYYY-MM-DD.")
@click.option("--none", is_flag=True, help="Withdraw who was named.")
@acting
@as_json
@click.pass_obj
def deputy(
    session: Session,
    person: UUID,
    deputy_id: UUID | None,
    starts: datetime | None,
    ends: datetime | None,
    none: bool,
    by: UUID | None,
    as_json: bool,
) -> None:
    """Name who stands in for a person, in place of the one named before. It takes no reason."""
    from okr_es.commands import NameDeputy

    if none == (deputy_id is not None):
        raise click.UsageError("Give a deputy, or --none to withdraw who was named.")
    command = NameDeputy(person, deputy_id, day_of(starts), day_of(ends))
    carry_out(session, command, by, None, as_json, "no deputy any more" if none else "deputy named")


@people.command()
@person_argument
@effective
@click.option("--reason", help="Why. It is encrypted.")
@acting
@as_json
@click.pass_obj
def deactivate(
    session: Session,
    person: UUID,
    effective: datetime | None,
    reason: str | None,
    by: UUID | None,
    as_json: bool,
) -> None:
    """Record that a person left. What they own and did stays; they act and own nothing new."""
    from okr_es.commands import DeactivatePerson

    command = DeactivatePerson(person, day_of(effective))
    carry_out(session, command, by, reason, as_json, "deactivated")


@people.command()
@person_argument
@effective
@click.option("--reason", help="Why. It is encrypted.")
@acting
@as_json
@click.pass_obj
def reactivate(
    session: Session,
    person: UUID,
    effective: datetime | None,
    reason: str | None,
    by: UUID | None,
    as_json: bool,
) -> None:
    """Record that a person who left is back."""
    from okr_es.commands import ReactivatePerson

    command = ReactivatePerson(person, day_of(effective))
    carry_out(session, command, by, reason, as_json, "active again")


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
    """Erase a person: destroy their key, their name, and what was written about them.

    Their goals, numbers and what they wrote about goals stay, as a former colleague's. This
    cannot be undone.
    """
    from okr_es.commands import ErasePerson

    done = "erased; what backups still hold, only their expiry removes"
    carry_out(session, ErasePerson(person, legal_ground), by, reason, as_json, done)


@people.command()
@click.argument("position", type=click.IntRange(min=1))
@click.option(
    "--legal-ground",
    required=True,
    type=click.Choice(GROUNDS),
    help="Of article 17 of the GDPR: (1) (a) to (e), in this order.",
)
@why
@acting
@as_json
@click.pass_obj
def redact(
    session: Session,
    position: int,
    legal_ground: str,
    reason: str,
    by: UUID | None,
    as_json: bool,
) -> None:
    """Destroy what was written with the event at a position, for ever, and nothing else."""
    from okr_es.commands import RedactText
    from okr_es.domain.text import RedactionGround

    done = "redacted; what backups still hold, only their expiry removes"
    command = RedactText(position, RedactionGround(legal_ground))
    carry_out(session, command, by, reason, as_json, done)


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
    session: Session,
    command: Command,
    by: UUID | None,
    reason: str | None,
    as_json: bool,
    done: str,
) -> None:
    """Execute a command, or try it out, and print what came of it."""
    carried_out(session, lambda _: command, by, as_json, lambda _: [done], reason=reason)
