"""Restoring a backup: copied back, verified, and compared with what was kept outside.

A backup is older than the log it is of. Checkpoints kept outside say how much is missing, and the
lists kept beside them who must be erased again, and what else that was gone is back. What was kept
long enough by now is counted, and not destroyed: a legal hold that was placed after the backup is
not in it, and is to be placed again before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from okr_es.access_log import ACCESSES
from okr_es.application import Okr
from okr_es.areas import RECORDED
from okr_es.commands import Command, EndGrant, ErasePerson, RedactText, RevokeApiKey, SetRetention
from okr_es.context import Context
from okr_es.database.creation import remove
from okr_es.database.database import Database
from okr_es.domain.grant import DAY, Grant
from okr_es.domain.refusals import Invalid, Refusal
from okr_es.domain.retention import FOR_EVER
from okr_es.evidence.access_tree import is_of_accesses
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.kept_lists import (
    ERASURES,
    REVOCATIONS,
    SETTINGS,
    EndedRole,
    Erasure,
    Gone,
    Redaction,
    Revocation,
    Setting,
)
from okr_es.evidence.okr_es_verify import Key, Note, read_note
from okr_es.evidence.verify import Failure, Verification
from okr_es.evidence.verify_access import verify_accesses
from okr_es.log.recorder import LogRecorder
from okr_es.log.redactions import events_of, redacted_commands
from okr_es.operations.backup import copy_back
from okr_es.operations.copying import Progress
from okr_es.operations.retention import due
from okr_es.operations.verify_beside import verify_beside

REDACTED_BEFORE = "This text had been redacted after the backup was made that was restored."
REASON = "This person had been erased after the backup was made that was restored."
REVOKED_BEFORE = "This key had been revoked after the backup was made that was restored."
SET_BEFORE = "These years had been set after the backup was made that was restored."
ENDED_BEFORE = "This role had ended, or its end had been set, after the backup was made."
NOTHING_GONE = Gone()


class NotAsRecorded(RuntimeError):
    """A backup does not hold what was recorded once; nothing was restored."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(
            f"The backup is not as it was recorded, and is not restored: {len(failures)} failures, "
            f"the first: {failures[0].check}: {failures[0].message}."
        )
        self.failures = failures


class Behind(NamedTuple):
    """The newest checkpoint from outside: over how many events, and if a key of this log signed it.

    `events` are those the backup lacks, 0 where it reaches that far. A key that was adopted after
    the backup was made is not known in it.
    """

    size: int
    events: int
    is_signed: bool


class Restored(NamedTuple):
    """What was restored: the end of the log, what it lacks, and who was erased again, or not.

    `by_retention` counts what was kept long enough by now, and is still there.
    """

    position: int
    recorded_at: str
    made_at: str
    behind: Behind | None
    missing_reads: int
    erased: list[UUID]
    not_erased: list[tuple[UUID, str]]
    redacted: int
    not_redacted: list[tuple[int, str]]
    revoked: list[UUID]
    not_revoked: list[tuple[UUID, str]]
    ended: list[UUID]
    not_ended: list[tuple[UUID, str]]
    years_set: list[int]
    years_not_set: list[tuple[int, str]]
    by_retention: dict[str, int]


class Repeated(NamedTuple):
    """What of a list was done again, and what was refused and why."""

    done: list[Any]
    refused: list[tuple[Any, str]]


