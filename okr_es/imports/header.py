"""The header of a file: in which columns the fields of the map stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from okr_es.domain.refusals import Invalid
from okr_es.domain.values import FIRST_YEAR, LAST_YEAR
from okr_es.imports.cells import BadCell
from okr_es.imports.days import parsed
from okr_es.imports.mapping import PLACE, Mapping
from okr_es.imports.words import look_alike, nearest

YEAR = re.compile(r"\d{4}", re.ASCII)
DELIMITERS = (";", "\t", "|", ",")
BETWEEN_NAMES = ", "
DAYS = ("starts", "ends")


class RawRow(NamedTuple):
    """One row as it is written: the line it begins on, its cells, their columns, by field."""

    line: int
    cells: dict[str, str]
    columns: dict[str, str]


class Header:
    """The names of a file's columns, and where the fields of a map stand among them."""

    def __init__(self, names: list[str], mapping: Mapping) -> None:
        self.names = [name.strip() for name in names]
        self.looks = [look_alike(name) for name in names]
        self.mapping = mapping
        self.name_at = [self.place(part, "name") for part in mapping.name]
        self.parts_of: dict[str, list[str]] = {}
        self.at: dict[str, int] = {}
        self.spread: dict[str, dict[str, int]] = {}  # span as written -> field -> place
        for of, column in mapping.columns.items():
            if PLACE.search(column):
                self.add_spread(of, column)
            elif of != "name":
                self.at[of] = self.place(column, of)

    def place(self, name: str, of: str) -> int:
        """Return where a column stands; refuse a name that none has, or more than one."""
        for names, wanted in ((self.names, name), (self.looks, look_alike(name))):
            if names.count(wanted) == 1:
                return names.index(wanted)
        found = "more than one column" if look_alike(name) in self.looks else "no column"
        hint = nearest(name, self.names) if found == "no column" else ""
        there = ", ".join(self.names) or "empty"
        raise Invalid(
            f"The file has {found} {name!r} ({of}){hint}; its header is {there}."
            f"{self.other_delimiter()}",
            field=f"columns.{of}",
        )

    def other_delimiter(self) -> str:
        """Return what to do about a header that was not cut into columns, if it was not."""
        if len(self.names) == 1:
            for mark in DELIMITERS:
                if mark in self.names[0] and mark != self.mapping.delimiter:
                    return f" If {mark!r} stands between its columns: delimiter = {mark!r}."
        return ""

    def add_spread(self, of: str, column: str) -> None:
        """Note all columns of a field that has one for each year or span."""
        before, _, after = PLACE.split(column)
        pattern = re.compile(
            f"{re.escape(look_alike(before))} ?(.+?) ?{re.escape(look_alike(after))}"
        )
        found = 0
        for at, look in enumerate(self.looks):
            match = pattern.fullmatch(look)
            if match and self.is_span(match[1]):
                places = self.spread.setdefault(match[1], {})
                if of in places:
                    raise Invalid(
                        f"The file has more than one column {self.names[at]!r} ({of}).",
                        field=f"columns.{of}",
                    )
                places[of] = at
                found += 1
        if not found:
            raise Invalid(
                f"The file has no column like {column!r} ({of}); "
                f"its header is {', '.join(self.names) or 'empty'}.",
                field=f"columns.{of}",
            )

    def is_span(self, text: str) -> bool:
        """Return whether a text is a year, or written as the map's dates are."""
        if self.mapping.place == "year":
            return bool(YEAR.fullmatch(text)) and FIRST_YEAR <= int(text) <= LAST_YEAR
        try:
            parsed(text, self.mapping.dates)
        except ValueError:
            return False
        return True

    @cached_property
    def columns(self) -> dict[str, str]:
        """The name of each field's column."""
        named = {of: self.names[at] for of, at in self.at.items()}
        return {"name": self.mapping.columns["name"], **named}

    def rows(self, line: int, cells: list[str]) -> Iterator[RawRow]:
        """Yield what a row of the file says: one thing, or one for each year or span."""
        name = self.name([cells[at] for at in self.name_at])
        common = {"name": name, **{of: cells[at] for of, at in self.at.items()}}
        if not self.spread:
            yield RawRow(line, common, self.columns)
        for span, places in self.spread.items():
            days = ("year",) if self.mapping.place == "year" else DAYS
            here = {**dict.fromkeys(days, next(iter(places.values()))), **places}
            yield RawRow(
                line,
                {
                    **common,
                    **{of: cells[at] for of, at in places.items()},
                    **dict.fromkeys(days, span),
                },
                {**self.columns, **{of: self.names[at] for of, at in here.items()}},
            )

    def name(self, parts: list[str]) -> str:
        """Return the name of a KPI by its parts; refuse the name that other parts make as well."""
        if not all(parts):
            return ""
        name = BETWEEN_NAMES.join(parts)
        if len(parts) > 1:
            looks = [look_alike(part) for part in parts]
            if self.parts_of.setdefault(look_alike(name), looks) != looks:
                raise BadCell("name", f"An earlier row calls something else {name!r}.")
        return name
