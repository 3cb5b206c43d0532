"""The schema of the database, on the command line: its version, and its upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from web.cli.output import as_json, print_result, print_text
from web.cli.session import OneLineErrors, Session

if TYPE_CHECKING:
    from okr_es.areas import AreaVersion


@click.group(cls=OneLineErrors)
def database() -> None:
    """Show and upgrade the schema of log, directory and access log."""


@database.command()
@as_json
@click.pass_obj
def status(session: Session, as_json: bool) -> None:
    """Show the schema version of each area, and the version this program needs."""
    from okr_es.areas import schema_versions

    versions = schema_versions(session.existing_url())
    print_result([each._asdict() for each in versions], [line(each) for each in versions], as_json)


@database.command()
@click.pass_obj
def upgrade(session: Session) -> None:
    """Run the migrations this program needs, each area in one transaction.

    Make a backup and stop what uses the database first.
    """
    from okr_es.areas import upgrade

    for each in upgrade(session.existing_url()):
        was = "new" if each.version is None else f"was {each.version}"
        done = "nothing to do" if each.version == each.needed else was
        print_text(f"{each.area.replace('_', ' ')}: version {each.needed}, {done}")


def line(each: AreaVersion) -> str:
    """Return a version in words."""
    area = each.area.replace("_", " ")
    if each.version is None:
        return f"{area}: not there yet; this program needs version {each.needed}"
    if each.version == each.needed:
        return f"{area}: version {each.version}, as this program needs"
    found = f"version {each.version}" if each.version else "from before version 1"
    return f"{area}: {found}; this program needs version {each.needed}"


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    group.add_command(database)
