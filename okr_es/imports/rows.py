"""From a CSV file to typed rows. An error names line and column."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from okr_es.domain import values
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import Invalid, Refusal
from okr_es.domain.values import Cadence, Direction
from okr_es.imports.cells import BadCell, cleaned
from okr_es.imports.days import Span, parsed
from okr_es.imports.decoding import is_rather_utf_8, text_of
from okr_es.imports.header import YEAR, Header, RawRow
from okr_es.imports.mapping import NEEDED, NUMBERS, Mapping
from okr_es.imports.numbers import Number, number
from okr_es.imports.words import folded

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000
STEP = 1_000  # rows between two reports of progress
EXCEL_DELIMITER = "sep="  # begins a first line for Excel alone
BOUNDS = ("minimum", "maximum")
W = TypeVar("W")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Row:
    """One row, parsed: a KPI in a span of days, perhaps with a target and an actual value.

    `bad` are cells with numbers that cannot be used. `bare` and `shares` are the fields whose
    numbers are written without a percent sign, 0 apart, and with one.
    """

    line: int
    name: str
    purpose: str | None
    direction: Direction
    unit: str
    source: str
    cadence: Cadence
    team: str | None
    owner: str | None
    baseline: Decimal | None
    starts: date
    ends: date
    target: Target | None
    actual: Decimal | None
    set_aside: bool
    columns: Table[str, str]
    bad: tuple[BadCell, ...]
    bare: frozenset[str]
    shares: frozenset[str]

    @property
    def is_filled(self) -> bool:
        """True if it says anything of its days."""
        return self.target is not None or self.actual is not None

    @property
    def has_bad_target(self) -> bool:
        """True if it wants something that cannot be used."""
        return any(bad.field != "actual" for bad in self.bad)

    def without(self, bad: BadCell) -> Row:
        """Return the row without the value or the target that a bad cell stands for."""
        left: Any = {"actual": None} if bad.field == "actual" else {"target": None}
        return replace(self, bad=(*self.bad, bad), **left)


# ---- the file -------------------------------------------------------------------------


def raw_rows(
    file: Path, mapping: Mapping, progress: Progress | None = None
) -> Iterator[tuple[int, list[RawRow] | BadCell]]:
    """Yield what each row that is not blank says, or what is wrong with it, with its line.

    Raises Invalid for a file that cannot be read as a whole: too big, in another encoding, not
    CSV, or without a column the map names.
    """
    text = decoded(file, mapping)
    reader = csv.reader(StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True)
    lines = numbered(reader, mapping)
    _, names = next(lines, (1, []))
    if names[:1] and names[0].startswith(EXCEL_DELIMITER):
        _, names = next(lines, (1, []))
    header = Header(names, mapping)
    last = text.count("\n") + 1
    for count, (line, cells) in enumerate(lines, 1):
        if count * max(1, len(header.spread)) > MOST_ROWS:
            raise Invalid(
                f"The file has more than {MOST_ROWS} rows, each year or span counted.",
                field="file",
            )
        if progress and count % STEP == 0:
            progress(line, max(line, last))
        if len(cells) < len(names) or any(cells[len(names) :]):
            message = f"The row has {len(cells)} cells, the header {len(names)}."
            yield line, BadCell("row", message)
            continue
        try:
            yield line, list(header.rows(line, cells))
        except BadCell as bad:
            yield line, bad


def decoded(file: Path, mapping: Mapping) -> str:
    """Return the text of the file."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Invalid(f"The file is larger than {MOST_BYTES >> 20} MB.", field="file")
        content = file.read_bytes()
        text = text_of(content, mapping.encoding)
    except OSError as error:
        raise Invalid(f"The file cannot be read: {error.strerror}.", field="file") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"Line {line} is not {mapping.encoding}; the map names another encoding, "
            'such as encoding = "cp1252".',
            field="file",
        ) from error
    if is_rather_utf_8(content, mapping.encoding):
        raise Invalid(
            f'The file is in UTF-8, not in {mapping.encoding}; encoding = "utf-8" in the map.',
            field="file",
        )
    if "\x00" in text:
        raise Invalid(
            "The file holds NUL characters; it is not CSV, or in another encoding, "
            'such as encoding = "utf-16".',
            field="file",
        )
    return text


