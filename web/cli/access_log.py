"""The access log on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from web.cli.options import DAY, day_of
from web.cli.output import as_table, print_answer
from web.cli.pages import every_page, with_all
from web.cli.session import Session, reading, recording_reads
from web.cli.text.goals import name_of
from web.cli.text.instants import day, instant
from web.cli.things import CYCLE, Thing

if TYPE_CHECKING:
    from projections.audit_log.answers import AccessLogAnswer, LookedAt


def an_id(name: str, text: str) -> Any:
    """Return an option that names a thing."""
    kind = Thing("person" if name == "reader" else name)
    return click.option(f"--{name}", f"{name}_id", type=kind, metavar=name.upper(), help=text)


@click.command(name="access-log")
@an_id("reader", "What this person read.")
@an_id("person", "Reads about this person, or whose answer showed this person.")
@an_id("goal", "Reads about this goal.")
@click.option("--cycle", type=CYCLE, help="Reads about this cycle.")
@an_id("team", "Reads about this team.")
@click.option("--what", help="Reads of this kind only: review, history, export …")
@click.option("--from", "from_", type=DAY, help="On this day or later.")
@click.option("--to", type=DAY, help="On this day or earlier.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--before", type=click.IntRange(1, 2**63 - 1), help="Before this read.")
@with_all
@reading
@as_table
@click.pass_obj
def access_log(
    session: Session,
    /,
    reader_id: UUID | None,
    from_: datetime | None,
    to: datetime | None,
    by: UUID | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show who read what about people, newest first. This read is recorded too."""
    from okr_es.access_log import RECORDED

    if asked["what"] not in {None, *RECORDED}:
        raise click.BadParameter(f"not one of {', '.join(RECORDED)}", param_hint="--what")
    days = {"from_": day_of(from_), "to": day_of(to)}
    with session.queries(by) as queries, recording_reads(queries, by, "access_log") as record:
        filters = {"by": reader_id, "from": days["from_"], "to": days["to"]}
        found = every_page(
            session,
            lambda more: record(queries.access_log(reader_id, **days, **more), **filters, **more),
            asked,
        )
    print_answer(session, found, list(access_lines(found)), as_json, {})


def access_lines(found: AccessLogAnswer) -> Iterator[str]:
    """Yield a line for each read."""
    for each in found["entries"]:
        who = name_of(each["by"], {})
        about = ", ".join(map(looked_at, each["about"]))
        yield f"{each['position']}  {instant(each['recorded_at'])}  {who}  {each['what']}: {about}"
    if (cut := found["cut"]) is not None and found["next_before"] is None:
        on, event = day(cut["recorded_at"]), cut["event"]
        yield f"All up to read {cut['at']} were destroyed by retention on {on} (event {event})."


def looked_at(about: LookedAt) -> str:
    """Return what a read was about, in words."""
    what = about["parameter"].removesuffix("_id").replace("_", " ")
    return f"{what} {about['title'] or about['id'] or about['asked']}"
