"""A directory with people whose log is missing: no other log begins beside it."""

from __future__ import annotations

from okr_es.database.database import Database
from okr_es.database.engines import UnusableDatabase
from okr_es.log.recorder import LogRecorder
from okr_es.log.schema import AREA as LOG
from okr_es.people.directory import Directory
from okr_es.people.tables import AREA as DIRECTORY


def open_log(log: LogRecorder, directory: Directory) -> None:
    """Create the log where it is missing, unless people are there who had another."""
    if not log.is_there():
        require_log_of(directory, log.database)
        log.create()


def require_log_of(directory: Directory, database: Database) -> None:
    """Refuse a log that would begin beside a directory with people; raise UnusableDatabase.

    A log is made before its directory and copied after it. So it was removed, or a copy or a
    restore was killed.
    """
    has_people = DIRECTORY.is_there(directory.database) and directory.ids()
    if has_people and LOG.read_version(database) is None:
        raise UnusableDatabase(
            f"There are people in {directory.database.place}, and no log in "
            f"{database.place}: it was removed, or a copy or a "
            "restore did not come to its end. Put the log back; or remove all of it, and copy or "
            "restore again."
        )
