"""What many tests begin with, made once by commands and fresh for each of them, on both engines."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from tests.support.memory import in_memory
from tests.support.postgresql import Renewed

Begin = Callable[[str], None]  # makes it in an empty database, and closes that


class Begun(Protocol):
    """Databases that begin as they did once."""

    def fresh(self, name: str, begin: Begin) -> AbstractContextManager[str]:
        """The URL of a database as `begin` made it under this name."""


class OnSqlite:
    """Files that are copied for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def fresh(self, name: str, begin: Begin) -> Iterator[str]:
        """The URL of a database as `begin` made it under this name."""
        made = self.folder / name
        if not made.exists():
            made.mkdir()
            begin(f"sqlite:///{made}/okr.db")
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            for file in made.glob("*.db"):
                shutil.copy(file, folder)
            yield f"sqlite:///{folder}/okr.db"


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
