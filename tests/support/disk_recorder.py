"""All that a program writes to a folder, in order, with what it syncs: the script of a disk.

SQLite's own layer to the disk is listened to by ctypes, in the library that Python uses, so that
nothing has to be compiled. Other files are seen by Python's audit events, and when they are
synced. The index of a write-ahead log (-shm) is no file to SQLite but memory, and is left out: it
is not there after a power cut, or holds anything at all.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

POINTER = ctypes.sizeof(ctypes.c_void_p)
NAMES_OF_VFS = 5  # where its xOpen stands, in pointers from its beginning; xDelete follows
SET_SYSTEM_CALL, GET_SYSTEM_CALL = 18, 19
METHODS, CLOSE, WRITE, TRUNCATE, SYNC = 19, 1, 3, 4, 5
LEFT_OUT = ("-shm", ".lock")  # memory, and files without contents

P, I, L = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64  # noqa: E741  - as in C's own signatures
ON_OPEN = ctypes.CFUNCTYPE(I, P, P, P, I, P)
ON_DELETE = ctypes.CFUNCTYPE(I, P, P, I)
ON_CLOSE = ctypes.CFUNCTYPE(I, P)
ON_WRITE = ctypes.CFUNCTYPE(I, P, P, I, L)
ON_TRUNCATE = ctypes.CFUNCTYPE(I, P, L)
ON_SYNC = ctypes.CFUNCTYPE(I, P, I)
ON_OPEN_DIRECTORY = ctypes.CFUNCTYPE(I, P, P)
SET_CALL = ctypes.CFUNCTYPE(I, P, ctypes.c_char_p, P)
GET_CALL = ctypes.CFUNCTYPE(P, P, ctypes.c_char_p)


class Create(NamedTuple):
    """A new, empty file."""

    path: str


class Write(NamedTuple):
    """Bytes were written, and perhaps they are on the disk."""

    path: str
    offset: int
    data: bytes


class Truncate(NamedTuple):
    """A file was cut off."""

    path: str
    size: int


class Sync(NamedTuple):
    """What was written to a file is on the disk."""

    path: str


class Delete(NamedTuple):
    """A file has no name any more."""

    path: str


class Rename(NamedTuple):
    """A file has another name, and what had that is gone."""

    path: str
    to: str


class SyncFolder(NamedTuple):
    """The names in the folder are on the disk."""

    path: str


class Said(NamedTuple):
    """Something was acknowledged: `holds` looks whether it is so."""

    what: str
    holds: Callable[[Any], bool]


Step = Create | Write | Truncate | Sync | Delete | Rename | SyncFolder | Said


class CannotListen(RuntimeError):
    """SQLite's library cannot be reached from here."""


class Recording:
    """What happens in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder.resolve())
        self.start = contents(folder)
        self.known = set(self.start)
        self.by_python: dict[str, bytes] = {}
        self.steps: list[Step] = []
        self.refuses = False  # whatever SQLite would write, as where a disk is read-only by now

    def concerns(self, path: str) -> bool:
        """Return whether a file is one of the folder's."""
        return path.startswith(self.folder) and not path.endswith(LEFT_OUT)

    def name(self, path: str) -> str:
        """Return a path from the folder on."""
        return os.path.relpath(path, self.folder)

    def create(self, path: str) -> None:
        """Note a file that was not there before."""
        if self.name(path) not in self.known:
            self.known.add(self.name(path))
            self.steps.append(Create(self.name(path)))

    def delete(self, path: str) -> None:
        """Note that a file is deleted, if it is there."""
        if self.name(path) in self.known:
            self.known.discard(self.name(path))
            self.steps.append(Delete(self.name(path)))

    def whole(self, path: str) -> None:
        """Note what is in a file that Python wrote."""
        if Path(path).suffix == ".db":
            return
        self.create(path)
        name, content = self.name(path), Path(path).read_bytes()
        if self.by_python.get(name) != content:
            self.by_python[name] = content
            self.steps += [Truncate(name, 0), Write(name, 0, content)]

    def rename(self, path: str, to: str) -> None:
        """Note that a file gets another name."""
        self.whole(path)
        self.known = self.known - {self.name(path)} | {self.name(to)}
        self.by_python[self.name(to)] = self.by_python.pop(self.name(path), b"")
        self.steps.append(Rename(self.name(path), self.name(to)))

    def said(self, what: str, holds: Callable[[Any], bool]) -> None:
        """Note what was acknowledged."""
        self.steps.append(Said(what, holds))


