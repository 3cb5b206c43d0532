"""Jobs: work that nobody asks for, done by one process at a time, and recorded before it is done.

A job is leased: one holder has it until a time of the database's clock, and renews it while it
works. When the holder is gone, the next one takes over. A run is recorded before it acts, so a run
without an end means that a process stopped in the middle: what it did is then perhaps done.

A file of its own on SQLite, a schema on PostgreSQL: no command waits for a lease. It holds no text
about people, and is in no backup.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Float, Index, MetaData, Table, Text, select, update

from okr_es.database.clock import instant, utc_now
from okr_es.database.creation import Area
from okr_es.database.database import Database, run
from okr_es.database.types import Instant
from okr_es.ids import ordered_id

DONE, FAILED, PERHAPS_DONE = "done", "failed", "perhaps done"

metadata = MetaData()
leases = Table(
    "leases",
    metadata,
    Column("job", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Float, nullable=False),  # seconds since 1970, by the clock of the database
)
runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("job", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", Text),
    Column("detail", Text),
)
Index("runs_by_job", runs.c.job, runs.c.began_at)

AREA = Area("jobs", metadata, rights={"leases, runs": "SELECT, INSERT, UPDATE, DELETE"})

# Taken where nobody has it any more; who has it renews it.
TAKE = """
  INSERT INTO leases (job, holder, until) VALUES (:job, :holder, {now} + :seconds)
  ON CONFLICT (job) DO UPDATE SET holder = excluded.holder, until = excluded.until
  WHERE leases.holder = excluded.holder OR leases.until <= {now}
"""
HOLDS = "SELECT 1 FROM leases WHERE job = :job AND holder = :holder AND until > {now}"
NAMES = "SELECT DISTINCT job FROM runs ORDER BY job"
RELEASE = "DELETE FROM leases WHERE job = :job AND holder = :holder"


class LeaseIsLost(RuntimeError):
    """Somebody else has the job by now: do not act."""


class Run(NamedTuple):
    """One run of a job. `outcome` is None while it lasts: done, failed or perhaps done."""

    id: str
    job: str
    holder: str
    began_at: str
    ended_at: str | None
    outcome: str | None
    detail: str | None


class Lease(NamedTuple):
    """Who has a job, and for how many seconds more, below 0 where it has run out."""

    job: str
    holder: str
    seconds: float


class Jobs:
    """Leases and runs of jobs."""

    def __init__(self, url: str, clock: Callable[[], datetime] = utc_now) -> None:
        self.database = Database(url, "jobs")
        self.clock = clock
        self.now = self.database.dialect.seconds_now()

    def create(self) -> None:
        """Create the tables where they are missing."""
        AREA.open(self.database)

    def exist(self) -> bool:
        """Return whether the tables are there; only read."""
        return AREA.is_there(self.database)

    def take(self, job: str, holder: str, seconds: float) -> bool:
        """Take or renew the lease of a job; return whether the holder has it."""
        parameters = {"job": job, "holder": holder, "seconds": seconds}
        with self.database.transaction() as connection:
            return bool(run(connection, TAKE.format(now=self.now), parameters).rowcount)

    def release(self, job: str, holder: str) -> None:
        """Give a lease back."""
        with self.database.transaction() as connection:
            run(connection, RELEASE, {"job": job, "holder": holder})

    def begin(self, job: str, holder: str) -> str:
        """Record that a run begins, and return its id; an earlier one without an end has crashed.

        Raises LeaseIsLost.
        """
        now, id_ = instant(self.clock()), str(ordered_id())
        with self.database.transaction() as connection:
            lease = {"job": job, "holder": holder}
            if run(connection, HOLDS.format(now=self.now), lease).fetchone() is None:
                raise LeaseIsLost(f"Somebody else has the job {job} by now.")
            end_crashed(connection, job, now)
            connection.execute(
                runs.insert(), {"id": id_, "job": job, "holder": holder, "began_at": now}
            )
        return id_

    def end(self, run_id: str, outcome: str, detail: str | None = None) -> None:
        """Record how a run has ended; one that was given up as perhaps done stays so."""
        ended = {"ended_at": instant(self.clock()), "outcome": outcome, "detail": detail}
        is_it = (runs.c.id == run_id) & runs.c.outcome.is_(None)
        with self.database.transaction() as connection:
            connection.execute(update(runs).where(is_it).values(**ended))

    def note(self, job: str, detail: str) -> None:
        """Record something that a person asked for and that is done, such as a backup."""
        now = instant(self.clock())
        row = {"id": str(ordered_id()), "job": job, "holder": "", "began_at": now}
        with self.database.transaction() as connection:
            connection.execute(
                runs.insert(), row | {"ended_at": now, "outcome": DONE, "detail": detail}
            )

    def last_run(self, job: str, outcome: str | None = None) -> Run | None:
        """Return the newest run of a job, or the newest with an outcome."""
        query = select(runs).where(runs.c.job == job)
        if outcome is not None:
            query = query.where(runs.c.outcome == outcome)
        query = query.order_by(runs.c.began_at.desc(), runs.c.id.desc()).limit(1)
        with self.database.reader.connect() as connection:
            found = connection.execute(query).first()
        return None if found is None else Run(*found)

    def names(self) -> list[str]:
        """Return which jobs were ever recorded."""
        return [str(job) for (job,) in self.database.rows(NAMES, {})]

    def leases(self) -> list[Lease]:
        """Return all leases, those that have run out too."""
        rows = self.database.rows(f"SELECT job, holder, until - {self.now} FROM leases", {})
        return [Lease(*row) for row in rows]

    def forget_before(self, moment: datetime) -> int:
        """Remove runs that ended before a moment, but for the last of each job and outcome."""
        newest = (
            "SELECT max(began_at) FROM runs other "
            "WHERE other.job = runs.job AND other.outcome = runs.outcome"
        )
        with self.database.transaction() as connection:
            statement = f"DELETE FROM runs WHERE ended_at < :before AND began_at < ({newest})"
            return int(run(connection, statement, {"before": instant(moment)}).rowcount)

    def close(self) -> None:
        """Close all connections."""
        self.database.dispose()


def end_crashed(connection: Connection, job: str, now: str) -> None:
    """Record that runs which have no end are perhaps done: their process stopped."""
    ended: dict[str, Any] = {"ended_at": now, "outcome": PERHAPS_DONE}
    crashed = (runs.c.job == job) & runs.c.outcome.is_(None)
    connection.execute(update(runs).where(crashed).values(**ended))
