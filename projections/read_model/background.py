"""Builds in the background: one at a time, and an error is said once, in one line of the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock, Thread
from typing import NamedTuple

from okr_es.database.outages import is_outage, reason_of
from projections.read_model.catching_up import FoldFailed, Progress

RETRY_SECONDS = 60.0
OUTAGE_SECONDS = 1.0  # a database that was busy or away may be there again soon
STOP_SECONDS = 5.0

log = logging.getLogger("okr_es.read_model")


class Failed(NamedTuple):
    """When a read model could not be made, by the monotonic clock, and why."""

    at: float
    why: str
    is_outage: bool

    @property
    def is_recent(self) -> bool:
        """True while it is too early to try again."""
        pause = OUTAGE_SECONDS if self.is_outage else RETRY_SECONDS
        return time.monotonic() - self.at < pause


class BackgroundBuild:
    """Builds a read model in a thread; after a failure not again for a minute, or a second.

    `failures` counts how often one could not be made for another reason than the time before.
    """

    def __init__(self) -> None:
        self.failed: Failed | None = None
        self.failures = 0
        self.is_closed = False
        self._thread: Thread | None = None
        self._lock = Lock()

    def begin(self, make: Callable[[Progress], object]) -> None:
        """Begin to build, unless a thread is at it or it just failed."""
        with self._lock:
            is_at_it = self._thread is not None and self._thread.is_alive()
            just_failed = self.failed and self.failed.is_recent
            if not (is_at_it or just_failed or self.is_closed):
                self._thread = Thread(
                    target=self.build, args=(make,), name="okr-es-build", daemon=True
                )
                self._thread.start()

    def build(self, make: Callable[[Progress], object]) -> None:
        """Build; an error is noted."""
        try:
            make(self.stop_when_closed)
            self.failed = None
        except (InterruptedError, FoldFailed):  # the end of the program; what was noted
            pass
        except Exception as error:  # noqa: BLE001  - the next question begins another build
            self.note(reason_of(error), is_outage=is_outage(error))

    def note(self, why: str, *, is_outage: bool = False) -> None:
        """Note why a read model cannot be made; one line of the log says so, once."""
        if self.failed is None or self.failed.why != why:
            self.failures += 1
            log.error("The read model cannot be made: %s", why)
        self.failed = Failed(time.monotonic(), why, is_outage)

    def stop_when_closed(self, _: int, __: int) -> None:
        """End a build when the program ends."""
        if self.is_closed:
            raise InterruptedError

    def close(self) -> None:
        """End a build, and wait for that a little; it may be waiting for another process."""
        self.is_closed = True
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
