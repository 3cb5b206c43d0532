"""What many tests begin with, made once by commands and fresh for each of them, on both engines."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from okr_es import example
from okr_es.application import Okr
from tests.support.memory import in_memory
from tests.support.postgresql import Renewed

Begin = Callable[[str], None]  # makes it in an empty database, and closes that


def begin_example(url: str) -> None:
    """Build the example company, on the day after its last event."""
    now = datetime(2026, 2, 13, 12, tzinfo=UTC)
    with closing(Okr(url, clock=lambda: now)) as okr:
        example.build(okr)


class Begun(Protocol):
    """Databases that begin as they did once."""

    def fresh(self, name: str, begin: Begin) -> AbstractContextManager[str]:
        """The URL of a database as `begin` made it under this name."""


class OnSqlite:
    """Files that are copied for each test; processes that share the folder make them once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def fresh(self, name: str, begin: Begin) -> Iterator[str]:
        """The URL of a database as `begin` made it under this name."""
        made = self.made(name, begin)
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            for file in made.glob("*.db"):
                shutil.copy(file, folder)
            yield f"sqlite:///{folder}/okr.db"

    def made(self, name: str, begin: Begin) -> Path:
        """The folder with the files of this name; who comes first makes them, and others wait."""
        made, making = self.folder / name, self.folder / f"making {name}"
        if made.exists():
            return made
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                shutil.rmtree(making, ignore_errors=True)
                making.mkdir()
                begin(f"sqlite:///{making}/okr.db")
                making.rename(made)
        return made


class OnPostgresql:
    """Templates that a database is copied from for each test.

    That takes a tenth of the time of creating all tables anew.
    """

    def __init__(self, database: Renewed) -> None:
        self.database = database
        self.made: set[str] = set()

    @contextmanager
    def fresh(self, name: str, begin: Begin) -> Iterator[str]:
        """The URL of a database as `begin` made it under this name."""
        template = f"begun {name}"
        if template not in self.made:
            begin(self.database.renew())
            self.database.keep(template)
            self.made.add(template)
        yield self.database.renew(template)
