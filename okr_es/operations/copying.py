"""Copying a database whole: from and to SQLite, PostgreSQL and JSON lines, every row as it is.

Log, directory and access log are copied; a read model is built again. The target must be empty, and
is empty again where something fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Protocol

import msgspec
from sqlalchemy import Connection, Table

from okr_es.areas import RECORDED
from okr_es.database.bulk import write_table
from okr_es.database.creation import AreaIsThere, remove
from okr_es.database.database import Database
from okr_es.log.merkle import Frontier
from okr_es.log.schema import COLUMNS
from okr_es.operations.moment import Moment
from okr_es.operations.tables import Digest, PlainRow, TableDigest, count_rows, read_table

# The directory first: an erasure waits until its snapshot is released. The log last, so that a
# target without one is known to be incomplete, also where the power failed.
ORDER = ("directory", "access_log", "log")
AREA = {area.name: area for area in RECORDED.values()}
URL_NAME = {area.name: name for name, area in RECORDED.items()}
POSITION, RECORDED_AT, HASH = map(COLUMNS.index, ("position", "recorded_at", "hash"))
Progress = Callable[[int, int], None]
Batches = Iterable[Sequence[PlainRow]]


class CopyDiffers(RuntimeError):
    """What was read is not what was written once; the message names the table."""


class Contents(msgspec.Struct):
    """What a copy holds: the end of the log with the root of its tree, and every table's digest."""

    schema_versions: dict[str, int]
    tables: dict[str, TableDigest]
    position: int = 0
    recorded_at: str = ""
    root: str = ""


class Source(Protocol):
    """Where rows come from."""

    def total(self) -> int:
        """Return how many rows there are, 0 where that is not known."""

    def rows(self, area: str, table: Table) -> Batches:
        """Return all rows of a table, some at a time; called in the order of `tables_of`."""

    def release(self, area: str) -> None:
        """Note that an area was read."""


class Target(Protocol):
    """Where rows go."""

    def write(self, area: str, tables: Iterable[tuple[Table, Batches]]) -> None:
        """Write the tables of an area, whole or not at all."""

    def undo(self) -> None:
        """Remove what was written."""


def tables_of(area: str) -> list[Table]:
    """Return the tables of an area, in the order in which they are copied."""
    return list(AREA[area].metadata.sorted_tables)


def copy(
    source: Source,
    target: Target,
    expected: Mapping[str, TableDigest] | None = None,
    progress: Progress | None = None,
) -> Contents:
    """Copy all rows; return what the copy holds.

    Raises CopyDiffers where a table is not as `expected`; then, and where anything else fails,
    nothing of the target stays.
    """
    passing = Passing(source, expected, progress)
    try:
        for area in ORDER:
            target.write(area, passing.tables(area))
            source.release(area)
    except BaseException:
        target.undo()
        raise
    return passing.contents


class Passing:
    """Rows on their way: counted, hashed and compared."""

    def __init__(
        self,
        source: Source,
        expected: Mapping[str, TableDigest] | None,
        progress: Progress | None,
    ) -> None:
        self.source = source
        self.expected = expected
        self.progress = progress or (lambda _done, _all: None)
        self.total = source.total()
        self.done = 0
        self.frontier = Frontier()
        self.contents = Contents({name: area.version for name, area in AREA.items()}, {})

    def tables(self, area: str) -> Iterator[tuple[Table, Batches]]:
        """Yield the tables of an area, each with its rows; compare each after its last row."""
        for table in tables_of(area):
            name, digest = f"{area}.{table.name}", Digest()
            yield table, self.followed(name, digest.over(self.source.rows(area, table)))
            self.contents.tables[name] = found = digest.result()
            if self.expected is not None and self.expected.get(name) != found:
                raise CopyDiffers(f"{name} is not as it was when it was copied: it is damaged.")

    def followed(self, name: str, batches: Batches) -> Batches:
        """Yield batches, and note how far they go."""
        for batch in batches:
            if name == "log.events":
                self.frontier.extend([bytes(row[HASH]) for row in batch])
                self.contents.position = batch[-1][POSITION]
                self.contents.recorded_at = batch[-1][RECORDED_AT]
                self.contents.root = self.frontier.root.hex()
            yield batch
            self.done += len(batch)
            self.progress(self.done, max(self.done, self.total))


class FromDatabase:
    """The rows of a database at one moment."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment

    def total(self) -> int:
        """Return how many rows there are."""
        return sum(count_rows(self.moment.connections[name], tables_of(name)) for name in ORDER)

    def rows(self, area: str, table: Table) -> Batches:
        """Return the rows of a table."""
        return read_table(self.moment.connections[area], table)

    def release(self, area: str) -> None:
        """End the snapshot of an area."""
        self.moment.release(area)


@contextmanager
def reading_database(url: str) -> Iterator[FromDatabase]:
    """Give the rows of a database as they are now."""
    with Moment(url) as moment:
        yield FromDatabase(moment)


class ToDatabase(AbstractContextManager["ToDatabase"]):
    """An empty database that becomes a copy. Raises AreaIsThere where there is something."""

    def __init__(self, url: str) -> None:
        self.databases = {name: Database(url, URL_NAME[name]) for name in ORDER}
        for name, database in self.databases.items():
            if not database.lacks_file() and AREA[name].read_version(database) is not None:
                where = database.url.render_as_string()
                raise AreaIsThere(f"{where} is not empty: a copy goes only where there is nothing.")

    def write(self, area: str, tables: Iterable[tuple[Table, Batches]]) -> None:
        """Write the tables of an area, in one transaction."""
        AREA[area].fill(self.databases[area], partial(write_all, tables))

    def undo(self) -> None:
        """Remove the areas."""
        for database in self.databases.values():
            remove(database)

    def __exit__(self, *_: object) -> None:
        for database in self.databases.values():
            database.dispose()


def write_all(tables: Iterable[tuple[Table, Batches]], connection: Connection) -> None:
    """Write the rows of tables in a connection's transaction."""
    for table, batches in tables:
        write_table(connection, table, batches)
