"""The access log: who looked at whose review, who exported what, who read the access log.

It is kept apart from the log of goals and never in it: a file of its own on SQLite, a schema on
PostgreSQL. Like that log it has no gap, its times never go backwards, and the database refuses to
change it. It holds ids, days and words, and no text: no name, no address, no words searched for.

A read is recorded when the answer shows people (what they wrote, what came out for them, who they
are, what they have to do), is limited to one of them, or takes evidence away. Boards, trees, lists
of goals, KPIs, comparisons, explanations and replays show goals alone and are not recorded. Who
signed in, was refused or signed out stands here as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Index,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    select,
)

from okr_es.database.append_only import AppendOnly, counter_table, guards, require_no_gap
from okr_es.database.clock import instant, utc_now
from okr_es.database.creation import Area
from okr_es.database.database import Database, run
from okr_es.database.dialect import Dialect
from okr_es.database.sql_files import statements_of
from okr_es.database.types import BigInt, Id, Instant
from okr_es.domain.retention import RETENTION_ID, Retention

WITHHELD = "withheld"  # in place of words that somebody searched for

# What is recorded, on one page. A word here never gets another meaning.
RECORDED = {
    "people": "the people, or one of them, with names, e-mail and holds",
    "history": "who changed a goal, when, and why; or who recorded and corrected one reading",
    "plan": "the plan of a cycle, with the reasons of its revisions",
    "results": "what was published of a cycle, with reasons",
    "review": "the review of a cycle, per goal, person and team",
    "goals_of_a_person": "goals of one person: listed, on a board or tree, compared, or by day",
    "requests_of_a_person": "requests for approval of one person: theirs, and those they decided",
    "roles_of_a_person": "the roles of one person",
    "scoreboard": "the figures of cycles side by side, per team and person",
    "check_ins": "what is to be read in a week, of a person, a team or all",
    "needs": "what needs a person: readings, requests, grades, drafts",
    "audit_log": "a search of the audit log, or a page of the feed with events",
    "patterns": "the report of patterns in a cycle",
    "export": "an evidence bundle",
    "sample": "a sample of the audit log, with proofs",
    "access_log": "this log",
    "held_data": "all that is held about a person",
    "link_made": "nothing: a link for a person to sign in by was made, perhaps asked for",
    "sign_in": "nothing: a person signed in",
    "sign_in_refused": "nothing: a link, or an account, that signs nobody in",
    "account_disconnected": "nothing: an operator disconnected a person from their accounts",
    "account_connected": "nothing: a person was connected with an account of theirs",
    "sign_out": "nothing: a person, or an operator, ended sessions",
}

AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

metadata = MetaData()
accesses = Table(
    "accesses",
    metadata,
    Column("position", BigInt, primary_key=True, autoincrement=False),
    Column("recorded_at", Instant, nullable=False, index=True),
    Column("by", Id, index=True),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False),
)
# Every id a read was about, and everybody its answer shows.
access_about = Table(
    "access_about",
    metadata,
    Column("id", Text, primary_key=True),
    Column("position", BigInt, primary_key=True, autoincrement=False),
)
Index("access_about_by_position", access_about.c.position)
access_counter = counter_table("access_counter", metadata)

ACCESSES = AppendOnly(accesses, access_counter)
OLDEST = "SELECT coalesce(min(position), 0) FROM accesses"
COMPLETE_WITHIN = 2.0  # seconds
# What a read was about is written with it, or never.
LATE = "NEW.position IS NOT (SELECT max(position) FROM accesses)"


def statements(dialect: Dialect) -> list[str]:
    """Return what makes the access log immutable, and PostgreSQL's function that cuts it."""
    found = [*ACCESSES.guards(dialect), *guards(dialect, access_about, misplaced=LATE)]
    if dialect.name == "postgresql":
        words = {"retention": str(RETENTION_ID), "cut": Retention.AccessLogCut.TOPIC}
        found += statements_of("okr_es.access", f"cut.{dialect.name}.sql", **words)
    return found


AREA = Area(
    "access_log",
    metadata,
    rights={"accesses, access_about": "SELECT, INSERT", "access_counter": "SELECT, UPDATE"},
    statements=statements,
    first_rows={access_counter: {"id": 1, "position": 0, "recorded_at": ""}},
    version=2,
)
INSERT = (
    'INSERT INTO accesses (position, recorded_at, "by", what, about) '
    "VALUES (:position, :recorded_at, :by, :what, :about)"
)
SELECT = select(
    accesses.c.position, accesses.c.recorded_at, accesses.c.by, accesses.c.what, accesses.c.about
).order_by(accesses.c.position.desc())


class Access(NamedTuple):
    """One read: who (None: nobody was named) looked at what, and what it was about."""

    position: int
    recorded_at: str
    by: UUID | None
    what: str
    about: dict[str, str]


