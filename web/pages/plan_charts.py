"""Charts of plan against actual: of an objective, a key result and a KPI.

The planned line as committed is dashed, as revised it is solid; what was known at the time is
hollow, what is known now is filled. Numbered marks are explained in a list below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from web.pages.frame import charts
from web.pages.frame.charts import BLUE, GREEN, GREY
from web.pages.frame.language import gettext, said

Row = Mapping[str, Any]
ZONES = {"commit": 0.3, "target": 0.7, "stretch": 1.0}
MOST_MARKS = 30
SHARES, VALUES = "~%", ",~f"


def _(text: str) -> str:
    return text


DESCRIBED = _(
    "Dashed grey: planned as committed. Solid grey: planned as revised. Hollow: as known at the "
    "time. Filled: as known now. Numbered lines are explained below the chart; the table beside it "
    "has all figures."
)


def revisions(found: Row, since: int | None) -> list[dict[str, Any]]:
    """Return the changes behind the first plan, numbered in their order."""
    after = 0 if since is None else since
    kept = [each for each in found["markers"] if each["position"] > after]
    return [{**each, "number": number} for number, each in enumerate(kept[-MOST_MARKS:], 1)]


def committed_at(planned: Iterable[Row]) -> int | None:
    """Return the position of the plan as it was committed."""
    return max((each["position"] for each in planned if each["original"]), default=None)


def marks(changes: Sequence[Row], first: str, last: str) -> list[dict[str, Any]]:
    """Return the numbered lines of changes; those of one day share a line."""
    by_day: dict[str, list[str]] = {}
    for each in changes:
        day = min(max(str(each["day"]), first), last)
        by_day.setdefault(day, []).append(str(each["number"]))
    return [
        {"day": day, "number": "–".join(dict.fromkeys((numbers[0], numbers[-1])))}
        for day, numbers in by_day.items()
    ]


def objective_chart(found: Row, changes: Sequence[Row], cycle: Row, title: str) -> Markup | None:
    """Return the chart of an objective; None where nothing was planned or measured."""
    series = found["series"]
    if not any(each["known"] is not None or each["expected_revised"] for each in series):
        return None
    first, last = str(cycle["starts"])[:10], str(cycle["ends"])[:10]
    layers = [
        charts.line(column(series, "expected_original"), GREY, dashed=True),
        charts.line(column(series, "expected_revised"), GREY),
        charts.line(column(series, "known"), BLUE, steps=True),
        charts.points(column(series, "believed"), BLUE, hollow=True),
        charts.points(column(series, "known"), BLUE),
        *charts.marks(marks(changes, first, last)),
    ]
    spec = charts.layered(layers, charts.by_day(first, last), charts.upwards(SHARES, zero=True))
    return drawn(spec, title)


def column(series: Iterable[Row], name: str) -> list[dict[str, Any]]:
    """Return a figure by day."""
    return [
        {"day": str(each["day"]), "value": float(each[name])}
        for each in series
        if each[name] is not None
    ]


def key_result_chart(
    found: Row, row: Row, changes: Sequence[Row], cycle: Row, title: str
) -> Markup | None:
    """Return the chart of a key result; None where there is no reading and no line."""
    first, last = str(cycle["starts"])[:10], str(cycle["ends"])[:10]
    believed, known = readings(found, row, "believed"), readings(found, row, "known")
    planned = found["planned"]
    if not planned and not known:
        return None
    is_metric = row["kind"] == "metric"
    layers = [*bands(planned[-1:], first, last)] if is_metric and planned else []
    originals = [each for each in planned if each["original"]]
    if originals:
        layers.append(
            charts.line(trajectory(originals[-1], is_metric=is_metric), GREY, dashed=True)
        )
    if planned and planned[-1] not in originals:
        layers.append(charts.line(trajectory(planned[-1], is_metric=is_metric), GREY))
    layers += [
        charts.line(known, BLUE),
        charts.points(believed, BLUE, hollow=True),
        charts.points(known, BLUE),
        *charts.marks(marks(changes, first, last)),
    ]
    y = charts.upwards(VALUES if is_metric else SHARES, found["unit"], zero=not is_metric)
    return drawn(charts.layered(layers, charts.by_day(first, last), y), title)


def trajectory(planned: Row, *, is_metric: bool) -> list[dict[str, Any]]:
    """Return the planned line of a key result."""
    name = "value" if is_metric else "share"
    return [
        {"day": str(each["on"]), "value": float(each[name])}
        for each in planned["points"]
        if each[name] is not None
    ]


def bands(planned: Iterable[Row], first: str, last: str) -> list[dict[str, Any]]:
    """Return where values are good: between two bounds, else nothing."""
    rows = [
        {"day": str(each.get("starts") or first), "until": str(each.get("ends") or last),
         "low": float(each["minimum"]), "high": float(each["maximum"])}
        for each in planned
        if each["minimum"] is not None and each["maximum"] is not None
    ]  # fmt: skip
    return [charts.band(rows, GREEN)] if rows else []


def readings(found: Row, row: Row, as_: str) -> list[dict[str, Any]]:
    """Return the values of readings as they were believed or are known."""
    values = ((each, each[as_]) for each in found["readings"])
    shown = ((each, value_of(value, row)) for each, value in values if value is not None)
    return [
        {"day": str(each["as_of"]), "value": value} for each, value in shown if value is not None
    ]


def value_of(value: Row, row: Row) -> float | None:
    """Return a value on the axis: of a metric itself, of all others a share of the way."""
    if value["zone"] is not None:
        return ZONES.get(value["zone"], 0.0)
    if value["value"] is None:
        return None
    exact = float(value["value"])
    return exact / max(len(row["steps"]), 1) if row["kind"] == "milestone" else exact


def kpi_chart(found: Row, changes: Sequence[Row], title: str) -> Markup | None:
    """Return the chart of a KPI: readings, targets and bounds; None where there is no reading."""
    row = {"kind": "kpi", "steps": []}
    believed, known = readings(found, row, "believed"), readings(found, row, "known")
    if not known:
        return None
    days = [each["day"] for each in (*known, *believed)]
    first, last = min(days), max(days)
    spans = [each for each in found["planned"] if overlap(each, first, last)]
    rows = [cut(each, first, last) for each in spans]
    layers = bands(rows, first, last)
    layers += [
        charts.line(target_line(each), GREY, dashed=each["original"])
        for each in rows
        if each["target"] is not None
    ]
    layers += [
        charts.line(known, BLUE),
        charts.points(believed, BLUE, hollow=True),
        charts.points(known, BLUE),
        *charts.marks(marks(changes, first, last)),
    ]
    y = charts.upwards(VALUES, found["unit"], zero=False)
    return drawn(charts.layered(layers, charts.by_day(first, last), y), title)


def overlap(span: Row, first: str, last: str) -> bool:
    """Return whether some of the days of a span are shown."""
    return str(span["starts"]) <= last and str(span["ends"]) >= first


def cut(span: Row, first: str, last: str) -> dict[str, Any]:
    """Return a span without the days that are not shown."""
    starts, ends = max(str(span["starts"]), first), min(str(span["ends"]), last)
    return {**span, "starts": starts, "ends": ends}


def target_line(span: Row) -> list[dict[str, Any]]:
    """Return the target of a span from its first to its last day."""
    return [{"day": span[name], "value": float(span["target"])} for name in ("starts", "ends")]


def drawn(spec: Mapping[str, Any], title: str) -> Markup:
    """Return the drawing of a plan and of what came of it."""
    words = said(_("Plan against actual: %(title)s"), {"title": title})
    return charts.chart(spec, title=words, description=gettext(DESCRIBED))
