"""What an import did, or in a dry run would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from okr_es import commands as c
from okr_es.context import WarningAnswer


class BadRow(NamedTuple):
    """A row that was refused: where it begins, the column to blame, and why."""

    line: int
    column: str
    reason: str


class Met(NamedTuple):
    """How many of the rows with target and actual value met their target."""

    met: int = 0
    of: int = 0


NONE = Met()


@dataclass
class Report:
    """The counts of an import, its bad rows and its notes.

    `kpis`, `targets` and `readings` count what the good rows say; `planned` what of it is not
    recorded yet, by kind of command; `appended` the events that were appended, and `warnings` what
    their receipts warn of, alike ones as one.
    """

    rows: int = 0
    kpis: int = 0
    targets: int = 0
    readings: int = 0
    met: Met = NONE
    met_by_year: dict[int, Met] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    planned: dict[str, int] = field(default_factory=dict)
    appended: int = 0
    warnings: list[WarningAnswer] = field(default_factory=list)
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
