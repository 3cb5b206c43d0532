"""Sessions: who is signed in, kept on the server, each for a limited time.

A session ends when nobody used it for a while, when it has lasted as long as one may, when somebody
ends it, and with the person's leaving or erasure.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from okr_es.access.secrets import hash_of, new_secret
from okr_es.access.tables import AREA, attempts, links, sessions
from okr_es.database.clock import instant, utc_now
from okr_es.database.database import Database
from okr_es.database.outages import log_failure
from okr_es.ids import ordered_id

SEEN_EVERY = timedelta(minutes=1)  # a use is written no more often, by each process
MOST_NOTED = 10_000  # sessions of which a process remembers when it noted a use
MOST_SESSIONS = 20  # of one person; a further one ends the one that was used least lately


@dataclass(frozen=True)
class Limits:
    """How long sessions and links last."""

    idle: timedelta = timedelta(hours=1)
    longest: timedelta = timedelta(hours=12)
    sign_in: timedelta = timedelta(minutes=15)
    invitation: timedelta = timedelta(days=7)


class Session(NamedTuple):
    """A session that goes on. Times are UTC; `seen_at` is exact to a minute."""

    id: UUID
    person_id: UUID
    how: str
    began_at: str
    seen_at: str
    ends_at: str


class Begun(NamedTuple):
    """A session that began, and the secret that is shown to its person once."""

    session: Session
    secret: str


log = logging.getLogger("okr_es.sessions")
BY_HASH = (
    "SELECT {id}, {person_id}, how, began_at, seen_at, ends_at FROM sessions "
    "WHERE secret_hash = :secret_hash"
)
COLUMNS = [sessions.c[name] for name in Session._fields]


class Sessions:
    """The sessions of an installation; all processes share them."""

    def __init__(
        self, url: str, clock: Callable[[], datetime] = utc_now, limits: Limits | None = None
    ) -> None:
        self.database = Database(url, "sessions")
        self.clock = clock
        self.limits = limits or Limits()
        self.seen_every = min(SEEN_EVERY, self.limits.idle / 10)
        self.noted: dict[UUID, datetime] = {}

    def create(self) -> None:
        """Create the tables where they are missing."""
        AREA.open(self.database)

    def exist(self) -> bool:
        """Return whether the tables are there; only read."""
        return AREA.is_there(self.database)

    def begin(self, person_id: UUID, how: str) -> Begun:
        """Begin a session of a person; `how` is the way they signed in."""
        with self.database.transaction() as connection:
            return self.begin_in(connection, person_id, how)

    def begin_in(self, connection: Connection, person_id: UUID, how: str) -> Begun:
        """Begin a session as `begin` does, in the caller's transaction."""
        secret, now = new_secret(), self.clock()
        began_at, ends_at = instant(now), instant(now + self.limits.longest)
        made = Session(ordered_id(), person_id, how, began_at, began_at, ends_at)
        connection.execute(insert(sessions), as_columns(made) | {"secret_hash": secret.hash})
        theirs = sessions.c.person_id == str(person_id)
        latest = sessions.c.seen_at.desc(), sessions.c.id.desc()
        kept = select(sessions.c.id).where(theirs).order_by(*latest).limit(MOST_SESSIONS)
        connection.execute(delete(sessions).where(theirs, sessions.c.id.not_in(kept)))
        return Begun(made, secret.text)

    def find(self, secret: str) -> Session | None:
        """Return the session of a secret, if it goes on, and note that it is used."""
        now = self.clock()
        found = self.by_hash(hash_of(secret))
        if found is None or not self.goes_on(found, now):
            return None
        if now - self.last_use(found) >= self.seen_every:
            self.note_use(found.id, now)
        return found

    def by_hash(self, secret_hash: bytes) -> Session | None:
        """Return the session of a secret's hash, also one that is over.

        Each request asks, so it goes straight by the driver.
        """
        self.database.follow_files()
        as_text = self.database.dialect.id_as_text
        statement = BY_HASH.format(id=as_text("id"), person_id=as_text("person_id"))
        rows = self.database.rows(statement, {"secret_hash": secret_hash})
        return session_of(rows[0]) if rows else None

    def last_use(self, session: Session) -> datetime:
        """Return when a session was used last, as far as this process knows."""
        stored = datetime.fromisoformat(session.seen_at)
        return max(stored, self.noted.get(session.id, stored))

    def goes_on(self, session: Session, now: datetime) -> bool:
        """Return whether a session is neither idle nor too old."""
        idle_since = datetime.fromisoformat(session.seen_at)
        return now - idle_since < self.limits.idle and instant(now) < session.ends_at

    def note_use(self, id_: UUID, now: datetime) -> None:
        """Note that a session is used now; where that cannot be written, it only ends earlier."""
        if len(self.noted) > MOST_NOTED:
            self.noted.clear()
        self.noted[id_] = now  # first, so that requests of the same moment do not wait for it
        try:
            with self.database.transaction() as connection:
                seen = update(sessions).where(sessions.c.id == str(id_))
                connection.execute(seen.values(seen_at=instant(now)))
        except (DBAPIError, PoolTimeout) as error:
            log_failure(log, error, "The use of a session was not noted")

    def of(self, person_id: UUID) -> list[Session]:
        """Return the sessions of a person that go on, the newest first."""
        now = self.clock()
        return [each for each in self.all_of(person_id) if self.goes_on(each, now)]

    def all_of(self, person_id: UUID) -> list[Session]:
        """Return the sessions of a person that were not removed yet, the newest first."""
        query = select(*COLUMNS).where(sessions.c.person_id == str(person_id))
        return self.select(query.order_by(sessions.c.id.desc()))

    def end(self, id_: UUID, person_id: UUID) -> bool:
        """End one session of a person; return whether there was one."""
        return self.delete(sessions.c.id == str(id_), sessions.c.person_id == str(person_id)) > 0

    def end_all(self, person_id: UUID) -> int:
        """End all sessions of a person, and the links they could begin one by; return how many."""
        with self.database.transaction() as connection:
            connection.execute(delete(links).where(links.c.person_id == str(person_id)))
            ended = delete(sessions).where(sessions.c.person_id == str(person_id))
            return connection.execute(ended).rowcount

    def end_links(self, person_id: UUID) -> None:
        """End the links that a person could begin a session by; sessions go on."""
        with self.database.transaction() as connection:
            connection.execute(delete(links).where(links.c.person_id == str(person_id)))

    def sweep(self) -> int:
        """Remove sessions that are as old as one may be; links and attempts that are over.

        Returns how many sessions; how long an idle one lasts is the server's setting alone.
        """
        now = instant(self.clock())
        with self.database.transaction() as connection:
            for table in (links, attempts):
                connection.execute(delete(table).where(table.c.ends_at <= now))
            return connection.execute(delete(sessions).where(sessions.c.ends_at <= now)).rowcount

    def select(self, query: Any) -> list[Session]:
        """Return the sessions a query finds."""
        self.database.follow_files()
        with self.database.reader.connect() as connection:
            return [session_of(row) for row in connection.execute(query)]

    def delete(self, *where: Any) -> int:
        """Delete sessions; return how many."""
        with self.database.transaction() as connection:
            return connection.execute(delete(sessions).where(*where)).rowcount

    def close(self) -> None:
        """Close all connections."""
        self.database.dispose()


def session_of(row: Any) -> Session:
    """Return a session from its columns."""
    id_, person_id, *others = row
    return Session(UUID(str(id_)), UUID(str(person_id)), *others)


def as_columns(session: Session) -> dict[str, Any]:
    """Return a session as columns, ids as text."""
    return session._asdict() | {"id": str(session.id), "person_id": str(session.person_id)}
