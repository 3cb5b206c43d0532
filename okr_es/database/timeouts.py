"""How long the database may keep somebody waiting: settings, read in one place."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

LOCK, POOL = "OKR_ES_LOCK_SECONDS", "OKR_ES_POOL_SECONDS"
CONNECT, STATEMENT = "OKR_ES_CONNECT_SECONDS", "OKR_ES_STATEMENT_SECONDS"
WHILE_SERVING = "20"  # seconds for a statement, where nothing else is set
LONGEST = 86_400.0


class NoTimeout(ValueError):
    """A setting that is no number of seconds; the message names it."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds for a lock, a connection of the pool, a new connection, and a statement (0: none)."""

    lock: float = 10.0
    pool: float = 5.0
    connect: float = 5.0
    statement: float = 0.0

    @staticmethod
    def of(environment: Mapping[str, str]) -> Timeouts:
        """Return the time-outs the environment sets. Raises NoTimeout."""
        return Timeouts(
            seconds(environment, LOCK, Timeouts.lock),
            seconds(environment, POOL, Timeouts.pool),
            seconds(environment, CONNECT, Timeouts.connect),
            seconds(environment, STATEMENT, Timeouts.statement),
        )

    @property
    def postgresql_options(self) -> str:
        """As options of a connection. They end no COMMIT: a statement's time is over before."""
        lock, statement = round(self.lock * 1000), round(self.statement * 1000)
        return f" -clock_timeout={lock} -cstatement_timeout={statement}"


def seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    """Return a setting in seconds, 0 or more; the default where it is not set."""
    written = environment.get(name)
    if not written:
        return default
    try:
        found = float(written)
    except ValueError:
        found = -1
    if not 0 <= found <= LONGEST:
        raise NoTimeout(f"{name} is no number of seconds from 0 to {LONGEST:g}: {written}.")
    return found


# ---- the deadline of a thread -----------------------------------------------------------

present = threading.local()


@contextmanager
def deadline(within: float) -> Iterator[None]:
    """Let statements of this thread on SQLite be interrupted after so many seconds."""
    present.until = time.monotonic() + within
    try:
        yield
    finally:
        present.until = None


def is_over() -> bool:
    """Return whether the deadline of this thread has passed; SQLite asks it while it works."""
    until = getattr(present, "until", None)
    return until is not None and time.monotonic() > until
