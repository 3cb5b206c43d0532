"""Shredding: what was deleted from a table is also overwritten in the pages it was stored in.

SQLite: the file is rewritten and the WAL truncated. PostgreSQL: the table is rewritten; its
own WAL keeps the old bytes until its segments are recycled, and no database can reach backups.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from sqlalchemy.exc import OperationalError

from okr_es.database.database import Database
from okr_es.database.engines import owner_engine

TRIES = 10
PAUSE_SECONDS = 0.2
LOCK_TIMEOUT_MS = 2_000
CHECKPOINT_TIMEOUT_MS = 10_000


class NotShredded(RuntimeError):
    """The bytes could not be overwritten, because somebody is still reading them."""


def rewrite(database: Database, tables: Iterable[str], tries: int | None = None) -> None:
    """Rewrite the pages of tables without what was deleted from them; on SQLite those of all.

    Raises NotShredded while another transaction reads one; calling it again is safe.
    """
    if database.is_sqlite:
        rewrite_sqlite(database)
        return
    for table in tables:
        rewrite_postgresql(database, table, tries or TRIES)


def rewrite_sqlite(database: Database) -> None:
    """Rewrite the file, in memory first, and truncate the WAL."""
    with database.turn(), database.reader.connect() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        connection.exec_driver_sql("PRAGMA temp_store = MEMORY")
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {CHECKPOINT_TIMEOUT_MS}")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(database.timeouts.lock * 1000)}")
    if busy:
        raise NotShredded("The write-ahead log cannot be cut off while somebody reads it.")


def rewrite_postgresql(database: Database, table: str, tries: int) -> None:
    """Rewrite the table by a function of its owner, as the application owns nothing.

    VACUUM FULL would keep what an old snapshot may still see; a change of type does not. It waits
    for readers, and they for it: so it waits briefly, some times.
    """
    timeout = f"-clock_timeout={LOCK_TIMEOUT_MS}"
    engine = owner_engine(database.url, database.schema, timeout)
    try:
        for _ in range(tries):
            try:
                with engine.begin() as connection:
                    connection.exec_driver_sql(f"SELECT rewrite_{table}()")
            except OperationalError:
                time.sleep(PAUSE_SECONDS)
            else:
                return
    finally:
        engine.dispose()
    raise NotShredded("The table cannot be rewritten while somebody reads it.")
