"""KPIs line by line, and any goal by what it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from web.cli.text.goals import (
    Ids,
    Names,
    as_of_line,
    goal_lines,
    in_plain_words,
    name_of,
    share,
)
from web.cli.text.values import id_column, kpi_promise

if TYPE_CHECKING:
    from projections.goals.kpi_answers import KpiBody, KpiTarget, KpiVerdict


def any_goal_lines(found: Any, names: Names) -> Iterable[str]:
    """Yield an objective, a key result or a KPI."""
    return kpi_lines(found, names) if "targets" in found else goal_lines(found, names)


def kpi_lines(found: Any, names: Names) -> Iterable[str]:
    """Yield KPIs, or one with its spans, each with its value against the target."""
    yield as_of_line(found)
    rows = found.get("kpis", [found])
    short = id_column(rows)
    yield from (kpi_line(row, names, short) for row in rows)
    for span in found.get("spans", ()):
        value = "–" if span["value"] is None else span["value"]
        later = ", recorded later" if span["recorded_later"] else ""
        yield (
            f"  {span['starts']} to {span['ends']}: {value} of {bounds_text(span)}, "
            f"{in_words(span)}{later}"
        )
    for subject in found.get("subjects", ()):
        yield f"  {subject['subject'] or 'without a subject'}: {subject['value']}"
    for each in found.get("breaks", ()):
        what = each["counts"] or each["aggregation"]
        yield f"  defined otherwise from {each['effective']}: {what}"


def kpi_line(row: KpiBody, names: Names, short: Ids) -> str:
    """Return a KPI in one line: status, progress, id, name, value, target, last reading, owner."""
    reading = row["reading"]
    last = f"{reading['value']} {row['unit']} on {reading['as_of']}" if reading else "no reading"
    value = "" if row["value"] is None else f"{row['value']} {row['unit']}, last "
    late = ", overdue" if row["overdue"] else ""
    scores = f"{in_words(row):<12} {share(row['progress']):>8}  {short(row)}  {row['name']}"
    return f"{scores}: {value}{last}{kpi_promise(row)}{late}  {name_of(row['owner'], names)}"


def in_words(found: KpiVerdict) -> str:
    """Return the status of a span in words, its hit rate, and whether it is comparable."""
    words = [in_plain_words(found["status"])]
    if (rate := found["hit_rate"]) is not None:
        words.append(f"{rate['inside']} of {rate['periods']}")
    if not found["comparable"]:
        words.append("not comparable")
    return ", ".join(words)


def bounds_text(span: KpiTarget) -> str:
    """Return the target of a span, or its bounds, as text."""
    bounds = (span["target"], span["minimum"], span["maximum"])
    return " to ".join(bound for bound in bounds if bound is not None) or "no target"
