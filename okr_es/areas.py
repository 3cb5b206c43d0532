"""The areas of a database that have a schema version: log, directory, access log, and what is in
no backup: jobs and sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from okr_es import access_log, jobs
from okr_es.access import tables as sessions
from okr_es.database.creation import Area, let_act
from okr_es.database.database import Database
from okr_es.log import schema
from okr_es.log.old_texts import begin_texts
from okr_es.people import tables
from okr_es.people.directory import Directory

# Each with its name in the database's URL or schema.
AREAS: dict[str, Area] = {
    "": schema.AREA,
    "directory": tables.AREA,
    "access": access_log.AREA,
    "jobs": jobs.AREA,
    "sessions": sessions.AREA,
}
NOT_BACKED_UP = {jobs.AREA.name, sessions.AREA.name}
# Those that hold what was recorded: what a backup and a copy are of.
RECORDED = {name: area for name, area in AREAS.items() if area.name not in NOT_BACKED_UP}


class AreaVersion(NamedTuple):
    """The schema version of an area's tables, and the one this program needs.

    `version` is None where there are no tables, and 0 for those from before version 1.
    """

    area: str
    version: int | None
    needed: int


def schema_versions(url: str) -> list[AreaVersion]:
    """Return the schema version of each area; change nothing."""
    return [
        AreaVersion(area.name, area.read_version(database), area.version)
        for area, database in databases(url)
    ]


def upgrade(url: str) -> list[AreaVersion]:
    """Bring each area to the version this program needs; return what each had before.

    Each area is upgraded in one transaction: what fails leaves its area as it was. The keys of old
    texts follow, which a second run goes on with.
    """
    found = [
        AreaVersion(area.name, area.upgrade(database), area.version)
        for area, database in databases(url)
    ]
    log, directory = Database(url), Database(url, "directory")
    try:
        begin_texts(log, Directory(directory))
    finally:
        log.dispose()
        directory.dispose()
    return found


def databases(url: str) -> Iterator[tuple[Area, Database]]:
    """Yield each area with its database, closed afterwards."""
    for name, area in AREAS.items():
        database = Database(url, name)
        try:
            yield area, database
        finally:
            database.dispose()


def prepare(url: str, login: str | None) -> list[AreaVersion]:
    """Create what is missing of a database, and let a login of PostgreSQL act as the application.

    Returns the schema version of each area before. The login owns nothing of it.
    """
    found = upgrade(url)
    if login is not None:
        let_act(url, login)
    return found