def restore(
    folder: Path,
    url: str,
    known: Sequence[str] = (),
    gone: Gone = NOTHING_GONE,
    by: UUID | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Restore a backup into an empty database.

    `known` are checkpoints kept outside, `gone` what the lists kept beside them say; `by` is who
    repeats it. Raises NotAsRecorded, and then there is no database, as where anything else fails.
    """
    notes = {text: read_note(text) for text in known}
    manifest = copy_back(folder, url, progress)
    try:
        behind_by, missing_reads = compare(url, notes)
        erased, redacted, revoked, ended, years = repeat(url, gone, by)
        with closing(Okr(url)) as okr:
            by_retention = due(okr).counts()
    except BaseException:
        for name in RECORDED:
            remove(Database(url, name))
        raise
    return Restored(
        manifest.contents.position,
        manifest.contents.recorded_at,
        manifest.made_at,
        behind_by,
        missing_reads,
        *erased,
        len(redacted.done),
        redacted.refused,
        *revoked,
        *ended,
        *years,
        by_retention,
    )


def compare(url: str, notes: Mapping[str, Note]) -> tuple[Behind | None, int]:
    """Verify a restored database, also with the checkpoints from outside.

    Returns how far the log is behind them, and how many reads are missing in the access log. Raises
    NotAsRecorded.
    """
    database, accesses = Database(url), Database(url, "access")
    try:
        log = LogRecorder(database)
        ends = {False: log.head(), True: ACCESSES.head(accesses)}
        within = [text for text, note in notes.items() if note.size <= ends[is_of_accesses(text)]]
        failures = [
            *Verification(log, within).run().failures,
            *verify_accesses(database, within).failures,
            *verify_beside(url),
        ]
        if failures:
            raise NotAsRecorded(failures)
        of_log = [note for text, note in notes.items() if not is_of_accesses(text)]
        reads = [note.size for text, note in notes.items() if is_of_accesses(text)]
        missing_reads = max(max(reads, default=0) - ends[True], 0)
        return behind(of_log, ends[False], Checkpoints(database).adopted_keys()), missing_reads
    finally:
        database.dispose()
        accesses.dispose()


def behind(notes: Sequence[Note], head: int, keys: Sequence[Key]) -> Behind | None:
    """Return how far a log is behind the newest checkpoint, None without one."""
    newest = max(notes, key=lambda note: note.size, default=None)
    if newest is None:
        return None
    is_signed = any(map(newest.is_signed_by, keys))
    return Behind(newest.size, max(newest.size - head, 0), is_signed)


class Again(NamedTuple):
    """Something that is to be done again, by which it is named in the answer, and how."""

    named: Any
    command: Command
    reason: str


def repeat(url: str, gone: Gone, by: UUID | None) -> list[Repeated]:
    """Do again what a list says is gone and a restored log has: of each list, in its order."""
    with closing(Okr(url)) as okr:
        return [
            repeated(okr, again, noun, by)
            for again, noun in (
                (to_erase(okr, gone.erasures), "people must be erased"),
                (to_redact(okr, gone.redactions), "texts must be redacted"),
                (to_revoke(okr, gone.revocations), "api keys must be revoked"),
                (to_end(okr, gone.endings), "roles must be ended"),
                (to_set(okr, gone.settings), "list of years of retention must be set"),
            )
        ]


def repeated(okr: Okr, again: Sequence[Again], noun: str, by: UUID | None) -> Repeated:
    """Do some things again; return which were done, and which were refused and why."""
    found = Repeated([], [])
    if again and by is None:
        raise Invalid(f"{len(again)} {noun} again: name who does it.", field="by")
    if not again or by is None:
        return found
    okr.require_person(by)
    for named, command, reason in again:
        try:
            okr.execute(command, Context(by, reason, origin="job"))
        except Refusal as refusal:
            found.refused.append((named, str(refusal)))
        else:
            found.done.append(named)
    return found


def to_erase(okr: Okr, erasures: Sequence[Erasure]) -> list[Again]:
    """Return the erasures of people who are in the directory and not erased in the log."""
    done = {each.person_id for each in ERASURES.in_log(okr.database)}
    there = okr.directory.keys([each.person_id for each in erasures]).keys() - done
    return [
        Again(each.person_id, ErasePerson(each.person_id, each.legal_ground), REASON)
        for each in erasures
        if each.person_id in there
    ]


def to_redact(okr: Okr, redactions: Sequence[Redaction]) -> list[Again]:
    """Return the redactions of texts that are in the log and not redacted there."""
    done, found = redacted_commands(okr.database), []
    for each in redactions:
        events = [] if each.text_of in done else events_of(okr.database, each.text_of)
        if events:
            command = RedactText(events[0].position, each.legal_ground)
            found.append(Again(each.at_position, command, REDACTED_BEFORE))
    return found


def to_revoke(okr: Okr, revocations: Sequence[Revocation]) -> list[Again]:
    """Return the revocations of api keys that the log knows and that are not revoked in it."""
    done = {each.key_id for each in REVOCATIONS.in_log(okr.database)}
    there = okr.directory.keys([each.key_id for each in revocations]).keys() - done
    listed = [each.key_id for each in revocations if each.key_id in there]
    return [Again(key_id, RevokeApiKey(key_id), REVOKED_BEFORE) for key_id in listed]


def to_set(okr: Okr, settings: Sequence[Setting]) -> list[Again]:
    """Return the years of retention that were set last, where the log has others of before."""
    last = max(settings, key=lambda each: each.recorded_at, default=None)
    known = SETTINGS.in_log(okr.database)
    if last is None or (known and last.recorded_at <= known[-1].recorded_at):
        return []
    if last.years == (known[-1].years if known else FOR_EVER):
        return []
    return [Again(last.position, SetRetention(**last.years._asdict()), SET_BEFORE)]


def to_end(okr: Okr, endings: Sequence[EndedRole]) -> list[Again]:
    """Return the endings of roles that hold longer in the log than the last line of each says."""
    last = {each.grant_id: each for each in sorted(endings, key=lambda each: each.recorded_at)}
    today, found = okr.today(), []
    for grant_id, each in last.items():
        if each.ends is None or grant_id not in okr.repository:
            continue
        grant: Grant = okr.repository.get(grant_id)
        day = max(each.ends + DAY, today)
        if (grant.ends or date.max) >= day:
            found.append(Again(grant_id, EndGrant(grant_id, day), ENDED_BEFORE))
    return found
