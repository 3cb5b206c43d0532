"""What an import did, or in a dry run would do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from okr_es import commands as c
from okr_es.context import WarningAnswer

NUMBERS = re.compile(r"\d+")
FIRST_LINES = 5


class BadRow(NamedTuple):
    """A row of which something was refused: where it begins, the column to blame, and why."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class BadRows:
    """Bad rows that are alike: how many, their first lines, and why the first was refused."""

    column: str
    reason: str
    count: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class WarnedLines:
    """The first lines that an import will warn of, by code and text of that; are there more?"""

    code: str
    text: str
    lines: tuple[int, ...]
    more: bool


class Met(NamedTuple):
    """How many of the rows with target and actual value met their target."""

    met: int = 0
    of: int = 0


NONE = Met()


@dataclass
class Report:
    """The counts of an import, its bad rows and its notes.

    `kpis`, `targets` and `readings` count what the good rows say; `bad_rows` the rows of which
    something is bad, and `alike` groups that. `planned` counts what is not recorded yet, by kind
    of command; `appended` the events that were appended; `warnings` are what their receipts warn
    of, or of a dry run will warn of, alike ones as one; of a dry run `warned_lines` are the first
    lines of each. `stopped` says what ended the import before all was appended, or will.
    """

    rows: int = 0
    kpis: int = 0
    targets: int = 0
    readings: int = 0
    met: Met = NONE
    met_by_year: dict[int, Met] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    bad_rows: int = 0
    alike: list[BadRows] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    planned: dict[str, int] = field(default_factory=dict)
    appended: int = 0
    warnings: list[WarningAnswer] = field(default_factory=list)
    warned_lines: list[WarnedLines] = field(default_factory=list)
    stopped: str | None = None
    dry_run: bool = False
    keep_going: bool = False

    @property
    def is_refused(self) -> bool:
        """True if bad rows prevent the import."""
        return bool(self.bad) and not self.keep_going

    @property
    def is_recorded(self) -> bool:
        """True if all that the good rows say is recorded already."""
        return not self.planned

    def count_planned(self, commands: Sequence[c.Command]) -> None:
        """Count what is to be recorded, a bulk of readings one by one."""
        for command in commands:
            name = type(command).__name__
            self.planned[name] = self.planned.get(name, 0) + 1

    def count_bad(self) -> None:
        """Put the bad rows in order, each reason once, and group those that are alike."""
        self.bad = sorted(set(self.bad))
        self.bad_rows = len({row.line for row in self.bad})
        self.alike = grouped(self.bad)


def grouped(bad: Iterable[BadRow]) -> list[BadRows]:
    """Return bad rows in groups of one column and one reason, whatever numbers it names."""
    found: dict[tuple[str, str], list[BadRow]] = {}
    for row in bad:
        found.setdefault((row.column, NUMBERS.sub("0", row.reason)), []).append(row)
    return [
        BadRows(
            rows[0].column, rows[0].reason, len(rows), tuple(r.line for r in rows[:FIRST_LINES])
        )
        for rows in found.values()
    ]
