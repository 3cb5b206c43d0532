"""What the doctor checks of places: what lies where, and by which key the keys are wrapped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from okr_es.database.database import Database
from okr_es.database.engines import database_url
from okr_es.operations.doctor.findings import Patient, Said
from okr_es.people.rewrapping import count
from okr_es.people.tables import AREA
from okr_es.people.wrapping import KEY_FILE, named, wrapping_of

OTHERS = 0o077  # rights of group and of everybody
REWRAP = "run `okr-es database rewrap`"


def check_places(patient: Patient) -> Iterator[Said]:
    """Name where each area lies, and look for keys that are not as far apart as is said."""
    log, directory = patient.log, patient.databases["directory"]
    yield "ok", f"log: {log.place}"
    is_where = "apart from the log" if directory.is_apart else "beside the log"
    yield "ok", f"directory, with all keys, {is_where}: {directory.place}"
    for name in ("access_log", "sessions"):
        yield "ok", f"{name.replace('_', ' ')}: {patient.databases[name].place}"
    if directory.is_apart:
        yield from not_apart(patient.url, log, directory)


def not_apart(url: str, log: Database, directory: Database) -> Iterator[Said]:
    """Yield what makes keys that lie apart as easy to copy as those that lie beside."""
    if log.has_file() and directory.has_file() and folder_of(log) == folder_of(directory):
        yield "warning", f"The keys lie in the folder of the log: {folder_of(log)}."
    elif log.can_share_snapshots(directory):
        yield "warning", "The keys lie in the PostgreSQL database of the log."
    beside = Database(database_url(url, "").render_as_string(hide_password=False), "directory")
    try:
        if beside.url != directory.url and AREA.read_version(beside) is not None:
            yield "wrong", f"A directory with keys still lies beside the log: {beside.place}."
    finally:
        beside.dispose()


def folder_of(database: Database) -> Path:
    """Return the folder of a SQLite file."""
    return database.path.absolute().parent


def check_wrapping(patient: Patient) -> Iterator[Said]:
    """Look for keys that are not wrapped, or by another key than the one that counts."""
    wraps = wrapping_of(patient.environment)
    found = count(patient.databases["directory"])
    plain, counts = found.pop(b"", 0), found.pop(wraps.mark, 0)
    if plain and not wraps.mark:
        yield "ok", f"{plain} keys are stored as they are: who copies the directory has them"
    elif plain:
        yield "warning", f"{plain} keys are not wrapped: {REWRAP}."
    for mark, number in found.items():
        if mark in wraps.ciphers:
            yield "warning", f"{number} keys are wrapped by {named(mark)} still: {REWRAP}."
        else:
            yield "wrong", f"{number} keys: {wraps.describe_lack(mark)}"
    if counts:
        yield "ok", f"{counts} keys are wrapped by {wraps.name}"
    if (file := patient.environment.get(KEY_FILE)) and Path(file).stat().st_mode & OTHERS:
        yield "wrong", f"{KEY_FILE} can be read by others than its owner: chmod 600 {file}"
