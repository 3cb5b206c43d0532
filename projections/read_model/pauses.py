"""Pauses of a build while commands are recorded: it takes its time, so that none of them waits.

A build that nobody waits for is worth less than a command that somebody sends. Both go by the same
processors and the same disk: what a build writes to PostgreSQL is in the way of each commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from okr_es.log.recorder import LogRecorder
from projections.read_model.catching_up import BULK, Progress

UNHURRIED = BULK  # events in a batch: a short one is in the way for a short time
TIMES = 7
LONGEST = 5.0


class Pauses:
    """A step of a build that pauses after a batch where commands were recorded meanwhile.

    It pauses so many `TIMES` as long as the batch took, `LONGEST` seconds at most. Where the log
    grows by more than half of a batch between two of them it does not, so that it ends.
    """

    def __init__(
        self,
        log: LogRecorder,
        step: Progress | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.log = log
        self.step = step
        self.sleep = sleep
        self.clock = clock
        self.head, self.done, self.since = log.head(), 0, clock()

    def __call__(self, done: int, total: int) -> None:
        """Say how far it has come, and pause."""
        took, projected = self.clock() - self.since, done - self.done
        if self.step is not None:
            self.step(done, total)
        head = self.log.head()
        if 0 < head - self.head <= projected / 2:
            self.sleep(min(took * TIMES, LONGEST))
        self.head, self.done, self.since = head, done, self.clock()
