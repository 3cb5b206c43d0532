"""The log, checked in place: every event hashed again, every checkpoint compared with the tree.

The database alone cannot show a change of all its parts alike: an end cut off together with the
checkpoints over it, an old backup put back, the whole log rewritten and signed again. For that,
give checkpoints that were stored outside.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from okr_es.database.database import binary_rows, run
from okr_es.database.dialect import driver_of
from okr_es.evidence.access_tree import is_of_accesses
from okr_es.evidence.checkpoints import Checkpoint, Checkpoints
from okr_es.evidence.okr_es_verify import Failed, Key, Note, Signatures, read_note
from okr_es.evidence.rehash import (
    HASH,
    POSITION,
    Stored,
    Tampered,
    canonical_line,
    hashed,
    require_object,
)
from okr_es.log.canonical import LEAF_PREFIX
from okr_es.log.merkle import Frontier
from okr_es.log.recorder import LogRecorder
from okr_es.log.schema import COLUMNS

BATCH = 4_096
UNREADABLE = (TypeError, ValueError, OverflowError, RecursionError)
MOST_FAILURES = 1_000
RECORDED_AT, VERSION, TYPE = map(COLUMNS.index, ("recorded_at", "version", "type"))
NUMBERS = tuple(map(COLUMNS.index, ("position", "version", "schema_version")))
READING = "reading."  # what the types of all its events begin with; it has no state to keep
Progress = Callable[[int, int], None]


class Failure(NamedTuple):
    """Something that is not as it was recorded: which check saw it, where, and what it is."""

    check: str
    position: int | None
    message: str


class Verified(NamedTuple):
    """What a verification looked at, and everything it found wrong."""

    events: int
    root: bytes
    checkpoints: int
    known: int
    failures: list[Failure]

    @property
    def holds(self) -> bool:
        """True if nothing is wrong."""
        return not self.failures


class Verification:
    """One pass over the log, in one snapshot, its memory not growing with the log.

    `since` is a checkpoint up to which an earlier verification has come: its root is compared with
    the stored hashes, and events behind it are hashed again.
    """

    def __init__(
        self,
        log: LogRecorder,
        known: Sequence[str] = (),
        progress: Progress | None = None,
        since: Note | None = None,
    ) -> None:
        self.log = log
        self.database = log.database
        self.known_texts = [text for text in known if not is_of_accesses(text)]
        self.since = since
        self.start = 0
        self.progress = progress or (lambda _done, _all: None)
        self.frontier = Frontier()
        self.failures: list[Failure] = []
        self.last_recorded_at = ""
        self.roots: dict[int, bytes] = {}
        self.checkpoints = self.begun = 0
        self.next: Checkpoint | None = None

    def run(self) -> Verified:
        """Check everything; return what was found."""
        with self.database.snapshot_read_once() as connection:
            keys = self.keys(connection)
            known = self.read_known(keys)
            if self.since is not None:
                self.attempt_since(self.since, keys)
            self.known_sizes = sorted({note.size for note in known if note.size > self.start})
            self.roots |= {n.size: self.stored_root(n.size) for n in known if n.size <= self.start}
            self.signatures = Signatures(keys)
            self.coming = checkpoints_in(connection, self.start or None)
            for check in (
                self.check_events, self.check_remaining, self.check_tree, self.check_counter,
                self.check_streams,
            ):  # fmt: skip
                self.attempt(check, connection)
        self.check_known(known)
        size, root = self.frontier.size, self.frontier.root
        return Verified(size, root, self.checkpoints, len(known), self.failures)

    def attempt(self, check: Callable[[Connection], None], connection: Connection) -> None:
        """Check something; what cannot even be read is not as it was recorded."""
        try:
            check(connection)
        except (DBAPIError, sqlite3.Error, psycopg.Error, *UNREADABLE) as error:
            name = check.__name__.removeprefix("check_")
            self.fail(name, None, f"it cannot be read: {error}")

    def fail(self, check: str, position: int | None, message: str) -> None:
        """Note something that is wrong."""
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(Failure(check, position, message))

    def attempt_since(self, since: Note, keys: Sequence[Key]) -> None:
        """Go on from a checkpoint; from the beginning, where the log is not the one it is of."""
        if not any(since.is_signed_by(key) for key in keys):
            self.fail("since", since.size, "it is signed by no key of this log")
            return
        try:
            frontier = Frontier.of(Checkpoints(self.database).tree(since.size))
        except LookupError:
            self.fail("since", since.size, "the log ends before it")
            return
        if frontier.root != since.root:
            self.fail("since", since.size, "the hashes up to here are not those it was signed over")
            return
        self.frontier, self.start = frontier, since.size
        if last := self.log.at([since.size]):
            self.last_recorded_at = last[0][RECORDED_AT]

    def stored_root(self, size: int) -> bytes:
        """Return the root over the stored hashes of the first events."""
        return Checkpoints(self.database).tree(size).root

    # ---- events -------------------------------------------------------------------------

    def check_events(self, connection: Connection) -> None:
        """Check positions, times and hashes of all events, and build the tree over them."""
        self.next = next(self.coming, None)
        after = f" WHERE position > {self.start}" if self.start else ""
        head = self.start + (scalar(connection, f"SELECT count(*) FROM events{after}") or 0)
        for rows in batches(connection, self.log.column_list(COLUMNS), self.start or None):
            columns = list(zip(*rows, strict=True))
            self.check_order(columns)
            kinds = Counter(zip(columns[VERSION], columns[TYPE], strict=True))
            self.begun += sum(n for (v, kind), n in kinds.items() if v == 1 and kind[:8] != READING)
            self.grow(self.leaves(rows, columns[HASH]))
            self.progress(self.frontier.size, max(head, self.frontier.size))
        if self.frontier.size != head:
            self.fail("order", None, f"{head} events are kept, {self.frontier.size} can be read")

    def check_order(self, columns: Sequence[Sequence[Any]]) -> None:
        """Check that positions follow one another, and that time does not go back."""
        positions, times = columns[POSITION], [self.last_recorded_at, *columns[RECORDED_AT]]
        if any({*map(type, columns[n])} != {int} for n in NUMBERS):
            self.fail("event", positions[0], "from here on a number is not a whole one")
        first = self.frontier.size + 1
        if positions != tuple(range(first, first + len(positions))):
            wrong = next(p for n, p in enumerate(positions, first) if p != n)
            self.fail("order", wrong, "the position is not the next one: an event is missing")
        if times != sorted(times):
            for before, after, position in zip(times, times[1:], positions, strict=False):
                if after < before:
                    self.fail("time", position, f"recorded at {after}, after {before}")
        self.last_recorded_at = times[-1]

    def leaves(self, rows: Sequence[Stored], stored: Sequence[bytes]) -> Sequence[bytes]:
        """Return the hashes of events as they are stored; note those that are not as recorded."""
        try:
            found = [sha256(LEAF_PREFIX + canonical_line(row)).digest() for row in rows]
            if found == list(stored):
                require_objects(rows)
                return found
        except UNREADABLE:
            pass
        return [self.leaf(row) for row in rows]

    def leaf(self, row: Stored) -> bytes:
        """Return the hash of one event; note what is wrong with it."""
        try:
            return next(hashed([row])).leaf
        except Tampered as tampered:
            self.fail("event", tampered.position, tampered.message)
            return sha256(LEAF_PREFIX + repr(tuple(row)).encode()).digest()

    def grow(self, leaves: Sequence[bytes]) -> None:
        """Add leaves to the tree, and check each checkpoint whose size is reached."""
        start = self.frontier.size
        while (size := self.next_stop()) is not None and size <= start + len(leaves):
            self.frontier.extend(leaves[self.frontier.size - start : max(size - start, 0)])
            self.stop(size)
        self.frontier.extend(leaves[self.frontier.size - start :])

    def next_stop(self) -> int | None:
        """Return the next size at which a root is to be looked at."""
        sizes = self.known_sizes[:1] + ([] if self.next is None else [self.next.size])
        return min(sizes, default=None)

    def stop(self, size: int) -> None:
        """Check the checkpoint of a size; note the root where one from outside has that size."""
        if self.next is not None and self.next.size == size:
            self.check_checkpoint(self.next)
            self.next = next(self.coming, None)
        if self.known_sizes[:1] == [size]:
            self.roots[self.known_sizes.pop(0)] = self.frontier.root

    # ---- what is stored beside the events -----------------------------------------------

    def check_tree(self, connection: Connection) -> None:
        """Check the stored hashes of the tree up to the last checkpoint."""
        last = scalar(connection, "SELECT max(size) FROM checkpoints") or 0
        rows = run(connection, "SELECT level, number, hash FROM tree", {}).fetchall()
        stored = {
            (level, number): bytes(found)
            for level, number, found in rows
            if (number + 1) << level > self.start
        }
        for level, number, found in self.frontier.full_blocks:
            ends = (number + 1) << level
            if ends <= last and stored.pop((level, number), None) != found:
                self.fail(
                    "tree", ends, f"the kept hash of block {number} of level {level} is wrong"
                )
        for level, number in stored:
            self.fail("tree", None, f"there is a kept hash too many: {number} of level {level}")

    def check_counter(self, connection: Connection) -> None:
        """Check that the log ends where it says it does."""
        row = run(connection, "SELECT position, recorded_at FROM counter", {}).fetchone()
        if row is None or row[0] != self.frontier.size:
            says = "nothing" if row is None else row[0]
            self.fail("counter", None, f"the log says {says}, and has {self.frontier.size} events")
        elif row[1] != self.last_recorded_at:
            self.fail("counter", None, "the time of the last event is not what the log says")

    def check_streams(self, connection: Connection) -> None:
        """Check that versions follow one another, and the states kept beside the streams."""
        as_text = self.database.dialect.id_as_text
        broken = BROKEN.format(as_text("e.stream"), after=self.start)
        for stream, version in run(connection, broken, {}):
            self.fail("stream", None, f"{stream} has a version {version}, and not the one before")
        for stream, version in run(connection, MISSTATED.format(as_text("s.stream")), {}):
            self.fail("state", None, f"the state kept of {stream} is of version {version}")
        if self.start:  # how many streams had begun by then is not known
            return
        if (states := scalar(connection, "SELECT count(*) FROM streams")) != self.begun:
            self.fail("state", None, f"{self.begun} streams have begun, and {states} have a state")

    # ---- checkpoints --------------------------------------------------------------------

    def keys(self, connection: Connection) -> list[Key]:
        """Return the keys of the log; note where they cannot be read."""
        try:
            return Checkpoints(self.database).adopted_keys(connection)
        except Exception as error:  # noqa: BLE001  - whatever a forger wrote there
            self.fail("keys", None, f"the keys of the log cannot be read: {error}")
            return []

    def check_checkpoint(self, stored: Checkpoint) -> None:
        """Check a checkpoint over all events so far: its note, its signatures and its root."""
        self.checkpoints += 1
        try:
            note = read_note(stored.note)
            if (note.size, note.root) != (stored.size, stored.root):
                self.fail("checkpoint", stored.size, "the note says otherwise than its row")
            self.signatures.check(note)
        except Failed as failed:
            self.fail("checkpoint", stored.size, str(failed))
        if stored.root != self.frontier.root:
            message = f"the events up to {stored.size} are not those the checkpoint was signed over"
            self.fail("checkpoint", stored.size, message)

    def check_remaining(self, _: Connection) -> None:
        """Note the checkpoints over events that are not there."""
        while self.next is not None:
            self.checkpoints += 1
            message = (
                f"the log ends at {self.frontier.size}, before the checkpoint {self.next.size}"
            )
            self.fail("checkpoint", self.next.size, message)
            self.next = next(self.coming, None)

    def read_known(self, keys: Sequence[Key]) -> list[Note]:
        """Return the checkpoints from outside; note those that no key of the log signed."""
        notes = []
        for text in self.known_texts:
            try:
                note = read_note(text)
            except Failed as failed:
                self.fail("known checkpoint", None, str(failed))
                continue
            if not any(note.is_signed_by(key) for key in keys):
                message = "it is signed by no key of this log: it is another's, or was signed again"
                self.fail("known checkpoint", note.size, message)
            notes.append(note)
        return notes

    def check_known(self, known: Sequence[Note]) -> None:
        """Check that the log has the roots of the checkpoints from outside."""
        for note in known:
            found = self.roots.get(note.size)
            if found is None:
                message = f"the log ends at {self.frontier.size}, before the known checkpoint"
                self.fail("known checkpoint", note.size, message)
            elif found != note.root:
                message = f"the events up to {note.size} are not those it was signed over"
                self.fail("known checkpoint", note.size, message)


CHECKPOINTS = """
  SELECT size, root, note, signed_at, cause FROM checkpoints
  {where} ORDER BY size LIMIT 1000
