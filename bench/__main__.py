"""`python -m bench [NAME…]`: measure, print a table, write build/bench.json (or BENCH_OUT)."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import (
    access,
    bulk,
    evidence,
    history,
    lines,
    lists,
    memory,
    read_models,
    retrospect,
    served,
)
from bench.engines import engines
from bench.measure import Line

OUT = Path(os.environ.get("BENCH_OUT", "build/bench.json"))
LINES = (
    *lines.LINES,
    *bulk.LINES,
    *served.LINES,
    *access.LINES,
    *read_models.LINES,
    *evidence.LINES,
    *history.LINES,
    *retrospect.LINES,
    *lists.LINES,
    *memory.LINES,
)


def main(wanted: list[str]) -> int:
    """Measure the wanted lines, or all; return 1 if a promise did not hold."""
    found: list[Line] = []
    kept = json.loads(OUT.read_text()) if wanted and OUT.exists() else {}
    OUT.parent.mkdir(exist_ok=True)
    with engines() as both:
        for line in LINES:
            for engine in both:
                name = f"{line.__name__}.{engine.name}"
                if not wanted or any(word in name for word in wanted):
                    print(f"measuring {name} …", file=sys.stderr, flush=True)
                    found.append(line(engine))
                    kept[name] = found[-1].as_json()
                    OUT.write_text(json.dumps(kept, indent=2) + "\n")
    show(found)
    return 0 if all(line.holds for line in found) else 1


def show(lines: list[Line]) -> None:
    """Print the table."""
    table = Table(title="subject / yardstick, smaller is better")
    for heading in ("name", "ratio", "middle half", "goal", "holds", "subject", "yardstick"):
        table.add_column(heading)
    for line in lines:
        low, high = line.spread
        table.add_row(
            line.name,
            f"{line.ratio:.2f}",
            f"{low:.2f}–{high:.2f}",
            f"≤ {line.goal:g}",
            "yes" if line.holds else "NO",
            f"{line.subject * 1000:.3f} ms",
            f"{line.yardstick * 1000:.3f} ms",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
