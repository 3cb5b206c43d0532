"""What an import will warn of: its commands are decided in their order, and none is recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from okr_es import commands as c
from okr_es.application import Okr
from okr_es.context import Context, WarningAnswer
from okr_es.handlers.deciding import decide
from okr_es.handlers.unit_of_work import UnitOfWork
from okr_es.handlers.warnings import Warnings, as_stored, kind_of, together, warnings_of
from okr_es.imports.bulk import BATCH
from okr_es.imports.plan import ImportPlan
from okr_es.imports.report import FIRST_LINES, Report, WarnedLines
from okr_es.imports.rows import Progress

Kind = tuple[str, str]
Read = tuple[int, c.RecordReading]  # a reading and its line


def foretell(okr: Okr, plan: ImportPlan, report: Report, progress: Progress | None = None) -> None:
    """Put into the report what a plan will warn of, with the first lines of each warning."""
    work = okr.work(Context(plan.by, plan.reason, origin="import"))
    found: list[Sequence[WarningAnswer]] = []
    lines: dict[Kind, set[int]] = {}
    total = len(plan.commands) + len(plan.readings)
    for number, (command, _, line) in enumerate(plan.commands, 1):
        found.append(warned(work, command))
        for warning in found[-1]:
            lines.setdefault(kind_of(warning), set()).add(line)
        if progress:
            progress(number, total)
    reads = list(zip(plan.reading_lines, plan.readings, strict=True))
    for start in range(0, len(reads), BATCH):
        batch = reads[start : start + BATCH]
        found.append(warned_of_readings(work, batch))
        for warning in found[-1]:
            kind = kind_of(warning)
            lines.setdefault(kind, set()).update(first_lines(work, batch, kind))
        if progress:
            progress(len(plan.commands) + start + len(batch), total)
    report.warnings = together(found)
    report.warned_lines = [shown(each, lines[kind_of(each)]) for each in report.warnings]


def warned(work: UnitOfWork, command: c.Command) -> tuple[WarningAnswer, ...]:
    """Return what a command warns of; what it decided stays for those after it."""
    work.warnings = Warnings()
    decide(command, work)
    work.events.clear()
    work.changed.clear()
    return warnings_of(as_stored(work.warnings.noted), work.context.language)


def warned_of_readings(work: UnitOfWork, reads: Sequence[Read]) -> tuple[WarningAnswer, ...]:
    """Return what readings in one command warn of."""
    return warned(work, c.RecordReadings(tuple(reading for _, reading in reads)))


def first_lines(work: UnitOfWork, reads: Sequence[Read], kind: Kind) -> list[int]:
    """Return the first lines whose readings warn of something, one more than are shown."""
    in_order = sorted(reads, key=lambda read: read[0])

    def warns(some: Sequence[Read]) -> bool:
        return kind in map(kind_of, warned_of_readings(work, some))

    return [line for line, _ in first_of(in_order, warns, FIRST_LINES + 1)]


def first_of(
    all_: Sequence[Read], warns: Callable[[Sequence[Read]], bool], most: int
) -> list[Read]:
    """Return the first that warn, found by halves: some warn where one of them does."""
    if not most or not all_ or not warns(all_):
        return []
    if len(all_) == 1:
        return list(all_)
    half = len(all_) // 2
    found = first_of(all_[:half], warns, most)
    return found + first_of(all_[half:], warns, most - len(found))


def shown(warning: WarningAnswer, lines: set[int]) -> WarnedLines:
    """Return the first lines of a warning."""
    first = tuple(islice(sorted(lines), FIRST_LINES))
    return WarnedLines(warning.code, warning.text, first, more=len(lines) > len(first))
