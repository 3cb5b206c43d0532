"""The read model on the command line: status, catching up, rebuilding."""

from __future__ import annotations

import click

from web.cli.output import as_json, print_result, print_text, progress
from web.cli.session import OneLineErrors, Session


@click.group(name="read-model", cls=OneLineErrors)
def read_model() -> None:
    """Status, catching up and rebuilding of the read model."""


@read_model.command()
@as_json
@click.pass_obj
def status(session: Session, as_json: bool) -> None:
    """Show which position the read model has reached."""
    with session.runner() as runner:
        found = runner.status()
    print_result(
        found, [f"{name.replace('_', ' ')}: {value}" for name, value in found.items()], as_json
    )


@read_model.command(name="catch-up")
@click.pass_obj
def catch_up(session: Session) -> None:
    """Let the read model catch up with the log."""
    with session.runner() as runner, progress("Catching up") as step:
        print_text(f"{runner.catch_up(step)} events")


@read_model.command()
@click.pass_obj
def rebuild(session: Session) -> None:
    """Build a new read model beside the old one, then switch to it."""
    with session.runner() as runner:
        with progress("Rebuilding") as step:
            runner.rebuild(step)
        print_text(f"rebuilt up to position {runner.status()['read_model']}")


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    group.add_command(read_model)
