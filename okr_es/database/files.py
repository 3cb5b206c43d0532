"""Files of SQLite: whether others were put in their place, and errors that say they are damaged."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError

Identity = tuple[int, int]
# Of SQLite, by the last byte of its codes: a file that is none, and one that contradicts itself.
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
UNREADABLE = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}
MISSING = ("no such table", "no such column", "no such index")
# Of PostgreSQL: no such schema, table or column, damaged data or index, and files that cannot be
# read.
STATES = {"3F000", "42P01", "42703", "XX001", "XX002", "58030", "58P01"}


class Files(NamedTuple):
    """Which files there are by their paths: the first must exist, the others need not."""

    paths: Sequence[str]
    found: tuple[Identity | None, ...]

    @classmethod
    def of(cls, paths: Sequence[str]) -> Files:
        """Look which files there are."""
        return cls(paths, tuple(map(identity, paths)))

    def are_replaced(self, before: Files) -> bool:
        """Return whether a file is another than before, or gone; one that is new replaces none."""
        pairs = zip(before.found, self.found, strict=True)
        return any(old is not None and old != new for old, new in pairs)

    def require(self) -> None:
        """Raise OperationalError where the first file is gone: SQLite would create an empty one."""
        if self.found[0] is None:
            raise OperationalError(
                "", None, sqlite3.OperationalError(f"unable to open {self.paths[0]}: it is gone")
            )


def identity(path: str) -> Identity | None:
    """Return what a file is known by; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  - asked by each question; a Path costs more
    except OSError:
        return None
    return found.st_dev, found.st_ino


def name_file(error: BaseException | None, path: object) -> None:
    """Note on an error of SQLite which file it is about; its own words do not say."""
    if isinstance(error, sqlite3.Error) and not hasattr(error, "__notes__"):
        error.add_note(str(path))


def is_damage(error: DBAPIError) -> bool:
    """Return whether an error may come from a file or table that is damaged or missing."""
    cause = error.orig
    if isinstance(cause, psycopg.Error):
        return cause.sqlstate in STATES
    code = getattr(cause, "sqlite_errorcode", None) or 0
    if code & 0xFF in DAMAGED or code in UNREADABLE:
        return True
    return isinstance(cause, sqlite3.Error) and str(cause).startswith(MISSING)


def free_bytes(folder: Path) -> int:
    """Return how many bytes can still be written to the disk of a folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
