"""Turns to write to a SQLite file: one thread of one process at a time, first come, first served.

SQLite lets waiting writers poll, and under load some of them starve; a queue on a lock file is
fair, and it has a deadline.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import OperationalError


class Turns:
    """The turns of this process and its threads at a lock file, made where it is missing."""

    def __init__(self, path: Path, seconds: float) -> None:
        self.path = path
        self.seconds = seconds
        self.lock = threading.Lock()
        self.file: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn. Raises OperationalError where none comes in time, or no file is made."""
        until = time.monotonic() + self.seconds
        if not self.lock.acquire(timeout=self.seconds):
            raise busy()
        try:
            file = self.locked_file(until)
            try:
                yield
            finally:
                self.unlock(file)
        finally:
            self.lock.release()

    def locked_file(self, until: float) -> int:
        """Return the descriptor of the file, locked; a wait is for one of its own."""
        if self.file is None:
            self.file = self.opened()
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return Wait(self.opened()).locked_file(until)
        except OSError as error:
            raise unusable(error) from error
        return self.file

    def opened(self) -> int:
        """Return a descriptor of the file."""
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise unusable(error) from error

    def unlock(self, file: int) -> None:
        """Give the turn back."""
        if file == self.file:
            fcntl.flock(file, fcntl.LOCK_UN)
        else:
            os.close(file)

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            if self.file is not None:
                os.close(self.file)
                self.file = None


class Wait:
    """A wait for other processes, in a thread, because the system's own has no deadline."""

    def __init__(self, file: int) -> None:
        self.file = file
        self.decided = threading.Lock()
        self.done = threading.Event()
        self.is_given_up = False

    def locked_file(self, until: float) -> int:
        """Return the descriptor once it is locked. Raises OperationalError."""
        threading.Thread(target=self.wait, name="okr-es-turn", daemon=True).start()
        self.done.wait(max(0.0, until - time.monotonic()))
        with self.decided:
            if not self.done.is_set():
                self.is_given_up = True
                raise busy()
        return self.file

    def wait(self) -> None:
        """Wait for the lock; one that comes too late is given back."""
        with suppress(OSError):
            fcntl.flock(self.file, fcntl.LOCK_EX)
        with self.decided:
            self.done.set()
            if self.is_given_up:
                os.close(self.file)


def busy() -> OperationalError:
    """Return the error of a turn that did not come in time."""
    return OperationalError("", None, sqlite3.OperationalError("database is locked: no turn came"))


def unusable(error: OSError) -> OperationalError:
    """Return the error of a lock file that cannot be used."""
    return OperationalError("", None, sqlite3.OperationalError(f"unable to lock: {error}"))
