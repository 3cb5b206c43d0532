"""The notes of an import: names taken for others, spellings kept apart, what stays as recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from okr_es.domain.refusals import Refusal
from okr_es.imports.cells import BadCell
from okr_es.imports.plan import ImportPlan
from okr_es.imports.recorded import kpi_id
from okr_es.imports.rows import Row
from okr_es.imports.words import look_alike

NOT_REVISED = ("source", "cadence", "purpose")


def notes_of(rows: Sequence[Row], taken: Sequence[Row], plan: ImportPlan) -> Iterator[str]:
    """Yield what to look at of all rows, and of those that are taken."""
    taken = sorted(taken, key=lambda row: row.line)
    yield from names_taken(taken, plan)
    yield from spellings(rows, plan)
    yield from differences(taken, plan)
    yield from places_kept(taken, plan)
    yield from without_numbers(rows)
    yield from without_target(taken, plan)


# ---- names ----------------------------------------------------------------------------


def names_taken(rows: Sequence[Row], plan: ImportPlan) -> Iterator[str]:
    """Yield a note for each name that is taken for that of a KPI, and was not defined by it."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.name, row)
    for name, row in first.items():
        kpi = plan.kpis.by_name(name)
        if kpi.name != name:
            of = "the recorded" if kpi.id in plan.kpis.recorded else "the same as"
            yield f"Line {row.line}: {name!r} is taken for {of} {kpi.name!r}."
        elif kpi.id in plan.kpis.recorded and kpi.id != kpi_id(name):
            yield f"{name!r} is recorded already; what the file says is added to it."


def spellings(rows: Sequence[Row], plan: ImportPlan) -> Iterator[str]:
    """Yield a note for each objective and KPI that is written in ways that are kept apart."""
    recorded = [kpi.name for kpi in plan.kpis.recorded.values()]
    for noun, written in (("objective", lambda row: row.purpose), ("KPI", lambda row: row.name)):
        yield from kept_apart(noun, rows, written, recorded if noun == "KPI" else [])


def kept_apart(
    noun: str,
    rows: Sequence[Row],
    written: Callable[[Row], str | None],
    recorded: Sequence[str],
) -> Iterator[str]:
    """Yield a note for each group of texts that differ in punctuation, case or blanks alone."""
    ways: dict[str, dict[str, list[int]]] = {}
    for row in sorted(rows, key=lambda row: row.line):
        text = written(row)
        if text is not None:
            ways.setdefault(bare(text), {}).setdefault(text, []).append(row.line)
    for text in recorded:
        if bare(text) in ways:
            ways[bare(text)].setdefault(text, [])
    for group in ways.values():
        looks = {look_alike(text) if noun == "KPI" else text for text in group}
        if len(looks) > 1 and bare(next(iter(group))):
            listed = ", ".join(
                f"{way!r} (from line {lines[0]}, {len(lines)} rows)"
                if lines
                else f"{way!r} (recorded)"
                for way, lines in group.items()
            )
            yield f"One {noun} seems to be spelled in {len(looks)} ways, kept apart: {listed}."


@lru_cache(maxsize=10_000)
def bare(text: str) -> str:
    """Return a text without case, blanks and punctuation; letters and digits count."""
    return "".join(sign for sign in look_alike(text) if sign.isalnum())


# ---- what stays -----------------------------------------------------------------------


def differences(rows: Sequence[Row], plan: ImportPlan) -> Iterator[str]:
    """Yield a note for what rows say of a KPI and does not count, once for each KPI and part."""
    noted = set()
    for row in rows:
        kpi = plan.kpis.by_name(row.name)
        for part in NOT_REVISED:
            recorded, given = getattr(kpi, part), getattr(row, part)
            if given is not None and given != recorded and (kpi.id, part) not in noted:
                noted.add((kpi.id, part))
                stays = f"stays {recorded!r}, not {given!r}"
                yield f"Line {row.line}: the {part} of {kpi.name!r} {stays}."
    aside = Counter(row.name for row in rows if row.set_aside)
    for name, count in sorted(aside.items()):
        yield f"{name!r} is wanted within its bounds; the target of {count} rows is set aside."


def places_kept(rows: Sequence[Row], plan: ImportPlan) -> Iterator[str]:
    """Yield a note for another owner or team than the recorded one, once for each KPI and part."""
    noted = set()
    for row in rows:
        kpi = plan.kpis.by_name(row.name)
        for part, written, id_, find in (
            ("owner", row.owner, kpi.owner_id, plan.places.owner),
            ("team", row.team, kpi.team_id, plan.places.team),
        ):
            if written is None or (kpi.id, part, written) in noted:
                continue
            noted.add((kpi.id, part, written))
            try:
                differs = find(written) != id_
            except (BadCell, Refusal):
                differs = True
            if differs:
                yield f"Line {row.line}: the {part} of {kpi.name!r} stays, it is not {written!r}."


# ---- what is missing ------------------------------------------------------------------


def without_numbers(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a note for each KPI of which no row has a target or a value."""
    said = {look_alike(row.name) for row in rows if row.is_filled or row.bad}
    first: dict[str, Row] = {}
    for row in rows:
        if look_alike(row.name) not in said:
            first.setdefault(look_alike(row.name), row)
    for row in first.values():
        yield f"Line {row.line}: no row of {row.name!r} has a target or a value; it is left out."


def without_target(rows: Sequence[Row], plan: ImportPlan) -> Iterator[str]:
    """Yield a note for each KPI that the file defines without a target."""
    names = {plan.kpis.by_name(row.name).id: plan.kpis.by_name(row.name) for row in rows}
    for id_, kpi in names.items():
        unjudged = all(target.numbers == (None, None, None) for target in kpi.targets)
        if unjudged and id_ not in plan.kpis.recorded:
            yield f"{kpi.name!r} has no target: its readings are recorded and judged by nothing."
