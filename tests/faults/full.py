"""`python -m tests.faults.full`: disks that are full or read-only, while a program runs on them.

Each kind of file of an installation in turn lies on a small disk, then all of them; on PostgreSQL
the tables, or the whole server. A disk also becomes read-only for files that are open.

Tried are answers meanwhile and afterwards, and starts. Wrong is one that is neither right nor 503
with Retry-After, a file that no line of the log names, something acknowledged that is not there, a
log that does not verify, and anything that does not go on when there is room again.
The control does not know which errors are about a disk; it must answer 500.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from sqlalchemy.exc import DBAPIError

from okr_es.database.database import OPENED
from okr_es.database.outages import reason_of
from okr_es.evidence.verify import Verification
from okr_es.evidence.verify_access import verify_accesses
from okr_es.evidence.verify_states import verify_states
from okr_es.operations.verify_beside import verify_beside
from tests.faults.ambiguous import people
from tests.faults.disks import Full, ReadOnly, ReadOnlyWhileOpen, has_other_users, run_apart
from tests.faults.down import NO_DATABASE, SHORT
from tests.faults.installation import MOST_ROUNDS, Found, Installation, Lines, build
from tests.faults.results import run_families
from tests.support import postgresql
from tests.web.test_outages import admin
from web.api import problems

SERVER_MIB, SEGMENTS = 220, 12
FILE_MIB, MIB = 3, 40  # of a SQLite file, and of all files or of PostgreSQL's tables
FILES = {
    "log": "okr.db",
    "directory": "okr.directory.db",
    "access_log": "okr.access.db",
    "jobs": "okr.jobs.db",
    "read_model": "okr.goals_*.db",
    "registry": "okr.read_models.db",
    "checkpoints": "",
    "all": "okr.*",
    "tables": "pg_tblspc",
    "server": "",  # its own log says it
}
QUIET = {"jobs", "registry", "checkpoints"}  # no request needs to write there
GO_ON = {"log", "directory", *QUIET}  # what is full while questions are answered
ON_SERVER = {"tables", "server"}
SHORTLY = ("log", "directory", "all")


@dataclass
class Trial:
    """An installation, part of which lies on a small disk."""

    url: str
    kind: str
    disk: Full
    outside: Path
    tried: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Try it while the program runs, and as it starts."""
        lines = Lines()
        logging.getLogger("okr_es").addHandler(lines)
        there = Installation(self.url, self.outside)
        try:
            self.during(there, lines)
            self.afterwards(there)
        finally:
            there.close()
            logging.getLogger("okr_es").removeHandler(lines)
        self.at_start()

    def during(self, there: Installation, lines: Lines) -> None:
        """Ask while the disk is at fault."""
        there.ask("/teams")
        self.disk.begin()
        reconnect(self.disk)
        try:
            for _ in range(MOST_ROUNDS):
                self.require(there.commands(), "command")
                there.work()
                self.require(there.every_question(), "question")
                if self.refused or self.wrong or self.kind in QUIET:
                    break
        finally:
            self.disk.end()
            reconnect(self.disk)
        if not self.refused and self.kind not in QUIET:
            self.wrong.append("nothing was refused")
        names = Path(FILES[self.kind] or self.disk.place.name).stem.split("*")[0]
        is_named = any(names in line for line in lines.found)
        is_logged = self.refused > 0 or self.kind in {"jobs", "checkpoints"}
        if is_logged and not is_named and self.kind != "server":
            self.wrong.append(f"no line names {names}: {lines.found[:2]}")

    def require(self, found: Found, what: str) -> None:
        """Require that each answer is right, or 503 with Retry-After."""
        self.tried += len(found)
        for name, (status, retry) in found.items():
            is_refused = status == 503 and retry is not None
            self.refused += is_refused
            if not (is_refused or status < 300 or status in NO_DATABASE):
                self.wrong.append(f"{what} {name}: {status}")
            if is_refused and what == "question" and self.goes_on(name):
                self.wrong.append(f"{what} {name} could be answered")

    def goes_on(self, question: str) -> bool:
        """Return whether a question can be answered all the same."""
        is_about_disks = question.startswith("/health")
        return self.disk.name != "readonly" and self.kind in GO_ON and not is_about_disks

    def afterwards(self, there: Installation) -> None:
        """Ask when it is over; look that nothing is lost or half done."""
        for what, found in (("command", there.commands()), ("question", there.every_question())):
            self.tried += len(found)
            self.wrong += [f"{what} {n} afterwards: {s}" for n, (s, _) in found.items() if s >= 500]
        there.work()
        self.wrong += faults_of(there, self.url)
        last = there.signer.checkpoints.last()
        if not (self.outside / f"{last.size:012}.checkpoint").exists():
            self.wrong.append("the last checkpoint was not published afterwards")

    def at_start(self) -> None:
        """Start while the disk is at fault: it starts, or says by name why not; then it starts."""
        self.tried += 2
        self.disk.begin()
        try:
            Installation(self.url, self.outside).close()
        except (DBAPIError, OSError) as error:
            if self.url.startswith("sqlite") and ".db" not in reason_of(error):
                self.wrong.append(f"a start failed without a name: {reason_of(error)}")
        finally:
            self.disk.end()
        there = Installation(self.url, self.outside)
        self.wrong += [f"started afterwards: {s}" for s, _ in there.commands().values() if s >= 500]
        there.close()


