"""The schema of the database, on the command line: its version, and its upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from web.cli.errors import OneLineErrors
from web.cli.output import as_json, print_result, print_text
from web.cli.session import Session

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


@database.command()
@click.option("--login", help="The login of the program, which must exist: it may own nothing.")
@click.pass_obj
def prepare(session: Session, login: str | None) -> None:
    """Create role, schemas and tables on PostgreSQL, as a login with the rights to do so.

    Once; afterwards the program needs none of these rights, and cannot drop a guard of the log.
    """
    from okr_es.areas import prepare
    from okr_es.database.engines import UnusableDatabase, read_url

    url = session.url
    if read_url(url).get_backend_name() == "sqlite":
        raise UnusableDatabase("Only PostgreSQL is prepared: name it by --database.")
    for each in prepare(url, login):
        was = "created" if each.version is None else "is there"
        print_text(f"{each.area.replace('_', ' ')}: version {each.needed}, {was}")
    if login is not None:
        print_text(f"{login} may act as the program")


@database.command()
@click.option(
    "--also-newer", is_flag=True,
    help="Also people who were added while the log was longer than it is now.",
)  # fmt: skip
@as_json
@click.pass_obj
def sweep(session: Session, also_newer: bool, as_json: bool) -> None:
    """Remove from the directory, the keys and the client info what no event knows.

    It is what commands left that were stopped before they were recorded; commands under way are
    safe. After an older log was put back, people may be newer than the log. They stay, unless you
    are sure that the newer log will not come back.
    """
    with session.okr() as okr:
        swept = okr.sweep(also_newer=also_newer)
    lines = [f"{name.replace('_', ' ')}: {count}" for name, count in swept._asdict().items()]
    print_result(swept._asdict(), lines, as_json)


@database.command()
@as_json
@click.pass_obj
def rewrap(session: Session, as_json: bool) -> None:
    """Wrap all keys by the first wrapping key: after one was named first, or for the first time.

    Everything goes on meanwhile; a call that was interrupted is made again. Afterwards the wrapping
    keys of before open nothing but backups.
    """
    from okr_es.people.rewrapping import rewrap
    from okr_es.people.wrapping import wrapping

    by = wrapping()
    with session.okr() as okr:
        done = rewrap(okr.directory.database, by)
        okr.directory.shred()
    found = {"rewrapped": done, "wrapping_key": by.name}
    print_result(found, [f"{done} keys are wrapped by {by.name} now"], as_json)


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
