"""The map: which column of a CSV file means what. A TOML file; `example_map.toml` is one."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from okr_es.domain.refusals import Invalid
from okr_es.domain.values import Cadence, Direction
from okr_es.imports.days import require_format
from okr_es.imports.decoding import text_of
from okr_es.imports.words import blank_word, folded, look_alike, nearest

NUMBERS = ("target", "actual", "minimum", "maximum", "baseline")
FIELDS = (
    "name", "objective", "year", "starts", "ends", "target", "actual", "minimum", "maximum",
    "unit", "direction", "source", "cadence", "baseline", "team", "owner",
)  # fmt: skip
NEEDED = ("name", "direction", "unit", "source", "cadence")
DEFAULTS = ("objective", "unit", "direction", "source", "cadence", "baseline", "team", "owner")
# The fields that may have a column for each year, or for each span written as `dates` says.
SPREAD = ("target", "actual", "minimum", "maximum")
PLACE = re.compile(r"\{(year|span)\}")
OPTIONS = ("delimiter", "encoding", "decimal", "thousands", "percent", "dates", "blanks")
# The fields that may stand in a column that is also a part of the KPI's name.
ALSO_NAMES = {"objective", "team", "owner", "source", "unit"}
LONGEST_MAP_BYTES = 100_000
EXAMPLE = Path(__file__).with_name("example_map.toml")


@dataclass(frozen=True)
class Mapping:
    """Which column means what, which words mean which direction, and how cells are written.

    `name` lists the columns that name a KPI together.
    """

    name: tuple[str, ...]
    columns: Table[str, str]
    directions: Table[str, Direction] = field(default_factory=dict)
    cadences: Table[str, Cadence] = field(default_factory=dict)
    defaults: Table[str, str] = field(default_factory=dict)
    blanks: frozenset[str] = frozenset()
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    decimal: str = "."
    thousands: str = ""
    percent: bool = False
    dates: str = "%Y-%m-%d"

    @cached_property
    def has_years(self) -> bool:
        """True if the days of a row are those of a year."""
        return "year" in self.columns or self.place == "year"

    @cached_property
    def place(self) -> str | None:
        """What stands in the names of columns that a field has many of: year or span."""
        found = (PLACE.search(self.columns.get(of, "")) for of in SPREAD)
        return next((match[1] for match in found if match), None)

    @cached_property
    def judges(self) -> bool:
        """True if it names a column of targets or bounds."""
        return bool({"target", "minimum", "maximum"} & set(self.columns))


def read_mapping(file: Path) -> Mapping:
    """Return the map a TOML file holds; raise Invalid, with the key to blame, if it is none."""
    try:
        if file.stat().st_size > LONGEST_MAP_BYTES:
            raise Invalid("The map is too long to be one.", field="map")
        return mapping_from(tomllib.loads(text_of(file.read_bytes(), "utf-8")))
    except OSError as error:
        raise Invalid(f"The map cannot be read: {error.strerror}.", field="map") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The map is not TOML: {error}.", field="map") from error


def mapping_from(parsed: dict[str, Any]) -> Mapping:
    """Return the map that parsed TOML stands for."""
    require_keys(parsed, {*OPTIONS, "columns", "directions", "cadences", "defaults"}, "")
    parsed, name = with_name(parsed)
    columns = words(parsed, "columns", FIELDS)
    defaults = words(parsed, "defaults", DEFAULTS)
    require_parts(columns, defaults)
    require_one_meaning(columns, name)
    require_places(columns)
    return Mapping(
        name=name,
        columns=columns,
        defaults=defaults,
        directions=meanings(parsed, "directions", Direction),
        cadences=meanings(parsed, "cadences", Cadence),
        **options(parsed),
    )


def with_name(parsed: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the map with one text as its name, and the columns that name a KPI together."""
    columns = parsed.get("columns")
    name = columns.get("name") if isinstance(columns, dict) else None
    parts = name if isinstance(name, list) else [name]
    listed = tuple(part.strip() for part in parts if isinstance(part, str) and part.strip())
    if len(listed) < len(parts):
        return parsed, ()
    return {**parsed, "columns": {**(columns or {}), "name": ", ".join(listed)}}, listed


# ---- how the file is written ----------------------------------------------------------


def options(parsed: dict[str, Any]) -> dict[str, Any]:
    """Return how the file is written: its marks, its encoding, its dates, its blank words."""
    found: dict[str, Any] = {name: parsed[name] for name in OPTIONS if name in parsed}
    for name, value in found.items():
        if not isinstance(value, {"percent": bool, "blanks": list}.get(name, str)):
            raise Invalid(f"{name} is of the wrong type.", field=name)
    require_marks(found)
    require_encoding(found.get("encoding", "utf-8-sig"))
    if "dates" in found:
        require_format(found["dates"])
    if not all(isinstance(word, str) and word.strip() for word in found.get("blanks", [])):
        raise Invalid("blanks is a list of texts in quotes.", field="blanks")
    return found | {"blanks": frozenset(map(blank_word, found.get("blanks", [])))}


