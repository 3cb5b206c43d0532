"""A database at one moment: what log, directory and access log hold together, while all goes on.

Somebody is in the directory before the log says so, and leaves it after. So nobody may write to the
directory between the first look at it and the first look at the log. In one PostgreSQL database the
three share one snapshot. In files, or where the directory lies apart, writers to the directory wait
for these looks, which take a millisecond.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

from sqlalchemy import Connection, func, select

from okr_es.access_log import access_counter
from okr_es.areas import RECORDED
from okr_es.database.creation import Area
from okr_es.database.database import Database
from okr_es.database.schema_versions import SchemaMismatch
from okr_es.log.schema import access_checkpoints

TRIES = 3  # an access log that is cut off stays too short


class NoDatabase(RuntimeError):
    """There is no database to be copied; the message says which part is missing."""


class Moment:
    """The areas of a database as they are at one moment, each until it is released."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.databases = {
            area.name: Database(url, name, read_only=read_only) for name, area in RECORDED.items()
        }
        self.areas: dict[str, Area] = {area.name: area for area in RECORDED.values()}
        self.connections: dict[str, Connection] = {}
        self.open: dict[str, ExitStack] = {name: ExitStack() for name in self.areas}

    def __enter__(self) -> Moment:
        try:
            for database in self.databases.values():
                if database.lacks_file():
                    raise NoDatabase(f"{database.path} does not exist.")
            for name, area in self.areas.items():
                require_version(area, area.read_version(self.databases[name]))
            self.begin()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def begin(self) -> None:
        """Take the snapshots; again where the access log was signed between two of them."""
        self.take()
        for _ in range(TRIES):
            if not self.lacks_signed_reads():
                break
            for name in self.areas:
                self.open[name].close()
            self.take()

    def lacks_signed_reads(self) -> bool:
        """Return whether the access log is shorter than what the log says was signed of it."""
        for name in ("log", "access_log"):
            if self.areas[name].version_in(self.connections[name]) != self.areas[name].version:
                return False  # which is refused
        signed = self.connections["log"].execute(select(func.max(access_checkpoints.c.size)))
        there = self.connections["access_log"].execute(select(access_counter.c.position))
        return int(signed.scalar() or 0) > int(there.scalar() or 0)

    def take(self) -> None:
        """Take the snapshots; of the access log before the log, whose positions it names."""
        directory, tables = self.databases["directory"], self.tables("directory")
        beside = directory.can_share_snapshots(self.databases["log"])
        with directory.turn() if beside else directory.stands_still(tables):
            shared = directory.shared_snapshot(self.look("directory"), tables)
            for name in ("access_log", "log"):
                connection = self.look(name, shared if beside or name == "log" else "")
                if not beside:
                    shared = self.databases[name].shared_snapshot(connection, self.tables(name))

    def tables(self, name: str) -> list[str]:
        """Return the names of the tables of an area."""
        return [str(table.name) for table in self.areas[name].metadata.sorted_tables]

    def look(self, name: str, shared: str = "") -> Connection:
        """Take the snapshot of an area, the shared one if there is one."""
        connection = self.open[name].enter_context(self.databases[name].snapshot_read_once())
        self.databases[name].look(connection, shared)
        self.connections[name] = connection
        return connection

    def release(self, name: str) -> None:
        """End the snapshot of an area: an erasure waits for that of the directory."""
        self.open[name].close()
        self.databases[name].dispose()

    def close(self) -> None:
        """End all snapshots."""
        for name in self.areas:
            self.release(name)


def require_version(area: Area, found: int | None) -> None:
    """Refuse an area that is not there, or has another version than the program knows."""
    if found is None:
        raise NoDatabase(f"The {area.name.replace('_', ' ')} is not there.")
    if found != area.version:
        raise SchemaMismatch(area.name, found, area.version)
