"""A clean stop: afterwards each SQLite file is complete without its write-ahead log.

SQLite does this itself when the last connection closes, but a process that was ended closed none.
"""

from __future__ import annotations

import time
from pathlib import Path

from okr_es.areas import databases
from okr_es.database.database import Database

DEADLINE_SECONDS = 3.0
TRY_SECONDS = 0.2


def complete_files(url: str, seconds: float = DEADLINE_SECONDS) -> list[Path]:
    """Move all that was recorded into the main files of log, directory and access log.

    Returns the files where that was not possible before the deadline, because somebody still reads
    an older state or writes. On PostgreSQL there is nothing to do.
    """
    until = time.monotonic() + seconds
    return [
        database.path
        for _, database in databases(url)
        if database.has_file() and not is_completed(database, until)
    ]


def is_completed(database: Database, until: float) -> bool:
    """Try to complete a file until a moment of the monotonic clock; return whether it is."""
    while not database.complete_file(TRY_SECONDS):
        if time.monotonic() > until:
            return False
    return True


def describe(incomplete: list[Path]) -> str:
    """Return a sentence about files that could not be completed."""
    names = ", ".join(str(path) for path in incomplete)
    return (
        f"Somebody still uses {names}. Nothing is lost, but what was recorded last is only in the "
        "-wal file beside it: do not copy one without the other."
    )
