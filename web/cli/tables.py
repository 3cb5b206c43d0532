"""Answers as tables: rows and columns, as CSV or a sheet, or short in the terminal.

A reference is two columns, its name and its id. What stands in a list inside a row stands in one
cell; key results of an objective are rows below it. A text that a spreadsheet would take for a
formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from web.cli.short_ids import shortened
from web.cli.text.instants import maybe_instant

Cells = dict[str, Any]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")  # the last are wide
ROWS_BELOW = "key_results"  # a list inside a row whose items are rows, not a cell
SHOWN = (  # what a table in the terminal shows, in this order
    "position", "recorded_at", "name", "title", "cycle", "team", "owner", "person", "role", "state",
    "status", "outcome", "score", "progress", "value", "target", "minimum", "maximum", "unit",
    "baseline", "as_of", "zone", "confidence", "comment", "starts", "ends", "due", "kind", "by",
    "type", "sentence", "reason",
)  # fmt: skip
WIDEST = 60
NARROW = 8  # of a column on a narrow terminal, but for these
LEAST = {"title": 20, "name": 20, "sentence": 30, "recorded_at": 10, "as_of": 10}
LEFT_OUT = ("kind", "baseline", "state", "team", "confidence", "position")  # there, the first first
SHARES, IN_WORDS = {"score", "progress"}, {"status", "state", "outcome"}
OF_REFERENCES = {"kind", "id", "name", "title", "cycle", "owner", "objective"}


def rows_of(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows of an answer: those of its first list of objects, or itself as one."""
    for value in found.values():
        if isinstance(value, list) and (not value or isinstance(value[0], Mapping)):
            return [below for row in value for below in with_rows_below(row)]
    return [found]


def with_rows_below(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a row, then the rows inside it, each with what it is of."""
    yield {name: value for name, value in row.items() if name != ROWS_BELOW}
    for each in row.get(ROWS_BELOW, ()):
        yield {"objective": {"id": row["id"], "title": row["title"]}, **each}


def cells_of(row: Mapping[str, Any], names: Mapping[str, str], before: str = "") -> Cells:
    """Return the cells of a row by column: a reference as its name and its id."""
    cells: Cells = {}
    for name, value in row.items():
        column = f"{before}{name}"
        if not isinstance(value, Mapping):
            cells[column] = listed(value, names) if isinstance(value, list | tuple) else value
        elif "id" in value and value.keys() <= OF_REFERENCES:
            cells[column] = called(value, names)
            cells[f"{column}_id"] = value["id"]
        else:
            cells |= cells_of(value, names, f"{column}.")
    return cells


def called(reference: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return how what a reference leads to is called; its id where that is not known."""
    id_ = str(reference["id"])
    return str(reference.get("name") or reference.get("title") or names.get(id_) or id_)


def listed(values: Iterable[Any], names: Mapping[str, str]) -> str:
    """Return a list as the text of one cell."""
    return "; ".join(
        called(each, names) if isinstance(each, Mapping) and "id" in each
        else ", ".join(f"{name} {guarded(it)}" for name, it in each.items() if it is not None)
        if isinstance(each, Mapping) else str(each)
        for each in values
    )  # fmt: skip


def table_of(
    found: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[list[str], list[list[Any]]]:
    """Return the columns of an answer, in the order they come, and its rows."""
    rows = [cells_of(each, names) for each in rows_of(found)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return columns, [[row.get(name) for name in columns] for row in rows]


# ---- files ------------------------------------------------------------------------------


def guarded(value: Any) -> str:
    """Return a value as the text of a cell; what may be taken for a formula is marked."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) and not is_number(text) else text


def is_number(text: str) -> bool:
    """Return whether a text is a decimal number, as answers write them."""
    from web.api.fields import NUMBER

    return NUMBER.fullmatch(text) is not None


def write_csv(found: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Print an answer as CSV, with a heading."""
    columns, rows = table_of(found, names)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    sys.stdout.flush()


def write_xlsx(file: Path, found: Mapping[str, Any], names: Mapping[str, str]) -> int:
    """Write an answer into a workbook; return its rows. Texts are texts, never formulas."""
    import xlsxwriter

    columns, rows = table_of(found, names)
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(file, plain) as book:
        sheet, heading = book.add_worksheet(), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column, heading)
        for line, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                write_cell(sheet, line, place, cell)
    return len(rows)


def write_cell(sheet: Any, line: int, place: int, cell: Any) -> None:
    """Write a cell: a number that a sheet keeps exactly as number, all else as text."""
    from web.api.fields import FLOAT_DIGITS

    text = guarded(cell)
    if is_number(text) and sum(map(str.isdigit, text)) <= FLOAT_DIGITS:
        sheet.write_number(line, place, float(text))
    elif text:
        sheet.write_string(line, place, text)


# ---- the terminal -----------------------------------------------------------------------


def table_lines(
    found: Mapping[str, Any], names: Mapping[str, str], width: int | None = None
) -> Iterator[str]:
    """Yield an answer as a table with short ids and the columns that say most.

    Where a width is given, a line fits in it: columns that say least are left out, texts are cut.
    """
    rows = [cells_of(each, names) for each in rows_of(found)]
    if not rows:
        return
    short = shortened(row["id"] for row in rows if "id" in row)
    columns = [name for name in SHOWN if any(row.get(name) is not None for row in rows)]
    made = {"id": ["id", *(short(row["id"]) if "id" in row else "" for row in rows)]}
    made |= {name: [in_words(name), *(shown_in(name, row) for row in rows)] for name in columns}
    widths = {name: max(map(len, cells)) for name, cells in made.items()}
    fit = widths if width is None else fitting(widths, width)
    for line in zip(*(made[name] for name in fit), strict=True):
        yield "  ".join(
            shortest(cell, most).ljust(most) for cell, most in zip(line, fit.values(), strict=True)
        ).rstrip()


def fitting(widths: Mapping[str, int], width: int) -> dict[str, int]:
    """Return the widths of columns that fit in a line: some are left out, then the widest cut."""
    least = {name: min(most, LEAST.get(name, NARROW)) for name, most in widths.items()}
    for name in LEFT_OUT:
        if width_of(least) > width:
            least.pop(name, None)
    found = {name: widths[name] for name in least}
    while width_of(found) > width and found != least:
        widest = max(found, key=lambda name: found[name] - least[name])
        found[widest] -= 1
    return found


def width_of(widths: Mapping[str, int]) -> int:
    """Return the width of a line of columns, two blanks between them."""
    return sum(widths.values()) + 2 * (len(widths) - 1)


def shortest(text: str, most: int) -> str:
    """Return a text cut to a width, with an ellipsis where some of it is missing."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def in_words(column: str) -> str:
    """Return the heading of a column."""
    return column.replace("_", " ")


def shown_in(column: str, row: Cells) -> str:
    """Return a cell as a person reads it: words without underscores, shares as percentages."""
    from okr_es.scoring.shown import percent

    value = row.get(column)
    if column in SHARES and value is not None:
        return percent(value)
    return in_words(str(value)) if column in IN_WORDS and value is not None else cut(value)


def cut(value: Any) -> str:
    """Return a value as the text of a cell in one line, not too long."""
    if value is None or isinstance(value, bool):
        return "" if not value else "yes"
    text = maybe_instant(" ".join(str(value).split()))
    return shortest(text, WIDEST)
