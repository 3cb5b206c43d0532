"""The signer in the background: while the server or a worker runs, and right after a closing."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from threading import Event, Thread

from okr_es.application import Okr
from okr_es.domain.base import Change
from okr_es.domain.cycle import Cycle
from okr_es.domain.person import Person
from okr_es.evidence.checkpoint_sinks import sinks_of
from okr_es.evidence.signer import ACTIVITY, CLOSING, Signer

ORIGIN = "OKR_ES_ORIGIN"
LOOK_EVERY_SECONDS = 5.0

log = logging.getLogger("okr_es.signer")


def signer_of(okr: Okr) -> Signer:
    """Return the signer of a log, with the sinks the environment names."""
    return Signer(okr, sinks_of(os.environ), os.environ.get(ORIGIN))


def sign_closings(okr: Okr, signer: Signer) -> None:
    """Sign a checkpoint at once when a cycle is closed or a person erased.

    The list of erasures goes out with it, so that no backup brings somebody back unnoticed.
    """

    def decided(events: Sequence[Change]) -> None:
        if any(isinstance(event, Cycle.Closed) for event in events):
            sign_or_log(signer, CLOSING)
        elif any(isinstance(event, Person.Erased) for event in events):
            sign_or_log(signer, ACTIVITY)

    okr.on_commit.append(decided)


def sign_or_log(signer: Signer, cause: str | None = None) -> None:
    """Sign, if it is due or there is a cause; an error is logged as critical and not raised."""
    try:
        signer.sign_when_due() if cause is None else signer.sign(cause)
    except Exception:
        log.critical("The log cannot be signed: run `okr-es audit verify`.", exc_info=True)


class BackgroundSigner(Thread):
    """Signs what was recorded, at most a minute after the last checkpoint, until stopped."""

    def __init__(self, signer: Signer, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        super().__init__(name="okr-es-signer", daemon=True)
        self.signer = signer
        self.every_seconds = every_seconds
        self.stopped = Event()

    def run(self) -> None:
        """Sign whenever it is due, until stopped; runs in a thread of its own."""
        while not self.stopped.wait(self.every_seconds):
            sign_or_log(self.signer)

    def stop(self) -> None:
        """Stop it; a signature in progress is completed."""
        self.stopped.set()
        self.join()
