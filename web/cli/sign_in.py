"""Signing in on the command line: links for people, their sessions, signing them out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from web.cli.output import as_json, print_result
from web.cli.session import Session
from web.cli.text.instants import instant
from web.cli.things import PERSON

if TYPE_CHECKING:
    from okr_es.access.links import Purpose
    from okr_es.access.sessions import Sessions
    from okr_es.application import Okr
    from web.mail import Mailer

person_argument = click.argument("person", type=PERSON)
at = click.option(
    "--at", "at_url", envvar="OKR_ES_URL", metavar="URL",
    help="Where the server answers, as `okr-es serve` prints it (OKR_ES_URL).",
)  # fmt: skip
by_mail = click.option(
    "--mail", is_flag=True, help="Send it to the person's e-mail address, and do not print it."
)
language = click.option(
    "--language", type=click.Choice(["en", "sv"]), default="en", show_default=True,
    help="Of the mail.",
)  # fmt: skip


@click.command()
@person_argument
@at
@by_mail
@language
@as_json
@click.pass_obj
def invite(
    session: Session, person: UUID, at_url: str | None, mail: bool, language: str, as_json: bool
) -> None:
    """Print a link for a person to sign in by for the first time; it lasts seven days.

    Each link is for one person and works once; a new one ends those made before.
    """
    from okr_es.access.links import Purpose

    give_link(session, person, Purpose.INVITATION, at_url, language if mail else None, as_json)


@click.command(name="sign-in-link")
@person_argument
@at
@by_mail
@language
@as_json
@click.pass_obj
def sign_in_link(
    session: Session, person: UUID, at_url: str | None, mail: bool, language: str, as_json: bool
) -> None:
    """Print a link for a person to sign in by; it lasts fifteen minutes and works once."""
    from okr_es.access.links import Purpose

    give_link(session, person, Purpose.SIGN_IN, at_url, language if mail else None, as_json)


def give_link(
    session: Session,
    person: UUID,
    purpose: Purpose,
    at_url: str | None,
    mail_in: str | None,
    as_json: bool,
) -> None:
    """Make a link, and print it, or send it in a language."""
    from okr_es.access.links import Links

    mailer, at = None if mail_in is None else required_mailer(), required_address(at_url)
    with kept(session) as (okr, sessions):
        okr.require_person(person)
        how = "print" if mailer is None else "mail"
        about = {"person_id": str(person), "purpose": purpose.value, "how": how}
        okr.access_log.record(None, "link_made", about)
        links = Links(sessions)
        ends = links.ends(purpose)
        link = f"{at}/sign-in?link={links.make(person, purpose)}"
        if mailer is not None and mail_in is not None:
            mail_link(mailer, okr, person, link, ends, mail_in)
            print_result({"person_id": person, "sent": True}, ["The mail is sent."], as_json)
            return
    print_result({"person_id": person, "link": link}, [link], as_json)


def required_address(written: str | None) -> str:
    """Return where the server answers; raise Unusable where nothing says it."""
    from web.settings import URL, Unusable, address_in

    if written is None:
        raise Unusable(
            "Where does the server answer? A link has to lead there: set "
            f"{URL}, or give --at URL, as `okr-es serve` prints it."
        )
    return address_in(written)


def required_mailer() -> Mailer:
    """Return what sends mail; raise Unusable where no mail is set up."""
    from web.mail import mailer_of
    from web.settings import MAIL_FROM, SMTP, Unusable, mail_settings

    mailer = mailer_of(*mail_settings())
    if mailer is None:
        raise Unusable(f"No mail is set up: set {SMTP} and {MAIL_FROM}.")
    return mailer


def mail_link(
    mailer: Mailer, okr: Okr, person: UUID, link: str, ends: datetime, language: str
) -> None:
    """Send a link that was made; refuse in words where the mail is not taken."""
    from web.mail import MailFails, send_link

    entry = okr.directory.entries([person])[person]
    try:
        send_link(mailer, entry, link, ends, language)
    except MailFails as error:
        raise click.ClickException(
            f"{error} Nobody has the link, and nobody can use it: make another one."
        ) from error


@click.command()
@person_argument
@as_json
@click.pass_obj
def sessions(session: Session, person: UUID, as_json: bool) -> None:
    """List the sessions of a person, the newest first."""
    with kept(session) as (_, found):
        rows = found.of(person)
    lines = [
        f"{each.id}  by {each.how}, from {instant(each.began_at)}, used {instant(each.seen_at)}"
        for each in rows
    ]
    answer = {"sessions": [each._asdict() for each in rows]}
    print_result(answer, lines or ["nobody is signed in"], as_json)


@click.command(name="sign-out")
@person_argument
@click.option("--session", "id_", type=click.UUID, help="One session; all if left out.")
@as_json
@click.pass_obj
def sign_out(session: Session, person: UUID, id_: UUID | None, as_json: bool) -> None:
    """End the sessions of a person, or one of them; links made for them end with all."""
    with kept(session) as (okr, found):
        okr.access_log.record(None, "sign_out", {"person_id": str(person)})
        ended = found.end_all(person) if id_ is None else int(found.end(id_, person))
    line = f"{ended} session{'' if ended == 1 else 's'} ended"
    print_result({"person_id": person, "ended": ended}, [line], as_json)


@contextmanager
def kept(session: Session) -> Iterator[tuple[Okr, Sessions]]:
    """Give the application, and the sessions of its database."""
    from okr_es.access.sessions import Sessions
    from web.settings import session_limits

    with session.okr() as okr:
        found = Sessions(session.existing_url(), okr.clock, session_limits())
        try:
            found.create()
            yield okr, found
        finally:
            found.close()


def add_to(group: click.Group) -> None:
    """Add the commands to the group of people."""
    for command in (invite, sign_in_link, sessions, sign_out):
        group.add_command(command)
