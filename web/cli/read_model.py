"""The read model on the command line: status, catching up, rebuilding."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from web.cli.errors import PIPE_CLOSED, OneLineErrors, until_closed
from web.cli.output import as_json, print_result, print_text, progress
from web.cli.session import Session

if TYPE_CHECKING:
    from projections.read_model.catching_up import Progress
    from projections.read_model.runner import Runner


@contextmanager
def giving_way() -> Iterator[None]:
    """Let this process compute only where no other wants to, if the system knows how (Linux)."""
    if not hasattr(os, "SCHED_IDLE"):
        yield
        return
    before, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, priority)


def unhurried(runner: Runner, step: Progress | None = None) -> Progress:
    """Let a runner go in short batches; return the step that pauses while commands come in."""
    from projections.read_model.pauses import UNHURRIED, Pauses

    runner.batch = UNHURRIED
    return Pauses(runner.okr.log, step)


@click.group(name="read-model", cls=OneLineErrors)
def read_model() -> None:
    """Status, catching up, building and verification of the read model."""


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
def build(session: Session) -> None:
    """Build the read model of this version where there is none: before an upgrade, say.

    A program of the version before goes on answering from its own.
    """
    with giving_way(), session.runner() as runner:
        with progress("Building") as step:
            runner.prepare(unhurried(runner, step))
        print_text(f"built up to position {runner.status()['read_model']}")


@read_model.command()
@as_json
@click.pass_obj
def verify(session: Session, as_json: bool) -> None:
    """Compare every row of the read model with the log. Exits with 1 if any is wrong."""
    from projections.read_model.verification import verify_read_model

    with session.runner() as runner, progress("Folding the log") as step:
        found = verify_read_model(runner, step)
    lines = [f"{each.check}: {each.message}" for each in found.failures]
    shown = {"holds": not lines, "rows": found.rows, "failures": lines}
    with until_closed(1 if lines else PIPE_CLOSED):
        print_result(shown, [*lines, f"{found.rows} rows of the read model"], as_json)
    if lines:
        raise click.exceptions.Exit(1)


@read_model.command()
@click.pass_obj
def rebuild(session: Session) -> None:
    """Build a new read model beside the old one, then switch to it.

    It gives way to other programs, and pauses while commands are recorded.
    """
    with giving_way(), session.runner() as runner:
        with progress("Rebuilding") as step:
            runner.rebuild(unhurried(runner, step))
        print_text(f"rebuilt up to position {runner.status()['read_model']}")


def add_to(group: click.Group) -> None:
    """Add the commands to a group."""
    group.add_command(read_model)
