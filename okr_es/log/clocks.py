"""The server's clock beside others: it may not stamp the future on all that comes after.

The time of an event never goes backwards, so one event of a clock that is far ahead moves all later
ones with it, for ever. The other clock is PostgreSQL's own; of SQLite, which has none, the last
event says what time it was at least.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from okr_es.database.clock import instant
from okr_es.database.database import Database
from okr_es.domain.clock import CLOCK
from okr_es.domain.refusals import ClockIsAhead
from okr_es.log.mapper import decode_json

logger = logging.getLogger("okr_es")

MEASURED_FOR_SECONDS = 30.0
QUIET = timedelta(days=1)  # without an event: worth a line where there is no other clock
DATABASE_TIME = "SELECT clock_timestamp()"
LAST = """
  SELECT coalesce(e.written_at, c.recorded_at) FROM counter c
  LEFT JOIN events e ON e.position = c.position
"""
ACCEPTED = """
  SELECT e.data FROM streams s JOIN events e ON e.stream = s.stream
  WHERE s.parent = {parent} AND s.type = 'clock' ORDER BY e.position DESC LIMIT 1
"""


class ClockLimits(NamedTuple):
    """How far the server's clock may be from others.

    Of the database's clock it may be so much ahead; where there is none, behind the last event may
    be so much time without any.
    """

    ahead: timedelta = timedelta(minutes=1)
    gap: timedelta = timedelta(days=100)  # longer than a quarter


class ClockState(NamedTuple):
    """The server's clock beside others, in seconds; warnings say what is far off.

    `ahead_of_database` is None without a clock of the database, `ahead_of_last_event` without one.
    """

    ahead_of_database: float | None
    ahead_of_last_event: float | None
    warnings: tuple[str, ...]


class ClockWatch:
    """Compares the server's clock with others, and refuses to record with one far ahead."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], limits: ClockLimits
    ) -> None:
        self.database = database
        self.clock = clock
        self.limits = limits
        self.seen = ""  # the last time of an event known here
        self.measured: tuple[float, datetime] | None = None

    def require(self, now: datetime) -> None:
        """Refuse a clock that is too far ahead and was not accepted: ClockIsAhead."""
        if self.database.is_sqlite:
            self.require_no_gap(now)
        elif (ahead := now - self.database_time()) > self.limits.ahead:
            accepted = self.accepted()
            if accepted is None or ahead > accepted + self.limits.ahead:
                raise ahead_of("the clock of the database", ahead)

    def require_no_gap(self, now: datetime) -> None:
        """Refuse a clock that is too far ahead of the last event; few calls read that one."""
        earliest = instant(now - self.limits.gap)
        if self.seen < earliest:
            self.seen = self.last_recorded()
        if self.seen and self.seen < earliest:
            raise ahead_of("the last event", now - datetime.fromisoformat(self.seen))

    def last_recorded(self) -> str:
        """Return when the last event was recorded; of a seed, when it was written."""
        return str(self.database.rows(LAST, {})[0][0])

    def database_time(self) -> datetime:
        """Return the time of PostgreSQL's clock: asked now and then, and counted on from there."""
        if self.measured is None or time.monotonic() - self.measured[0] > MEASURED_FOR_SECONDS:
            (found,) = self.database.rows(DATABASE_TIME, ())[0]
            self.measured = (time.monotonic(), found.astimezone(UTC))
        at, found = self.measured
        return found + timedelta(seconds=time.monotonic() - at)

    def accepted(self) -> timedelta | None:
        """Return how far ahead of the database's clock somebody accepted last; None if nobody."""
        parent = self.database.dialect.as_id("parent")
        rows = self.database.rows(ACCEPTED.format(parent=parent), {"parent": str(CLOCK)})
        data: dict[str, Any] = decode_json(bytes(rows[0][0])) if rows else {}
        seconds = data.get("ahead_seconds")
        return None if seconds is None else timedelta(seconds=seconds)

    def ahead_of_database(self) -> timedelta | None:
        """Return how far the server's clock is ahead of the database's, measured now."""
        if self.database.is_sqlite:
            return None
        self.measured = None
        return self.clock() - self.database_time()

    def seconds_ahead(self) -> int | None:
        """Return `ahead_of_database` in whole seconds, rounded up; None without its clock."""
        ahead = self.ahead_of_database()
        return None if ahead is None else math.ceil(ahead.total_seconds())

    def state(self) -> ClockState:
        """Return the server's clock beside others, with a warning for each that is far off."""
        last, other = self.last_recorded(), self.ahead_of_database()
        since = self.clock() - datetime.fromisoformat(last) if last else None
        warnings = []
        if other is not None and abs(other) > self.limits.ahead:
            warnings.append(f"The server's clock is {apart(other)} that of the database.")
        if since is not None and since < -self.limits.ahead:
            warnings.append(f"The server's clock is {apart(since)} the last event, of {last}.")
        if since is not None and other is None and since > QUIET:
            warnings.append(
                f"The last event is of {last}, {since.days} days ago: is the server's clock right?"
            )
        return ClockState(seconds(other), seconds(since), tuple(warnings))

    def warn(self) -> None:
        """Log in one line what is far off."""
        if warnings := self.state().warnings:
            logger.warning(" ".join(warnings))


def ahead_of(what: str, ahead: timedelta) -> ClockIsAhead:
    """Return the refusal of a clock that is ahead of something."""
    return ClockIsAhead(
        f"The clock of the server is {int(ahead.total_seconds())} seconds ahead of {what}, and "
        "every later event would have its time. Set it right; if it is right, an operator accepts "
        "it by `okr-es clock accept`."
    )


def apart(difference: timedelta) -> str:
    """Return a difference in words, such as `90 seconds ahead of`."""
    count = abs(int(difference.total_seconds()))
    return f"{count} seconds {'ahead of' if difference > timedelta(0) else 'behind'}"


def seconds(difference: timedelta | None) -> float | None:
    """Return a difference in seconds."""
    return None if difference is None else difference.total_seconds()