def require_marks(found: dict[str, Any]) -> None:
    """Refuse marks that are not one character each, or that a number is written with."""
    for name in ("delimiter", "decimal"):
        if len(found.get(name, ".")) != 1 or found.get(name) in {'"', "\n", "\r"}:
            raise Invalid(f"{name} is one character.", field=name)
    if len(found.get("thousands", "")) > 1 or found.get("thousands") == found.get("decimal", "."):
        raise Invalid("thousands is one character, not that of decimal.", field="thousands")
    for name in ("decimal", "thousands"):
        mark = found.get(name, "")
        if mark.isalnum() or mark in {"+", "-", "%"} or (name == "decimal" and mark.isspace()):
            raise Invalid(f"{name} is no letter, digit or sign of a number.", field=name)


def require_encoding(encoding: str) -> None:
    """Refuse the name of no encoding of text."""
    try:
        "".encode(encoding)
        b"".decode(encoding)
    except (LookupError, ValueError) as error:
        raise Invalid(f"There is no encoding {encoding!r}.", field="encoding") from error


# ---- columns --------------------------------------------------------------------------


def require_parts(columns: dict[str, str], defaults: dict[str, str]) -> None:
    """Refuse a map that leaves a mandatory part of a KPI without column and default."""
    for needed in NEEDED:
        if needed not in columns and needed not in defaults:
            raise Invalid(f"The map names neither column nor default of {needed}.", field=needed)
    spread = any(PLACE.search(columns.get(of, "")) for of in SPREAD)
    days = {"year", "starts", "ends"} & set(columns)
    if spread and days:
        raise Invalid("Columns for each year or span say the days; name no others.", field="year")
    if not spread and not ("year" in days or {"starts", "ends"} <= days):
        raise Invalid("The map names a column for year, or for starts and ends.", field="year")
    if "year" in days and len(days) > 1:
        raise Invalid("The map names year, or starts and ends, not both.", field="year")
    if not {"target", "minimum", "actual"} & set(columns):
        raise Invalid("The map names no column of numbers.", field="target")


def require_one_meaning(columns: dict[str, str], name: tuple[str, ...]) -> None:
    """Refuse a column that means two things.

    Two cases are clear: one column for both starts and ends, and a part of the KPI's name that
    also says its team, say.
    """
    parts = Counter(map(look_alike, name))
    seen = dict.fromkeys(parts, "name")
    if max(parts.values(), default=0) > 1:
        raise Invalid("The map names a KPI twice by one column.", field="columns.name")
    for of, column in columns.items():
        other = seen.setdefault(look_alike(column), of) if of != "name" else of
        shared = other == "name" and len(parts) > 1 and of in ALSO_NAMES
        if other != of and {of, other} != {"starts", "ends"} and not shared:
            raise Invalid(
                f"The map names the column {column!r} for {other} and for {of}; it means one.",
                field=f"columns.{of}",
            )


def require_places(columns: dict[str, str]) -> None:
    """Refuse {year} and {span} beside each other, twice in a name, or where they mean nothing."""
    places = {of: PLACE.findall(column) for of, column in columns.items()}
    for of, found in places.items():
        if found and of not in SPREAD:
            raise Invalid(
                f"Only {', '.join(SPREAD)} have a column for each year.", field=f"columns.{of}"
            )
        if len(found) > 1:
            raise Invalid(
                "The name of a column holds {year} or {span} once.", field=f"columns.{of}"
            )
    if len({found[0] for found in places.values() if found}) > 1:
        raise Invalid("The columns are for each year or for each span, not both.", field="columns")


# ---- words ----------------------------------------------------------------------------


def words(
    parsed: dict[str, Any], name: str, known: tuple[str, ...] | None = None
) -> dict[str, str]:
    """Return one table of the map, its keys known and its values text."""
    table = parsed.get(name, {})
    if not isinstance(table, dict):
        raise Invalid(f"{name} is a table.", field=name)
    require_keys(table, set(table if known is None else known), f"{name}.")
    for key, value in table.items():
        if not isinstance(value, str) or not value.strip():
            raise Invalid(f"{name}.{key} is text in quotes.", field=f"{name}.{key}")
    return {key: value.strip() for key, value in table.items()}


def require_keys(table: dict[str, Any], known: set[str], where: str) -> None:
    """Refuse keys the map does not have."""
    for key in table:
        if key not in known:
            raise Invalid(
                f"The map has no {where}{key}{nearest(key, known)}; "
                f"it has {', '.join(sorted(known))}.",
                field=f"{where}{key}",
            )


def meanings(parsed: dict[str, Any], name: str, kind: Any) -> dict[str, Any]:
    """Return what the words of a table mean, and those the members of the kind are written with.

    Refuses a word that would mean two things.
    """
    found = {folded(each): each for each in kind}
    for word, meant in words(parsed, name).items():
        if meant not in set(kind):
            raise Invalid(f"{meant!r} is none of {', '.join(kind)}.", field=f"{name}.{word}")
        if found.setdefault(folded(word), kind(meant)) != kind(meant):
            raise Invalid(
                f"{word!r} would mean {found[folded(word)]} and {meant}.", field=f"{name}.{word}"
            )
    return found
