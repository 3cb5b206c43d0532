"""Imports that are killed: of CSV files into a log, of JSON lines into a new database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from okr_es.application import Okr
from okr_es.database.engines import UnusableDatabase
from okr_es.operations.copying import copy, reading_database
from okr_es.operations.json_lines import ToJsonLines
from tests.faults.crash_clients import ADA
from tests.faults.crash_programs import Program

KPIS, YEARS = 3, 6
EVENTS_OF_FILE = KPIS * (1 + YEARS + YEARS)  # defined, targets, readings
HEAD = "KPI,Year,Target,Actual,Unit,Direction\n"
MAP = """
[columns]
name = "KPI"
year = "Year"
target = "Target"
actual = "Actual"
unit = "Unit"
direction = "Direction"

[defaults]
source = "warehouse"
cadence = "yearly"
"""
END_SECONDS = 60
TRIES = 5
Start = Callable[..., Program]


class Importer:
    """Imports CSV files one after the other; one that did not come to its end comes again."""

    def __init__(self, folder: Path, start: Start) -> None:
        self.folder = folder
        self.start = start
        self.map = folder / "map.toml"
        self.map.write_text(MAP)
        self.files = 0
        self.program: Program | None = None

    def go_on(self) -> Program:
        """Return the import that runs, the next one where the last has ended."""
        if self.program is None or self.program.exit_code is not None:
            if self.program is None or self.program.exit_code == 0:
                self.files += 1
            file = self.folder / f"{self.files}.csv"
            file.write_text(HEAD + "".join(rows(self.files)))
            options = ("--map", str(self.map), "--by", str(ADA))
            self.program = self.start("import", "kpis", str(file), *options)
        return self.program

    def complete(self) -> list[str]:
        """Let the last import come to its end; return what is wrong if it does not."""
        for _ in range(TRIES):
            if self.program is None or self.program.wait(END_SECONDS) == 0:
                return []
            self.go_on()
        return ["refused: an import does not come to its end"]

    @property
    def events(self) -> int:
        """How many events all imports have."""
        return self.files * EVENTS_OF_FILE


def rows(number: int) -> list[str]:
    """The rows of a file."""
    return [
        f"Import {number} of {kpi},{2010 + year},10,{year},%,at_least\n"
        for kpi in range(KPIS)
        for year in range(YEARS)
    ]


def to_json_lines(url: str, file: Path) -> int:
    """Write a database to a file of JSON lines; return how many events it has."""
    with reading_database(url) as source, ToJsonLines(file) as target:
        return copy(source, target).position


def faults_of_copy(url: str, events: int) -> list[str]:
    """What is wrong with a copy that was killed: it is whole, or nobody takes it for a database."""
    try:
        okr = Okr(url)
    except UnusableDatabase:
        return []  # there are people, and no log
    with closing(okr):
        head, people = okr.log.head(), len(okr.directory.ids())
    is_whole = (head, people) == (events, 1) or not people
    return [] if is_whole else [f"half done: a copy with {head} of {events} events is served"]
