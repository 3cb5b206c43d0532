"""The audit log searched on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.options import DAY, day_of
from web.cli.output import as_table, print_answer
from web.cli.pages import every_page, with_all
from web.cli.session import Session, reading, recording_reads
from web.cli.text.instants import instant
from web.cli.things import CYCLE, GOAL, PERSON, TEAM

if TYPE_CHECKING:
    from projections.audit_log.answers import AuditLogAnswer

FILTERS = (
    click.option("--goal", "goal_id", type=GOAL, help="About this goal and all below it."),
    click.option("--person", "person_id", type=PERSON, help="Acted, acted for, or named."),
    click.option("--team", "team_id", type=TEAM, help="About this team and all below it."),
    click.option("--cycle", type=CYCLE, help="About this cycle and its goals."),
    click.option("--type", help="A type of event, or its noun: objective.realigned, reading."),
    click.option("--recorded-from", metavar="WHEN", help="Recorded then or later (date, instant)."),
    click.option("--recorded-to", metavar="WHEN", help="Recorded then or before (date, instant)."),
    click.option("--about-from", type=DAY, help="Readings about this day or later."),
    click.option("--about-to", type=DAY, help="Readings about this day or before."),
    click.option("--origin", help="Where from: api, cli, page, import, job or seed."),
    click.option("--text", help="In the reason or the comment."),
    click.option("--acted-by", type=PERSON, help="Acted, or it was done in their name."),
)


def searched(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the filters of a search; it is called with them as `search`."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


def search_of(options: dict[str, Any]) -> dict[str, Any]:
    """Return the filters that were given, days as dates."""
    return {
        name: day_of(value) if isinstance(value, datetime) else value
        for name, value in options.items()
        if value is not None
    }


def noted(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the filters as they are recorded in the access log: without the words searched for."""
    from okr_es.access_log import WITHHELD

    words = {"text": WITHHELD} if "text" in asked else {}
    cycle = {"cycle_id": asked["cycle"]} if "cycle" in asked else {}
    kept = {name: value for name, value in asked.items() if name not in {"text", "cycle"}}
    return kept | cycle | words


@click.command(name="log")
@searched
@click.option("--oldest-first", is_flag=True, help="Oldest first, instead of newest first.")
@click.option("--before", type=click.IntRange(1), help="Before this position.")
@click.option("--after", type=click.IntRange(0), help="After this position.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--language", default="en", show_default=True, help="en or sv.")
@with_all
@reading
@as_table
@click.pass_obj
def log(
    session: Session, /, oldest_first: bool, by: UUID | None, as_json: bool, **options: Any
) -> None:
    """Search the log; each event is one sentence. The search is recorded."""
    order, asked = "oldest" if oldest_first else "newest", search_of(options)
    with session.queries(by) as queries, recording_reads(queries, by, "audit_log") as recorded:
        found = every_page(
            session,
            lambda more: recorded(queries.audit_log(order, **more), **noted(more)),
            asked,
        )
    print_answer(session, found, list(entry_lines(found)), as_json, {})
    if not as_json and (more := what_is_left(found)):
        click.echo(more, err=True)


def entry_lines(found: AuditLogAnswer) -> Iterable[str]:
    """Yield a line for each event: its position, its time of record, its sentence."""
    for entry in found["entries"]:
        sentence = " ".join(entry["sentence"].split())
        yield f"{entry['position']}  {instant(entry['recorded_at'])}  {sentence}"


def what_is_left(found: AuditLogAnswer) -> str | None:
    """Yield how to get the next page, if there is one."""
    cursor = found["next_before"] or found["next_after"]
    if cursor is None:
        return None
    option = "--before" if found["next_before"] else "--after"
    ended = "there may be more" if found["complete"] else "not all was looked at yet"
    return f"{ended}: go on with {option} {cursor}"
