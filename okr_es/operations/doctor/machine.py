"""What the doctor checks of the machine: versions, disk, files, clock, durability, locks."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path

from okr_es.areas import NOT_BACKED_UP, schema_versions
from okr_es.database.creation import rows_of_login
from okr_es.database.schema_versions import advice
from okr_es.log.clocks import ClockWatch
from okr_es.operations.doctor.findings import Patient, Said

MIB = 2**20
FULL_BYTES = 100 * MIB
LITTLE_BYTES = 1_024 * MIB
LOCK_SECONDS = 3.0
IN_MEMORY = {"tmpfs", "ramfs"}
OVER_THE_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"}
PACKAGES = ("okr-es", "SQLAlchemy", "eventsourcing", "cryptography", "tzdata")


def check_versions(patient: Patient) -> Iterator[Said]:
    """Name the versions of what runs."""
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    ((engine,),) = patient.log.rows(patient.log.dialect.engine_version(), {})
    yield "ok", f"Python {platform.python_version()}, {engine}, {packages}"


def check_schema(patient: Patient) -> Iterator[Said]:
    """Look for areas whose tables this program does not know."""
    for area, version, needed in schema_versions(patient.url):
        if version == needed or (version is None and area in NOT_BACKED_UP):
            yield "ok", f"{area.replace('_', ' ')}: version {version or 'not there yet'}"
        elif version is None:
            yield "wrong", f"The {area.replace('_', ' ')} is not there."
        else:
            yield "wrong", advice(area, version, needed)


def check_durability(patient: Patient) -> Iterator[Said]:
    """Look for settings and places that lose what was acknowledged when the power fails."""
    if not patient.log.has_file():
        yield from check_durable_server(patient)
        return
    kind = file_system_of(patient.log.path)
    if kind in IN_MEMORY:
        yield "wrong", f"{patient.log.path} is in memory ({kind}): a restart loses everything."
    elif kind in OVER_THE_NETWORK:
        yield "wrong", f"{patient.log.path} is on {kind}: SQLite needs a local disk."
    else:
        yield "ok", f"write-ahead log with synchronous=FULL, on {kind}"


def check_durable_server(patient: Patient) -> Iterator[Said]:
    """Look for settings of PostgreSQL that lose commits."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        ((found,),) = patient.log.rows(f"SHOW {setting}", {})
        yield ("wrong" if found == "off" else "ok"), f"{setting} is {found}"


def check_disk(patient: Patient) -> Iterator[Said]:
    """Look for too little room; on PostgreSQL the server's disk is not seen from here."""
    if not patient.log.has_file():
        yield "ok", "the disk of the PostgreSQL server is not seen from here"
        return
    folder = patient.log.path.absolute().parent
    free = shutil.disk_usage(folder).free
    said = f"{free // MIB} MiB are free in {folder}"
    size = patient.log.path.stat().st_size
    if free < FULL_BYTES:
        yield "wrong", f"{said}: soon nothing can be recorded"
    elif free < max(LITTLE_BYTES, size):
        yield "warning", f"{said}, and the log has {size // MIB} MiB: a backup needs as much"
    else:
        yield "ok", said


def check_clock(patient: Patient) -> Iterator[Said]:
    """Compare the clock with that of the database and with the last event, as a server does."""
    limits = patient.clock_limits
    state = ClockWatch(patient.log, patient.clock, limits).state()
    quiet = state.ahead_of_last_event or 0.0
    is_only_quiet = state.ahead_of_database is None and 0 < quiet <= limits.gap.total_seconds()
    for warning in state.warnings:
        yield "warning" if is_only_quiet else "wrong", warning
    if not state.warnings:
        there = state.ahead_of_database
        beside = "" if there is None else f", {there:+.1f} seconds from that of the database"
        yield "ok", f"{patient.clock():%Y-%m-%d %H:%M:%S} UTC{beside}"


def check_files(patient: Patient) -> Iterator[Said]:
    """Look for files of the database that others can read or replace."""
    if not patient.log.has_file():
        yield "ok", "no files: the database is a server"
        return
    folder = patient.log.path.absolute().parent
    files = [path for path in folder.glob(f"{patient.log.path.stem}*") if path.is_file()]
    odd = [path for path in files if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    for path in odd:
        yield "wrong", f"{path} can be read by others: chmod 600 {path}"
    mode = folder.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        yield "wrong", f"Others can replace files in {folder}: chmod o-w {folder}"
    if not odd:
        yield "ok", f"{len(files)} files, for their owner alone"


def check_locks(patient: Patient) -> Iterator[Said]:
    """Look for who holds up writers."""
    if not patient.log.has_file():
        rows = rows_of_login(patient.log, STUCK, {"seconds": LOCK_SECONDS})
        for pid, state, seconds in rows:
            yield "wrong", f"Process {pid} of PostgreSQL holds locks for {seconds} s ({state})."
        if not rows:
            yield "ok", "nobody holds a lock for long"
        return
    stuck = [each.path for each in patient.databases.values() if is_stuck(each.path)]
    for path in stuck:
        yield "wrong", f"Somebody has held the lock of {path} for {LOCK_SECONDS:.0f} s and more."
    if not stuck:
        yield "ok", "the turn to write is free"


def is_stuck(path: Path) -> bool:
    """Return whether the turn to write to a SQLite file cannot be had in a while."""
    if not path.exists():
        return False
    with closing(sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
        connection.execute("ROLLBACK")
    return False


STUCK = """
  SELECT a.pid, a.state, CAST(extract(epoch FROM clock_timestamp() - a.state_change) AS int)
  FROM pg_stat_activity a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
    AND a.state LIKE 'idle in transaction%'
    AND clock_timestamp() - a.state_change > make_interval(secs => CAST(:seconds AS float))
    AND EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND l.mode LIKE '%Exclusive%'
      AND l.locktype IN ('relation', 'tuple', 'advisory'))
"""


def file_system_of(path: Path) -> str:
    """Return the kind of file system a file is on, by the longest mount point above it."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "a disk"
    lines = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()]
    above = [(point, kind) for _, point, kind, *_ in lines if path.absolute().is_relative_to(point)]
    return max(above, key=lambda each: len(each[0]), default=("", "a disk"))[1]
