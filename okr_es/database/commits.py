"""Whether a transaction was committed whose connection broke around its COMMIT.

The driver then raises an error, and the server may have committed all the same, or may still do so.
A definite error is one that the server sent itself, or that came before the COMMIT was sent.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from okr_es.database.database import Database
from okr_es.database.engines import brief_engine

AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
OWN_PROCESS = "SELECT pg_backend_pid()"
PRIMARY_CODE = 0xFF  # SQLite's extended codes say more in the bits above


class Commit:
    """How far a transaction came: whether its COMMIT may have been sent, and to which process."""

    def __init__(self) -> None:
        self.is_sent = False
        self.process: int | None = None  # of PostgreSQL's server

    def begin(self, driver: Any) -> None:
        """Note that the next thing a connection of the driver does is to commit."""
        self.is_sent = True
        if isinstance(driver, psycopg.Connection):
            self.process = driver.info.backend_pid

    def is_in_doubt(self, error: Exception) -> bool:
        """Return whether it may be committed all the same, after this error."""
        if not self.is_sent:
            return False
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.Error):
            return cause.diag.severity_nonlocalized != "ERROR"
        if isinstance(cause, sqlite3.Error):
            code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_IOERR)
            return code & PRIMARY_CODE == sqlite3.SQLITE_IOERR
        return True

    def is_over(self, brief: Engine) -> bool:
        """Return whether the process that may still commit is known to have ended.

        Always False on SQLite, where a COMMIT that failed in between may come to light when its
        files are read again after a crash. So it is where a pool stands between, which names other
        processes than those of the server. Raises DBAPIError.
        """
        if self.process is None:
            return False
        with brief.connect() as connection:
            driver: Any = connection.connection.driver_connection
            (own,) = driver.execute(OWN_PROCESS).fetchone()
            (at_work,) = driver.execute(AT_WORK, (self.process,)).fetchone()
            return bool(own == driver.info.backend_pid and not at_work)


def look_engine(database: Database, seconds: int) -> Engine:
    """Return an engine to look for a transaction with, by new connections that do not wait long."""
    if database.is_sqlite:
        return database.reader
    return brief_engine(database.url, database.schema, seconds)
