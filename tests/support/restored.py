"""PostgreSQL databases that are put back as they were between two tests, their connections kept.

To copy a database takes 20 ms, and a new connection to a copy reads the catalogue again, table by
table: together more than most tests need for themselves. So a copy of what many tests begin with is
used again. Before that, each table that changed gets its rows back; a copy whose catalogue changed,
or that somebody still uses, is made again. What a test closes is a connection to it all the same:
behind that, the session is reset and waits for the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ExecStatus, PGconn, TransactionStatus
from sqlalchemy import Engine, event

from tests.support.postgresql import Renewed, connect, copy, drop, url_of

COPIES = 4  # at most, so that their connections leave room for others
SPARE = 8  # connections to each, at most, as long as nobody uses them
TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384 ORDER BY 1"


def counted(table: str) -> str:
    """A query that gives something else after each change of a table."""
    return f"SELECT count(*), max(xmin::text::bigint)::text FROM {table}"


CATALOGUES = (
    "attrdef", "attribute", "class", "constraint", "default_acl", "index", "namespace", "proc",
    "rewrite", "statistic", "trigger", "type",
)  # fmt: skip
SETTINGS = """
  SELECT count(*), string_agg((datdba, datallowconn, datacl, setconfig)::text, '')
  FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase = d.oid
  WHERE datname = current_database()
"""
CATALOGUE = " UNION ALL ".join([*(counted(f"pg_catalog.pg_{c}") for c in CATALOGUES), SETTINGS])
SESSIONS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
Sessions = defaultdict[str, list[PGconn]]  # by how they are opened
spare: dict[str, Sessions] = {}  # by the name of a copy


class Lent(psycopg.Connection[Any]):
    """A connection to a copy, made from a session that waits for one, if there is any."""

    waiting: list[PGconn]

    @classmethod
    def _connect_gen(cls, conninfo: str, **options: Any) -> Generator[Any, Any, Lent]:
        waiting = spare[str(conninfo_to_dict(conninfo)["dbname"])][conninfo]
        if waiting:
            found = cls(waiting.pop())
        else:
            found = yield from super()._connect_gen(conninfo, **options)
        found.waiting = waiting
        return found

    def close(self) -> None:
        """Close it for whoever has it, and keep the session, unless it is broken or at work."""
        if not self.closed and len(self.waiting) < SPARE and is_reset(self.pgconn):
            self.waiting.append(self.pgconn)
            self.pgconn = PGconn()
        super().close()


def is_reset(session: PGconn) -> bool:
    """Whether a session could be made as if it had just begun."""
    if session.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
        session.exec_(b"ROLLBACK")
    if session.transaction_status != TransactionStatus.IDLE:
        return False
    return session.exec_(b"DISCARD ALL").status == ExecStatus.COMMAND_OK


@event.listens_for(Engine, "do_connect")
def lend(dialect: Any, _: Any, arguments: Any, parameters: dict[str, Any]) -> Lent | None:
    """Lend a connection, where it is to a copy."""
    return Lent.connect(*arguments, **parameters) if parameters.get("dbname") in spare else None


class Copy:
    """A copy of a template, and what its tables held at the beginning."""

    def __init__(self, server: Renewed, template: str, name: str) -> None:
        self.server, self.template, self.name = server, template, name
        self.in_use = False
        self.make()

    def make(self) -> None:
        """Copy the template."""
        drop(self.server.admin, self.name)
        copy(self.server.admin, self.template, self.name)
        spare[self.name] = defaultdict(list)
        self.keeper = connect(self.server.socket, self.name)
        self.keeper.execute("SET session_replication_role = replica")
        self.keeper.execute("SET search_path = ''")
        self.tables = [table for (table,) in self.keeper.execute(TABLES)]
        self.rows = {table: self.read(table) for table in self.tables}
        self.catalogue = self.keeper.execute(CATALOGUE).fetchall()
        self.count = " UNION ALL ".join(map(counted, self.tables))
        self.counts = self.keeper.execute(self.count).fetchall()

    def read(self, table: str) -> bytes:
        query = f"COPY {table} TO STDOUT (FORMAT binary)"
        with self.keeper.cursor().copy(query) as rows:
            return b"".join(map(bytes, rows))

    def restore(self) -> None:
        """Make all of it as it was at the beginning."""
        if self.is_used_by_others() or not self.could_give_rows_back():
            self.close()
            self.make()

    def is_used_by_others(self) -> bool:
        """Whether there is a session that nobody gave back."""
        kept = [each for waiting in spare[self.name].values() for each in waiting]
        known = {self.keeper.info.backend_pid, *(each.backend_pid for each in kept)}
        return {pid for (pid,) in self.keeper.execute(SESSIONS)} != known

    def could_give_rows_back(self) -> bool:
        """Give each table that changed its rows back; return whether nothing else changed."""
        if self.keeper.execute(CATALOGUE).fetchall() != self.catalogue:
            return False
        counts = self.keeper.execute(self.count).fetchall()
        seen = zip(self.tables, counts, self.counts, strict=True)
        if changed := [table for table, count, before in seen if count != before]:
            with self.keeper.transaction():
                for table in changed:
                    self.write(table)
            self.counts = self.keeper.execute(self.count).fetchall()
        return True

    def write(self, table: str) -> None:
        self.keeper.execute(f"DELETE FROM {table}")
        with self.keeper.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as rows:
            rows.write(self.rows[table])

    def close(self) -> None:
        """End all sessions that are kept."""
        for waiting in spare.pop(self.name).values():
            for each in waiting:
                each.finish()
            waiting.clear()
        self.keeper.close()


class Copies:
    """The copies of a server, those that were used last."""

    def __init__(self, server: Renewed) -> None:
        self.server = server
        self.made: list[Copy] = []  # the one used last comes last
        self.count = 0

    @contextmanager
    def lent(self, template: str) -> Iterator[str]:
        """The URL of a copy as the template is, for a while."""
        found = next((c for c in self.made if c.template == template and not c.in_use), None)
        if found is None:
            found = self.new(template)
        else:
            self.made.remove(found)
            found.restore()
        self.made.append(found)
        found.in_use = True
        try:
            yield url_of(self.server.socket, found.name)
        finally:
            found.in_use = False

    def new(self, template: str) -> Copy:
        """Another copy, for which an old one may have to go."""
        if len(self.made) >= COPIES:
            old = next((each for each in self.made if not each.in_use), None)
            if old is not None:
                self.made.remove(old)
                old.close()
                drop(self.server.admin, old.name)
        self.count += 1
        return Copy(self.server, template, f"copy_{self.count}")

    def close(self) -> None:
        """End all sessions that are kept."""
        for each in self.made:
            each.close()
