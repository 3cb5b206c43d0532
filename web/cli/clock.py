"""The server's clock on the command line: beside other clocks, and accepted by an operator."""

from __future__ import annotations

from uuid import UUID

import click

from web.cli.output import as_json, print_result
from web.cli.receipts import carried_out
from web.cli.session import OneLineErrors, Session, acting


@click.group(cls=OneLineErrors)
def clock() -> None:
    """Show the server's clock beside others; accept it."""


@clock.command()
@as_json
@click.pass_obj
def show(session: Session, as_json: bool) -> None:
    """Show how far this machine's clock is from the database's and from the last event."""
    with session.okr() as okr:
        state = okr.clock_watch.state()
    named = {"database": state.ahead_of_database, "last event": state.ahead_of_last_event}
    lines = [
        f"ahead of the {name}: {ahead:.0f} seconds"
        for name, ahead in named.items()
        if ahead is not None
    ]
    print_result(state._asdict(), [*lines, *state.warnings], as_json)


@clock.command()
@click.option("--reason", required=True, help="Why. It is encrypted.")
@acting
@as_json
@click.pass_obj
def accept(session: Session, reason: str, by: UUID | None, as_json: bool) -> None:
    """Accept this machine's clock although it is far ahead, which is recorded in the log.

    What is recorded from now on has its time, and no later event can have an earlier one.
    """
    carried_out(session, lambda c: c.AcceptClock(), by, as_json, reason=reason)


def add_to(group: click.Group) -> None:
    """Add the group to another."""
    group.add_command(clock)
