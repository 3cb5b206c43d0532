"""Which errors say that a database cannot be used now, and which are about a statement of ours.

An outage is a line in the log when it begins, one a minute, and one at its end.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import threading
import time

import psycopg
from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Classes of SQLSTATE: connection, transaction state (read-only), rollback, resources, state of an
# object (locks), intervention of an operator, system.
POSTGRESQL_CLASSES = ("08", "25", "40", "53", "55", "57", "58")
GONE = ("08", "57P")
SQLITE_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH,
    }
)  # fmt: skip
SYSTEM_CODES = frozenset(
    {
        errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT, errno.EMFILE, errno.ENFILE,
        errno.EACCES, errno.EPERM, errno.ENOMEM, errno.ESTALE,
    }
)  # fmt: skip
LONGEST_REASON = 200
SAY_AGAIN_SECONDS = 60.0

log = logging.getLogger("okr_es.database")


def cause_of(error: BaseException) -> BaseException:
    """Return the driver's error behind an error, or the error itself."""
    if isinstance(error, PersistenceError) and error.__cause__ is not None:
        return cause_of(error.__cause__)
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig
    return error


def is_outage(error: BaseException) -> bool:
    """Return whether an error says that the database, or the disk, cannot be used now."""
    cause = cause_of(error)
    if isinstance(cause, psycopg.Error):
        lost = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
        return cause.sqlstate[:2] in POSTGRESQL_CLASSES if cause.sqlstate else lost
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        if code is None:
            return isinstance(cause, sqlite3.OperationalError | sqlite3.InterfaceError)
        return code & 0xFF in SQLITE_CODES
    if isinstance(cause, OSError):
        return cause.errno in SYSTEM_CODES
    wrapped = error.__cause__ if isinstance(error, PersistenceError) else error
    return isinstance(wrapped, OperationalError | InterfaceError | PoolTimeout)


def is_server_gone(error: BaseException) -> bool:
    """Return whether an error says that PostgreSQL ended the connection, so others too perhaps."""
    cause = cause_of(error)
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(GONE)


def reason_of(error: BaseException) -> str:
    """Return an outage's reason in one line, without a statement or its parameters.

    Where the error is about a file that its words do not name, it follows in brackets.
    """
    cause = cause_of(error)
    lines = str(cause).strip().splitlines()
    said = lines[0][:LONGEST_REASON] if lines else type(error).__name__
    files = [each for each in getattr(cause, "__notes__", []) if each not in said]
    return f"{said} ({files[0]})" if files else said


def log_failure(logger: logging.Logger, error: Exception, what: str) -> None:
    """Log an error and what failed: of an outage its reason, of any other error the traceback."""
    if is_outage(error):
        logger.error("%s: %s", what, reason_of(error))
    else:
        logger.error(what, exc_info=error)


class Outage:
    """One kind of work, and since when the database does not let it be done."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()
        self.since: float | None = None
        self.said = 0.0
        self.last = 0.0
        self.refused = 0
        self.failed: set[str] = set()

    def note(self, error: BaseException, what: str) -> None:
        """Count an error of what was asked for; log the first, and one a minute."""
        now = time.monotonic()
        with self.lock:
            self.refused += 1
            self.failed.add(what)
            self.last = now
            if self.since is not None and now - self.said < SAY_AGAIN_SECONDS:
                return
            self.since, self.said = self.since or now, now
        log.error("The database is unavailable for %s: %s", self.name, reason_of(error))

    def end(self, what: str) -> None:
        """Log that it is over, if there was one and this had failed, or nothing did for a while.

        Where one file of several cannot be written, other commands go on meanwhile.
        """
        now = time.monotonic()
        with self.lock:
            goes_on = what not in self.failed and now - self.last < SAY_AGAIN_SECONDS
            if self.since is None or goes_on:
                return
            lasted, refused = now - self.since, self.refused
            self.since, self.refused = None, 0
            self.failed.clear()
        log.warning(
            "The database is available for %s again, after %.0f s and %d failures.",
            self.name, lasted, refused,
        )  # fmt: skip
