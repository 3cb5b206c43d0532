"""From a CSV file to typed rows. An error names line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from okr_es.domain import values
from okr_es.domain.kpi import Target
from okr_es.domain.refusals import Invalid, Refusal
from okr_es.domain.values import Cadence, Direction
from okr_es.imports.mapping import Mapping, folded

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
YEAR = re.compile(r"\d{4}", re.ASCII)
LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
W = TypeVar("W")


class BadCell(Exception):
    """A cell that cannot be used, by the field it stands for, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class RawRow(NamedTuple):
    """One row as it is written: the line it begins on, and its cells by field."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Row:
    """One row, parsed: a KPI in a span of days, perhaps with a target and an actual value."""

    line: int
    name: str
    purpose: str | None
    direction: Direction
    unit: str
    source: str
    cadence: Cadence
    baseline: Decimal | None
    starts: date
    ends: date
    target: Target | None
    actual: Decimal | None
    set_aside: bool


# ---- the file -------------------------------------------------------------------------


def raw_rows(file: Path, mapping: Mapping) -> Iterator[RawRow | tuple[int, BadCell]]:
    """Yield each row that is not blank, with the line it begins on.

    Raises Invalid for a file that cannot be read as a whole: too big, in another encoding, not
    CSV, or without a column the map names.
    """
    text = StringIO(decoded(file, mapping), newline="")
    reader = csv.reader(text, delimiter=mapping.delimiter, strict=True)
    lines = numbered(reader)
    _, header = next(lines, (1, []))
    places = columns(header, mapping)
    for number, (line, cells) in enumerate(lines, 1):
        if number > MOST_ROWS:
            raise Invalid(f"The file has more than {MOST_ROWS} rows.", field="file")
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            message = f"The row has {len(cells)} cells, the header {len(header)}."
            yield line, BadCell("row", message)
        else:
            yield RawRow(line, {of: cells[at].strip() for of, at in places.items()})


def decoded(file: Path, mapping: Mapping) -> str:
    """Return the text of the file."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Invalid(f"The file is larger than {MOST_BYTES >> 20} MB.", field="file")
        text = file.read_bytes().decode(mapping.encoding)
    except OSError as error:
        raise Invalid(f"The file cannot be read: {error.strerror}.", field="file") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"Line {line} is not {mapping.encoding}; the map names another encoding, "
            'such as encoding = "cp1252".',
            field="file",
        ) from error
    if "\x00" in text:
        raise Invalid("The file holds NUL characters; it is not CSV.", field="file")
    return text


def numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it begins on; a quoted cell may span several."""
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(
            f"The file is not CSV from line {begins} on: {error}.", field="file"
        ) from error


def columns(header: list[str], mapping: Mapping) -> dict[str, int]:
    """Return where each field stands; refuse a file without a column, or with two of a name."""
    names = [name.strip() for name in header]
    for of, name in mapping.columns.items():
        if names.count(name) != 1:
            found = "more than one column" if name in names else "no column"
            there = ", ".join(names) or "empty"
            message = f"The file has {found} {name!r} ({of}); its header is {there}."
            raise Invalid(message, field=f"columns.{of}")
    return {of: names.index(name) for of, name in mapping.columns.items()}


# ---- one row --------------------------------------------------------------------------


def parse_row(raw: RawRow, mapping: Mapping) -> Row:
    """Return the row, typed; raise BadCell for the first cell that cannot be used."""
    text = {of: LINE_BREAK.sub(" ", cell) for of, cell in raw.cells.items()}
    filled = {**mapping.defaults, **{of: cell for of, cell in text.items() if cell}}
    for needed in ("name", "unit", "source", "direction", "cadence"):
        if needed not in filled:
            raise BadCell(needed, "The cell is blank.")
    starts, ends = span(filled, mapping)
    direction = word_of(filled, "direction", mapping.directions)
    numbers: dict[str, Decimal] = {
        of: number(filled[of], of, mapping)
        for of in ("target", "minimum", "maximum", "actual", "baseline")
        if of in filled
    }
    target = target_of(direction, starts, ends, numbers)
    return Row(
        line=raw.line,
        name=filled["name"],
        purpose=filled.get("objective"),
        direction=direction,
        unit=filled["unit"],
        source=filled["source"],
        cadence=word_of(filled, "cadence", mapping.cadences),
        baseline=numbers.get("baseline"),
        starts=starts,
        ends=ends,
        target=target,
        actual=numbers.get("actual"),
        set_aside=direction == Direction.WITHIN and "target" in numbers,
    )


def span(filled: dict[str, str], mapping: Mapping) -> tuple[date, date]:
    """Return first and last day of what the row is about."""
    if "year" in mapping.columns:
        year = filled.get("year", "")
        if YEAR.fullmatch(year) is None or not values.FIRST_YEAR <= int(year) <= values.LAST_YEAR:
            raise BadCell("year", f"{year!r} is no year." if year else "The cell is blank.")
        return date(int(year), 1, 1), date(int(year), 12, 31)
    starts, ends = day(filled, "starts", mapping), day(filled, "ends", mapping)
    if ends < starts:
        raise BadCell("ends", "The last day lies before the first.")
    return starts, ends


def day(filled: dict[str, str], of: str, mapping: Mapping) -> date:
    """Return a day, written as the map says."""
    cell = filled.get(of, "")
    try:
        return values.day(parsed(cell, mapping.dates), of)
    except ValueError as error:
        message = f"{cell!r} is no day written {mapping.dates}." if cell else "The cell is blank."
        raise BadCell(of, message) from error
    except Refusal as refusal:
        raise BadCell(of, refusal.message) from refusal


@lru_cache(maxsize=10_000)
def parsed(cell: str, written: str) -> date:
    """Return a day; raise ValueError for any other text."""
    return datetime.strptime(cell, written).replace(tzinfo=UTC).date()


def word_of(filled: dict[str, str], of: str, table: Table[str, W]) -> W:
    """Return the direction or cadence a word stands for."""
    word = table.get(folded(filled[of]))
    if word is None:
        raise BadCell(of, f"{filled[of]!r} is not in the map; it knows {', '.join(sorted(table))}.")
    return word


def number(cell: str, of: str, mapping: Mapping) -> Decimal:
    """Return the exact number a cell holds."""
    share = cell.endswith("%")
    if share and not mapping.percent:
        raise BadCell(of, f"{cell!r} has a percent sign; percent = true in the map allows it.")
    plain = ungrouped(cell.removesuffix("%").strip(), of, mapping)
    if NUMBER.fullmatch(plain) is None:
        raise BadCell(of, f"{cell!r} is no number.")
    found = Decimal(plain)
    if share:
        sign, digits, exponent = found.as_tuple()
        found = Decimal((sign, digits, int(exponent) - 2))
    try:
        return values.exact(found, of)
    except Refusal as refusal:
        raise BadCell(of, refusal.message) from refusal


def ungrouped(cell: str, of: str, mapping: Mapping) -> str:
    """Return a number's text with a point and without marks between its thousands."""
    whole, point, rest = cell.partition(mapping.decimal)
    mark = mapping.thousands
    if mark and mark in whole:
        if re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(mark)}\d{{3}})+", whole, re.ASCII) is None:
            raise BadCell(of, f"{cell!r} has {mark!r} elsewhere than between thousands.")
        whole = whole.replace(mark, "")
    elif not mark and "," in cell and mapping.decimal != ",":
        raise BadCell(
            of, f"{cell!r} has a comma; thousands or decimal in the map says its meaning."
        )
    if mapping.decimal != "." and "." in whole + rest:
        raise BadCell(of, f"{cell!r} is no number.")
    return whole + ("." if point else "") + rest


def target_of(
    direction: Direction, starts: date, ends: date, numbers: dict[str, Decimal]
) -> Target | None:
    """Return what the row wants: bounds for a range, else a number; None where it wants nothing.

    A range without bounds is refused, whatever else the row says: its meaning is not clear.
    """
    if direction != Direction.WITHIN:
        for bound in ("minimum", "maximum"):
            if bound in numbers:
                raise BadCell(bound, f"Bounds go with a range, not with {direction}.")
        wanted = numbers.get("target")
        return None if wanted is None else Target(starts, ends, wanted)
    for bound in ("minimum", "maximum"):
        if bound not in numbers:
            raise BadCell(bound, f"The row asks for a range and gives no {bound}.")
    return Target(starts, ends, minimum=numbers["minimum"], maximum=numbers["maximum"])
