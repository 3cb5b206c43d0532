"""What `make faults` found: shown as a table, and merged into build/faults.json."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

OUT = Path("build/faults.json")


def store(found: dict[str, dict[str, Any]]) -> None:
    """Write results into the file, beside those of other families."""
    before = json.loads(OUT.read_text()) if OUT.exists() else {}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(before | found, indent=2) + "\n")


def report(title: str, found: dict[str, dict[str, Any]]) -> int:
    """Print and store results of `tried`, `wrong` and `holds`; return 1 if one does not hold."""
    table = Table(title=title)
    for heading in ("family", "tried", "wrong", "holds"):
        table.add_column(heading)
    for name, said in found.items():
        holds = "yes" if said["holds"] else "NO"
        table.add_row(name, str(said["tried"]), str(said["wrong"]), holds)
    Console(width=110).print(table)
    store(found)
    return 0 if all(said["holds"] for said in found.values()) else 1


def run_families(title: str, families: Iterable[tuple[str, Callable[[], dict[str, Any]]]]) -> int:
    """Try families one after the other and report them; return 1 if one does not hold."""
    found = {}
    for name, case in families:
        print(name, file=sys.stderr, flush=True)
        found[name] = case()
    return report(title, found)
