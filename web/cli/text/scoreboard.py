"""The scoreboard as a table: a line for each figure, a column for each cycle or moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from okr_es.scoring.shown import percent
from web.cli.text.goals import Names, as_of_line, in_plain_words, name_of, share
from web.cli.text.review import FIGURES

if TYPE_CHECKING:
    from projections.retrospect.scoreboard_answers import (
        InColumns,
        KpiChange,
        KpiFigures,
        KpiInColumns,
        ScoreboardAnswer,
        ScoreboardBody,
        ScoreboardColumn,
    )

LABEL, WIDTH = 28, 26
SHARES = frozenset({"scores", "coverage"})
AS_WORDS = {
    "objectives": "goals",
    "scores committed": "score as committed",
    "scores ended": "score as ended",
    "not measured committed": "not measured as committed",
    "not measured ended": "not measured as ended",
    "counts discipline due": "readings due",
    "counts discipline on time": "readings on time",
    "counts discipline late": "readings late",
    "counts discipline missing": "readings missing",
    "outcomes not measured": "outcome not measured",
    "statuses not measured": "status not measured",
}


def scoreboard_lines(found: ScoreboardAnswer, names: Names) -> Iterator[str]:
    """Yield a scoreboard: all, teams, people and KPIs, each with its figures side by side."""
    yield as_of_line(found)
    yield from table_lines(found, names)
    for person in found["people"]:
        yield from block(name_of(person["person"], names), person)
    if not found["people"] and (why := FIGURES.get(found["people_figures"])):
        yield why


def table_lines(found: ScoreboardBody, names: Names) -> Iterator[str]:
    """Yield the columns, and the figures of all, of teams and of KPIs."""
    yield row_of("", [each["cycle"]["name"] for each in found["columns"]])
    yield row_of("", [column_text(each) for each in found["columns"]])
    if found["total"] is not None:
        yield from block("all", found["total"])
    for team in found["teams"]:
        yield from block(name_of(team["team"], names), team)
    for kpi in found["kpis"]:
        yield from kpi_lines(kpi, found["columns"])


def column_text(column: ScoreboardColumn) -> str:
    """Return as of which day a column is, and what was asked for."""
    return column["asked"] or f"as of {column['day']}"


def row_of(label: str, cells: Iterable[str]) -> str:
    """Return a line of the table."""
    return f"{label:<{LABEL}}{''.join(f'{cell:>{WIDTH}}' for cell in cells)}".rstrip()


def block(name: str, found: InColumns) -> Iterator[str]:
    """Yield the figures of something side by side, without counts that are 0 in all columns.

    How many goals there are is always said, and so is a share that is measured: 0 % is a result.
    """
    yield name
    totals: list[dict[str, Any]] = [dict(flat(each)) for each in found["totals"]]
    changes: list[dict[str, Any]] = [dict(flat(each)) for each in found["changes"]]
    for label in dict.fromkeys(label for each in totals for label in each):
        is_share = label.split()[0] in SHARES
        values, moved = (
            [numbered(each.get(label), is_share=is_share) for each in figures]
            for figures in (totals, changes)
        )
        is_said = is_share or label == "objectives"
        if all(each is None or (each == 0 and not is_said) for each in values):
            continue
        cells = [cell(*pair, is_share=is_share) for pair in zip(values, moved, strict=True)]
        yield row_of(f"  {AS_WORDS.get(label, label.removeprefix('counts '))}", cells)


def flat(figures: Mapping[str, Any] | None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the figures of a total by their names in words, those within others after these."""
    for name, value in (figures or {}).items():
        label = f"{before}{in_plain_words(name)}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{label} ")
        else:
            yield label, value


def numbered(value: Any, *, is_share: bool) -> Any:
    """Return a share as a number also where a server sent it as text; others as they are."""
    return Decimal(value) if is_share and value is not None else value


def cell(value: Any, moved: Any, *, is_share: bool) -> str:
    """Return a figure with its change in brackets; a dash where there is none."""
    if value is None:
        return "–"
    text = share(value) if is_share else str(value)
    if not moved:
        return text
    return f"{text} ({percent(moved, '+') if is_share else format(moved, '+')})"


def kpi_lines(kpi: KpiInColumns, columns: Sequence[ScoreboardColumn]) -> Iterator[str]:
    """Yield what a KPI came to in each column: its value with the change, and the verdict.

    Its days are said where those of any span are not those of the cycle.
    """
    yield f"{kpi['kpi']['name']}, {kpi['unit']}"
    pairs = list(zip(kpi["figures"], kpi["changes"], strict=True))
    yield row_of("  value", [value_text(*pair) for pair in pairs])
    yield row_of("  target", [target_text(figures) for figures, _ in pairs])
    yield row_of("  status", [status_text(figures) for figures, _ in pairs])
    rates = [rate_text(figures) for figures, _ in pairs]
    if any(rates):
        yield row_of("  periods inside", rates)
    days = [days_text(each, column) for each, column in zip(kpi["figures"], columns, strict=True)]
    if any(days):
        yield row_of("  of the span", days)


def value_text(figures: KpiFigures | None, change: KpiChange | None) -> str:
    """Return a value with its change, or that it is not comparable."""
    if figures is None or figures["value"] is None:
        return "–"
    if change is None or (change["comparable"] and change["value"] in (None, "0")):
        return figures["value"]
    moved = change["value"]
    if moved is None:
        return f"{figures['value']} not comparable"
    return f"{figures['value']} ({moved if moved.startswith('-') else f'+{moved}'})"


def target_text(figures: KpiFigures | None) -> str:
    """Return what was wanted."""
    if figures is None:
        return "–"
    span = figures["span"]
    bounds: Sequence[str | None] = (span["target"], span["minimum"], span["maximum"])
    return " to ".join(each for each in bounds if each is not None) or "none"


def status_text(figures: KpiFigures | None) -> str:
    """Return the status of a span, with a note where its definition was changed inside it."""
    if figures is None:
        return "–"
    note = "" if figures["comparable"] else ", redefined"
    return f"{in_plain_words(figures['status'])}{note}"


def days_text(figures: KpiFigures | None, column: ScoreboardColumn) -> str:
    """Return the days of a span; empty where they are those of the cycle."""
    if figures is None:
        return ""
    days, cycle = figures["span"], column["cycle"]
    is_same = (str(cycle["starts"]), str(cycle["ends"])) == (days["starts"], days["ends"])
    return "" if is_same else f"{days['starts']} to {days['ends']}"


def rate_text(figures: KpiFigures | None) -> str:
    """Return in how many periods it was inside; empty where that is not counted."""
    rate = figures and figures["hit_rate"]
    return f"{rate['inside']} of {rate['periods']}" if rate else ""
