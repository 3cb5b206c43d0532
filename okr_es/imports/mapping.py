"""The map: which column of a CSV file means what. A TOML file; `kpis.py` shows its format."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from okr_es.domain.refusals import Invalid
from okr_es.domain.values import Cadence, Direction

FIELDS = (
    "name", "objective", "year", "starts", "ends", "target", "actual", "minimum", "maximum",
    "unit", "direction", "source", "cadence", "baseline",
)  # fmt: skip
NEEDED = ("name", "direction", "unit", "source", "cadence")
DEFAULTS = ("objective", "unit", "direction", "source", "cadence", "baseline")
LONGEST_MAP_BYTES = 100_000


@dataclass(frozen=True)
class Mapping:
    """Which column means what, which words mean which direction, and how numbers are written."""

    columns: Table[str, str]
    directions: Table[str, Direction] = field(default_factory=dict)
    cadences: Table[str, Cadence] = field(default_factory=dict)
    defaults: Table[str, str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    decimal: str = "."
    thousands: str = ""
    percent: bool = False
    dates: str = "%Y-%m-%d"

    def column(self, of: str) -> str:
        """Return the name of the column a field stands in, or the field's own name."""
        return self.columns.get(of, of)


def read_mapping(file: Path) -> Mapping:
    """Return the map a TOML file holds; raise Invalid, with the key to blame, if it is none."""
    try:
        if file.stat().st_size > LONGEST_MAP_BYTES:
            raise Invalid("The map is too long to be one.", field="map")
        return mapping_from(tomllib.loads(file.read_text("utf-8-sig")))
    except OSError as error:
        raise Invalid(f"The map cannot be read: {error.strerror}.", field="map") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"The map is not TOML: {error}.", field="map") from error


def mapping_from(parsed: dict[str, Any]) -> Mapping:
    """Return the map that parsed TOML stands for."""
    require_keys(parsed, set(Mapping.__dataclass_fields__), "")
    columns = words(parsed, "columns", FIELDS)
    defaults = words(parsed, "defaults", DEFAULTS)
    require_parts(columns, defaults)
    return Mapping(
        columns=columns,
        defaults=defaults,
        directions={
            folded(word): member(Direction, meant, f"directions.{word}")
            for word, meant in words(parsed, "directions").items()
        }
        | {folded(each): each for each in Direction},
        cadences={
            folded(word): member(Cadence, meant, f"cadences.{word}")
            for word, meant in words(parsed, "cadences").items()
        }
        | {folded(each): each for each in Cadence},
        **options(parsed),
    )


def options(parsed: dict[str, Any]) -> dict[str, Any]:
    """Return how the file is written: its marks, its encoding, its dates."""
    found: dict[str, Any] = {
        name: parsed[name]
        for name in ("delimiter", "encoding", "decimal", "thousands", "percent", "dates")
        if name in parsed
    }
    for name, value in found.items():
        if not isinstance(value, bool if name == "percent" else str):
            raise Invalid(f"{name} is of the wrong type.", field=name)
    for name in ("delimiter", "decimal"):
        if len(found.get(name, ".")) != 1 or found.get(name) in {'"', "\n", "\r"}:
            raise Invalid(f"{name} is one character.", field=name)
    if len(found.get("thousands", "")) > 1 or found.get("thousands") == found.get("decimal", "."):
        raise Invalid("thousands is one character, not that of decimal.", field="thousands")
    require_encoding(found.get("encoding", "utf-8-sig"))
    return found


def require_encoding(encoding: str) -> None:
    """Refuse the name of no encoding."""
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise Invalid(f"There is no encoding {encoding!r}.", field="encoding") from error


def require_parts(columns: dict[str, str], defaults: dict[str, str]) -> None:
    """Refuse a map that leaves a mandatory part of a KPI without column and default."""
    for needed in NEEDED:
        if needed not in columns and needed not in defaults:
            raise Invalid(f"The map names neither column nor default of {needed}.", field=needed)
    if "year" not in columns and not {"starts", "ends"} <= set(columns):
        raise Invalid("The map names a column for year, or for starts and ends.", field="year")
    if "year" in columns and {"starts", "ends"} & set(columns):
        raise Invalid("The map names year, or starts and ends, not both.", field="year")
    if not {"target", "minimum", "actual"} & set(columns):
        raise Invalid("The map names no column of numbers.", field="target")


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
                f"The map has no {where}{key}; it has {', '.join(sorted(known))}.",
                field=f"{where}{key}",
            )


def member(kind: Any, meant: str, where: str) -> Any:
    """Return the direction or cadence a word of the map means."""
    if meant not in set(kind):
        raise Invalid(f"{meant!r} is none of {', '.join(kind)}.", field=where)
    return kind(meant)


def folded(word: str) -> str:
    """Return a word without its case, and with single blanks for what stands between its parts."""
    return " ".join(word.replace("_", " ").casefold().split())
