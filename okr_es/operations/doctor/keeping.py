"""What the doctor checks of settings, rights, backups, checkpoints, jobs and erasures."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta

from okr_es.access_log import OLDEST
from okr_es.evidence.access_cut import last_cut
from okr_es.evidence.access_tree import AccessCheckpoints
from okr_es.evidence.checkpoint_sinks import DIRECTORY, HOOK, sinks_of
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.jobs import DONE, FAILED, PERHAPS_DONE, Jobs
from okr_es.operations.backup import BACKUP
from okr_es.operations.doctor.findings import Patient, Said

PREFIX = "OKR_ES_"
SIGNED_WITHIN = timedelta(minutes=10)
BACKED_UP_WITHIN = timedelta(days=7)
PREPARE = "let an owner run `okr-es database prepare`, and use another login."
NEVER_BACKED_UP = (
    "`okr-es backup` never ran here, and keys that are lost cannot be replaced. Where another tool "
    "makes backups, this is not seen."
)

KEYED_SINCE = """
  SELECT count(*) FROM events WHERE position > :position
  AND type IN ('person.registered', 'signing_key.adopted')
"""


def check_settings(known: Collection[str]) -> Callable[[Patient], Iterator[Said]]:
    """Return the check that looks for settings that are none, mostly misspelt."""

    def check(patient: Patient) -> Iterator[Said]:
        odd = [name for name in patient.environment if name.startswith(PREFIX)]
        odd = sorted(set(odd) - set(known))
        for name in odd:
            like = difflib.get_close_matches(name, known, 1)
            hint = f" Is it {like[0]}?" if like else ""
            yield "warning", f"{name} is no setting.{hint}"
        if not odd:
            yield "ok", "all that begin with OKR_ES_ are known"

    return check


def check_owner(patient: Patient) -> Iterator[Said]:
    """Look for a login of PostgreSQL that could take the guards of the log away."""
    if patient.log.has_file():
        yield "ok", "who has the file has everything: checkpoints outside show what was changed"
        return
    ((login, is_strong),) = patient.log.rows(STRONG, {})
    if is_strong:
        yield "warning", f"The login {login} can drop the guards of the log: {PREPARE}"
    else:
        yield "ok", f"{login} owns nothing of the log"


STRONG = """
  SELECT CAST(session_user AS text), r.rolsuper OR pg_has_role(session_user, c.relowner, 'MEMBER')
  FROM pg_roles r, pg_class c
  WHERE r.rolname = session_user AND c.oid = to_regclass('okr_log.events')
"""


def check_backup(patient: Patient) -> Iterator[Said]:
    """Look for keys that are in no backup, and a backup that is old or was never made."""
    last = last_done(patient, BACKUP)
    if last is None:
        yield "warning", NEVER_BACKED_UP
        return
    at, detail = last
    ((since,),) = patient.log.rows(KEYED_SINCE, {"position": int(detail)})
    if since:
        yield "warning", f"{since} keys of people or for signing are newer than the last backup."
    if patient.clock() - at > BACKED_UP_WITHIN:
        yield "warning", f"The last backup is from {at:%Y-%m-%d}."
    elif not since:
        yield "ok", f"up to position {detail}, on {at:%Y-%m-%d}"


def last_done(patient: Patient, job: str) -> tuple[datetime, str] | None:
    """Return when a job was done last, and what came of it."""
    jobs = Jobs(patient.url)
    try:
        found = jobs.last_run(job, DONE) if jobs.exist() else None
    finally:
        jobs.close()
    return found and (datetime.fromisoformat(found.began_at), found.detail or "")


def check_checkpoints(patient: Patient) -> Iterator[Said]:
    """Look for what is not signed, and for checkpoints that are not outside."""
    checkpoints, accesses = Checkpoints(patient.log), AccessCheckpoints(patient.log)
    last = checkpoints.last()
    ((head, recorded_at),) = patient.log.rows("SELECT position, recorded_at FROM counter", {})
    unsigned = head - (0 if last is None else last.size)
    if unsigned and patient.clock() - datetime.fromisoformat(recorded_at) > SIGNED_WITHIN:
        yield "warning", f"{unsigned} events are not signed: run `okr-es worker` or a server."
    sinks = sinks_of(patient.environment)
    if not sinks:
        yield "warning", f"Checkpoints go nowhere outside: set {DIRECTORY} or {HOOK}."
    for sink in sinks:
        if left := len(checkpoints.unpublished(sink.name)):
            yield "wrong", f"{left} checkpoints have not come to {sink.name}."
        elif accesses.unpublished(sink.name) is not None:
            yield "wrong", f"The last checkpoint of the access log has not come to {sink.name}."
        else:
            yield "ok", f"all checkpoints are in {sink.name}"


def check_jobs(patient: Patient) -> Iterator[Said]:
    """Look for jobs that failed, stopped in the middle, or whose holder is gone."""
    jobs = Jobs(patient.url)
    try:
        if not jobs.exist():
            yield "warning", "No worker ever ran here: start `okr-es worker`."
            return
        odd = list(odd_jobs(jobs))
    finally:
        jobs.close()
    yield from odd or [("ok", "no job failed or stopped in the middle")]


def odd_jobs(jobs: Jobs) -> Iterator[Said]:
    """Yield what is odd about the last run of each job, and about leases."""
    for job in jobs.names():
        last = jobs.last_run(job)
        if last is not None and last.outcome == FAILED:
            yield "wrong", f"{job} failed at {last.began_at}: {last.detail}."
        elif last is not None and last.outcome == PERHAPS_DONE:
            yield "warning", f"{job} stopped in the middle at {last.began_at}: perhaps it is done."
    for lease in jobs.leases():
        if lease.seconds < 0:
            yield "warning", f"The holder of {lease.job} is gone; the next worker takes over."


def check_retention(patient: Patient) -> Iterator[Said]:
    """Look for reads that were to be destroyed and are there; say where the access log was cut."""
    ((oldest,),) = patient.databases["access_log"].rows(OLDEST, {})
    cut = last_cut(patient.log)
    if cut is not None and 0 < oldest <= cut.size:
        yield "wrong", f"Reads before {cut.size} were to be destroyed: run `okr-es retention`."
    elif oldest > (cut.size if cut else 0) + 1:
        yield (
            "wrong",
            f"Reads before {oldest} are gone, and were not cut: run `okr-es audit verify`.",
        )
    else:
        yield "ok", "the access log is whole" if cut is None else f"the access log is {cut}"


def check_erasures(patient: Patient) -> Iterator[Said]:
    """Look for bytes of erased people that are still to be overwritten."""
    ((due,),) = patient.databases["directory"].rows("SELECT due FROM shredding", {})
    if due:
        yield "wrong", "Bytes of erased people are not overwritten yet: send the erasure again."
    else:
        yield "ok", "nothing of erased people is left to be overwritten"
