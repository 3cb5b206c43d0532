"""A disk whose power is cut: what was synced is there, all else is there, or not, or torn.

Names and contents are two things: a new file that was synced is lost with its name, until the
folder was synced as well.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.disk_recorder import (
    Create,
    Delete,
    Rename,
    Said,
    Step,
    Sync,
    SyncFolder,
    Truncate,
    Write,
)

SECTOR = 512
INDEX = 32_768  # bytes of an index of a write-ahead log
Names = Mapping[str, int | None]  # by path the number of a file, None where the name is gone


@dataclass
class File:
    """What is in a file for sure, and what was written since."""

    synced: bytes = b""
    since: list[Write | Truncate] = field(default_factory=list)

    def sync(self) -> None:
        """All of it is on the disk."""
        self.synced = self.content(None)
        self.since = []

    def content(self, chance: random.Random | None) -> bytes:
        """Return what is in it after a power cut, or without one."""
        data = bytearray(self.synced)
        kept = 1.0 if chance is None else chance.choice((0.0, 0.5, 0.9, 1.0))
        for change in self.since:
            if isinstance(change, Write):
                write(data, change, chance, kept)
            elif chance is None or chance.random() < kept:
                cut_off(data, change.size)
        return bytes(data)


def cut_off(data: bytearray, size: int) -> None:
    """Cut contents off, or fill up with zeros."""
    del data[size:]
    data.extend(bytes(size - len(data)))


def write(data: bytearray, change: Write, chance: random.Random | None, kept: float) -> None:
    """Write sector by sector, of which some are lost or torn."""
    place, end = change.offset, change.offset + len(change.data)
    while place < end:
        stop = min(end, (place // SECTOR + 1) * SECTOR)
        if chance is not None and chance.random() >= kept:
            stop_early = chance.choice((place, place, chance.randint(place, stop)))
        else:
            stop_early = stop
        if stop_early > place:
            if len(data) < place:
                cut_off(data, place)
            piece = change.data[place - change.offset : stop_early - change.offset]
            data[place:stop_early] = piece
        place = stop


class Disk:
    """The files of a folder, step by step."""

    def __init__(self, start: Mapping[str, bytes]) -> None:
        self.files = [File(content) for content in start.values()]
        self.names: dict[str, int] = {path: number for number, path in enumerate(start)}
        self.synced: dict[str, int] = dict(self.names)
        self.since: list[Names] = []
        self.said: list[Said] = []

    def do(self, step: Step) -> None:
        """Do the next step."""
        match step:
            case Create(path):
                self.files.append(File())
                self.name({path: len(self.files) - 1})
            case Write(path) | Truncate(path) if path in self.names:
                self.files[self.names[path]].since.append(step)
            case Sync(path) if path in self.names:
                self.files[self.names[path]].sync()
            case Delete(path):
                self.name({path: None})
            case Rename(path, to):
                self.name({to: self.names[path], path: None})
            case SyncFolder(path):
                mine = [each for each in self.since if folder_of(each) == path]
                self.since = [each for each in self.since if folder_of(each) != path]
                for each in mine:
                    rename(self.synced, each)
            case Said():
                self.said.append(step)

    def name(self, names: Names) -> None:
        """Change names, of which the disk knows nothing yet."""
        rename(self.names, names)
        self.since.append(names)

    def cut(self, chance: random.Random | None) -> dict[str, bytes]:
        """Return what is there after a power cut, or without one."""
        names = dict(self.synced)
        kept = 1.0 if chance is None else chance.choice((0.0, 0.5, 1.0))
        for each in self.since:
            if chance is None or chance.random() < kept:
                rename(names, each)
        return {path: self.files[number].content(chance) for path, number in names.items()}


def rename(names: dict[str, int], changes: Names) -> None:
    """Change names."""
    for path, number in changes.items():
        if number is None:
            names.pop(path, None)
        else:
            names[path] = number


def folder_of(names: Names) -> str:
    """Return the folder of names that are changed together."""
    return str(Path(next(iter(names))).parent)


def lay_out(files: Mapping[str, bytes], folder: Path, chance: random.Random) -> None:
    """Write the files into a folder, and beside some of them an index of a log that is rubbish."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        there = folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(content)
        if there.suffix == ".db" and chance.random() < 0.3:
            there.with_name(f"{there.name}-shm").write_bytes(chance.randbytes(INDEX))
