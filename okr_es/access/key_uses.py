"""How much each api key is used: counted for all processes together, a minute at a time.

A process takes a share of what a key may do in a minute by one statement, and counts down by
itself. So all processes together let no more through, and few requests wait for the database. What
a process took and does not use is lost for that minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from sqlalchemy import URL, bindparam, select, text

from okr_es.access.tables import AREA, key_uses
from okr_es.database.clock import instant
from okr_es.database.database import Database
from okr_es.database.types import Id, Instant

PER_MINUTE = 600
SHARES = 20  # in which the requests of a minute are taken, at least
MOST_KEYS = 10_000  # of which a process remembers its share
MINUTE = timedelta(minutes=1)
TAKE = text(
    """
    INSERT INTO key_uses (key_id, minute, taken) VALUES (:key_id, :minute, :share)
    ON CONFLICT (key_id) DO UPDATE SET minute = excluded.minute,
      taken = CASE WHEN key_uses.minute = excluded.minute THEN key_uses.taken ELSE 0 END + :share
    WHERE key_uses.minute <> excluded.minute OR key_uses.taken + :share <= :most
    RETURNING taken
    """
).bindparams(bindparam("key_id", type_=Id), bindparam("minute", type_=Instant))


@dataclass
class Share:
    """What a process may still let through in a minute; `is_last`: there is no more to take."""

    minute: str
    left: int
    is_last: bool = False


class KeyUses:
    """The uses of api keys, beside the sessions: the requests of this minute, the last minute."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], per_minute: int = PER_MINUTE
    ) -> None:
        self.database = database
        self.clock = clock
        self.per_minute = per_minute
        self.share = share_of(per_minute)
        self.shares: dict[UUID, Share] = {}
        self.lock = Lock()

    def take(self, key_id: UUID) -> int:
        """Count a request of a key; return the seconds it has to wait, 0 where it need not.

        The first of a minute notes that the key is used.
        """
        now = self.clock()
        begins = now.replace(second=0, microsecond=0)
        minute = instant(begins)
        with self.lock:
            held = self.shares.get(key_id)
            if held is not None and held.minute == minute:
                if held.left:
                    held.left -= 1
                    return 0
                if held.is_last:
                    return seconds_to(begins + MINUTE, now)
        granted = self.grant(key_id, minute)
        self.keep(key_id, minute, granted=granted)
        return 0 if granted else seconds_to(begins + MINUTE, now)

    def keep(self, key_id: UUID, minute: str, *, granted: bool) -> None:
        """Keep what is left of a share; others of this process may have taken one meanwhile."""
        with self.lock:
            if len(self.shares) > MOST_KEYS:
                self.shares.clear()
            held = self.shares.get(key_id)
            if held is None or held.minute != minute:
                held = self.shares[key_id] = Share(minute, 0)
            held.left += self.share - 1 if granted else 0
            held.is_last = not granted

    def grant(self, key_id: UUID, minute: str) -> bool:
        """Take a share for a minute; return whether there was one left."""
        asked = {
            "key_id": str(key_id), "minute": minute, "share": self.share, "most": self.per_minute,
        }  # fmt: skip
        with self.database.transaction() as connection:
            return connection.execute(TAKE, asked).first() is not None


def last_uses(url: URL) -> dict[UUID, str]:
    """Return in which minute each key was used last, as the time it began.

    None was where nobody has served the database yet.
    """
    database = Database(url.render_as_string(hide_password=False), "sessions")
    query = select(key_uses.c.key_id, key_uses.c.minute)
    try:
        if not AREA.is_there(database):
            return {}
        with database.reader.connect() as connection:
            return {UUID(str(id_)): minute for id_, minute in connection.execute(query)}
    finally:
        database.dispose()


def share_of(per_minute: int) -> int:
    """Return how many requests are taken at once: a part of a minute's that leaves no rest."""
    most = max(1, per_minute // SHARES)
    return next(n for n in range(most, 0, -1) if per_minute % n == 0)


def seconds_to(end: datetime, now: datetime) -> int:
    """Return the whole seconds to a moment, at least 1."""
    return max(1, -((now - end) // timedelta(seconds=1)))