class Listener:
    """Stands between SQLite and the disk, from the first recording on."""

    def __init__(self) -> None:
        self.recording: Recording | None = None
        self.paths: dict[int, str] = {}
        self.methods: dict[int, Any] = {}
        self.kept: list[Any] = []
        try:
            find = ctypes.CDLL(_sqlite3.__file__).sqlite3_vfs_find
        except (AttributeError, OSError) as error:
            raise CannotListen(f"No functions of SQLite in {_sqlite3.__file__}: {error}") from None
        find.restype = P
        self.vfs = find(None)
        words = (P * (GET_SYSTEM_CALL + 1)).from_address(self.vfs)
        self.open = ON_OPEN(words[NAMES_OF_VFS])
        self.remove = ON_DELETE(words[NAMES_OF_VFS + 1])
        self.listen_to_folders(words)
        words[NAMES_OF_VFS] = self.address(ON_OPEN(self.on_open))
        words[NAMES_OF_VFS + 1] = self.address(ON_DELETE(self.on_delete))
        sys.addaudithook(self.on_audit)

    def listen_to_folders(self, words: Any) -> None:
        """SQLite syncs a folder after it has opened it by a call that can be replaced."""
        name = b"openDirectory"
        self.open_folder = ON_OPEN_DIRECTORY(GET_CALL(words[GET_SYSTEM_CALL])(self.vfs, name))
        ours = self.address(ON_OPEN_DIRECTORY(self.on_folder))
        SET_CALL(words[SET_SYSTEM_CALL])(self.vfs, name, ours)

    def address(self, function: Any) -> int | None:
        """Return the address of a function, which is never removed."""
        self.kept.append(function)
        return ctypes.cast(function, P).value

    def of(self, path: str) -> Recording | None:
        """Return the recording that a file concerns."""
        there = self.recording
        return there if there is not None and there.concerns(path) else None

    def on_open(self, vfs: int, name: int, file: int, flags: int, found: int) -> int:
        path = ctypes.string_at(name).decode() if name else ""
        there = self.of(path)
        if there and there.refuses and not Path(path).exists():
            P.from_address(file).value = None  # no methods: it is not open
            return sqlite3.SQLITE_CANTOPEN
        code: int = self.open(vfs, name, file, flags, found)
        if there and not code:
            there.create(path)
            self.paths[file] = path
            methods = P.from_address(file)
            methods.value = self.replaced(methods.value or 0)
        return code

    def replaced(self, address: int) -> int:
        """Return the address of methods of a file that tell before they do."""
        if address not in self.methods:
            table = (P * METHODS)()
            ctypes.memmove(table, address, POINTER * METHODS)
            ours = {CLOSE: self.on_close, WRITE: self.on_write}
            ours |= {TRUNCATE: self.on_truncate, SYNC: self.on_sync}
            kinds = {CLOSE: ON_CLOSE, WRITE: ON_WRITE, TRUNCATE: ON_TRUNCATE, SYNC: ON_SYNC}
            for place, function in ours.items():
                own = kinds[place](table[place])
                table[place] = self.address(kinds[place](function(own)))
            self.methods[address] = table
        return ctypes.addressof(self.methods[address])

    def on_close(self, own: Any) -> Any:
        def close(file: int) -> int:
            self.paths.pop(file, None)
            return int(own(file))

        return close

    def on_write(self, own: Any) -> Any:
        def write(file: int, data: int, size: int, offset: int) -> int:
            path = self.paths[file]
            if there := self.of(path):
                if there.refuses:
                    return sqlite3.SQLITE_IOERR_WRITE
                there.steps.append(Write(there.name(path), offset, ctypes.string_at(data, size)))
            return int(own(file, data, size, offset))

        return write

    def on_truncate(self, own: Any) -> Any:
        def truncate(file: int, size: int) -> int:
            path = self.paths[file]
            if there := self.of(path):
                if there.refuses:
                    return sqlite3.SQLITE_IOERR_TRUNCATE
                there.steps.append(Truncate(there.name(path), size))
            return int(own(file, size))

        return truncate

    def on_sync(self, own: Any) -> Any:
        def sync(file: int, flags: int) -> int:
            path = self.paths[file]
            code = int(own(file, flags))
            if (there := self.of(path)) and not code:
                there.steps.append(Sync(there.name(path)))
            return code

        return sync

    def on_delete(self, vfs: int, name: int, sync: int) -> int:
        path = ctypes.string_at(name).decode()
        if there := self.of(path):
            if there.refuses:
                return sqlite3.SQLITE_IOERR_DELETE
            there.delete(path)
        return int(self.remove(vfs, name, sync))

    def on_folder(self, name: int, found: int) -> int:
        path = ctypes.string_at(name).decode()
        if there := self.of(path):
            there.steps.append(SyncFolder(there.name(str(Path(path).parent))))
        return int(self.open_folder(name, found))

    def on_audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note what Python itself does to names."""
        if self.recording is None or event not in {"os.remove", "os.rename"}:
            return
        paths = [os.path.abspath(each) for each in arguments if isinstance(each, str | Path)]  # noqa: PTH100
        there = self.of(paths[0]) if paths else None
        if there is None:
            return
        if event == "os.remove":
            there.delete(paths[0])
        else:
            there.rename(*paths)

    def on_fsync(self, descriptor: int) -> None:
        """Sync a file of Python's, and note what is in it."""
        fsync(descriptor)
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        if not (there := self.of(path)):
            return
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            there.steps.append(SyncFolder(there.name(path)))
        else:
            there.whole(path)
            there.steps.append(Sync(there.name(path)))


fsync = os.fsync
listener = cache(Listener)


@contextmanager
def recorded(folder: Path) -> Iterator[Recording]:
    """Record what happens in a folder. Raises CannotListen where that is not possible."""
    there = Recording(folder)
    listens = listener()
    listens.recording = there
    try:
        with patch.object(os, "fsync", listens.on_fsync):
            yield there
    finally:
        listens.recording = None


def contents(folder: Path) -> dict[str, bytes]:
    """Return what is in the files of a folder, by their paths from there on."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(LEFT_OUT)
    }
