"""The signer: signs a checkpoint over all events there are, and publishes it.

It hashes every new event again before it signs, so it never signs what was changed since. Of
several processes that sign at once, one stores its checkpoint; the others find it done.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4, uuid5

from okr_es.application import NOT_RECORDED, TRIES, Okr
from okr_es.database.append_only import GapFound
from okr_es.database.clock import instant
from okr_es.database.outages import log_failure
from okr_es.domain.refusals import CommandIdIsTaken
from okr_es.domain.signing_key import SIGNING, SigningKey, require_origin
from okr_es.evidence.access_signer import AccessSigner
from okr_es.evidence.access_tree import published_as
from okr_es.evidence.checkpoint_sinks import CheckpointSink
from okr_es.evidence.checkpoints import Checkpoint, Checkpoints
from okr_es.evidence.okr_es_verify import Key, b64, read_note
from okr_es.evidence.rehash import Tampered, hashed
from okr_es.evidence.signed_notes import signed_note
from okr_es.handlers.directory import taken_back
from okr_es.log.append import StaleDecision
from okr_es.log.canonical import Envelope
from okr_es.log.merkle import Frontier

BATCH = 10_000
INTERVAL = timedelta(minutes=1)
ACTIVITY, CLOSING, ASKED = "activity", "cycle closed", "asked for"
FIRST_KEY = uuid5(SIGNING, "first key")

log = logging.getLogger("okr_es.signer")


class SigningKeyIsLost(Exception):
    """The key that should sign is not here: bring the directory's database back from a backup.

    A new key needs a signature of the old one; without it a verifier rejects the new key.
    """


class Signer:
    """Signs checkpoints over a log. `origin` names the log when its first one is signed."""

    def __init__(
        self, okr: Okr, sinks: Sequence[CheckpointSink] = (), origin: str | None = None
    ) -> None:
        self.okr = okr
        self.sinks = sinks
        self.origin = require_origin(origin or f"okr-es/{uuid4()}")
        self.checkpoints = Checkpoints(okr.database)
        self.accesses = AccessSigner(okr)

    def sign_when_due(self) -> Checkpoint | None:
        """Sign if something was recorded since the last checkpoint, and that is a minute old."""
        return self.sign(ACTIVITY) if self.is_due() else None

    def is_due(self) -> bool:
        """Return whether something was recorded since the last checkpoint, a minute old."""
        last = self.checkpoints.last()
        if last is None:
            return bool(self.okr.log.head())
        age = self.okr.clock() - datetime.fromisoformat(last.signed_at)
        is_recent = timedelta(0) <= age < INTERVAL  # a clock may have run ahead and been set back
        if is_recent:
            return False
        return last.size != self.okr.log.head() or self.accesses.has_new()

    def sign(self, cause: str = ASKED) -> Checkpoint | None:
        """Sign a checkpoint over all events; None if there is nothing new, or nothing at all.

        Raises Tampered where a new event is not what its hash was taken of, GapFound,
        and SigningKeyIsLost.
        """
        if not self.okr.log.head():
            return None
        if not self.checkpoints.adopted_keys():
            self.adopt_first_key()
        last = self.checkpoints.last()
        frontier = self.grown_frontier(last)
        keys = (
            self.checkpoints.adopted_keys()
        )  # those the events just read may have changed as well
        self.sign_accesses(keys)
        if last is not None and last.size == frontier.size:
            self.publish()
            return None
        made = self.signed_checkpoint(frontier, last, keys, cause)
        if not self.store(made, last, frontier):
            return None
        self.destroy_retired_keys(keys, made.size)
        self.publish()
        return made

    def sign_accesses(self, keys: Sequence[Key]) -> None:
        """Sign the access log too; what is wrong with it stops nothing else."""
        try:
            self.accesses.sign(keys)
        except (Tampered, GapFound):
            log.critical(
                "The access log cannot be signed: run `okr-es audit verify`.", exc_info=True
            )

    def grown_frontier(self, last: Checkpoint | None) -> Frontier:
        """Return the tree over all events, those after the checkpoint hashed again."""
        size = 0 if last is None else last.size
        frontier = Frontier.of(self.checkpoints.tree(size))
        if last is not None and not (last.root == frontier.root == read_note(last.note).root):
            raise Tampered(size, "the events up to here are not those that were signed")
        while rows := self.okr.log.rows(frontier.size, BATCH):
            for event in hashed(rows):
                frontier.append(event.leaf)
        if frontier.size < size:
            raise GapFound(f"The log was signed up to {size}, but ends before.")
        return frontier

    def signed_checkpoint(
        self, frontier: Frontier, last: Checkpoint | None, keys: Sequence[Key], cause: str
    ) -> Checkpoint:
        """Return the checkpoint, signed by the key that counts, and by one retired meanwhile."""
        size, since = frontier.size, 0 if last is None else last.size
        signers = []
        for key in keys:
            counts = key.counts(size)
            if not counts and not (since and key.counts(since)):
                continue
            private = self.okr.signing_keys.private(b64(key.public))
            if private is not None:
                signers.append((key, private))
            elif counts:
                raise SigningKeyIsLost(
                    f"The private half of {key.text} is not here: bring it back from a backup."
                )
        note = signed_note(keys[0].name, size, frontier.root, signers)
        return Checkpoint(size, frontier.root, note, instant(self.okr.clock()), cause)

    def store(self, made: Checkpoint, last: Checkpoint | None, frontier: Frontier) -> bool:
        """Store a checkpoint, unless another was stored since; return whether it was."""
        with self.okr.database.transaction() as connection:
            if self.checkpoints.lock(connection) != (0 if last is None else last.size):
                return False
            self.checkpoints.insert(connection, made, frontier.full_blocks)
        return True

    def adopt_first_key(self) -> None:
        """Adopt the first key of the log, as a job; of two processes one succeeds."""
        keys = self.okr.signing_keys
        for _ in range(TRIES):
            key = SigningKey.adopt(public_key=keys.new(), origin=self.origin)
            public, envelope = key.public_key, Envelope(origin="job", command_id=FIRST_KEY)
            try:
                is_ready = partial(keys.is_there, public)
                self.okr.record([key], envelope, public.encode(), is_ready=is_ready)
            except StaleDecision:  # somebody swept it away before it was adopted
                continue
            except NOT_RECORDED as error:
                taken_back(self.okr.log, self.okr.directory, keys, keys=[public])
                if not isinstance(error, CommandIdIsTaken):
                    raise
            return

    def destroy_retired_keys(self, keys: Sequence[Key], size: int) -> None:
        """Destroy the private halves of keys that have signed for the last time."""
        retired = [b64(key.public) for key in keys if key.retired and key.retired <= size]
        if retired:
            self.okr.signing_keys.destroy(retired)

    def publish(self) -> None:
        """Publish in each sink what is not there yet; what fails is tried again the next time."""
        for sink in self.sinks:
            for publish in (self.publish_log, self.publish_accesses):
                try:
                    publish(sink)
                except Exception as error:  # noqa: BLE001  - the other sinks get it
                    log_failure(log, error, f"A checkpoint could not be published to {sink.name}")

    def publish_log(self, sink: CheckpointSink) -> None:
        """Publish the checkpoints of the log in a sink, and what is gone."""
        for checkpoint in self.checkpoints.unpublished(sink.name):
            sink.publish(checkpoint)
            self.note_published(sink.name, checkpoint.size)
        sink.publish_lists(self.okr.database)

    def publish_accesses(self, sink: CheckpointSink) -> None:
        """Publish the last checkpoint of the access log: it stands for those before it."""
        if (last := self.accesses.checkpoints.unpublished(sink.name)) is None:
            return
        sink.publish(Checkpoint(last.size, last.root, last.note, last.signed_at, ACTIVITY))
        self.note_published(published_as(sink.name), last.size)

    def note_published(self, name: str, size: int) -> None:
        """Record that a checkpoint was published now, under the name of a sink."""
        self.checkpoints.insert_published(name, size, instant(self.okr.clock()))