def reconnect(disk: Full) -> None:
    """Close what is open, where a fault is only for what is opened from then on."""
    if disk.name == "readonly":
        for each in list(OPENED):
            each.dispose()


def faults_of(there: Installation, url: str) -> Iterator[str]:
    """Yield what is lost, half done, or not as it was recorded."""
    okr = there.okr
    okr.sweep()
    for command_id, last in there.recorded.items():
        receipt = okr.receipt(command_id)
        if receipt is None or receipt.last_position != last:
            yield f"{command_id} was acknowledged, and is not there"
    if okr.directory.ids() != people(okr):
        yield "the directory has others than the log"
    for failure in (
        *Verification(okr.log).run().failures,
        *verify_accesses(okr.database).failures,
        *verify_states(okr.database),
        *verify_beside(url),
    ):
        yield str(failure)


def on_sqlite(template: Path, kind: str, disk: type[Full]) -> Trial:
    """Try it with some files of an installation on a small disk."""
    with tempfile.TemporaryDirectory(prefix="okr-es-full-") as made:
        place, folder = Path(made) / "small", Path(made) / "okr"
        small = disk(place, MIB if kind == "all" else FILE_MIB)
        try:
            if kind == "all":
                folder = place / "okr"
            shutil.copytree(template, folder)
            outside = place / "out" if kind == "checkpoints" else Path(made) / "out"
            shutil.move(folder / "outside", outside)
            for file in folder.glob(FILES[kind] or "-") if kind != "all" else ():
                shutil.move(file, place / file.name)
                file.symlink_to(place / file.name)
            trial = Trial(f"sqlite:///{folder}/okr.db", kind, small, outside)
            trial.run()
            return trial
        finally:
            small.remove()


def on_postgresql(disk: type[Full]) -> Trial:
    """Try it with the tables of an installation on a small disk."""
    with tempfile.TemporaryDirectory(prefix="okr-es-full-") as made:
        folder = Path(made)
        server, small = postgresql.start(folder), disk(folder / "small", MIB)
        try:
            owner = (folder / "data").stat()
            os.chown(small.place, owner.st_uid, owner.st_gid)
            with admin(server) as connection:
                connection.execute(f"CREATE TABLESPACE small LOCATION '{small.place}'")
                connection.execute("CREATE DATABASE small TABLESPACE small")
            return tried_on(server, "tables", small, folder / "out")
        finally:
            server.cleanup()
            small.remove()


