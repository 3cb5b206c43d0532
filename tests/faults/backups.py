"""`python -m tests.faults.backups [CASES]`: backups and copies of a database that is written to.

A copy is wrong where it lacks something that was acknowledged before it began, where verifying
finds anything, or where somebody in its log has no key. The control copies plainly: the main files
one after the other, or the areas each in a snapshot of its own; it must be wrong now and then.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from okr_es.application import Okr
from okr_es.database.database import Database
from okr_es.evidence.verify import Verification
from okr_es.operations.backup import copy_back, make_backup
from okr_es.operations.copying import FromDatabase, ToDatabase, copy, reading_database
from okr_es.operations.json_lines import FromJsonLines, ToJsonLines
from okr_es.operations.moment import Moment
from tests.faults.__main__ import stores
from tests.faults.load import acknowledged, under_load
from tests.faults.results import run_families
from tests.faults.stores import Store, file_of

CASES = 50
Way = Callable[[str, str, Path], None]  # copies from a URL to another, with a folder at hand


def by_backup(source: str, target: str, folder: Path) -> None:
    """Back up, and restore."""
    make_backup(source, folder / "backup")
    copy_back(folder / "backup", target)


def by_copy(source: str, target: str, folder: Path) -> None:
    """Copy from database to database."""
    with reading_database(source) as rows, ToDatabase(target) as to:
        copy(rows, to)


def by_json_lines(source: str, target: str, folder: Path) -> None:
    """Copy to a file of JSON lines, and from there."""
    file = folder / "all.jsonl"
    with reading_database(source) as rows, ToJsonLines(file) as to:
        copy(rows, to)
    with FromJsonLines(file) as lines, ToDatabase(target) as there:
        copy(lines, there)


def plainly(source: str, target: str, folder: Path) -> None:
    """Copy as one would without thinking: the control."""
    if source.startswith("sqlite"):
        file_of(target).parent.mkdir()
        for file in sorted(file_of(source).parent.glob("*.db")):
            shutil.copy(file, file_of(target).parent)
        return
    with ApartInTime(source) as moment, ToDatabase(target) as to:
        copy(FromDatabase(moment), to)


class ApartInTime(Moment):
    """The areas each in a snapshot of its own, the directory first, as the names sort."""

    def begin(self) -> None:
        for name in ("directory", "access_log", "log"):
            self.look(name)
            self.connections[name].exec_driver_sql("SELECT pg_sleep(0.02)")


def faults_of(url: str, least: tuple[int, int]) -> list[str]:
    """What is wrong with a copy that must have come at least to these positions."""
    try:
        keyless = people_without_keys(url)
        with closing(Okr(url)) as okr:
            found = [f"{each}" for each in Verification(okr.log).run().failures]
            at = okr.log.head(), okr.access_log.head()
            reads = len(okr.access_log.search(limit=10**6))
    except (DBAPIError, RuntimeError, LookupError, TypeError) as error:
        return [f"it cannot be opened: {error}"]
    if at[0] < least[0] or at[1] < least[1]:
        found.append(f"it ends at {at}, and {least} was acknowledged")
    if reads != at[1]:
        found.append(f"{reads} of {at[1]} reads are there")
    return found + [f"{person} has no key" for person in keyless]


def people_without_keys(url: str) -> set[str]:
    """Who is in the log, not erased, and has no key."""
    log, directory = Database(url), Database(url, "directory")
    try:
        living = "SELECT stream FROM streams WHERE type = 'person' AND living AND parent IS NULL"
        people = {str(id_) for (id_,) in log.rows(living, {})}
        return people - {str(id_) for (id_,) in directory.rows("SELECT id FROM people", {})}
    finally:
        log.dispose()
        directory.dispose()


def tried(
    way: Way, source: Store, target: Store, cases: int, *, is_control: bool = False
) -> dict[str, Any]:
    """Copy so many times under load; return how many were wrong, and whether that is right."""
    wrong: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="okr-es-faults-") as folder:
        url, ledger = source.url(), Path(folder) / "ledger"
        with under_load(url, ledger):
            for number in range(cases):
                here = Path(folder) / str(number)
                here.mkdir()
                there, least = target.url(), acknowledged(ledger)
                way(url, there, here)
                wrong += [faults for faults in [faults_of(there, least)] if faults]
                shutil.rmtree(here)
    holds = bool(wrong) if is_control else not wrong
    for faults in () if is_control else wrong:
        print(*faults[:3], sep="\n", file=sys.stderr)
    return {"tried": cases, "wrong": len(wrong), "holds": holds and cases > 0}


def families(both: list[Store], cases: int) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Every way from and to each engine, and the controls."""
    for source in both:
        for target in both:
            to = f"{source.name}_to_{target.name}"
            yield f"backup.{to}", partial(tried, by_backup, source, target, cases)
            yield f"copy.{to}", partial(tried, by_copy, source, target, cases)
        lines = partial(tried, by_json_lines, source, both[0], cases)
        yield f"copy.{source.name}_to_json_lines", lines
        control = partial(tried, plainly, source, source, cases, is_control=True)
        yield f"backup.control_{source.name}", control


def main(arguments: list[str]) -> int:
    """Try each way so many times; return 1 if one does not hold."""
    cases = int(arguments[0]) if arguments else CASES
    with stores() as both:
        return run_families("backups and copies under load", families(both, cases))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
