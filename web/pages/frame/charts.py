"""Charts, drawn on the server: a Vega-Lite specification becomes an SVG inside the page.

A chart is kept by all that it shows, its words and its language, so people who see the same
figures share a drawing, and a second view draws nothing. Colours are middling tones that stand out
on light and on dark paper; texts get their colour from the style sheet.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import msgspec
from markupsafe import Markup, escape

from web.pages.frame.language import LOCALES, locale

GREY, BLUE, ORANGE, GREEN, RED = "#7a858c", "#3d85b8", "#c06a1e", "#3f8f5b", "#c4544a"
WIDTH, HEIGHT = 720, 240
MOST_KEPT = 512
ID_DIGITS = 8
OPENING = re.compile(r"<svg [^>]*?width=\"([0-9.]+)\" height=\"([0-9.]+)\"[^>]*>")
SPOKEN = re.compile(r' (?:role|aria-[a-z]+|class|pointer-events)="[^"]*"')
CONFIG: dict[str, Any] = {
    "view": {"stroke": None},
    "font": "system-ui, sans-serif",
    "axis": {
        "labelColor": GREY, "titleColor": GREY, "domainColor": GREY, "tickColor": GREY,
        "gridColor": GREY, "gridOpacity": 0.2, "labelFontSize": 12, "titleFontSize": 12,
    },
    "text": {"color": GREY, "fontSize": 12},
}  # fmt: skip
Rows = Sequence[Mapping[str, Any]]


def chart(spec: Mapping[str, Any], *, title: str, description: str) -> Markup:
    """Return a chart as SVG, with words for who does not see it."""
    whole = {"width": WIDTH, "height": HEIGHT, "background": None, "config": CONFIG, **spec}
    text = msgspec.json.encode(whole).decode()
    return described(drawn(text, locale().language), title, description)


@lru_cache(MOST_KEPT)
def drawn(spec: str, language: str) -> str:
    """Return the drawing of a specification, with the numbers and days of a language."""
    return draw(spec, language)


def draw(spec: str, language: str) -> str:
    """Let the engine draw, which is loaded when the first chart is."""
    import vl_convert

    return str(
        vl_convert.vegalite_to_svg(
            spec, format_locale=numbers(language), time_format_locale=days(language)
        )
    )


def described(svg: str, title: str, description: str) -> Markup:
    """Return a drawing with title and description in the place of what the engine says of it."""
    found = OPENING.search(svg)
    if found is None:
        raise ValueError("The engine drew no SVG.")
    width, height = found.groups()
    number = hashlib.sha256(f"{title}{svg}".encode()).hexdigest()[:ID_DIGITS]
    names = f"chart-{number}", f"chart-{number}-words"
    opening = (
        f'<div class="chart-frame" role="group" tabindex="0" aria-label="{escape(title)}">'
        f'<svg class="chart" role="img" viewBox="0 0 {width} {height}" '
        f'aria-labelledby="{" ".join(names)}"><title id="{names[0]}">{escape(title)}</title>'
        f'<desc id="{names[1]}">{escape(description)}</desc>'
    )
    drawing = SPOKEN.sub("", svg[found.end() :])
    return Markup(f"{opening}{drawing}</div>")  # noqa: S704  - the engine escapes the texts it draws


@cache
def numbers(language: str) -> dict[str, Any]:
    """Return how a language writes numbers, as the engine takes it."""
    symbols = LOCALES[language].number_symbols["latn"]
    return {
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "grouping": [3],
        "currency": ["", ""],
    }


@cache
def days(language: str) -> dict[str, Any]:
    """Return how a language writes days, as the engine takes it."""
    of = LOCALES[language]
    weekdays, months = of.days["format"], of.months["format"]
    from_sunday = (6, 0, 1, 2, 3, 4, 5)
    return {
        "dateTime": "%-d %b %Y %H:%M", "date": "%-d %b %Y", "time": "%H:%M", "periods": ["", ""],
        "days": [weekdays["wide"][each] for each in from_sunday],
        "shortDays": [weekdays["abbreviated"][each] for each in from_sunday],
        "months": [months["wide"][each] for each in range(1, 13)],
        "shortMonths": [months["abbreviated"][each].rstrip(".") for each in range(1, 13)],
    }  # fmt: skip


# ---- layers that charts are put together of ---------------------------------------------------


def by_day(first: str | None = None, last: str | None = None) -> dict[str, Any]:
    """Return the axis of days; a span is shown whole, also where nothing is in it."""
    scale: dict[str, Any] = {"type": "utc"}
    if first is not None and last is not None:
        scale["domain"] = [first, last]
    axis = {"format": "%-d %b", "grid": False, "labelOverlap": True, "tickCount": 7}
    return {"field": "day", "type": "temporal", "scale": scale, "title": None, "axis": axis}


def upwards(form: str, title: str | None = None, **scale: Any) -> dict[str, Any]:
    """Return the axis of values; `form` is how numbers are written: `%` for shares."""
    return {
        "field": "value", "type": "quantitative", "title": title, "scale": {"nice": True, **scale},
        "axis": {"format": form, "tickCount": 5},
    }  # fmt: skip


def line(rows: Rows, colour: str, *, dashed: bool = False, steps: bool = False) -> dict[str, Any]:
    """Return a line through values of days."""
    mark: dict[str, Any] = {"type": "line", "color": colour, "strokeWidth": 2}
    if dashed:
        mark["strokeDash"] = [5, 4]
    if steps:
        mark["interpolate"] = "step-after"
    return {"data": {"values": list(rows)}, "mark": mark}


def points(rows: Rows, colour: str, *, hollow: bool = False) -> dict[str, Any]:
    """Return points, filled or hollow; hollow ones are larger, to be seen around filled ones."""
    mark = {
        "type": "point", "color": colour, "filled": not hollow, "opacity": 1,
        "size": 110 if hollow else 45, "strokeWidth": 1.5,
    }  # fmt: skip
    return {"data": {"values": list(rows)}, "mark": mark}


def band(rows: Rows, colour: str) -> dict[str, Any]:
    """Return a band between two values, from a day to another: `day`, `until`, `low`, `high`."""
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "rect", "color": colour, "opacity": 0.18},
        "encoding": {
            "x2": {"field": "until"},
            "y": {"field": "low", "type": "quantitative"},
            "y2": {"field": "high"},
        },
    }


def marks(rows: Rows) -> list[dict[str, Any]]:
    """Return upright lines with a number on top: `day` and `number`, explained below a chart."""
    values = {"data": {"values": list(rows)}}
    return [
        {**values, "mark": {"type": "rule", "color": GREY, "strokeDash": [2, 3]},
         "encoding": {"y": None}},
        {**values, "mark": {"type": "text", "dy": -8},
         "encoding": {"y": {"value": 0}, "text": {"field": "number", "type": "nominal"}}},
    ]  # fmt: skip


def layered(
    layers: Sequence[Mapping[str, Any]], x: Mapping[str, Any], y: Mapping[str, Any]
) -> dict[str, Any]:
    """Return layers as a specification: each has the axes, unless it says otherwise."""
    return {
        "layer": [
            {**each, "encoding": {"x": dict(x), "y": dict(y), **each.get("encoding", {})}}
            for each in layers
        ]
    }
