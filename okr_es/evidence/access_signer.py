"""Signing the access log: by the keys of the log, whenever there are new reads."""

from __future__ import annotations

from collections.abc import Sequence

from okr_es.application import Okr
from okr_es.database.append_only import GapFound
from okr_es.database.clock import instant
from okr_es.evidence.access_tree import (
    AccessCheckpoint,
    AccessCheckpoints,
    as_access_key,
    reads_after,
)
from okr_es.evidence.checkpoints import Checkpoints
from okr_es.evidence.okr_es_verify import Key, b64, read_note
from okr_es.evidence.rehash import Tampered
from okr_es.evidence.signed_notes import signed_note
from okr_es.log.merkle import Frontier


class AccessSigner:
    """Signs checkpoints over the access log."""

    def __init__(self, okr: Okr) -> None:
        self.okr = okr
        self.checkpoints = AccessCheckpoints(okr.database)

    def has_new(self) -> bool:
        """Return whether something was read since the last checkpoint."""
        last = self.checkpoints.last()
        return self.okr.access_log.head() != (0 if last is None else last.size)

    def sign(self, keys: Sequence[Key]) -> AccessCheckpoint | None:
        """Sign what is new; None if there is nothing, or another process has signed it.

        Raises GapFound where the access log ends before what was signed, or reads are missing.
        """
        last = self.checkpoints.last()
        frontier = self.grown_frontier(last)
        if frontier.size == (0 if last is None else last.size):
            return None
        head = self.okr.log.head()
        signers = [
            (as_access_key(key), private)
            for key in keys
            if key.counts(head) and (private := self.okr.signing_keys.private(b64(key.public)))
        ]
        if not signers:
            return None  # signing the log says what is wrong
        note = signed_note(signers[0][0].name, frontier.size, frontier.root, signers)
        at = instant(self.okr.clock())
        edge = b"".join(frontier.edge)
        made = AccessCheckpoint(frontier.size, frontier.root, note, at, edge)
        return made if self.store(made, last) else None

    def grown_frontier(self, last: AccessCheckpoint | None) -> Frontier:
        """Return the tree over all reads, grown from the last checkpoint."""
        frontier = Frontier() if last is None else last.frontier
        if last is not None and not (last.root == frontier.root == read_note(last.note).root):
            raise Tampered(
                last.size, "what is kept of the access log's tree is not what was signed"
            )
        if self.okr.access_log.head() < frontier.size:
            raise GapFound(f"The access log was signed up to {frontier.size}, but ends before.")
        database = self.okr.access_log.database
        for reads in reads_after(database.rows, database.dialect, frontier.size):
            for read in reads:
                if read.position != frontier.size + 1:
                    raise GapFound(f"Read {frontier.size + 1} is missing in the access log.")
                frontier.append(read.leaf)
        return frontier

    def store(self, made: AccessCheckpoint, last: AccessCheckpoint | None) -> bool:
        """Store a checkpoint, unless another was stored since; return whether it was."""
        with self.okr.database.transaction() as connection:
            Checkpoints(self.okr.database).lock(connection)
            newest = self.checkpoints.last()
            if (newest and newest.size) != (last and last.size):
                return False
            self.checkpoints.insert(connection, made)
        return True
