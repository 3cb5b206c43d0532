"""Signing in on the command line: links for people, their sessions, signing them out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import click

from web.cli.output import as_json, print_result
from web.cli.session import Session

if TYPE_CHECKING:
    from okr_es.access.links import Purpose
    from okr_es.access.sessions import Sessions
    from okr_es.application import Okr

person_argument = click.argument("person", type=click.UUID)
at = click.option(
    "--at", "at_url", default="http://127.0.0.1:8000", show_default=True, envvar="OKR_ES_URL",
    metavar="URL", help="Where the server answers.",
)  # fmt: skip


@click.command()
@person_argument
@at
@as_json
@click.pass_obj
def invite(session: Session, person: UUID, at_url: str, as_json: bool) -> None:
    """Print a link for a person to sign in by for the first time; it lasts seven days.

    Each link is for one person and works once; a new one ends those made before.
    """
    from okr_es.access.links import Purpose

    print_link(session, person, Purpose.INVITATION, at_url, as_json)


@click.command(name="sign-in-link")
@person_argument
@at
@as_json
@click.pass_obj
def sign_in_link(session: Session, person: UUID, at_url: str, as_json: bool) -> None:
    """Print a link for a person to sign in by; it lasts fifteen minutes and works once."""
    from okr_es.access.links import Purpose

    print_link(session, person, Purpose.SIGN_IN, at_url, as_json)


def print_link(
    session: Session, person: UUID, purpose: Purpose, at_url: str, as_json: bool
) -> None:
    """Make a link and print it."""
    from okr_es.access.links import Links

    with kept(session) as (okr, sessions):
        okr.require_person(person)
        about = {"person_id": str(person), "purpose": purpose.value}
        okr.access_log.record(None, "link_made", about)
        link = f"{at_url.rstrip('/')}/sign-in?link={Links(sessions).make(person, purpose)}"
    print_result({"person_id": person, "link": link}, [link], as_json)


@click.command()
@person_argument
@as_json
@click.pass_obj
def sessions(session: Session, person: UUID, as_json: bool) -> None:
    """List the sessions of a person, the newest first."""
    with kept(session) as (_, found):
        rows = found.of(person)
    lines = [
        f"{each.id}  by {each.how}, from {each.began_at}, used {each.seen_at}" for each in rows
    ]
    answer = {"sessions": [each._asdict() for each in rows]}
    print_result(answer, lines or ["nobody is signed in"], as_json)


@click.command(name="sign-out")
@person_argument
@click.option("--session", "id_", type=click.UUID, help="One session; all if left out.")
@click.pass_obj
def sign_out(session: Session, person: UUID, id_: UUID | None) -> None:
    """End the sessions of a person, or one of them; links made for them end with all."""
    with kept(session) as (okr, found):
        okr.access_log.record(None, "sign_out", {"person_id": str(person)})
        ended = found.end_all(person) if id_ is None else int(found.end(id_, person))
    click.echo(f"{ended} session{'' if ended == 1 else 's'} ended")


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
