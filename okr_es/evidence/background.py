"""The sealer at work: beside the server and the worker, and right after a cycle was closed."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from threading import Event, Thread
from typing import TYPE_CHECKING

from okr_es.domain.base import Change
from okr_es.domain.cycle import Cycle
from okr_es.evidence.checkpoint_sinks import outlets_of
from okr_es.evidence.signer import CLOSING, Sealer

if TYPE_CHECKING:
    from okr_es.application import Okr

ORIGIN = "OKR_ES_ORIGIN"
LOOK_EVERY_SECONDS = 5.0

log = logging.getLogger("okr_es.sealer")


def sealer_of(okr: Okr) -> Sealer:
    """Return the sealer of a log, with the outlets the environment names."""
    return Sealer(okr, outlets_of(os.environ), os.environ.get(ORIGIN))


def seal_closings(okr: Okr, sealer: Sealer) -> None:
    """Let every closing of a cycle be sealed at once."""

    def decided(events: Sequence[Change]) -> None:
        if any(isinstance(event, Cycle.Closed) for event in events):
            tried(sealer, CLOSING)

    okr.when_recorded.append(decided)


def tried(sealer: Sealer, cause: str | None = None) -> None:
    """Seal, if it is due or there is a cause; what stands against it is logged, loudly."""
    try:
        sealer.seal_when_due() if cause is None else sealer.seal(cause)
    except Exception:
        log.critical("The log cannot be sealed: run `okr-es audit verify`.", exc_info=True)


class Sealing(Thread):
    """Seals what was recorded, a minute after the last time at the latest, until stopped."""

    def __init__(self, sealer: Sealer, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        super().__init__(name="okr-es-sealer", daemon=True)
        self.sealer = sealer
        self.every_seconds = every_seconds
        self.stopped = Event()

    def run(self) -> None:
        """Look now and then whether something is due."""
        while not self.stopped.wait(self.every_seconds):
            tried(self.sealer)

    def stop(self) -> None:
        """End it, after what it is at."""
        self.stopped.set()
        self.join()
