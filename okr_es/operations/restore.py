"""Restoring a backup: copied back, verified, and compared with what was kept outside.

A backup is older than the log it is of. Checkpoints kept outside say how much is missing, and the
list of erasures says who must be erased again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from okr_es.access_log import ACCESSES
from okr_es.application import Okr
from okr_es.areas import RECORDED
from okr_es.commands import ErasePerson, RedactText, RevokeApiKey
from okr_es.context import Context
from okr_es.database.creation import remove
from okr_es.database.database import Database
from okr_es.domain.refusals import Invalid, Refusal
from okr_es.evidence.access_tree import is_of_accesses
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.erasures import Erasure, Redaction, Revocation, erasures_in, revocations_in
from okr_es.evidence.okr_es_verify import Key, Note, read_note
from okr_es.evidence.verify import Failure, Verification
from okr_es.evidence.verify_access import verify_accesses
from okr_es.log.recorder import LogRecorder
from okr_es.log.redactions import events_of, redacted_commands
from okr_es.operations.backup import copy_back
from okr_es.operations.copying import Progress
from okr_es.operations.verify_beside import verify_beside

REDACTED_BEFORE = "This text had been redacted after the backup was made that was restored."
REASON = "This person had been erased after the backup was made that was restored."


REVOKED_BEFORE = "This key had been revoked after the backup was made that was restored."


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
    """What was restored: the end of the log, what it lacks, and who was erased again, or not."""

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


def restore(
    folder: Path,
    url: str,
    known: Sequence[str] = (),
    erasures: Sequence[Erasure] = (),
    by: UUID | None = None,
    progress: Progress | None = None,
    redactions: Sequence[Redaction] = (),
    revocations: Sequence[Revocation] = (),
) -> Restored:
    """Restore a backup into an empty database.

    `known` are checkpoints kept outside, `erasures`, `redactions` and `revocations` the lists kept
    beside them; `by` is who repeats them. Raises NotAsRecorded, and then there is no database,
    as where anything else fails.
    """
    notes = {text: read_note(text) for text in known}
    manifest = copy_back(folder, url, progress)
    try:
        behind_by, missing_reads = compare(url, notes)
        outcomes = erase_again(url, erasures, by)
        texts = redact_again(url, redactions, by)
        revoked = revoke_again(url, revocations, by)
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
        [person for person, refusal in outcomes if refusal is None],
        [(person, str(refusal)) for person, refusal in outcomes if refusal is not None],
        sum(refusal is None for _, refusal in texts),
        [(position, str(refusal)) for position, refusal in texts if refusal is not None],
        revoked,
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


def erase_again(
    url: str, erasures: Sequence[Erasure], by: UUID | None
) -> list[tuple[UUID, Refusal | None]]:
    """Repeat erasures; return of each the refusal, if it was refused."""
    with closing(Okr(url)) as okr:
        again = left_to_erase(okr, erasures)
        if not again:
            return []
        if by is None:
            message = f"{len(again)} people must be erased again: name who does it."
            raise Invalid(message, field="by")
        okr.require_person(by)
        return [(each.person_id, erase(okr, each, by)) for each in again]


def left_to_erase(okr: Okr, erasures: Sequence[Erasure]) -> list[Erasure]:
    """Return the erasures of people who are in the directory and not erased in the log."""
    done = {each.person_id for each in erasures_in(okr.database)}
    there = okr.directory.keys([each.person_id for each in erasures])
    return [each for each in erasures if each.person_id in there and each.person_id not in done]


def erase(okr: Okr, erasure: Erasure, by: UUID) -> Refusal | None:
    """Erase a person again; return the refusal where that was not possible."""
    try:
        command = ErasePerson(erasure.person_id, erasure.legal_ground)
        okr.execute(command, Context(by, REASON, origin="job"))
    except Refusal as refusal:
        return refusal
    return None


def redact_again(
    url: str, redactions: Sequence[Redaction], by: UUID | None
) -> list[tuple[int, Refusal | None]]:
    """Repeat redactions, by the positions of the events; return of each the refusal, if any."""
    with closing(Okr(url)) as okr:
        again = left_to_redact(okr, redactions)
        if not again:
            return []
        if by is None:
            raise Invalid(
                f"{len(again)} texts must be redacted again: name who does it.", field="by"
            )
        return [(each.at_position, redact(okr, each, by)) for each in again]


def left_to_redact(okr: Okr, redactions: Sequence[Redaction]) -> list[Redaction]:
    """Return the redactions of texts that are in the log and not redacted there."""
    done = redacted_commands(okr.database)
    return [
        each
        for each in redactions
        if each.text_of not in done and events_of(okr.database, each.text_of)
    ]


def redact(okr: Okr, redaction: Redaction, by: UUID) -> Refusal | None:
    """Redact a text again; return the refusal where that was not possible."""
    first = events_of(okr.database, redaction.text_of)[0]
    try:
        command = RedactText(first.position, redaction.legal_ground)
        okr.execute(command, Context(by, REDACTED_BEFORE, origin="job"))
    except Refusal as refusal:
        return refusal
    return None


def revoke_again(url: str, revocations: Sequence[Revocation], by: UUID | None) -> list[UUID]:
    """Revoke api keys again that the backup knows and that were revoked; return which."""
    with closing(Okr(url)) as okr:
        done = {each.key_id for each in revocations_in(okr.database)}
        there = okr.directory.keys([each.key_id for each in revocations])
        again = [each.key_id for each in revocations if each.key_id in there.keys() - done]
        if not again:
            return []
        if by is None:
            message = f"{len(again)} api keys must be revoked again: name who does it."
            raise Invalid(message, field="by")
        for key_id in again:
            okr.execute(RevokeApiKey(key_id), Context(by, REVOKED_BEFORE, origin="job"))
    return again
