"""The worker: does jobs when they are due, each in one process at a time; several are safe."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from uuid import uuid4

from okr_es.database.outages import Outage, is_outage
from okr_es.jobs import DONE, FAILED, Jobs, LeaseIsLost

LEASE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 1.0

log = logging.getLogger("okr_es.worker")


@dataclass(frozen=True)
class Job:
    """What a worker does: `act` returns what it did, in a few words.

    `is_recorded` is false for work that can be done twice without a trace, such as catching up.
    """

    name: str
    is_due: Callable[[], bool]
    act: Callable[[], str]
    is_recorded: bool = True


class Worker:
    """Does jobs when they are due. A holder of leases is one worker, by machine and process."""

    def __init__(
        self, jobs: Jobs, work: Sequence[Job], lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self.jobs = jobs
        self.work = work
        self.lease_seconds = lease_seconds
        self.outage = Outage("jobs")
        self.holder = f"{socket.gethostname()} {os.getpid()} {uuid4()}"

    def run(self, stopped: Event) -> None:
        """Look for due jobs until stopped; a job under way is completed."""
        while not stopped.wait(LOOK_EVERY_SECONDS):
            self.step()

    def step(self) -> list[str]:
        """Do each job that is due and that nobody else has; return the names of those done."""
        return [job.name for job in self.work if self.is_done(job)]

    def is_done(self, job: Job) -> bool:
        """Do a job if it is due and free; return whether it was done. No error ends the worker."""
        if not self.is_taken(job):
            return False
        try:
            with self.renewing(job.name):
                # Another worker may have done it just before the lease was taken.
                is_done = job.is_due() and self.do(job)
        except Exception as error:  # noqa: BLE001  - no error ends the worker
            self.note(error, job.name, "The job %s could not be done; it is tried again.")
            return False
        self.outage.end(job.name)
        return is_done

    def is_taken(self, job: Job) -> bool:
        """Return whether a job is due and free, and so is this worker's now."""
        look = f"a look whether {job.name} is due"
        try:
            found = job.is_due() and self.jobs.take(job.name, self.holder, self.lease_seconds)
        except Exception as error:  # noqa: BLE001  - no error ends the worker
            self.note(error, look, "There was an error in %s.")
            return False
        self.outage.end(look)
        return found

    def note(self, error: Exception, name: str, otherwise: str) -> None:
        """Log an error: of an outage one line a minute, of any other the traceback."""
        if is_outage(error):
            self.outage.note(error, name)
        else:
            log.error(otherwise, name, exc_info=error)

    def do(self, job: Job) -> bool:
        """Record that a job begins, do it, and record how it ended; return whether it was done."""
        if not job.is_recorded:
            job.act()
            return True
        try:
            run = self.jobs.begin(job.name, self.holder)
        except LeaseIsLost:
            return False
        try:
            detail = job.act()
        except Exception as error:
            self.jobs.end(run, FAILED, type(error).__name__)
            raise
        self.jobs.end(run, DONE, detail)
        return True

    @contextmanager
    def renewing(self, name: str) -> Iterator[None]:
        """Renew a lease in a thread while a job is done, then give it back."""
        done = Event()

        def renew() -> None:
            while not done.wait(self.lease_seconds / 3):
                try:
                    self.jobs.take(name, self.holder, self.lease_seconds)
                except Exception as error:  # noqa: BLE001  - no error ends the worker
                    self.note(error, name, "The lease of the job %s could not be renewed.")

        thread = Thread(target=renew, name=f"okr-es-lease-{name}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self.jobs.release(name, self.holder)


def is_older(jobs: Jobs, name: str, age: timedelta) -> bool:
    """Return whether the last run of a job began so long ago, or never."""
    last = jobs.last_run(name)
    return last is None or jobs.clock() - datetime.fromisoformat(last.began_at) >= age


def every(jobs: Jobs, name: str, age: timedelta, act: Callable[[], str]) -> Job:
    """Return a job that is due when its last run is so old; after a failure as well."""
    return Job(name, lambda: is_older(jobs, name, age), act)