class AccessLog:
    """Records reads, gapless, ordered and immutable, and finds them again."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self.database = database
        self.clock = clock

    def create(self, beside: Database | None = None) -> None:
        """Create tables and guards where they are missing; `beside` lends a connection to look."""
        AREA.open(self.database, beside)

    def record(
        self,
        by: UUID | None,
        what: str,
        about: Mapping[str, str],
        seen: Collection[UUID | str] = (),
    ) -> int:
        """Record a read, durably, and return its position.

        `about` names ids, filters and the position the answer stood on; `seen` are further people
        the answer shows. Raises ValueError for a word that is none.
        """
        if what not in RECORDED:
            raise ValueError(f"{what!r} is no word of RECORDED for what was read.")
        people = sorted({str(id_) for id_ in seen})
        facts = dict(about) | ({"people_seen": str(len(people))} if people else {})
        words = (word for value in facts.values() for word in value.split())
        ids = sorted({*people, *filter(AN_ID.fullmatch, words)})
        row = {
            "by": None if by is None else str(by),
            "what": what,
            "about": msgspec.json.encode(facts, order="sorted").decode(),
        }
        with self.database.transaction() as connection:
            return append(connection, row, ids, instant(self.clock()))

    def head(self) -> int:
        """Return the last position, 0 where nothing was read yet."""
        return ACCESSES.head(self.database)

    def oldest(self) -> int:
        """Return the position of the oldest read that is there, 0 where there is none."""
        return int(self.database.rows(OLDEST, {})[0][0])

    def recorded_at(self, position: int) -> str | None:
        """Return when a read was recorded, None where it is not there."""
        query = select(accesses.c.recorded_at).where(accesses.c.position == position)
        with self.database.reader.connect() as connection:
            found: str | None = connection.execute(query).scalar()
        return found

    def cut(self, position: int) -> None:
        """Destroy all reads up to a position, at which a cut was recorded in the log before.

        On PostgreSQL a function of the owner does it, which looks at that event; on SQLite the
        guards are away within the transaction. Deleted pages are overwritten there.
        """
        with self.database.transaction() as connection:
            if self.database.is_sqlite:
                cut_sqlite(connection, position, self.database.dialect)
            else:
                run(connection, "SELECT cut_accesses(:position)", {"position": position})
        if self.database.is_sqlite:
            self.database.complete_file(COMPLETE_WITHIN)

    def search(
        self,
        *,
        by: UUID | None = None,
        about: Iterable[UUID] = (),
        what: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
        before: int | None = None,
        cut_at: Callable[[], int] = lambda: 0,
    ) -> list[Access]:
        """Return reads, the newest first: by whom, about all of these ids, of what, and when.

        `since` is included, `until` is not; `before` is the position a page ends before. `cut_at`
        says up to which read the log knows them destroyed. Raises GapFound if others are missing.
        """
        top = self.head() + 1 if before is None else min(before, self.head() + 1)
        wanted = [
            None if by is None else accesses.c.by == by,
            None if what is None else accesses.c.what == what,
            None if since is None else accesses.c.recorded_at >= instant(since),
            None if until is None else accesses.c.recorded_at < instant(until),
            *(accesses.c.position.in_(positions_about(id_)) for id_ in about),
        ]
        conditions = [each for each in wanted if each is not None]
        query = SELECT.where(accesses.c.position < top, *conditions).limit(limit)
        with self.database.reader.connect() as connection:
            accesses_ = [access_of(row) for row in connection.execute(query)]
        if not conditions:
            cut = cut_at()  # after the reads, as it is recorded before they are destroyed
            expected = range(top - 1, max(top - 1 - limit, cut), -1)
            require_no_gap([each.position for each in accesses_ if each.position > cut], expected)
        return accesses_


def append(connection: Connection, row: dict[str, Any], ids: Collection[str], now: str) -> int:
    """Write a read behind the last one, in the caller's transaction; return its position."""
    last, last_at = ACCESSES.lock(connection)
    at = {"position": last + 1, "recorded_at": max(now, last_at)}
    run(connection, INSERT, row | at)
    if ids:
        rows = [{"id": id_, "position": at["position"]} for id_ in ids]
        connection.execute(insert(access_about), rows)
    ACCESSES.advance(connection, at)
    return int(at["position"])


def cut_sqlite(connection: Connection, position: int, dialect: Dialect) -> None:
    """Delete reads up to a position, in a transaction in which nobody else can write."""
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    for table in (access_about, accesses):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_refuse_delete")
        connection.execute(delete(table).where(table.c.position <= position))
    for statement in statements(dialect):
        connection.exec_driver_sql(statement)


def positions_about(id_: UUID) -> Any:
    """Return the positions of reads about an id."""
    return select(access_about.c.position).where(access_about.c.id == str(id_))


def access_of(row: Any) -> Access:
    """Return a row as a read."""
    return Access(row.position, row.recorded_at, row.by, row.what, msgspec.json.decode(row.about))
