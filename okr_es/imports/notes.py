"""What an import points out and does not decide: spellings, and what stays as recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from okr_es.imports.recorded import kpi_id
from okr_es.imports.rows import Row

if TYPE_CHECKING:
    from okr_es.imports.plan import Plan

KEPT_AS_RECORDED = ("source", "cadence", "purpose")


def spellings(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a note for each objective and KPI that is written in more than one way."""
    for noun, field in (("objective", "purpose"), ("KPI", "name")):
        written: dict[str, dict[str, list[int]]] = {}
        for row in sorted(rows, key=lambda row: row.line):
            said = getattr(row, field)
            if said is not None:
                written.setdefault(bare(said), {}).setdefault(said, []).append(row.line)
        for ways in written.values():
            if len(ways) > 1:
                told = ", ".join(
                    f"{way!r} (from line {lines[0]}, {len(lines)} rows)"
                    for way, lines in ways.items()
                )
                yield f"One {noun} seems to be spelled in {len(ways)} ways, kept apart: {told}."


def bare(text: str) -> str:
    """Return a text without case, blanks and punctuation."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def differences(rows: Sequence[Row], plan: Plan) -> Iterator[str]:
    """Yield a note for what rows say of a KPI and does not count, once for each KPI and part."""
    noted = set()
    for row in rows:
        kpi = plan.kpis[kpi_id(row.name)]
        for part in KEPT_AS_RECORDED:
            there, told = getattr(kpi, part), getattr(row, part)
            if told is not None and told != there and (kpi.id, part) not in noted:
                noted.add((kpi.id, part))
                yield f"Line {row.line}: the {part} of {kpi.name!r} stays {there!r}, not {told!r}."
    aside = Counter(row.name for row in rows if row.set_aside)
    for name, count in sorted(aside.items()):
        yield f"{name!r} is wanted within its bounds; the target of {count} rows is set aside."
