"""A table as a workbook: numbers as numbers, texts as texts, so that none becomes a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from io import BytesIO
from typing import Any

from flask import Response

from web.pages.frame.words import title

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767  # characters of a cell
SHARE = "0.0 %"


class Percent(Decimal):
    """A share that a cell shows as a percentage."""


def workbook(name: str, sheets: Iterable[tuple[str, Sequence[Sequence[Any]]]]) -> Response:
    """Return a workbook with a sheet for each table; the first row of each is its heading."""
    import xlsxwriter

    data = BytesIO()
    with xlsxwriter.Workbook(data, {"constant_memory": True, "in_memory": True}) as book:
        heading, share = book.add_format({"bold": True}), book.add_format({"num_format": SHARE})
        for of_sheet, rows in sheets:
            sheet = book.add_worksheet(of_sheet[:31])
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, 0, 45)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    write(sheet, number, column, value, heading if number == 0 else None, share)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.xlsx"', "Cache-Control": "no-store",
    }  # fmt: skip
    return Response(data.getvalue(), HTTPStatus.OK, headers, content_type=KIND)


def write(sheet: Any, row: int, column: int, value: Any, style: Any, share: Any) -> None:
    """Write a cell."""
    if value is None:
        return
    if isinstance(value, Percent):
        sheet.write_number(row, column, float(value), share)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, float(value), style)
    elif isinstance(value, date):
        sheet.write_string(row, column, value.isoformat(), style)
    else:
        text = value if isinstance(value, str) else title(value)
        sheet.write_string(row, column, text[:LONGEST], style)


def as_percent(value: Any) -> Percent | None:
    """Return a share of an answer as a cell."""
    return None if value is None else Percent(str(value))
