"""The server's clock on the command line: beside other clocks, and accepted by an operator."""

from __future__ import annotations

import click

from web.cli.commands.groups import group
from web.cli.output import as_json, print_result
from web.cli.session import Session

clock = group("clock", "The server's clock: show it beside others; accept it.")


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


def add_to(above: click.Group) -> None:
    """Add the group to another."""
    above.add_command(clock)
