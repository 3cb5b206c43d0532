"""Backups: a folder with a copy of the database in SQLite files, and a manifest of what it holds.

It is the same for both engines, made while everything runs, and is itself a database: okr-es reads
it as it lies there.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from okr_es.database.clock import instant, utc_now
from okr_es.database.on_disk import sync
from okr_es.database.schema_versions import SchemaMismatch
from okr_es.evidence.checkpoints import Checkpoint, Checkpoints
from okr_es.jobs import Jobs
from okr_es.operations.clean_stop import complete_files
from okr_es.operations.copying import (
    AREA,
    Contents,
    CopyDiffers,
    FromDatabase,
    Progress,
    ToDatabase,
    copy,
)
from okr_es.operations.moment import Moment

LOG_FILE = "okr.db"
MANIFEST = "manifest.json"
MOST_MANIFEST = 2**20  # bytes
BACKUP = "backup"  # among the jobs
FORMAT = 1


class NoBackup(RuntimeError):
    """A folder is no backup of okr-es, or no complete one."""


class Manifest(msgspec.Struct):
    """What a backup holds, and since when. `checkpoint` is the note of the newest one in it."""

    format: int
    made_at: str
    contents: Contents
    checkpoint: str | None


def make_backup(url: str, folder: Path, progress: Progress | None = None) -> Manifest:
    """Write a backup into a folder that is not there yet; it appears when it is whole.

    Folder and files are readable for their owner alone.
    """
    if folder.exists():
        raise FileExistsError(17, "There is a file or folder already", str(folder))
    part = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    part.mkdir(mode=0o700, parents=True)
    try:
        manifest = write_backup(url, part, progress)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part)
        raise
    sync(folder.parent)
    return manifest


def write_backup(url: str, folder: Path, progress: Progress | None) -> Manifest:
    """Copy a database into an empty folder, and write the manifest."""
    there = url_in(folder)
    made_at = instant(utc_now())
    with Moment(url) as moment, ToDatabase(there) as target:
        contents = copy(FromDatabase(moment), target, progress=progress)
        newest = newest_checkpoint(target)
    complete_files(there)
    manifest = Manifest(FORMAT, made_at, contents, newest and newest.note)
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    (folder / MANIFEST).write_bytes(text)
    for path in folder.iterdir():
        if path.suffix == ".lock":
            path.unlink()
            continue
        path.chmod(0o600)
        sync(path)
    sync(folder)
    return manifest


def note_backup(url: str, manifest: Manifest) -> None:
    """Record that a backup was made, and how far it goes: `okr-es doctor` looks for that."""
    jobs = Jobs(url)
    try:
        jobs.create()
        jobs.note(BACKUP, str(manifest.contents.position))
    finally:
        jobs.close()


def newest_checkpoint(target: ToDatabase) -> Checkpoint | None:
    """Return the newest checkpoint of a copy."""
    return Checkpoints(target.databases["log"]).last()


def beginning(path: Path, size: int) -> bytes:
    """Return at most so many bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup; raise NoBackup where there is none that can be read."""
    path = folder / MANIFEST
    if not path.exists():
        raise NoBackup(f"{folder} is no backup of okr-es: it has no {MANIFEST}.")
    try:
        manifest = msgspec.json.decode(beginning(path, MOST_MANIFEST), type=Manifest)
    except msgspec.DecodeError as error:
        raise NoBackup(f"{path} cannot be read: {error}.") from None
    for name, version in manifest.contents.schema_versions.items():
        require_version(folder, name, version)
    return manifest


def require_version(folder: Path, area: str, version: int) -> None:
    """Refuse a backup of another schema version; say how one of an older version is restored."""
    needed = AREA[area].version if area in AREA else 0
    if version > needed:
        raise SchemaMismatch(area, version, needed)
    if version < needed:
        raise NoBackup(
            f"The backup is of schema version {version} of the {area.replace('_', ' ')}, and this "
            f"program needs {needed}. Copy the folder {folder}, run `okr-es --database "
            f"sqlite:///COPY/{LOG_FILE} database upgrade` on the copy, and then `okr-es copy` from "
            "there."
        )


def copy_back(folder: Path, url: str, progress: Progress | None = None) -> Manifest:
    """Copy a backup into an empty database, each table compared with the manifest.

    Raises CopyDiffers where one is not as it was backed up; then there is no database.
    """
    manifest = read_manifest(folder)
    expected = manifest.contents.tables
    with Moment(url_in(folder), read_only=True) as moment, ToDatabase(url) as target:
        found = copy(FromDatabase(moment), target, expected, progress)
        if found != manifest.contents:
            target.undo()
            raise CopyDiffers(f"The log in {folder} is not that of its {MANIFEST}.")
    complete_files(url)
    return manifest


def url_in(folder: Path) -> str:
    """Return the URL of the database in the folder of a backup."""
    return f"sqlite:///{folder.absolute()}/{LOG_FILE}"
