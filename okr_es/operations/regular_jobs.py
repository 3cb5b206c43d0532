"""The jobs of the write side: signing, sweeping, verification on a schedule, retention."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

from okr_es.access.sessions import Sessions
from okr_es.application import Okr
from okr_es.database.clock import instant
from okr_es.evidence.signer import ACTIVITY, Signer
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_access import verify_accesses
from okr_es.evidence.verify_states import verify_states
from okr_es.jobs import Jobs
from okr_es.operations import retention
from okr_es.operations.verify_beside import verify_beside
from okr_es.operations.worker import Job, every

AT_ONCE = 500
KEEP_RUNS = timedelta(days=90)
DAILY, HOURLY = timedelta(days=1), timedelta(hours=1)

log = logging.getLogger("okr_es.worker")


class NotAsRecorded(RuntimeError):
    """A verification on schedule found something that is not as it was recorded."""


def regular_jobs(
    okr: Okr,
    jobs: Jobs,
    signer: Signer,
    verify_every: timedelta,
    keep_client_info: timedelta | None = None,
) -> Iterator[Job]:
    """Yield the jobs; no verification where `verify_every` is nothing.

    Client info is kept for ever unless `keep_client_info` says how long.
    """
    yield Job("sign", signer.is_due, lambda: sign(signer))
    yield every(jobs, "sweep", HOURLY, lambda: sweep(okr))
    yield every(jobs, "sessions", HOURLY, lambda: forget_sessions(okr))
    yield every(jobs, "retention", DAILY, lambda: forget_runs(jobs))
    yield every(jobs, "people", DAILY, lambda: forget_people(okr))
    if keep_client_info is not None:
        before = keep_client_info
        yield every(jobs, "client info", DAILY, lambda: forget_client_info(okr, before))
    if verify_every:
        yield every(jobs, "verify", verify_every, lambda: verify(okr))


def sign(signer: Signer) -> str:
    """Sign a checkpoint; return over how many events."""
    made = signer.sign(ACTIVITY)
    return "nothing new" if made is None else f"over {made.size} events"


def sweep(okr: Okr) -> str:
    """Remove what no event knows from directory, keys and client info; return how much."""
    swept = okr.sweep()
    if swept.newer:
        log.warning("%d people in the directory are newer than the log, and stay.", swept.newer)
    counts = swept._asdict()
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)


def forget_sessions(okr: Okr) -> str:
    """Remove sessions and links that are over."""
    with closing(Sessions(okr.database.url.render_as_string(hide_password=False))) as sessions:
        sessions.create()
        return f"{sessions.sweep()} sessions removed"


def forget_runs(jobs: Jobs) -> str:
    """Remove runs that are long over, but for the last of each job."""
    return f"{jobs.forget_before(jobs.clock() - KEEP_RUNS)} old runs removed"


def forget_people(okr: Okr) -> str:
    """Destroy what is about people and was kept long enough; return how much."""
    counts = retention.carry_out(okr).counts()
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())


def forget_client_info(okr: Okr, keep: timedelta) -> str:
    """Remove network address and client of commands that are longer ago; return of how many.

    Those of people whom a legal hold keeps stay.
    """
    old = retention.client_info_before(okr, instant(okr.clock() - keep))
    okr.client_info.remove(old)
    return f"of {len(old)} commands"


def verify(okr: Okr) -> str:
    """Verify the log and what stands beside it; log what is wrong as critical, and raise."""
    found = Verification(okr.log).run()
    url = okr.database.url.render_as_string(hide_password=False)
    failures = [
        *found.failures,
        *verify_accesses(okr.database).failures,
        *verify_states(okr.database),
        *verify_beside(url),
    ]
    if failures:
        first = failures[0]
        log.critical(
            "The log is NOT as it was recorded: %d failures, the first: %s: %s. Run `okr-es audit "
            "verify`.", len(failures), first.check, first.message,
        )  # fmt: skip
        raise NotAsRecorded
    return f"{found.events} events, {found.checkpoints} checkpoints"
