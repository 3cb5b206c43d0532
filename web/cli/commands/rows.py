"""Rows in options: as NAME=VALUE pairs, as JSON, or as a CSV file."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any, get_type_hints
from uuid import UUID

import click

from web.api.command_schemas import without
from web.cli.things import Thing

MOST_ROWS = 50_000


class Row(click.ParamType[list[dict[str, Any]]]):
    """Rows of one kind: on=2025-08-01,share=0.5; or @FILE, a CSV file with these columns.

    A value that holds a comma stands in a JSON object in the place of pairs.
    """

    def __init__(self, made: type) -> None:
        self.names = [each.name for each in dataclasses.fields(made)]
        self.ids = {
            name: name.removesuffix("_id")
            for name, hint in get_type_hints(made).items()
            if without(hint)[0] is UUID and name != "id"
        }
        self.name = ",".join(f"{name}=…" for name in self.names)

    def convert(self, value: Any, param: Any, ctx: Any) -> list[dict[str, Any]]:
        """Return the rows, as JSON has them; the schema checks what they hold."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        try:
            rows = self.read(value)
        except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
            self.fail(str(error), param, ctx)
        return [self.with_ids(row, param, ctx) for row in rows]

    def read(self, text: str) -> list[dict[str, Any]]:
        """Return rows as they are written; raise ValueError where they cannot be read."""
        if text.startswith("@"):
            return rows_in(Path(text[1:]))
        if text.startswith("{"):
            from web.api.exact_json import decode_strictly

            found = decode_strictly(text.encode())
            if not isinstance(found, dict):
                raise ValueError("no object")
            return [found]
        pairs = [pair.partition("=") for pair in text.split(",")]
        if not all(equals for _, equals, _ in pairs):
            raise ValueError(f"write {self.name}, or @FILE")
        return [parted({name.strip(): value for name, _, value in pairs})]

    def with_ids(self, row: dict[str, Any], param: Any, ctx: Any) -> dict[str, Any]:
        """Return a row with the ids of what it names."""
        return row | {
            name: str(Thing(kind).convert(row[name], param, ctx))
            for name, kind in self.ids.items()
            if isinstance(row.get(name), str)
        }


def rows_in(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a CSV file with a heading; empty cells are left out."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened, strict=True)
        rows = []
        for row in reader:
            if None in row:
                raise ValueError(f"line {reader.line_num} has more cells than the heading")
            rows.append(parted({name: cell for name, cell in row.items() if cell}))
            if len(rows) > MOST_ROWS:
                raise ValueError(f"there are more than {MOST_ROWS} rows")
        return rows


def parted(row: dict[str, str]) -> dict[str, Any]:
    """Return a row with `evidence.link` as `link` in its part `evidence`."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        outer, dot, inner = name.partition(".")
        if dot:
            found.setdefault(outer, {})[inner] = value
        else:
            found[name] = value
    return found
