"""The signer in the background: while the server or a worker runs, and right after a closing."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from threading import Event, Thread

from okr_es.application import Okr
from okr_es.database.outages import is_outage
from okr_es.domain.api_key import ApiKey
from okr_es.domain.base import Change
from okr_es.domain.cycle import Cycle
from okr_es.domain.grant import Grant
from okr_es.domain.person import Person
from okr_es.domain.refusals import ClockIsAhead
from okr_es.domain.text import RedactedText
from okr_es.evidence.checkpoint_sinks import sinks_of
from okr_es.evidence.signer import ACTIVITY, CLOSING, Signer

ORIGIN = "OKR_ES_ORIGIN"
LOOK_EVERY_SECONDS = 5.0

log = logging.getLogger("okr_es.signer")
GONE = (
    Person.Erased, RedactedText.Redacted, ApiKey.Revoked, Grant.Ended, Grant.Rescheduled,
)  # fmt: skip


def signer_of(okr: Okr) -> Signer:
    """Return the signer of a log, with the sinks the environment names."""
    return Signer(okr, sinks_of(os.environ), os.environ.get(ORIGIN))


def sign_closings(okr: Okr, signer: Signer) -> None:
    """Sign a checkpoint at once when a cycle is closed, or what a backup brings back is ended.

    That is a person, a text, an api key or a role: the lists of them go out with it.
    """

    def decided(events: Sequence[Change]) -> None:
        if cause := cause_in(events):
            sign_or_log(signer, cause)

    okr.on_commit.append(decided)


def cause_in(events: Sequence[Change]) -> str | None:
    """Return why events are to be signed at once; None if they are not."""
    if any(isinstance(event, Cycle.Closed) for event in events):
        return CLOSING
    return ACTIVITY if any(isinstance(event, GONE) for event in events) else None


def sign_or_log(signer: Signer, cause: str | None = None) -> str | None:
    """Sign, if it is due or there is a cause; return what is in the way for now, if something is.

    That is an outage, or a clock that is ahead, and is not logged here. Another error is logged as
    critical. None is raised.
    """
    try:
        signer.sign_when_due() if cause is None else signer.sign(cause)
    except ClockIsAhead as refusal:
        return refusal.message
    except Exception as error:
        if is_outage(error):
            return "The database is unavailable."
        log.critical("The log cannot be signed: run `okr-es audit verify`.", exc_info=True)
    return None


class BackgroundSigner(Thread):
    """Signs what was recorded, at most a minute after the last checkpoint, until stopped.

    A closing, an erasure, also of one text, a revocation, or another last day of a role is signed
    at once. Nobody waits for it, since a hook may take its time.
    """

    def __init__(self, signer: Signer, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        super().__init__(name="okr-es-signer", daemon=True)
        self.signer = signer
        self.every_seconds = every_seconds
        self.due = Event()
        self.cause: str | None = None
        self.stopped = Event()

    def run(self) -> None:
        """Sign whenever it is due, until stopped; runs in a thread of its own."""
        hindrance = None
        while not self.stopped.is_set():
            self.due.wait(self.every_seconds)
            self.due.clear()
            if self.stopped.is_set() and self.cause is None:
                return
            cause, self.cause = self.cause, None
            before, hindrance = hindrance, sign_or_log(self.signer, cause)
            if hindrance is not None:
                self.cause = cause
                if before is None:
                    log.error("The log cannot be signed for now. %s", hindrance)

    def look_at(self, events: Sequence[Change]) -> None:
        """Sign at once where one of these events closed a cycle or destroyed something."""
        if cause := cause_in(events):
            self.cause = cause
            self.due.set()

    def stop(self, within_seconds: float | None = None) -> None:
        """Stop it; a signature in progress is completed, if it does not take too long."""
        self.stopped.set()
        self.due.set()
        self.join(within_seconds)
