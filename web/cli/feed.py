"""What is recorded, to follow: CloudEvents, a line of JSON each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import click

from web.cli.audit_log import FILTERS, noted, search_of
from web.cli.session import Session, reading, recording_reads

FILTERED_BY = FILTERS[:5]  # goal, person, team, cycle, type


def filtered(command: Any) -> Any:
    """Give a command the filters of the feed."""
    for option in reversed(FILTERED_BY):
        command = option(command)
    return command


@click.command()
@click.option("--after", default=0, show_default=True, type=click.IntRange(0), help="A position.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1_000))
@filtered
@reading
@click.pass_obj
def events(session: Session, /, by: UUID | None, after: int, limit: int, **options: Any) -> None:
    """Print what is recorded behind a position, the oldest first: CloudEvents, a line each.

    Where to go on stands on stderr. A page with events is recorded as a read of the audit log.
    """
    from web.api.exact_json import encode

    asked = search_of(options)
    found, next_after = page(session, by, {"after": after, "limit": limit}, asked)
    for each in found:
        click.echo(encode(each))
    click.echo(f"go on with --after {next_after}", err=True)


def page(
    session: Session, by: UUID | None, place: dict[str, Any], asked: dict[str, Any]
) -> tuple[Iterable[Any], int]:
    """Return a page of the feed, and where the next one begins."""
    from projections.audit_log.search import OLDEST
    from web.api.feed import cloud_event, place_after, source_of

    if session.server is not None:
        return session.remote(by).feed(place | asked)
    with session.queries(by) as queries, recording_reads(queries, by, "audit_log") as recorded:
        found = queries.audit_log(order=OLDEST, **place, **asked)
        if found["entries"]:
            recorded(found, **noted(asked))
        source = source_of(queries.okr)
        return [cloud_event(each, source) for each in found["entries"]], place_after(
            found, place["after"]
        )


def add_to(group: click.Group) -> None:
    """Add the command to a group."""
    group.add_command(events)
