"""The notes of an import: different spellings, and values that stay as recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from okr_es.imports.plan import ImportPlan
from okr_es.imports.recorded import kpi_id
from okr_es.imports.rows import Row

NOT_REVISED = ("source", "cadence", "purpose")


def spellings(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a note for each objective and KPI that is written in more than one way."""
    for noun, field in (("objective", "purpose"), ("KPI", "name")):
        written: dict[str, dict[str, list[int]]] = {}
        for row in sorted(rows, key=lambda row: row.line):
            text = getattr(row, field)
            if text is not None:
                written.setdefault(bare(text), {}).setdefault(text, []).append(row.line)
        for ways in written.values():
            if len(ways) > 1:
                listed = ", ".join(
                    f"{way!r} (from line {lines[0]}, {len(lines)} rows)"
                    for way, lines in ways.items()
                )
                yield f"One {noun} seems to be spelled in {len(ways)} ways, kept apart: {listed}."


def bare(text: str) -> str:
    """Return a text without case, blanks and punctuation."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def differences(rows: Sequence[Row], plan: ImportPlan) -> Iterator[str]:
    """Yield a note for what rows say of a KPI and does not count, once for each KPI and part."""
    noted = set()
    for row in rows:
        kpi = plan.kpis[kpi_id(row.name)]
        for part in NOT_REVISED:
            recorded, given = getattr(kpi, part), getattr(row, part)
            if given is not None and given != recorded and (kpi.id, part) not in noted:
                noted.add((kpi.id, part))
                stays = f"stays {recorded!r}, not {given!r}"
                yield f"Line {row.line}: the {part} of {kpi.name!r} {stays}."
    aside = Counter(row.name for row in rows if row.set_aside)
    for name, count in sorted(aside.items()):
        yield f"{name!r} is wanted within its bounds; the target of {count} rows is set aside."