"""
BROKEN = """
  SELECT {}, e.version FROM events e
  WHERE e.version <> 1 AND (e.position > {after} OR {after} = 0) AND NOT EXISTS (
    SELECT 1 FROM events p WHERE p.stream = e.stream AND p.version = e.version - 1) LIMIT 100
"""
MISSTATED = """
  SELECT {}, s.version FROM streams s
  WHERE NOT coalesce(
    s.version = (SELECT max(e.version) FROM events e WHERE e.stream = s.stream), FALSE
  ) LIMIT 100
"""


def batches(connection: Connection, columns: str, start: int | None) -> Iterator[Sequence[Stored]]:
    """Yield all events behind a position, some at a time, the next ones being read meanwhile."""

    def read(after: int | None) -> Sequence[Stored]:
        where = "" if after is None else "WHERE position > :after"
        statement = f"SELECT {columns} FROM events {where} ORDER BY position LIMIT {BATCH}"
        return binary_rows(driver_of(connection), statement, {"after": after})

    if connection.dialect.name == "sqlite":  # which reads in this very process
        rows = read(start)
        while rows:
            yield rows
            rows = read(rows[-1][POSITION])
        return
    with ThreadPoolExecutor(1, "okr-es-read-ahead") as ahead:
        rows = read(start)
        while rows:
            coming = ahead.submit(read, rows[-1][POSITION])
            yield rows
            rows = coming.result()


def checkpoints_in(connection: Connection, after: int | None) -> Iterator[Checkpoint]:
    """Yield all checkpoints behind a size, the oldest first."""
    while page := page_behind(connection, after):
        for size, root, note, signed_at, cause in page:
            yield Checkpoint(size, bytes(root), note, signed_at, cause)
        after = page[-1][0]


def page_behind(connection: Connection, after: int | None) -> Sequence[Any]:
    """Return the next checkpoints behind a size, the first ones behind none."""
    where = "" if after is None else "WHERE size > :after"
    found: Sequence[Any] = run(
        connection, CHECKPOINTS.format(where=where), {} if after is None else {"after": after}
    ).fetchall()
    return found


def scalar(connection: Connection, statement: str) -> Any:
    """Return the single value of a statement's result."""
    found = run(connection, statement, {}).fetchone()
    return None if found is None else found[0]


def require_objects(rows: Sequence[Stored]) -> None:
    """Raise ValueError unless the data of each event stands alone."""
    for row in rows:
        require_object(row)
