"""What many tests begin with, made once by commands and fresh for each of them, on both engines."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from okr_es import example
from okr_es.application import Okr
from tests.support.memory import in_memory
from tests.support.postgresql import EMPTY, Renewed
from tests.support.restored import Copies

FEW = 3  # so often a template is copied; what is used more often is put back as it was
Begin = Callable[[str], None]  # makes it in a database, and closes that
First = tuple[str, Begin]  # the name of what it begins with itself, in place of an empty database


def begin_example(url: str) -> None:
    """Build the example company, on the day after its last event."""
    now = datetime(2026, 2, 13, 12, tzinfo=UTC)
    with closing(Okr(url, clock=lambda: now)) as okr:
        example.build(okr)


class Begun(Protocol):
    """Databases that begin as they did once."""

    def fresh(
        self, name: str, begin: Begin, first: First | None = None
    ) -> AbstractContextManager[str]:
        """The URL of a database as `begin` made it under this name."""


class OnSqlite:
    """Files that are copied for each test; processes that share the folder make them once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def fresh(self, name: str, begin: Begin, first: First | None = None) -> Iterator[str]:
        """The URL of a database as `begin` made it under this name."""
        made = self.made(name, begin, first)
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            copy_files(made, folder)
            yield f"sqlite:///{folder}/okr.db"

    def made(self, name: str, begin: Begin, first: First | None = None) -> Path:
        """The folder with the files of this name; who comes first makes them, and others wait."""
        made, making = self.folder / name, self.folder / f"making {name}"
        if made.exists():
            return made
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                shutil.rmtree(making, ignore_errors=True)
                making.mkdir()
                if first is not None:
                    copy_files(self.made(*first), making)
                begin(f"sqlite:///{making}/okr.db")
                making.rename(made)
        return made


def copy_files(made: Path, folder: Path | str) -> None:
    for file in made.glob("*.db"):
        shutil.copy(file, folder)


class OnPostgresql:
    """Templates that a database is copied from for each test.

    That takes a tenth of the time of creating all tables anew.
    """

    def __init__(self, database: Renewed) -> None:
        self.database = database
        self.copies = Copies(database)
        self.uses: Counter[str] = Counter()
        self.made: set[str] = set()

    @contextmanager
    def fresh(self, name: str, begin: Begin, first: First | None = None) -> Iterator[str]:
        """The URL of a database as `begin` made it under this name."""
        template = self.template(name, begin, first)
        self.uses[name] += 1
        if self.uses[name] <= FEW:
            yield self.database.renew(template)
            return
        with self.copies.lent(template) as url:
            yield url

    def template(self, name: str, begin: Begin, first: First | None = None) -> str:
        """The template of this name, made where it is not there yet."""
        template = f"begun {name}"
        if template not in self.made:
            begin(self.database.renew(self.template(*first) if first else EMPTY))
            self.database.keep(template)
            self.made.add(template)
        return template