def numbered(reader: Any, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank with the line it begins on; cells may span several."""
    begins = 1
    try:
        for written in reader:
            cells = [cleaned(cell, mapping) for cell in written]
            if any(cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(
            f"The file is not CSV from line {begins} on: {error}.", field="file"
        ) from error


# ---- one row --------------------------------------------------------------------------


def parse_row(raw: RawRow, mapping: Mapping) -> Row:
    """Return the row, typed; raise BadCell where nothing of it can be used."""
    filled = {**mapping.defaults, **{of: cell for of, cell in raw.cells.items() if cell}}
    for needed in NEEDED:
        if needed not in filled:
            raise BadCell(needed, "The cell is blank.")
    starts, ends = span(filled, mapping)
    direction = word_of(filled, "direction", mapping.directions)
    numbers, bad = numbers_of(filled, mapping)
    wanted = {of: each.value for of, each in numbers.items()}
    target = None
    if mapping.judges and all(each.field == "actual" for each in bad):
        try:
            target = target_of(direction, starts, ends, wanted)
        except BadCell as unclear:
            bad.append(unclear)
    return Row(
        line=raw.line,
        name=filled["name"],
        purpose=filled.get("objective"),
        direction=direction,
        unit=filled["unit"],
        source=filled["source"],
        cadence=word_of(filled, "cadence", mapping.cadences),
        team=filled.get("team"),
        owner=filled.get("owner"),
        baseline=wanted.get("baseline"),
        starts=starts,
        ends=ends,
        target=target,
        actual=wanted.get("actual"),
        set_aside=direction == Direction.WITHIN and "target" in wanted,
        columns=raw.columns,
        bad=tuple(bad),
        bare=frozenset(of for of, each in numbers.items() if each.value and not each.is_share),
        shares=frozenset(of for of, each in numbers.items() if each.is_share),
    )


def numbers_of(filled: dict[str, str], mapping: Mapping) -> tuple[dict[str, Number], list[BadCell]]:
    """Return the numbers of a row by field, and the cells that hold none.

    Raises BadCell for a baseline that is none: all the KPI's numbers are measured from it.
    """
    found: dict[str, Number] = {}
    bad: list[BadCell] = []
    for of in NUMBERS:
        try:
            if of in filled:
                found[of] = number(filled[of], of, mapping)
        except BadCell as cell:
            if of == "baseline":
                raise
            bad.append(cell)
    return found, bad


def span(filled: dict[str, str], mapping: Mapping) -> tuple[date, date]:
    """Return first and last day of what the row is about."""
    if mapping.has_years:
        year = filled.get("year", "")
        if YEAR.fullmatch(year) is None or not values.FIRST_YEAR <= int(year) <= values.LAST_YEAR:
            raise BadCell("year", f"{year!r} is no year." if year else "The cell is blank.")
        return date(int(year), 1, 1), date(int(year), 12, 31)
    starts, ends = days(filled, "starts", mapping).first, days(filled, "ends", mapping).last
    if ends < starts:
        raise BadCell("ends", "The last day lies before the first.")
    return starts, ends


def days(filled: dict[str, str], of: str, mapping: Mapping) -> Span:
    """Return the days that are written as the map says."""
    cell = filled.get(of, "")
    try:
        found = parsed(cell, mapping.dates)
        for day in found:
            values.day(day, of)
    except ValueError as error:
        message = f"{cell!r} is no day written {mapping.dates}." if cell else "The cell is blank."
        raise BadCell(of, message) from error
    except Refusal as refusal:
        raise BadCell(of, refusal.message) from refusal
    return found


def word_of(filled: dict[str, str], of: str, table: Table[str, W]) -> W:
    """Return the direction or cadence a word stands for."""
    word = table.get(folded(filled[of]))
    if word is None:
        raise BadCell(of, f"{filled[of]!r} is not in the map; it knows {', '.join(sorted(table))}.")
    return word


def target_of(
    direction: Direction, starts: date, ends: date, numbers: dict[str, Decimal]
) -> Target | None:
    """Return what the row wants: bounds for a range, else a number; None where it wants nothing.

    A range without bounds is refused, whatever else the row says: its meaning is not clear.
    """
    if direction != Direction.WITHIN:
        for bound in BOUNDS:
            if bound in numbers:
                raise BadCell(bound, f"Bounds go with a range, not with {direction}.")
        wanted = numbers.get("target")
        return None if wanted is None else Target(starts, ends, wanted)
    for bound in BOUNDS:
        if bound not in numbers:
            raise BadCell(bound, f"The row asks for a range and gives no {bound}.")
    return Target(starts, ends, minimum=numbers["minimum"], maximum=numbers["maximum"])
