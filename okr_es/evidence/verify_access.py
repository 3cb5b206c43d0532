"""The access log, checked in place: every read hashed, every checkpoint over them compared.

That nothing is there any more is no erasure: nobody's erasure removes a read, which has ids alone.
Where the log says that the oldest reads were cut by retention, the others are proven from the edge
of the tree at the checkpoint of the cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from sqlalchemy.exc import DBAPIError

from okr_es.access_log import OLDEST
from okr_es.database.database import Database, run
from okr_es.evidence.access_cut import Cut, cuts_in
from okr_es.evidence.access_tree import (
    AccessCheckpoint,
    AccessCheckpoints,
    Fetch,
    Read,
    as_access_key,
    is_of_accesses,
    reads_after,
)
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.okr_es_verify import Failed, Key, Note, read_note
from okr_es.evidence.verify import MOST_FAILURES, UNREADABLE, Failure
from okr_es.log.merkle import Frontier

COUNTER = "SELECT position, recorded_at FROM access_counter"
CUT_AWAY = "the reads it was signed over were cut, and no such checkpoint is kept"
STRAY = """
  SELECT count(*) FROM access_about a
  WHERE NOT EXISTS (SELECT 1 FROM accesses r WHERE r.position = a.position)
"""


class VerifiedAccesses(NamedTuple):
    """What a verification of the access log looked at, and everything it found wrong.

    `start` is how many of the oldest reads are gone, `cut` the last cut that is recorded: where it
    is not finished, fewer are gone than it says.
    """

    start: int
    reads: int
    root: bytes
    checkpoints: int
    failures: list[Failure]
    cut: Cut | None


class AccessVerification:
    """One pass over the access log, its memory not growing with it."""

    def __init__(self, log: Database, accesses: Database, known: Sequence[str] = ()) -> None:
        self.database = accesses
        self.checkpoints = AccessCheckpoints(log)
        self.keys = Checkpoints(log).adopted_keys
        self.known_texts = [text for text in known if is_of_accesses(text)]
        self.frontier = Frontier()
        self.roots: dict[int, bytes] = {}
        self.stored: dict[int, AccessCheckpoint] = {}
        self.cuts: list[Cut] = []
        self.start = 0
        self.last_recorded_at = ""
        self.failures: list[Failure] = []

    def run(self) -> VerifiedAccesses:
        """Check everything; return what was found."""
        self.attempt(
            lambda: self.stored.update((each.size, each) for each in self.checkpoints.all())
        )
        known = [note for text in self.known_texts for note in self.read(text)]
        sizes = sorted(self.stored.keys() | {note.size for note in known})
        self.attempt(lambda: self.check_accesses(sizes))
        keys: list[Key] = []
        self.attempt(lambda: keys.extend(map(as_access_key, self.keys())))
        for each in self.stored.values():
            self.check_stored(each, keys)
        for note in known:
            self.check_note(note, keys, "known access checkpoint")
        for cut in self.cuts:
            self.check_cut(cut)
        reads, root = self.frontier.size - self.start, self.frontier.root
        last = next(reversed(self.cuts), None)
        return VerifiedAccesses(self.start, reads, root, len(self.stored), self.failures, last)

    def attempt(self, check: Callable[[], None]) -> None:
        """Check something; what cannot even be read is not as it was recorded."""
        try:
            check()
        except (DBAPIError, sqlite3.Error, psycopg.Error, *UNREADABLE) as error:
            self.fail("access log", None, f"it cannot be read: {error}")

    def fail(self, check: str, position: int | None, message: str) -> None:
        """Note something that is wrong."""
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(Failure(check, position, message))

    def check_accesses(self, sizes: Sequence[int]) -> None:
        """Check all that is in the access log, in one snapshot."""
        if self.database.lacks_file():
            self.fail("access log", None, f"{self.database.path} does not exist")
            return
        with self.database.snapshot() as connection:

            def fetch(statement: str, parameters: Mapping[str, Any]) -> Sequence[Any]:
                found: Sequence[Any] = run(connection, statement, parameters).fetchall()
                return found

            self.check_reads(fetch, sizes)
            self.check_beside(fetch)

    def check_reads(self, fetch: Fetch, sizes: Sequence[int]) -> None:
        """Check positions and times of all reads, and build the tree over them."""
        oldest = fetch(OLDEST, {})[0][0]
        self.cuts += cuts_in(self.checkpoints.database)  # recorded before reads are destroyed
        self.begin(oldest)
        coming = (size for size in sizes if size > self.start)
        size = next(coming, None)
        for reads in reads_after(fetch, self.database.dialect, 0):
            for read in reads:
                self.check_order(read)
                self.frontier.append(read.leaf)
                if self.frontier.size == size:
                    self.roots[size] = self.frontier.root
                    size = next(coming, None)

    def begin(self, oldest: int) -> None:
        """Begin with the oldest read, where the log says that those before it were cut."""
        cuts = {cut.size: cut for cut in self.cuts}
        start = oldest - 1 if oldest else max(cuts, default=0)
        if start and (found := self.stored.get(start)) and start in cuts:
            self.frontier, self.start = found.frontier, start
            self.roots[start] = self.frontier.root
        elif start > 0:
            message = f"the reads up to {start} are gone, and were not cut there by retention"
            self.fail("access log", start, message)

    def check_cut(self, cut: Cut) -> None:
        """Check that a cut is where it was signed, as long before as the years say."""
        stored = self.stored.get(cut.size)
        if stored is None or stored.root.hex() != cut.root:
            self.fail("access cut", cut.size, "there was no checkpoint that it says it is at")
        elif stored.signed_at >= cut.signed_before:
            self.fail("access cut", cut.size, "its reads were younger than retention asks for")

    def check_order(self, read: Read) -> None:
        """Check that a read is the next one, and not earlier than the one before."""
        expected = self.frontier.size + 1
        if read.position != expected:
            self.fail("access log", expected, "the read is missing, or not in its place")
        if read.recorded_at < self.last_recorded_at:
            before = self.last_recorded_at
            self.fail("access log", read.position, f"it is of {read.recorded_at}, after {before}")
        self.last_recorded_at = read.recorded_at

    def check_beside(self, fetch: Fetch) -> None:
        """Check that the access log ends where it says, and that each id belongs to a read."""
        position, recorded_at = fetch(COUNTER, {})[0]
        if (position, recorded_at) != (self.frontier.size, self.last_recorded_at):
            message = f"it says that it ends at {position}, and has {self.frontier.size} reads"
            self.fail("access log", None, message)
        if (stray := fetch(STRAY, {})[0][0]) > 0:
            self.fail("access log", None, f"{stray} ids belong to no read")

    def check_stored(self, stored: AccessCheckpoint, keys: Sequence[Key]) -> None:
        """Check a stored checkpoint."""
        for note in self.read(stored.note):
            if (note.size, note.root) != (stored.size, stored.root):
                self.fail("access checkpoint", stored.size, "the note says otherwise than its row")
            self.check_note(note, keys, "access checkpoint")
        if stored.frontier.root != stored.root:
            self.fail("access checkpoint", stored.size, "the edge of its tree is not what was kept")

    def read(self, text: str) -> list[Note]:
        """Return a note that can be read, or none."""
        try:
            return [read_note(text)]
        except Failed as failed:
            self.fail("access checkpoint", None, str(failed))
            return []

    def check_note(self, note: Note, keys: Sequence[Key], check: str) -> None:
        """Check the signature of a checkpoint, and that the reads are those it was signed over."""
        if not any(note.is_signed_by(key) for key in keys):
            self.fail(check, note.size, "it is signed by no key of this log")
        found = self.roots.get(note.size)
        if note.size < self.start:  # of the tree over reads that are gone its root is left
            found = self.stored[note.size].root if note.size in self.stored else None
        if found is None:
            is_cut = note.size < self.start
            self.fail(check, note.size, CUT_AWAY if is_cut else ends_before(self.frontier.size))
        elif found != note.root:
            message = f"the reads up to {note.size} are not those it was signed over"
            self.fail(check, note.size, message)


def ends_before(size: int) -> str:
    """Return in words that the access log is shorter than what was signed."""
    if not size:
        return "the access log is empty: it was lost or removed, which no erasure does"
    return f"the access log ends at {size}, before this checkpoint: it was cut off"


def verify_accesses(log: Database, known: Sequence[str] = ()) -> VerifiedAccesses:
    """Check the access log that belongs to a log, as it lies there."""
    url = log.url.render_as_string(hide_password=False)
    accesses = Database(url, "access", read_only=log.read_only)
    try:
        return AccessVerification(log, accesses, known).run()
    finally:
        accesses.dispose()
