"""The worker process: the jobs of both sides, until it is stopped."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import click

from web.cli.output import print_text
from web.cli.session import Session

if TYPE_CHECKING:
    from okr_es.operations.worker import Job
    from projections.read_model.runner import Runner


@click.command()
@click.option(
    "--verify-every", default=24.0, show_default=True, type=click.FloatRange(0, 10_000),
    metavar="HOURS", help="Verify the log so often; 0 is never.",
)  # fmt: skip
@click.option(
    "--keep-client-info", type=click.IntRange(0, 36_500), metavar="DAYS",
    help="Remove network address and client of commands after so many days; for ever if left out.",
)  # fmt: skip
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.pass_obj
def worker(session: Session, verify_every: float, keep_client_info: int | None, once: bool) -> None:
    """Sign, catch up, sweep and verify in the background, until stopped; several are safe.

    Each job is leased in the database by one worker at a time, and recorded before it is done.
    """
    from okr_es.evidence.background import signer_of
    from okr_es.jobs import Jobs
    from okr_es.operations.regular_jobs import regular_jobs
    from okr_es.operations.worker import Worker

    with session.runner(begins=True) as runner:
        jobs = Jobs(runner.okr.database.url.render_as_string(hide_password=False))
        jobs.create()
        hours = timedelta(hours=verify_every)
        days = None if keep_client_info is None else timedelta(days=keep_client_info)
        regular = regular_jobs(runner.okr, jobs, signer_of(runner.okr), hours, days)
        work = [*regular, catching_up(runner)]
        at_work = Worker(jobs, work)
        if once:
            print_text("\n".join(at_work.step()) or "nothing is due")
        else:
            with until_told() as stopped:
                print_text("okr-es works in the background (stop with Ctrl+C)")
                at_work.run(stopped)
        jobs.close()


def catching_up(runner: Runner) -> Job:
    """Return the job that brings the read model up to the log."""
    from okr_es.operations.worker import Job

    def act() -> str:
        return f"{runner.catch_up()} events"

    def is_due() -> bool:
        return runner.positions()["behind"] > 0

    return Job("catch-up", is_due, act, is_recorded=False)


@contextmanager
def until_told() -> Iterator[Event]:
    """Give an event that SIGTERM and SIGINT set."""
    stopped = Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stopped.set()) for number in signals]
    try:
        yield stopped
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def add_to(group: click.Group) -> None:
    """Add the command to a group."""
    group.add_command(worker)