def on_full_server() -> Trial:
    """Try it with all of a PostgreSQL server on a small disk: it ends, and has to be started."""
    with tempfile.TemporaryDirectory(prefix="okr-es-full-") as made:
        small = FullServer(Path(made) / "small", SERVER_MIB)
        server = small.server = postgresql.start(small.place)
        try:
            with admin(server) as connection:
                connection.execute("CREATE DATABASE small")
            return tried_on(server, "server", small, Path(made) / "out")
        finally:
            server.cleanup()
            small.remove()


def tried_on(server: Any, kind: str, disk: Full, outside: Path) -> Trial:
    """Build an installation in the database `small`, and try it."""
    url = server.get_uri("small").replace("postgresql://", "postgresql+psycopg://", 1)
    build(url, outside)
    trial = Trial(url, kind, disk, outside)
    trial.run()
    return trial


class FullServer(Full):
    """A small disk with all of a PostgreSQL server, which needs a new file of its log."""

    server: Any = None

    def begin(self) -> None:
        """Fill it up, and let the server need room."""
        super().begin()
        with suppress(psycopg.Error), admin(self.server) as connection:
            for _ in range(SEGMENTS):
                connection.execute("SELECT txid_current(), pg_switch_wal()")

    def end(self) -> None:
        """Make room, and start the server where it has ended."""
        super().end()
        self.server.ensure_postgres_running()


@contextmanager
def templates() -> Iterator[Path]:
    """An installation that nobody has open."""
    with tempfile.TemporaryDirectory(prefix="okr-es-full-") as made:
        build(f"sqlite:///{made}/okr.db", Path(made) / "outside")
        yield Path(made)


def as_result(trial: Callable[[], Trial], *, is_control: bool = False) -> dict[str, Any]:
    """Try something; return it as it stands in build/faults.json."""
    with ExitStack() as stack:
        if is_control:
            stack.enter_context(patch.object(problems, "is_outage", lambda _: False))
        found = trial()
    if not is_control:
        print(*found.wrong[:10], sep="\n", file=sys.stderr)
    return {
        "tried": found.tried,
        "wrong": len(found.wrong),
        "refused": found.refused,
        "holds": bool(found.wrong) if is_control else not found.wrong,
    }


Case = tuple[str, Callable[[], dict[str, Any]]]


def families(template: Path, kinds: Iterable[str], *, also_postgresql: bool) -> Iterator[Case]:
    """Yield every kind of file on each kind of disk, and the controls."""
    for disk in (Full, ReadOnly, ReadOnlyWhileOpen):
        for kind in kinds:
            trial = partial(on_sqlite, template, kind, disk)
            if (disk, kind) != (ReadOnlyWhileOpen, "checkpoints"):  # no file of SQLite
                yield f"{disk.name}.{kind}_sqlite", partial(as_result, trial)
    for disk in (Full, ReadOnly):
        control = partial(on_sqlite, template, "log", disk)
        yield f"{disk.name}.control", partial(as_result, control, is_control=True)
        if also_postgresql:
            yield f"{disk.name}.tables_postgresql", partial(as_result, partial(on_postgresql, disk))
    if also_postgresql:
        yield "full.server_postgresql", partial(as_result, on_full_server)


def main(arguments: list[str]) -> int:
    """Try all; with `short` a few, or those that are named; return 1 if something is wrong."""
    if "apart" not in arguments:
        return run_apart("tests.faults.full", arguments)
    os.environ.update(SHORT)
    logging.getLogger().addHandler(logging.NullHandler())
    is_short = "short" in arguments
    kinds = SHORTLY if is_short else tuple(each for each in FILES if each not in ON_SERVER)
    wanted = set(arguments) - {"apart", "short"}
    with templates() as template:
        also = not is_short and has_other_users()
        every = list(families(template, kinds, also_postgresql=also))
        chosen = [each for each in every if not wanted or each[0] in wanted]
        return run_families("disks that are full or read-only", chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
